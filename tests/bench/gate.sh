#!/bin/sh
# The gate on the emulated board, with 8 MiB of images: how long it takes from reset to its first
# verdict, as a part of what the board needs to read those bytes in user mode and do nothing else;
# and how many bytes it reads of them. Both in turn, minima; exit status 0 only if both goals are met.
#
# usage: tests/bench/gate.sh [ROUNDS]     default 5
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-5}
out=build/measure/gate
keys=build/keys/demo
bytes=$((8 * 1048576))
chips=fmc-model=mx25l12805d,spi-model=mx25l12805d
emulator=

# shellcheck disable=SC2317 # the trap calls it
tidy()
{
    [ -z "$emulator" ] || kill -KILL "$emulator" 2>/dev/null || true
    rm -rf "$out/flash0.img" "$out/flash1.img" "$out/kernel" "$out/os.itb"
}
trap tidy EXIT
trap 'exit 130' INT TERM
for tool in qemu-system-arm arm-none-eabi-gcc; do
    command -v "$tool" >/dev/null || { echo "the gate: $tool is not installed"; exit 0; }
done

quietly()
{
    make --no-print-directory -j"$(nproc)" "$@" >"$out/log" 2>&1 || { cat "$out/log" >&2; exit 1; }
}
mkdir -p "$out"
sed -e 's/<0x100000 0x2000>/<0x100000 0x800000>/' -e 's/partition@102000/partition@900000/' \
    -e 's/<0x102000 0xcfe000>/<0x900000 0x500000>/' tests/boards/gate.dts >"$out/board.dts"
grep -q '<0x900000 0x500000>' "$out/board.dts" || { echo "gate.dts is another one" >&2; exit 1; }
quietly BOARD=bench
quietly BOARD=raw
quietly BOARD=fuji-bmc CHIP=16m DESCRIPTION="$out/board.dts" out="$out/board"

boards/setup/demo_store.sh build/bench/sekisho $keys "$out/store.itb"
head -c $((bytes - 8192)) /dev/urandom >"$out/kernel"
printf '\030\050\157\001' | dd of="$out/kernel" bs=1 seek=36 conv=notrunc status=none # a zImage
echo '/dts-v1/; / { description = "a system"; };' | dtc -q -O dtb -o "$out/tree.dtb"
KERNEL=$out/kernel FDT=$out/tree.dtb boards/setup/demo_images.sh "$out/os.itb" $keys kiso \
    sha256,rsa4096 pkcs-1.5
boards/fuji-bmc/flash.sh -c 16m -o "$out/flash0.img" -a "$out/board/agent.bin" \
    -s "$out/store.itb" -i "$out/os.itb"
tr '\0' '\377' </dev/zero | head -c 16777216 >"$out/flash1.img"

# Starts the board, its console waiting for us: nothing is lost, and nothing runs before.
board() # MORE...
{
    rm -f "$out/console"
    qemu-system-arm -M fuji-bmc,$chips -display none -monitor none -nic none \
        -chardev "socket,id=console,path=$out/console,server=on,wait=on" -serial chardev:console \
        -drive "file=$out/flash0.img,format=raw,if=mtd,snapshot=on" \
        -drive "file=$out/flash1.img,format=raw,if=mtd,snapshot=on" "$@" \
        </dev/null >"$out/qemu.log" 2>&1 &
    emulator=$!
}
ended()
{
    kill -KILL "$emulator" 2>/dev/null || true
    wait "$emulator" 2>/dev/null || true
    emulator=
}

# Reads the console to a line and prints its first number; says a word first where one is given,
# after another line.
hear() # LINE [AFTER WORD]
{
    perl -MIO::Socket::UNIX -MIO::Select -MTime::HiRes=time,sleep -e '
        my ($path, $line, $after, $word) = @ARGV;
        my ($socket, $text, $until) = (undef, "", time + 120);
        until ($socket = IO::Socket::UNIX->new(Peer => $path)) {
            exit 1 if time > $until;
            sleep 0.05;
        }
        my $wait = IO::Select->new($socket);
        while (time < $until) {
            if ($word && $text =~ $after) {
                syswrite $socket, "\r$word\r";
                $word = undef;
            }
            if (!$word && $text =~ $line) {
                print "$1\n";
                exit 0;
            }
            $wait->can_read(1) and (sysread($socket, $text, 4096, length $text) or last);
        }
        exit 1' "$out/console" "$@"
}

round=0
: >"$out/raw"
: >"$out/verdicts"
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    board -kernel build/raw/raw.elf
    hear '^raw (\d+) ms' >>"$out/raw"
    ended
    board
    hear '(?m)^read +(\d+ bytes, until \d+) ms' '(?m)^gate: ' info >>"$out/verdicts"
    ended
done
raw=$(sort -n "$out/raw" | head -n 1)
verdict=$(awk '{print $NF}' "$out/verdicts" | sort -n | head -n 1)
awk -v raw="$raw" -v verdict="$verdict" -v read="$(awk 'NR == 1 {print $1}' "$out/verdicts")" \
    -v bytes="$bytes" -v part=4096 'BEGIN {
    printf "the gate on the emulated board, 8 MiB of images: verdict after %d ms, read alone %d ms\n", verdict, raw
    printf "  %-58s %9.3f  %-9s %s\n", "from reset to the first verdict, of reading alone",
        verdict / raw, "<= 3", verdict / raw <= 3 ? "met" : "MISSED"
    printf "  %-58s %9.3f  %-9s %s\n", "bytes read of chip, of bytes of components",
        read / bytes, "<= 1.00", read == bytes ? "met" : "MISSED"
    exit !(verdict / raw <= 3 && read == bytes)}'
