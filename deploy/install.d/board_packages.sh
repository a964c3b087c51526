# shellcheck shell=sh disable=SC2154 # board has set these
# Packages: installs those that are missing, and notes them with their dependencies in the manifest.

install_packages() {
  missing=''
  for package in $(listed package "$folder/plan"); do
    is_installed "$package" || missing="$missing $package"
  done
  for program in $(listed program "$folder/plan"); do
    command -v "$program" >/dev/null || missing="$missing $program"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  command -v apt-get >/dev/null || fail "not installed on the board:$missing" "install them by hand, then run deploy/install again"
  installed_packages >"$folder/before"
  # shellcheck disable=SC2086 # several names
  apt_get install -y --no-install-recommends $missing || {
    # The package lists may be out of date or missing.
    apt_get update
    apt_get install -y --no-install-recommends $missing
  } || fail "cannot install$missing with apt-get: $(tail -n 1 "$folder/apt.log")" "run apt-get install$missing on the board"
  installed_packages >"$folder/after"
  comm -13 "$folder/before" "$folder/after" | sed 's/^/package /' >"$folder/brought"
  cat "$folder/brought" >>"$folder/manifest"
  cat "$folder/brought" >>"$manifest"
  changed "installed$missing ($(wc -l <"$folder/brought") packages)"
}

remove_packages() {
  brought=$(listed package "$manifest" | sort -u | tr '\n' ' ')
  [ -n "$brought" ] || return 0
  # If packages that were installed later depend on these, all are kept.
  # shellcheck disable=SC2086 # several names
  others=$(apt-get -s purge $brought | sed -n 's/^\(Purg\|Remv\) \([^ :]*\).*/\2/p' | while read -r package; do
    case " $brought" in *" $package "*) ;; *) say "$package" ;; esac
  done | tr '\n' ' ')
  if [ -n "$others" ]; then
    say "kept the packages $brought: others depend on some of them: $others"
    return
  fi
  # shellcheck disable=SC2086 # several names
  apt_get purge -y $brought || fail "cannot remove $brought with apt-get" "run apt-get purge $brought on the board"
  changed "removed packages: $brought"
}

# Retries while another apt runs, such as at boot: apt before 2.0 does not wait for the lock.
apt_get() {
  tries=30
  until apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Keep-Downloaded-Packages=false "$@" \
    >"$folder/apt.log" 2>&1 </dev/null; do
    grep -q 'Could not get lock' "$folder/apt.log" && [ $((tries = tries - 1)) -gt 0 ] || return 1
    sleep 10
  done
}

is_installed() { # PACKAGE
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -q '^installed'
}

installed_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort
}
