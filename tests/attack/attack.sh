#!/bin/sh
# Every attack, tried against the build and against its weakened twin, as a table; then the mutants.
# Called by `make attack`; WEAKEN=ID runs one twin alone and shows all that it says.
#
# usage: tests/attack/attack.sh [--twins]    --twins: only whether each attack bites; that it is held is
# then tested by its program itself
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

unset MAKEFLAGS MFLAGS MAKELEVEL
twins_only=
[ "${1:-}" != --twins ] || twins_only=yes
out=build/test
through=21 # attack.h
fault=99   # a sanitizer's report
seconds=600
export ASAN_OPTIONS=exitcode=$fault:detect_leaks=0 UBSAN_OPTIONS=exitcode=$fault

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() # target...
{
    make --no-print-directory -j"$(nproc)" BOARD=test "$@" >"$work/log" 2>&1 ||
        { cat "$work/log"; exit 1; }
}

if [ -n "${WEAKEN:-}" ]; then
    sed -n "s/^$WEAKEN\t[^\t]*\t\([^\t]*\)\t\([^\t]*\)\t\(.*\)/\1\n  - \2\n  + \3/p" \
        tests/attack/weaken.tsv
    build "WEAKEN=$WEAKEN" twins
    status=0
    "$out/twin/$WEAKEN/test" --run "$WEAKEN" || status=$?
    case $status in
    "$through" | "$fault") check "$WEAKEN gets through" true ;;
    *) fail "$WEAKEN gets through" "exit status $status" ;;
    esac
    finish
    exit
fi

# One attack of one program: its row of the table, and two tests: it is held; its twin lets it through.
attack() # id, program
{
    held=0
    bites=0
    [ -n "$twins_only" ] || timeout "$seconds" "$2" --run "$1" >"$work/$1.row" 2>"$work/$1.err" || held=$?
    row=$(grep -s "^$1	" "$work/$1.row" || printf '%s\t?\t?\texit status %s\n' "$1" "$held")
    lines=$(grep -c "^$1	" tests/attack/weaken.tsv || true)
    if [ -x "$out/twin/$1/test" ]; then
        timeout "$seconds" "$out/twin/$1/test" --run "$1" >"$work/$1.twin" 2>&1 || bites=$?
    fi
    case $bites in
    "$through" | "$fault") verdict=yes ;;
    *) verdict="no ($bites)" ;;
    esac
    grep -q "^$1: the control is good" "$work/$1.twin" 2>/dev/null || verdict="no (control)"
    [ "$lines" -le 1 ] || verdict="$verdict, $lines lines"
    printf '%s\t%s\n' "$row" "$verdict" >"$work/$1.table"
    echo "$held" >"$work/$1.held"
}

# The campaign of mutants, in two halves, built without sanitizers: they would take ten times as long.
mutants()
{
    build out=build/attack SANITIZE=-O2 build/attack/attack/test_mutants
    for part in 0 1; do
        build/attack/attack/test_mutants --full $part 2 >"$work/mutants$part" 2>"$work/falsely$part" || \
            echo $? >"$work/failed$part" &
    done
    wait
    echo
    awk -F'\t' '
        {tried[$1] += $2; same[$1] += $3; bad[$1] += $4; if (!($1 in at)) {at[$1] = ++n; name[n] = $1}}
        /^(bits|truncations|splices|inserts|deletions|havoc)\t/ {all += $2; alike += $3; wrong += $4}
        END {
            printf "%-20s %9s %9s %16s\n", "mutants", "tried", "harmless", "false approvals"
            for (i = 1; i <= n; i++) printf "%-20s %9d %9d %16d\n", name[i], tried[name[i]], same[name[i]], bad[name[i]]
            printf "%-20s %9d %9d %16d\n", "all", all, alike, wrong
        }' "$work/mutants0" "$work/mutants1" | tee "$work/mutants"
    total=$(awk 'END {print $2 + 0, $4 + 0}' "$work/mutants")
    if [ ! -e "$work/failed0" ] && [ ! -e "$work/failed1" ] && [ "${total% *}" -ge 200000 ] &&
        [ "${total#* }" -eq 0 ]; then
        pass "no mutant of at least 200,000 is approved"
    else
        fail "no mutant of at least 200,000 is approved" "$(head -n 5 "$work/falsely0" "$work/falsely1")"
    fi
}

# Every bit of a sample of every format and kind of key, in two halves like the mutants.
flips()
{
    build out=build/attack SANITIZE=-O2 build/attack/attack/test_format_flips
    for part in 0 1; do
        build/attack/attack/test_format_flips --full $part 2 >"$work/flips$part" 2>"$work/flipped$part" || \
            echo $? >"$work/unflipped$part" &
    done
    wait
    echo
    cat "$work/flips0" "$work/flips1"
    if [ ! -e "$work/unflipped0" ] && [ ! -e "$work/unflipped1" ]; then
        pass "no flip of a covered bit of any format is approved"
    else
        fail "no flip of a covered bit of any format is approved" "$(cat "$work/flipped0" "$work/flipped1")"
    fi
}

build attacks twins
awk -F'\t' '!/^#/ {print $2}' tests/attack/weaken.tsv | sort -u | while read -r name; do
    for id in $("$out/attack/$name" --list); do
        echo "$id $out/attack/$name"
    done
done | sort >"$work/list"

# Two at a time, printed in order.
while read -r id program; do
    attack "$id" "$program" &
    other=$!
    if read -r id program; then
        attack "$id" "$program"
    fi
    wait "$other"
done <"$work/list"

printf 'id\tattack\texpected\tseen\tbites\n' >"$work/table"
while read -r id program; do
    cat "$work/$id.table" >>"$work/table"
    if [ -n "$twins_only" ]; then
        :
    elif [ "$(cat "$work/$id.held")" -eq 0 ]; then
        pass "$id is held"
    else
        fail "$id is held" "$(cat "$work/$id.row" "$work/$id.err")"
    fi
    case $(cut -f5 "$work/$id.table") in
    yes*) pass "$id bites" ;;
    *) fail "$id bites" "the weakened twin holds, too: $(tail -n 3 "$work/$id.twin" 2>&1)" ;;
    esac
done <"$work/list"
if [ -z "$twins_only" ]; then
    awk -F'\t' '{printf "%-5s %-76s %-44s %-24s %s\n", $1, $2, $3, $4, $5}' "$work/table"
    mutants
    flips
fi
finish
