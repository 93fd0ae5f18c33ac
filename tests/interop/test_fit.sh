#!/bin/sh
# FITs and uImages as the real mkimage makes them, judged by `sekisho inspect`: the exact verdict and
# rule of every image, the exit status, and one clear line for what cannot be judged.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

root=$PWD
sekisho=$root/build/bench/sekisho
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work" SOURCE_DATE_EPOCH=1700000000
cd "$work"

# ---- Keys and a store that pins them -----------------------------------------------------------

rsa() # name, bits
{
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key" 2>/dev/null ||
        openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key" 2>/dev/null
    openssl req -batch -new -x509 -key "$1.key" -out "$1.crt" -subj /CN=test
    openssl pkey -in "$1.key" -pubout -outform DER -out "$1.der"
}
ec() # name, curve
{
    openssl ecparam -name "$2" -genkey -noout -out "$1.pem"
    openssl pkey -in "$1.pem" -pubout -outform DER -out "$1.der"
}
supplier() # name, algorithms, further properties of its key, of itself
{
    printf '%s { allow = %s; key-1 { public-key = /incbin/("%s.der"); algo = %s; key-name-hint = "%s"; %s }; };\n' \
        "$1" "${4:-\"kernel\", \"rootfs\"}" "$1" "$2" "$1" "${3:-}"
}
any_hash() # scheme
{
    printf '"sha256,%s", "sha384,%s", "sha512,%s"' "$1" "$1" "$1"
}

ec authority prime256v1
openssl pkey -in authority.pem -pubout -out authority.pub.pem
for bits in 2048 3072 4096; do
    rsa "rsa$bits" "$bits"
    rsa "pss$bits" "$bits"
