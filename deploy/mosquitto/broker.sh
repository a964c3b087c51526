# shellcheck shell=sh disable=SC2154,SC2034 # setup has set these, or reads them
# Mosquitto on this machine: package, configuration, start.

configuration=/etc/mosquitto/conf.d/haarlem-cloud.conf
start_tries=120
owner=''

install_mosquitto() {
  missing=''
  command -v mosquitto >/dev/null && command -v mosquitto_passwd >/dev/null || missing='mosquitto'
  command -v openssl >/dev/null || missing="$missing openssl"
  if [ -n "$missing" ]; then
    command -v apt-get >/dev/null || fail 1 "not installed: $missing" "install it with this system's package manager"
    say "installing $missing"
    # The package lists may be out of date or missing.
    # shellcheck disable=SC2086 # Several names.
    said=$(apt_get install $missing || { apt_get update && apt_get install $missing; }) ||
      fail 1 "cannot install $missing with apt-get: $(say "$said" | tail -n 1)" "run apt-get install $missing, and correct what it reports"
  fi
  version=$(mosquitto_version) || fail 1 "cannot read the version of Mosquitto: mosquitto -h does not print it" "install Mosquitto again"
  grep -q '^include_dir */etc/mosquitto/conf.d/*$' /etc/mosquitto/mosquitto.conf 2>/dev/null ||
    fail 1 "/etc/mosquitto/mosquitto.conf does not include /etc/mosquitto/conf.d" \
      "add the line include_dir /etc/mosquitto/conf.d to it"
  id mosquitto >/dev/null 2>&1 || fail 1 "there is no user mosquitto" "install Mosquitto from this system's packages"
  owner=mosquitto:$(id -gn mosquitto)
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1
}

# Reports each line of other configurations that contradicts this one, before anything is changed.
check_conflicts() {
  conflicts=$(for file in /etc/mosquitto/mosquitto.conf /etc/mosquitto/conf.d/*.conf; do
    if [ "$file" = "$configuration" ] || [ ! -f "$file" ]; then continue; fi
    awk -v ports=" $ports $local_port " '
      function conflict(why) { printf "  %s:%d: %s: %s\n", FILENAME, FNR, $0, why }
      ($1 == "listener" || $1 == "port") && index(ports, " " $2 " ") { conflict("setup needs this port") }
      $1 == "password_file" || $1 == "acl_file" { conflict("setup sets this option") }
      $1 == "allow_anonymous" && $2 == "true" { conflict("the cloud broker accepts no client without a password") }
      $1 == "per_listener_settings" && $2 == "true" { conflict("setup needs passwords and access rights for all listeners") }
      $1 == "persistence" && $2 == "true" && FILENAME ~ /conf\.d/ { conflict("the cloud broker stores nothing on disk") }
    ' "$file"
  done)
  [ -n "$conflicts" ] || return 0
  printf '%s\n' "$conflicts" >&2
  fail 1 "cannot configure Mosquitto: the lines above contradict the configuration of setup; nothing was changed" \
    "remove these lines, or give other ports with --ports and --local-port"
}

# Writes cloud.conf with the given ports, without options that this version of Mosquitto does not support.
write_configuration() {
  awk -v ports="$ports" -v local_port="$local_port" '
    /^# For the boards/ { boards = 1 }
    /^listener/ && !boards { $2 = local_port }
    !boards { print; next }
    { block = block $0 "\n" }
    END {
      count = split(ports, port, " ")
      for (i = 1; i <= count; i++) {
        text = block
        sub(/listener [0-9]+/, "listener " port[i], text)
        printf "%s%s", text, i < count ? "\n" : ""
      }
    }
  ' "$here/cloud.conf" >"$work/cloud.conf"
  fit_to_mosquitto "$work/cloud.conf" "$version" >"$work/haarlem-cloud.conf" ||
    fail 1 "cannot fit cloud.conf to Mosquitto $version" "install a version from 1.4.15 to 2.1"
  replace "$work/haarlem-cloud.conf" "$configuration" 644
}

run_broker() {
  if [ ! -e "$private/unfinished" ] && listens; then return 0; fi
  manage enable || :
  if manage restart && wait_until_it_listens; then
    rm -f "$private/unfinished"
    say "Mosquitto $version listens for boards on port $ports"
    return 0
  fi
  show_errors
  [ -s "$work/changed" ] || fail 1 "Mosquitto $version does not listen on the ports $local_port $ports" \
    "correct what the lines above report, or what else changed in /etc/mosquitto"
  restore_files
  if manage restart; then
    rm -f "$private/unfinished"
    fail 1 "Mosquitto $version does not start with $configuration; the old configuration is back" \
      "correct what the lines above report"
  fi
  fail 1 "Mosquitto $version does not start, not even with the old configuration, which is back" \
    "correct what the lines above report, in the other files of /etc/mosquitto"
}

# Mosquitto reports errors in its configuration to the journal, and later ones to its log file.
show_errors() {
  {
    ! [ -d /run/systemd/system ] || journalctl -u mosquitto.service -n 20 -o cat --no-pager
    tail -n 20 /var/log/mosquitto/mosquitto.log
  } 2>/dev/null | grep -i error | tail -n 5 >&2 || :
}

manage() { # start, stop, restart or enable
  if [ -d /run/systemd/system ]; then
    systemctl reset-failed mosquitto.service 2>/dev/null || :
    systemctl -q "$1" mosquitto.service
  elif [ "$1" = enable ]; then :
  else service mosquitto "$1"; fi
}

wait_until_it_listens() {
  tries=0
  until listens; do
    tries=$((tries + 1))
    [ "$tries" -lt "$start_tries" ] || return 1
    sleep 0.25
  done
}

# True if the local port accepts connections and each other port presents the certificate of setup.
listens() {
  awk -v port="$(printf ':%04X' "$local_port")" '
    $4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }
  ' /proc/net/tcp || return 1
  for port in $ports; do
    openssl s_client -connect "127.0.0.1:$port" -CAfile "$folder/ca.pem" -verify_return_error </dev/null >/dev/null 2>&1 ||
      return 1
  done
}

uninstall_broker() {
  if [ ! -e "$configuration" ] && [ ! -e "$folder" ]; then
    say "nothing to remove: setup has installed nothing here"
    return 0
  fi
  rm -rf "$configuration" "$folder"
  say "removed $configuration, and $folder with the certificate authority and all passwords"
  if command -v mosquitto >/dev/null; then
    manage restart || say "Mosquitto does not start without it; see /var/log/mosquitto/mosquitto.log"
    say "kept: the package mosquitto, with its other configuration"
  fi
}
