#!/bin/sh
# Compiles the prefixes of network addresses of the policy packs' entities from the IEEE's
# registers, as Debian's ieee-data has them, by the organisation's whole name.
#
# usage: boards/setup/oui.sh ORGANIZATIONS.tsv OUT.dtsi [FOLDER with oui.csv mam.csv oui36.csv]
# Prints how many prefixes each entity has. The output is a piece of a store's source.
set -eu
organizations=$1 out=$2 registers=${3:-/usr/share/ieee-data}

for file in oui mam oui36; do
    [ -r "$registers/$file.csv" ] || {
        echo "oui: $registers/$file.csv: not readable; install ieee-data" >&2
        exit 1
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Entity and prefix, a line each: a CSV's field may stand in quotes and then hold commas.
awk -v names="$organizations" '
    function normal(text) {
        text = toupper(text)
        gsub(/[^A-Z0-9]+/, " ", text)
        gsub(/^ | $/, "", text)
        return text
    }
    BEGIN {
        while ((getline line < names) > 0)
            if (line !~ /^#/ && split(line, part, "\t") == 2) entity[normal(part[2])] = part[1]
    }
    {
        rest = $0
        for (i = 1; i <= 3; i++) {
            if (rest ~ /^"/) {
                rest = substr(rest, 2)
                end = index(rest, "\"")
                field[i] = substr(rest, 1, end - 1)
                rest = substr(rest, end + 2)
            } else {
                end = index(rest, ",")
                field[i] = substr(rest, 1, end - 1)
                rest = substr(rest, end + 1)
            }
        }
        name = normal(field[3])
        if (name in entity) print entity[name], tolower(field[2])
    }' "$registers/oui.csv" "$registers/mam.csv" "$registers/oui36.csv" | sort -u >"$work/found"

mkdir -p "$(dirname "$out")"
awk '
    function property(name, list) {
        if (list != "") printf "\t\t\t%s = [%s];\n", name, list
    }
    function flush() {
        if (last == "") return
        printf "\t\t%s {\n", last
        property("oui24", oui[6]); property("oui28", oui[7]); property("oui36", oui[9])
        printf "\t\t};\n"
        oui[6] = oui[7] = oui[9] = ""
    }
    BEGIN {printf "/* Made from the IEEE registers by organisation. */\n/ {\n\tentities {\n"}
    $1 != last {flush(); last = $1}
    # 28 and 36 bits are written to whole bytes: the last half byte is zero.
    {n = length($2); oui[n] = oui[n] (oui[n] == "" ? "" : " ") $2 (n % 2 ? "0" : "")}
    END {flush(); printf "\t};\n};\n"}' "$work/found" >"$work/out"
mv "$work/out" "$out"

awk '{count[$1]++; all++} END {
    for (entity in count) printf "  %-24s %5d prefixes\n", entity, count[entity]
    printf "  %-24s %5d prefixes\n", "~all", all}' "$work/found" | sort | sed 's/~//'
