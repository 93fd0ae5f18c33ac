#!/bin/sh
# Measures the goals of speed, memory and size on the wire against peers, and prints each ratio.
#
# Whole processes, interleaved rounds, the minimum counts; the yardstick is `openssl dgst` on the same
# files in the same run, everything in the page cache. QUICK=1 runs fewer rounds. Exit status 0 only
# says that everything ran: the last line says how many goals were met.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/rows.sh
sekisho=$PWD/build/bench/sekisho
agent=$PWD/build/linux/sekisho-agent
keys=$PWD/build/keys/demo
mib=1048576
agent_pid=

tidy()
{
    [ -z "$agent_pid" ] || kill "$agent_pid" 2>/dev/null || true
    rm -rf "$data/48" "$data/1000" "$data/big.itb" "$data/random" "$data/images" "$data/device"
}
trap tidy EXIT
trap 'exit 130' INT TERM

# ---- Material ----------------------------------------------------------------------------------

image() # OUT BYTES HASH: a FIT of RSA-4096 around so many random bytes
{
    head -c "$2" "$data/random" >"$data/kernel"
    KERNEL=$data/kernel HASH=$3 boards/setup/demo_images.sh "$1" "$keys" kiso sha256,rsa4096 pkcs-1.5
    rm "$data/kernel"
}

echo "preparing keys, stores and images ($(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg))"
begin
: >"$data/words"
boards/setup/demo_keys.sh "$keys"
boards/setup/demo_store.sh "$sekisho" "$keys" "$data/demo.itb"
"$sekisho" store build --include "$keys" -o "$data/store.dtb" keys/demo/store.dts
"$sekisho" store sign -k "$data" -o "$data/store.itb" "$data/store.dtb"
head -c $((256 * mib)) /dev/urandom >"$data/random"
image "$data/small.itb" 2560 sha256
image "$data/16.itb" $((16 * mib)) sha256
image "$data/384.itb" $((16 * mib)) sha384
image "$data/512.itb" $((16 * mib)) sha512
image "$data/big.itb" $((256 * mib)) sha256
head -c 4096 "$data/random" >"$data/4k"
openssl dgst -sha256 -sign "$keys/kiso.key" -out "$data/4k.sig" "$data/4k"
copies "$data/48" 48 "$data/16.itb"
copies "$data/1000" 1000 "$data/small.itb"

inspect="$sekisho inspect --quiet --authority $data/authority.pub.pem --store $data/store.itb"
verify="openssl dgst -sha256 -verify $keys/kiso.pub.pem -signature $data/4k.sig $data/4k"

# ---- Time and memory ---------------------------------------------------------------------------

