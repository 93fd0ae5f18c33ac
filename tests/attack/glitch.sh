#!/bin/sh
# make glitch: faults of the processor at every place of the way from an image's digest to a verdict
# (the agent as a service, armhf) and to the start of the system (the gate, fuji-bmc).
#
#   tests/attack/glitch.sh [EVERY]     only each so many-th instruction (default 1: all)
#
# Exit status 0 only if no fault approved or released what is bad, and every control holds.
set -eu
cd "$(dirname "$0")/../.."
failed=0
tests/attack/glitch_service.sh "${1:-1}" || failed=1
tests/attack/glitch_gate.sh "${1:-1}" || failed=1
exit $failed
