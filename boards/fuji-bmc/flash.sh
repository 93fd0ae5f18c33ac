#!/bin/sh
# Lays out the boot chip of the board as it leaves a programmer.
#
#   flash.sh -o OUT -a AGENT [-s STORE] [-e ENV] [-m META] [-i OS] [-c 16m]
#
#   -a  the agent, raw, for the reset vector     -s  factory trust store (signed FIT)
#   -e -m -i  regions env, meta, fit             -c  a chip of 16 MiB instead of 128
#
# What no piece fills is blank (FF). A piece that is larger than its region is refused.
set -eu
out=
agent=
store=
env=
meta=
os=
mib=128
fit=121856
usage() { sed -n '4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
refuse() { echo "flash: $*" >&2; exit 2; }
while getopts o:a:s:e:m:i:c: option; do
    case $option in
    o) out=$OPTARG ;;
    a) agent=$OPTARG ;;
    s) store=$OPTARG ;;
    e) env=$OPTARG ;;
    m) meta=$OPTARG ;;
    i) os=$OPTARG ;;
    c) [ "$OPTARG" = 16m ] || usage
        mib=16 fit=13312 ;;
    *) usage ;;
    esac
done
if [ -z "$out" ] || [ -z "$agent" ]; then usage; fi

# region FILE OFFSET SIZE: in KiB, as in board.dts
region() {
    [ -n "$1" ] || return 0
    [ "$(wc -c <"$1")" -le $(($3 * 1024)) ] || refuse "$1: larger than its region of $3 KiB"
    dd if="$1" of="$out.new" bs=1024 seek="$2" conv=notrunc status=none
}
trap 'rm -f "$out.new"' EXIT
tr '\0' '\377' </dev/zero | head -c $((mib * 1048576)) >"$out.new"
region "$agent" 0 384
region "$store" 384 512
region "$env" 896 64
region "$meta" 960 64
region "$os" 1024 "$fit"
mv "$out.new" "$out"
