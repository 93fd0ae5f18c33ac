#!/bin/sh
# Asks one running gate again and again, over the emulated network and over its serial line at once,
# while somebody types on that line: no answer may be wrong, no memory grow, no watchdog bite.
#
#   soak.sh [NETWORK-REQUESTS [SERIAL-REQUESTS]]     10000 and 1000
# shellcheck disable=SC2317 # check() calls them
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
keys=build/keys/demo
sekisho=build/bench/sekisho
client=build/test/interop/soak_client
network=${1:-10000}
serial=${2:-1000}
. tests/suite.sh
command -v arm-none-eabi-gcc >/dev/null || {
    echo "  SKIP  arm-none-eabi-gcc is not installed"
    finish
    exit
}
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
tidy() {
    [ ! -d "$work/held" ] || $here/switch.sh stop "$work/held" || true
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM
export SWITCH_TIMEOUT=180 SWITCH_LIFETIME=7200 SWITCH_READY='^gate: HELD'

# How often the console has said it. QEMU writes a character twice into the log now and then.
says() { tr -d '\r' <"$work/held/console.log" | tr -s '[:alpha:]' | grep -ac "$1" || true; }
# The agent's own figures, after a word typed on its line.
memory() {
    (cd "$work/held" && perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => "console.sock") or die;
        alarm 30;
        print $s "\rinfo\r";
        while (<$s>) { print, exit if s/^memory  // }') | tr -d '\r'
}

{
    make --no-print-directory BOARD=fuji-bmc CHIP=16m && make --no-print-directory BOARD=bench &&
        make --no-print-directory BOARD=linux ARCH=armhf && make --no-print-directory BOARD=test $client
} >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
$here/pieces.sh -o "$work/pieces" -k $keys
$here/gate.sh -o "$work" -p "$work/pieces" -k $keys -s $sekisho -a build/fuji-bmc-16m \
    -l build/linux-armhf/sekisho-agent held
$here/switch.sh start "$work/held"
line=unix:$work/held/console.sock
net=coap://127.0.0.1:$(cat "$work/held/port")
$sekisho enroll --ca-key $keys/device-ca.pem --ca-cert $keys/device-ca.crt.pem "$line" >"$work/log"

# Each thing was done once: from here on nothing may reach deeper.
check "it answers over the network" $client "$net" 39 $keys/device-ca.der
check "and over its serial line" $client "$line" 39 $keys/device-ca.der components
before=$(memory)
sleep 2
answered=$(says '^fit/kernel-1 ')
$client "$net" "$network" $keys/device-ca.der >"$work/network" 2>&1 &
asking=$!
check "no answer over the serial line is wrong" sh -c \
    "$client $line $serial $keys/device-ca.der components >$work/serial 2>&1 || { cat $work/serial; exit 1; }"
ended=0
wait $asking || ended=$?
check "no answer over the network is wrong" sh -c "cat $work/network; [ $ended -eq 0 ]"
after=$(memory)
cat "$work/network" "$work/serial"
echo "soak: memory before  $before"
echo "soak: memory after   $after"
check "no memory grew" [ "$before" = "$after" ]
typed=$(sed -n 's/.* \([0-9]*\) words typed.*/\1/p' "$work/serial")
check "what was typed in between was answered, each time" \
    [ $(($(says '^fit/kernel-1 ') - answered)) -eq "$typed" ]
check "it never started anew" [ "$(says '^sekisho: coap://')" -eq 1 ]
finish
