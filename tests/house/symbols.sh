#!/bin/sh
# What the objects of the Linux agent reference, whatever the sources say.
#
#  - Code that measures knows nothing of trust/: it cannot know the digest that would please.
#  - firmware/ and hal/ allocate nothing and print nothing (hal/linux makes calls of the system).
#  - firmware/ keeps nothing mutable at file scope.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

out=${OUT:-build/linux}
nm=${NM:-nm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Objects below some folders of $out whose source is still there.
objects() # folder...
{
    find "$@" -name '*.o' 2>/dev/null | sort | while read -r object; do
        source=${object#"$out/"}
        [ ! -e "${source%.o}.c" ] || echo "$object"
    done
}

[ -d "$out/firmware" ] || { echo "$out/firmware is not there: make BOARD=linux"; exit 1; }

for object in $(objects "$out/firmware/trust"); do
    "$nm" --defined-only -g "$object" | awk 'NF == 3 {print $3}'
done | sort -u >"$work/trust"

for object in $(objects "$out/firmware/base" "$out/firmware/crypto" "$out/firmware/image" \
    "$out/firmware/part") $(find "$out/firmware/agent" -name 'inventory*.o' 2>/dev/null); do
    "$nm" -u "$object" | awk '{print $NF}' | sort -u >"$work/needs"
    found=$(comm -12 "$work/needs" "$work/trust" | tr '\n' ' ')
    if [ -z "$found" ]; then
        pass "$object measures and knows no trust"
    else
        fail "$object measures and knows no trust" "$found"
    fi
done

forbidden='^(malloc|calloc|realloc|free|aligned_alloc|strdup|strndup|alloca|(__)?(v?[fsd]?n?printf|v?snprintf|v?asprintf)(_chk)?|(__)?(puts|putchar|fputs|fwrite|fread|fopen|perror)(_chk)?|exit|abort|getenv)$'
for object in $(objects "$out/firmware" "$out/hal" | grep -v "^$out/hal/linux/"); do
    found=$("$nm" -u "$object" | awk '{print $NF}' | grep -Ex "$forbidden" | tr '\n' ' ' || true)
    if [ -z "$found" ]; then
        pass "$object neither allocates nor prints"
    else
        fail "$object neither allocates nor prints" "$found"
    fi
done

for object in $(objects "$out/firmware"); do
    found=$("$nm" "$object" | awk '$2 ~ /^[bBdDCgGsS]$/ && $3 !~ /^\.|\.rel\.ro/ {print $3}' | tr '\n' ' ')
    relro=$(for symbol in $found; do
        objdump -t "$object" | awk -v s="$symbol" '$NF == s && $0 !~ /\.data\.rel\.ro/ {print s}'
    done | tr '\n' ' ')
    if [ -z "$relro" ]; then
        pass "$object keeps no state at file scope"
    else
        fail "$object keeps no state at file scope" "$relro"
    fi
done
finish
