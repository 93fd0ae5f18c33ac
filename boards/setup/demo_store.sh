#!/bin/sh
# Builds and signs the demo's trust store.
#
# usage: boards/setup/demo_store.sh SEKISHO KEY_FOLDER OUT.itb [REFERENCES.dts [BOARD.dtb]...]
# REFERENCES.dts holds nodes that go into the store's `references`; each BOARD.dtb is pinned for its
# model. $STORE_SOURCE is another source than keys/demo/store.dts.
set -eu
sekisho=$1 keys=$2 out=$3 references=${4:-}
shift 3
[ $# -eq 0 ] || shift

# The source includes key files by name: dtc looks for them beside it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "${STORE_SOURCE:-keys/demo/store.dts}" "$work/store.dts"
[ -z "$references" ] || { printf '/ {\n\treferences {\n'; cat "$references"; printf '\t};\n};\n'; } >>"$work/store.dts"
number=0
for board; do
    number=$((number + 1))
    printf '/ { maps { map-%s { model = "%s"; description-sha256 = [%s]; }; }; };\n' "$number" \
        "$(fdtget "$board" / model)" "$(sha256sum <"$board" | cut -c1-64)" >>"$work/store.dts"
done
cp "$keys"/*.der "$work/"
"$sekisho" store build -o "$work/store.dtb" "$work/store.dts"
mkdir -p "$(dirname "$out")"
"$sekisho" store sign -k "$keys" -o "$out" "$work/store.dtb"
