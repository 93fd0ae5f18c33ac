#!/bin/sh
# The gate on the emulated switch: what it starts, what it holds, and who may release that.
#
#   test_gate.sh [KEYDIR]     default build/keys/demo
# shellcheck disable=SC2317 # check() calls them
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
keys=${1:-build/keys/demo}
sekisho=build/bench/sekisho
agent=build/fuji-bmc-16m
. tests/suite.sh
command -v arm-none-eabi-gcc >/dev/null || {
    echo "  SKIP  arm-none-eabi-gcc is not installed"
    echo "0 passed, 0 failed"
    exit
}
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
switches="good altered held visitor"
tidy() {
    for name in $switches; do
        [ ! -d "$work/$name" ] || $here/switch.sh stop "$work/$name" || true
    done
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM
export SWITCH_TIMEOUT=180 SEKISHO_STATE="$work/state"

not() { ! "$@"; }
exits() { # STATUS COMMAND...
    expected=$1
    shift
    status=0
    "$@" || status=$?
    [ "$status" -eq "$expected" ]
}
says() { tr -d '\r' <"$work/$1/console.log" | grep -aq "$2"; }
waits() { # SWITCH LINE: until the console says it
    tries=0
    until says "$1" "$2"; do
        tries=$((tries + 1))
        [ "$tries" -lt 1200 ] || return 1
        sleep 0.1
    done
}
start() { # SWITCH LINE
    SWITCH_READY=$2 $here/switch.sh start "$work/$1"
}
types() { # SWITCH WORD: on the console
    (cd "$work/$1" && perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => "console.sock") or die;
        print $s "$ARGV[0]\r"; $s->flush; sleep 1' "$2")
}
console() { echo "unix:$work/$1/console.sock"; }
network() { echo "coap://127.0.0.1:$(cat "$work/$1/port")"; }
key_of() { tr -d '\r' <"$work/$1/console.log" | sed -n 's/^key *\([0-9a-f]*\)$/\1/p' | tail -n 1; }

make --no-print-directory BOARD=fuji-bmc CHIP=16m >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
make --no-print-directory BOARD=bench >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
make --no-print-directory BOARD=linux ARCH=armhf >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
$here/pieces.sh -o "$work/pieces" -k "$keys"
# shellcheck disable=SC2086 # a list of words
$here/gate.sh -o "$work" -p "$work/pieces" -k "$keys" -s $sekisho -a $agent \
    -l build/linux-armhf/sekisho-agent $switches
trust="--demo --store $work/store.itb"

# Two at a time: the machine has two cores.
sha256sum "$work"/visitor/flash?.img >"$work/visitor.sums"
start visitor 'sekisho-agent .*, visit' &
visitor=$!
check "an altered kernel is held" start altered '^gate: HELD, REJECT'
check "the console names what is at fault" waits altered 'fit/kernel-1 *tampered *SIG-003'
check "and what to do" waits altered 'next: .*no order releases it'
check "no order releases a rejected device" exits 3 $sekisho release --yes \
    --key "$keys/officer.pem" "$(console altered)"
check "and nothing started" not says altered 'Linux\|agent started'
$here/switch.sh stop "$work/altered"

started=0
wait "$visitor" || started=1
check "a visit starts in memory" [ "$started" -eq 0 ]
# shellcheck disable=SC2086 # a list of words
check "a visitor's evidence is judged and it is not enrolled" exits 3 \
    $sekisho check $trust --save "$work/visit.json" "$(console visitor)"
check "the report calls it a visit" grep -q '"assurance": *"visit"' "$work/visit.json"
check "a visit starts nothing" not says visitor 'the system starts'
$here/switch.sh stop "$work/visitor"
check "a visit leaves both chips bit for bit as they were" sha256sum --quiet -c \
    "$work/visitor.sums"

# shellcheck disable=SC2086 # a list of words
# A good one: enrolled over its console, accepted over the network within the window.
(
    start good '^sekisho-agent' &&
        $sekisho enroll --ca-key "$keys/device-ca.pem" --ca-cert "$keys/device-ca.crt.pem" \
            --serial-number KN2026-000118 "$(console good)" &&
        $sekisho check $trust --save "$work/good.json" "$(network good)"
) >"$work/good.log" 2>&1 &
good=$!
check "an unknown boot environment is held" start held '^gate: HELD, HOLD'
check "the console names it" waits held 'env *unverified *REF-002'
started=0
wait "$good" || started=1
check "a good switch is enrolled, and accepted over the network" [ "$started" -eq 0 ]
[ "$started" -eq 0 ] || cat "$work/good.log"
check "what is accepted is released" waits good 'the system starts'
check "the console takes words" types held info
types held release
check "a word releases nothing" waits held "needs an officer's signed order"
check "it is enrolled over the network" $sekisho enroll --ca-key "$keys/device-ca.pem" \
    --ca-cert "$keys/device-ca.crt.pem" --serial-number KN2026-000118 "$(network held)"
# shellcheck disable=SC2086 # a list of words
check "sekisho check gets evidence of flash and parts from the gate" exits 3 \
    $sekisho check $trust --save "$work/held.json" "$(console held)"
check "the report calls it a gate" grep -q '"assurance": *"gate"' "$work/held.json"
for row in '"fit/kernel-1"' '"fit-backup/kernel-1"' '"agent"' '"chassis"' '"port1"'; do
    check "the report has $row" grep -q "$row" "$work/held.json"
done
check "what is held is shown to anybody" exits 3 $sekisho release "$(console held)"
check "an order of somebody else is refused" exits 3 $sekisho release --yes \
    --key "$keys/hakone.pem" "$(console held)"
check "still nothing started" not says held 'the system starts'
key=$(key_of held)
$here/switch.sh stop "$work/held"
check "it starts again" start held '^gate: HELD, HOLD'
types held info
check "its key survived" waits held "^key *$key"
check "an officer's order releases it" $sekisho release --yes --key "$keys/officer.pem" \
    "$(console held)"
check "Debian's kernel comes up out of the FIT that was checked" waits good \
    '^init: agent started'
check "with both cores" not says good 'failed to come online'
check "also after an order" waits held '^init: agent started'

# The system's own agent, beside what the gate saw at the start.
holds() { # FILE JQ-EXPRESSION
    jq -e -f $here/report.jq "$work/$1.json" >/dev/null || { echo "not the contract of --json"; return 1; }
    jq -e ".subjects[0] | $2" "$work/$1.json" >/dev/null || {
        jq -c '.subjects[0] | .findings, .notes, (.components[] | [.name, .verdict, .rule])' "$work/$1.json"
        return 1
    }
}
# shellcheck disable=SC2086 # a list of words
service() { # EXIT-STATUS SWITCH NAME: enrolled in its turn, and checked over the network
    $sekisho enroll --ca-key "$keys/device-ca.pem" --ca-cert "$keys/device-ca.crt.pem" \
        --serial-number KN2026-000118 "$(network "$2")" &&
        exits "$1" $sekisho check $trust --save "$work/$3.json" "$(network "$2")"
}
check "the started system is ACCEPTed" service 0 good service
check "as a service, with the gate's log" holds service '.assurance == "service"
    and .gate.assurance == "gate" and .gate.key_protection == "flash" and .device.key_protection == "file"
    and .gate.ueid == .device.ueid'
check "gate and system show the same components" holds service '(.findings | length) == 0
    and (.gate.components | length) == 22
    and ([.gate.components[].name] | sort) == ([.components[].name] | sort)'
check "a region that the system altered is held" service 3 held spoilt
check "and shown as another than at the start (EV-004)" holds spoilt 'any(.findings[];
    .rule == "EV-004" and (.detail | test("^gate: meta: not as at the start: bytes")))'
check "which nothing else is" holds spoilt '([.findings[] | select(.rule == "EV-004")] | length) == 1'
check "in the table, in two columns" sh -c "LC_ALL=C.UTF-8 $sekisho check $trust $(network good) |
    grep -q '^✔✔ fit/kernel-1 '"
finish
