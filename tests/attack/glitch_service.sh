#!/bin/sh
# Called by `make glitch`: faults at every instruction of the agent's decision, from the end of an
# image's digest to the stored verdict. The agent is the one that ships (armhf, static); it runs under qemu-user to
# the place where the window begins, and from there in Unicorn, once for each fault.
#
#   tests/attack/glitch_service.sh [EVERY]     only each so many-th instruction (default 1: all)
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
stub=

# shellcheck disable=SC2317 # the trap calls it
tidy()
{
    [ -z "$stub" ] || kill -KILL "$stub" 2>/dev/null || true
}
trap tidy EXIT
trap 'exit 1' INT TERM
. tests/attack/glitch/common.sh

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

store "$out/store.itb"

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

# ---- The images ----

head -c 2048 /dev/zero | tr '\0' k >"$out/kernel"
sign good $keys stranger
cp "$out/good" "$out/altered-payload"
flip altered-payload kkkkkkkk
sign unknown-signer "$out/keys" nobody
sign forged-signature "$out/keys" stranger

# ---- The numbers that the harness needs ----

layout=$(layout $prefix)
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
