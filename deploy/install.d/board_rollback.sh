# shellcheck shell=sh disable=SC2154 # board has set these
# The way back: what an installation replaces is kept until the new programs do their job.

previous=/usr/bin/haarlem.previous

# What runs, and what was installed, before anything is changed.
remember() {
  mkdir -p "$folder/replaced"
  : >"$folder/worse"
  : >"$folder/problems"
  if [ -f "$manifest" ]; then cp "$manifest" "$folder/manifest-before"; else : >"$folder/manifest-before"; fi
  active_units "$folder/manifest-before" >"$folder/active"
}

# Keeps a file that is about to be replaced or removed; the executable beside itself, where it stays.
keep_before() { # PATH
  [ -e "$1" ] || return 0
  if [ "$1" = /usr/bin/haarlem ]; then
    ln -f "$1" "$previous"
  else
    mkdir -p "$folder/replaced$(dirname "$1")"
    cp -p "$1" "$folder/replaced$1"
  fi
}

# Ends the installation that did not go well. Where programs ran before that do not run now, all is as it was before.
roll_back() {
  if [ ! -s "$folder/worse" ]; then
    fail "$(tr '\n' ';' <"$folder/problems")" "read what it says above, then journalctl -u 'haarlem-*' on the board"
  fi
  say "rolling back to the earlier installation"
  # What does not do its job may not stop either.
  while read -r unit; do systemctl kill -s KILL "$unit" 2>/dev/null || true; done <"$folder/worse"
  for unit in $(listed unit "$folder/plan"); do
    has_line "$folder/manifest-before" "unit $unit" || stop_for_good "$unit"
  done
  sort -u "$folder/changed" | while read -r path; do put_back "$path"; done
  cp "$folder/manifest-before" "$manifest"
  systemctl daemon-reload
  ! was_changed "$broker_file" || systemctl restart mosquitto.service || true
  for unit in $(listed unit "$manifest"); do
    systemctl enable -q "$unit"
    start_afresh "$unit"
  done
  # shellcheck disable=SC2034 # judge reads it
  until=$(($(date +%s) + seconds))
  while read -r unit; do
    judge "$unit" || say "$unit does not run with the earlier installation either"
  done <"$folder/active"
  fail "rolled back: $(head -n 1 "$folder/problems")" \
    "read what it says above, mend that, and run the installation again; the board runs $(/usr/bin/haarlem --version)"
}

put_back() { # PATH
  kept=$folder/replaced$1
  [ "$1" != /usr/bin/haarlem ] || kept=$previous
  if [ -e "$kept" ]; then
    cp -p "$kept" "$1.haarlem-new"
    mv -f "$1.haarlem-new" "$1"
  else
    rm -f "$1"
  fi
}