done
ec p256 prime256v1
ec p384 secp384r1
ec stranger prime256v1
ec narrow prime256v1
{
    cat <<END
/dts-v1/;
/ { compatible = "sekisho,store-1"; label = "Interop"; authority = "Interop"; serial = <1>;
issued = "2026-01-01"; not-after = "2036-12-31"; policy { }; suppliers {
END
    for bits in 2048 3072 4096; do
        supplier "rsa$bits" "$(any_hash "rsa$bits")" 'padding = "pkcs-1.5";'
        supplier "pss$bits" "$(any_hash "rsa$bits")" 'padding = "pss";'
    done
    supplier p256 "$(any_hash ecdsa256)"
    supplier p384 "$(any_hash ecdsa384)"
    supplier narrow '"sha384,ecdsa256"'
    echo '}; };'
} >store.dts
"$sekisho" store build --include "$work" -o store.dtb store.dts
"$sekisho" store sign -k "$work" -o trusted.itb store.dtb

# ---- Making and judging ------------------------------------------------------------------------

head -c 1200 /dev/zero | tr '\0' k >kernel
head -c 129 /dev/zero | tr '\0' d >fdt
head -c 420 /dev/zero | tr '\0' r >ramdisk

# The source of a FIT; the first argument goes into conf-1, the second into kernel-1, the third is
# the hash of each image.
its()
{
    cat <<END
/dts-v1/;
/ { description = "interop"; #address-cells = <1>;
    images {
        kernel-1 { description = "k"; data = /incbin/("kernel"); type = "kernel"; arch = "arm"; os = "linux";
            compression = "none"; load = <0x80008000>; entry = <0x80008000>; hash-1 { algo = "$3"; }; $2 };
        fdt-1 { description = "d"; data = /incbin/("fdt"); type = "flat_dt"; arch = "arm"; compression = "none";
            hash-1 { algo = "$3"; }; };
        ramdisk-1 { description = "r"; data = /incbin/("ramdisk"); type = "ramdisk"; arch = "arm"; os = "linux";
            compression = "none"; hash-1 { algo = "$3"; }; };
    };
    configurations { default = "conf-1";
        conf-1 { description = "c"; kernel = "kernel-1"; fdt = "fdt-1"; ramdisk = "ramdisk-1"; $1 };
    };
};
END
}
signature() # algorithm, key, padding or nothing, sign-images or nothing
{
    printf 'signature-1 { algo = "%s"; key-name-hint = "%s"; %s %s };' "$1" "$2" \
        "${3:+padding = \"$3\";}" "${4-sign-images = \"kernel\", \"fdt\", \"ramdisk\";}"
}
make_fit() # file, mkimage's options... ; source.its is there
{
    made=$1
    shift
    mkimage "$@" -f source.its -k "$work" "$made" >mkimage.log 2>&1 ||
        { cat mkimage.log >&2; return 1; }
}

inspect() # file...: report in report.json, exit status in $status
{
    status=0
    "$sekisho" inspect --json --store trusted.itb --authority authority.pub.pem "$@" >report.json 2>said ||
        status=$?
}
query() # jq expression over the first subject
{
    jq -r ".subjects[0] | $1" report.json
}
seen() # component...: its verdict and rule, in one line; "-": there is none
{
    for name; do
        query "first(.components[] | select(.name == \"$file$name\") | .verdict + \" \" + .rule) // \"-\""
    done | paste -sd, -
}
is() # name, exit status, seen, component...
{
    name=$1 want=$2 expected=$3
    shift 3
    inspect "$file"
    got=$(seen "$@")
    if [ "$status" -eq "$want" ] && [ "$got" = "$expected" ]; then
        pass "$name"
    else
        fail "$name" "exit status $status, not $want; \"$got\", not \"$expected\""
    fi
}
is_approved() # name, signer
{
    is "$1" 0 "approved SIG-001,approved SIG-001,approved SIG-001,-" /kernel-1 /fdt-1 /ramdisk-1 /conf-1
    [ "$(query '[.components[].signer] | unique | join(" ")')" = "$2" ] ||
        fail "$1" "signed by $(query '[.components[].signer] | unique | join(" ")'), not $2"
}

# ---- Every algorithm that mkimage signs with, in every layout ----------------------------------

in_every_layout() # name, signer
{
    for options in "" "-E" "-E -p 0x2000" "-E -B 0x100" "-E -B 0x1000"; do
        # shellcheck disable=SC2086 # a list of options
        make_fit fit.itb $options
        file=fit.itb
        is_approved "$1, mkimage $options" "$2"
    done
}
for hash in sha256 sha384 sha512; do
    for bits in 2048 3072 4096; do
        its "$(signature "$hash,rsa$bits" "rsa$bits")" "" "$hash" >source.its
        in_every_layout "$hash,rsa$bits" "rsa$bits"
        its "$(signature "$hash,rsa$bits" "pss$bits" pss)" "" sha256 >source.its
        in_every_layout "$hash,rsa$bits with PSS" "pss$bits"
    done
    its "$(signature "$hash,ecdsa256" p256)" "" sha256 >source.its
    in_every_layout "$hash,ecdsa256" p256
done

# What mkimage does not sign with: an independent writer does.
its "$(signature sha256,ecdsa256 p256)" "" sha256 >source.its
make_fit plain.itb -E
for hash in sha256 sha384 sha512; do
    python3 "$root/tests/interop/fit.py" sign plain.itb fit.itb conf-1 p384.pem "$hash"
    file=fit.itb
    is_approved "$hash,ecdsa384 by another writer" p384
done
python3 "$root/tests/interop/fit.py" sign plain.itb fit.itb conf-1 rsa3072.key sha384
is_approved "sha384,rsa3072 by another writer" rsa3072

# ---- What covers less, or nothing --------------------------------------------------------------

file=fit.itb
its "" "" sha256 >source.its
make_fit fit.itb
is "hashes without a signature" 1 "unverified FMT-004,unverified FMT-004,-" /kernel-1 /ramdisk-1 /conf-1
its "" "signature-1 { algo = \"sha256,rsa2048\"; key-name-hint = \"rsa2048\"; };" sha256 >source.its
make_fit fit.itb
is "a signature over an image alone" 1 "unverified SIG-006,unverified SIG-006" /kernel-1 /fdt-1
its "$(signature sha256,rsa2048 rsa2048 "" "")" "" sha256 >source.its
make_fit fit.itb
is "no sign-images: the ramdisk is not signed" 1 "unverified SIG-006,unverified SIG-006" /ramdisk-1 /kernel-1
for hash in crc32 md5 sha1; do
    its "$(signature sha256,ecdsa256 p256)" "" $hash >source.its
    make_fit fit.itb
    is "images hashed with $hash under a good signature" 1 "unverified SIG-007,unverified SIG-007" \
        /kernel-1 /fdt-1
done
its "$(signature sha1,rsa2048 rsa2048)" "" sha256 >source.its
make_fit fit.itb
is "a signature over SHA-1" 1 "unverified SIG-007,unverified SIG-007" /kernel-1 /conf-1
its "$(signature sha256,ecdsa256 stranger)" "" sha256 >source.its
make_fit fit.itb
is "a key that the store does not have" 1 "unverified SIG-005,unverified SIG-005" /kernel-1 /conf-1
its "$(signature sha256,ecdsa256 narrow)" "" sha256 >source.its
make_fit fit.itb
is "another hash than the store pins" 1 "unverified SIG-007,-" /kernel-1 /conf-1
its "$(signature sha256,rsa2048 rsa2048 pss)" "" sha256 >source.its
make_fit fit.itb
is "another padding than the store pins" 1 "unverified SIG-007" /kernel-1

# ---- Changed by the tools themselves -----------------------------------------------------------

its "$(signature sha256,rsa2048 rsa2048)" "" sha256 >source.its
make_fit good.itb
cp good.itb fit.itb
fdtput -t x fit.itb /images/kernel-1 load deadbeef
is "a changed load address" 1 "tampered SIG-004,tampered SIG-004" /kernel-1 /conf-1
cp good.itb fit.itb
fdtput -t s fit.itb /configurations default conf-2
is "a default that does not exist" 1 "unverified FMT-001" ""
cp good.itb fit.itb
fdtput -c fit.itb /images/kernel-2
is "an image without data" 1 "unverified FMT-001" ""
cp good.itb fit.itb
fdtput -cp fit.itb /signature/key-stranger
is "a child of the root that was not there" 1 "tampered SIG-004" /kernel-1
cp good.itb fit.itb
printf 'Y' | dd of=fit.itb bs=1 seek=$(($(grep -abo kkkkkkkk fit.itb | head -n 1 | cut -d: -f1) + 100)) \
    conv=notrunc 2>/dev/null
is "a changed byte of the kernel" 1 "tampered SIG-003,approved SIG-001" /kernel-1 /fdt-1
[ "$(query '.components[] | select(.name == "fit.itb/kernel-1") | .expected | keys[0]')" = sha256 ] ||
    fail "the digest that was signed is told"
{ cat good.itb; printf 'hidden'; } >fit.itb
is "bytes behind the image" 3 "unexpected SIG-012,approved SIG-001" "" /kernel-1
{ cat good.itb; head -c 5000 /dev/zero | tr '\0' '\377'; } >fit.itb
is "blank bytes behind the image" 0 "-,approved SIG-001" "" /kernel-1

# ---- More than U-Boot's tools can read ---------------------------------------------------------

its "$(signature sha256,ecdsa256 p256)" "" sha256 >source.its
make_fit plain.itb -E
python3 "$root/tests/interop/fit.py" grow plain.itb big.itb ramdisk-1 $((300 * 1024 * 1024))
python3 "$root/tests/interop/fit.py" sign plain.itb fit.itb conf-1 p256.pem sha256
python3 "$root/tests/interop/fit.py" resign big.itb conf-1 p256.pem sha256
file=big.itb
is_approved "a FIT of 300 MiB" p256
[ "$(query '.components[] | select(.name == "big.itb/ramdisk-1") | .size')" = 314572800 ] ||
    fail "its ramdisk has 300 MiB"
printf 'X' | dd of=big.itb bs=1 seek=200000000 conv=notrunc 2>/dev/null
is "and one changed byte in it" 1 "tampered SIG-003,approved SIG-001" /ramdisk-1 /kernel-1
rm big.itb

# ---- uImages -----------------------------------------------------------------------------------

file=uimage.img
mkimage -A arm -O linux -T kernel -C none -a 0x80008000 -e 0x80008000 -n test -d kernel uimage.img >/dev/null
is "a uImage has a checksum and no more" 1 "unverified FMT-004" /image
[ "$(query '.components[] | select(.name == "uimage.img/image") | .class + " " + .format')" = "kernel uimage" ] ||
    fail "it is called a kernel"
mkimage -A arm -O linux -T multi -C none -a 0 -e 0 -n test -d kernel:ramdisk:fdt uimage.img >/dev/null
is "a uImage of three parts" 1 "unverified FMT-004,unverified FMT-004,unverified FMT-004" \
    /part-a /part-b /part-c
[ "$(query '[.components[] | .size] | join(" ")')" = "1200 420 129" ] || fail "they have their sizes"
printf 'X' | dd of=uimage.img bs=1 seek=500 conv=notrunc 2>/dev/null
is "a changed byte in it" 1 "unverified FMT-004" /part-a
printf 'X' | dd of=uimage.img bs=1 seek=40 conv=notrunc 2>/dev/null
is "a changed byte in its header" 1 "unverified FMT-001" ""

# ---- What cannot be judged: exit status, and one line that names file, offset and cause --------

says() # name, exit status, file, pattern
{
    status=0
    "$sekisho" inspect --store trusted.itb --authority authority.pub.pem "$3" >table 2>&1 || status=$?
    lines=$(grep -cE -- "$4" table || true)
    if [ "$status" -eq "$2" ] && [ "$lines" -eq 1 ]; then
        pass "$1"
    else
        fail "$1" "exit status $status, not $2; $lines lines say \"$4\": $(cat table)"
    fi
}
put() # file, offset, octal bytes
{
    # shellcheck disable=SC2059 # escapes on purpose
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
head -c 2000 good.itb >cut.itb
says "a file that is cut" 1 cut.itb 'cut.itb .*FMT-001 .*offset 4 .*announces more bytes than there are'
head -c 30 good.itb >cut.itb
says "a file that ends in its header" 1 cut.itb 'cut.itb .*FMT-001 .*offset 30 .*ends inside the header'
cp good.itb huge.itb
put huge.itb 4 '\377\377\377\377'
says "a length of 4 GiB" 1 huge.itb 'huge.itb .*FMT-001 .*offset 4 .*announces more bytes'
cp good.itb huge.itb
put huge.itb 36 '\177\377\377\374'
says "a tree of 2 GiB" 1 huge.itb 'huge.itb .*FMT-001 .*offset 8 .*blocks overlap'
cp good.itb huge.itb
put huge.itb $((0x38 + 8 + 4)) '\377\377\377\377'
says "a property of 4 GiB" 1 huge.itb 'huge.itb .*FMT-001 .*offset 64 .*longer than the tree'
cp good.itb version.itb
put version.itb 20 '\0\0\0\020'
says "an old version of the format" 1 version.itb 'version.itb .*FMT-002 .*offset 20 .*version'
make_fit far.itb -E
put far.itb 4 '\0\0\0\0'
says "blocks outside the file" 1 far.itb 'far.itb .*FMT-001 .*offset 8 '
make_fit short.itb -E
truncate -s -1 short.itb
says "a payload that is cut" 1 short.itb 'short.itb .*FMT-001 .*offset [0-9]+ .*payload lies outside the medium'
printf 'not an image\n' >text
says "a file that is no image" 1 text '^. text .*FMT-003'
: >empty
says "an empty file" 1 empty '^. empty .*FMT-003'
says "a file that is not there" 4 nothing.itb 'BN-005 nothing.itb: No such file or directory'
mkdir folder
says "a folder" 4 folder 'BN-005 folder: Is a directory'
if [ "$(id -u)" -ne 0 ]; then
    cp good.itb locked.itb
    chmod 0 locked.itb
    says "a file that may not be read" 4 locked.itb 'BN-005 locked.itb: Permission denied'
fi
mkfifo pipe
says "a pipe" 4 pipe 'BN-005 pipe: '

store() # name, exit status, pattern, store: what is said of a store, on standard error
{
    status=0
    "$sekisho" inspect --store "$4" --authority authority.pub.pem good.itb >table 2>said || status=$?
    if [ "$status" -eq "$2" ] && [ "$(wc -l <said)" -eq 1 ] && grep -Eq "$3" said; then
        pass "$1"
    else
        fail "$1" "exit status $status, not $2: $(cat said)"
    fi
}
store "a store that is not there" 5 'TS-001 nothing.itb: .*No such file' nothing.itb
store "a store that is a folder" 5 'folder: ' folder
store "a store that is no store" 5 'TS-005 text: ' text
head -c 1000 trusted.itb >cut-store.itb
store "a store that is cut" 5 'TS-005 cut-store.itb: offset [0-9]+: a payload lies outside' cut-store.itb
store "a store that somebody else signed" 5 'TS-002 good.itb|TS-005 good.itb' good.itb
store "an empty store" 5 'TS-005 empty: ' empty
inspect good.itb nothing.itb
[ "$status" -eq 4 ] || fail "a missing file beside a good one is exit status 4" "$status"
inspect good.itb nothing.itb text
[ "$status" -eq 1 ] || fail "a rejected file counts more than a missing one" "$status"
finish
