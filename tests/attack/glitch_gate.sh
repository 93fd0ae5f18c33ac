#!/bin/sh
# Called by `make glitch`: faults at the gate, from the end of the boot image's digest in the
# measuring cycle, over its verdict, the device's, the verification in memory and the release, to
# the jump into the system. The program is the board's own, LTO and all, with a board description
# that has no more than it takes; it runs under qemu-system to where the window begins, and from
# there in Unicorn.
#
#   tests/attack/glitch_gate.sh [EVERY]     only each so many-th instruction, and the hardest case
#                                           alone (default 1: all, five cases)
#
# Prints what was tried and how often a bad system was started; exit status 0 only if never, and if
# the controls hold: the good one is started, and a gate that decides by one `if` is broken through.
set -eu
cd "$(dirname "$0")/../.."
every=${1:-1}
out=build/glitch/gate
# shellcheck disable=SC2034 # for common.sh
keys=build/keys/demo
prefix=arm-none-eabi-
agent=$out/board/agent.elf
naive=$out/naive/agent.elf
chips=fmc-model=mx25l12805d,spi-model=mx25l12805d
keep=$((0x82000000)) # BOARD_KEEP of boards/fuji-bmc/board.h
partition=8192       # of gate.dts, `fit`
stub=

# shellcheck disable=SC2317 # the trap calls it
tidy()
{
    [ -z "$stub" ] || kill -KILL "$stub" 2>/dev/null || true
}
trap tidy EXIT
trap 'exit 1' INT TERM
. tests/attack/glitch/common.sh

# ---- What is attacked ----

build() # FOLDER MORE...: the board with our description; a fault needs no place in flash
{
    folder=$1
    shift
    quietly BOARD=fuji-bmc CHIP=16m DESCRIPTION=tests/boards/gate.dts out="$out/$folder" "$@"
}

mkdir -p "$out"
quietly BOARD=bench
quietly BOARD=glitch
build board
# The naive gate releases in the place where the real one begins to wait, to look again, and its board
# asks for the state alone.
mkdir -p "$out/naive"
sed -e 's/^    gate->state = SEK_GATE_WAITING;$/    gate->state = SEK_GATE_RELEASED;/' \
    -e 's/^    return \*mode == SEK_GATE_REPORT || .*;$/    return *mode != 0;/' \
    firmware/agent/gate.c >"$out/naive/gate.c"
[ "$(diff firmware/agent/gate.c "$out/naive/gate.c" | grep -c '^>')" -eq 2 ] ||
    { echo "glitch: no naive gate" >&2; exit 1; }
build naive firmware="$(find firmware -name '*.c' ! -path firmware/agent/gate.c \
    ! -path firmware/crypto/ed25519.c | tr '\n' ' ') $out/naive/gate.c"

store "$out/store.itb"
{ head -c 36 /dev/zero | tr '\0' k; printf '\030\050\157\001'; head -c 24 /dev/zero | tr '\0' k; } \
    >"$out/kernel" # a zImage's magic number at 24h
tree=$out/tree.dtb
echo '/dts-v1/; / { description = "a system"; };' | dtc -q -O dtb -o "$tree"
sign good $keys stranger
cp "$out/good" "$out/altered-payload"
flip altered-payload kkkkkkkk
flip altered-payload 'a system'
sign unknown-signer "$out/keys" nobody
sign forged-signature "$out/keys" stranger
"${HOSTCC:-cc}" -std=c11 -O1 -o "$out/mkeeprom" tests/system/mkeeprom.c
"$out/mkeeprom" 4096 onie product=Glitch manufacturer=Glitch serial=G-1 >"$out/chassis"
"$out/mkeeprom" 4096 onie product=Glitch serial=G-1 >"$out/nobodys-chassis"
tr '\0' '\377' </dev/zero | head -c 16777216 >"$out/flash1.img"

# ---- The campaign ----

symbol() # AGENT SYMBOL NAME: where it begins and ends; what the optimiser added to it is left out
{
    "${prefix}nm" -n "$1" | awk -v symbol="$2" -v name="$3" '
        begun {print name "_end=0x" $1; done = 1; exit}
        {sub(/\..*/, "", $3)}
        $3 == symbol {print name "=0x" $1; begun = 1}
        END {if (!done) {print "glitch: this agent has no " symbol >"/dev/stderr"; exit 1}}'
}
begin() { symbol "$@" | sed '/_end=/d'; }

