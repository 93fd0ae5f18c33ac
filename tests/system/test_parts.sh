#!/bin/sh
# Parts that nobody listed: the agent is told nothing of the board (boards/linux/any.dts) and must find
# what says who made it, on this machine and, behind its multiplexers, on the emulated switch.
#
#   test_parts.sh [KEYDIR]     default build/keys/demo
# shellcheck disable=SC2317 # check() calls them
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
keys=${1:-build/keys/demo}
sekisho=build/bench/sekisho
. tests/suite.sh

work=$(mktemp -d)
agent_pid=
tidy() {
    [ -z "$agent_pid" ] || kill "$agent_pid" 2> /dev/null || true
    [ ! -d "$work/pair/b" ] || "$here/switch.sh" stop "$work/pair/b" || true
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM
export SEKISHO_STATE="$work/state" SEKISHO_CONFIG="$work/none"

ask() { # TARGET: not enrolled, so HOLD; every part is listed and judged all the same
    status=0
    "$sekisho" check --demo --store "$work/data/store.itb" --json "$1" > "$work/out" 2> "$work/err" ||
        status=$?
    [ "$status" -eq 3 ] || { echo "exit status $status"; cat "$work/err"; return 1; }
}
is() { # JQ-EXPRESSION
    jq -e "$1" "$work/out" > /dev/null ||
        { jq -c '.subjects[].components[] | [.name, .location, .verdict, .rule, .vendor]' "$work/out"; return 1; }
}
part() { # NAME LOCATION FORMAT VENDOR SERIAL VERDICT
    is "any(.subjects[0].components[]; .name == \"$1\" and .location == \"$2\" and .format == \"$3\"
        and .vendor == \"$4\" and .serial_number == \"$5\" and .verdict == \"$6\")"
}
names() { jq -r '.subjects[0].components[].name' "$work/out"; }
each() { # KIND FOLDER: a row for every entry
    for entry in "$2"/*; do
        [ ! -e "$entry/vendor" ] || names | grep -qx "$1-$(basename "$entry" | tr : .)" ||
            { echo "$entry is not listed"; return 1; }
    done
}

dtc -q -I dts -O dtb -o "$work/any.dtb" boards/linux/any.dts
"$here/pieces.sh" -o "$work/pieces" -k "$keys"
boards/setup/demo_store.sh "$sekisho" "$keys" "$work/data/store.itb" "$work/pieces/references.dts" \
    "$work/any.dtb"

# This machine, whatever it is: nothing is written, and what is there is listed.
mkdir -m 700 "$work/vault"
build/linux/sekisho-agent --board "$work/any.dtb" --vault "$work/vault" --pty "$work/tty" --udp 0 \
    --store "$work/data/store.itb" --number HERE-0001 2> "$work/agent.log" &
agent_pid=$!
tries=100
while [ ! -e "$work/tty" ] && [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    sleep 0.05
done
check "this machine lists its own parts" ask "serial:$work/tty"
check "its processor among them" is 'any(.subjects[0].components[]; .name == "cpu" and .verdict == "identified")'
check "and every PCI device" each pci /sys/bus/pci/devices
check "no part that was found is taken for firmware" is \
    'all(.subjects[0].components[]; .verdict != "unverified" and .verdict != "approved")'
kill "$agent_pid"
agent_pid=

# The switch: EEPROMs behind one multiplexer and behind two, found by the way to them.
"$here/pair.sh" -o "$work/pair" -p "$work/pieces" -k "$keys" -a build/linux-armhf/sekisho-agent \
    -f "$work/any.dtb"=/etc/sekisho/board.dtb -d "$work/data" -- --board /etc/sekisho/board.dtb \
    --vault /data/vault --store /data/store.itb --serial /dev/ttyS0
cp "$work/pieces/excluded.bin" "$work/pair/b/parts/port2.bin"
SWITCH_READY='@SK1b' "$here/switch.sh" start "$work/pair/b"
check "the switch lists its parts" ask "coap://127.0.0.1:$(cat "$work/pair/b/port")"
check "the chassis behind a multiplexer" part i2c-8-70.6-50 i2c8/70.6:0x50 onie-tlv \
    "Kiso Networks" KN2026-000118 identified
check "a power supply" part i2c-2-70.0-51 i2c2/70.0:0x51 ipmi-fru "Hakone Systems" P26-0041 identified
check "the line card behind two multiplexers" part i2c-11-77.0-76.1-50 i2c11/77.0/76.1:0x50 ipmi-fru \
    "Kiso Networks" L26-1007 identified
check "a module" part i2c-11-77.0-76.5-50 i2c11/77.0/76.5:0x50 sff-8472 "HAKONE SYSTEMS" T26-2001 \
    identified
check "a module that a rule excludes, at a place that nobody named" part i2c-11-77.0-76.6-50 \
    i2c11/77.0/76.6:0x50 sff-8472 "YAMABIKO OPTICS" Y26-3003 excluded
check "both flash chips by their silicon" is \
    '[.subjects[0].components[] | select(.class == "flash" and .evidence_class == 4)] | length == 2'
check "the device tree, the cores, an interface" is '[.subjects[0].components[].name |
    select(. == "device-tree" or . == "cpu" or startswith("net-"))] | length >= 3'
finish
