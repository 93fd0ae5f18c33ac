#!/bin/sh
# The shipped policy packs: each compiles without a complaint of lint, joins with the others, and
# finds in real records what it names and nothing else. Prefixes come from the IEEE's registers.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=build/bench/sekisho
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work"
make --no-print-directory policies >"$work/log"
sed -n 's/^  all */  prefixes compiled from the registers: /p' "$work/log"

openssl ecparam -name prime256v1 -genkey -noout -out "$work/authority.pem"
openssl pkey -in "$work/authority.pem" -pubout -out "$work/public.pem"
mv "$work/public.pem" "$work/authority.pub.pem"
cc -std=c11 -O1 -o "$work/mkeeprom" tests/system/mkeeprom.c

# A store of some packs: store NAME PACK...
store()
{
    name=$1
    shift
    {
        printf '/dts-v1/;\n'
        for pack; do printf '/include/ "%s.dtsi"\n' "$pack"; done
        printf '/ {\n\tcompatible = "sekisho,store-1";\n\tlabel = "%s";\n' "$name"
        printf '\tauthority = "Test";\n\tserial = <1>;\n\tissued = "2026-11-01";\n'
        printf '\tnot-after = "2036-11-01";\n};\n'
    } >"$work/$name.dts"
    "$sekisho" store build --include build/policies -o "$work/$name.dtb" "$work/$name.dts" &&
        "$sekisho" store sign -k "$work" -o "$work/$name.itb" "$work/$name.dtb"
}

# verdict STORE EXPECTED POLICY OPTIONS -- FORMAT FIELD=TEXT...: of a record with these fields
verdict()
{
    name=$1 want=$2 policy=$3
    shift 3
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    "$work/mkeeprom" 2048 "$@" >"$work/record.bin"
    # shellcheck disable=SC2086 # a list
    "$sekisho" inspect --authority "$work/authority.pub.pem" --store "$work/$name.itb" --json \
        $options "$work/record.bin" >"$work/report.json" || true
    got=$(jq -r '.subjects[0].components[0] | "\(.verdict) \(.policy.rule // "-")"' "$work/report.json")
    if [ "$got" = "$want $policy" ]; then
        pass "$name: $*"
    else
        fail "$name: $*" "$got, not $want $policy"
    fi
}

packs=
for file in keys/policies/*.dtsi; do
    pack=$(basename "$file" .dtsi)
    [ "$pack" != entities ] || continue
    packs="$packs $pack"
    check "$pack compiles and signs" store "$pack" "$pack"
    check "$pack says its date and that it is no legal advice" sh -c \
        "'$sekisho' store show '$work/$pack.dtb' | grep -q 'Not legal advice'"
    said=$("$sekisho" store lint --include build/policies "$work/$pack.dts" 2>&1 |
        grep -v -e 'never applied' -e 'fewer than 4 letters' || true)
    if [ -z "$said" ]; then pass "lint of $pack is silent"; else fail "lint of $pack" "$said"; fi
done
# shellcheck disable=SC2086 # a list
check "all packs join" store all $packs oui

# Named: by name, by affiliate, by number, by prefix; dated affiliation; relief where nothing of the user passes.
store us us-889 oui
verdict us excluded us-889-a-telecom -- onie product=S5700 vendor=HUAWEI serial=1 country=CN
verdict us excluded us-889-a-telecom -- sfp vendor="Huawei Techn" part=X serial=1
verdict us excluded us-889-a-telecom -- sfp vendor=HISILICON part=X serial=1
verdict us excluded us-889-a-telecom -- onie product=X vendor=Acme pen=3902 serial=1
verdict us excluded us-889-a-surveillance -- sfp vendor=HIKVISION part=X serial=1
verdict us excluded us-889-a-surveillance -- sfp vendor=EZVIZ part=X serial=1
first=$(sed -n '/\thuawei {/,/}/s/.*oui24 = \[\([0-9a-f]*\).*/\1/p' build/policies/oui.dtsi)
verdict us excluded us-889-a-telecom -- sfp vendor=Acme oui="$first" part=X serial=1
verdict us excluded us-889-a-telecom --acquired 2020-01-01 -- onie vendor="Honor Device Co., Ltd." product=X serial=1

# The false-positive corpus: these names hold an alias' letters and are somebody else's.
for other in AZTECH "KAZTEK ENGINEERING" SHENZTECH VIZTECH WANZTEN HIKARI SHIKINO ASAHIKASEI HONESTAR; do
    verdict all identified - -- sfp vendor="$(printf %.16s "$other")" part=X serial=1
done
for other in "SHANGHAI DAHUA SCALE FACTORY" "SHENZHEN HONOR ELECTRONIC CO LTD" \
    "Hella Gutmann Wetterschutztechnik"; do
    verdict us identified - -- onie vendor="$other" product=X serial=1
done

# Criteria, class and case name nobody: somebody is asked. A proposal is not applied.
verdict japan-2018 consult japan-2018-procurement -- onie vendor=Acme product=X serial=1
verdict us-fcc-covered-list consult fcc-2025-uas-foreign -- onie vendor=Acme product=X serial=1 country=JP
verdict australia-2018 consult australia-2018-5g -- onie vendor=Acme product=X serial=1
verdict new-zealand-2013 consult new-zealand-2013-notification -- onie vendor=Acme product=X serial=1
verdict eu-proposed identified - -- onie vendor=Acme product=X serial=1
verdict uk-2022 excluded uk-2020-5g-purchase -- sfp vendor=HUAWEI part=X serial=1
verdict canada-2022 excluded canada-2022-procurement -- sfp vendor=ZTE oui=000000 part=X serial=1
verdict us-1260h consult us-805-contract -- sfp vendor=QUECTEL part=X serial=1
finish
