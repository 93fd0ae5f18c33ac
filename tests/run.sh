#!/bin/sh
# Builds and runs every test, two suites at a time on two cores; tests/run.sh NAME runs
# tests/unit/test_NAME alone.
#
# A suite is a cmocka program (tests/*/test_*.c) or a script (tests/{house,interop,system,attack}/
# test_*.sh and tests/house/*.sh) that ends in "N passed, N failed"; a script that does not say is
# one test. The last line sums them up; exit status 0 only if nothing failed and something passed.
set -eu
cd "$(dirname "$0")/.."

unset MAKEFLAGS MFLAGS MAKELEVEL
log=build/test/log
seconds_per_suite=900
passed=0
failed=0

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1

# The linter's judgement changes from version to version: here it counts with one of them only.
case $(clang-tidy --version 2>/dev/null || true) in
*"version 14."*) export LINT=1 ;;
esac

make_quietly()
{
    make --no-print-directory -j"$(nproc)" "$@"
}

# Runs one suite under a time limit, shows at once what matters of it, and leaves its count.
suite() # program or script
{
    name=${1#build/test/}
    name=${name#tests/}
    name=tests/${name%.sh}
    file=$log/$(echo "$name" | tr / -).log
    status=0
    began=$(date +%s)
    timeout -k 10 "$seconds_per_suite" "$1" >"$file" 2>&1 || status=$?
    took=$(($(date +%s) - began))
    case $1 in
    *.sh) good=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1/p' "$file" | tail -n 1)
        bad=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\2/p' "$file" | tail -n 1)
        shown='^ *FAIL|^ *SKIP|^        |^[0-9]+ passed' ;;
    *) good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$file" | awk '{n += $1} END {print n + 0}')
        bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$file" | awk '{n += $1} END {print n + 0}')
        shown='^\[  (PASSED|SKIPPED)  ?\] [0-9]|^\[  FAILED  \]|^\[  ERROR   \]|^\[==========\].*run|^(FLIP|[A-Z]+[0-9]+[a-z]?)  +[A-Za-z]' ;;
    esac
    [ -n "$good$bad" ] || good=$((status == 0))
    [ "$status" -eq 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
    echo "${good:-0} ${bad:-0}" >"${file%.log}.count"
    {
        echo "$name ($took s)"
        if [ "$status" -eq 0 ]; then
            grep -E "$shown" "$file" || true
        else
            tail -n 40 "$file"
            [ "$status" -ne 124 ] || echo "stopped after $seconds_per_suite s"
            echo "$name: FAILED (exit status $status), all of it in $file"
        fi
    } >"${file%.log}.shown"
    cat "${file%.log}.shown"
}

# Runs the listed suites beside each other. One that leaves no count was lost: a failure.
suites()
{
    xargs -P "$(nproc)" -n 1 tests/run.sh --suite <"$log/list" || failed=$((failed + 1))
    for count in "$log"/*.count; do
        read -r good bad <"$count"
        passed=$((passed + good))
        failed=$((failed + bad))
    done
    failed=$((failed + $(wc -l <"$log/list") - $(find "$log" -name '*.count' | wc -l)))
}

step() # name, command...: something that must succeed before the tests mean anything
{
    name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: FAILED"
    fi
}

finish()
{
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

case ${1:-} in
"") ;;
--suite)
    suite "$2"
    exit
    ;;
*)
    make_quietly BOARD=test "build/test/unit/test_$1"
    "build/test/unit/test_$1"
    exit
    ;;
esac

# Everything that more than one suite uses is built before any of them runs.
for board in bench linux; do
    step "build of $board" make_quietly BOARD=$board
done
step "build of linux for armhf" make_quietly BOARD=linux ARCH=armhf
step "build of the gate" make_quietly BOARD=fuji-bmc CHIP=16m
step "build of the tests" make_quietly -k BOARD=test
if command -v clang >/dev/null; then
    step "build with clang" make_quietly BOARD=test CC=clang out=build/clang objects
fi

# The longest first, so that the last to end do not end alone.
rm -rf "$log"
mkdir -p "$log"
{
    longest="tests/system/test_check.sh tests/fuzz/test_short.sh tests/house/lint.sh
        tests/system/test_gate.sh tests/system/test_demo.sh tests/attack/test_attack.sh
        build/test/unit/test_device"
    for long in $longest; do
        echo "$long"
    done
    for source in tests/*/test_*.c; do
        program=build/test/${source#tests/}
        echo "${program%.c}"
    done
    for script in tests/house/*.sh tests/interop/test_*.sh tests/attack/test_*.sh \
        tests/system/test_*.sh tests/fuzz/test_*.sh; do
        echo "$script"
    done
} | while read -r file; do
    [ ! -x "$file" ] || echo "$file"
done | awk '!seen[$0]++' >"$log/list"
suites
finish
