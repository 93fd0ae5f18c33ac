#!/bin/sh
# Trust stores through the real tools: dtc compiles, mkimage signs, and what does not follow the rules
# is refused, with the exit status and the rule of the contract.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=$PWD/build/bench/sekisho
keys=$PWD/build/keys/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work"

# The authority of these tests, and one that nobody trusts.
authority=$work/authority
mkdir "$authority"
for name in authority other-authority; do
    openssl ecparam -name prime256v1 -genkey -noout -out "$authority/$name.pem"
done
openssl pkey -in "$authority/authority.pem" -pubout -out "$authority/authority.pub.pem"

# The same, and exactly one line is said.
expect_line()
{
    expect "$@"
    [ "$(wc -l <"$work/said")" -eq 1 ] || fail "$1" "says more than one line: $(cat "$work/said")"
}

# ---- Making one -------------------------------------------------------------------------------

source=keys/demo/store.dts
dtb=$work/store.dtb
itb=$work/store.itb
expect "the demo's source is clean" 0 '' "$sekisho" store lint --include "$keys" "$source"
expect "it is built" 0 '' "$sekisho" store build --include "$keys" -o "$dtb" "$source"
expect "what was built is clean" 0 '' "$sekisho" store lint "$dtb"
before=$(find /tmp -maxdepth 1 -name 'sekisho-sign-*' | wc -l)
expect "it is signed with an EC key" 0 '' "$sekisho" store sign -k "$authority" -o "$itb" "$dtb"
expect "it is shown" 0 'no-yamabiko' "$sekisho" store show "$itb"
expect "a source is shown" 0 'release-2026 +([0-9a-f]{2}:){7}' \
    "$sekisho" store show --include "$keys" "$source"
check "the payload is a multiple of 8 bytes" test $(($(wc -c <"$dtb") % 8)) -eq 0
check "dtc reads it back" dtc -q -f -I dtb -O dts -o "$work/again.dts" "$dtb"
check "names are normalised in it" grep -q '"YAMABIKO SCHOOL BAND"' "$work/again.dts"
check "fdtget finds a key id in it" fdtget -t bx "$dtb" /suppliers/kiso-networks/release-2026 key-id
check "mkimage lists the signed store" mkimage -l "$itb"
expect "building twice gives the same bytes" 0 '' \
    "$sekisho" store build --include "$keys" -o "$work/twice.dtb" "$source"
check "byte by byte" cmp "$dtb" "$work/twice.dtb"
expect "a payload is built again from itself" 0 '' \
    "$sekisho" store build -o "$work/twice.dtb" "$dtb"
check "to the same bytes" cmp "$dtb" "$work/twice.dtb"
check "signing leaves nothing behind" test "$(find /tmp -maxdepth 1 -name 'sekisho-sign-*' | wc -l)" -eq "$before"

{ cat "$source"; echo "/include/ \"$PWD/keys/policies/japan-2018.dtsi\""; } >"$work/joined.dts"
expect "a policy that names nobody is joined to it" 0 '' \
    "$sekisho" store build --include "$keys" -o "$work/joined.dtb" "$work/joined.dts"
check "its rule is there" fdtget "$work/joined.dtb" /rules/japan-2018-procurement verdict

# Seeds of tests/fuzz/fuzz_store.c.
mkdir -p build/test/data/store
cp "$dtb" "$itb" build/test/data/store/

# ---- What is wrong ----------------------------------------------------------------------------

change() # sed expression: the source with one change
{
    sed "$1" "$source" >"$work/changed.dts"
}

changed=$work/changed.dts
lint() { "$sekisho" store lint --include "$keys" "$changed"; }
change 's/pkcs-1.5/pkcs/'
expect_line "a wrong word is found" 1 'changed.dts: /suppliers/kiso-networks/release-2026 padding: ' lint
change 's/unverified-accept = "data"/unverified-accept = "kernel"/'
expect_line "code that may stay unverified is found" 1 'unverified-accept' lint
change 's/clause = .*/clauze = "x";/'
expect "an unknown property and a missing one are found" 1 'clauze: no such property' lint
expect "build refuses what lint refuses" 1 'clause: is missing' \
    "$sekisho" store build --include "$keys" -o "$work/none.dtb" "$changed"
