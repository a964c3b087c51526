# shellcheck shell=sh disable=SC2154 # board has set these
# Units: starts those of the plan, restarts those whose files changed, removes the others, and checks that they are ready.

# Stops and disables the units of an earlier installation that are not in this one.
tidy_units() {
  for unit in $(listed unit "$manifest" | sort -u); do
    has_line "$folder/plan" "unit $unit" && continue
    stop_for_good "$unit"
    changed "stopped $unit"
  done
}

stop_for_good() { # UNIT
  systemctl disable --now "$1" >/dev/null 2>&1 || true
  systemctl reset-failed "$1" 2>/dev/null || true
}

run_units() {
  if grep -q '^/etc/systemd/system/' "$pending/changed"; then systemctl daemon-reload; fi
  for unit in $(listed unit "$folder/plan"); do
    systemctl is-enabled -q "$unit" 2>/dev/null || systemctl enable -q "$unit"
    if needs_restart "$unit"; then
      restart_unit "$unit"
      changed "started $unit"
    fi
  done
}

# Does not wait: a unit is started only when its program is ready. Earlier failures must not count for this start.
restart_unit() { # UNIT
  systemctl reset-failed "$1" 2>/dev/null || true
  systemctl restart --no-block "$1"
}

needs_restart() { # UNIT
  [ "$interrupted" = no ] || return 0
  case $(state_of "$1") in active | activating | reloading) ;; *) return 0 ;; esac
  for path in /usr/bin/haarlem /etc/haarlem/common.env "/etc/haarlem/$(settings_name "$1").env" \
    "/etc/systemd/system/$(say "$1" | sed 's/@.*\./@./')"; do
    ! was_changed "$path" || return 0
  done
  if [ "$1" = haarlem-forwarder.service ] && was_changed /etc/haarlem/cloud-ca.pem; then return 0; fi
  template=$(say "$1" | sed 's/@.*\./@./')
  grep -q "^/etc/systemd/system/\(haarlem-\.service\|$template\|$1\)\.d/" "$pending/changed"
}

# haarlem-detector@front.service -> detector-front
settings_name() { # UNIT
  say "$1" | sed 's/^haarlem-//; s/\.service$//; s/@/-/'
}

property() { # UNIT NAME
  systemctl show --value -p "$2" "$1"
}

state_of() { # UNIT
  property "$1" ActiveState
}

# The units that are ready now.
active_units() { # MANIFEST
  for unit in $(listed unit "$1" | sort -u); do
    [ "$(state_of "$unit")" != active ] || say "$unit"
  done
}

# Ready programs are checked again after this time.
settle_seconds=10

# A board without a battery may get its time from a time server while it is installed: its clock jumps by years.
seconds_since_boot() {
  cut -d . -f 1 /proc/uptime
}

# Waits until each unit is ready: a detector is ready when it has searched its first frame. Fails if a unit fails, or if a
# detector or a unit that was ready before the installation is not ready within --wait. Other units may wait longer, for
# a network or a cloud that is not available yet.
check_units() {
  seconds=$(listed wait "$folder/plan")
  [ "$seconds" -gt 0 ] || return 0
  until=$(($(seconds_since_boot) + seconds))
  problems_found=0
  listed unit "$folder/plan" | sort >"$folder/units-to-check"
  while read -r unit; do
    case $unit in haarlem-detector@*) say "waiting for the first frame of $(camera_of "$unit")" ;; esac
    wait_for_unit "$unit" || note_problem "$unit"
  done <"$folder/units-to-check"
  if [ "$problems_found" -eq 0 ] && [ "$changes" -gt 0 ]; then
    sleep "$settle_seconds"
    while read -r unit invocation; do
      if is_ready "$unit" && [ "$(property "$unit" InvocationID)" = "$invocation" ]; then continue; fi
      problem "$unit" "ended within $settle_seconds s"
      note_problem "$unit"
    done <"$folder/ready"
  fi
  return "$problems_found"
}

note_problem() { # UNIT
  problems_found=1
  ! has_line "$folder/active" "$1" || say "$1" >>"$folder/worse"
}

# True if the unit is ready and no restart is pending.
is_ready() { # UNIT
  [ "$(state_of "$1")" = active ] && has_no_job "$1"
}

has_no_job() { # UNIT
  case $(property "$1" Job) in '' | 0) ;; *) return 1 ;; esac
}

camera_of() { # UNIT
  say "$1" | sed 's/^haarlem-detector@//; s/\.service$//'
}

wait_for_unit() { # UNIT
  deadline=$(deadline_for "$1")
  while :; do
    if is_ready "$1"; then
      say "$(success_of "$1")"
      say "$1 $(property "$1" InvocationID)" >>"$folder/ready"
      return 0
    fi
    if [ "$(state_of "$1")" = failed ] && has_no_job "$1"; then problem "$1" "does not start"; return 1; fi
    # One failed start is no problem: the camera may still be in use by the process before.
    if [ "$(property "$1" NRestarts)" -ge 3 ]; then problem "$1" "starts again and again"; return 1; fi
    if [ "$(seconds_since_boot)" -ge "$deadline" ]; then break; fi
    sleep 1
  done
  if must_be_ready "$1"; then
    problem "$1" "is not ready after $seconds s: $(property "$1" StatusText)"
    return 1
  fi
  last_words "$1" | tail -n 4 >&2
  say "${1%.service}: $(state_of "$1"); $(property "$1" StatusText)"
}

# The end of the wait for a unit, in seconds since the boot.
deadline_for() { # UNIT
  if must_be_ready "$1"; then say "$until"; return; fi
  soon=$(($(seconds_since_boot) + 20))
  if [ "$soon" -lt "$until" ]; then say "$soon"; else say "$until"; fi
}

must_be_ready() { # UNIT
  case $1 in haarlem-detector@*) return 0 ;; esac
  has_line "$folder/active" "$1"
}

success_of() { # UNIT
  case $1 in
    haarlem-detector@*) say "$(camera_of "$1"): $(last_words "$1" | sed -n 's/.*\(first frame.*\)/\1/p' | tail -n 1)" ;;
    *) say "${1%.service}: runs" ;;
  esac
}

problem() { # UNIT WHAT
  last_words "$1" | tail -n 8 >&2
  say "${1%.service}: $2" | tee -a "$folder/problems"
}

last_words() { # UNIT
  journalctl -q -u "$1" -n 60 -o cat --no-pager
}
