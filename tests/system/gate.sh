#!/bin/sh
# Lays out switches whose flash begins with the gate, ready for switch.sh: 16 MiB chips, both banks.
#
#   gate.sh -o DIR -p PIECES -k KEYDIR -s SEKISHO -a AGENT_FOLDER -l SERVICE SWITCH...
#
#   -p  what pieces.sh made     -k  the demo keys     -s  the technician's command
#   -a  build/fuji-bmc-16m      -l  build/linux-armhf/sekisho-agent, what the started system runs
#
# DIR gets store.itb, os.itb and, of these switches, those that are named:
#   good      everything is as its makers built it
#   bad       a good system, and beside it an unsigned and an altered bit stream, a module of the
#             excluded vendor, a blank part
#   altered   one bit of the kernel differs       visitor   good, but the agent is loaded into memory
#   held      an unsigned boot environment: not rejected, and still nothing to start by itself; once
#             started, its system alters the region meta
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
kernel=$root/build/system
out=
pieces=
keys=
sekisho=
agent=
service=
usage() { sed -n '4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
while getopts o:p:k:s:a:l: option; do
    case $option in
    o) out=$OPTARG ;;
    p) pieces=$OPTARG ;;
    k) keys=$OPTARG ;;
    s) sekisho=$OPTARG ;;
    a) agent=$OPTARG ;;
    l) service=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
if [ $# -eq 0 ] || [ -z "$out" ] || [ -z "$pieces" ] || [ -z "$keys" ] || [ -z "$sekisho" ] || [ -z "$agent" ] ||
    [ -z "$service" ]; then usage; fi

"$here/kernel.sh" "$kernel"
mkdir -p "$out"

# The system's agent looks at what the gate looks at, by the paths of Linux.
dtc -q -I dts -O dtb -i "$root/boards/linux" -o "$out/linux.dtb" "$root/boards/fuji-bmc/board-16m.dts"

# The store vouches for the agent's own region, as it lies in flash.
{ cat "$agent/agent.bin"; tr '\0' '\377' </dev/zero; } | head -c 393216 >"$out/agent.region"
{
    sed 's/component = "\(env\|meta\)"/component = "\1", "\1-backup"/' "$pieces/references.dts"
    printf 'demo-agent {\n\tsupplier = <&sup_hakone>;\n\tcomponent = "agent", "agent-backup";\n'
    printf '\tsize = <393216>;\n\tsha256 = [%s];\n};\n' \
        "$(sha256sum <"$out/agent.region" | cut -c1-64)"
} >"$out/references.dts"
"$root/boards/setup/demo_store.sh" "$sekisho" "$keys" "$out/store.itb" "$out/references.dts" \
    "$agent/board.dtb" "$out/linux.dtb"

# system NAME [INITRAMFS-OPTION...]: NAME.itb, what a gate starts
system() {
    name=$1
    shift
    "$here/initramfs.sh" -a "$service" -k "$kernel" -f "$out/linux.dtb=/etc/sekisho/board.dtb" \
        -f "$out/store.itb=/etc/sekisho/store.itb" "$@" -o "$out/initramfs" -- \
        --board /etc/sekisho/board.dtb --vault /data/vault --store /etc/sekisho/store.itb \
        --serial /dev/ttyS0
    "$here/fit.sh" -o "$out/$name.itb" -k "$keys" -n kiso -s sha256,rsa4096 -v 4.2.1 \
        os "$kernel/vmlinuz" "$kernel/fuji.dtb" "$out/initramfs"
}
system os

# lay SWITCH: the same content in both banks, out of $env, $os and the rest
lay() {
    folder=$out/$1
    mkdir -p "$folder/parts"
    echo 16 >"$folder/chip"
    "$root/boards/fuji-bmc/flash.sh" -c 16m -o "$folder/flash0.img" -a "$agent/agent.bin" \
        -s "$out/store.itb" -e "$env" -m "$pieces/meta.bin" -i "$out/$os.itb"
    cp "$folder/flash0.img" "$folder/flash1.img"
    at=15488 # KiB: what board-16m.dts adds
    for stream in "$smb" "$pim"; do
        dd if="$pieces/$stream.itb" of="$folder/flash0.img" bs=1024 seek=$at conv=notrunc status=none
        at=$((at + 384))
    done
    cp "$pieces/$chassis.bin" "$folder/parts/chassis.bin"
    cp "$pieces/$psu2.bin" "$folder/parts/psu2.bin"
    cp "$pieces/$port2.bin" "$folder/parts/port2.bin"
    for part in psu1 pim1 port1; do
        cp "$pieces/$part.bin" "$folder/parts/$part.bin"
    done
    touch "$folder/$start"
}
for switch; do
    env=$pieces/env.bin os=os smb=smb-fpga pim=pim-fpga chassis=chassis-b psu2=psu2 port2=port2 start=gate
    case $switch in
    good) ;;
    bad) smb=unsigned pim=altered chassis=chassis-a psu2=blank port2=excluded ;;
    altered)
        os=altered
        cp "$out/os.itb" "$out/altered.itb"
        printf '\377' | dd of="$out/altered.itb" bs=1 seek=3000000 conv=notrunc status=none
        cmp -s "$out/os.itb" "$out/altered.itb" &&
            printf '\376' | dd of="$out/altered.itb" bs=1 seek=3000000 conv=notrunc status=none
        ;;
    held)
        env=$out/env.other os=spoiling
        printf 'bootdelay=0\0' >"$env"
        echo meta >"$out/spoil"
        system spoiling -f "$out/spoil=/etc/spoil"
        ;;
    visitor) start=visit.elf ;;
    *) usage ;;
    esac
    lay "$switch"
done
[ ! -e "$out/visitor/visit.elf" ] || cp "$agent/agent.elf" "$out/visitor/visit.elf"
rm -f "$out/agent.region" "$out/env.other" "$out/spoil"
