#!/bin/sh
# make glitch: faults of the processor at every place of the way from an image's digest to a verdict
# (the agent as a service, armhf) and to the start of the system (the gate, fuji-bmc).
#
#   tests/attack/glitch.sh [EVERY]     only each so many-th instruction (default 1: all)
#
# Ends with one line for each case: faults tried, and how many got through. Exit status 0 only if no
# fault approved or released what is bad, and every control holds.
set -eu
cd "$(dirname "$0")/../.."
out=build/glitch
mkdir -p $out
rm -f $out/failed
{
    tests/attack/glitch_service.sh "${1:-1}" || : >$out/failed
    tests/attack/glitch_gate.sh "${1:-1}" || : >$out/failed
} | tee $out/report
echo
awk '/ instructions executed at / {sub(/: [0-9]+ instructions executed.*/, ""); name = $0}
     /^ .* faults in .* releases$/ {print name ":" substr($0, 2)}
     /^control, / {print}' $out/report
[ ! -e $out/failed ]
