#!/bin/sh
# Flash and RAM per module: the host programs as built; the portable core on a Cortex-M4 from its
# linker map, against 128 KiB; the gate with network and CoAP, which is optimised as a whole, by the
# source of each halfword of code, against 160 KiB. A suite of its own: both are within their budgets.
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
make --no-print-directory BOARD=fuji-bmc CHIP=16m >/dev/null

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

# Code by the line that it came from; what came from none is constants. The debug information of
# such a link names no variable: each is looked for where it is defined, lwIP makes its own by macros.
gate=build/fuji-bmc-16m/agent.elf
gate_budget=163840
sections() { # NAME...: bytes of these sections together
    arm-none-eabi-size -A "$gate" | awk -v names=" $* " '
        index(names, " " $1 " ") {sum += $2}
        END {print sum + 0}'
}
variables() { # "bytes module" of each
    arm-none-eabi-nm -S -t d "$gate" | awk '$3 ~ /^[bBdD]$/ {print $2, $4}' | while read -r bytes name; do
        file=$(grep -rlE --include='*.c' "^(static .*[ *]|} )${name%%.*}([[; )=]|\$)" boards/fuji-bmc hal/aspeed \
            hal/lwip hal/portable build/src/mbedtls/library | head -n 1)
        echo "$bytes ${file:-build/src/lwip/}"
    done
}
lines() { # "2 file:line" of each halfword of code
    {
        arm-none-eabi-readelf -SW "$gate" | sed -n 's/.* \.text  *PROGBITS  *\([0-9a-f]*\) .*/\1/p'
        sections .text
    } | awk '
        NR == 1 {for (i = 1; i <= 8; i++) at = at * 16 + index("0123456789abcdef", substr($1, i, 1)) - 1}
        NR == 2 {for (i = 0; i < $1; i += 2) printf "0x%x\n", at + i}' |
        arm-none-eabi-addr2line -e "$gate" | sed 's/ .*//; s/^/2 /'
}
echo "  gate on fuji-bmc, Cortex-A7, -Os, with network:   flash     RAM"
{
    echo flash
    lines
    echo ram
    variables
    echo "$(sections .stack) stack/"
} | awk '
    NF == 1 {what = $1; next}
    {
        if (!match($2, /(firmware|hal|boards)\/[a-z0-9-]+\/|build\/src\/[a-z]+\/|^stack\/|newlib|libgcc/))
            module = "constants: texts, tables, board description"
        else
            module = substr($2, RSTART, RLENGTH)
        sub(/^build\/src\//, "", module)
        sub(/\/$/, "", module)
        if (module == "newlib" || module == "libgcc") module = "C library"
        n[what, module] += $1
        seen[module] = 1
    }
    END {for (m in seen) printf "    %-44s %8d %7d\n", m, n["flash", m], n["ram", m]}' | sort
used=$(sections .text .ARM.exidx .data)
echo "    all                                          $used of $gate_budget bytes of flash"
if [ "$used" -le "$gate_budget" ]; then
    pass "the gate fits 160 KiB"
else
    fail "the gate fits 160 KiB" "$used bytes"
fi
finish
