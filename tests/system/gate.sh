#!/bin/sh
# Lays out switches whose flash begins with the gate, ready for switch.sh: 16 MiB chips, both banks.
#
#   gate.sh -o DIR -p PIECES -k KEYDIR -s SEKISHO -a AGENT_FOLDER -l PROCESS
#
#   -p  what pieces.sh made     -k  the demo keys     -s  the technician's command
#   -a  build/fuji-bmc-16m      -l  static armhf program: the started system's /sekisho-agent
#
# DIR gets store.itb, os.itb and the switches
#   good      everything is as its makers built it
#   altered   one bit of the kernel differs       visitor   good, but the agent is loaded into memory
#   held      an unsigned boot environment: not rejected, and still nothing to start by itself
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
kernel=$root/build/system
out=
pieces=
keys=
sekisho=
agent=
process=
usage() { sed -n '4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
while getopts o:p:k:s:a:l: option; do
    case $option in
    o) out=$OPTARG ;;
    p) pieces=$OPTARG ;;
    k) keys=$OPTARG ;;
    s) sekisho=$OPTARG ;;
    a) agent=$OPTARG ;;
    l) process=$OPTARG ;;
    *) usage ;;
    esac
done
if [ -z "$out" ] || [ -z "$pieces" ] || [ -z "$keys" ] || [ -z "$sekisho" ] || [ -z "$agent" ] ||
    [ -z "$process" ]; then usage; fi

"$here/kernel.sh" "$kernel"
mkdir -p "$out"
"$here/initramfs.sh" -a "$process" -k "$kernel" -o "$out/initramfs"
"$here/fit.sh" -o "$out/os.itb" -k "$keys" -n kiso -s sha256,rsa4096 -v 4.2.1 \
    os "$kernel/vmlinuz" "$kernel/fuji.dtb" "$out/initramfs"

# The store vouches for the agent's own region, as it lies in flash.
{ cat "$agent/agent.bin"; tr '\0' '\377' </dev/zero; } | head -c 393216 >"$out/agent.region"
{
    sed 's/component = "\(env\|meta\)"/component = "\1", "\1-backup"/' "$pieces/references.dts"
    printf 'demo-agent {\n\tsupplier = <&sup_hakone>;\n\tcomponent = "agent", "agent-backup";\n'
    printf '\tsize = <393216>;\n\tsha256 = [%s];\n};\n' \
        "$(sha256sum <"$out/agent.region" | cut -c1-64)"
} >"$out/references.dts"
"$root/boards/setup/demo_store.sh" "$sekisho" "$keys" "$out/store.itb" "$out/references.dts" \
    "$agent/board.dtb"

# lay NAME ENVIRONMENT OS: a switch with the same content in both banks
lay() {
    mkdir -p "$out/$1/parts"
    echo 16 >"$out/$1/chip"
    "$root/boards/fuji-bmc/flash.sh" -c 16m -o "$out/$1/flash0.img" -a "$agent/agent.bin" \
        -s "$out/store.itb" -e "$2" -m "$pieces/meta.bin" -i "$3"
    cp "$out/$1/flash0.img" "$out/$1/flash1.img"
    cp "$pieces/chassis-b.bin" "$out/$1/parts/chassis.bin"
    for part in psu1 psu2 pim1 port1 port2; do
        cp "$pieces/$part.bin" "$out/$1/parts/$part.bin"
    done
}
cp "$out/os.itb" "$out/altered.itb"
printf '\377' | dd of="$out/altered.itb" bs=1 seek=3000000 conv=notrunc status=none
cmp -s "$out/os.itb" "$out/altered.itb" &&
    printf '\376' | dd of="$out/altered.itb" bs=1 seek=3000000 conv=notrunc status=none
printf 'bootdelay=0\0' >"$out/env.other"
lay good "$pieces/env.bin" "$out/os.itb"
lay altered "$pieces/env.bin" "$out/altered.itb"
lay held "$out/env.other" "$out/os.itb"
lay visitor "$pieces/env.bin" "$out/os.itb"
touch "$out/good/gate" "$out/altered/gate" "$out/held/gate"
cp "$agent/agent.elf" "$out/visitor/visit.elf"
rm -f "$out/agent.region" "$out/env.other"
