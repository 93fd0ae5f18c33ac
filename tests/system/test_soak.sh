#!/bin/sh
# A short round of `make soak`.
set -eu
exec "$(dirname "$0")/soak.sh" 300 60
