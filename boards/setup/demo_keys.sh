#!/bin/sh
# Makes the keys of the demo and of the tests: private halves exist only under build/. Silent when
# they are there.
#
# usage: boards/setup/demo_keys.sh FOLDER
set -eu
umask 077
mkdir -p "$1"
cd "$1"
[ -e .complete ] && exit 0

# ec NAME CURVE and rsa NAME BITS: NAME.pem (what mkimage wants for EC), NAME.key (for RSA),
# NAME.pub.pem and NAME.spki.der (public half).
public() {
    openssl pkey -in "$1" -pubout -out "$2.pub.pem"
    openssl pkey -in "$1" -pubout -outform DER -out "$2.spki.der"
}
ec() {
    openssl ecparam -name "$2" -genkey -noout -out "$1.pem"
    public "$1.pem" "$1"
}
rsa() {
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key" 2>/dev/null ||
        openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key" 2>/dev/null
    public "$1.key" "$1"
}

ec authority prime256v1       # signs the demo trust store
ec other-authority prime256v1 # signs stores that must be refused
rsa kiso 4096                 # approved supplier: operating systems
ec hakone prime256v1          # approved supplier: boot loaders
ec hakone-old prime256v1      # its revoked predecessor
rsa stranger 2048             # known to nobody
ec officer prime256v1         # signs releases and work orders

# The CA that gives devices their certificates.
ec device-ca prime256v1
openssl req -x509 -new -key device-ca.pem -sha256 -days 3650 -subj "/O=Demo Lab/CN=Demo Device CA" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign" \
    -out device-ca.crt.pem
openssl x509 -in device-ca.crt.pem -outform DER -out device-ca.der
touch .complete
