#!/bin/sh
# make faults: every call to a device, to the crypto library and to the digest hook, in the whole life
# of an agent and its gate (start, measuring, evidence, release, an officer's order, enrolment, a new
# store, measuring again), goes wrong by number: fails, comes short, does nothing; once, or from then
# on; on good boards and on boards with one thing wrong each. A fault may only make a verdict worse.
# Exit status 0 only if none made one better and released nothing, nothing that nobody signed was
# kept, and nothing crashed or hung.
#
# SANITIZE= (make's, default -O2) builds it another way: SANITIZE="-O1 -fsanitize=address,undefined".
set -eu
cd "$(dirname "$0")/../.."
out=build/attack
program=$out/attack/test_faults
messages=1048576
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

make --no-print-directory -j"$(nproc)" BOARD=test out=$out "SANITIZE=${SANITIZE:--O2}" "$program" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
parts=$(nproc)
began=$(date +%s)
running=
for part in $(seq 0 $((parts - 1))); do
    "$program" --full "$part" "$parts" >"$work/part$part" 2>"$work/bad$part" &
    running="$running $!"
done
failed=0
for process in $running; do
    wait "$process" || failed=1
done
cat "$work"/bad* >&2
awk -F'\t' '
    {calls[$1] = $2; lives[$1] += $3; approved[$1] += $4; accepted[$1] += $5; taken[$1] += $6
     released[$1] += $7}
    !($1 in at) {at[$1] = ++n; name[n] = $1}
    END {
        printf "%-44s %6s %8s %9s %9s %6s %9s\n", "board", "calls", "faults", "approved", \
            "accepted", "taken", "released"
        for (i = 1; i <= n; i++) {
            b = name[i]
            printf "%-44s %6d %8d %9d %9d %6d %9d\n", b, calls[b], lives[b], approved[b], \
                accepted[b], taken[b], released[b]
            all += lives[b]; bad += approved[b] + accepted[b] + taken[b] + released[b]
        }
        printf "%d faults, %d times better than without\n", all, bad
    }' "$work"/part*
echo "$(($(date +%s) - began)) s"
if "$program" --paths "$messages"; then
    echo "$messages random messages: the same SHA-256 by the processor and by portable code"
else
    echo "random messages: the processor's SHA-256 differs from portable code's"
    failed=1
fi
exit $failed
