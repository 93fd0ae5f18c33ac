/* What a board description lists, and what a hostile one cannot hide. */
#include "agent/inventory.h"
#include "tests/unit/board_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNITS = 8, CHIPS = 2 };

struct read {
    struct sek_bytes dtb;
    struct sek_unit unit[UNITS];
    struct sek_chip chip[CHIPS];
    struct sek_inventory inventory;
    struct sek_fault fault;
    enum sek_status status;
};

static void read_source(struct read *r, const char *find, const char *put)
{
    *r = (struct read){.dtb = board_source_dtb(find, put)};
    r->inventory = (struct sek_inventory){
        .unit = r->unit, .unit_cap = UNITS, .chip = r->chip, .chip_cap = CHIPS};
    r->status = sek_inventory_read(r->dtb, &r->inventory, &r->fault);
}

static void drop(struct read *r)
{
    free((void *)r->dtb.data);
}

static const struct sek_unit *unit_of(const struct read *r, const char *name)
{
    for (size_t i = 0; i < r->inventory.unit_count; i++) {
        if (strcmp(r->unit[i].name, name) == 0)
            return &r->unit[i];
    }
    fail_msg("no unit %s", name);
    return NULL;
}

static void every_component_is_listed_with_its_place(void **state)
{
    static const struct {
        const char *name, *location;
        enum sek_class component_class;
        const char *format;
        bool optional;
        enum sek_unit_bank bank;
    } rows[] = {
        {"boot", "spi0.0:0x00000000", SEK_CLASS_BOOT, NULL, false, SEK_UNIT_ACTIVE},
        {"os", "spi0.0:0x00004000", SEK_CLASS_KERNEL, NULL, false, SEK_UNIT_ACTIVE},
        {"chassis", "i2c3:0x50", SEK_CLASS_PRODUCT, "onie-tlv", false, SEK_UNIT_ACTIVE},
        {"fan", "i2c3/70.2/71.3:0x51", SEK_CLASS_FAN, NULL, true, SEK_UNIT_ACTIVE},
        {"port1", "i2c3/70.2/71.3:0x50", SEK_CLASS_TRANSCEIVER, "sff-8472", true, SEK_UNIT_ACTIVE},
        {"fpga", "/data/fpga.itb", SEK_CLASS_FPGA, NULL, false, SEK_UNIT_RECOVERY},
    };
    struct read r;

    (void)state;
    read_source(&r, NULL, NULL);
    assert_int_equal(r.status, SEK_OK);
    assert_int_equal(r.inventory.unit_count, SEK_LEN(rows));
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_unit *unit = &r.unit[i];

        assert_string_equal(unit->name, rows[i].name);
        assert_string_equal(unit->location, rows[i].location);
        assert_int_equal(unit->component_class, rows[i].component_class);
        assert_int_equal(unit->optional, rows[i].optional);
        assert_int_equal(unit->bank, rows[i].bank);
        assert_false(unit->shared);
        if (rows[i].format)
            assert_string_equal(unit->format, rows[i].format);
        else
            assert_null(unit->format);
    }
    assert_string_equal(sek_inventory_model(r.dtb), "BOX");
    drop(&r);
}

static void a_partition_has_its_chip_and_range(void **state)
{
    struct read r;
    const struct hal_media_place *place;

    (void)state;
    read_source(&r, NULL, NULL);
    place = &unit_of(&r, "os")->place;
    assert_true(place->partition);
    assert_int_equal(place->controller, 0x1000);
    assert_int_equal(place->chip, 0);
    assert_int_equal(place->offset, 0x4000);
    assert_int_equal(place->len, 0x8000);
    assert_string_equal(place->chip_name, "spi0.0");
    assert_int_equal(r.inventory.chip_count, 1);
    assert_string_equal(r.chip[0].name, "spi0.0");
    assert_int_equal(r.chip[0].end, 0x10000);
    assert_false(r.chip[0].has_gap);
    drop(&r);
}

static void a_range_may_have_two_cells(void **state)
{
    struct read r;

    (void)state;
    read_source(&r,
                "#address-cells = <1>; #size-cells = <1>;\n"
                "    boot: partition@0 { label = \"boot\"; reg = <0 0x4000>;",
                "#address-cells = <2>; #size-cells = <2>;\n"
                "    huge: partition@1 { label = \"huge\"; reg = <4 0 1 0>; };\n"
                "    boot: partition@0 { label = \"boot\"; reg = <0 0 4 0>;");
    assert_int_equal(r.status, SEK_ERR_MALFORMED); /* the others keep two cells: no ranges */
    drop(&r);
}

