#!/bin/sh
# A short round of every fuzzer.
set -eu
exec "$(dirname "$0")/run.sh" 1
