#!/bin/sh
# make glitch: faults at every instruction of the agent's decision, from the end of an image's digest
# to the stored verdict. The agent is the one that ships (armhf, static); it runs under qemu-user to
# the place where the window begins, and from there in Unicorn, once for each fault.
#
#   tests/attack/glitch.sh [EVERY]     only each so many-th instruction (default 1: all)
#
# Prints what was tried and how often a bad image was approved; exit status 0 only if never, and
# if the controls hold: the good image is approved, and an agent that decides by one plain `if`
# (tests/attack/glitch/naive) is caught.
set -eu
cd "$(dirname "$0")/../.."
every=${1:-1}
out=build/glitch
keys=build/keys/demo
agent=build/linux-armhf/sekisho-agent
naive=$out/naive/sekisho-agent
prefix=arm-linux-gnueabihf-
sekisho=build/bench/sekisho
stub=

# shellcheck disable=SC2317 # the trap calls it
tidy()
{
    [ -z "$stub" ] || kill -KILL "$stub" 2>/dev/null || true
}
trap tidy EXIT
trap 'exit 1' INT TERM

quietly()
{
    make --no-print-directory -j"$(nproc)" "$@" >"$out/log" 2>&1 || { cat "$out/log" >&2; exit 1; }
}

# ---- What is attacked: the agent, a store with one key, a board with one region ----

mkdir -p "$out"
quietly BOARD=bench
quietly BOARD=linux ARCH=armhf
quietly BOARD=glitch
# The naive agent: the same objects, but for one.
rm -rf "$out/naive"
cp -a build/linux-armhf "$out/naive"
quietly BOARD=linux ARCH=armhf out=$out/naive firmware="$(find firmware -name '*.c' \
    ! -path firmware/trust/decide.c ! -path '*_none.c' | tr '\n' ' ') tests/attack/glitch/naive/decide.c"

cat >"$out/store.dts" <<END
/dts-v1/;
/ {
	compatible = "sekisho,store-1";
	label = "Glitch"; authority = "Glitch";
	serial = <1>; issued = "2026-01-01"; not-after = "2036-12-31";
	suppliers {
		maker {
			allow = "kernel";
			key { public-key = /incbin/("stranger.spki.der"); algo = "sha256,rsa2048";
			      padding = "pkcs-1.5"; key-name-hint = "stranger"; };
		};
	};
};
END
cp $keys/stranger.spki.der "$out/"
$sekisho store build -o "$out/store.dtb" "$out/store.dts"
$sekisho store sign -k $keys -o "$out/store.itb" "$out/store.dtb"

cat >"$out/board.dts" <<END
/dts-v1/;
/ {
	model = "Glitch"; #address-cells = <1>; #size-cells = <1>;
	flash@0 {
		partitions {
			compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
			partition@0 { label = "os"; reg = <0 0x10000>; sekisho,class = "kernel"; sekisho,path = "/image"; };
		};
	};
};
END
dtc -q -O dtb -o "$out/board.dtb" "$out/board.dts"

# Another key of the same kind, under the same name: its signatures are another's.
mkdir -p "$out/keys"
[ -e "$out/keys/stranger.key" ] || openssl genpkey -quiet -algorithm RSA \
    -pkeyopt rsa_keygen_bits:2048 -out "$out/keys/stranger.key" 2>/dev/null
cp "$out/keys/stranger.key" "$out/keys/nobody.key"

# ---- The images ----

head -c 2048 /dev/zero | tr '\0' k >"$out/kernel"
sign() # FILE KEYS KEY
{
    KERNEL=$out/kernel boards/setup/demo_images.sh "$out/$1" "$2" "$3" sha256,rsa2048
}
flip() # FROM TO TEXT: the bit 0 of the byte where TEXT begins
{
    cp "$out/$1" "$out/$2"
    at=$(grep -abo -m 1 "$3" "$out/$2" | head -n 1 | cut -d: -f1)
    byte=$(od -An -tu1 -j"$at" -N1 "$out/$2")
    # shellcheck disable=SC2059 # a byte as an octal escape
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="$out/$2" bs=1 seek="$at" conv=notrunc status=none
}
sign good $keys stranger
flip good altered-payload kkkkkkkk
sign unknown-signer "$out/keys" nobody
sign forged-signature "$out/keys" stranger

# ---- The numbers that the harness needs: addresses of the program, layout of its structures ----

cat >"$out/layout.c" <<END
#include "agent/cycle.h"
#include "crypto/spki.h"
char image_at[offsetof(struct sek_cycle, image)];
char count_at[offsetof(struct sek_cycle, row_count)];
char rows_at[offsetof(struct sek_cycle, memory.row)];
char today_at[offsetof(struct sek_cycle, appraiser.context.today)];
char row_size[sizeof(struct sek_row)];
char modulus_at[offsetof(struct sek_spki, modulus)];
char exponent_at[offsetof(struct sek_spki, exponent)];
char integrity_at[offsetof(struct sek_row, integrity)];
char verdict_at[offsetof(struct sek_row, verdict)];
END
${prefix}gcc -Ifirmware -I. -isystem build/src/mbedtls/include \
    -DMBEDTLS_CONFIG_FILE='"boards/setup/mbedtls_device.h"' \
    -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"boards/setup/mbedtls_device.h"' -c -o "$out/layout.o" "$out/layout.c"
layout=$(${prefix}nm -S "$out/layout.o" | awk '{print $4 "=0x" $2}')
addresses() # AGENT
{
    ${prefix}nm -n "$1" | awk '
        name {print name "_end=0x" $1; name = ""}
        $3 ~ /^(sek_(cycle_start|image_finish|appraise_images|verify_digest|rsa_recover)|multiply)$/ {
            print $3 "=0x" $1
            if ($3 ~ /recover|multiply/) name = $3
        }'
}

# ---- The campaign ----

campaign() # NAME IMAGE good|bad AGENT NAME=NUMBER...
{
    rm -rf "$out/root" "$out/vault" "$out/stub"
    mkdir -p "$out/root"
    mkdir -m 700 "$out/vault"
    cp "$out/$2" "$out/root/image"
    qemu-arm-static -g "$out/stub" "$4" --board "$out/board.dtb" --vault "$out/vault" \
        --store "$out/store.itb" --root "$out/root" --number G-1 --udp 0 >"$out/agent.log" 2>&1 &
    stub=$!
    status=0
    # shellcheck disable=SC2046,SC2086 # lists
    $out/glitch "$1" "$3" "$4" "$out/stub" $layout $(addresses "$4") "$5" "$6" || status=$?
    kill -KILL $stub 2>/dev/null || true
    wait $stub 2>/dev/null || true
    stub=
    return $status
}

failed=0
for image in altered-payload forged-signature unknown-signer; do
    bignum=0 # its exponentiation is walked through where it is what decides
    [ $image != forged-signature ] || bignum=1
    campaign "$image" $image bad $agent "every=$every" "bignum=$bignum" || failed=1
done
campaign "control, good image" good good $agent every=1 bignum=0 || failed=1
if campaign "control, naive decision" altered-payload bad $naive every=1 last=1000 >"$out/naive.log"; then
    echo "control, naive decision: not caught"
    failed=1
else
    tail -n 1 "$out/naive.log" | sed 's/^ */control, naive decision, caught: /'
fi
exit $failed
