#!/bin/sh
# The short round of `make attack`: every attack and its twin, without the campaign of mutants.
set -eu
exec "$(dirname "$0")/attack.sh" --short
