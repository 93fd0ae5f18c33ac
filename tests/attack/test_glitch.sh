#!/bin/sh
# A short round of `make glitch`: faults at every 61st instruction, and the controls.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

for tool in qemu-arm-static arm-linux-gnueabihf-gcc mkimage; do
    command -v "$tool" >/dev/null || { echo "  SKIP  no $tool here"; finish; exit; }
done
check "no fault at every 61st instruction approves a bad image" tests/attack/glitch.sh 61
finish
