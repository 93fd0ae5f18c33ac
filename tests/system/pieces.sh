#!/bin/sh
# Makes what the two switches of the demo are filled with, good and bad; every name is invented.
#
#   pieces.sh -o DIR -k KEYDIR
#
# KEYDIR holds the demo keys (kiso.key, hakone.pem). DIR gets
#   boot.itb                        boot loader, signed by hakone (ECDSA P-256)
#   smb-fpga.itb pim-fpga.itb       bit streams, signed by hakone
#   unsigned.itb                    the first bit stream with hashes only
#   altered.itb                     the second one with one bit of its payload flipped
#   env.bin meta.bin                the two configuration regions, whole
#   references.dts                  store nodes that vouch for them, for /include/ in "references"
#   chassis-a chassis-b psu1 psu2 pim1 port1 port2 excluded blank (.bin)       EEPROM contents
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=
keys=
usage() { sed -n '4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
while getopts o:k: option; do
    case $option in
    o) out=$OPTARG ;;
    k) keys=$OPTARG ;;
    *) usage ;;
    esac
done
if [ -z "$out" ] || [ -z "$keys" ]; then usage; fi
mkdir -p "$out"

filler() { yes "$1" | head -c 262144; } # stands for code that nothing here runs
filler "demo boot loader 1.4.2" > "$out/boot.bin"
filler "demo bit stream smb 3.1" > "$out/smb.bin"
filler "demo bit stream pim 3.1" > "$out/pim.bin"
sign() { "$here/fit.sh" -k "$keys" -n hakone -s sha256,ecdsa256 "$@"; }
sign -o "$out/boot.itb" -v 1.4.2 boot "$out/boot.bin"
sign -o "$out/smb-fpga.itb" -v 3.1 fpga "$out/smb.bin"
sign -o "$out/pim-fpga.itb" -v 3.1 fpga "$out/pim.bin"
"$here/fit.sh" -o "$out/unsigned.itb" -v 3.1 fpga "$out/smb.bin"
cp "$out/pim-fpga.itb" "$out/altered.itb"
at=$(grep -abo -m 1 'demo bit stream' "$out/altered.itb" | head -n 1 | cut -d: -f1)
printf e | dd of="$out/altered.itb" bs=1 seek="$at" conv=notrunc status=none # d becomes e: one bit
cmp -s "$out/pim-fpga.itb" "$out/altered.itb" && { echo "pieces: nothing was altered" >&2; exit 1; }

# The environment as U-Boot keeps it: CRC-32 (little-endian, as at the end of a gzip file), then text.
printf 'bootcmd=bootm 20100000\0bootargs=console=ttyS0,115200\0bootdelay=2\0' > "$out/env.text"
truncate -s 65532 "$out/env.text"
{ gzip -1c "$out/env.text" | tail -c 8 | head -c 4; cat "$out/env.text"; } > "$out/env.bin"
{ printf '{"version":"demo-2026.11","layout":"u-boot,env,meta,fit,data0"}\n'; tr '\0' '\377' < /dev/zero; } |
    head -c 65536 > "$out/meta.bin"
for region in env meta; do
    printf '%s {\n\tsupplier = <&sup_hakone>;\n\tcomponent = "%s";\n\tsize = <65536>;\n\tsha256 = [%s];\n};\n' \
        "demo-$region" "$region" "$(sha256sum < "$out/$region.bin" | cut -c1-64)"
done > "$out/references.dts"

"${HOSTCC:-cc}" -std=c11 -Wall -Wextra -Werror -O1 -o "$out/mkeeprom" "$here/mkeeprom.c"
part() { # NAME FORMAT FIELD=TEXT...
    name=$1
    shift
    "$out/mkeeprom" 4096 "$@" > "$out/$name.bin"
}
chassis() { # NAME SERIAL MAC
    part "$1" onie product="Checkpoint 32X" part=KN-CP32X serial="$2" mac="$3" \
        date="11/02/2026 09:00:00" platform=kiso_cp32x manufacturer="Kiso Networks K.K." \
        country=JP vendor="Kiso Networks"
}
chassis chassis-a KN2026-000117 025a10000117
chassis chassis-b KN2026-000118 025a10000118
part psu1 fru maker="Hakone Systems" name="PSU 1500 W" part=HS-P1500 version=A1 serial=P26-0041
part psu2 fru maker="Hakone Systems" name="PSU 1500 W" part=HS-P1500 version=A1 serial=P26-0042
part pim1 fru board-maker="Kiso Networks" board-name="Line card 16Q" board-serial=L26-1007 \
    board-part=KN-LC16Q maker="Kiso Networks" name="Line card 16Q" part=KN-LC16Q serial=L26-1007
part port1 sfp vendor="HAKONE SYSTEMS" oui=025a10 part=HS-10G-SR revision=A serial=T26-2001 date=260301
part port2 sfp vendor="HAKONE SYSTEMS" oui=025a10 part=HS-10G-SR revision=A serial=T26-2002 date=260301
part excluded sfp vendor="YAMABIKO OPTICS" oui=025942 part=YO-10G-SR revision=B serial=Y26-3003 \
    date=260501
part blank blank
rm -f "$out/mkeeprom" "$out/env.text" "$out/boot.bin" "$out/smb.bin" "$out/pim.bin"
