#!/bin/sh
# Files that hold several images, as tar, cpio, mkimage and the layout of the emulated switch make
# them: each is a component of its own, with its place, and what nothing covers is named.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

root=$PWD
sekisho=$root/build/bench/sekisho
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work" SOURCE_DATE_EPOCH=1700000000
cd "$work"

openssl ecparam -name prime256v1 -genkey -noout -out authority.pem
openssl pkey -in authority.pem -pubout -out authority.pub.pem
openssl ecparam -name prime256v1 -genkey -noout -out maker.pem
openssl pkey -in maker.pem -pubout -outform DER -out maker.der
head -c 70000 /dev/urandom >kernel
head -c 900 /dev/urandom >fdt
head -c 5000 /dev/urandom >boot
tar -cf vouched.tar kernel fdt
cat >store.dts <<END
/dts-v1/;
/ { compatible = "sekisho,store-1"; label = "Contents"; authority = "Contents"; serial = <1>;
issued = "2026-01-01"; not-after = "2036-12-31"; policy { unverified-hold = "boot", "config"; };
suppliers { made: maker { allow = "kernel", "rootfs", "boot"; key-1 {
public-key = /incbin/("maker.der"); algo = "sha256,ecdsa256"; key-name-hint = "maker"; }; }; };
references { whole { supplier = <&made>; sha256 = [$(sha256sum <vouched.tar | cut -c 1-64)]; }; }; };
END
"$sekisho" store build --include "$work" -o store.dtb store.dts
"$sekisho" store sign -k "$work" -o store.itb store.dtb
mv authority.pub.pem authority.pub
cp authority.pub "$work/trusted.pem"
export SEKISHO_AUTHORITY="$work/trusted.pem"
cat >fit.its <<'END'
/dts-v1/;
/ { description = "contents"; #address-cells = <1>;
    images {
        kernel-1 { description = "k"; data = /incbin/("kernel"); type = "kernel"; arch = "arm";
                   os = "linux"; compression = "none"; load = <0x1000>; entry = <0x1000>;
                   hash-1 { algo = "sha256"; }; };
        fdt-1 { description = "d"; data = /incbin/("fdt"); type = "flat_dt"; arch = "arm";
                compression = "none"; hash-1 { algo = "sha256"; }; };
    };
    configurations { default = "conf-1";
        conf-1 { kernel = "kernel-1"; fdt = "fdt-1";
            signature-1 { algo = "sha256,ecdsa256"; key-name-hint = "maker";
                          sign-images = "kernel", "fdt"; }; };
    };
};
END
cp maker.pem key.pem
echo '/dts-v1/; / { signature { }; };' >control.dts
dtc -q -p 2000 -I dts -O dtb -o control.dtb control.dts
check "mkimage signs a FIT" mkimage -f fit.its -k "$work" -K control.dtb -r fit.itb
check "mkimage makes an image of two parts" mkimage -A arm -O linux -T multi -C none -n two \
    -d kernel:fdt multi.img

# What a report says of one component, or of all.
field() # file, name, field
{
    jq -r --arg name "$2" ".subjects[0].components[] | select(.name == \$name) | .$3" "$1"
}
is() # name, expected, seen
{
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "$3, not $2"; fi
}
inspect() # exit, arguments
{
    expected=$1
    shift
    status=0
    "$sekisho" inspect --json "$@" >report.json 2>message || status=$?
    is "inspect $* exits $expected" "$expected" "$status"
}

# ---- Archives ----------------------------------------------------------------------------------
mkdir -p in/sub
cp fit.itb in/sub
cp multi.img in
seq 500 >in/notes
tar -cf in.tar in
(find in -type f | sort | cpio -o -H newc --quiet >in.cpio)
for archive in in.tar in.cpio; do
    inspect 1 "$archive"
    is "a signed image in $archive is approved" approved \
        "$(field report.json in/sub/fit.itb/kernel-1 verdict)"
    is "an unsigned one is not" FMT-004 "$(field report.json in/multi.img/part-b rule)"
    is "nor what nobody knows" FMT-003 "$(field report.json in/notes rule)"
    at=$(($(field report.json in/multi.img/part-b location)))
    dd if="$archive" bs=1 skip="$at" count=900 2>/dev/null >part
    check "a part is where the report says" cmp part fdt
