#!/bin/sh
# The demo: two emulated switches are booted, enrolled and checked, over a serial line and over the
# network. The first has three things wrong with it and a blank part, the second is clean.
#
#   demo.sh [DIR]     where it works and leaves its results (build/demo)
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
sekisho=build/bench/sekisho
agent=build/linux-armhf/sekisho-agent
keys=build/keys/demo
work=${1:-build/demo}
began=$(date +%s)

say() { printf '\n== %s\n' "$*"; }
# shellcheck disable=SC2317,SC2086 # called by the trap; a constant
stop() {
    [ -d "$work/a" ] || return 0
    $here/switch.sh stop "$work/a" || true
    $here/switch.sh stop "$work/b" || true
}
trap stop EXIT
trap 'exit 130' INT TERM

rm -rf "$work"
mkdir -p "$work/data"
$here/kernel.sh

say "making images, identity records and the trust store"
$here/pieces.sh -o "$work/pieces" -k $keys
dtc -q -I dts -O dtb -i boards/linux -o "$work/board.dtb" boards/linux/fuji-16m.dts
boards/setup/demo_store.sh $sekisho $keys "$work/data/store.itb" "$work/pieces/references.dts" \
    "$work/board.dtb"
$sekisho store show "$work/data/store.itb"
$here/pair.sh -o "$work" -p "$work/pieces" -k $keys -a $agent -f "$work/board.dtb"=/etc/sekisho/board.dtb \
    -d "$work/data" -- --board /etc/sekisho/board.dtb --vault /data/vault --store /data/store.itb \
    --serial /dev/ttyS0

say "booting two switches: Debian's kernel on QEMU's fuji-bmc"
export SWITCH_READY='@SK1b' SWITCH_LIFETIME=600
$here/switch.sh start "$work/a" &
first=$!
$here/switch.sh start "$work/b"
wait $first
a_serial=unix:"$work/a/console.sock"
a_net=coap://127.0.0.1:$(cat "$work/a/port")
b_net=coap://127.0.0.1:$(cat "$work/b/port")

export SEKISHO_STATE="$work/state"
trust="--demo --store $work/data/store.itb"
ca="--ca-key $keys/device-ca.pem --ca-cert $keys/device-ca.crt.pem"

say "enrolling both"
# shellcheck disable=SC2086
$sekisho enroll $ca --serial-number KN2026-000117 "$a_serial"
# shellcheck disable=SC2086
$sekisho enroll $ca --serial-number KN2026-000118 "$b_net"

# check NAME EXPECTED TARGET: shows the table, keeps the JSON of the same check.
failed=0
check() {
    status=0
    # shellcheck disable=SC2086
    $sekisho check $trust --save "$work/$1.json" "$3" || status=$?
    [ "$status" -eq "$2" ] || { echo "demo: $3: exit status $status, expected $2" >&2; failed=1; }
}
say "first switch, over its serial console"
check first-serial 1 "$a_serial"
say "first switch, over the network"
check first-network 1 "$a_net"
say "second switch, over the network"
check second-network 0 "$b_net"

say "what is saved"
ls "$work"/*.json
echo "explain a finding: $sekisho explain SIG-003"
echo "done in $(($(date +%s) - began)) s"
exit $failed
