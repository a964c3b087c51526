# shellcheck shell=bash
# shellcheck disable=SC2154 # install has set what is used here
# The laptop's half: gathers all small files as they shall lie on the board, below root/, and the plan beside them.

stage() { # FOLDER
  local root=$1/root program camera
  (umask 077; mkdir -p "$root/etc/haarlem")
  mkdir -p "$root/etc/systemd/system/haarlem-.service.d"
  cp "$here/systemd/haarlem-.service.d/common.conf" "$root/etc/systemd/system/haarlem-.service.d/"
  [[ -z $cloud_ca ]] || {
    cp "$cloud_ca" "$root/etc/haarlem/cloud-ca.pem"
    given+="forwarder${tab}cloud-ca$tab/etc/haarlem/cloud-ca.pem$newline"
  }
  for program in $programs; do
    if [[ $program == detector ]]; then
      cp "$here/systemd/haarlem-detector@.service" "$root/etc/systemd/system/"
      for camera in $cameras; do
        settings_of detector "$camera" >"$root/etc/haarlem/detector-$camera.env"
      done
    else
      cp "$here/systemd/haarlem-$program.service" "$root/etc/systemd/system/"
      settings_of "$program" >"$root/etc/haarlem/$program.env"
    fi
  done
  settings_of '*' >"$root/etc/haarlem/common.env"
  if [[ $mosquitto == yes ]]; then
    mkdir -p "$root/etc/mosquitto/conf.d"
    cp "$here/mosquitto/edge.conf" "$root/etc/mosquitto/conf.d/haarlem.conf"
  fi
  chmod -R u=rwX,go=rX "$root"
  chmod 600 "$root"/etc/haarlem/*.env
  plan >"$1/plan"
}

# What the board's half is to do with the files, one thing a line.
plan() {
  local program camera
  for program in $programs; do
    [[ $program == detector ]] || echo "unit haarlem-$program.service"
  done
  for camera in $cameras; do echo "unit haarlem-detector@$camera.service"; done
  given_for source | sed 's/^/source /'
  [[ $mosquitto == no ]] || echo "package mosquitto"
  [[ -z $cameras ]] || echo "program ffmpeg"
  echo "wait $wait_seconds"
}

# The values given for a setting, of whatever scope.
given_for() { # NAME
  local scope name value
  while IFS=$tab read -r scope name value; do
    [[ $name != "$1" ]] || printf '%s\n' "$value"
  done <<<"${given%"$newline"}"
}

# The environment file of a program, or of one camera's detector: what is for it alone comes last and counts.
settings_of() { # PROGRAM [CAMERA]
  local scope name value
  echo "# By deploy/install, which writes it anew."
  while IFS=$tab read -r scope name value; do
    [[ $scope == "$1" ]] && variable "$name" "$value"
  done <<<"${given%"$newline"}"
  [[ -n ${2:-} ]] || return 0
  while IFS=$tab read -r scope name value; do
    [[ $scope == "$2" ]] && variable "$name" "$value"
  done <<<"${given%"$newline"}"
  return 0
}

# min-size 60 -> HAARLEM_MIN_SIZE="60", quoted as systemd.exec(5) reads it.
variable() { # NAME VALUE
  printf 'HAARLEM_%s="%s"\n' "$(printf %s "$1" | tr 'a-z-' 'A-Z_')" "$(printf %s "$2" | sed 's/[\\"$`]/\\&/g')"
}
