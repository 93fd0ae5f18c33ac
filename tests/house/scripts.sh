#!/bin/sh
# Scripts are clean under shellcheck, begin with set -eu and can be run; nothing is left unfinished.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

for file in $(git ls-files '*.sh' .ci/run); do
    [ -e "$file" ] || continue
    if [ "$file" != tests/suite.sh ]; then
        check "$file stops at the first failure" grep -q '^set -eu' "$file"
        check "$file can be run" test -x "$file"
    fi
    ! command -v shellcheck >/dev/null || check "$file is clean" shellcheck -x "$file"
done

unfinished='TO''DO|FIX''ME|X''XX|not implem''ented|place''holder'
found=$(git grep -lwE "$unfinished" -- firmware hal boards keys tests Makefile README.md || true)
if [ -z "$found" ]; then
    pass "nothing is left unfinished"
else
    fail "nothing is left unfinished" "$found"
fi
finish
