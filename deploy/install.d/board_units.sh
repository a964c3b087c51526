# shellcheck shell=sh disable=SC2154 # board has set these
# Units: those that are wanted run, those that something has changed for run anew, the others are gone.

# Stops what an earlier installation started and this one does not want.
tidy_units() {
  for unit in $(listed unit "$manifest" | sort -u); do
    has_line "$folder/plan" "unit $unit" && continue
    systemctl disable --now "$unit" >/dev/null 2>&1 || true
    systemctl reset-failed "$unit" 2>/dev/null || true
    changed "stopped $unit"
  done
}

run_broker() {
  has_line "$folder/plan" "package mosquitto" || return 0
  systemctl is-enabled -q mosquitto.service || systemctl enable -q mosquitto.service
  if was_changed /etc/mosquitto/conf.d/haarlem.conf || ! systemctl is-active -q mosquitto.service; then
    if ! systemctl restart mosquitto.service; then
      journalctl -u mosquitto.service -n 5 -o cat --no-pager >&2
      rm /etc/mosquitto/conf.d/haarlem.conf # Whatever else uses the broker shall have it back.
      systemctl restart mosquitto.service || true
      fail "Mosquitto does not start with /etc/mosquitto/conf.d/haarlem.conf" \
        "a look at the other files in /etc/mosquitto, or --no-mosquitto"
    fi
    changed "started mosquitto.service"
  fi
}

run_units() {
  if grep -q '^/etc/systemd/system/' "$folder/changed"; then systemctl daemon-reload; fi
  for unit in $(listed unit "$folder/plan"); do
    systemctl is-enabled -q "$unit" 2>/dev/null || systemctl enable -q "$unit"
    if needs_restart "$unit"; then
      # Not waited for: a unit counts as started once it does its job.
      systemctl restart --no-block "$unit"
      changed "started $unit"
    fi
  done
}

needs_restart() { # UNIT
  case $(systemctl show -P ActiveState "$1") in active | activating | reloading) ;; *) return 0 ;; esac
  for path in /usr/bin/haarlem /etc/haarlem/common.env "/etc/haarlem/$(settings_name "$1").env" \
    "/etc/systemd/system/$(say "$1" | sed 's/@.*\./@./')"; do
    ! was_changed "$path" || return 0
  done
  if [ "$1" = haarlem-forwarder.service ] && was_changed /etc/haarlem/cloud-ca.pem; then return 0; fi
  grep -q '^/etc/systemd/system/haarlem-.service.d/' "$folder/changed"
}

# haarlem-detector@front.service -> detector-front
settings_name() { # UNIT
  say "$1" | sed 's/^haarlem-//; s/\.service$//; s/@/-/'
}

# A unit is active once it does its job for the first time: a detector, when it has searched its first frame.
wait_for_units() {
  seconds=$(listed wait "$folder/plan")
  [ "$seconds" -gt 0 ] || return 0
  until=$(($(date +%s) + seconds))
  for unit in $(listed unit "$folder/plan"); do
    case $unit in haarlem-detector@*) wait_for_camera "$unit" ;; esac
  done
  for unit in $(listed unit "$folder/plan"); do
    case $unit in haarlem-detector@*) ;; *) report "$unit" ;; esac
  done
}

wait_for_camera() { # UNIT
  camera=${1#haarlem-detector@}
  camera=${camera%.service}
  say "waiting for the first frame of $camera"
  while :; do
    case $(systemctl show -P ActiveState "$1") in
      active)
        say "$camera: $(last_words "$1" | sed -n 's/.*\(first frame.*\)/\1/p' | tail -n 1)"
        return
        ;;
      failed) camera_fails "$1" "does not start" ;;
    esac
    # Each start that fails has said why; the first may have met a camera that was not let go yet.
    [ "$(systemctl show -P NRestarts "$1")" -lt 3 ] || camera_fails "$1" "starts again and again"
    [ "$(date +%s)" -lt "$until" ] || camera_fails "$1" "has seen no frame yet: $(systemctl show -P StatusText "$1")"
    sleep 1
  done
}

camera_fails() { # UNIT HOW
  last_words "$1" | tail -n 8 >&2
  fail "$1 $2" "what it says above; then journalctl -u $1 on the board"
}

last_words() { # UNIT
  journalctl -q -u "$1" -n 60 -o cat --no-pager
}

# The other programs may have to wait for a network or a cloud that is not there yet; that is no failure to install.
report() { # UNIT
  while [ "$(systemctl show -P ActiveState "$1")" = activating ] && [ "$(date +%s)" -lt "$until" ] &&
    [ "$(systemctl show -P NRestarts "$1")" -lt 3 ] && [ $((patience = ${patience:-20} - 1)) -gt 0 ]; do
    sleep 1
  done
  state=$(systemctl show -P ActiveState "$1")
  if [ "$state" = active ]; then
    say "${1%.service}: runs"
  else
    last_words "$1" | tail -n 4 >&2
    say "${1%.service}: $state; $(systemctl show -P StatusText "$1")"
  fi
}
