#!/bin/sh
# The part of run.sh about formats that other programs check, too: the same 256 MiB in each (the file
# `random` of build/measure), against that program.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/rows.sh

sekisho=$PWD/build/bench/sekisho

signers=$PWD/build/test/keys
images=$data/images
trap 'rm -rf "$images"' EXIT
for tool in rauc swupdate sbsign as; do
    command -v $tool >/dev/null || { echo "  SKIP  $tool is not installed"; exit; }
done
begin
tests/unit/format_keys.sh "$signers"
rm -rf "$images"
mkdir "$images"

signed() # file, signature, form
{
    openssl cms -sign -nosmimecap -binary -signer "$signers/signer.crt" \
        -inkey "$signers/signer.key" -in "$1" -outform "$3" -out "$2"
}

bundle() # OUT FORMAT FILE: RAUC's, its squashfs stored as it is
{
    mkdir "$images/in"
    ln "$3" "$images/in/rootfs.img"
    printf '[update]\ncompatible=fuji\nversion=7.1\n[bundle]\nformat=%s\n' "$2" \
        >"$images/in/manifest.raucm"
    printf '[image.rootfs]\nfilename=rootfs.img\n' >>"$images/in/manifest.raucm"
    rauc --cert="$signers/signer.crt" --key="$signers/signer.key" --keyring="$signers/ca.crt" \
        --mksquashfs-args="-noD -noF -noI" bundle "$images/in" "$1" >"$images/log" 2>&1
    rm -rf "$images/in"
}

archive() # OUT FILE: SWUpdate's
{
    mkdir "$images/in"
    ln "$2" "$images/in/rootfs"
    (
        cd "$images/in"
        cat >sw-description <<END
software =
{
	version = "1.0.0";
	hardware-compatibility: [ "1.0" ];
	files: ( { filename = "rootfs"; path = "/tmp/none"; sha256 = "$(sha256sum <rootfs | cut -c 1-64)"; } );
}
END
        signed sw-description sw-description.sig DER
        printf '%s\n' sw-description sw-description.sig rootfs | cpio -o -H crc --quiet >"$1"
    )
    rm -rf "$images/in"
}

installer() # OUT FILE: SONiC's; OUT.in and OUT.sig are what it is made of
{
    {
        printf '#!/bin/sh\npayload_sha1=x\npayload_image_size=%s\nexit 0\nexit_marker\n' \
            "$(wc -c <"$2")"
        cat "$2"
    } >"$1.in"
    signed "$1.in" "$1.sig" PEM
    cat "$1.in" "$1.sig" >"$1"
}

program() # OUT FILE: a PE of one instruction and the file's bytes
{
    printf '.globl _start\n_start: ret\n.section .rdata,"a"\n.incbin "%s"\n' "$2" |
        as -o "$images/program.o" -
    ld -m i386pep --subsystem 10 -e _start -s -o "$images/program" "$images/program.o"
    sbsign --key "$signers/signer.key" --cert "$signers/signer.crt" --output "$1" \
        "$images/program" >"$images/log" 2>&1
    rm "$images/program" "$images/program.o"
}

store() # NAME SOURCE
{
    "$sekisho" store build --include "$signers" -o "$images/$1.dtb" "$2"
    "$sekisho" store sign -k "$data" -o "$images/$1.itb" "$images/$1.dtb"
}

bundle "$images/plain.raucb" plain "$data/random"
bundle "$images/verity.raucb" verity "$data/random"
head -c 65536 "$data/random" >"$images/64k"
bundle "$images/small.raucb" verity "$images/64k"
archive "$images/swu" "$data/random"
installer "$images/sonic" "$data/random"
head -c 4096 "$data/random" >"$images/4k"
installer "$images/small" "$images/4k"
copies "$images/1000" 1000 "$images/small"
program "$images/efi" "$data/random"
cp tests/interop/formats.dts "$images/one.dts"
{
    cat tests/interop/formats.dts # and one reference: then each file is digested whole, too
    printf '/ { references { other { supplier = <&maker>; component = "other"; size = <1>; '
    printf 'sha256 = [%s]; }; }; };\n' "$(printf x | sha256sum | cut -c 1-64)"
} | sed 's/maker {/maker: maker {/' >"$images/two.dts"
store one "$images/one.dts"
store two "$images/two.dts"

look="$sekisho inspect --quiet --authority $data/authority.pub.pem --store $images"
cms="openssl cms -verify -no_check_time -binary -purpose any -CAfile $signers/ca.crt -inform PEM"

race 12 <<LIST
plain 1 $look/one.itb $images/plain.raucb
plain-rauc 1 rauc --keyring=$signers/ca.crt info $images/plain.raucb
verity 1 $look/one.itb $images/verity.raucb
verity-one 1 taskset -c 0 $look/one.itb $images/verity.raucb
verity-dgst 1 openssl dgst -sha256 $images/verity.raucb
swu 1 $look/one.itb $images/swu
swu-swupdate 1 swupdate -c -k $signers/ca.crt -H board:1.0 -i $images/swu
sonic 1 $look/one.itb $images/sonic
sonic-openssl 1 $cms -content $images/sonic.in -in $images/sonic.sig
efi 1 $look/one.itb $images/efi
efi-sbverify 1 sbverify --cert $signers/signer.crt $images/efi
two 1 $look/two.itb $images/sonic
two-dgst 1 openssl dgst -sha256 $images/sonic
LIST
race 40 <<LIST
small-verity 1 $look/one.itb $images/small.raucb
small-rauc 1 rauc --keyring=$signers/ca.crt info $images/small.raucb
LIST
race 3 <<LIST
1000-cms 1 $look/one.itb $(echo "$images"/1000/*)
1000-openssl 1000 $cms -content $images/small.in -in $images/small.sig
LIST

echo "sekisho inspect, 256 MiB signed by CMS under a supplier's CA; time as a part of"
ratio "RAUC bundle, plain, of rauc info" plain plain-rauc 1.00
ratio "RAUC bundle, its whole hash tree, of openssl dgst -sha256" verity verity-dgst 0.70
ratio "the same, both on one processor" verity-one verity-dgst ""
ratio "RAUC bundle of 64 KiB, whole, of rauc info: its manifest" small-verity small-rauc 0.50
ratio "SWUpdate archive, of swupdate -c" swu swu-swupdate 1.00
ratio "SONiC installer, of openssl cms -verify" sonic sonic-openssl 1.00
ratio "PE, of sbverify" efi efi-sbverify 1.00
ratio "two SHA-256 in one pass, of one openssl dgst -sha256" two two-dgst 1.05
ratio "1000 of 4 KiB in one call, of 1000 openssl cms -verify" 1000-cms 1000-openssl 0.15
echo "memory, peak of resident KiB"
for name in plain verity swu sonic efi two 1000-cms; do
    row "$name" "$(field $name 3)" 4096 %9s
done
