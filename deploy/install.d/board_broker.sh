# shellcheck shell=sh disable=SC2154 # board has set these
# Mosquitto on the board, which other clients may use too.

broker_file=/etc/mosquitto/conf.d/haarlem.conf

# Another configuration that listens on port 1883 serves the programs too. With two, Mosquitto would not start.
keep_other_broker() {
  [ -e "$folder/root$broker_file" ] || return 0
  other=$(find /etc/mosquitto -name '*.conf' ! -path "$broker_file" -exec \
    grep -lE '^[[:space:]]*(listener|port)[[:space:]]+1883([[:space:]]|$)' {} + 2>/dev/null | head -n 1) || true
  if [ -n "$other" ]; then
    say "the broker listens on port 1883 already, because of $other; nothing is changed there (if it needs a user, give --set broker=URL)"
    rm "$folder/root$broker_file"
  fi
}

# Removes the options that this version of Mosquitto does not support.
fit_broker() {
  [ -e "$folder/root$broker_file" ] || return 0
  version=$(mosquitto_version) ||
    fail "cannot read the version of Mosquitto: mosquitto -h does not print it" "run mosquitto -h on the board, or give --no-mosquitto"
  fit_to_mosquitto "$folder/root$broker_file" "$version" >"$folder/fitted"
  cat "$folder/fitted" >"$folder/root$broker_file"
}

run_broker() {
  has_line "$folder/plan" "package mosquitto" || return 0
  systemctl is-enabled -q mosquitto.service || systemctl enable -q mosquitto.service
  if was_changed "$broker_file" || ! systemctl is-active -q mosquitto.service; then
    if ! systemctl restart mosquitto.service; then
      journalctl -u mosquitto.service -n 5 -o cat --no-pager >&2
      fail "Mosquitto does not start with \"$broker_file\"" \
        "correct the other files in /etc/mosquitto, or give --no-mosquitto"
    fi
    changed "started mosquitto.service"
  fi
}