static void a_part_has_its_way_and_geometry(void **state)
{
    static const struct {
        const char *name, *find, *put;
        const char *unit;
        uint8_t hops, address, bits;
        uint32_t size;
    } rows[] = {
        {"on the bus itself", NULL, NULL, "chassis", 0, 0x50, 16, 4096},
        {"behind two multiplexers", NULL, NULL, "fan", 2, 0x51, 8, 256},
        {"a transceiver", NULL, NULL, "port1", 2, 0x50, 8, 256},
        {"a transceiver of 16 bits", "i2c-bus = <&cage>;",
         "i2c-bus = <&cage>; address-width = <16>;", "port1", 2, 0x50, 16, 256},
        {"a size of its own", "reg = <0x50>;", "reg = <0x50>; size = <512>;", "chassis", 0, 0x50,
         16, 512},
        {"24c16 is the last of 8 bits", "24c32", "24c16", "chassis", 0, 0x50, 8, 2048},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct read r;
        const struct hal_media_place *place;

        read_source(&r, rows[i].find, rows[i].put);
        assert_int_equal(r.status, SEK_OK);
        place = &unit_of(&r, rows[i].unit)->place;
        assert_true(place->eeprom);
        assert_int_equal(place->controller, 0x2000);
        assert_int_equal(place->hop_count, rows[i].hops);
        assert_int_equal(place->address, rows[i].address);
        assert_int_equal(place->address_bits, rows[i].bits);
        assert_int_equal(place->size, rows[i].size);
        if (rows[i].hops == 2) {
            assert_int_equal(place->hop[0].address, 0x70);
            assert_int_equal(place->hop[0].channel, 2);
            assert_int_equal(place->hop[1].address, 0x71);
            assert_int_equal(place->hop[1].channel, 3);
        }
        drop(&r);
    }
}

/* Each map is marked: which units share bytes, or which byte of the chip nobody names. */
static void a_hostile_map_is_marked(void **state)
{
    static const struct {
        const char *name, *find, *put;
        const char *shared[2]; /* units */
        int64_t gap;           /* -1: none */
    } rows[] = {
        {"a partition that reaches into the next",
         "reg = <0 0x4000>",
         "reg = <0 0x4001>",
         {"boot", "os"},
         -1},
        {"two names of one range",
         "reg = <0x4000 0x8000>",
         "reg = <0 0x4000>",
         {"boot", "os"},
         0x4000},
        {"a component over the vault",
         "reg = <0x4000 0x8000>",
         "reg = <0x4000 0x8001>",
         {"os", "os"},
         -1},
        {"a component inside another",
         "reg = <0x4000 0x8000>",
         "reg = <0x1000 0xb000>",
         {"os", "boot"},
         -1},
        {"a partition that is too short",
         "reg = <0x4000 0x8000>",
         "reg = <0x4000 0x7fff>",
         {0},
         0xbfff},
        {"a partition that begins too late", "reg = <0 0x4000>", "reg = <4 0x3ffc>", {0}, 0},
        {"a partition left out",
         "partition@d000 { label = \"unused\"; reg = <0xd000 0x3000>; };",
         "tail { reg = <0xf000 0x1000>; };",
         {0},
         0xd000},
        {"two components of one path",
         "label = \"chassis\";",
         "label = \"chassis\"; sekisho,path = \"/data/fpga.itb\";",
         {"chassis", "fpga"},
         -1},
        {"two parts at one address",
         "24c02\"; reg = <0x51>",
         "24c02\"; reg = <0x50>",
         {"fan", "port1"},
         -1},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct read r;

        read_source(&r, rows[i].find, rows[i].put);
        if (r.status != SEK_OK)
            fail_msg("%s: %s", rows[i].name, r.fault.why);
        for (size_t u = 0; u < r.inventory.unit_count; u++) {
            const char *name = r.unit[u].name;
            bool named = (rows[i].shared[0] && strcmp(rows[i].shared[0], name) == 0) ||
                         (rows[i].shared[1] && strcmp(rows[i].shared[1], name) == 0);

            if (r.unit[u].shared != named)
                fail_msg("%s: %s is %s", rows[i].name, name, named ? "not marked" : "marked");
        }
        assert_int_equal(r.chip[0].has_gap, rows[i].gap >= 0);
        if (rows[i].gap >= 0)
            assert_int_equal(r.chip[0].gap, rows[i].gap);
        drop(&r);
    }
}