check "and writes nothing" test ! -e "$work/none.dtb"

# Keys that others can find the private half of (tests/interop/weak_keys.py).
python3 tests/interop/weak_keys.py "$work"
weak() # NAME...: the source with a key for each
{
    keys_of=
    for name in "$@"; do
        keys_of="$keys_of k-$name { public-key = /incbin/(\\\"$work/$name.spki.der\\\"); algo = \\\"sha256,rsa2048\\\"; padding = \\\"pkcs-1.5\\\"; };"
    done
    change "s|^\t\t\tallow = \"kernel\", \"rootfs\";|&$keys_of|"
}
weak sound shared-a
expect "sound keys are not blamed" 0 '' lint
weak roca
expect_line "a key of RSALib is found" 1 'k-roca public-key: .*ROCA' lint
weak close
expect_line "primes close together are found" 1 'k-close public-key: .*close together' lint
weak square
expect_line "one prime twice is found" 1 'k-square public-key: .*close together' lint
weak shared-a sound shared-b
expect_line "a prime in two keys is found" 1 'k-shared-a and .*k-shared-b: .*share a prime' lint
change 's/<&ent_yamabiko>/<\&ent_yamabico>/'
expect_line "a reference to nobody is dtc's to find" 5 'changed.dts: dtc .*ent_yamabico' lint
change 's/serial = <1>;/serial = <1>/'
expect_line "a syntax error is told with its line" 5 'changed.dts: dtc .*changed.dts:[0-9]' lint
expect_line "a file that is not there is told" 5 'none.dtb: No such file' "$sekisho" store lint "$work/none.dtb"
expect_line "a directory is told" 5 "$work: " "$sekisho" store lint "$work"
head -c 1000 "$dtb" >"$work/cut.dtb"
expect_line "a file that is cut is told" 5 'cut.dtb: offset 0: not a device tree' \
    "$sekisho" store show "$work/cut.dtb"
: >"$work/empty.dtb"
expect_line "an empty file is told" 5 'empty.dtb: offset 0: not a device tree' \
    "$sekisho" store show "$work/empty.dtb"
expect "nothing to do is a usage error" 2 'store: ' "$sekisho" store
expect "build without an output is a usage error" 2 '-o FILE' "$sekisho" store build "$source"
expect_line "a folder without a key is told" 5 'no authority.pem' \
    "$sekisho" store sign -k "$work" -o "$work/x.itb" "$dtb"
expect_line "a signed store is not signed again" 5 'is signed already' \
    "$sekisho" store sign -k "$authority" -o "$work/x.itb" "$itb"
expect_line "a tree without an index is not signed" 5 'no index' sh -c \
    "cp '$dtb' '$work/plain.dtb' && fdtput -r '$work/plain.dtb' /index && '$sekisho' store sign -k '$authority' -o '$work/x.itb' '$work/plain.dtb'"

# ---- Other keys -------------------------------------------------------------------------------

for bits in 2048 3072 4096; do
    mkdir -p "$work/rsa$bits"
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits" \
        -out "$work/rsa$bits/authority.key" 2>/dev/null ||
        openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits" \
            -out "$work/rsa$bits/authority.key" 2>/dev/null
    expect "it is signed with RSA-$bits" 0 '' \
        "$sekisho" store sign -k "$work/rsa$bits" -o "$work/rsa.itb" "$dtb"
done
mkdir -p "$work/odd name; \$(touch evil)"
cp "$authority/authority.pem" "$work/odd name; \$(touch evil)/"
expect "odd names reach no shell" 0 '' "$sekisho" store sign -k "$work/odd name; \$(touch evil)" \
    -o "$work/odd \"\$(touch evil)\".itb" "$dtb"
check "they did not" test ! -e evil

# ---- What the container must be ---------------------------------------------------------------

printf 'not an image\n' >"$work/subject"
inspect() # store
{
    "$sekisho" inspect --store "$1" --authority "$authority/authority.pub.pem" "$work/subject"
}

