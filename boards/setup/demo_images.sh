#!/bin/sh
# Signs a FIT with mkimage.
#
# usage: boards/setup/demo_images.sh OUT.itb KEY_FOLDER KEY ALGO [PADDING] [mkimage options...]
# The images come from $KERNEL, $FDT, $RAMDISK (files; FDT and RAMDISK may be empty: left out).
# $TYPE (default kernel) and $NAME (default kernel) are for images that are no kernel; an empty ALGO
# leaves the FIT unsigned.
set -eu
out=$1 keys=$2 key=$3 algo=$4 padding=${5:-}
shift 4
[ $# -gt 0 ] && shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

image() { # NODE FILE TYPE
    printf '\t\t%s {\n\t\t\tdescription = "%s";\n\t\t\tdata = /incbin/("%s");\n' "$1" "$1" "$(realpath "$2")"
    printf '\t\t\ttype = "%s";\n\t\t\tarch = "arm";\n\t\t\tos = "linux";\n\t\t\tcompression = "none";\n' "$3"
    printf '\t\t\tload = <0x80008000>;\n\t\t\tentry = <0x80008000>;\n'
    printf '\t\t\thash-1 { algo = "%s"; };\n\t\t};\n' "${HASH:-sha256}"
}
name=${NAME:-kernel-1}
{
    printf '/dts-v1/;\n/ {\n\tdescription = "Demo image";\n\t#address-cells = <1>;\n\timages {\n'
    image "$name" "$KERNEL" "${TYPE:-kernel}"
    [ -z "${FDT:-}" ] || image fdt-1 "$FDT" flat_dt
    [ -z "${RAMDISK:-}" ] || image ramdisk-1 "$RAMDISK" ramdisk
    printf '\t};\n\tconfigurations {\n\t\tdefault = "conf-1";\n\t\tconf-1 {\n'
    signed="\"${PROPERTY:-kernel}\""
    printf '\t\t\t%s = "%s";\n' "${PROPERTY:-kernel}" "$name"
    [ -z "${FDT:-}" ] || { printf '\t\t\tfdt = "fdt-1";\n'; signed="$signed, \"fdt\""; }
    [ -z "${RAMDISK:-}" ] || { printf '\t\t\tramdisk = "ramdisk-1";\n'; signed="$signed, \"ramdisk\""; }
    if [ -n "$algo" ]; then
        printf '\t\t\tsignature-1 {\n\t\t\t\talgo = "%s";\n' "$algo"
        [ -z "$padding" ] || printf '\t\t\t\tpadding = "%s";\n' "$padding"
        printf '\t\t\t\tkey-name-hint = "%s";\n\t\t\t\tsign-images = %s;\n\t\t\t};\n' "$key" "$signed"
    fi
    printf '\t\t};\n\t};\n};\n'
} >"$work/image.its"
if [ -n "$algo" ]; then
    set -- "$@" -k "$keys"
fi
mkimage -q -f "$work/image.its" "$@" "$out" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