done
tar -cf good.tar fit.itb
inspect 0 good.tar
cp good.tar bad.tar
printf x | dd of=bad.tar bs=1 seek=$((512 + $(wc -c <fit.itb) + 3)) conv=notrunc 2>/dev/null
inspect 1 bad.tar
is "bytes hidden between files are malformed" FMT-001 "$(field report.json archive rule)"
cp good.tar behind.tar
echo hidden >>behind.tar
inspect 3 behind.tar
is "bytes behind an archive are not covered" SIG-012 "$(field report.json behind rule)"
inspect 0 --class rootfs vouched.tar
is "a reference vouches for an archive as it is" REF-001 "$(field report.json vouched.tar rule)"

# A thousand files need no more memory than ten.
mkdir many
for i in $(seq 1000); do cp multi.img "many/$i"; done
tar -cf many.tar many
tar -cf few.tar many/1?
peak() # file
{
    /usr/bin/time -f %M "$sekisho" inspect --quiet "$1" 2>&1 >/dev/null | tail -n 1
}
if [ -x /usr/bin/time ]; then
    few=$(peak few.tar)
    many=$(peak many.tar)
    if [ "$many" -le $((few + 1500)) ]; then
        pass "memory does not grow with the number of files"
    else
        fail "memory does not grow with the number of files" "$few KiB for 11, $many for 1,000"
    fi
    inspect 1 many.tar
    is "those that are not listed are said" 1 \
        "$(jq -r '.subjects[0].notes[]' report.json | grep -c 'more than are listed')"
fi

# ---- A dump of the emulated switch ---------------------------------------------------------------
echo "bootcmd=run release" >environment
"$root/tests/system/flash.sh" -o switch -c 16 -b boot -e environment -i fit.itb
dump=switch/flash0.img
inspect 3 "$dump"
is "an image in a dump is found" approved "$(field report.json 0x00100000/kernel-1 verdict)"
at=$(($(field report.json 0x00100000/kernel-1 location)))
dd if="$dump" bs=4 skip=$((at / 4)) count=17500 2>/dev/null >part
check "it is where the report says" cmp part kernel
is "what nothing covers is named" 'not covered: 0x0..0xfffff, not blank' \
    "$(field report.json '0x00000000..0x000fffff' detail | sed 's/.*; //')"
is "and what is blank is not" 3 "$(jq '.subjects[0].components | length' report.json)"
inspect 3 --board "$root/boards/linux/fuji-16m.dts" "$dump"
is "with its description it is named" approved "$(field report.json fit/kernel-1 verdict)"
is "its place is the board's" spi0.0:0x00100000 "$(field report.json fit/kernel-1 location)"
is "the boot loader is nobody's" FMT-003 "$(field report.json u-boot rule)"
head -c 8388608 "$dump" >short
inspect 3 --board "$root/boards/linux/fuji-16m.dts" short
is "a dump that ends early is told" RD-002 "$(field report.json fit rule)"
is "and that the chip is another" MAP-002 "$(field report.json spi0.0 rule)"
inspect 2 --board "$root/boards/linux/fuji-16m.dts" --chip spi7.7 "$dump"
inspect 2 --chip spi0.0 "$dump"

# Two images, the second altered, and a third that is cut.
cp "$dump" altered
dd if=fit.itb of=altered bs=4096 seek=2048 conv=notrunc 2>/dev/null
printf x | dd of=altered bs=1 seek=$((2048 * 4096 + 2000)) conv=notrunc 2>/dev/null
head -c 3000 fit.itb | dd of=altered bs=4096 seek=4095 conv=notrunc 2>/dev/null
inspect 1 altered
is "the first of three images stays approved" approved \
    "$(field report.json 0x00100000/kernel-1 verdict)"
is "an altered one is tampered" tampered "$(field report.json 0x00800000/kernel-1 verdict)"
is "a cut one is malformed" FMT-001 "$(field report.json 0x00fff000 rule)"
finish