# Signing the log of a release takes long and decides nothing: that one call is answered, and the run
# goes on to the jump.
log() # AGENT
{
    "${prefix}objdump" -d "$1" | awk '
        /^[0-9a-f]+ </ {inside = $2 ~ /^<board_prepare[.>]/}
        inside && $4 == "bl" && $NF ~ /^<attest[.>]/ {sub(":", "", $1); print "log=0x" $1; done++}
        END {if (done != 1) {print "glitch: which call signs the log?" >"/dev/stderr"; exit 1}}'
}

numbers() # AGENT
{
    begin "$1" sek_agent_measure sek_cycle_start
    begin "$1" sek_image_finish sek_image_finish
    begin "$1" sek_verify_digest sek_verify_digest
    begin "$1" look_at_boot meeting
    begin "$1" judge meeting_2
    symbol "$1" verify_rsa sek_rsa_recover
    symbol "$1" multiply multiply
    symbol "$1" reduce reduce
    "${prefix}objdump" -d "$1" | awk '$NF == "wfi" {sub(":", "", $1); print "sleep=0x" $1}'
}
layout=$(layout $prefix -mcpu=cortex-a7 -mthumb)
numbers=$(numbers $agent)

campaign() # NAME IMAGE good|bad CHASSIS NAME=NUMBER...
{
    name=$1 image=$2 expected=$3 chassis=$4
    shift 4
    boards/fuji-bmc/flash.sh -c 16m -o "$out/flash0.img" -a "${agent%.elf}.bin" -s "$out/store.itb" \
        -i "$out/$image"
    rm -f "$out/stub"
    qemu-system-arm -S -gdb "unix:$out/stub,server=on,wait=off" -M fuji-bmc,$chips -display none \
        -monitor none -serial null -nic none \
        -drive file="$out/flash0.img,format=raw,if=mtd,snapshot=on" \
        -drive file="$out/flash1.img,format=raw,if=mtd,snapshot=on" \
        -drive file="$out/$chassis,format=raw,if=none,id=chassis,snapshot=on" \
        -device at24c-eeprom,bus=aspeed.i2c.bus.9,address=0x50,rom-size=4096,drive=chassis \
        </dev/null >"$out/qemu.log" 2>&1 &
    stub=$!
    status=0
    # shellcheck disable=SC2086 # lists
    build/glitch/glitch "$name" "$expected" "$agent" "$out/stub" $layout $numbers \
        partition=$partition "$@" || status=$?
    kill -KILL $stub 2>/dev/null || true
    wait $stub 2>/dev/null || true
    stub=
    return $status
}

# Of each place of the code this many instances are tried: the first, the last and some between.
how="every=$every instances=3"
altered=$((keep + $(place good kkkkkkkk)))
failed=0
[ "$every" -ne 1 ] || campaign "control, good system" good good chassis || failed=1
numbers="$numbers $(log $agent)"
campaign "control, good system, its log not signed" good good chassis || failed=1
# shellcheck disable=SC2086 # a list
{
    campaign "gate: altered in memory after it was measured" good bad chassis \
        alter=$altered rows=0 $how || failed=1
    if [ "$every" -eq 1 ]; then
        campaign "gate: good system on a device that is held" good bad nobodys-chassis \
            rows=0 $how || failed=1
        campaign "gate: altered payload" altered-payload bad chassis $how || failed=1
        campaign "gate: unknown signer" unknown-signer bad chassis $how || failed=1
        campaign "gate: forged signature" forged-signature bad chassis bignum=1 $how || failed=1
    fi
}
agent=$naive
numbers="$(numbers $agent) $(log $agent) $(symbol $agent board_main only)"
if campaign "control, naive gate" altered-payload bad chassis every=3 instances=2 >"$out/naive.log"; then
    echo "control, naive gate: not broken through"
    failed=1
else
    tail -n 1 "$out/naive.log" | sed 's/^ */control, naive gate, broken through: /'
fi
exit $failed
