#!/bin/sh
# Makes the keys that tests of image formats sign with: format_keys.sh FOLDER. Silent when they are
# there and no older than this script. Private halves exist only under build/.
set -eu
umask 077
mkdir -p "$1"
exec 9>"$1/.lock"
flock 9 # several tests may need them at once
[ -z "$(find "$1" -name .complete -newer "$0")" ] || exit 0
cd "$1"

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

# Certificates, all of 2026 to 2035 unless the row says otherwise: name, key, issuer ("-": itself),
# extensions, last day.
cat >ca.cnf <<CNF
[ca]
default_ca = authority
[authority]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = none
unique_subject = no
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[sub]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[sub-server]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
extendedKeyUsage = serverAuth
[sub-code]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
extendedKeyUsage = codeSigning
nsCertType = critical,objCA
[code]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning,emailProtection
subjectKeyIdentifier = hash
[plain]
subjectKeyIdentifier = hash
[server]
extendedKeyUsage = serverAuth
[agree]
keyUsage = critical,keyAgreement
[netscape]
nsCertType = critical,objsign
[netscape-server]
nsCertType = critical,server
[odd]
1.3.6.1.4.1.32473.9 = critical,DER:0500
CNF
: >index.txt
crt() # name, key, issuer, extensions, last day
{
    openssl req -new -key "$2.pem" -subj "/CN=$1" -out "$1.csr"
    if [ "$3" = - ]; then
        openssl ca -batch -notext -config ca.cnf -selfsign -keyfile "$2.pem" -in "$1.csr" \
            -extensions "$4" -startdate 20260101000000Z -enddate "${5:-20351231235959Z}" \
            -out "$1.crt" 2>/dev/null
    else
        openssl ca -batch -notext -config ca.cnf -cert "$3.crt" -keyfile "$(cat "$3.of")" \
            -in "$1.csr" -extensions "$4" -startdate 20260101000000Z \
            -enddate "${5:-20351231235959Z}" -out "$1.crt" 2>/dev/null
    fi
    echo "$2.pem" >"$1.of"
    cp "$2.pem" "$1.key"
    openssl x509 -in "$1.crt" -outform DER -out "$1.der"
    rm "$1.csr"
}
key ca-key -algorithm RSA -pkeyopt rsa_keygen_bits:3072
key sub-key -algorithm EC -pkeyopt ec_paramgen_curve:P-384
crt ca ca-key - root
crt sub-ca sub-key ca sub
crt server-ca sub-key ca sub-server
crt code-ca sub-key ca sub-code
crt deep-ca rsa3072 sub-ca sub # below a CA that allows none below it
crt other-ca rsa2048-other - root
crt signer rsa2048 ca code
crt signer-ec p256 sub-ca code
crt signer-plain p256 ca plain
crt signer-server p256 ca server
crt signer-agree p256 ca agree
crt signer-odd p256 ca odd
crt signer-netscape p256 ca netscape
crt signer-netscape-server p256 ca netscape-server
crt signer-expired p256 ca code 20260601000000Z
crt signer-other p384 other-ca code
crt signer-deep p256 deep-ca code
crt signer-by-leaf p256 signer code
crt signer-by-server p256 server-ca code
crt signer-by-code p256 code-ca code
crt self rsa3072 - plain
touch .complete
