#!/bin/sh
# What a parser of an image format keeps in memory of its own, whatever the image: under 2 KiB each.
# Read from the debug information of the tests' objects: the structures that a source defines itself.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

budget=2048
out=${OUT:-build/test}
command -v readelf >/dev/null || {
    echo "  SKIP  readelf is not installed"
    echo "0 passed, 0 failed"
    exit
}

# Name and size of the largest structure that an object's own source defines.
largest() # object
{
    readelf --debug-dump=info "$1" | awk '
        function done()
        {
            if (open && own && size > most) {
                most = size
                what = name
            }
            open = own = 0
            name = "-"
        }
        /DW_TAG_/ {done(); open = /DW_TAG_structure_type/}
        open && /DW_AT_name/ && name == "-" {name = $NF}
        open && /DW_AT_byte_size/ {size = $NF + 0}
        open && /DW_AT_decl_file/ {own = $NF == 1}
        END {done(); print (what ? what : "-"), most + 0}'
}

echo "  structures of parsers, bytes on this host:"
for source in firmware/image/*.c; do
    object=$out/${source%.c}.o
    [ -e "$object" ] || { fail "$source was built" "$object is missing"; continue; }
    found=$(largest "$object")
    size=${found##* }
    [ "$size" -eq 0 ] || printf '    %-22s %-16s %6d\n' "${source#firmware/image/}" "${found% *}" "$size"
    if [ "$size" -lt "$budget" ]; then
        pass "$source keeps less than $budget bytes"
    else
        fail "$source keeps less than $budget bytes" "struct ${found% *} has $size"
    fi
done
finish
