#!/bin/sh
# Work orders through the real tools: an officer signs, inspect judges by it, and the command line
# can only make a verdict stricter.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=build/bench/sekisho
keys=build/keys/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work"
make --no-print-directory BOARD=bench >/dev/null
boards/setup/demo_store.sh "$sekisho" "$keys" "$work/store.itb"
cc -std=c11 -O1 -o "$work/mkeeprom" tests/system/mkeeprom.c
"$work/mkeeprom" 512 sfp vendor="YAMABIKO OPTICS" part=X serial=1 >"$work/yamabiko.bin"
"$work/mkeeprom" 512 sfp vendor="HAKONE SYSTEMS" part=X serial=1 >"$work/hakone.bin"

order() # NAME, lines of the source that differ from it
{
    {
        printf '/dts-v1/;\n/ { compatible = "sekisho,order-1"; id = "%s"; label = "Test";\n' "$1"
        printf ' issued = "2026-11-01"; not-after = "2036-12-20"; store-serial = <1>;\n'
        printf ' devices { d1 { serial-number = "KN2026-000117"; }; };\n};\n/ { %s };\n' "$2"
    } >"$work/$1.dts"
    "$sekisho" order sign -k "$keys" -o "$work/$1.itb" "$work/$1.dts"
}

# inspect EXIT JQ-EXPRESSION EXPECTED OPTIONS...
inspect()
{
    want=$1 ask=$2 expected=$3
    shift 3
    status=0
    "$sekisho" inspect --demo --json "$@" >"$work/report.json" 2>"$work/said" || status=$?
    got=$(jq -r "$ask" "$work/report.json")
    if [ "$status" -eq "$want" ] && [ "$got" = "$expected" ]; then
        pass "inspect $*"
    else
        fail "inspect $*" "exit status $status, not $want; $got, not $expected"
    fi
}
verdict='.subjects[0].components[0].verdict'
source='.subjects[0].context | "\(.source) \(.tier) \(.acquired)"'

order procure 'event = "procure"; tier = "confidential"; acquired = "2026-11-20";'
order old 'event = "keep"; acquired = "2025-01-01";'
order laboratory 'event = "procure"; tier = "laboratory";'
order expired 'not-after = "2026-11-02";'
order newer 'store-serial = <2>;'
inspect 1 "$verdict" excluded "$work/yamabiko.bin"
inspect 1 "$verdict" excluded --order "$work/procure.itb" "$work/yamabiko.bin"
inspect 3 "$verdict" transitional --order "$work/old.itb" "$work/yamabiko.bin"
inspect 3 "$verdict" transitional --order "$work/laboratory.itb" "$work/yamabiko.bin"
inspect 3 "$verdict" identified --order "$work/procure.itb" "$work/hakone.bin"
# What is said to be firmware is no part, whatever it begins like.
inspect 1 "$verdict" unverified --class mcu "$work/hakone.bin"
inspect 3 "$source" "order:procure confidential 2026-11-20" --order "$work/procure.itb" "$work/hakone.bin"

# What is typed cannot undo what is unknown, nor what an order says; it can make it stricter.
inspect 1 "$verdict" excluded --acquired 2025-01-01 --event keep "$work/yamabiko.bin"
inspect 1 "$verdict" excluded --acquired 2025-01-01 --order "$work/procure.itb" "$work/yamabiko.bin"
inspect 1 "$verdict" excluded --tier laboratory --order "$work/procure.itb" "$work/yamabiko.bin"
inspect 1 "$verdict" excluded --acquired 2026-11-20 --order "$work/old.itb" "$work/yamabiko.bin"
inspect 1 "$source" "order:old, command line null 2026-11-20" --acquired 2026-11-20 \
    --order "$work/old.itb" "$work/yamabiko.bin"

# An order that cannot be used: nothing is judged.
error='"\(.schema) \(.rule)"'
inspect 5 "$error" "sekisho/error-1 TS-006" --order "$work/expired.itb" "$work/hakone.bin"
inspect 5 "$error" "sekisho/error-1 TS-006" --order "$work/newer.itb" "$work/hakone.bin"
inspect 5 "$error" "sekisho/error-1 TS-006" --order "$work/missing.itb" "$work/hakone.bin"
inspect 5 "$error" "sekisho/error-1 TS-006" --order "$work/store.itb" "$work/hakone.bin"
mkdir "$work/strangers"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/strangers/officer.pem"
"$sekisho" order sign -k "$work/strangers" -o "$work/stranger.itb" "$work/procure.dts"
inspect 5 "$error" "sekisho/error-1 TS-006" --order "$work/stranger.itb" "$work/hakone.bin"
check "show names the order and its devices" sh -c \
    "'$sekisho' order show '$work/procure.itb' | grep -q KN2026-000117"
sed 's/tier/tire/' "$work/procure.dts" >"$work/typo.dts"
check "a word misspelt is refused" sh -c \
    "'$sekisho' order sign -k $keys -o '$work/typo.itb' '$work/typo.dts' 2>&1 | grep -q 'TS-006.*no order has'"
check "and nothing is written" test ! -e "$work/typo.itb"
finish
