# shellcheck shell=sh disable=SC2154 # board has set these
# Fits the units to the board's version of systemd.

# The board's version of systemd, such as 237.
systemd_version() {
  systemctl --version | sed -n '1s/^systemd \([0-9][0-9]*\).*/\1/p'
}

# Removes the directives of later versions from units and drop-ins.
fit_units() { # VERSION
  find "$folder/root/etc/systemd" -type f >"$folder/units"
  while read -r unit; do
    awk -v version="$1" '
      NR == FNR { if ($0 !~ /^#/ && NF == 2) since[$1] = $2; next }
      { name = $0; sub(/=.*/, "", name) }
      !(name in since) || since[name] <= version + 0
    ' "$here/directives.txt" "$unit" >"$folder/fitted"
    cat "$folder/fitted" >"$unit"
  done <"$folder/units"
}
