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
# Metadata of the Linux Vendor Firmware Service, packed, its signature in a Jcat file.
gzip -c tests/data/lvfs/firmware.xml >"$work/firmware.xml.gz"
openssl cms -sign -binary -nosmimecap -signer "$work/v.pem" -inkey "$work/v.key" -outform PEM \
    -in "$work/firmware.xml.gz" -out "$work/lvfs.pem"
sed -i 's/ CMS-----/ PKCS7-----/; s/ CMS-----/ PKCS7-----/' "$work/lvfs.pem"
jq -Rs '{JcatVersionMajor: 0, JcatVersionMinor: 1, Items: [{Id: "firmware.xml.gz", Blobs: [{Kind: 1,
    Data: "00"}, {Kind: 3, Flags: 1, Data: .}]}]}' "$work/lvfs.pem" >"$work/jcat.json"
{ gzip -c "$work/jcat.json"; printf 'bytes behind it'; } >"$work/firmware.xml.gz.jcat"
lvfs() { import --jcat "$work/firmware.xml.gz.jcat" --key "$work/v.pem" "$@"; }
expect "LVFS metadata: the digest of a .cab" 0 'component = "ex1-4.2.1.cab"' lvfs "$work/firmware.xml.gz"
check "and its version and source" grep -q 'source = ".*firmware.xml.gz: ex1-4.2.1.cab"' "$work/said"
check "and who signed it" grep -q 'Jcat verified it' "$work/said"
gzip -dc "$work/firmware.xml.gz" | sed s/1111/1112/ | gzip -c >"$work/other.gz"
mkdir "$work/altered"
mv "$work/other.gz" "$work/altered/firmware.xml.gz"
expect "altered metadata is refused" 1 'does not verify' lvfs "$work/altered/firmware.xml.gz"
expect "metadata that no item is for is refused" 1 'no PKCS#7 signature in it of list' sh -c \
    "cp '$work/firmware.xml.gz' '$work/list'; '$sekisho' reference import --supplier hakone-systems \
     --jcat '$work/firmware.xml.gz.jcat' --key '$work/v.pem' '$work/list'"
head -c 300 "$work/firmware.xml.gz" >"$work/cut.gz"
expect "a packed list that is cut is refused" 4 'cut.gz' import "$work/cut.gz"
head -c 70000000 /dev/zero | gzip -c >"$work/bomb.gz"
expect "one that unpacks to more than 64 MiB is refused" 4 'File too large' import "$work/bomb.gz"

# Manifests in CBOR: CoRIM and CoSWID, signed by COSE.
corim=tests/interop/corim.py
openssl ecparam -name prime256v1 -genkey -noout -out "$work/rim.key"
openssl pkey -in "$work/rim.key" -pubout -out "$work/rim.pub.pem"
$corim coswid "boot=$work/boot" "a.bin=$work/a.bin" >"$work/os.coswid"
NOT_AFTER=1798675200 $corim corim "boot=$work/boot" >"$work/os.corim"
$corim sign "$work/rim.key" "$work/os.corim" >"$work/signed.corim"
expect "a CoSWID that is not signed says so" 0 'NOT signed' import "$work/os.coswid"
check "and gives its files" grep -q "sha256 = \\[$hash\\]" "$work/said"
expect "a signed CoRIM is drafted, with its end" 0 'not-after = "2026-12-31"' \
    import --key "$work/rim.pub.pem" "$work/signed.corim" boot
check "and with who signed it" grep -q 'COSE verified it' "$work/said"
expect "an earlier end of our own counts" 0 'not-after = "2026-11-30"' \
    import --not-after 2026-11-30 --key "$work/rim.pub.pem" "$work/signed.corim"
expect "a signed CoRIM without a key is refused" 2 'is signed: --key' import "$work/signed.corim"
expect "a key for one that is not signed is refused" 1 'is not signed' \
    import --key "$work/rim.pub.pem" "$work/os.corim"
sed 's/Example Networks/Examplf Networks/' "$work/signed.corim" >"$work/altered.corim"
expect "an altered CoRIM is refused" 1 'does not verify' \
    import --key "$work/rim.pub.pem" "$work/altered.corim"
check "and nothing of it drafted" sh -c "! grep -q unreviewed '$work/said'"
openssl pkey -in "$work/v.key" -pubout -out "$work/v.pub.pem"
expect "a CoRIM of another signer is refused" 1 'does not verify' \
    import --key "$work/v.pub.pem" "$work/signed.corim"

# A dump against the store, and a value past its date.
against() { "$sekisho" reference diff --demo --store "$work/store.itb" "$@"; }
expect "a dump is as the store knows it" 0 '^boot: 0x00000000\.\.0x0000ffff is as it should be: boot-' \
    against --board "$work/board.dtb" "$work/a.bin"
check "where it has no value it says so" grep -q '^data: .* has no reference' "$work/said"
expect "a changed region is named, with both digests" 1 '^boot: .* DIFFERS' \
    against --board "$work/board.dtb" "$work/c.bin"
check "what was expected" grep -q "expected $hash" "$work/said"
expect "a dump without a board description is one region" 0 'is as it should be' against "$work/boot"
expect "a store of nobody's is not asked" 5 'TS-002' \
    "$sekisho" reference diff --store "$work/store.itb" "$work/a.bin"
sed 's/^\t*sha256 = /not-after = "2026-11-01"; &/' "$work/read.dts" >"$work/old.dts"
"$sekisho" store build -o "$work/old.dtb" "$work/old.dts"
"$sekisho" store sign -k "$keys" -o "$work/old.itb" "$work/old.dtb"
expect "a value past its date is no approval" 1 'REF-004' \
    "$sekisho" inspect --demo --store "$work/old.itb" --class boot "$work/boot"
expect "and diff says so" 1 'PAST its date' \
    "$sekisho" reference diff --demo --store "$work/old.itb" "$work/boot"

# The example that is shipped joins with a store.
{ cat keys/demo/store.dts; echo "/include/ \"$PWD/keys/references/debian-12.dtsi\""; } >"$work/debian.dts"
expect "Debian's images join the demo's store" 0 '' "$sekisho" store build -o "$work/debian.dtb" --include "$keys" "$work/debian.dts"
check "with their source" sh -c "fdtget '$work/debian.dtb' \
    /references/netboot-vmlinuz-1ae18b60 source | grep -q '^Debian 12'"

# Names that begin with a dash are files, not options.
(cd "$work" && for name in SHA256SUMS sums.sig u.pub sums.gpg ring.gpg sums.p7s v.pem a.bin boot; do
    cp "$name" "./-$name"; done)
dashed() { (cd "$work" && "$sekisho" reference import --supplier hakone-systems "$@"); }
expect "usign, of files with a dash" 0 'usign verified it' \
    dashed --usign=-sums.sig --key=-u.pub -- -SHA256SUMS boot
expect "OpenPGP, of files with a dash" 0 'OpenPGP verified it' \
    dashed --openpgp=-sums.gpg --key=-ring.gpg -- -SHA256SUMS boot
expect "CMS, of files with a dash" 0 'CMS verified it' \
    dashed --cms=-sums.p7s --key=-v.pem -- -SHA256SUMS boot
expect "a dump with a dash" 1 'bytes against' sh -c \
    "cd '$work' && '$sekisho' reference diff -- -a.bin -boot"

expect "a key without a signature is wrong usage" 2 'one of --usign' \
    import --key "$work/ring.gpg" "$work/SHA256SUMS" boot
finish
