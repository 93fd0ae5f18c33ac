#!/bin/sh
# Power cuts: every step of a change and of its recovery on a fake chip, torn in every way; then the
# emulated switch, killed at random moments of its start. Called by `make powercut`.
#
# usage: tests/attack/powercut.sh [KILLS]      KILLS of the switch (default 200; about 2 s each)
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh
kills=${1:-200}
keys=build/keys/demo
here=tests/system
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
tidy() {
    [ ! -d "$work/good" ] || $here/switch.sh stop "$work/good" || true
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

make --no-print-directory -j"$(nproc)" BOARD=test build/test/attack/test_powercut >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
check "vault and store on a fake chip" env POWERCUT=full build/test/attack/test_powercut
echo "$output" | grep '^powercut:' || true

command -v arm-none-eabi-gcc >/dev/null || {
    echo "  SKIP  arm-none-eabi-gcc is not installed"
    finish
    exit
}
{
    make --no-print-directory BOARD=fuji-bmc CHIP=16m && make --no-print-directory BOARD=bench &&
        make --no-print-directory BOARD=linux ARCH=armhf
} >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
$here/kernel.sh
$here/pieces.sh -o "$work/pieces" -k $keys
$here/gate.sh -o "$work" -p "$work/pieces" -k $keys -s build/bench/sekisho -a build/fuji-bmc-16m \
    -l build/linux-armhf/sekisho-agent good

# The device's key, asked over its console; nothing: it does not answer.
key() {
    # shellcheck disable=SC2015 # a socket that is gone is no answer
    (cd "$work/good" && perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => "console.sock") or die;
        print $s "\rinfo\r"; $s->flush; sleep 1' || true)
    tr -d '\r' <"$work/good/console.log" | sed -n 's/^key *\([0-9a-f]\{16\}\)$/\1/p' | tail -n 1
}
start() { SWITCH_READY='^sekisho-agent' SWITCH_TIMEOUT=60 $here/switch.sh start "$work/good"; }

start
first=$(key)
$here/switch.sh stop "$work/good"
lost=0
number=0
while [ "$number" -lt "$kills" ]; do
    number=$((number + 1))
    start
    # The start writes within the first second: vault moved, boot counted.
    sleep "0.$(awk -v n="$number" 'BEGIN {srand(n); printf "%03d", rand() * 900}')"
    kill -9 "$(pgrep -P "$(cat "$work/good/pid")")" 2>/dev/null || true
    $here/switch.sh stop "$work/good"
    [ $((number % 10)) -eq 0 ] || continue
    start
    [ "$(key)" = "$first" ] || lost=$((lost + 1))
    $here/switch.sh stop "$work/good"
done
echo "powercut: switch       $kills kills in a start, its key asked after every tenth, $lost got through"
check "a killed switch answers with its key" [ "$lost" -eq 0 ]
finish
