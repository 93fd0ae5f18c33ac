#!/bin/sh
# Builds the initramfs of the emulated switch: our init, the modules, the agent.
#
#   initramfs.sh -a AGENT [-f SOURCE=/PATH]... [-k DIR] -o OUT.cpio [-- AGENT-ARGUMENT...]
#
#   -a  the agent's static armhf executable; runs as /sekisho-agent
#   -f  one more file of the image (mode 0644), for example board.dtb=/etc/sekisho/board.dtb
#   -k  what kernel.sh fetched (default build/system)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernel=$here/../../build/system
agent=
out=
usage() { sed -n '4,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
tree=$work/tree
mkdir -p "$tree/etc" "$tree/modules" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/run" \
    "$tree/tmp" "$tree/data"

while getopts a:f:k:o: option; do
    case $option in
    a) agent=$OPTARG ;;
    f)
        mkdir -p "$tree$(dirname "${OPTARG#*=}")"
        install -m 0644 "${OPTARG%%=*}" "$tree${OPTARG#*=}"
        ;;
    k) kernel=$OPTARG ;;
    o) out=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
if [ -z "$agent" ] || [ -z "$out" ]; then usage; fi

"${ARMHF_CC:-arm-linux-gnueabihf-gcc}" -std=gnu11 -Wall -Wextra -Werror -Os -static -s \
    -o "$tree/init" "$here/init.c"
install -m 0755 "$agent" "$tree/sekisho-agent"
cp "$kernel"/modules/*.ko "$tree/modules/"
grep -v '^#' "$here/parts.conf" | awk '{ print $2, $4, $5 }' > "$tree/etc/parts"
: > "$tree/etc/agent.args"
for argument in "$@"; do
    printf '%s\n' "$argument" >> "$tree/etc/agent.args"
done

# One time stamp and one order: the same input gives the same bytes.
find "$tree" -exec touch -h -d @0 {} +
mkdir -p "$(dirname "$out")"
(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 --reproducible) > "$work/cpio"
mv "$work/cpio" "$out"
