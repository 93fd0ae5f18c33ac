#!/bin/sh
# Power cuts: every step of a change and of its recovery on a fake chip, torn in every way; then the
# emulated gate, killed at random moments, its chip's file kept: of its start, when the vault is
# written, and of an update of its trust store over the network. After each start its key must be the
# same and its store the old one or the new one, whole; one whose update was acknowledged is the new.
# Called by `make powercut`.
#
# usage: tests/attack/powercut.sh [KILLS [SEED]]    KILLS of the gate (default 200; about 3 s each)
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh
kills=${1:-200}
seed=${2:-$(date +%s)}
keys=build/keys/demo
here=tests/system
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
tidy() {
    [ ! -d "$work/gate" ] || $here/switch.sh stop "$work/gate" || true
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
    make --no-print-directory BOARD=fuji-bmc CHIP=16m && make --no-print-directory BOARD=bench
} >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"${HOSTCC:-cc}" -std=c11 -O1 -Ifirmware -I. -o "$work/coap_client" tests/interop/coap_client.c \
    firmware/channel/*.c firmware/base/*.c

store() { # SERIAL: makes that trust store
    sed "s/^	serial = <1>;/	serial = <$1>;/" keys/demo/store.dts >"$work/store.dts"
    STORE_SOURCE=$work/store.dts boards/setup/demo_store.sh build/bench/sekisho $keys "$work/store-$1"
}
store 1
mkdir -p "$work/gate/parts"
echo 16 >"$work/gate/chip"
touch "$work/gate/gate"
boards/fuji-bmc/flash.sh -c 16m -o "$work/gate/flash0.img" -a build/fuji-bmc-16m/agent.bin \
    -s "$work/store-1"
cp "$work/gate/flash0.img" "$work/gate/flash1.img"

start() { # LINE of the console
    SWITCH_READY=$1 SWITCH_TIMEOUT=120 $here/switch.sh start "$work/gate"
}
cut() { # as a power cut: nothing more is written
    kill -9 "$(pgrep -P "$(cat "$work/gate/pid")")" 2>/dev/null || true
    $here/switch.sh stop "$work/gate"
}
random() { # BELOW: milliseconds, as seconds
    awk -v seed="$seed" -v n="$number" -v below="$1" \
        'BEGIN {srand(seed * 1000 + n); printf "%.3f", rand() * below / 1000}'
}

# Asks key and store over the console: "KEY SERIAL"; less where there is no answer.
ask() {
    (cd "$work/gate" && perl -MIO::Socket::UNIX -MIO::Select -e '
        my $s = IO::Socket::UNIX->new(Peer => "console.sock") or exit;
        my ($text, $wait) = ("", IO::Select->new($s));
        print $s "\rinfo\rstore\r"; $s->flush;
        while ($text !~ /trust store.*\n/ && $wait->can_read(30)) {
            sysread($s, $text, 4096, length $text) or last;
        }
        my ($key) = $text =~ /^key +([0-9a-f]{16})/m;
        my ($store) = $text =~ /^trust store ([0-9]+)/m;
        print "$key $store";')
}

start '^sekisho-agent'
first=$(ask)
key=${first% *}
serial=${first#* }
check "the gate has a key and its factory store" [ "$serial" = 1 ]
$here/switch.sh stop "$work/gate"
lost=0 acknowledged=0 old=0 new=0 number=0
while [ "$number" -lt "$kills" ]; do
    number=$((number + 1))
    # Odd: in a start, which writes in its first second; the next one finds what became of it.
    if [ $((number % 2)) -eq 1 ]; then
        start '^sekisho-agent'
        sleep "$(random 900)"
        cut
        continue
    fi
    start '^sekisho: coap'
    answer=$(ask)
    if [ "$answer" != "$key $serial" ]; then
        lost=$((lost + 1))
        echo "powercut: kill $number, in a start: '$key $serial' became '$answer'"
    fi
    store $((serial + 1))
    timeout 30 "$work/coap_client" "$(cat "$work/gate/port")" put sekisho/store 6 \
        "$work/store-$((serial + 1))" >/dev/null 2>&1 &
    update=$!
    sleep "$(random 800)"
    cut
    kill "$update" 2>/dev/null || true
    taken=0
    ! wait "$update" 2>/dev/null || taken=1
    start '^sekisho-agent'
    answer=$(ask)
    cut
    acknowledged=$((acknowledged + taken))
    case $answer in
    "$key $((serial + 1))")
        new=$((new + 1))
        serial=$((serial + 1))
        ;;
    "$key $serial")
        old=$((old + 1))
        lost=$((lost + taken))
        ;;
    *)
        lost=$((lost + 1))
        echo "powercut: kill $number, in an update: '$key $serial' became '$answer'"
        ;;
    esac
done
echo "powercut: gate         $kills kills (seed $seed), half of them in an update of its store:" \
    "$old then had the old one, $new the new one ($acknowledged acknowledged), $lost got through"
check "a killed gate has its key and its old or its new store" [ "$lost" -eq 0 ]
finish
