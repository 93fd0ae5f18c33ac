#!/bin/sh
# Who may include whom: the table of firmware/README.md, checked on every #include, tests aside.
# VERBOSE=1 lists the files that pass.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

libc_free="setjmp.h stdalign.h stdarg.h stdbool.h stddef.h stdint.h stdnoreturn.h limits.h string.h assert.h"

# What the files of a folder may include: folders of ours, then system headers.
allowed()
{
    case $1 in
    firmware/base/*)     echo "base | $libc_free" ;;
    firmware/crypto/*)   echo "base crypto hal/digest.h hal/entropy.h hal/word.h | $libc_free psa/* mbedtls/* sodium/*" ;;
    firmware/image/*)    echo "base crypto image hal/digest.h | $libc_free libfdt.h fdt.h" ;;
    firmware/part/*)     echo "base part | $libc_free" ;;
    firmware/trust/*)    echo "base crypto image part trust hal/digest.h | $libc_free libfdt.h fdt.h mbedtls/*" ;;
    firmware/evidence/*) echo "base crypto evidence part image trust hal/digest.h hal/clock.h hal/entropy.h hal/vault.h | $libc_free psa/* mbedtls/* cbor.h tinycbor/*" ;;
    firmware/channel/*)  echo "base evidence channel | $libc_free" ;;
    firmware/agent/*)    echo "base crypto image part trust evidence channel agent hal | $libc_free psa/* mbedtls/* libfdt.h" ;;
    hal/*.h | hal/fake/* | hal/x86/* | hal/linux/*) echo "base hal | *" ;;
    hal/lwip/*)          echo "base hal | $libc_free lwip/* netif/*" ;;
    hal/*)               echo "base hal | $libc_free" ;;
    *)                   echo "* | *" ;;
    esac
}

# Is include $1 among the words that follow? A folder stands for all that is in it.
among()
{
    include=$1
    shift
    for word; do
        # shellcheck disable=SC2254 # patterns on purpose
        case $include in
        $word | $word/*) return 0 ;;
        esac
    done
    return 1
}

set -f
find firmware hal -name '*.[ch]' | sort | (
    while read -r file; do
        rule=$(allowed "$file")
        why=
        # shellcheck disable=SC2013 # include names hold no blanks
        for include in $(sed -n 's/^#include "\(.*\)".*/\1/p' "$file"); do
            # shellcheck disable=SC2086
            among "$include" ${rule%|*} || why="$why \"$include\""
        done
        # shellcheck disable=SC2013
        for include in $(sed -n 's/^#include <\(.*\)>.*/\1/p' "$file"); do
            # shellcheck disable=SC2086
            among "$include" ${rule#*|} || why="$why <$include>"
        done
        if [ -z "$why" ]; then
            pass "$file includes what its folder may"
        else
            fail "$file includes what its folder may" "not:$why"
        fi
    done
    finish
)
