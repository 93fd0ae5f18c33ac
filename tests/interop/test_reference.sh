#!/bin/sh
# Known-good values: learned from golden units, imported from lists that gpgv, openssl and signify
# verify, drafted so that nobody can sign them unread; and dumps compared region by region.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=$PWD/build/bench/sekisho
keys=build/keys/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work" GNUPGHOME="$work/gnupg"
make --no-print-directory BOARD=bench >/dev/null
cp "$keys"/*.der "$work/"

# Two golden units of a small board: same boot loader, different data, and a third that is not.
cat >"$work/board.dts" <<'DTS'
/dts-v1/;
/ { model = "Small"; #address-cells = <1>; #size-cells = <1>;
 aliases { spi0 = &spi; };
 spi: spi@0 { #address-cells = <1>; #size-cells = <0>; reg = <0 1>;
  flash@0 { compatible = "jedec,spi-nor"; reg = <0>;
   partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
    partition@0 { label = "boot"; reg = <0x0 0x10000>; sekisho,class = "boot"; };
    partition@10000 { label = "data"; reg = <0x10000 0x10000>; sekisho,class = "data"; }; }; }; };
};
DTS
dtc -q -O dtb -o "$work/board.dtb" "$work/board.dts"
head -c 65536 /dev/urandom >"$work/boot"
for unit in a b c; do
    { cat "$work/boot"; head -c 65536 /dev/urandom; } >"$work/$unit.bin"
done
printf 'X' | dd of="$work/c.bin" bs=1 seek=4096 conv=notrunc 2>/dev/null

learn() { "$sekisho" reference learn --supplier hakone-systems --board "$work/board.dtb" "$@"; }

expect "one unit proves nothing" 2 'one alone may be the one' learn "$work/a.bin"
expect "one unit given twice proves no more" 2 'given twice' learn "$work/a.bin" "$work/./a.bin"
expect "what two units agree in is drafted" 0 "sha256 = \\[$(sha256sum <"$work/boot" | cut -d ' ' -f 1)\\]" \
    learn "$work/a.bin" "$work/b.bin"
expect "what may change is no reference" 0 '/\* data: class data, different in these units' \
    learn "$work/a.bin" "$work/b.bin"
expect "a poisoned unit shows" 0 '/\* boot: DIFFERS between these units' learn "$work/a.bin" "$work/c.bin"
expect "dumps are compared region by region" 1 '^boot: 1 bytes differ' \
    "$sekisho" reference diff --board "$work/board.dtb" "$work/a.bin" "$work/c.bin"
expect "the place is named" 1 '^  0x00001000\.\.0x00001000$' \
    "$sekisho" reference diff --board "$work/board.dtb" "$work/a.bin" "$work/c.bin"
expect "equal dumps are the same" 0 '^all: the same$' "$sekisho" reference diff "$work/a.bin" "$work/a.bin"
expect "a shorter dump differs" 1 '131072 bytes against 65536' \
    "$sekisho" reference diff "$work/a.bin" "$work/boot"

# A draft is refused until a person has read it; then the store vouches for the region.
learn -o "$work/draft.dtsi" "$work/a.bin" "$work/b.bin"
cat keys/demo/store.dts "$work/draft.dtsi" >"$work/unread.dts"
expect "an unread draft cannot be signed" 1 'unreviewed: is a draft' \
    "$sekisho" store build -o "$work/store.dtb" "$work/unread.dts"
sed '/unreviewed;/d' "$work/unread.dts" >"$work/read.dts"
expect "a draft that was read builds" 0 '' "$sekisho" store build -o "$work/store.dtb" "$work/read.dts"
"$sekisho" store sign -k "$keys" -o "$work/store.itb" "$work/store.dtb"
expect "inspect approves what the store vouches for" 0 'REF-001' \
    "$sekisho" inspect --demo --store "$work/store.itb" --class boot "$work/boot"

# Lists of vendors.
(cd "$work" && sha256sum boot a.bin >SHA256SUMS && sha512sum boot >SHA512SUMS)
import() { "$sekisho" reference import --supplier hakone-systems "$@"; }
expect "an unsigned list says so" 0 'NOT signed' import "$work/SHA256SUMS"
expect "only the files that are asked for" 0 'component = "boot"' import "$work/SHA256SUMS" boot
check "and no other" sh -c "! grep -q a.bin '$work/said'"
expect "SHA-512 lists" 0 'sha512 = \[' import "$work/SHA512SUMS"
expect "a name that is not there" 1 'nothing in it of these names' import "$work/SHA256SUMS" missing
expect "a weak digest is no line" 4 'line 1: not a digest of SHA-256 or better' \
    sh -c "cd '$work' && md5sum boot >MD5SUMS && '$sekisho' reference import --supplier hakone-systems MD5SUMS"
hash=$(sha256sum <"$work/boot" | cut -d ' ' -f 1)
printf '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":"boot","hashes":[{"alg":"MD5","content":"00"},{"alg":"SHA-256","content":"%s"}]}]}' \
    "$hash" >"$work/bom.json"
expect "CycloneDX" 0 "sha256 = \\[$hash\\]" import "$work/bom.json"
expect "JSON that is no CycloneDX" 4 'no CycloneDX' sh -c \
    "echo '{}' >'$work/no.json'; '$sekisho' reference import --supplier hakone-systems '$work/no.json'"

# Signed lists: good, altered, by another key.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/v.key" -out "$work/v.pem" -subj /CN=vendor 2>/dev/null
openssl cms -sign -binary -nosmimecap -signer "$work/v.pem" -inkey "$work/v.key" -outform DER \
    -in "$work/SHA256SUMS" -out "$work/sums.p7s"
expect "a list signed by CMS" 0 'CMS verified it' \
    import --cms "$work/sums.p7s" --key "$work/v.pem" "$work/SHA256SUMS" boot
sed 's/^./0/' "$work/SHA256SUMS" >"$work/ALTERED"
expect "an altered list is refused" 1 'does not verify' \
    import --cms "$work/sums.p7s" --key "$work/v.pem" "$work/ALTERED" boot
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/w.key" -out "$work/w.pem" -subj /CN=other 2>/dev/null
expect "a list of another signer is refused" 1 'does not verify' \
    import --cms "$work/sums.p7s" --key "$work/w.pem" "$work/SHA256SUMS" boot
signify-openbsd -G -n -p "$work/u.pub" -s "$work/u.sec" -c vendor
signify-openbsd -S -s "$work/u.sec" -m "$work/SHA256SUMS" -x "$work/sums.sig"
expect "a list signed by usign" 0 'usign verified it' \
    import --usign "$work/sums.sig" --key "$work/u.pub" "$work/SHA256SUMS" boot
expect "an altered list is refused" 1 'does not verify' \
    import --usign "$work/sums.sig" --key "$work/u.pub" "$work/ALTERED" boot
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key vendor@example.org ed25519 sign never 2>/dev/null
gpg --batch --quiet --detach-sign -o "$work/sums.gpg" "$work/SHA256SUMS"
gpg --batch --quiet --export >"$work/ring.gpg"
gpgconf --kill all >/dev/null 2>&1 || true
expect "a list signed by OpenPGP" 0 'OpenPGP verified it' \
    import --openpgp "$work/sums.gpg" --key "$work/ring.gpg" "$work/SHA256SUMS" boot
expect "an altered list is refused" 1 'does not verify' \
    import --openpgp "$work/sums.gpg" --key "$work/ring.gpg" "$work/ALTERED" boot
expect "a key without a signature is wrong usage" 2 'one of --usign' \
    import --key "$work/ring.gpg" "$work/SHA256SUMS" boot
finish
