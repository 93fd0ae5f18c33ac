#!/bin/sh
# Every C file is as clang-format 14 writes it (Debian 12's; versions differ in details).
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

case $(clang-format --version 2>/dev/null || true) in
*" version 14."*) ;;
*)
    echo "  SKIP  no clang-format 14 here"
    echo "0 passed, 0 failed"
    exit
    ;;
esac
for file in $(git ls-files '*.[ch]'); do
    [ -e "$file" ] || continue
    check "$file is formatted" clang-format --dry-run --Werror "$file"
done
finish
