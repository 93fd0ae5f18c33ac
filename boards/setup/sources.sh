#!/bin/sh
# Third-party sources, fetched through Debian's signed index into build/src/{mbedtls,libfdt,tinycbor,libsodium,lwip}.
#
# apt keeps a private state under build/apt: the system's own lists and sources stay untouched and
# no root is needed. What is verified: InRelease is signed, its hash covers Sources, and Sources'
# SHA-256 covers the tarball. Only the original tarball is asked for (--tar-only), so that a missing
# .dsc on a mirror does not matter; a version whose tarball is missing gives way to the next older.
#
# Silent when everything is there. SEKISHO_SOURCES=dir takes tarballs from dir and uses no network.
set -eu

src=build/src
apt=$PWD/build/apt
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Name of the source package, versions we accept, folder under build/src, suites that offer it.
wanted="mbedtls             3.6.   mbedtls
        device-tree-compiler 1.     libfdt
        tinycbor            0.6.   tinycbor
        libsodium           1.0.   libsodium
        lwip                2.2.   lwip"

die()
{
    echo "sources: $*" >&2
    exit 1
}

apt_private()
{
    tool=$1
    shift
    "$tool" -q \
        -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- \
        -o Dir::State="$apt/state" -o Dir::State::lists="$apt/state/lists" \
        -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" \
        -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o APT::Sandbox::User= -o APT::Get::List-Cleanup=0 "$@"
}

# The mirror that the system's own sources name; suites in the order in which we trust them.
prepare_index()
{
    [ ! -e "$apt/ready" ] || return 0
    command -v apt-get >/dev/null || die "apt-get is needed to fetch and check the sources"
    # shellcheck disable=SC2016 # apt expands these, not the shell
    mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian|Debian|//p' | head -n 1)
    [ -n "$mirror" ] || die "no Debian mirror known: run 'apt-get update' as root once"
    [ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
    mkdir -p "$apt/etc" "$apt/state/lists/partial" "$apt/cache/archives/partial"
    for suite in trixie trixie-updates forky; do
        echo "deb-src [signed-by=$keyring] $mirror $suite main"
    done >"$apt/etc/sources.list"
    apt_private apt-get update >"$apt/update.log" 2>&1 ||
        { tail -n 5 "$apt/update.log" >&2; die "the source index of $mirror cannot be read"; }
    touch "$apt/ready"
}

# Prints the path of the newest tarball of package $1 with version prefix $2.
fetch()
{
    if [ -n "${SEKISHO_SOURCES:-}" ]; then
        for tarball in "$SEKISHO_SOURCES/${1}_$2"*.orig.tar.*; do
            [ -e "$tarball" ] && echo "$tarball"
        done | grep -v '\.asc$' | sort -V | tail -n 1
        return
    fi
    prepare_index
    mkdir -p build/tarballs
    versions=$(apt_private apt-cache showsrc "$1" 2>/dev/null | sed -n "s/^Version: \(${2}.*\)/\1/p" |
        sort -V -r -u)
    for version in $versions; do
        upstream=${version%-*}
        if (cd build/tarballs && apt_private apt-get source --download-only --tar-only \
            "$1=$version" >"$apt/$1.log" 2>&1); then
            for tarball in "build/tarballs/$1_$upstream.orig.tar."*; do
                case $tarball in *.asc) ;; *) echo "$tarball"; return ;; esac
            done
        fi
    done
}

# Unpacks into a folder beside the target and moves it there whole: no half tree after an interrupt.
unpack()
{
    mkdir -p "$src"
    rm -rf "$src/$2.new"
    mkdir "$src/$2.new"
    tar -xf "$1" -C "$src/$2.new" --strip-components=1
    basename "$1" >"$src/$2.new/.sekisho-version"
    mv "$src/$2.new" "$src/$2"
}

echo "$wanted" | while read -r package prefix folder; do
    [ ! -d "$src/$folder" ] || continue
    tarball=$(fetch "$package" "$prefix")
    [ -n "$tarball" ] || die "no source of $package $prefix* could be fetched; see build/apt/$package.log"
    unpack "$tarball" "$folder"
    echo "sources: $(sha256sum "$tarball" | cut -d ' ' -f 1)  $(basename "$tarball")"
done

# <tinycbor/cbor.h>, as the installed library has it.
mkdir -p "$src/include"
ln -sfn ../tinycbor/src "$src/include/tinycbor"
