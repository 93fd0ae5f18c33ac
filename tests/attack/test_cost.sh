#!/bin/sh
# U19: a FIT cannot make its measuring cost more than its bytes. Compiles firmware/image and libfdt
# once more, with a counter in every basic block, and counts.
set -eu
cd "$(dirname "$0")/../.."

out=build/test/cost
compiler=${CC:-gcc}
mkdir -p "$out"
include="-Ifirmware -I. -isystem build/src/mbedtls/include -isystem build/src/libfdt/libfdt -isystem build/src/include"
config='"boards/setup/mbedtls_bench.h"'
sanitize="-fsanitize=address,undefined"
objects=
compile() # file, flags...
{
    object=$out/$(echo "$1" | tr / _).o
    objects="$objects $object"
    file=$1
    shift
    # shellcheck disable=SC2086 # lists of flags
    "$compiler" -std=c11 -O1 $include "-DMBEDTLS_CONFIG_FILE=$config" \
        "-DMBEDTLS_PSA_CRYPTO_CONFIG_FILE=$config" $sanitize "$@" -c -o "$object" "$file"
}
for file in firmware/image/*.c build/src/libfdt/libfdt/fdt.c build/src/libfdt/libfdt/fdt_ro.c \
    build/src/libfdt/libfdt/fdt_check.c; do
    compile "$file" -w -fsanitize-coverage=trace-pc
done
compile tests/attack/cost.c -Wall -Wextra -Werror
# shellcheck disable=SC2086
"$compiler" $sanitize -o "$out/cost" $objects -Wl,--allow-multiple-definition -Wl,--start-group \
    build/test/lib/*.a -Wl,--end-group -lcmocka -ljansson -pthread
"$out/cost"
