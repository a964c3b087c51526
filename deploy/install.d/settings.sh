# shellcheck shell=bash
# shellcheck disable=SC2154 # install has set what is used here
# The programs' settings from --camera, --set, --settings and --home.

add_camera() { # NAME=SOURCE, or NAME where --settings has NAME.source
  local name=${1%%=*}
  [[ $name != *://* ]] || name=front
  refuse_password "$1" "--camera $name" "write $name.source=URL to a file, and give --camera $name --settings FILE"
  [[ $1 != *= && ${1%%=*} =~ ^[A-Za-z0-9_-]{1,64}$ ]] ||
    fail 78 "--camera \"$1\": it should be NAME=SOURCE, the name 1 to 64 letters, digits, _ and -" \
      "give --camera front=/dev/video0"
  ! is_program "$name" || fail 78 "--camera \"$1\": \"$name\" is the name of a program" "give --camera front=${1#*=}"
  [[ " $cameras " != *" $name "* ]] || fail 78 "--camera \"$name\": two cameras have this name" "give each camera another name"
  cameras+=" $name"
  [[ $1 != *=* ]] || given+="$name${tab}source$tab${1#*=}$newline"
}

# Fails for an address with a password, and for the value of a secret setting.
refuse_password() { # TEXT WHERE HINT
  [[ $1 =~ ://[^/@]*:[^/]*@ || ${1%%=*} =~ (^|[.-])(password|secret|token)$ ]] || return 0
  fail 78 "$2 contains a password, which every user of this machine can read" "$3"
}

add_setting() { # [SCOPE.]NAME=VALUE PLACE
  local name=${1%%=*} scope='*'
  [[ $name != *.* ]] || { scope=${name%%.*}; name=${name#*.}; }
  [[ $1 == *=* && $name =~ ^[a-z][a-z0-9-]*$ ]] ||
    fail 78 "$2: it should be NAME=VALUE, PROGRAM.NAME=VALUE or CAMERA.NAME=VALUE" "write it like detector.min-size=60"
  given+="$scope$tab$name$tab${1#*=}$newline"
}

add_settings_of() {
  local line number=0
  [[ -r $1 ]] || fail 78 "cannot read --settings \"$1\"" "give a file with lines such as detector.min-size=60"
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    case $line in '' | '#'*) ;; *) add_setting "$line" "line $number of \"$1\"" ;; esac
  done <"$1"
}

# Defaults of --home: the neural network, one folder for saver and gallery, a gallery that
# lists the cameras of the board's broker and listens on the local network.
add_home() {
  local store
  # A setting of cascades chooses their engine.
  mentions engine cascade scale-factor min-neighbors min-weight || given+="detector${tab}engine${tab}yunet$newline"
  store=$(effective saver store)
  store=${store:-/srv/faces}
  ! includes saver || [[ -n $(effective saver store) ]] || given+="saver${tab}store$tab$store$newline"
  includes gallery || return 0
  [[ -n $(effective gallery store) ]] || given+="gallery${tab}store$tab$store$newline"
  ! includes detector || [[ -n $(effective gallery broker) ]] || given+="gallery${tab}broker${tab}mqtt://127.0.0.1:1883$newline"
  [[ -n $(effective gallery listen) ]] || given+="gallery${tab}listen${tab}0.0.0.0:8080$newline"
}

# Whether one of the settings is given, for whatever program or camera.
mentions() { # NAME...
  local name
  for name; do [[ $given != *"$tab$name$tab"* ]] || return 0; done
  return 1
}

# The value of a program's setting: a value for the program before one for all programs, and the last of several.
effective() { # PROGRAM NAME
  local scope name value own='' any=''
  while IFS=$tab read -r scope name value; do
    [[ $name != "$2" ]] || case $scope in "$1") own=$value ;; '*') any=$value ;; esac
  done <<<"${given%"$newline"}"
  printf '%s' "${own:-$any}"
}

# Checks that a unit can name the folder of a program's faces.
check_store() { # PROGRAM
  local store
  store=$(effective "$1" store)
  case $store in
    '' | s3://*) return 0 ;;
    /tmp | /tmp/* | /var/tmp | /var/tmp/*)
      fail 78 "$1.store \"$store\": each program has a private /tmp" "give --set $1.store=/srv/faces" ;;
  esac
  case ${store%/}/ in
    / | /bin/* | /boot/* | /dev/* | /etc/* | /lib*/* | /proc/* | /run/* | /sbin/* | /sys/* | /usr/* | \
      /var/ | /var/lib/ | /home/ | /root/ | /srv/ | /mnt/ | /media/ | /opt/)
      fail 78 "$1.store \"$store\": it is a system folder" "give another folder: --set $1.store=/srv/faces" ;;
  esac
  [[ $store =~ ^(/[A-Za-z0-9@._-]+)+/?$ && $store/ != */../* && $store/ != */./* ]] ||
    fail 78 "$1.store \"$store\": it should be s3://BUCKET/PREFIX or an absolute path of letters, digits and / @ . _ -" \
      "give --set $1.store=/srv/faces"
}

is_program() { case $1 in detector | logger | forwarder | saver | gallery | notifier) ;; *) return 1 ;; esac }

includes() { [[ " $programs " == *" $1 "* ]]; }
