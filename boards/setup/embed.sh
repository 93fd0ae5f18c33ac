#!/bin/sh
# Prints a C file that holds a file's bytes as NAME[] and their number as NAME_len.
#
# usage: boards/setup/embed.sh NAME FILE
set -eu
echo "/* Made by make; do not edit. */"
echo "#include <stddef.h>"
echo "#include <stdint.h>"
echo
echo "extern const uint8_t $1[];"
echo "extern const size_t $1_len;"
echo "const uint8_t $1[] = {"
od -An -v -tx1 "$2" | sed -e 's/ \([0-9a-f][0-9a-f]\)/0x\1, /g' -e 's/^/    /'
echo "};"
echo "const size_t $1_len = sizeof $1;"