static void a_chip_described_twice_shares_its_bytes(void **state)
{
    struct read r;

    (void)state;
    read_source(&r, "chip: flash@0",
                "flash@1 { compatible = \"jedec,spi-nor\"; reg = <0>; label = \"again\";\n"
                " partitions { compatible = \"fixed-partitions\"; #address-cells = <1>;\n"
                " #size-cells = <1>; partition@0 { label = \"os-2\"; reg = <0x4000 0x100>;\n"
                " sekisho,class = \"kernel\"; }; }; };\n chip: flash@0");
    assert_int_equal(r.status, SEK_OK);
    assert_true(unit_of(&r, "os-2")->shared);
    assert_true(unit_of(&r, "os")->shared);
    assert_false(unit_of(&r, "boot")->shared);
    drop(&r);
}

static void what_no_board_can_be_is_refused(void **state)
{
    static const struct {
        const char *name, *find, *put;
        enum sek_status status;
    } rows[] = {
        {"no such class", "sekisho,class = \"fan\"", "sekisho,class = \"fans\"", SEK_ERR_MALFORMED},
        {"a class that is no text", "sekisho,class = \"fan\"", "sekisho,class = <1>",
         SEK_ERR_MALFORMED},
        {"no such bank", "\"recovery\"", "\"rescue\"", SEK_ERR_MALFORMED},
        {"a bank that is no text", "sekisho,bank = \"recovery\"", "sekisho,bank",
         SEK_ERR_MALFORMED},
        {"no such use", "sekisho,use = \"vault\"", "sekisho,use = \"vaults\"", SEK_ERR_MALFORMED},
        {"an unclean name", "label = \"fan\"", "label = \"fan 1\"", SEK_ERR_MALFORMED},
        {"a name with a slash", "label = \"fan\"", "label = \"fan/1\"", SEK_ERR_MALFORMED},
        {"a name that is too long", "label = \"fan\"",
         "label = \"a23456789012345678901234567890123\"", SEK_ERR_MALFORMED},
        {"two of one name", "label = \"fan\"", "label = \"boot\"", SEK_ERR_MALFORMED},
        {"a component of a chip's name", "label = \"fan\"", "label = \"spi0.0\"",
         SEK_ERR_MALFORMED},
        {"a chip of a component's name", "chip: flash@0 {", "chip: flash@0 { label = \"os\";",
         SEK_ERR_MALFORMED},
        {"a partition without a range", "reg = <0 0x4000>;", "", SEK_ERR_MALFORMED},
        {"a range without an end", "reg = <0 0x4000>", "reg = <0>", SEK_ERR_MALFORMED},
        {"an empty range", "reg = <0 0x4000>", "reg = <0 0>", SEK_ERR_MALFORMED},
        {"an unused partition without a range", "label = \"unused\"; reg = <0xd000 0x3000>;",
         "label = \"unused\";", SEK_ERR_MALFORMED},
        {"nowhere", "sekisho,path = \"/data/fpga.itb\";", "", SEK_ERR_MALFORMED},
        {"an address of 8 bits", "24c02\"; reg = <0x51>", "24c02\"; reg = <0x80>",
         SEK_ERR_MALFORMED},
        {"a channel that no multiplexer has", "cage: i2c@3 { reg = <3>;",
         "cage: i2c@3 { reg = <8>;", SEK_ERR_MALFORMED},
        {"a cage on no bus", "i2c-bus = <&cage>", "i2c-bus = <0x7777>", SEK_ERR_MALFORMED},
        {"addresses of 12 bits", "i2c-bus = <&cage>;", "i2c-bus = <&cage>; address-width = <12>;",
         SEK_ERR_MALFORMED},
        {"more components than the table", "i2c3: i2c@2000 {",
         "x1 { sekisho,class = \"data\"; sekisho,path = \"/1\"; };\n"
         "x2 { sekisho,class = \"data\"; sekisho,path = \"/2\"; };\n"
         "x3 { sekisho,class = \"data\"; sekisho,path = \"/3\"; };\n i2c3: i2c@2000 {",
         SEK_ERR_NO_SPACE},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct read r;

        read_source(&r, rows[i].find, rows[i].put);
        if (r.status != rows[i].status)
            fail_msg("%s: %s", rows[i].name, sek_status_text(r.status));
        assert_non_null(r.fault.why);
        assert_int_equal(r.inventory.unit_count, 0);
        drop(&r);
    }
}

static void what_is_no_device_tree_is_refused(void **state)
{
    struct sek_unit unit[UNITS];
    struct read r;
    uint8_t *copy;

    (void)state;
    read_source(&r, NULL, NULL);
    for (size_t len = 0; len < r.dtb.len; len++) {
        struct sek_inventory inventory = {.unit = unit, .unit_cap = UNITS};
        struct sek_fault fault = {0};

        copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, r.dtb.data, len);
        assert_int_equal(sek_inventory_read((struct sek_bytes){copy, len}, &inventory, &fault),
                         SEK_ERR_MALFORMED);
        free(copy);
    }
    drop(&r);
}

