#!/bin/sh
# make large: the gate on the board's own chips of 128 MiB: it measures both, releases what is good,
# and Linux comes up. Half a minute and two gigabytes of memory, more on a busy machine.
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
keys=build/keys/demo
. tests/suite.sh
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
# shellcheck disable=SC2317 # the trap calls it
tidy() {
    [ ! -d "$work/good" ] || $here/switch.sh stop "$work/good" || true
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

for board in "BOARD=fuji-bmc" "BOARD=bench" "BOARD=linux ARCH=armhf"; do
    # shellcheck disable=SC2086 # words
    make --no-print-directory $board >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
done
$here/pieces.sh -o "$work/pieces" -k $keys
$here/gate.sh -c 128 -o "$work" -p "$work/pieces" -k $keys -s build/bench/sekisho \
    -a build/fuji-bmc -l build/linux-armhf/sekisho-agent good
console() { tr -d '\r' <"$work/good/console.log"; }
waits() { # LINE: until the console says it
    tries=0
    until console | grep -aq "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 3000 ] || return 1
        sleep 0.1
    done
}
began=$(date +%s)
check "two chips of 128 MiB are measured and accepted" env SWITCH_TIMEOUT=300 \
    SWITCH_READY='^gate: open' $here/switch.sh start "$work/good"
echo "the gate opens after $(($(date +%s) - began)) s"
check "the system is released" waits 'the system starts'
check "Debian's kernel comes up" waits '^init: agent started'
echo "and Linux is up after $(($(date +%s) - began)) s"
finish
