#!/bin/sh
# A key that never leaves its PKCS#11 token (SoftHSM 2) signs a store and an order: mkimage asks for
# it through OpenSSL's engine, and what comes out is taken like any other.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

for tool in softhsm2-util pkcs11-tool mkimage; do
    command -v "$tool" >/dev/null || { echo "  SKIP  $tool is not installed"; finish; exit; }
done
sekisho=$PWD/build/bench/sekisho
keys=$PWD/build/keys/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work" SOFTHSM2_CONF="$work/softhsm2.conf" MKIMAGE_SIGN_PIN=4711
module=$(dpkg -L libsofthsm2 2>/dev/null | grep 'libsofthsm2\.so$' | head -n 1)
export PKCS11_MODULE_PATH="$module"
mkdir "$work/tokens"
echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
softhsm2-util --init-token --free --label sekisho --pin 4711 --so-pin 4712 >"$work/log"

quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }
token() { pkcs11-tool --module "$module" --token-label sekisho --login --pin 4711 "$@"; }
quiet token --keypairgen --key-type rsa:3072 --label authority --id 01
quiet token --keypairgen --key-type rsa:2048 --label officer --id 02
quiet token --keypairgen --key-type EC:prime256v1 --label curve --id 03
public() # label, form, file
{
    quiet openssl pkey -engine pkcs11 -inform engine -pubin -in "pkcs11:token=sekisho;object=$1;type=public" \
        -pubout -outform "$2" -out "$3"
}
cp "$keys"/*.der "$work/"
public authority PEM "$work/authority.pub.pem"
public officer DER "$work/token.der"
token --read-object --type privkey --label authority -o "$work/private" >"$work/log" 2>&1 || true
check "the private key cannot be taken out" test ! -s "$work/private"

sign() { "$sekisho" store sign --token token=sekisho -o "$work/store.itb" "$work/store.dtb"; }
sed 's/^\tofficers {/&\n\t\ttoken { label = "Desk"; public-key = \/incbin\/("token.der"); may = "order"; };/' \
    keys/demo/store.dts >"$work/store.dts"
"$sekisho" store build -o "$work/store.dtb" "$work/store.dts"
expect "a token's key signs a store" 0 '' sign
printf 'not an image\n' >"$work/subject"
inspect() { "$sekisho" inspect --store "$work/store.itb" "$@" "$work/subject"; }
expect "which opens with its public key" 1 'FMT-003' inspect --authority "$work/authority.pub.pem"
expect "and with no other" 5 'TS-002' inspect --authority "$keys/authority.pub.pem"
cat >"$work/order.dts" <<'DTS'
/dts-v1/;
/ { compatible = "sekisho,order-1"; id = "2026-1"; label = "By token"; issued = "2020-01-01";
    not-after = "2099-12-31"; store-serial = <1>; devices { d1 { serial-number = "S1"; }; }; };
DTS
expect "a token's key signs an order" 0 '' \
    "$sekisho" order sign --token token=sekisho -o "$work/order.itb" "$work/order.dts"
expect "which counts, with that officer in the store" 1 'FMT-003' \
    inspect --authority "$work/authority.pub.pem" --order "$work/order.itb"

MKIMAGE_SIGN_PIN=1111 expect "a wrong PIN signs nothing" 5 'mkimage' sign
expect "a token that is not there is told" 5 'no RSA key' \
    "$sekisho" store sign --token token=nobody -o "$work/none.itb" "$work/store.dtb"
expect "files and token at once are wrong usage" 2 'or --token' \
    "$sekisho" store sign -k "$work" --token token=sekisho -o "$work/none.itb" "$work/store.dtb"
quiet token --delete-object --type privkey --label authority
quiet token --delete-object --type pubkey --label authority
quiet token --keypairgen --key-type EC:prime256v1 --label authority --id 04
expect "a key of a curve is refused, and why is said" 5 'another kind of key' sign
check "what fails writes nothing" test ! -e "$work/none.itb"
finish
