#!/bin/sh
# Prints a C array of the SubjectPublicKeyInfo in a PEM file: authority.sh NAME [PEM]
# Without a file the array is empty: such a build accepts no trust store until it is given one.
set -eu

printf '/* Made by make from AUTHORITY. */\n#include <stddef.h>\n#include <stdint.h>\n\n'
printf 'extern const uint8_t %s[];\nextern const size_t %s_len;\n' "$1" "$1"
if [ -z "${2:-}" ]; then
    printf 'const uint8_t %s[] = {0};\nconst size_t %s_len = 0;\n' "$1" "$1"
    exit
fi
grep -q 'BEGIN PUBLIC KEY' "$2" || { echo "authority: $2: not a public key in PEM" >&2; exit 1; }
printf 'const uint8_t %s[] = {\n' "$1"
sed -n '/BEGIN PUBLIC KEY/,/END PUBLIC KEY/{/-----/!p}' "$2" | base64 -d | od -An -v -tx1 |
    sed 's/ \(..\)/ 0x\1,/g; s/^/   /'
printf '};\nconst size_t %s_len = sizeof %s;\n' "$1" "$1"
