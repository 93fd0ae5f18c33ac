#!/bin/sh
# No source file has more than 600 lines (the aim is 400).
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

longest=600
for file in $(git ls-files '*.[chS]' '*.sh' '*.py' '*.js' '*.mk' Makefile); do
    [ -e "$file" ] || continue
    lines=$(wc -l <"$file")
    if [ "$lines" -le "$longest" ]; then
        pass "$file has at most $longest lines"
    else
        fail "$file has at most $longest lines" "$lines"
    fi
done
finish
