#!/bin/sh
# Lays out two switches without a gate, ready for switch.sh: DIR/a (bad) and DIR/b (clean).
#
#   pair.sh -o DIR -p PIECES -k KEYDIR -a AGENT [-c 16|128] [-f SOURCE=/PATH]... [-d FOLDER]
#           [-- AGENT-ARGUMENT...]
#
#   -p  what pieces.sh made            -k  the demo keys: kiso.key signs the operating system
#   -a  the agent, static armhf        -c  MiB of each flash chip (16)
#   -f  a file of the initramfs        -d  files that both find in /data (the trust store, ...)
#
# Both run the same system, out of the FIT in their flash. b is as its makers built it. a differs in
#   smb-fpga   has no signature               port2   module of the excluded vendor
#   pim-fpga   one bit altered                psu2    blank EEPROM
# and neither has a module in port3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernel=$here/../../build/system
out=
pieces=
keys=
agent=
chip=16
files=
data=
usage() { sed -n '4,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
while getopts o:p:k:a:c:f:d: option; do
    case $option in
    o) out=$OPTARG ;;
    p) pieces=$OPTARG ;;
    k) keys=$OPTARG ;;
    a) agent=$OPTARG ;;
    c) chip=$OPTARG ;;
    f) files="$files -f $OPTARG" ;;
    d) data=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
if [ -z "$out" ] || [ -z "$pieces" ] || [ -z "$keys" ] || [ -z "$agent" ]; then usage; fi

"$here/kernel.sh" "$kernel"
mkdir -p "$out"
# shellcheck disable=SC2086 # $files is a list of words
"$here/initramfs.sh" -a "$agent" $files -k "$kernel" -o "$out/initramfs" -- "$@"
"$here/fit.sh" -o "$out/os.itb" -k "$keys" -n kiso -s sha256,rsa4096 -v 4.2.1 \
    os "$kernel/vmlinuz" "$kernel/fuji.dtb" "$out/initramfs"

# lay NAME SMB-FPGA PIM-FPGA CHASSIS PSU2 PORT2
lay() {
    folder=$out/$1.data
    rm -rf "$folder"
    mkdir -p "$folder/firmware"
    [ -z "$data" ] || cp -R "$data/." "$folder/"
    cp "$pieces/$2" "$folder/firmware/smb-fpga.itb"
    cp "$pieces/$3" "$folder/firmware/pim-fpga.itb"
    "$here/flash.sh" -o "$out/$1" -c "$chip" -b "$pieces/boot.itb" -e "$pieces/env.bin" \
        -m "$pieces/meta.bin" -i "$out/os.itb" -d "$folder" \
        -p "chassis=$pieces/$4.bin" -p "psu1=$pieces/psu1.bin" -p "psu2=$pieces/$5.bin" \
        -p "pim1=$pieces/pim1.bin" -p "port1=$pieces/port1.bin" -p "port2=$pieces/$6.bin"
    rm -rf "$folder"
}
lay a unsigned.itb altered.itb chassis-a blank excluded
lay b smb-fpga.itb pim-fpga.itb chassis-b psu2 port2
