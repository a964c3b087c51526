# shellcheck shell=sh disable=SC2154 # board has set these
# Units: those that are wanted run, those that something has changed for run anew, the others are gone.

# Stops what an earlier installation started and this one does not want.
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
      start_afresh "$unit"
      changed "started $unit"
    fi
  done
}

# Not waited for: a unit counts as started once it does its job. Earlier failures are forgotten: they say nothing of it.
start_afresh() { # UNIT
  systemctl reset-failed "$1" 2>/dev/null || true
  systemctl restart --no-block "$1"
}

needs_restart() { # UNIT
  [ "$cut_off" = no ] || return 0
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

# Units that do their job at this moment.
active_units() { # MANIFEST
  for unit in $(listed unit "$1" | sort -u); do
    [ "$(state_of "$unit")" != active ] || say "$unit"
  done
}

# Programs that have begun their job are looked at once more after this.
settle_seconds=10

# Waits until each unit does its job for the first time: a detector, when it has searched its first frame. Fails when one
# cannot, or when one that did its job before the installation does not within its time. Other programs may have to wait
# for a network or a cloud that is not there yet.
judge_units() {
  seconds=$(listed wait "$folder/plan")
  [ "$seconds" -gt 0 ] || return 0
  until=$(($(date +%s) + seconds))
  judged=0
  listed unit "$folder/plan" | sort >"$folder/units-to-judge"
  while read -r unit; do
    case $unit in haarlem-detector@*) say "waiting for the first frame of $(camera_of "$unit")" ;; esac
    judge "$unit" || found_wrong "$unit"
  done <"$folder/units-to-judge"
  if [ "$judged" -eq 0 ] && [ "$changes" -gt 0 ]; then
    sleep "$settle_seconds"
    while read -r unit invocation; do
      if is_ready "$unit" && [ "$(property "$unit" InvocationID)" = "$invocation" ]; then continue; fi
      problem "$unit" "ended within $settle_seconds s"
      found_wrong "$unit"
    done <"$folder/ready"
  fi
  return "$judged"
}

found_wrong() { # UNIT
  judged=1
  ! has_line "$folder/active" "$1" || say "$1" >>"$folder/worse"
}

# Whether it does its job, and this is not the process from before a restart that is still to come.
is_ready() { # UNIT
  [ "$(state_of "$1")" = active ] && has_no_job "$1"
}

has_no_job() { # UNIT
  case $(property "$1" Job) in '' | 0) ;; *) return 1 ;; esac
}

camera_of() { # UNIT
  say "$1" | sed 's/^haarlem-detector@//; s/\.service$//'
}

judge() { # UNIT
  patience=$(patience_for "$1")
  while :; do
    if is_ready "$1"; then
      say "$(success_of "$1")"
      say "$1 $(property "$1" InvocationID)" >>"$folder/ready"
      return 0
    fi
    if [ "$(state_of "$1")" = failed ] && has_no_job "$1"; then problem "$1" "does not start"; return 1; fi
    # Each start that fails has said why; the first may have met a camera that was not let go yet.
    if [ "$(property "$1" NRestarts)" -ge 3 ]; then problem "$1" "starts again and again"; return 1; fi
    if [ "$(date +%s)" -ge "$patience" ]; then break; fi
    sleep 1
  done
  if must_be_ready "$1"; then
    problem "$1" "is not ready after $seconds s: $(property "$1" StatusText)"
    return 1
  fi
  last_words "$1" | tail -n 4 >&2
  say "${1%.service}: $(state_of "$1"); $(property "$1" StatusText)"
}

# Until when a unit is waited for, seconds since 1970.
patience_for() { # UNIT
  if must_be_ready "$1"; then say "$until"; return; fi
  soon=$(($(date +%s) + 20))
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
