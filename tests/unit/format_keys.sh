#!/bin/sh
# Makes the keys that tests of image formats sign with: format_keys.sh FOLDER. Silent when they are
# there. Private halves exist only under build/.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
[ -e .complete ] && exit 0

key() # name, arguments of openssl genpkey
{
    name=$1
    shift
    openssl genpkey "$@" -out "$name.pem" 2>/dev/null
    openssl pkey -in "$name.pem" -pubout -outform DER -out "$name.spki.der"
}
key rsa2048 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa2048-other -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa3072 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key ed25519 -algorithm ED25519
key ed25519-other -algorithm ED25519
touch .complete
