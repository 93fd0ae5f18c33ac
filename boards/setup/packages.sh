#!/bin/sh
# Debian packages that building, testing and the demo need. Silent when nothing is missing; as root
# installs what is, else prints the command for it and fails. For Debian 12 and 13.
set -eu

packages=$(sed 's/ *#.*//' <<LIST
gcc                             # the compiler of every host program
make
libc6-dev
dpkg-dev                        # apt-get source unpacks nothing, but asks for it
debian-archive-keyring          # Debian's keys: what the third-party sources are checked with
ca-certificates                 # mirrors over https
bzip2                           # the sources' tarballs
xz-utils
libjansson-dev                  # JSON on the bench
libexpat1-dev                   # reference import: LVFS metadata
zlib1g-dev
libcmocka-dev                   # unit tests
clang                           # second compiler; fuzzing
clang-format                    # make lint
clang-tidy
cppcheck
shellcheck
gcc-arm-linux-gnueabihf         # the agent for the emulated switch
libc6-dev-armhf-cross
gcc-arm-none-eabi               # bare metal; make size
libnewlib-arm-none-eabi
qemu-system-arm                 # the emulated switch
qemu-user-static                # cross-built programs, run here
u-boot-tools                    # mkimage: signed images of the tests and the demo
device-tree-compiler            # dtc, fdtget: trust stores and boards
openssl                         # keys of the demo; yardstick of make bench
jq                              # tests of --json
python3                         # test peers
libunicorn-dev                  # make glitch: runs the agent with faults
libcapstone-dev
nodejs                          # interop: npm's coap, @auth0/cose, cbor2
npm
libcoap3-bin                    # interop: coap-client
ieee-data                       # organisations' prefixes for the policy packs
gpg                             # reference import: signed lists of vendors
gpgv
signify-openbsd
softhsm2                        # interop: keys in a PKCS#11 token
opensc
libengine-pkcs11-openssl
cpio                            # the emulated switch's initramfs
rauc                            # interop: what other tools make and take
squashfs-tools
cryptsetup-bin
swupdate
signify-openbsd
sbsigntool
LIST
)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
missing=
for package in $packages; do
    ! command -v "$package" >/dev/null || continue # also from elsewhere: nodejs may bring npm
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "Packages are missing. As root:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list
{
    apt-get -q update && apt-get -q install -y --no-install-recommends $missing
} >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
