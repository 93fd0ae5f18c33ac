#define _DEFAULT_SOURCE
#include "tests/unit/board_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DTB_MAX = 65536 };

const char board_source[] =
    "/dts-v1/;\n"
    "/ {\n"
    " compatible = \"test,box\"; model = \"BOX\"; #address-cells = <1>; #size-cells = <1>;\n"
    " sekisho,closed = <0x1e6e20c8 0x107 0x107>, <0x1e6e20d8 0xa 0xa>;\n"
    " aliases { spi0 = &spi; i2c3 = &i2c3; };\n"
    " spi: spi@1000 { reg = <0x1000 0x100>; #address-cells = <1>; #size-cells = <0>;\n"
    "  chip: flash@0 { compatible = \"jedec,spi-nor\"; reg = <0>;\n"
    "   partitions { compatible = \"fixed-partitions\"; #address-cells = <1>; #size-cells = <1>;\n"
    "    boot: partition@0 { label = \"boot\"; reg = <0 0x4000>; sekisho,class = \"boot\"; };\n"
    "    os: partition@4000 { label = \"os\"; reg = <0x4000 0x8000>; sekisho,class = \"kernel\";\n"
    "     sekisho,bank = \"active\"; };\n"
    "    partition@c000 { label = \"vault\"; reg = <0xc000 0x1000>; sekisho,use = \"vault\"; };\n"
    "    partition@d000 { label = \"unused\"; reg = <0xd000 0x3000>; };\n"
    "   }; }; };\n"
    " i2c3: i2c@2000 { reg = <0x2000 0x80>; #address-cells = <1>; #size-cells = <0>;\n"
    "  chassis: eeprom@50 { compatible = \"atmel,24c32\"; reg = <0x50>; label = \"chassis\";\n"
    "   sekisho,class = \"product\"; nvmem-layout { compatible = \"onie,tlv-layout\"; }; };\n"
    "  i2c-mux@70 { compatible = \"nxp,pca9548\"; reg = <0x70>;\n"
    "   #address-cells = <1>; #size-cells = <0>;\n"
    "   i2c@2 { reg = <2>; #address-cells = <1>; #size-cells = <0>;\n"
    "    i2c-mux@71 { compatible = \"nxp,pca9546\"; reg = <0x71>;\n"
    "     #address-cells = <1>; #size-cells = <0>;\n"
    "     cage: i2c@3 { reg = <3>; #address-cells = <1>; #size-cells = <0>;\n"
    "      fan: eeprom@51 { compatible = \"atmel,24c02\"; reg = <0x51>; label = \"fan\";\n"
    "       sekisho,class = \"fan\"; sekisho,optional; }; }; }; }; }; };\n"
    " port: port1 { compatible = \"sff,sfp\"; i2c-bus = <&cage>; sekisho,format = \"sff-8472\";\n"
    "  sekisho,class = \"transceiver\"; sekisho,optional; };\n"
    " file { label = \"fpga\"; sekisho,path = \"/data/fpga.itb\"; sekisho,class = \"fpga\";\n"
    "  sekisho,bank = \"recovery\"; };\n"
    "};\n";

struct sek_bytes board_source_dtb(const char *find, const char *put)
{
    char path[] = "/tmp/sekisho-test-XXXXXX.dts", command[128];
    const char *at = find ? strstr(board_source, find) : board_source;
    struct sek_bytes dtb;
    uint8_t *data = malloc(DTB_MAX);
    int fd = mkstemps(path, 4);
    FILE *out, *in;

    assert_true(fd >= 0);
    assert_non_null(at);
    assert_non_null(data);
    out = fdopen(fd, "w");
    assert_non_null(out);
    fwrite(board_source, 1, (size_t)(at - board_source), out);
    fputs(find ? put : "", out);
    fputs(at + (find ? strlen(find) : 0), out);
    assert_int_equal(fclose(out), 0);
    snprintf(command, sizeof command, "dtc -q -I dts -O dtb -f %s", path);
    in = popen(command, "r");
    assert_non_null(in);
    dtb = (struct sek_bytes){data, fread(data, 1, DTB_MAX, in)};
    pclose(in);
    unlink(path);
    assert_true(dtb.len > 0);
    return dtb;
}
