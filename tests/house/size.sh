#!/bin/sh
# Flash and RAM per module: the host programs as built, and the portable core on a Cortex-M4 from
# its linker map, against its budget of 128 KiB. A suite of its own: the core is within its budget.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

budget=131072
command -v arm-none-eabi-gcc >/dev/null || {
    echo "  SKIP  arm-none-eabi-gcc is not installed"
    echo "0 passed, 0 failed"
    exit
}
make --no-print-directory BOARD=core >/dev/null

for program in build/linux/sekisho-agent build/linux-armhf/sekisho-agent build/bench/sekisho; do
    [ ! -x "$program" ] || size "$program" | awk -v name="$program" \
        'NR == 2 {printf "  %-40s %7d bytes of code and constants, %6d of RAM\n", name, $1 + $2, $2 + $3}'
done

# Map lines: " .text.name  0xaddress  0xsize  file", the last three perhaps on a line of their own.
echo "  portable core, Cortex-M4, -Os, no network:        flash     RAM"
awk '
    /^Linker script and memory map/ {on = 1}
    /^Cross Reference Table/ {on = 0}
    !on {next}
    /^ \.?[A-Za-z][^ ]*$/ {section = $1; next}
    /^ \.?[A-Za-z][^ ]* +0x/ {section = $1; sub(/^ [^ ]+/, "")}
    /^ +0x[0-9a-f]+ +0x[0-9a-f]+ [^ ]*\.(o|a\(.*\))$/ {
        if (section !~ /^\.?(text|rodata|data|bss|ARM)/ && section != "COMMON") next
        n = number($2)
        file = $3
        if (file ~ /libfirmware\.a/) {sub(/.*\(/, "", file); sub(/\)$/, "", file); module = where[file]}
        else if (file ~ /lib(mbedtls|fdt|tinycbor)\.a/) {sub(/.*\/lib/, "", file); sub(/\.a.*/, "", file); module = file}
        else if (file ~ /\/lib(c|gcc|g|nosys)[_a-z]*\.a/) module = "C library"
        else module = "board"
        if (module == "") module = "firmware"
        if (section !~ /^\.?(bss)/ && section != "COMMON") flash[module] += n
        if (section ~ /^\.?(data|bss)/ || section == "COMMON") ram[module] += n
        seen[module] = 1
    }
    function number(hex,   i, v) {
        v = 0
        for (i = 3; i <= length(hex); i++) v = v * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
        return v
    }
    BEGIN {
        while (("find firmware -name \"*.c\"" | getline path) > 0) {
            module = path; sub(/\/[^\/]*$/, "", module)
            file = path; sub(/.*\//, "", file); sub(/\.c$/, ".o", file)
            where[file] = module
        }
    }
    END {for (m in seen) printf "    %-44s %8d %7d\n", m, flash[m], ram[m]}
' build/core/core.map | sort

used=$(arm-none-eabi-size build/core/core.elf | awk 'NR == 2 {print $1 + $2}')
echo "    all                                          $used of $budget bytes of flash"
if [ "$used" -lt "$budget" ]; then
    pass "the portable core fits 128 KiB"
else
    fail "the portable core fits 128 KiB" "$used bytes"
fi
finish
