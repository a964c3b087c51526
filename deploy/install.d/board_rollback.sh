# shellcheck shell=sh disable=SC2154 # board has set these
# The way back. What an installation replaces lies in $pending until its programs have shown that they do their job:
#   changed          the paths that were written or removed, one a line
#   replaced/PATH    each as it was; a path that is not there was new
#   active           the units that did their job before
#   manifest-before  the manifest of the installation before
# The executable is not copied: the one before this one is kept beside it.

pending=/etc/haarlem/pending
previous=/usr/bin/haarlem.previous
cut_off=no
installing=no

# An installation that was cut off left files that nobody has judged: they make room for those before them.
undo_cut_off() {
  [ -d "$pending" ] || return 0
  say "an earlier installation was cut off; its files are put back first"
  restore_files
  cut_off=yes
}

# Remembers what runs and what is installed, before anything is changed.
remember() {
  if [ "$cut_off" = yes ]; then
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

# Keeps a file that is about to be replaced or removed.
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

# What was installed is there to stay.
keep_for_good() {
  installing=no
  rm -rf "$pending"
}

# Where programs ran that do not run now, all is as it was before; so it is when nothing ran and a new executable fails.
must_go_back() {
  [ -s "$folder/worse" ] ||
    { [ ! -s "$folder/active" ] && was_changed /usr/bin/haarlem && [ -n "$(listed unit "$folder/manifest-before")" ]; }
}

# Ends an installation whose programs do not do their job.
end_badly() {
  if must_go_back; then
    go_back
    fail "rolled back: $(head -n 1 "$folder/problems")" \
      "read what it says above, mend that, and install again; the board has $(/usr/bin/haarlem --version)"
  fi
  keep_for_good
  fail "$(tr '\n' ';' <"$folder/problems")" "read what it says above, then run journalctl -u 'haarlem-*' on the board"
}

# Puts the earlier installation back and starts it.
go_back() {
  say "going back to the earlier installation"
  # A program that does not do its job may not stop when it is asked to.
  while read -r unit; do systemctl kill -s KILL "$unit" 2>/dev/null || true; done <"$folder/worse"
  for unit in $(listed unit "$folder/plan"); do
    has_line "$folder/manifest-before" "unit $unit" || stop_for_good "$unit"
  done
  restore_files
  ! was_changed "$broker_file" || systemctl restart mosquitto.service || true
  for unit in $(listed unit "$folder/manifest-before"); do
    systemctl enable -q "$unit" || true
    start_afresh "$unit" || true
  done
  seconds=$(listed wait "$folder/plan")
  # shellcheck disable=SC2034 # judge reads it
  until=$(($(date +%s) + seconds))
  while read -r unit; do
    judge "$unit" || say "$unit does not run with the earlier installation either"
  done <"$folder/active"
  keep_for_good
}

restore_files() {
  sort -u "$pending/changed" >"$folder/restored"
  while read -r path; do put_back "$path"; done <"$folder/restored"
  {
    sed -n '/^file \|^unit /p' "$pending/manifest-before"
    # What was brought since then is still there.
    [ ! -f "$manifest" ] || sed -n '/^package \|^folder \|^user /p' "$manifest"
    [ ! -e "$previous" ] || say "file $previous"
  } >"$folder/manifest-restored"
  write_manifest "$folder/manifest-restored"
  systemctl daemon-reload
}

# A disk that is full has room for another name of a file.
put_back() { # PATH
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
