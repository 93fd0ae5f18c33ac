#!/bin/sh
# Fetches the sources of the libraries that we build ourselves into build/src, through apt's signed
# index, without touching the system's package state. Silent when they are there.
#
# usage: boards/setup/sources.sh BUILD_FOLDER
set -eu
build=$(mkdir -p "$1" && cd "$1" && pwd)
apt=$build/apt

have() { [ -e "$build/src/$1/.complete" ]; }
have mbedtls && have libfdt && have tinycbor && have lwip && exit 0

command -v apt-get >/dev/null || { echo "sources: apt-get is needed (Debian 12 or 13)" >&2; exit 1; }

# The mirror that the system itself uses.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        sed -n -e 's/^URIs: *\([^ ]*\/debian\)\/\{0,1\} *$/\1/p' \
               -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\/debian\)\/\{0,1\} .*/\2/p' | head -n 1
}

options="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$apt/parts
 -o Dir::State::lists=$apt/lists -o Dir::Cache=$apt/cache -o Dir::State::status=/dev/null
 -o APT::Sandbox::User= -o Acquire::Retries=3 -o Acquire::Languages=none"

update() {
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
    uri=$(mirror)
    {
        echo "Types: deb-src"
        echo "URIs: ${uri:-http://deb.debian.org/debian}"
        echo "Suites: bookworm trixie trixie-updates forky"
        echo "Components: main"
        echo "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"
    } >"$apt/parts/source.sources"
    # A suite that the mirror does not have is no failure as long as the source is found in another.
    # shellcheck disable=SC2086
    apt-get $options -qq update >"$apt/update.log" 2>&1 || true
}

# Versions of a source package in the signed index that begin so, newest first.
versions() {
    # shellcheck disable=SC2086
    apt-cache $options showsrc "$1" 2>/dev/null | sed -n 's/^Version: *//p' | grep "^$2" | sort -Vru
}

# Original tarball of SOURCE at VERSION: apt downloads it and checks it against the signed index.
# apt's exit status also counts packaging files that some mirrors lack, so what decides here is
# the hash that the index prints.
tarball() {
    # shellcheck disable=SC2086
    line=$(apt-get $options --print-uris --only-source --tar-only source "$1=$2" 2>/dev/null |
        grep '\.orig\.tar\.[a-z0-9]* ' | head -n 1)
    [ -n "$line" ] || return 1
    name=$(echo "$line" | cut -d ' ' -f 2)
    hash=$(echo "$line" | sed -n 's/.*\(SHA256\|SHA512\):\([0-9a-f]*\).*/\1 \2/p')
    (
        cd "$apt"
        # shellcheck disable=SC2086
        apt-get $options -qq --download-only --only-source --tar-only source "$1=$2" >>"$apt/fetch.log" 2>&1 || true
        [ -f "$name" ] || exit 1
        case $hash in
        SHA256*) echo "${hash#* }  $name" | sha256sum --check --quiet ;;
        SHA512*) echo "${hash#* }  $name" | sha512sum --check --quiet ;;
        *) exit 1 ;;
        esac
    ) || return 1
    echo "$apt/$name"
}

# fetch FOLDER SOURCE VERSION-PREFIX: the newest version that can be had.
fetch() {
    have "$1" && return 0
    echo "sources: $2"
    for version in $(versions "$2" "$3"); do
        file=$(tarball "$2" "$version") || continue
        rm -rf "$build/src/$1"
        mkdir -p "$build/src/$1"
        tar -xf "$file" -C "$build/src/$1" --strip-components=1
        echo "$2 $version" >"$build/src/$1/.complete"
        return 0
    done
    echo "sources: $2 $3* cannot be had from $(mirror); see $apt/update.log and fetch.log" >&2
    return 1
}

mkdir -p "$apt"
update
fetch mbedtls mbedtls 3.6.
fetch libfdt device-tree-compiler 1.
fetch tinycbor tinycbor 0.
fetch lwip lwip 2.
