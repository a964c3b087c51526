# shellcheck shell=bash
# shellcheck disable=SC2154 # install has set what is used here
# Prepares the installation on the laptop: all small files below root/, at their paths on the board, and the plan.

stage() { # FOLDER
  local root=$1/root program camera
  (umask 077; mkdir -p "$root/etc/haarlem")
  mkdir -p "$root/etc/systemd/system"
  [[ -z $cloud_ca ]] || {
    cp "$cloud_ca" "$root/etc/haarlem/cloud-ca.pem"
    given+="forwarder${tab}cloud-ca$tab/etc/haarlem/cloud-ca.pem$newline"
  }
  for program in $programs; do
    if [[ $program == detector ]]; then
      cp "$here/systemd/haarlem-detector@.service" "$root/etc/systemd/system/"
      add_common "$root" "haarlem-detector@.service"
      for camera in $cameras; do
        settings_of detector "$camera" >"$root/etc/haarlem/detector-$camera.env"
        if is_csi "$camera"; then
          add_drop_in "$root" "haarlem-detector@$camera.service" csi.conf <"$here/systemd/csi.conf"
        fi
      done
    else
      cp "$here/systemd/haarlem-$program.service" "$root/etc/systemd/system/"
      add_common "$root" "haarlem-$program.service"
      settings_of "$program" >"$root/etc/haarlem/$program.env"
      if [[ -n $(folder_of "$program") ]]; then
        folder_unit "$program" "$(folder_of "$program")" |
          add_drop_in "$root" "haarlem-$program.service" folder.conf
      fi
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

# Each unit gets its own copy of common.conf: before version 239, systemd reads no drop-ins for a prefix of names.
add_common() { # ROOT UNIT
  add_drop_in "$1" "$2" common.conf <"$here/systemd/haarlem-.service.d/common.conf"
}

add_drop_in() { # ROOT UNIT NAME
  mkdir -p "$1/etc/systemd/system/$2.d"
  cat >"$1/etc/systemd/system/$2.d/$3"
}

# A program with a store in a folder runs as the folder's owner, so that saver and gallery can both read the faces.
folder_unit() { # PROGRAM FOLDER
  cat <<END
# Written by deploy/install: the store is a folder.
[Unit]
RequiresMountsFor=$2

[Service]
DynamicUser=no
User=haarlem
Group=haarlem
END
  [[ $1 != saver ]] || echo "ReadWritePaths=$2"
  case $2/ in /home/* | /root/* | /run/user/*) echo "ProtectHome=read-only" ;; esac
}

# The folder of a program's faces; empty for a bucket.
folder_of() { # PROGRAM
  local store
  case $1 in saver | gallery) store=$(effective "$1" store) ;; *) return 0 ;; esac
  case $store in s3://*) ;; *) printf '%s' "$store" ;; esac
}

is_csi() { # CAMERA
  local source
  source=$(effective "$1" source)
  [[ $source == csi || $source == csi:* ]]
}

# The tasks for install.d/board, one in each line.
plan() {
  local program camera
  for program in $programs; do
    [[ $program == detector ]] || echo "unit haarlem-$program.service"
  done
  for camera in $cameras; do echo "unit haarlem-detector@$camera.service"; done
  given_for source | sed 's/^/source /'
  [[ $mosquitto == no ]] || echo "package mosquitto"
  for camera in $cameras; do is_csi "$camera" || echo "program ffmpeg"; done | sort -u
  for program in $programs; do
    [[ -z $(folder_of "$program") ]] || echo "folder $(folder_of "$program")"
  done | sort -u
  if [[ $home == yes && -z $(effective gallery token) ]]; then echo "token gallery"; fi
  echo "address $address"
  echo "wait $wait_seconds"
}

# All values of a setting, for all programs and cameras.
given_for() { # NAME
  local scope name value
  while IFS=$tab read -r scope name value; do
    [[ $name != "$1" ]] || printf '%s\n' "$value"
  done <<<"${given%"$newline"}"
}

# The environment file of a program, or of one camera's detector. The camera's values are last and take precedence.
settings_of() { # PROGRAM [CAMERA]
  local scope name value
  echo "# Written by deploy/install; the next run replaces it."
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
