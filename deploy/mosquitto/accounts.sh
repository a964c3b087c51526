# shellcheck shell=sh disable=SC2154 # setup has set these
# The accounts of the saver, of each board, and of a recogniser, a gallery and a notifier if there are some. private/accounts
# has one "NAME PASSWORD" in each line; passwd has the hashes for Mosquitto, acl the access rights.

new_accounts=''

checked_account() { # NAME FLAG
  case $1 in
    saver | recogniser | gallery | notifier)
      fail 78 "$2 \"$1\": this is the name of the $1's account" "give the board another name, such as board1"
      ;;
    *[!A-Za-z0-9_-]* | ?????????????????????????????????????????????????????????????????*)
      fail 78 "$2 \"$1\": it should be 1 to 64 letters, digits, _ and -" "give a name such as board1" ;;
  esac
  say "$1"
}

write_accounts() {
  accounts=$private/accounts
  if [ -f "$accounts" ]; then cp "$accounts" "$work/accounts"; else : >"$work/accounts"; fi
  for board in $removed; do
    has_account "$board" || fail 78 "--remove-board \"$board\": no board has this name" "give one of: $(boards | tr '\n' ' ')"
    drop_account "$board"
    say "removed the board $board"
  done
  switch_account recogniser "$recogniser"
  switch_account gallery "$gallery"
  switch_account notifier "$notifier"
  for account in saver $added; do
    has_account "$account" || {
      # Hexadecimal digits need no escape in a URL.
      printf '%s ' "$account" >>"$work/accounts"
      openssl rand -hex 16 >>"$work/accounts"
      new_accounts="$new_accounts $account"
    }
  done
  # Written first: an interrupted run must not leave hashes of passwords that are lost.
  replace "$work/accounts" "$accounts" 600
  write_passwords
  write_rights
}

# Adds or removes an account that not every broker has.
switch_account() { # NAME on|off|NOTHING
  if [ "$2" = off ] && has_account "$1"; then
    drop_account "$1"
    say "removed the account of the $1"
  fi
  [ "$2" != on ] || added="$1 $added"
}

has_account() { # NAME
  grep -q "^$1 " "$work/accounts"
}

drop_account() { # NAME
  grep -v "^$1 " "$work/accounts" >"$work/rest" || :
  mv "$work/rest" "$work/accounts"
}

boards() {
  sed -n '/^saver /d; /^recogniser /d; /^gallery /d; /^notifier /d; s/ .*//p' "$work/accounts"
}

# mosquitto_passwd hashes the passwords from a file: on a command line, every user of this machine could read them.
write_passwords() {
  : >"$work/plain"
  : >"$work/passwd"
  while read -r account password; do
    line=$(grep "^$account:" "$folder/passwd" 2>/dev/null | head -n 1) || :
    case " $new_accounts " in *" $account "*) line='' ;; esac
    if [ -n "$line" ]; then say "$line" >>"$work/passwd"; else say "$account:$password" >>"$work/plain"; fi
  done <"$work/accounts"
  if [ -s "$work/plain" ]; then
    # Mosquitto 2.0 may not support the default scheme of 2.1.
    scheme=''
    if mosquitto_passwd --help 2>&1 | grep -q sha512-pbkdf2; then scheme='-H sha512-pbkdf2'; fi
    # shellcheck disable=SC2086 # Two words, or none.
    mosquitto_passwd $scheme -U "$work/plain" >"$work/passwd.log" 2>&1 || :
    if [ "$(grep -c -E '^[A-Za-z0-9_-]+:\$[67]\$' "$work/plain")" != "$(grep -c '' "$work/plain")" ]; then
      fail 1 "cannot hash the passwords with mosquitto_passwd -U: $(tail -n 1 "$work/passwd.log")" "install a newer Mosquitto"
    fi
    cat "$work/plain" >>"$work/passwd"
  fi
  replace "$work/passwd" "$folder/passwd" 600 "$owner"
}

# cloud.acl, with its last block once for each board.
write_rights() {
  {
    sed '/^user board1$/,$d' "$here/cloud.acl"
    for board in $(boards); do
      awk -v board="$board" '/^user board1$/ { found = 1; $0 = "user " board } found' "$here/cloud.acl"
      say
    done
  } >"$work/acl"
  replace "$work/acl" "$folder/acl" 600 "$owner"
}

# Prints an account's settings in the form of deploy/install --settings.
show_settings() { # NAME
  password=$(sed -n "s/^$1 //p" "$private/accounts" 2>/dev/null) || :
  how="--board $1"
  case $1 in recogniser | gallery | notifier) how="--$1 on" ;; esac
  [ -n "$password" ] || fail 78 "no account \"$1\" in \"$private/accounts\"" "run setup $how, as root"
  host=${names# } host=${host%% *} port=${ports# } port=${port%% *}
  case $host in *:*) host="[$host]" ;; esac
  say
  if [ "$1" = recogniser ]; then
    say "# For a recogniser, with the certificate authority $folder/ca.pem (docs/RECOGNITION.md):"
    say "recogniser.broker=mqtts://$1:$password@$host:$port"
  elif [ "$1" = gallery ] && [ "$mode" = files ]; then
    say "# For the gallery, in containers/cloud/.env; of k3s, the key broker of the secret gallery:"
    say "GALLERY_BROKER=mqtt://gallery:$password@mosquitto:1883"
  elif [ "$1" = gallery ]; then
    say "# For the gallery, in deploy/install --settings (with its broker-ca: $folder/ca.pem):"
    say "gallery.broker=mqtts://$1:$password@$host:$port"
  elif [ "$1" = notifier ] && [ "$mode" = files ]; then
    say "# For the notifier, in containers/cloud/.env; of k3s, the secret notifier's address:"
    say "NOTIFIER_BROKER=mqtt://notifier:$password@mosquitto:1883"
  elif [ "$1" = notifier ]; then
    say "# For the notifier, in deploy/install --settings (with its broker-ca: $folder/ca.pem):"
    say "notifier.broker=mqtts://$1:$password@$host:$port"
  elif [ "$1" != saver ]; then
    say "# For the board $1, in deploy/install --settings (with --cloud-ca $folder/ca.pem):"
    say "forwarder.cloud=mqtts://$1:$password@$host:$port"
  elif [ "$mode" = files ]; then
    say "# For the saver, in containers/cloud/.env; of k3s, the secret saver's address:"
    say "SAVER_BROKER=mqtt://saver:$password@mosquitto:1883"
  else
    say "# For the saver on this machine, in deploy/install --settings:"
    say "saver.broker=mqtt://saver:$password@127.0.0.1:$local_port"
  fi
}