race 12 <<LIST
big-dgst 1 openssl dgst -sha256 $data/big.itb
big 1 $inspect $data/big.itb
LIST
race 60 <<LIST
16-dgst 1 openssl dgst -sha256 $data/16.itb
16 1 $inspect $data/16.itb
384-dgst 1 openssl dgst -sha384 $data/384.itb
384 1 $inspect $data/384.itb
512-dgst 1 openssl dgst -sha512 $data/512.itb
512 1 $inspect $data/512.itb
LIST
many=$(echo "$data"/48/*)
race 8 <<LIST
48-dgst 1 openssl dgst -sha256 $many
48 1 $inspect $many
48-dgst-one 1 taskset -c 0 openssl dgst -sha256 $many
48-one 1 taskset -c 0 $inspect $many
LIST
race 400 <<LIST
small-verify 1 $verify
small 1 $inspect $data/small.itb
small-demo 1 $sekisho inspect --quiet --demo --store $data/demo.itb $data/small.itb
version-openssl 1 openssl version
version 1 $sekisho --version
LIST
many=$(echo "$data"/1000/*)
race 4 <<LIST
1000-verify 1000 $verify
1000 1 $inspect $many
LIST

echo "sekisho inspect, a FIT signed with RSA-4096, store checked; time as a part of"
ratio "256 MiB, of openssl dgst -sha256" big big-dgst 0.92
ratio "16 MiB, of openssl dgst -sha256" 16 16-dgst 0.80
ratio "16 MiB hashed by sha384, of openssl dgst -sha384" 384 384-dgst ""
ratio "16 MiB hashed by sha512, of openssl dgst -sha512" 512 512-dgst ""
if [ "$(nproc)" -ge 2 ]; then
    ratio "48 files of 16 MiB in one call, of one openssl dgst" 48 48-dgst 0.40
fi
ratio "the same, both on one processor" 48-one 48-dgst-one 0.60
ratio "4 KiB, of openssl dgst -verify of 4 KiB" small small-verify 0.45
ratio "4 KiB with the demo's store, which is signed with P-256" small-demo small-verify ""
ratio "1000 of 4 KiB in one call, of 1000 openssl dgst -verify" 1000 1000-verify 0.12
ratio "sekisho --version, of openssl version" version version-openssl 0.35
echo "memory, peak of resident KiB"
for name in small 16 big 48 48-one 1000; do
    row "$name" "$(field $name 3)" 4096 %9s
done
row "256 MiB, of 4 KiB" \
    "$(awk -v a="$(field big 3)" -v b="$(field small 3)" 'BEGIN {printf "%.3f", a / b}')" 1.05 %9s

tests/bench/images.sh

# ---- A device of eight components --------------------------------------------------------------

device=$data/device
rm -rf "$device"
tests/system/pieces.sh -o "$device" -k "$keys" >/dev/null
boards/setup/demo_store.sh "$sekisho" "$keys" "$device/store.itb" "$device/references.dts"

component() # name, file, class, format property
{
    printf '\t%s {\n\t\tsekisho,class = "%s";\n\t\tsekisho,path = "/%s";\n\t\t%s\n\t};\n' "$1" "$3" "$2" "$4"
    size=$((size + $(wc -c <"$device/$2")))
}
size=0
{
    printf '/dts-v1/;\n/ {\n\tcompatible = "example,eight";\n\tmodel = "Eight components";\n'
    component boot boot.itb boot ''
    component smb-fpga smb-fpga.itb fpga ''
    component pim-fpga pim-fpga.itb fpga ''
    component env env.bin config ''
    component meta meta.bin config ''
    component chassis chassis-b.bin product 'nvmem-layout { compatible = "onie,tlv-layout"; };'
    component port1 port1.bin transceiver 'sekisho,format = "sff-8472";'
    component port2 port2.bin transceiver 'sekisho,format = "sff-8472";'
    printf '};\n'
} >"$device/board.dts"
dtc -q -O dtb -o "$device/board.dtb" "$device/board.dts"
mkdir -m 700 "$device/vault"
"$agent" --board "$device/board.dtb" --vault "$device/vault" --store "$device/store.itb" \
    --root "$device" --udp 0 --pty "$device/tty" &
agent_pid=$!
for _ in $(seq 100); do
    [ ! -e "$device/tty" ] || break
    sleep 0.1
done
export SEKISHO_STATE="$device/state"
"$sekisho" enroll --ca-key "$keys/device-ca.pem" --ca-cert "$keys/device-ca.crt.pem" \
    "serial:$device/tty" >"$device/log" 2>&1 || { cat "$device/log" >&2; exit 1; }

challenge() # one check over the serial line; its last lines
{
    status=0
    "$sekisho" check --wire --demo --store "$device/store.itb" "serial:$device/tty" \
        >"$device/log" 2>&1 || status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then # HOLD: no clock, no pinned description
        cat "$device/log" >&2
        exit 1
    fi
}
read_by_agent() # bytes that the agent's read calls have returned so far
{
    awk '$1 == "rchar:" {print $2}' "/proc/$agent_pid/io"
}
word() # number: a word of the line that begins with "wire"
{
    awk -v n="$1" '$1 == "wire" {print $n}' "$device/log"
}
challenge
before=$(read_by_agent)
challenge
after=$(read_by_agent)
other=$(($(word 13) + $(wc -c <"$device/vault/device-cert"))) # from the line, and for it

echo "evidence of a device with eight components, challenged over its serial line"
row "bytes of the token" "$(word 3)" 1799 %9s
row "bytes of it and its request on the wire, both ways" "$(word 5)" 3899 %9s
row "bytes read in a cycle, of the bytes of its components" \
    "$(awk -v read=$((after - before - other)) -v all="$size" 'BEGIN {printf "%.4f", read / all}')" \
    1.0000 %9s

# ---- Trust stores --------------------------------------------------------------------------------

# The bench's own objects around a program that measures in one process.
program() # NAME
{
    "${HOSTCC:-cc}" -std=c11 -Wall -Wextra -Werror -O2 -pthread -Ifirmware -I. \
        -isystem build/src/mbedtls/include -isystem build/src/include \
        -isystem build/src/libfdt/libfdt -DMBEDTLS_CONFIG_FILE='"boards/setup/mbedtls_bench.h"' \
        -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"boards/setup/mbedtls_bench.h"' -o "$data/$1" \
        "tests/bench/$1.c" build/bench/boards/bench/files.o build/bench/tables.o \
        -Wl,--start-group build/bench/lib/*.a -Wl,--end-group
}

scale() # suppliers, of ten identifiers each: what scale.c prints
{
    tests/bench/big_store.py "$1" >"$data/many.dts"
    "$sekisho" store build -o "$data/many.dtb" "$data/many.dts"
    "$sekisho" store sign -k "$keys" -o "$data/many.itb" "$data/many.dtb"
    "$data/scale" "$data/many.itb" "$keys/authority.pub.pem"
}
of() # a / b
{
    awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'
}
program scale
few=$(scale 100)
many=$(scale 10000)
# shellcheck disable=SC2086 # four numbers
set -- $many

echo "a store of 10,000 suppliers and 100,000 identifiers, $(wc -c <"$data/many.itb") bytes"
row "20,000 look-ups, of one scan of its tree by libfdt" "$(of 20000 "$1")" 1.000 %9s
row "records that a look-up reads, at most" "$2" 18 %9s
row "the same, of those with 1,000 identifiers" "$(of "$2" "$(echo "$few" | cut -d' ' -f2)")" 1.700 %9s
row "accepting it, of 2 x (SHA-256, one signature) + fdt_check_full" "$3" 1.000 %9s
row "milliseconds of accepting it" "$4" "" %9s
rm "$data"/many.*

# ---- Policy -------------------------------------------------------------------------------------

# Every pack that is shipped, in one store; prefixes of addresses where the registers are installed.
policy_store()
{
    printf '/dts-v1/;\n/ { compatible = "sekisho,store-1"; label = "all"; authority = "A";\n'
    printf 'serial = <1>; issued = "2026-11-01"; not-after = "2036-10-31"; };\n'
    echo '/include/ "entities.dtsi"'
    for pack in keys/policies/*.dtsi; do
        [ "$pack" = keys/policies/entities.dtsi ] || echo "/include/ \"${pack##*/}\""
    done
    [ ! -e build/policies/oui.dtsi ] || echo '/include/ "oui.dtsi"'
}
make --no-print-directory policies >"$data/log" 2>&1 || true
policy_store >"$data/policies.dts"
"$sekisho" store build --include build/policies -o "$data/policies.dtb" "$data/policies.dts" \
    2>"$data/log"
"$sekisho" store sign -k "$data" -o "$data/policies.itb" "$data/policies.dtb"
program policy
costs=$("$data/policy" "$data/policies.dtb")

echo "100 parts of five fields against all shipped packs"
row "milliseconds" "${costs% *}" 1.000 %9s
row "bytes of stack" "${costs#* }" 8192 %9s
row "bytes of the packs in one store, signed" "$(wc -c <"$data/policies.itb")" 131072 %9s

# ---- The gate -----------------------------------------------------------------------------------

word=met # both of its goals; it prints its rows itself
tests/bench/gate.sh || word=MISSED
echo "$word" >>"$data/words"

echo "$(grep -c met "$data/words") goals met, $(grep -c MISSED "$data/words") missed (load $(cut -d' ' -f1 /proc/loadavg))"
