#!/bin/sh
# Makes the keys that only attacks use: keys.sh FOLDER. Silent when they are there.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
[ -e .complete ] && exit 0

rsa() # name, bits
{
    openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key" 2>/dev/null
}
rsa pss 2048
rsa rsa3072 3072
touch .complete
