# shellcheck shell=bash
# Shared by up and undo: options, queries to AWS, and changes, each of which is printed. Runs on bash 3.2 (macOS).

# shellcheck disable=SC2034  # up and undo read these variables
name=haarlem region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}} bucket='' key_file='' dry_run=no
changes=0 # number of commands that changed something
answer='' # output of the last of them

export AWS_PAGER='' # version 2 of the AWS CLI would start a pager

fail() { # STATUS MESSAGE HINT
  printf '%s\nTry: %s\n' "$2" "$3" >&2
  exit "$1"
}

wrong() { # FLAG VALUE SHOULD HINT
  fail 78 "cannot use $1 \"$2\": it should be $3" "give $4"
}

# Reads an option that up and undo share into its variable. Fails for another option.
common_flag() { # FLAG VALUE
  case $1 in
    --name) name=$2 ;;
    --region) region=$2 ;;
    --bucket) bucket=$2 ;;
    --key-file) key_file=$2 ;;
    *) return 1 ;;
  esac
}

# Checks the shared options and sets defaults.
complete_options() {
  [[ $name =~ ^[a-z][a-z0-9-]{0,23}$ ]] ||
    wrong --name "$name" "at most 24 lower-case letters, digits and hyphens" "--name haarlem"
  command -v aws >/dev/null || fail 78 "cannot run \"aws\": the AWS CLI is not installed" "run pip install awscli, then aws configure"
  [[ -n $region ]] || region=$(aws configure get region || true)
  [[ -n $region ]] || fail 78 "an AWS region is required" "give --region eu-central-1"
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  local account
  account=$(aws sts get-caller-identity --query Account --output text) ||
    fail 1 "cannot log in to AWS" "run aws configure"
  [[ -n $bucket ]] || bucket=$name-$account-$region
  [[ $bucket =~ ^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$ ]] ||
    wrong --bucket "$bucket" "3 to 63 lower-case letters, digits and hyphens" "--bucket my-faces"
  [[ -n $key_file ]] || key_file=$HOME/.ssh/$name-$region.pem
  role=$name-$region # roles belong to the account, all other resources to the region
  ours=("Name=tag:project,Values=haarlem" "Name=tag:deployment,Values=$name")
  tags="[{Key=project,Value=haarlem},{Key=deployment,Value=$name},{Key=Name,Value=$name}]"
  role_tags=("Key=project,Value=haarlem" "Key=deployment,Value=$name")
  mine=$name$'\t'haarlem
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
}

# Prints one value from AWS; nothing if it does not exist.
ask() { # COMMAND...
  local text
  text=$(aws "$@" --output text) || return
  [[ $text == None ]] || printf '%s\n' "$text"
}

# Prints one value from AWS; nothing if AWS answers with ERROR, which means that it does not exist.
ask_for() { # ERROR COMMAND...
  local error=$1
  shift
  ask "$@" 2>"$scratch/error" && return
  grep -q "$error" "$scratch/error" && return
  cat "$scratch/error" >&2
  return 1
}

# Prints a command that changes something and runs it; $answer is its output. With --dry-run, it only prints.
change() { # COMMAND...
  show "$@"
  changes=$((changes + 1))
  answer='(new)'
  [[ $dry_run == yes ]] || answer=$("$@")
}

show() { # COMMAND...
  local word line='$'
  for word; do
    case $word in
      '' | *[!A-Za-z0-9_./:,=@%+-]*) line="$line '$word'" ;;
      *) line="$line $word" ;;
    esac
  done
  printf '%s\n' "$line"
}

# The owner of the bucket and of the role, from their tags: "$mine", another owner, or nothing without tags.
bucket_owner() {
  ask_for NoSuchTagSet s3api get-bucket-tagging --bucket "$bucket" --query "$(owner_in TagSet)"
}

role_owner() {
  ask_for NoSuchEntity iam get-role --role-name "$role" --query "$(owner_in Role.Tags)"
}

owner_in() { # TAGS
  printf "sort_by(not_null(%s, \`[]\`)[?Key=='project' || Key=='deployment'], &Key)[].Value" "$1"
}

# Id, state and type of the instance, if its state is one of STATES.
instance_properties() { # STATES
  ask ec2 describe-instances --filters "${ours[@]}" \
    "Name=instance-state-name,Values=$1" \
    --query 'Reservations[0].Instances[0].[InstanceId,State.Name,InstanceType]'
}

group_id() {
  ask ec2 describe-security-groups --filters "${ours[@]}" --query 'SecurityGroups[0].GroupId'
}

key_pair() {
  ask ec2 describe-key-pairs --filters "${ours[@]}" --query 'KeyPairs[0].KeyName'
}

# The names of the role's policies, one in each line.
role_policies() {
  ask iam list-role-policies --role-name "$role" --query PolicyNames | tr '\t' '\n'
}

# The instance profile and its role; nothing if there is no profile.
profile_and_role() {
  ask_for NoSuchEntity iam get-instance-profile --instance-profile-name "$role" \
    --query 'InstanceProfile.[InstanceProfileName, Roles[0].RoleName]'
}

# Prints whether the bucket exists: there, none, or forbidden if it belongs to another account.
bucket_state() {
  if aws s3api head-bucket --bucket "$bucket" >/dev/null 2>"$scratch/error"; then
    echo there
  elif grep -q '404' "$scratch/error"; then
    echo none
  else
    cat "$scratch/error" >&2
    echo forbidden
  fi
}
