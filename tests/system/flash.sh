#!/bin/sh
# Lays out one emulated switch: its two flash chips, its EEPROMs, in a folder of its own.
#
#   flash.sh -o DIR [-c 128|16] [-b BOOT] [-e ENV] [-m META] [-i OS] [-r RESERVE] [-d FOLDER]
#            [-p NAME=FILE]...
#
#   -c  size of each chip in MiB: 128 as on the real board (default); 16 boots with less memory and
#       is read eight times as fast, and "fit" ends with the chip
#   -b  region u-boot      -e  region env      -m  region meta      -i  region fit
#   -r  second chip, from its start (128 only)
#   -d  files that Linux finds in /data: on data0, with 16 MiB chips on flash1
#   -p  content of an EEPROM of parts.conf; a part without one is not plugged in
#
# What no piece fills is blank (FF). A piece that is larger than its region is refused.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
out=
chip=128
boot=
env=
meta=
os=
reserve=
data=
parts=
usage() { sed -n '4,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
refuse() { echo "flash: $*" >&2; exit 2; }

while getopts o:c:b:e:m:i:r:d:p: option; do
    case $option in
    o) out=$OPTARG ;;
    c) chip=$OPTARG ;;
    b) boot=$OPTARG ;;
    e) env=$OPTARG ;;
    m) meta=$OPTARG ;;
    i) os=$OPTARG ;;
    r) reserve=$OPTARG ;;
    d) data=$OPTARG ;;
    p) parts="$parts $OPTARG" ;;
    *) usage ;;
    esac
done
[ -n "$out" ] || usage

# The real board's partitions: offset and size in KiB.
data_size=8192
case $chip in
128) fit_size=121856 data_file=flash0.img data_at=122880 ;;
16) fit_size=15360 data_file=flash1.img data_at=0 ;;
*) refuse "chips are 128 or 16 MiB, not $chip" ;;
esac
[ "$chip" = 128 ] || [ -z "$reserve" ] || refuse "-r: with 16 MiB chips the second one holds /data"

bytes_of() { wc -c < "$1"; }
blank() { tr '\0' '\377' < /dev/zero | head -c "$1"; }

# region FILE IMAGE OFFSET SIZE: writes FILE into the chip, in KiB
region() {
    [ -n "$1" ] || return 0
    [ "$(bytes_of "$1")" -le $(($4 * 1024)) ] || refuse "$1: larger than its region of $4 KiB"
    dd if="$1" of="$out/$2" bs=1024 seek="$3" conv=notrunc status=none
}

mkdir -p "$out/parts"
rm -f "$out"/parts/*.bin
blank $((chip * 1048576)) > "$out/flash0.img"
cp "$out/flash0.img" "$out/flash1.img"
echo "$chip" > "$out/chip"
region "$boot" flash0.img 0 896
region "$env" flash0.img 896 64
region "$meta" flash0.img 960 64
region "$os" flash0.img 1024 "$fit_size"
region "$reserve" flash1.img 0 $((chip * 1024))

if [ -n "$data" ]; then
    rm -f "$out/data.img"
    truncate -s "${data_size}k" "$out/data.img"
    mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -m 0 -E root_owner=0:0,nodiscard \
        -d "$data" "$out/data.img"
    region "$out/data.img" "$data_file" "$data_at" "$data_size"
    rm "$out/data.img"
fi

for part in $parts; do
    name=${part%%=*}
    file=${part#*=}
    size=$(awk -v name="$name" '$1 == name { print $3 }' "$here/parts.conf")
    [ -n "$size" ] || refuse "$name: no such part in parts.conf"
    [ "$(bytes_of "$file")" -le "$size" ] || refuse "$file: larger than $name ($size bytes)"
    { cat "$file"; blank $((size - $(bytes_of "$file"))); } > "$out/parts/$name.bin"
done
