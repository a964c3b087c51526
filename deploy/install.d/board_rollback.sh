# shellcheck shell=sh disable=SC2154 # board has set these
# The rollback. Until the programs are ready, $pending keeps what an installation replaces:
#   changed          the paths that were written or removed, one in each line
#   replaced/PATH    the earlier content of a path; absent for a path that is new
#   active           the units that were ready before
#   manifest-before  the manifest of the earlier installation
# The executable is not copied: the previous one is kept beside it.

pending=/etc/haarlem/pending
previous=/usr/bin/haarlem.previous
interrupted=no
installing=no

# Restores the files before an interrupted installation: its units were never checked.
undo_interrupted() {
  [ -d "$pending" ] || return 0
  say "an earlier installation was interrupted: restoring the files from before it"
  restore_files
  interrupted=yes
}

# Notes the ready units and the manifest, before anything is changed.
remember() {
  if [ "$interrupted" = yes ]; then
    cp "$pending/active" "$pending/manifest-before" "$folder/"
  else
    if [ -f "$manifest" ]; then cp "$manifest" "$folder/manifest-before"; else : >"$folder/manifest-before"; fi
    active_units "$folder/manifest-before" >"$folder/active"
  fi
  : >"$folder/worse"
  : >"$folder/problems"
  : >"$folder/ready"
  rm -rf "$pending"
  mkdir -m 700 "$pending" "$pending/replaced"
  : >"$pending/changed"
  cp "$folder/active" "$folder/manifest-before" "$pending/"
  installing=yes
}

# Keeps a copy of a file before it is replaced or removed.
keep_before() { # PATH
  [ "$installing" = yes ] || return 0
  if [ "$1" = /usr/bin/haarlem ]; then
    [ ! -e "$1" ] || ln -f "$1" "$previous"
  elif [ -e "$1" ]; then
    mkdir -p "$pending/replaced$(dirname "$1")"
    cp -p "$1" "$pending/replaced$1"
  fi
  say "$1" >>"$pending/changed"
}

was_changed() { # PATH
  has_line "$pending/changed" "$1"
}

# Ends the time in which a rollback is possible.
confirm_installation() {
  installing=no
  rm -rf "$pending"
}

# True if a unit was ready before and is not now, or if no unit was ready before and the executable is new.
must_roll_back() {
  [ -s "$folder/worse" ] ||
    { [ ! -s "$folder/active" ] && was_changed /usr/bin/haarlem && [ -n "$(listed unit "$folder/manifest-before")" ]; }
}

# Ends an installation whose units are not ready: rolls it back, or keeps it.
end_failed() {
  if must_roll_back; then
    roll_back
    fail "rolled back: $(head -n 1 "$folder/problems")" \
      "correct what the lines above report, and install again; the board runs $(/usr/bin/haarlem --version)"
  fi
  confirm_installation
  fail "$(tr '\n' ';' <"$folder/problems")" "correct what the lines above report, or run journalctl -u 'haarlem-*' on the board"
}

# Restores the earlier installation and starts it.
roll_back() {
  say "rolling back to the earlier installation"
  # A program that is not ready may ignore SIGTERM.
  while read -r unit; do systemctl kill -s KILL "$unit" 2>/dev/null || true; done <"$folder/worse"
  for unit in $(listed unit "$folder/plan"); do
    has_line "$folder/manifest-before" "unit $unit" || stop_for_good "$unit"
  done
  restore_files
  ! was_changed "$broker_file" || systemctl restart mosquitto.service || true
  for unit in $(listed unit "$folder/manifest-before"); do
    systemctl enable -q "$unit" || true
    restart_unit "$unit" || true
  done
  seconds=$(listed wait "$folder/plan")
  # shellcheck disable=SC2034 # wait_for_unit reads it
  until=$(($(seconds_since_boot) + seconds))
  while read -r unit; do
    wait_for_unit "$unit" || say "$unit is not ready with the earlier installation either"
  done <"$folder/active"
  confirm_installation
}

restore_files() {
  sort -u "$pending/changed" >"$folder/restored"
  while read -r path; do restore_file "$path"; done <"$folder/restored"
  {
    sed -n '/^file \|^unit /p' "$pending/manifest-before"
    # Packages, folders and users of the later installation are not removed.
    [ ! -f "$manifest" ] || sed -n '/^package \|^folder \|^user /p' "$manifest"
    [ ! -e "$previous" ] || say "file $previous"
  } >"$folder/manifest-restored"
  write_manifest "$folder/manifest-restored"
  systemctl daemon-reload
}

# The executable is restored by a hard link, which works on a full disk too.
restore_file() { # PATH
  rm -f "$1.haarlem-new"
  if [ "$1" = /usr/bin/haarlem ] && [ -e "$previous" ]; then
    cmp -s "$previous" "$1" || { ln -f "$previous" "$1.haarlem-new" && mv -f "$1.haarlem-new" "$1"; }
  elif [ -e "$pending/replaced$1" ]; then
    cp -p "$pending/replaced$1" "$1.haarlem-new" && mv -f "$1.haarlem-new" "$1"
  else
    rm -f "$1"
    remove_empty_drop_in "$1"
  fi
}

remove_empty_drop_in() { # PATH
  case $1 in *.service.d/*) rmdir "$(dirname "$1")" 2>/dev/null || true ;; esac
}