its() # sed expression over the source of the container
{
    cp "$dtb" "$work/store.dtb" 2>/dev/null || true
    sed "$1" >"$work/store.its" <<'END'
/dts-v1/;
/ {
	description = "Sekisho trust store";
	#address-cells = <1>;
	images {
		store {
			description = "serial 1";
			data = /incbin/("store.dtb");
			type = "flat_dt";
			compression = "none";
			hash-1 { algo = "sha256"; };
		};
	};
	configurations {
		default = "store";
		store {
			fdt = "store";
			signature-1 {
				algo = "sha256,ecdsa256";
				key-name-hint = "authority";
				sign-images = "fdt";
			};
		};
	};
};
END
    rm -f "$work/made.itb"
    # shellcheck disable=SC2086 # options
    mkimage ${2:--E -B 8} -f "$work/store.its" -k "$authority" "$work/made.itb" >"$work/log" 2>&1 ||
        { cat "$work/log"; return 1; }
}

refused() # name, sed expression, mkimage's options, pattern
{
    its "$2" "${3:-}"
    expect "$1" 5 "$4" inspect "$work/made.itb"
}

expect "an unknown file under a good store is refused by verdict" 1 '' inspect "$itb"
its ''
expect "a store signed by hand as the schema says opens" 1 '' inspect "$work/made.itb"
refused "a payload inside the tree is refused" '' '-B 8' 'TS-005'
refused "another algorithm of hash is refused" 's/"sha256"/"crc32"/' '' 'TS-005'
refused "a weak hash is refused" 's/"sha256"/"sha1"/' '' 'TS-005'
its 's/"sha256"/"sha512"/'
expect "a stronger hash is accepted" 1 '' inspect "$work/made.itb"
refused "another key is refused" 's/= "authority"/= "other-authority"/' '' 'TS-002'
refused "an unsigned store is refused" '/signature-1 {/,/};/d' '' 'TS-00[25]'
refused "another name of the image is refused" 's/^\t\tstore {$/\t\tshop {/; s/"store";$/"shop";/; s/default = "shop"/default = "shop"/' '' 'TS-005'
refused "a second image is refused" 's/^\timages {/\timages { more { data = [00]; type = "flat_dt"; compression = "none"; hash-1 { algo = "sha256"; }; };/' '' 'TS-005'
refused "a second configuration is refused" 's/^\t\tdefault = "store";/\t\tdefault = "store"; more { fdt = "store"; };/' '' 'TS-005'
refused "another child of the root is refused" 's/^\timages {/\textra { }; images {/' '' 'TS-005'
cp "$itb" "$work/made.itb"
printf '\0' >>"$work/made.itb"
expect "a byte behind the payload is refused" 5 'TS-005' inspect "$work/made.itb"
cp "$itb" "$work/made.itb"
printf 'X' | dd of="$work/made.itb" bs=1 seek=$(($(wc -c <"$itb") - 100)) conv=notrunc 2>/dev/null
expect "a changed payload is refused" 5 'TS-005' inspect "$work/made.itb"
cp "$authority/authority.pem" "$authority/somebody.pem"
its 's/= "authority"/= "somebody"/'
expect "the hint chooses nothing" 1 '' inspect "$work/made.itb"
expect "a store that is no store is refused" 5 'TS-005' inspect "$work/subject"
expect "a missing store is told" 5 'TS-001' inspect "$work/none.itb"
cp "$keys"/*.der "$work/"
{
    cat keys/demo/store.dts
    printf '/ { rules { wide: all { label = "a"; authority = "a"; clause = "a"; source = "a"; basis = "named";\n'
    printf ' force = "in-force"; subject = <&ent_yamabiko>; follow = "subsidiary", "brand";\n'
    printf ' effective-from = "2020-01-01"; verdict = "excluded"; }; }; };\n'
} >"$work/shadow.dts"
expect "a rule that another hides is named" 0 'warning: /rules/no-yamabiko: never speaks' \
    "$sekisho" store lint "$work/shadow.dts"
sed 's/verdict = "excluded"; }; }; };/transition { acquired-before = "2020-01-01"; }; &/' "$work/shadow.dts" \
    >"$work/relief.dts"
check "a rule with relief hides none" sh -c "! '$sekisho' store lint '$work/relief.dts' | grep -q 'never speaks'"
sed 's/"KISO"/"NETWORKS"/' keys/demo/store.dts >"$work/common.dts"
expect "an alias that is a common word is named" 0 'common word' "$sekisho" store lint "$work/common.dts"

# The desk: what changed between two stores, and a key that is revoked.
cp keys/demo/store.dts "$work/first.dts"
sed 's/serial = <1>/serial = <2>/; s/"KISO NETWORKS", "KISO"/"Kiso Networks", "KISO", "KISONET"/' \
    keys/demo/store.dts >"$work/second.dts"
"$sekisho" store build -o "$work/first.dtb" "$work/first.dts"
expect "a source equals the store that was made of it" 0 '' \
    "$sekisho" store diff "$work/first.dts" "$work/first.dtb"
expect "diff shows what is new" 1 '^\+ /entities/kiso-networks alias = "KISO NETWORKS", "KISO", "KISONET"' \
    "$sekisho" store diff "$work/first.dtb" "$work/second.dts"
expect "diff shows what is gone" 1 '^- / serial = 1$' \
    "$sekisho" store diff "$work/first.dtb" "$work/second.dts"
sed 's/boot-2024 {/boot-2025 { public-key = \/incbin\/("stranger.spki.der"); algo = "sha256,rsa2048"; padding = "pss"; };\n\t\t\tboot-2024 {/' \
    keys/demo/store.dts >"$work/two-keys.dts"
expect "revoke writes a piece of source" 0 'revoked = "2026-11-20"' \
    "$sekisho" store revoke --date 2026-11-20 "$work/two-keys.dts" hakone-systems/boot-2026
"$sekisho" store revoke --date 2026-11-20 "$work/two-keys.dts" hakone-systems/boot-2026 >"$work/revoked.dtsi"
cat "$work/two-keys.dts" "$work/revoked.dtsi" >"$work/revoked.dts"
expect "joined, the key is revoked and the serial higher" 1 '^\+ / serial = 2' \
    "$sekisho" store diff "$work/two-keys.dts" "$work/revoked.dts"
expect "the last key of a supplier is not revoked" 5 "last key" \
    "$sekisho" store revoke "$work/first.dts" kiso-networks/release-2026
expect "a revoked key is not revoked again" 5 "revoked already" \
    "$sekisho" store revoke "$work/first.dts" hakone-systems/boot-2024
expect "the key that signs the store is not revoked" 5 "signs this store" \
    "$sekisho" store revoke --authority "$keys/hakone.pub.pem" "$work/two-keys.dts" hakone-systems/boot-2026
expect "a key that is not there is said" 5 "no key nobody/none" \
    "$sekisho" store revoke "$work/first.dts" nobody/none

# ---- An end that is near -----------------------------------------------------------------------

ends() # days from now: a store that ends then, signed
{
    sed "s/not-after = \"2036-10-31\"/not-after = \"$(date -u -d "$1 days" +%F)\"/" keys/demo/store.dts >"$work/ends.dts"
    "$sekisho" store build -o "$work/ends.dtb" "$work/ends.dts" >"$work/log" 2>&1
    "$sekisho" store sign -k "$authority" -o "$work/ends.itb" "$work/ends.dtb"
}
ends 12
expect "inspect warns a month before" 1 'trust store 1 ends in 12 days' inspect "$work/ends.itb"
"$sekisho" inspect --json --store "$work/ends.itb" --authority "$authority/authority.pub.pem" \
    "$work/subject" >"$work/json" 2>"$work/log" || true
check "also in JSON" jq -e '.subjects[0].notes[0] | test("ends in 12 days")' "$work/json"
expect "show warns" 0 'in 12 days' "$sekisho" store show "$work/ends.itb"
expect "lint warns" 0 'less than 30 days away' "$sekisho" store lint "$work/ends.itb"
ends 31
check "not earlier" sh -c "! '$sekisho' inspect --store '$work/ends.itb' \
    --authority '$authority/authority.pub.pem' '$work/subject' 2>&1 | grep -q 'ends in'"
sed 's/issued = "2026-11-01"/issued = "2099-01-01"/; s/not-after = "2036-10-31"/not-after = "2099-12-31"/' \
    keys/demo/store.dts >"$work/ends.dts"
"$sekisho" store build -o "$work/ends.dtb" "$work/ends.dts"
"$sekisho" store sign -k "$authority" -o "$work/ends.itb" "$work/ends.dtb"
expect "before its issue the date is unknown: a clock was put back" 1 'TS-003.*yet to come' \
    inspect "$work/ends.itb"

finish
