# shellcheck shell=bash
# What up and undo share: settings, questions to AWS, and changes, each of which is shown. Bash 3.2, as macOS has it.

# shellcheck disable=SC2034  # up and undo read what is set here
name=haarlem region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}} bucket='' key_file='' dry_run=no
changes=0 # how many commands have changed something
answer='' # what the last of them answered

export AWS_PAGER='' # version 2 of the AWS CLI would open one

fail() { # STATUS MESSAGE HINT
  printf '%s\nTry: %s\n' "$2" "$3" >&2
  exit "$1"
}

wrong() { # FLAG VALUE SHOULD HINT
  fail 78 "cannot use $1 \"$2\": it should be $3" "$4"
}

# Reads a flag that up and undo have in common into its variable; false where it is none.
common_flag() { # FLAG VALUE
  case $1 in
    --name) name=$2 ;;
    --region) region=$2 ;;
    --bucket) bucket=$2 ;;
    --key-file) key_file=$2 ;;
    *) return 1 ;;
  esac
}

# Checks the common settings and fills in what was not given.
settle() {
  [[ $name =~ ^[a-z][a-z0-9-]{0,23}$ ]] ||
    wrong --name "$name" "at most 24 lower-case letters, digits and hyphens" "--name haarlem"
  command -v aws >/dev/null || fail 78 "cannot find the AWS CLI" "pip install awscli, then aws configure"
  [[ -n $region ]] || region=$(aws configure get region || true)
  [[ -n $region ]] || fail 78 "no AWS region is set" "--region eu-central-1"
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  local account
  account=$(aws sts get-caller-identity --query Account --output text) ||
    fail 1 "AWS does not know who you are" "aws configure"
  [[ -n $bucket ]] || bucket=$name-$account-$region
  [[ $bucket =~ ^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$ ]] ||
    wrong --bucket "$bucket" "3 to 63 lower-case letters, digits and hyphens" "--bucket my-faces"
  [[ -n $key_file ]] || key_file=$HOME/.ssh/$name-$region.pem
  role=$name-$region # roles belong to the account, everything else to the region
  ours=("Name=tag:project,Values=haarlem" "Name=tag:deployment,Values=$name")
  tags="[{Key=project,Value=haarlem},{Key=deployment,Value=$name},{Key=Name,Value=$name}]"
  role_tags=("Key=project,Value=haarlem" "Key=deployment,Value=$name")
  mine=$name$'\t'haarlem
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
}

# Asks AWS for one value; empty where there is none.
ask() { # COMMAND...
  local text
  text=$(aws "$@" --output text) || return
  [[ $text == None ]] || printf '%s\n' "$text"
}

# The same for questions that AWS answers with an error where there is none.
ask_for() { # ERROR COMMAND...
  local error=$1
  shift
  ask "$@" 2>"$scratch/error" && return
  grep -q "$error" "$scratch/error" && return
  cat "$scratch/error" >&2
  return 1
}

# Shows a command that changes something and runs it; $answer is what it answered. --dry-run only shows.
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

# Whose the bucket and the role are, by their tags: "$mine", somebody else's, or empty where they carry none.
bucket_owner() {
  ask_for NoSuchTagSet s3api get-bucket-tagging --bucket "$bucket" --query "$(owner_in TagSet)"
}

role_owner() {
  ask_for NoSuchEntity iam get-role --role-name "$role" --query "$(owner_in Role.Tags)"
}

owner_in() { # TAGS
  printf "sort_by(not_null(%s, \`[]\`)[?Key=='project' || Key=='deployment'], &Key)[].Value" "$1"
}

# Id, state and type of the instance, if it is in one of these states.
instance_facts() { # STATES
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

# The policies a role carries, one name a line.
role_policies() {
  ask iam list-role-policies --role-name "$role" --query PolicyNames | tr '\t' '\n'
}

# The instance profile and the role in it; empty where there is no profile.
profile_and_role() {
  ask_for NoSuchEntity iam get-instance-profile --instance-profile-name "$role" \
    --query 'InstanceProfile.[InstanceProfileName, Roles[0].RoleName]'
}

# Whether there is the bucket: there, none, or forbidden where it is somebody else's.
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
