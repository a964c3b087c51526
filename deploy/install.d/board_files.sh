# shellcheck shell=sh disable=SC2154 # board has set these
# Files: each is replaced atomically, and only if it differs.

# The paths of all files of this installation.
wanted_files() {
  (cd "$folder/root" && find . -type f | sed 's|^\.||' | sort)
  [ -s "$folder/plan" ] || return 0
  # deploy/install sends the executable only if the board does not have it.
  [ -e "$folder/root/usr/bin/haarlem" ] || say /usr/bin/haarlem
  # The previous executable is kept for the rollback.
  say "$previous"
}

install_files() {
  wanted_files >"$folder/wanted"
  while read -r path; do
    [ -e "$folder/root$path" ] || continue
    install_file "$path"
  done <"$folder/wanted"
}

install_file() { # PATH
  new=$folder/root$1
  if cmp -s "$new" "$1" && [ "$(stat -c '%a %u' "$1")" = "$(stat -c %a "$new") 0" ]; then return; fi
  mkdir -p "$(dirname "$1")"
  keep_before "$1"
  cp -p "$new" "$1.haarlem-new"
  chown 0:0 "$1.haarlem-new"
  sync "$1.haarlem-new"
  mv -f "$1.haarlem-new" "$1"
  changed "wrote $1"
}

# An executable for another processor or a newer system must not replace one that runs.
try_executable() {
  new=$folder/root/usr/bin/haarlem
  [ -e "$new" ] || return 0
  status=0
  timeout 20 "$new" --version >"$folder/version" 2>&1 || status=$?
  case $status in
    0) ;;
    124) fail "cannot run the executable: no answer to --version within 20 s" "build it again, or give another one with --dist" ;;
    126) fail "cannot run the executable in \"/var/tmp\" on the board: permission denied" "mount /var/tmp without noexec" ;;
    *) fail "cannot run the executable: $(head -n 1 "$folder/version")" \
      "install on a 64-bit system with glibc 2.27 or newer" ;;
  esac
}

# Checks the free disk space before anything is changed.
check_space() {
  needed_kib=$(du -sk "$folder/root" | cut -f 1)
  free_kib=$(df -Pk /usr/bin | awk 'NR == 2 { print $4 }')
  [ "$free_kib" -gt "$((needed_kib + 10240))" ] ||
    fail "the board's disk has $((free_kib / 1024)) MiB free: $((needed_kib / 1024 + 10)) MiB are needed" "free disk space on the board"
}

# Until the end, the manifest lists the old and the new files, so that a later run can undo an interrupted installation.
begin_manifest() {
  {
    wanted_files | sed 's/^/file /'
    listed unit "$folder/plan" | sed 's/^/unit /'
    for kind in package folder user; do listed "$kind" "$manifest" | sed "s/^/$kind /"; done
  } >"$folder/manifest"
  [ ! -f "$manifest" ] || cat "$manifest" >"$folder/both"
  cat "$folder/manifest" >>"$folder/both"
  write_manifest "$folder/both"
}

# Adds a line to the manifest at once, so that a later run can undo an interrupted installation.
note() { # LINE
  say "$1" >>"$manifest"
  say "$1" >>"$folder/manifest"
}

finish_manifest() {
  write_manifest "$folder/manifest"
}

write_manifest() { # FROM
  sort -u "$1" -o "$1"
  cmp -s "$1" "$manifest" || { cp "$1" "$manifest.new" && mv -f "$manifest.new" "$manifest"; }
}

# Removes files of an earlier installation that are not in this one.
remove_stale_files() {
  wanted_files >"$folder/wanted"
  listed file "$manifest" | sort -u | while read -r path; do
    has_line "$folder/wanted" "$path" || [ ! -e "$path" ] || say "$path"
  done >"$folder/stale"
  while read -r path; do
    keep_before "$path"
    rm -f "$path" "$path.haarlem-new"
    remove_empty_drop_in "$path"
    changed "removed $path"
  done <"$folder/stale"
  if has_line "$folder/stale" "$broker_file"; then
    systemctl try-restart mosquitto.service || true
  fi
}
