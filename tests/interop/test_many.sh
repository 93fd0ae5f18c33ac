#!/bin/sh
# Many files in one call come out as each of them alone, in the order given: whatever their sizes,
# whether they share a processor or two, and however many are stepped together. A large file alone is
# read by two threads, so the two ways are held against each other.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=build/bench/sekisho
keys=build/keys/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -x "$sekisho" ] || make --no-print-directory BOARD=bench >/dev/null
boards/setup/demo_keys.sh "$keys"
boards/setup/demo_store.sh "$sekisho" "$keys" "$work/store.itb"

# Signed images of sizes around a block, a chunk and many chunks; one altered; files that are none.
mkdir "$work/files"
seq 1 900000 >"$work/text"
for size in 1 63 64 65 4096 16384 32767 32768 100000 1000000 5000001; do
    head -c "$size" "$work/text" >"$work/kernel"
    KERNEL=$work/kernel boards/setup/demo_images.sh "$work/files/good-$size" "$keys" kiso \
        sha256,rsa4096 pkcs-1.5
done
for size in 1000000 5000001; do
    cp "$work/files/good-$size" "$work/files/altered-$size"
    printf '\377' | dd of="$work/files/altered-$size" bs=1 seek=500000 conv=notrunc status=none
done
head -c 4000000 "$work/files/good-5000001" >"$work/files/cut-5000001"
cp "$work/text" "$work/files/text"
: >"$work/files/empty"
head -c 2000 "$work/files/good-4096" >"$work/files/cut"
ln -s missing "$work/files/missing"

# Several rounds over the list, each beginning elsewhere, so that short and long ones meet.
set -- "$work"/files/*
list=
for _ in 1 2 3 4; do
    list="$list $*"
    for _ in 1 2 3; do
        first=$1
        shift
        set -- "$@" "$first"
    done
done
for file in $list; do
    "$sekisho" inspect --demo --store "$work/store.itb" --quiet "$file" 2>&1 || :
done >"$work/alone"

together() # command in front...
{
    # shellcheck disable=SC2086 # a list without blanks in its names
    "$@" "$sekisho" inspect --demo --store "$work/store.itb" --quiet $list >"$work/together" 2>&1 || :
    cmp "$work/alone" "$work/together"
}
check "the list has good, altered, unreadable and other files" sh -c \
    "grep -q ^ACCEPT '$work/alone' && grep -q ^REJECT '$work/alone' && grep -q ^ERROR '$work/alone'"
check "many files on all processors come out as each alone" together env
check "many files on one processor come out as each alone" together taskset -c 0
finish
