#!/bin/sh
# Makes one FIT with the real mkimage: configuration signature over all its images.
#
#   fit.sh -o OUT [-k KEYDIR -n KEY -s ALGORITHM] [-E] [-v VERSION] os VMLINUZ DTB INITRAMFS
#   fit.sh -o OUT [-k KEYDIR -n KEY -s ALGORITHM] [-E] [-v VERSION] boot|fpga FILE
#
#   -k -n  KEYDIR/KEY.key (RSA) or KEYDIR/KEY.pem (ECDSA); without them the FIT carries hashes only
#   -s     what mkimage calls it: sha256,rsa4096  sha256,ecdsa256  ... ; PSS by adding :pss
#   -E     payloads behind the tree (external data) instead of inside
set -eu
out=
keys=
key=
algorithm=sha256,rsa4096
external=
version=
usage() { sed -n '4,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }

while getopts o:k:n:s:Ev: option; do
    case $option in
    o) out=$OPTARG ;;
    k) keys=$OPTARG ;;
    n) key=$OPTARG ;;
    s) algorithm=$OPTARG ;;
    E) external="-E -B 8" ;;
    v) version=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
if [ -z "$out" ] || [ $# -lt 2 ]; then usage; fi
kind=$1
hash=${algorithm%%,*}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# image NAME TYPE FILE MORE-PROPERTIES
image() {
    cp "$3" "$work/$1.bin"
    cat << END
        $1 {
            description = "$1 $version";
            data = /incbin/("$work/$1.bin");
            type = "$2";
            arch = "arm";
            compression = "none";
            $4
            hash-1 { algo = "$hash"; };
        };
END
}

# What the configuration refers to, and so what its signature covers.
case $kind in
os)
    [ $# -eq 4 ] || usage
    refers='kernel = "kernel-1"; fdt = "fdt-1"; ramdisk = "ramdisk-1";'
    signed='"kernel", "fdt", "ramdisk"'
    ;;
boot) refers='firmware = "u-boot-1";' signed='"firmware"' ;;
fpga) refers='fpga = "fpga-1";' signed='"fpga"' ;;
*) usage ;;
esac
{
    printf '/dts-v1/;\n/ {\n    description = "%s %s";\n    #address-cells = <1>;\n    images {\n' \
        "$kind" "$version"
    case $kind in
    os)
        image kernel-1 kernel "$2" 'os = "linux"; load = <0x80008000>; entry = <0x80008000>;'
        image fdt-1 flat_dt "$3" ''
        image ramdisk-1 ramdisk "$4" 'os = "linux"; load = <0>; entry = <0>;'
        ;;
    boot) image u-boot-1 firmware "$2" 'os = "u-boot"; load = <0x80000000>; entry = <0x80000000>;' ;;
    fpga) image fpga-1 fpga "$2" 'load = <0>;' ;;
    esac
    printf '    };\n    configurations {\n        default = "conf-1";\n        conf-1 {\n'
    printf '            description = "%s %s";\n            %s\n' "$kind" "$version" "$refers"
    [ -z "$version" ] || printf '            version = "%s";\n' "$version"
    if [ -n "$key" ]; then
        printf '            signature-1 {\n                algo = "%s";\n' "${algorithm%:pss}"
        [ "$algorithm" = "${algorithm%:pss}" ] || printf '                padding = "pss";\n'
        printf '                key-name-hint = "%s";\n                sign-images = %s;\n            };\n' \
            "$key" "$signed"
    fi
    printf '        };\n    };\n};\n'
} > "$work/image.its"

# shellcheck disable=SC2086 # $external is a list of words, and so is the key's
mkimage $external -f "$work/image.its" ${key:+-k "$keys" -r} "$work/image.itb" > "$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
mkdir -p "$(dirname "$out")"
mv "$work/image.itb" "$out"
