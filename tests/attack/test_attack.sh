#!/bin/sh
# The short round of `make attack`: each attack's twin lets it through. That the product holds it is
# what tests/attack/test_*.c test.
set -eu
exec "$(dirname "$0")/attack.sh" --twins
