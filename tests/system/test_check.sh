#!/bin/sh
# The way from a device to the technician, on this machine: the agent as a process with files for its
# chips and parts, asked over a terminal, sockets and UDP. No emulator, no root.
#
#   test_check.sh [KEYDIR]     default build/keys/demo
# shellcheck disable=SC2317 # check() calls them
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
keys=${1:-build/keys/demo}
sekisho=build/bench/sekisho
agent=build/linux/sekisho-agent
. tests/suite.sh

work=$(mktemp -d)
pids=
tidy() {
    for pid in $pids; do kill "$pid" 2> /dev/null || true; done
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM
export SEKISHO_STATE="$work/state" SEKISHO_CONFIG="$work/none"

# ---- A board of files ----

root=$work/root
partition() { # NUMBER NAME CHIP OFFSET SIZE (KiB): a slice of a chip, where the agent looks for it
    folder=$root/sys/class/mtd/mtd$1
    mkdir -p "$folder"
    dd if="$work/board/flash$3.img" of="$root/dev/mtd$1" bs=1024 skip="$4" count="$5" status=none
    echo $(($4 * 1024)) > "$folder/offset"
    ln -s "../../../bus/spi/devices/spi3.$3" "$folder/device"
    printf 'mtd%s: %08x 00001000 "%s"\n' "$1" $(($5 * 1024)) "$2" >> "$root/proc/mtd"
}
part() { # NAME FILE
    mkdir -p "$root/sys/bus/i2c/devices/$2"
    cp "$work/board/parts/$1.bin" "$root/sys/bus/i2c/devices/$2/eeprom"
}
lay_out() {
    "$here/pieces.sh" -o "$work/pieces" -k "$keys"
    for piece in kernel fdt ramdisk; do yes "demo $piece" | head -c 65536 > "$work/$piece"; done
    "$here/fit.sh" -o "$work/os.itb" -k "$keys" -n kiso -s sha256,rsa4096 -v 4.2.1 os \
        "$work/kernel" "$work/fdt" "$work/ramdisk"
    "$here/flash.sh" -o "$work/board" -c 16 -b "$work/pieces/boot.itb" -e "$work/pieces/env.bin" \
        -m "$work/pieces/meta.bin" -i "$work/os.itb" -p "chassis=$work/pieces/chassis-a.bin" \
        -p "psu1=$work/pieces/psu1.bin" -p "pim1=$work/pieces/pim1.bin" \
        -p "port1=$work/pieces/port1.bin" -p "port2=$work/pieces/port2.bin"
    mkdir -p "$root/proc" "$root/dev" "$root/data/firmware"
    for chip in 0 1; do
        mkdir -p "$root/sys/bus/spi/devices/spi3.$chip/spi-nor"
        echo c22018 > "$root/sys/bus/spi/devices/spi3.$chip/spi-nor/jedec_id"
    done
    echo "dev:    size   erasesize  name" > "$root/proc/mtd"
    partition 0 u-boot 0 0 896
    partition 1 env 0 896 64
    partition 2 meta 0 960 64
    partition 3 fit 0 1024 15360
    partition 6 flash1 1 0 16384
    part chassis 30-0050
    part psu1 16-0051
    part pim1 81-0050
    part port2 86-0050
    cp "$work/board/parts/port1.bin" "$root/dev/i2c-85"
    cp "$work/pieces/smb-fpga.itb" "$work/pieces/pim-fpga.itb" "$root/data/firmware/"
    # Registers of the chip: all closed.
    printf '\007\001\000\000' > "$work/closed-1"
    printf '\012\000\000\000' > "$work/closed-2"
    printf '\106\000\000\000' > "$work/secure" # secure boot is on
    truncate -s 510603264 "$root/dev/mem" # 0x1e6f3000, sparse
    dd if="$work/closed-1" of="$root/dev/mem" bs=8 seek=63816729 conv=notrunc status=none
    dd if="$work/closed-2" of="$root/dev/mem" bs=8 seek=63816731 conv=notrunc status=none
    dd if="$work/secure" of="$root/dev/mem" bs=4 seek=127649797 conv=notrunc status=none
    dtc -q -I dts -O dtb -i boards/linux -o "$work/board.dtb" boards/linux/fuji-16m.dts
}
store() { # OUT SED-SCRIPT
    sed "$2" keys/demo/store.dts > "$work/store.dts"
    STORE_SOURCE=$work/store.dts boards/setup/demo_store.sh "$sekisho" "$keys" "$1" \
        "$work/pieces/references.dts" "$work/board.dtb"
}

# ---- The agent ----

wait_for() { # SECONDS COMMAND...
    tries=$(($1 * 20))
    shift
    while ! "$@" > /dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}
free_port() {
    port=$((20000 + $$ % 20000))
    while grep -qi ":$(printf %04X "$port") " /proc/net/udp /proc/net/udp6 /proc/net/tcp; do
        port=$((port + 1))
    done
}
start() {
    "$agent" --board "$work/board.dtb" --root "$root" --vault "$work/vault" --store "$work/store.itb" \
        --pty "$work/tty" --udp "$port" > "$work/agent.log" 2>&1 &
    agent_pid=$!
    pids="$pids $agent_pid"
    wait_for 10 test -e "$work/tty"
}
stop() {
    kill "$agent_pid"
    wait "$agent_pid" 2> /dev/null || true
}
restart() { stop && start; }

# ---- What is asked, and what must come of it ----

trust="--demo --store $work/store.itb"
ask() { # STATUS CHECK-ARGUMENT...
    expected=$1
    shift
    status=0
    # shellcheck disable=SC2086 # $trust is a list of words
    "$sekisho" check $trust "$@" > "$work/out" 2> "$work/err" || status=$?
    [ "$status" -eq "$expected" ] || { echo "exit status $status, not $expected"; show; return 1; }
}
show() { # what matters of what was printed
    cat "$work/err"
    jq -c '{outcome, exit, store}, (.subjects[] | {target, outcome, findings, notes}),
        (.subjects[].components[] | [.name, .verdict, .rule])' "$work/out" 2> /dev/null || cat "$work/out"
}
is() { # JQ-EXPRESSION: holds for the document that was printed
    jq -e -f "$here/report.jq" "$work/out" > /dev/null || { echo "not the contract of --json"; cat "$work/out"; return 1; }
    jq -e "$1" "$work/out" > /dev/null || { show; return 1; }
}
json() { # STATUS JQ-EXPRESSION CHECK-ARGUMENT...
    wanted=$1
    expression=$2
    shift 2
    ask "$wanted" --json "$@" && is "$expression"
}
found() { echo "any(.subjects[0].findings[]; .rule == \"$1\")"; }
row() { echo "any(.subjects[0].components[]; .name == \"$1\" and .verdict == \"$2\" and .rule == \"$3\")"; }
enroll() { # TARGET LABEL
    "$sekisho" enroll --ca-key "$keys/device-ca.pem" --ca-cert "$keys/device-ca.crt.pem" \
        --serial-number "$2" "$1"
}
fails() { # STATUS COMMAND...
    expected=$1
    shift
    status=0
    "$@" || status=$?
    [ "$status" -eq "$expected" ]
}
relay() { # WHERE [FAULT]: another way to the agent's terminal
    : > "$work/relay.log"
    "$here/line.py" relay "$work/tty" "$@" > "$work/relay.log" 2>&1 &
    relay_pid=$!
    pids="$pids $relay_pid"
    wait_for 5 grep -q ready "$work/relay.log"
}
unplug() {
    kill "$relay_pid" || true
    wait "$relay_pid" 2> /dev/null || true
}
with() { # FAULT JQ CHECK-STATUS: over a relay with a fault
    relay "unix:$work/cable-$1" "$1"
    json "$3" "$2" "unix:$work/cable-$1" --timeout "$4"
    ended=$?
    unplug
    return $ended
}

lay_out
free_port
store "$work/store.itb" ""
serial=serial:$work/tty
net=coap://127.0.0.1:$port

# Enrolment.
start
check "a device without a certificate is HOLD (EV-003)" json 3 "$(found EV-003) and
    all(.subjects[0].components[]; .verdict != \"approved\")" "$net"
check "a label of another serial number is not enrolled" fails 3 enroll "$serial" KN2026-000999
check "the device enrols over its terminal" enroll "$serial" KN2026-000117
check "and again over the network" enroll "$net" KN2026-000117
check "the vault is for nobody else" [ "$(stat -c %a "$work/vault")" = 700 ]

# The same device, five ways.
good='.outcome == "ACCEPT" and .exit == 0 and (.subjects[0] |
    .assurance == "service" and .device.enrolled and .device.secure_boot == true
    and .device.serial_number == "KN2026-000117"
    and (.findings | length) == 0 and any(.components[]; .verdict == "approved" and .rule == "SIG-001"))'
check "it is ACCEPTed over its terminal" json 0 "$good" "$serial"
check "over the network" json 0 "$good" "$net"
relay "unix:$work/cable"
check "over a unix socket" json 0 "$good" "unix:$work/cable"
unplug
relay "tcp:$port"
check "over TCP" json 0 "$good" "tcp://127.0.0.1:$port"
unplug
check "with the kernel's log in between" with log "$good" 0 60
check "two targets are two subjects, in order" json 0 ".subjects | length == 2 and
    .[0].target == \"$serial\" and .[1].target == \"$net\"" "$serial" "$net"
check "--quiet is one line" sh -c "'$sekisho' check $trust --quiet $net | grep -qx 'ACCEPT $net'"
check "--save keeps what --json prints" sh -c "'$sekisho' check $trust --save $work/out $net >&2"
check "as the contract has it" is '.outcome == "ACCEPT"'

# What people see.
check "the table says what rests on the device alone" sh -c "'$sekisho' check $trust $net |
    grep -q 'checked by the device alone'"
say() { # WORD EXPECTED
    "$here/line.py" say "$work/tty" "$1" | grep -q "$2"
}
check "help lists the words" say help "^  attest "
check "info says who it is" say info "^serial  KN2026-000117"
check "components lists what was found" say components "^fit/kernel-1 .*SIG-001\|^fit/kernel-1 .*TS-003"
check "store names the store" say store "^trust store 1 of Demo Procurement Authority"
check "verify measures" say verify "^measuring"
check "attest wants a nonce" say attest "64 hex digits"
check "links are listed" sh -c "coap-client-notls -m get $net/.well-known/core |
    grep -q '</sekisho/attest>;ct=263'"

explains() { # every rule that there is
    "$sekisho" explain | cut -d' ' -f1 | xargs "$sekisho" explain > "$work/explained"
    ! grep -q null "$work/explained" && [ "$(grep -c '^  why ' "$work/explained")" -gt 50 ]
}
check "every rule explains itself" explains

# What is wrong with the device.
printf e | dd of="$root/data/firmware/pim-fpga.itb" bs=1 conv=notrunc status=none \
    seek="$(grep -abo -m 1 'demo bit stream' "$root/data/firmware/pim-fpga.itb" | head -n 1 | cut -d: -f1)"
check "an altered image is REJECT, after a second measurement" json 1 \
    "$(row pim-fpga/fpga-1 tampered SIG-003) and any(.subjects[0].notes[]; test(\"measured twice\"))" "$serial"
check "whichever comes first, the worst is the exit status" ask 1 "serial:$work/none" "$net"
cp "$work/pieces/pim-fpga.itb" "$root/data/firmware/"
cp "$work/pieces/excluded.bin" "$root/dev/i2c-85"
check "an excluded vendor is REJECT" json 1 "$(row port1 excluded VND-002) and
    any(.subjects[0].components[]; .policy.rule == \"no-yamabiko\")" "$net"
cp "$work/pieces/port1.bin" "$root/dev/i2c-85"
echo c22019 > "$root/sys/bus/spi/devices/spi3.0/spi-nor/jedec_id"
check "a chip larger than its map is HOLD" json 3 "$(row spi0.0 unexpected MAP-002)" "$net"
echo c22018 > "$root/sys/bus/spi/devices/spi3.0/spi-nor/jedec_id"
echo 4096 > "$root/sys/class/mtd/mtd0/offset"
check "a kernel that puts a partition elsewhere is HOLD" json 3 "$(row u-boot unreadable RD-002)" "$net"
echo 0 > "$root/sys/class/mtd/mtd0/offset"
rm "$root/sys/class/mtd/mtd6/device" && ln -s ../../../bus/spi/devices/spi3.0 "$root/sys/class/mtd/mtd6/device"
check "or on another chip" json 3 "$(row flash1 unreadable RD-002)" "$net"
rm "$root/sys/class/mtd/mtd6/device" && ln -s ../../../bus/spi/devices/spi3.1 "$root/sys/class/mtd/mtd6/device"
printf '\000' | dd of="$root/dev/mem" bs=8 seek=63816729 conv=notrunc status=none
check "an open bridge is HOLD (EV-007)" json 3 "$(found EV-007)" "$net"
printf '\007' | dd of="$root/dev/mem" bs=8 seek=63816729 conv=notrunc status=none
check "control: it is ACCEPTed again" json 0 "$good" "$net"
check "a label that says otherwise is HOLD (ID-001)" json 3 "$(found ID-001)" "$net" --serial-number KN2026-000999

# Stores.
store "$work/newer.itb" 's/serial = <1>/serial = <2>/'
store "$work/old.itb" 's/issued = "2026-11-01"/issued = "2020-01-01"/; s/not-after = "2036-10-31"/not-after = "2021-01-01"/'
trust="--demo --store $work/newer.itb"
check "a device with an older store is HOLD (TS-004)" json 3 "$(found TS-004)" "$net"
put() { coap-client-notls -b 512 -m put -f "$1" "$net/sekisho/store" 2>&1; }
check "the device takes the newer one" put "$work/newer.itb"
check "and is ACCEPTed with it" json 0 "$good" "$net"
refused() { put "$1" | grep -q '4.09'; }
check "an older one is refused" refused "$work/store.itb"
restart
check "also after a restart the newer one counts" say store "^trust store 2 "
trust="--demo --store $work/old.itb"
check "an expired store approves nothing (exit 5)" json 5 "$(found TS-003) and
    all(.subjects[0].components[]; .verdict != \"approved\")" "$net"
trust="--demo --store $work/none.itb"
check "without a store all is listed, HOLD, exit 5" json 5 ".outcome == \"HOLD\" and .store == null and
    $(found TS-001) and (.subjects[0].components | length) > 10 and
    all(.subjects[0].components[]; .verdict == \"unverified\")" "$net"
trust="--store $work/newer.itb --authority $keys/other-authority.pub.pem"
check "a store of another authority is none (TS-002)" json 5 ".store == null and $(found TS-002)" "$net"
trust="--store $work/newer.itb --authority $keys/authority.pub.pem"
check "demo keys count with --demo only" json 5 "$(found TS-002)" "$net"
trust="--demo --store $work/newer.itb"

# Work orders.
order() { # ID SERIAL-NUMBER
    printf '/dts-v1/;\n/ { compatible = "sekisho,order-1"; id = "%s"; label = "Test";
        issued = "2026-11-01"; not-after = "2036-12-20"; store-serial = <1>;
        tier = "confidential"; event = "procure"; acquired = "2026-11-20";
        devices { d1 { serial-number = "%s"; model = "Fuji BMC"; }; }; };\n' "$1" "$2" > "$work/$1.dts"
    "$sekisho" order sign -k "$keys" -o "$work/$1.itb" "$work/$1.dts"
}
order ours KN2026-000117
order others KN2026-000999
check "a device that is not on the work order is HOLD (ID-003)" json 3 "$(found ID-003) and
    .subjects[0].context.source == \"order:others\"" --order "$work/others.itb" "$net"
check "over its terminal, too" json 3 "$(found ID-003)" --order "$work/others.itb" "$serial"
check "control: one that is on it is ACCEPTed" json 0 "$good and
    .subjects[0].context.tier == \"confidential\"" --order "$work/ours.itb" "$net"
check "an order that nobody may sign is unusable (TS-006)" fails 5 "$sekisho" check --demo \
    --store "$work/newer.itb" --order "$work/newer.itb" "$net"

# Lines and ports.
check "no such terminal is exit 4 (BN-001)" json 4 "$(found BN-001)" "serial:$work/none"
check "no such socket, no such port, no such host" json 4 'all(.subjects[]; .findings[0].rule == "BN-001")' \
    "unix:$work/none" "tcp://127.0.0.1:1" "coap://127.0.0.1:1"
"$here/line.py" silent "$work/silent" > "$work/silent.log" &
pids="$pids $!"
wait_for 5 test -e "$work/silent"
check "a silent one is exit 4 (BN-002)" json 4 "$(found BN-002)" "serial:$work/silent" --timeout 3
check "nothing but noise is exit 4 (BN-003)" with storm "$(found BN-003)" 4 5
flock -F "$work/silent" sleep 60 &
pids="$pids $!"
check "a port that another program holds is exit 4 (BN-004)" \
    wait_for 5 json 4 "$(found BN-004)" "serial:$work/silent" --timeout 5
check "wrong usage is exit 2" sh -c "
    for words in '' nonsense:x '--timeout 0 $net' '--timeout 999 $net' '--nonsense $net' '--json --save x $net' 'tcp://'; do
        '$sekisho' check \$words > /dev/null 2>&1 && exit 1
        [ \$? -eq 2 ] || { echo \"\$words\"; exit 1; }
    done"
check "and with --json it is said in JSON" sh -c "'$sekisho' check --json nonsense:x 2> /dev/null |
    jq -e '.schema == \"sekisho/error-1\" and .exit == 2 and (.detail | test(\"nonsense:x\"))'"
check "a result that cannot be kept is exit 6" fails 6 "$sekisho" check --demo --store "$work/newer.itb" --quiet --save /dev/full "$net"
# shellcheck disable=SC2086
expect "nor is one whose beginning is lost taken for whole" 4 "not be written whole" \
    "$here/line.py" full "$sekisho" check $trust --json "unix:$work/none" "serial:$work/silent" --timeout 3
interrupted() {
    # shellcheck disable=SC2086
    "$sekisho" check $trust --json "$net" "serial:$work/silent-too" > "$work/out" &
    asking=$!
    wait_for 60 grep -q '"outcome":"ACCEPT"' "$work/out"
    kill -INT "$asking"
    ended=0
    wait "$asking" || ended=$?
    [ "$ended" -eq 130 ] && is '.exit == 130 and .subjects[0].outcome == "ACCEPT"'
}
"$here/line.py" silent "$work/silent-too" > "$work/silent.log" &
pids="$pids $!"
wait_for 5 test -e "$work/silent-too"
check "an interrupted run prints what it has (exit 130)" interrupted

# Copies and exchanges.
stop
cp -r "$work/vault" "$work/copy"
start
check "the device goes on counting its starts" json 0 "$good" "$net"
stop
rm -rf "$work/vault" && cp -r "$work/copy" "$work/vault"
start
check "control: a start like the last one is told apart by its seed (EV-006)" json 3 "$(found EV-006)" "$net"
stop
rm "$work/vault/device-key"
start
check "another key under the old certificate is REJECT (EV-001)" json 1 "$(found EV-001)" "$net"
stop
rm -rf "$work/vault"
start
check "a device that was made anew is not enrolled" json 3 "$(found EV-003)" "$net"
stop
chmod 755 "$work/vault"
check "a vault that others may read is refused" sh -c "'$agent' --board '$work/board.dtb' --vault '$work/vault' \
    --udp 0 2>&1 | grep -q 'mode 0700'"
finish
