#!/bin/sh
# Fetches what the emulated switch runs: Debian's own armhf kernel, the modules that the board
# needs, and the device tree of the real board. Nothing is installed; nothing is built.
#
#   kernel.sh [DIR]     DIR (default build/system) gets vmlinuz, fuji.dtb, modules/NN-name.ko
#
# Silent when all of it is there. KERNEL_SUITE picks another Debian release (default bookworm: the
# kernel that QEMU 7.2 and 10.0 were both seen to start).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-$root/build/system}
suite=${KERNEL_SUITE:-bookworm}
dtb=aspeed-bmc-facebook-fuji.dtb

# In the order of loading; what each depends on is read from the module itself.
wanted="ofpart spi-nor spi-aspeed-smc mtdblock i2c-aspeed i2c-mux-pca954x at24 i2c-dev
        realtek mdio-aspeed ftgmac100 crc32c_generic ext4"

[ -s "$dir/kernel.done" ] && [ "$(cat "$dir/kernel.done")" = "$suite $wanted" ] && exit 0

say() { echo "kernel: $*" >&2; }

# shellcheck disable=SC2016 # apt's own fields, not the shell's
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian|Debian|//p' | head -n 1)
[ -n "$mirror" ] || { say "no Debian mirror known to apt; run: apt-get update"; exit 1; }

# A private apt: the system's lists, sources and architectures stay as they are.
state=$dir/apt
mkdir -p "$state/none" "$state/lists/partial" "$state/cache/archives/partial"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
    > "$state/sources.list"
private() {
    tool=$1
    shift
    "$tool" -q -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts="$state/none" \
        -o Dir::Etc::preferences="$state/none" -o Dir::Etc::preferencesparts="$state/none" -o Dir::State="$state" \
        -o Dir::State::lists="$state/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$state/cache" -o APT::Architecture=armhf -o APT::Architectures=armhf \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User= "$@"
}

work=$(mktemp -d "$dir/unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

private apt-get update > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
package=$(private apt-cache depends linux-image-armmp |
    sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)$/\1/p' | head -n 1)
[ -n "$package" ] || { say "linux-image-armmp is not in $suite at $mirror"; exit 1; }
say "fetching $package (43 MB)"
# apt checks the archive against its signed index: InRelease, Packages, SHA-256 of the file.
(cd "$work" && private apt-get download "$package" > log 2>&1) || { cat "$work/log" >&2; exit 1; }
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -x -C "$work" --wildcards \
    './boot/vmlinuz-*' "*/$dtb" '*.ko'

find "$work" -name '*.ko' > "$work/all"
file_of() { grep "/$(echo "$1" | sed 's/[-_]/[-_]/g')\.ko\$" "$work/all" | head -n 1; }
needs() { # prints the module's dependencies, depth first, then the module
    for need in $(tr '\0' '\n' < "$(file_of "$1")" | sed -n 's/^depends=//p' | tr , ' '); do
        needs "$need"
    done
    echo "$1" | tr - _
}

rm -rf "$dir/modules"
mkdir -p "$dir/modules"
for module in $wanted; do
    [ -n "$(file_of "$module")" ] || { say "$package has no module $module"; exit 1; }
    (needs "$module")
done | awk '!seen[$0]++' > "$work/order"
number=10
while read -r module; do
    cp "$(file_of "$module")" "$dir/modules/$number-$module.ko"
    number=$((number + 1))
done < "$work/order"
cp "$work"/boot/vmlinuz-* "$dir/vmlinuz"
cp "$(find "$work" -name "$dtb")" "$dir/fuji.dtb"
rm -rf "$state/lists" "$state/cache"
echo "$suite $wanted" > "$dir/kernel.done"
