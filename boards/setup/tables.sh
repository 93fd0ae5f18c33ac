#!/bin/sh
# Prints the tables of formats and parts that a board's fragment names: tables.sh FORMATS PARTS
set -eu

table() # type, prefix, table, names
{
    for name in $4; do
        echo "extern const struct $1 $2_$name;"
    done
    echo "const struct $1 *const $3[] = {"
    for name in $4; do
        echo "    &$2_$name,"
    done
    printf '    NULL,\n};\n'
}

printf '/* Made by make from the board'\''s FORMATS and PARTS. */\n'
printf '#include "image/image.h"\n#include "part/part.h"\n\n#include <stddef.h>\n\n'
table sek_format sek_format sek_formats "$1"
table sek_part_format sek_part sek_parts "$2"
