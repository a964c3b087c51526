# shellcheck shell=sh disable=SC2154 # board has set these
# Folders of faces, and the user who owns them. The removal keeps both while a folder holds faces.

# Checks the folders before anything is changed.
check_folders() {
  for path in $(listed folder "$folder/plan"); do
    parent=$(dirname "$path")
    while [ "$parent" != / ]; do
      case $(stat -c '%A %U' "$parent" 2>/dev/null) in
        '' | ?????????[xt]' '* | *' haarlem') ;;
        *) fail "the user haarlem cannot enter the folder \"$parent\"" "run chmod o+x $parent on the board, or give another folder" ;;
      esac
      parent=$(dirname "$parent")
    done
    case $(stat -c '%A %U' "$path" 2>/dev/null) in
      '' | d???????w?' '* | d*' haarlem') ;;
      d*) fail "the user haarlem cannot write to the folder \"$path\": it belongs to $(stat -c %U "$path")" \
        "run chown haarlem $path on the board, or mount it with uid=haarlem" ;;
      *) fail "\"$path\" is not a folder" "give another one with --set saver.store=DIR" ;;
    esac
  done
}

make_folders() {
  [ -n "$(listed folder "$folder/plan")" ] || return 0
  if ! id haarlem >/dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin haarlem
    note "user haarlem"
    changed "made the user haarlem"
  fi
  for path in $(listed folder "$folder/plan"); do
    if [ ! -d "$path" ]; then
      mkdir -p "$path" || fail "cannot make the folder \"$path\"" "give another one with --set saver.store=DIR"
      chown haarlem:haarlem "$path"
      chmod 750 "$path"
      note "folder $path"
      changed "made $path"
    fi
    can_write "$path" ||
      fail "the user haarlem cannot write to the folder \"$path\"" "run chown haarlem $path on the board, or mount it with uid=haarlem"
  done
  own_state saver
  own_state gallery
}

can_write() { # PATH
  runuser -u haarlem -- test -w "$1"
}

# Moves the state of a program that ran with DynamicUser=yes: only such a user can read it at its old place.
own_state() { # PROGRAM
  has_line "$folder/plan" "unit haarlem-$1.service" || return 0
  [ -e "$folder/root/etc/systemd/system/haarlem-$1.service.d/folder.conf" ] || return 0
  [ -d "/var/lib/private/haarlem/$1" ] || return 0
  if [ -d "/var/lib/haarlem/$1" ] && [ ! -L "/var/lib/haarlem/$1" ]; then return 0; fi
  systemctl stop "haarlem-$1.service"
  rm -f "/var/lib/haarlem/$1"
  mkdir -p /var/lib/haarlem
  mv "/var/lib/private/haarlem/$1" "/var/lib/haarlem/$1"
}

# Removes empty folders and then their owner. A folder with files is kept.
remove_folders() {
  kept=
  for path in $(listed folder "$manifest" | sort -u); do
    rmdir "$path" 2>/dev/null || kept="$kept $path"
  done
  if [ -n "$kept" ]; then
    # shellcheck disable=SC2086 # several paths
    say "kept:$kept with $(find $kept -type f | wc -l) files, and the user haarlem who owns them"
  elif [ -n "$(listed user "$manifest")" ]; then
    userdel haarlem
  fi
}

# Makes the gallery's token on the board in the first installation, and keeps it in later ones.
keep_token() {
  has_line "$folder/plan" "token gallery" || return 0
  token=$(sed -n 's/^HAARLEM_TOKEN="\([0-9a-f]*\)"$/\1/p' /etc/haarlem/gallery.env 2>/dev/null) || true
  if [ -z "$token" ]; then
    token=$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \n')
    : >"$folder/new-token"
  fi
  printf 'HAARLEM_TOKEN="%s"\n' "$token" >>"$folder/root/etc/haarlem/gallery.env"
}

print_gallery() {
  has_line "$folder/plan" "token gallery" || return 0
  host=$(listed address "$folder/plan")
  case $host in *:*) host="[$host]" ;; esac
  port=$(cat /etc/haarlem/common.env /etc/haarlem/gallery.env | sed -n 's/^HAARLEM_LISTEN=".*:\([0-9]*\)"$/\1/p' | tail -n 1)
  if [ -e "$folder/new-token" ]; then
    say "the gallery: http://$host:$port/ (log in with the token $token)"
  else
    say "the gallery: http://$host:$port/ (its token is in /etc/haarlem/gallery.env)"
  fi
}
