# shellcheck shell=sh disable=SC2154 # board has set these
# The broker on the board, which others may use too.

broker_file=/etc/mosquitto/conf.d/haarlem.conf

# Somebody else's listener on MQTT's port serves the programs just as well, and ours would keep Mosquitto from starting.
spare_broker() {
  [ -e "$folder/root$broker_file" ] || return 0
  other=$(find /etc/mosquitto -name '*.conf' ! -path "$broker_file" -exec \
    grep -lE '^[[:space:]]*(listener|port)[[:space:]]+1883([[:space:]]|$)' {} + 2>/dev/null | head -n 1) || true
  if [ -n "$other" ]; then
    say "the broker listens on port 1883 already, by $other; it is left as it is (where it wants a user: --set broker=URL)"
    rm "$folder/root$broker_file"
  fi
}

# An option that this Mosquitto does not know is left out.
fit_broker() {
  [ -e "$folder/root$broker_file" ] || return 0
  version=$(mosquitto_version) ||
    fail "Mosquitto is installed and does not say its version" "run mosquitto -h on the board, or give --no-mosquitto"
  fit_to_mosquitto "$folder/root$broker_file" "$version" >"$folder/fitted"
  cat "$folder/fitted" >"$folder/root$broker_file"
}

run_broker() {
  has_line "$folder/plan" "package mosquitto" || return 0
  systemctl is-enabled -q mosquitto.service || systemctl enable -q mosquitto.service
  if was_changed "$broker_file" || ! systemctl is-active -q mosquitto.service; then
    if ! systemctl restart mosquitto.service; then
      journalctl -u mosquitto.service -n 5 -o cat --no-pager >&2
      fail "Mosquitto does not start with $broker_file" \
        "look at the other files in /etc/mosquitto, or give --no-mosquitto"
    fi
    changed "started mosquitto.service"
  fi
}
