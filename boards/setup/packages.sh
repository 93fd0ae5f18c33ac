#!/bin/sh
# Installs the Debian packages that building, testing and the demo need. Silent when nothing is
# missing. Without root it prints the command that an administrator has to run.
set -eu

packages="
gcc make libc6-dev                              compiler
libjansson-dev libcmocka-dev                    JSON reports; unit tests
device-tree-compiler u-boot-tools openssl       dtc, mkimage, keys
gcc-arm-linux-gnueabihf libc6-dev-armhf-cross   the agent for the emulated switch
gcc-arm-none-eabi libnewlib-arm-none-eabi       sizes of the portable core on a small controller
qemu-system-arm cpio gzip                       the emulated switch and its first file system
libcoap3-bin socat                              peers: coap-client, ptys
libunicorn-dev                                  fault injection into the shipped binary
clang clang-format clang-tidy cppcheck          second compiler, fuzzing, checkers
python3 gdb shellcheck
"
# First columns only: a comment begins behind three spaces.
wanted=$(echo "$packages" | sed 's/   .*//')

missing=
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "packages are missing; as root run: apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086
if ! { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "packages cannot be installed:$missing" >&2
    exit 1
fi
rm -f "$log"
