#!/bin/sh
# Makes the vectors of this folder anew: public keys and signatures over "message" by OpenSSL. The
# private keys live only in a temporary folder. Run from anywhere; needs openssl 3.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

public() { openssl pkey -in "$tmp/$1" -pubout -outform DER -out "$1.spki"; }
rsa() { # name bits exponent
    openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" \
        -pkeyopt "rsa_keygen_pubexp:$3" -out "$tmp/$1" 2>/dev/null
    public "$1"
}
ec() { # name curve
    openssl ecparam -genkey -noout -name "$2" -out "$tmp/$1"
    public "$1"
}
digest() { openssl dgst "-$1" -binary message >"$tmp/$1"; }
sign() { # key hash output options...
    key=$1 hash=$2 out=$3
    shift 3
    openssl pkeyutl -sign -inkey "$tmp/$key" -in "$tmp/$hash" -pkeyopt "digest:$hash" "$@" \
        -out "$out"
}

printf 'sekisho verify vectors' >message
for hash in sha256 sha384 sha512; do digest $hash; done

for bits in 2048 3072 4096; do rsa rsa$bits $bits 65537; done
rsa rsa1024 1024 65537
rsa rsa2048-e3 2048 3
rsa rsa2048-wide-exponent 2048 1000000000000000000000001
ec p256 prime256v1
ec p384 secp384r1
ec p521 secp521r1
ec k256 secp256k1
openssl genpkey -algorithm ED25519 -out "$tmp/ed25519"
public ed25519
openssl ec -in "$tmp/p256" -pubout -conv_form compressed -outform DER \
    -out p256-compressed.spki 2>/dev/null
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out "$tmp/rsa-pss" 2>/dev/null
public rsa-pss

for bits in 2048 3072 4096; do
    for hash in sha256 sha384 sha512; do
        sign "rsa$bits" "$hash" "rsa$bits-pkcs1-$hash.sig"
        sign "rsa$bits" "$hash" "rsa$bits-pss-$hash.sig" \
            -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest
        sign "rsa$bits" "$hash" "rsa$bits-pss-$hash-max.sig" \
            -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:max
    done
done
for salt in 0 20 31 33 221; do
    sign rsa2048 sha256 rsa2048-pss-sha256-$salt.sig \
        -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:$salt
done
sign rsa2048-wide-exponent sha256 rsa2048-wide-exponent-pss-sha256-max.sig \
    -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:max
for curve in p256 p384; do
    for hash in sha256 sha384 sha512; do sign $curve $hash $curve-$hash.der; done
done