/* Every bit: refused, or a list; never a read outside (the sanitizers watch). */
static void no_bit_makes_it_read_outside(void **state)
{
    struct read r;
    uint8_t *copy;
    unsigned listed = 0;

    (void)state;
    read_source(&r, NULL, NULL);
    copy = malloc(r.dtb.len);
    assert_non_null(copy);
    memcpy(copy, r.dtb.data, r.dtb.len);
    for (size_t bit = 0; bit < 8 * r.dtb.len; bit++) {
        struct sek_inventory inventory = {
            .unit = r.unit, .unit_cap = UNITS, .chip = r.chip, .chip_cap = CHIPS};
        struct sek_fault fault = {0};

        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        listed +=
            sek_inventory_read((struct sek_bytes){copy, r.dtb.len}, &inventory, &fault) == SEK_OK;
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(listed > 0);
    free(copy);
    drop(&r);
}

static void closed_registers_come_in_threes(void **state)
{
    struct sek_closed_register closed[4];
    struct sek_bytes dtb = board_source_dtb(NULL, NULL);

    (void)state;
    assert_int_equal(sek_inventory_closed(dtb, closed, SEK_LEN(closed)), 2);
    assert_int_equal(closed[0].address, 0x1e6e20c8);
    assert_int_equal(closed[1].mask, 0xa);
    assert_int_equal(closed[1].value, 0xa);
    assert_int_equal(sek_inventory_closed(dtb, closed, 1), 2);
    free((void *)dtb.data);
    dtb = board_source_dtb("<0x1e6e20d8 0xa 0xa>", "<0x1e6e20d8 0xa>");
    assert_int_equal(sek_inventory_closed(dtb, closed, SEK_LEN(closed)), 0);
    free((void *)dtb.data);
    dtb = board_source_dtb("sekisho,closed = <0x1e6e20c8 0x107 0x107>, <0x1e6e20d8 0xa 0xa>;", "");
    assert_int_equal(sek_inventory_closed(dtb, closed, SEK_LEN(closed)), 0);
    free((void *)dtb.data);
}

static void the_chips_id_is_a_list_of_registers(void **state)
{
    uint32_t address[2] = {0};
    struct sek_bytes dtb = board_source_dtb("sekisho,closed", "sekisho,chip-id = <1 2>; x");

    (void)state;
    assert_int_equal(sek_inventory_chip_id(dtb, address, SEK_LEN(address)), 2);
    assert_int_equal(address[0], 1);
    assert_int_equal(address[1], 2);
    assert_int_equal(sek_inventory_chip_id(dtb, address, 1), 2);
    free((void *)dtb.data);
    dtb = board_source_dtb("sekisho,closed", "sekisho,chip-id = [00 00 00 01 02]; x");
    assert_int_equal(sek_inventory_chip_id(dtb, address, SEK_LEN(address)), 0);
    free((void *)dtb.data);
    dtb = board_source_dtb(NULL, NULL);
    assert_int_equal(sek_inventory_chip_id(dtb, address, SEK_LEN(address)), 0);
    free((void *)dtb.data);
}

static void a_board_may_keep_its_inventory_from_the_network(void **state)
{
    struct sek_bytes dtb = board_source_dtb("sekisho,closed", "sekisho,signed-challenge; x");

    (void)state;
    assert_true(sek_inventory_signed_only(dtb));
    free((void *)dtb.data);
    dtb = board_source_dtb(NULL, NULL);
    assert_false(sek_inventory_signed_only(dtb));
    free((void *)dtb.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_component_is_listed_with_its_place),
        cmocka_unit_test(a_partition_has_its_chip_and_range),
        cmocka_unit_test(a_range_may_have_two_cells),
        cmocka_unit_test(a_part_has_its_way_and_geometry),
        cmocka_unit_test(a_hostile_map_is_marked),
        cmocka_unit_test(a_chip_described_twice_shares_its_bytes),
        cmocka_unit_test(what_no_board_can_be_is_refused),
        cmocka_unit_test(what_is_no_device_tree_is_refused),
        cmocka_unit_test(no_bit_makes_it_read_outside),
        cmocka_unit_test(closed_registers_come_in_threes),
        cmocka_unit_test(the_chips_id_is_a_list_of_registers),
        cmocka_unit_test(a_board_may_keep_its_inventory_from_the_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
