#!/bin/sh
# An authority hands over to a new key: who knows only the old one comes to the new one's stores by
# links that the old one signed, and by nothing else.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=$PWD/build/bench/sekisho
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work"
cp build/keys/demo/*.der "$work/"
printf 'not an image\n' >"$work/subject"
for name in old new third stranger; do
    mkdir "$work/$name"
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/$name/authority.pem"
    openssl pkey -in "$work/$name/authority.pem" -pubout -out "$work/$name.pub.pem"
    openssl pkey -in "$work/$name/authority.pem" -pubout -outform DER -out "$work/$name.der"
done

made() # file, key, dates: signs its source
{
    "$sekisho" store build -o "$work/$1.dtb" "$work/$1.dts" >"$work/log" 2>&1
    "$sekisho" store sign -k "$work/$2" -o "$work/$1.itb" "$work/$1.dtb"
}
link() # file, signer, successor, last day
{
    cat >"$work/$1.dts" <<DTS
/dts-v1/;
/ { compatible = "sekisho,store-1"; label = "hands over"; authority = "Test"; serial = <7>;
    issued = "2020-01-01"; not-after = "$4"; successor { public-key = /incbin/("$3.der"); }; };
DTS
    made "$1" "$2"
}
link old-new old new 2099-12-31
link new-third new third 2099-12-31
link new-old new old 2099-12-31
link past old new 2020-12-31
link stranger-new stranger new 2099-12-31
sed 's/^\t\/\/.*//' keys/demo/store.dts >"$work/store.dts"
made store new
cp "$work/store.dts" "$work/thirds.dts"
made thirds third

join() # out, part...: as chain does, unchecked
{
    out=$work/$1
    shift
    printf sekchain >"$out"
    for part; do
        len=$(wc -c <"$work/$part.itb")
        # shellcheck disable=SC2059 # octal on purpose
        {
            printf "$(printf '\\%03o\\%03o\\%03o\\%03o\\0\\0\\0\\0' $((len >> 24)) $((len >> 16 & 255)) \
                $((len >> 8 & 255)) $((len & 255)))"
            cat "$work/$part.itb"
            head -c $(((8 - len % 8) % 8)) /dev/zero
        } >>"$out"
    done
}
inspect() # store, authority
{
    "$sekisho" inspect --store "$work/$1" --authority "$work/$2.pub.pem" "$work/subject"
}

expect "the new store is nobody's to who knows the old key" 5 'TS-002' inspect store.itb old
expect "a chain is made" 0 '' "$sekisho" store chain --authority "$work/old.pub.pem" \
    -o "$work/chain.itb" "$work/old-new.itb" "$work/store.itb"
expect "it opens with the old key" 1 'FMT-003' inspect chain.itb old
expect "and not with the new one, which its link does not need" 5 'TS-002' inspect chain.itb new
expect "nor with a stranger's" 5 'TS-002' inspect chain.itb stranger
expect "what a chain holds is shown" 0 'Demo trust store' "$sekisho" store show "$work/chain.itb"
join by-hand.itb old-new store
check "the format is as it is written down" cmp "$work/by-hand.itb" "$work/chain.itb"
join two.itb old-new new-third thirds
expect "two links lead to a third key" 1 'FMT-003' inspect two.itb old
expect "a link of a stranger leads nowhere" 5 'TS-002' sh -c "'$sekisho' store chain \
    --authority '$work/old.pub.pem' -o '$work/none.itb' '$work/stranger-new.itb' '$work/store.itb'"
check "and nothing is written" test ! -e "$work/none.itb"
join wrong.itb old-new thirds
expect "a store of another key than the successor's is refused" 5 'TS-002' inspect wrong.itb old
join round.itb old-new new-old old-new store
expect "a loop is refused" 5 'was there before' inspect round.itb old
join order.itb new-third old-new thirds
expect "links in another order are refused" 5 'TS-002' inspect order.itb old
join none.itb store
expect "a chain without a link is refused" 5 'TS-005' inspect none.itb new
join plain.itb store store
expect "a link without a successor is refused" 5 'names no successor' inspect plain.itb new
join ended.itb past store
expect "past a link's last day the chain approves nothing" 1 'valid until 2020-12-31' inspect ended.itb old
join six.itb old-new new-third old-new new-third old-new store
expect "a long chain is refused" 5 'TS-002' inspect six.itb old
head -c 700 "$work/chain.itb" >"$work/cut.itb"
expect "a chain that is cut is refused" 5 'TS-005' inspect cut.itb old
{ cat "$work/chain.itb"; printf '\0\0\0\0\0\0\0\0'; } >"$work/more.itb"
expect "bytes behind it are refused" 5 'TS-00[25]' inspect more.itb old
mkdir "$work/demo"
cp build/keys/demo/authority.pem "$work/demo/"
cp build/keys/demo/authority.spki.der "$work/demo.der"
link old-demo old demo 2099-12-31
cp "$work/store.dts" "$work/demos.dts"
made demos demo
join demo.itb old-demo demos
expect "a chain to the demo's key is refused" 5 'demo authority' inspect demo.itb old

# Seeds of tests/fuzz/fuzz_store.c.
mkdir -p build/test/data/store
cp "$work/chain.itb" build/test/data/store/
finish
