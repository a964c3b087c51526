# shellcheck shell=sh disable=SC2154 # setup has set these
# The certificate authority, which boards get as ca.pem, and the broker's certificate.

authority_days=3650
certificate_days=825
renew_days=30

make_authority() {
  if [ -f "$private/ca.key" ] && [ -f "$folder/ca.pem" ]; then
    expires_soon "$folder/ca.pem" || return 0
    say "the certificate authority \"$folder/ca.pem\" expires in less than $renew_days days: boards need a new one"
    say "Try: move \"$private/ca.key\" away, run setup again, and copy the new ca.pem to each board"
    return 0
  fi
  [ ! -f "$folder/ca.pem" ] || [ -f "$private/ca.key" ] || say "making a new certificate authority: \"$private/ca.key\" is missing"
  new_key "$work/ca.key"
  cat >"$work/ca.conf" <<'END'
[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = Haarlem broker authority
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
END
  run_openssl req -x509 -new -sha256 -key "$work/ca.key" -days "$authority_days" -config "$work/ca.conf" -out "$work/ca.pem"
  replace "$work/ca.key" "$private/ca.key" 600
  replace "$work/ca.pem" "$folder/ca.pem" 644
}

make_certificate() {
  name_list=$(alternative_names)
  if [ -f "$folder/server.key" ] && [ -f "$folder/server.pem" ] && ! expires_soon "$folder/server.pem" &&
    [ "$(chosen name)" = "$(for name in $names; do printf '%s ' "$name"; done)" ] &&
    openssl verify -CAfile "$folder/ca.pem" "$folder/server.pem" >/dev/null 2>&1; then
    # Kept, but its owner and mode are set again.
    cp "$folder/server.key" "$work/server.key"
  else
    new_key "$work/server.key"
    cat >"$work/server.conf" <<END
[req]
prompt = no
distinguished_name = name
[name]
CN = Haarlem broker
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $name_list
END
    run_openssl req -new -sha256 -key "$work/server.key" -config "$work/server.conf" -out "$work/server.csr"
    run_openssl x509 -req -sha256 -in "$work/server.csr" -CA "$folder/ca.pem" -CAkey "$private/ca.key" \
      -set_serial "0x$(openssl rand -hex 15)" -days "$certificate_days" \
      -extfile "$work/server.conf" -extensions server -out "$work/server.pem"
    replace "$work/server.pem" "$folder/server.pem" 644
  fi
  replace "$work/server.key" "$folder/server.key" 600 "$owner"
}

expires_soon() { # FILE
  ! openssl x509 -in "$1" -noout -checkend $((renew_days * 86400)) >/dev/null 2>&1
}

certificate_names() {
  for name in $names; do printf ' %s' "$name"; done
}

certificate_end() {
  openssl x509 -in "$folder/server.pem" -noout -enddate | sed 's/.*=//'
}

alternative_names() {
  for name in $names; do
    case $name in
      *:*) printf 'IP:%s,' "$name" ;;
      *[!0-9.]*) printf 'DNS:%s,' "$name" ;;
      *) printf 'IP:%s,' "$name" ;;
    esac
  done | sed 's/,$//'
}

new_key() { # FILE
  run_openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

run_openssl() {
  openssl "$@" 2>"$work/openssl.log" ||
    fail 1 "openssl $1 failed: $(tail -n 1 "$work/openssl.log")" "check the names of --name, and the free disk space"
}
