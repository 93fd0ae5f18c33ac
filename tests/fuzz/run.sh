#!/bin/sh
# Fuzzes every parser: tests/fuzz/run.sh MINUTES [NAME]. The minutes are shared by the fuzzers.
#
# Seeds of fuzz_x: tests/data/x/ (and build/test/data/x/, which tests may make); what it learns is
# kept in build/fuzz/x. A crash leaves build/fuzz/x.crash-*; the run goes on and ends non-zero.
# Last line: "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

minutes=${1:-1}
only=${2:-}
command -v clang >/dev/null || { echo "  SKIP  clang is not installed"; echo "0 passed, 0 failed"; exit; }
make --no-print-directory -j"$(nproc)" BOARD=fuzz >/dev/null

set -- tests/fuzz/fuzz_*"$only".c
[ -e "$1" ] || { echo "no fuzzer tests/fuzz/fuzz_*$only.c" >&2; exit 2; }
seconds=$((minutes * 60 / $#))
[ "$seconds" -ge 1 ] || seconds=1

for source; do
    name=${source#tests/fuzz/fuzz_}
    name=${name%.c}
    corpus=build/fuzz/$name
    mkdir -p "$corpus"
    seeds=
    for folder in "tests/data/$name" "build/test/data/$name"; do
        [ ! -d "$folder" ] || seeds="$seeds $folder"
    done
    # shellcheck disable=SC2086 # a list of folders
    if "build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$corpus.crash-" "$corpus" $seeds \
        >"$corpus.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$corpus.log")
        echo "  $name: $runs inputs in $seconds s, nothing found"
        pass "$name"
    else
        tail -n 30 "$corpus.log"
        fail "$name" "see $corpus.log"
    fi
done
finish
