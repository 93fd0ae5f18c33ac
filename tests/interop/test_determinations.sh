#!/bin/sh
# A rule that names nobody asks to be decided; an officer decides in a file of his own. What is not
# his to decide, or not signed by him, is refused, and then nothing is judged.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=$PWD/build/bench/sekisho
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work/config"
mkdir "$work/config"
cp build/keys/demo/*.der "$work/"
key() # folder, name
{
    mkdir -p "$work/$1"
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1/$2.pem"
    openssl pkey -in "$work/$1/$2.pem" -pubout -outform DER -out "$work/$1.der"
    openssl pkey -in "$work/$1/$2.pem" -pubout -out "$work/$1.pub.pem"
}
key authority authority
key desk officer
key other officer

# The demo's store with a rule of criteria over optics, and two officers, one of whom determines.
cat keys/demo/store.dts >"$work/store.dts"
cat >>"$work/store.dts" <<'DTS'
/ { policy { determinations-serial = <5>; };
    officers { desk { label = "Desk"; public-key = /incbin/("desk.der"); may = "determine"; };
        other { label = "Other"; public-key = /incbin/("other.der"); may = "order"; }; };
    rules { criteria-1 { label = "Optics of concern"; authority = "Test"; clause = "1"; source = "s";
        basis = "criteria"; force = "in-force"; role = "transceiver"; effective-from = "2020-01-01";
        verdict = "consult"; }; }; };
DTS
"$sekisho" store build -o "$work/store.dtb" "$work/store.dts" >"$work/log" 2>&1
"$sekisho" store sign -k "$work/authority" -o "$work/store.itb" "$work/store.dtb"

module() # file, vendor: a transceiver's EEPROM (SFF-8472), its sums right
{
    python3 - "$work/$1" "$2" <<'PY'
import sys
page = bytearray(256)
page[0:3] = b"\x03\x04\x07"
page[20:36] = sys.argv[2].encode().ljust(16)
page[40:56] = b"X1".ljust(16)
page[68:84] = b"S1".ljust(16)
page[63] = sum(page[0:63]) & 255
page[95] = sum(page[64:95]) & 255
open(sys.argv[1], "wb").write(page)
PY
}
module kiso.bin "KISO NETWORKS"

made() # file, officer, verdict; then a sed expression: signs determinations
{
    cat >"$work/$1.dts" <<DTS
/dts-v1/;
/ { compatible = "sekisho,determinations-1"; label = "Optics"; authority = "Desk"; serial = <6>;
    issued = "2020-01-01"; not-after = "2099-12-31"; store-serial = <1>;
    determinations { d1 { rule = "criteria-1"; subject = "kiso-networks"; verdict = "$3";
        reference = "minutes 4"; date = "2026-01-15"; }; }; };
DTS
    sed -i "${4:-}" "$work/$1.dts"
    "$sekisho" store determine -k "$work/$2" -o "$work/$1.itb" "$work/$1.dts"
}
judge() # determinations, more
{
    file=$1
    shift
    "$sekisho" inspect --store "$work/store.itb" --authority "$work/authority.pub.pem" \
        ${file:+--determinations "$work/$file"} "$@" "$work/kiso.bin"
}

expect "without a determination it is consult" 3 'consult +VND-005' judge ''
made cleared desk cleared
expect "cleared: the rule finds nothing" 3 'identified +VND-001' judge cleared.itb
check "and the report says by what" grep -q 'with determinations 6' "$work/said"
made excluded desk excluded
expect "excluded: the rule excludes" 1 'excluded +VND-002' judge excluded.itb
cp "$work/excluded.itb" "$work/config/determinations.itb"
expect "those of the configuration count by themselves" 1 'excluded +VND-002' judge ''
judge '' --json >"$work/json" 2>"$work/log" || true
check "JSON says their serial" jq -e '.store.determinations == 6' "$work/json"
expect "those that are named count instead" 3 'identified' judge cleared.itb
rm "$work/config/determinations.itb"

refused() # name, pattern, then as made()
{
    name=$1 pattern=$2
    shift 2
    made bad "$@"
    expect "$name" 5 "TS-007.*$pattern" judge bad.itb
}
refused "an officer who may not determine is refused" 'not signed by an officer' other cleared
refused "past its end it is refused" 'not valid today' desk cleared 's/2099-12-31/2020-12-31/'
refused "before its day it is refused" 'not valid today' desk cleared 's/issued = "2020/issued = "2099/'
refused "an older one is refused" 'older than' desk cleared 's/serial = <6>/serial = <4>/'
refused "one for a newer store is refused" 'newer trust store' desk cleared 's/store-serial = <1>/store-serial = <2>/'
refused "a rule that is not there is refused" 'no such rule' desk cleared 's/criteria-1/criteria-2/'
refused "a rule that names somebody is not theirs" 'names somebody itself' desk cleared 's/criteria-1/no-yamabiko/'
refused "an entity that is not there is refused" 'no such entity' desk cleared 's/kiso-networks/nobody/'
cp "$work/excluded.itb" "$work/changed.itb"
printf 'X' | dd of="$work/changed.itb" bs=1 seek=$(($(wc -c <"$work/changed.itb") - 100)) conv=notrunc 2>/dev/null
expect "changed bytes are refused" 5 'TS-007' judge changed.itb
expect "a file that is not there is refused" 5 'TS-007' judge none.itb
expect "a store is none" 5 'TS-007' judge store.itb
for change in 's/reference = "minutes 4";//' 's/reference/refrence/' 's/verdict = "cleared"/verdict = "clear"/' \
    's/label = "Optics";//' 's/d1 {/d1 { more = <1>;/' 's/ determinations {/ more { }; determinations {/'; do
    expect "a form that is wrong is not signed: $change" 5 'TS-007' made form desk cleared "$change"
done
finish
