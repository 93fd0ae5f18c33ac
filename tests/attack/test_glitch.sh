#!/bin/sh
# A short round of `make glitch`: faults at few of the instructions, and the controls.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

for tool in qemu-arm-static arm-linux-gnueabihf-gcc mkimage; do
    command -v "$tool" >/dev/null || { echo "  SKIP  no $tool here"; finish; exit; }
done
check "no fault at every 61st instruction approves a bad image" tests/attack/glitch_service.sh 61
for tool in qemu-system-arm arm-none-eabi-gcc; do
    command -v "$tool" >/dev/null || { echo "  SKIP  no $tool here"; finish; exit; }
done
check "no fault at every 1511th instruction releases a bad system" tests/attack/glitch_gate.sh 1511
finish
