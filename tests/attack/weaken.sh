#!/bin/sh
# Prints a source in which the lines are replaced that weaken.tsv names for an attack. Fails loudly if
# such a line does not stand in the file exactly once.
#
# usage: tests/attack/weaken.sh ID FILE
set -eu
cd "$(dirname "$0")/../.."

awk -F'\t' -v id="$1" -v file="$2" '
    function bare(line) {sub(/^[ \t]+/, "", line); return line}
    NR == FNR {
        if ($1 == id && $3 == file) {old[++rows] = $4; new[rows] = $5}
        next
    }
    {
        for (r = 1; r <= rows; r++)
            if (bare($0) == old[r]) {seen[r]++; $0 = new[r]; break}
        print
    }
    END {
        for (r = 1; r <= rows; r++)
            if (seen[r] != 1) {
                printf "weaken: %s: %d times in %s: %s\n", id, seen[r], file, old[r] >"/dev/stderr"
                failed = 1
            }
        exit failed || rows == 0
    }' tests/attack/weaken.tsv "$2"
