#!/bin/sh
# clang-tidy and cppcheck over product code, file by file; what is not installed is said, not done.
# Takes minutes, so it is not a suite of `make test` by itself: LINT=1 or `make lint`.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

[ -n "${LINT:-}" ] || { echo "  SKIP  make lint runs it"; echo "0 passed, 0 failed"; exit; }
src=build/src
config='"boards/setup/mbedtls_bench.h"'
set -- -std=c11 -Ifirmware -I. -isystem $src/mbedtls/include -isystem $src/libfdt/libfdt \
    -isystem $src/include -isystem $src/tinycbor/src \
    -isystem $src/libsodium/src/libsodium/include \
    -isystem $src/libsodium/src/libsodium/include/sodium \
    -Ihal/lwip -isystem $src/lwip/src/include \
    -DCONFIGURED "-DMBEDTLS_CONFIG_FILE=$config" "-DMBEDTLS_PSA_CRYPTO_CONFIG_FILE=$config"
files=$(git ls-files 'firmware/*.c' 'hal/*.c' 'boards/*.c')

if command -v clang-tidy >/dev/null; then
    for file in $files; do
        check "clang-tidy $file" clang-tidy --quiet "$file" -- "$@"
    done
else
    echo "  SKIP  clang-tidy is not installed"
fi
if command -v cppcheck >/dev/null; then
    # Off: what it cannot parse (compound literals in ?:), what it takes for wrong without following
    # the call (uninitvar through a function's output), what C programs do on purpose.
    # shellcheck disable=SC2086 # a list of files
    check cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
        --enable=warning,portability --suppress=missingIncludeSystem --suppress=internalAstError \
        --suppress=uninitvar --suppress=autoVariables --suppress=arrayIndexThenCheck \
        --suppress=nullPointerArithmeticRedundantCheck --suppress='*:build/*' \
        -Ifirmware -I. -Ibuild/src/libfdt/libfdt $files
else
    echo "  SKIP  cppcheck is not installed"
fi
finish
