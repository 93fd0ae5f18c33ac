#!/bin/sh
# Drafts reference values of a Debian release: its installer's kernels and initial file systems.
#
#   keys/references/debian.sh SUITE ARCH [FILE...] >draft.dtsi     debian.sh bookworm armhf
#
# What vouches for them: InRelease is signed by Debian's keys (package debian-archive-keyring), it
# holds the digest of the installer's SHA256SUMS, and that the digests of the files. Of FILE the
# name as it stands there; without one the netboot kernel and initrd. MIRROR names another mirror.
set -eu
cd "$(dirname "$0")/../.."

suite=${1:?debian.sh SUITE ARCH [FILE...]}
arch=${2:?debian.sh SUITE ARCH [FILE...]}
shift 2
mirror=${MIRROR:-http://deb.debian.org/debian}
sums=main/installer-$arch/current/images/SHA256SUMS
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
sekisho=${SEKISHO:-build/bench/sekisho}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() # path below the suite's folder, file
{
    /usr/lib/apt/apt-helper download-file "$mirror/dists/$suite/$1" "$work/$2" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; exit 1; }
}

fetch InRelease InRelease
gpgv -q --keyring "$keyring" --output "$work/Release" "$work/InRelease" 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
want=$(awk -v path="$sums" '/^SHA256:/ {on = 1; next} /^[^ ]/ {on = 0} on && $3 == path {print $1}' \
    "$work/Release")
[ -n "$want" ] || { echo "debian.sh: $suite has no $sums" >&2; exit 1; }
fetch "$sums" SHA256SUMS
echo "$want  $work/SHA256SUMS" | sha256sum --check --quiet >&2

release=$(sed -n 's/^Version: //p' "$work/Release")
echo "/* $mirror/dists/$suite/$sums"
echo " * is as the signed release $release of $(sed -n 's/^Date: //p' "$work/Release") says. */"
# shellcheck disable=SC2046 # names without blanks
[ $# -gt 0 ] || set -- $(awk '$2 ~ /^\.\/netboot\/.*(vmlinuz|linux|initrd.gz)$/ && $2 !~ /gtk/ {print $2}' \
    "$work/SHA256SUMS")
[ $# -gt 0 ] || { echo "debian.sh: no netboot images of $arch: name files" >&2; exit 1; }
cd "$work"
"$OLDPWD/$sekisho" reference import --supplier debian --release "$release" \
    --source "Debian $release $suite, installer-$arch" SHA256SUMS "$@" |
    grep -v '^/\* The list was NOT signed' # the chain above vouches for it
