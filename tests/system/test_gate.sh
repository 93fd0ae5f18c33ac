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

# The visitor has a fixed address, and not the one that it would be offered; and a chip on the second
# controller, where the board itself has none. Two cages make room for it in the agent.
fixed=build/fuji-bmc-fixed
mkdir -p $fixed
cat >"$work/fixed.dts" <<'END'
/include/ "../../boards/fuji-bmc/board-16m.dts"
&{/ethernet@1e690000} { sekisho,address = "10.0.2.77/24"; };
/ {
	/delete-node/ port2;
	/delete-node/ port3;
	spi@1e630000 {
		compatible = "aspeed,ast2600-spi";
		reg = <0x1e630000 0xc4>, <0x30000000 0x10000000>;
		#address-cells = <1>;
		#size-cells = <0>;
		flash@0 {
			compatible = "jedec,spi-nor";
			reg = <0>;
			partitions {
				compatible = "fixed-partitions";
				#address-cells = <1>;
				#size-cells = <1>;
				partition@0 { label = "third"; reg = <0 0x1000000>; sekisho,class = "data"; };
			};
		};
	};
};
END
cmp -s "$work/fixed.dts" $fixed/fixed.dts || cp "$work/fixed.dts" $fixed/fixed.dts
make --no-print-directory BOARD=fuji-bmc CHIP=16m DESCRIPTION=$fixed/fixed.dts out=$fixed \
    $fixed/agent.elf >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cp $fixed/agent.elf "$work/visitor/visit.elf"
head -c 16777216 /dev/urandom >"$work/visitor/flash2.img"

# Two at a time: the machine has two cores.
sha256sum "$work"/visitor/flash?.img >"$work/visitor.sums"
SWITCH_ADDRESS=10.0.2.77 start visitor 'sekisho-agent .*, visit' &
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
check "it is where its board description says" says visitor '^sekisho: coap://10\.0\.2\.77$'
# shellcheck disable=SC2086 # a list of words
check "and answers there" exits 3 $sekisho check $trust --save "$work/fixed.json" "$(network visitor)"
check "with the same evidence" sh -c "for name in visit fixed; do
    jq -S '.subjects[0].components' '$work/'\$name.json >'$work/rows-'\$name; done
    cmp '$work/rows-visit' '$work/rows-fixed'"
check "a chip on the second controller is measured to its last byte" [ "$(jq -r '.subjects[0].components[] |
    select(.name == "third") | .digests.sha256' "$work/visit.json")" = \
    "$(sha256sum <"$work/visitor/flash2.img" | cut -c1-64)" ]
check "a visit starts nothing" not says visitor 'the system starts'
$here/switch.sh stop "$work/visitor"
check "a visit leaves its chips bit for bit as they were" sha256sum --quiet -c \
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
# The device's trust store, over both ways: a newer one is taken, nothing else.
store() { # SERIAL KEYDIR: $work/store-SERIAL.itb
    sed "s/serial = <1>/serial = <$1>/" keys/demo/store.dts >"$work/store.dts"
    STORE_SOURCE=$work/store.dts boards/setup/demo_store.sh $sekisho "$2" "$work/store-$1.itb" \
        "$work/references.dts" $agent/board.dtb "$work/linux.dtb"
}
sends() { # EXIT-STATUS PATTERN FILE TARGET
    status=0
    $sekisho store send "$3" "$4" >"$work/out" 2>&1 || status=$?
    cat "$work/out"
    [ "$status" -eq "$1" ] && grep -q "$2" "$work/out"
}
stores() { # SERIAL: which one the gate says that it uses
    types held store
    waits held "^trust store $1 of Demo Procurement Authority"
}
mkdir "$work/foreign"
cp "$keys"/*.der "$work/foreign/"
cp "$keys/other-authority.pem" "$work/foreign/authority.pem"
store 9 "$work/foreign"
mv "$work/store-9.itb" "$work/foreign.itb"
for serial in 2 3 4; do store $serial "$keys"; done
head -c 4000 "$work/store-4.itb" >"$work/cut.itb"
next=2
for way in console network; do
    target=$($way held)
    check "over the $way: a newer trust store is taken" sends 0 'from now on' "$work/store-$next.itb" "$target"
    check "over the $way: an older one is refused" sends 5 'TS-004.*older' "$work/store.itb" "$target"
    check "over the $way: one of another authority is refused" sends 5 'TS-002' "$work/foreign.itb" "$target"
    check "over the $way: half of one is refused" sends 5 'TS-005' "$work/cut.itb" "$target"
    check "over the $way: the newer one is used" stores $next
    next=$((next + 1))
done
key=$(key_of held)
factory() { dd if="$work/held/flash0.img" bs=65536 skip=6 count=8 status=none | sha256sum; }
$here/switch.sh stop "$work/held"
check "the factory store lies where it lay" [ "$(factory)" = "$({ cat "$work/store.itb"
    tr '\0' '\377' </dev/zero; } | head -c 524288 | sha256sum)" ]
check "it starts again" start held '^gate: HELD, HOLD'
check "with the newest store" stores 3
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
check "beside it, that gate and system have other stores" holds spoilt '([.findings[] |
    select(.rule == "EV-004")] | length) == 2 and any(.findings[];
    .detail == "gate: it judged by trust store 3, the system judges by 1")'
check "both banks are judged, and it is said which one boots" holds service '
    .banks == [{"bank": "active", "boots": true, "outcome": "ACCEPT"},
        {"bank": "backup", "boots": false, "outcome": "ACCEPT"}]
    and ([.components[], .gate.components[] | select(.bank == "backup") | .name] | unique) ==
        ["agent-backup", "env-backup", "fit-backup/fdt-1", "fit-backup/kernel-1",
         "fit-backup/ramdisk-1", "meta-backup"]'
check "the chip's secure boot is off, and the evidence says so" holds service '
    .device.secure_boot == false and .gate.secure_boot == false
    and any(.notes[]; test("secure boot is off"))'
check "in the table, in two columns" sh -c "LC_ALL=C.UTF-8 $sekisho check $trust $(network good) |
    grep -q '^✔✔ fit/kernel-1 '"
finish
