#!/usr/bin/env bash
# Made the certificates in this folder; they are for these tests only. Run it again to replace them.
set -euo pipefail
cd "$(dirname "$0")"
make_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
sign() { # name, subject, alternative names
  make_key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$2" |
    openssl x509 -req -CA ca.pem -CAkey ca.key -days 36500 -out "$1.pem" \
      -extfile <(printf 'basicConstraints=CA:FALSE\nsubjectAltName=%s\n' "$3") -set_serial "0x$(openssl rand -hex 8)"
}
make_key ca
openssl req -x509 -new -key ca.key -days 36500 -subj "/CN=Plait test authority" -out ca.pem
sign localhost localhost "DNS:localhost,IP:127.0.0.1"
sign renewed localhost "DNS:localhost,IP:127.0.0.1"
sign wildcard "*.example.test" "DNS:*.example.test"
sign client "test client" "DNS:client"
rm ca.key
