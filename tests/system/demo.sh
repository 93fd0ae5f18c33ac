#!/bin/sh
# The demo: two emulated switches whose flash begins with the gate. The first has three things wrong
# with it and a blank part: the gate holds it, and it is checked over its serial line and over the
# network. The second is clean: the gate starts Debian's Linux out of its flash, and the agent that
# runs there is checked beside what the gate saw.
#
#   demo.sh [DIR]     where it works and leaves its results (build/demo)
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
sekisho=build/bench/sekisho
keys=build/keys/demo
work=${1:-build/demo}
began=$(date +%s)

say() { printf '\n== %s\n' "$*"; }
# shellcheck disable=SC2317,SC2086 # called by the trap; a constant
stop() {
    [ -d "$work/bad" ] || return 0
    $here/switch.sh stop "$work/bad" || true
    $here/switch.sh stop "$work/good" || true
}
trap stop EXIT
trap 'exit 130' INT TERM

rm -rf "$work"
mkdir -p "$work"
$here/kernel.sh

say "making images, identity records and the trust store"
$here/pieces.sh -o "$work/pieces" -k $keys
$here/gate.sh -o "$work" -p "$work/pieces" -k $keys -s $sekisho -a build/fuji-bmc-16m \
    -l build/linux-armhf/sekisho-agent bad good
$sekisho store show "$work/store.itb"

export SWITCH_LIFETIME=600 SEKISHO_STATE="$work/state"
trust="--demo --store $work/store.itb"
ca="--ca-key $keys/device-ca.pem --ca-cert $keys/device-ca.crt.pem"
network() { echo "coap://127.0.0.1:$(cat "$work/$1/port")"; }
# shellcheck disable=SC2086 # a list of words
enroll() { $sekisho enroll $ca --serial-number "$1" "$2"; } # LABEL TARGET
console() { # SWITCH PATTERN: what it says about this
    tr -d '\r' <"$work/$1/console.log" | grep -aE "$2" | sed 's/^/    /'
}
# check NAME EXPECTED TARGET: shows the table, keeps the JSON of the same check.
failed=0
check() {
    status=0
    # shellcheck disable=SC2086
    $sekisho check $trust --save "$work/$1.json" "$3" || status=$?
    [ "$status" -eq "$2" ] || { echo "demo: $3: exit status $status, expected $2" >&2; failed=1; }
}

say "two switches are switched on: the gate runs first, on bare metal"
SWITCH_READY='^next:' $here/switch.sh start "$work/bad" &
first=$!
SWITCH_READY='^sekisho-agent' $here/switch.sh start "$work/good"
say "second switch: its gate is enrolled before it lets the system start"
enroll KN2026-000118 "$(network good)"
wait $first
say "first switch: its gate holds it, and says on the console"
console bad '^gate: HELD|^next:|^[a-z0-9/-]+ +(excluded|tampered|unverified) '
enroll KN2026-000117 "unix:$work/bad/console.sock"
say "first switch, over its serial console"
check first-serial 1 "unix:$work/bad/console.sock"
say "first switch, over the network"
check first-network 1 "$(network bad)"

say "second switch, meanwhile, on its console"
tries=0
until console good '^init: agent started' >/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 900 ] || { echo "demo: the second switch does not start" >&2; exit 1; }
    sleep 0.1
done
console good '^gate: open|^sekisho: released|Linux version|^init: '
say "second switch, over the network: Linux' agent is enrolled in its turn, and shows the gate's log"
enroll KN2026-000118 "$(network good)"
check second-network 0 "$(network good)"

say "what is saved"
ls "$work"/*.json
echo "explain a finding: $sekisho explain SIG-003"
echo "done in $(($(date +%s) - began)) s"
exit $failed
