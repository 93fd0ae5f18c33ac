/* Media on Linux, in a folder that stands for the root: partitions must lie where the description
 * says, and chips tell their size. */
#define _DEFAULT_SOURCE
#include "hal/linux/media.h"
#include "hal/linux/registers.h"
#include "tests/unit/root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
    (void)state;
    if (!root_make())
        return -1;
    root_run("mkdir -p proc dev data sys/class/mtd/mtd0 sys/class/mtd/mtd1 "
             "sys/bus/spi/devices/spi3.0/spi-nor && "
             "ln -s ../../../bus/spi/devices/spi3.0 sys/class/mtd/mtd0/device && "
             "ln -s ../../../bus/spi/devices/spi3.0 sys/class/mtd/mtd1/device");
    root_text("/proc/mtd", "dev:    size   erasesize  name\nmtd0: 00000010 00001000 \"boot\"\n"
                           "mtd1: 00000010 00001000 \"os\"\n");
    root_text("/sys/class/mtd/mtd0/offset", "0\n");
    root_text("/sys/class/mtd/mtd1/offset", "16\n");
    root_text("/dev/mtd0", "boot loader here");
    root_text("/dev/mtd1", "a system is here");
    root_text("/data/file", "in a file");
    root_text("/sys/bus/spi/devices/spi3.0/spi-nor/jedec_id", "c22018\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return root_drop();
}

static enum sek_status open_place(const struct hal_media_place *place, char text[64])
{
    struct linux_media media;
    struct sek_source *source = NULL;
    enum sek_status status;

    linux_media_init(&media, root);
    status = media.base.open(&media.base, place, &source);
    if (status != SEK_OK)
        return status;
    assert_true(source->size < 64);
    assert_int_equal(sek_source_read(source, 0, text, (size_t)source->size), SEK_OK);
    text[source->size] = '\0';
    media.base.close(&media.base);
    return SEK_OK;
}

static const struct hal_media_place os = {
    .label = "os", .partition = true, .offset = 16, .len = 16, .chip_name = "spi0.0"};

static void a_partition_is_found_by_its_label(void **state)
{
    char text[64];

    (void)state;
    assert_int_equal(open_place(&os, text), SEK_OK);
    assert_string_equal(text, "a system is here");
}

static void a_path_goes_before_a_label(void **state)
{
    const struct hal_media_place place = {.label = "os", .path = "/data/file"};
    char text[64];

    (void)state;
    assert_int_equal(open_place(&place, text), SEK_OK);
    assert_string_equal(text, "in a file");
}

static void what_is_not_there_is_not_found(void **state)
{
    const struct hal_media_place label = {.label = "none"}, path = {.path = "/data/none"},
                                 nothing = {.label = NULL};
    char text[64];

    (void)state;
    assert_int_equal(open_place(&label, text), SEK_ERR_NOT_FOUND);
    assert_int_equal(open_place(&path, text), SEK_ERR_NOT_FOUND);
    assert_int_equal(open_place(&nothing, text), SEK_ERR_NOT_FOUND);
}

static void a_partition_elsewhere_is_not_the_one_that_is_meant(void **state)
{
    static const struct {
        const char *name, *command;
    } rows[] = {
        {"another offset", "echo 0 > sys/class/mtd/mtd1/offset"},
        {"no offset", "rm sys/class/mtd/mtd1/offset"},
        {"an offset that is no number", "echo x > sys/class/mtd/mtd1/offset"},
        {"shorter", "printf 'a system' > dev/mtd1"},
        {"longer", "echo >> dev/mtd1"},
        {"on another chip", "rm sys/class/mtd/mtd1/device && "
                            "ln -s ../../../bus/spi/devices/spi3.1 sys/class/mtd/mtd1/device"},
        {"on no chip", "rm sys/class/mtd/mtd1/device"},
        {"two of one label", "echo 'mtd2: 00000010 00001000 \"os\"' >> proc/mtd"},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        root_run(rows[i].command);
        if (open_place(&os, text) != SEK_ERR_IO)
            fail_msg("%s", rows[i].name);
        assert_int_equal(tear_down(NULL), 0);
        assert_int_equal(set_up(NULL), 0);
    }
    assert_int_equal(open_place(&os, text), SEK_OK);
}

/* Makes mtd2 the whole of the chip, 16 MiB by its JEDEC id, with these bytes at 16. */
static void add_whole_chip(void)
{
    root_run(
        "mkdir sys/class/mtd/mtd2 && "
        "ln -s ../../../bus/spi/devices/spi3.0 sys/class/mtd/mtd2/device && "
        "echo 0 > sys/class/mtd/mtd2/offset && echo 16777216 > sys/class/mtd/mtd2/size && "
        "echo 'mtd2: 01000000 00001000 \"flash0\"' >> proc/mtd && "
        "printf 'boot loader here the real system' > dev/mtd2 && truncate -s 16777216 dev/mtd2");
}

static void what_no_partition_names_is_read_out_of_the_whole_chip(void **state)
{
    struct hal_media_place place = os;
    struct linux_media media;
    uint64_t size = 0;
    char text[64];

    (void)state;
    add_whole_chip();
    assert_int_equal(open_place(&os, text), SEK_OK);
    assert_string_equal(text, "a system is here"); /* its own partition first */
    place.label = "system";
    assert_int_equal(open_place(&place, text), SEK_OK);
    assert_string_equal(text, " the real system");
    linux_media_init(&media, root);
    assert_int_equal(media.base.chip_size(&media.base, &place, &size), SEK_OK);
    assert_int_equal(size, 1 << 24);
    root_run("echo 0 > sys/class/mtd/mtd1/offset"); /* a partition that the kernel puts elsewhere */
    assert_int_equal(open_place(&os, text), SEK_OK);
    assert_string_equal(text, " the real system");
}

static void a_device_that_is_not_the_whole_chip_stands_for_nothing_else(void **state)
{
    static const struct {
        const char *name, *command;
        uint64_t offset;
    } rows[] = {
        {"less than the chip says", "echo 8388608 > sys/class/mtd/mtd2/size", 16},
        {"of no size", "rm sys/class/mtd/mtd2/size", 16},
        {"not from the beginning", "echo 4096 > sys/class/mtd/mtd2/offset", 16},
        {"a chip that says no size", "rm sys/bus/spi/devices/spi3.0/spi-nor/jedec_id", 16},
        {"shorter than it says", "truncate -s 20 dev/mtd2", 16},
        {"of another chip",
         "rm sys/class/mtd/mtd2/device && "
         "ln -s ../../../bus/spi/devices/spi3.1 sys/class/mtd/mtd2/device",
         16},
        {"two of them",
         "cp -r sys/class/mtd/mtd2 sys/class/mtd/mtd3 && "
         "echo 'mtd3: 01000000 00001000 \"again\"' >> proc/mtd",
         16},
        {"a region beyond the chip", "true", 0xfffff1},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct hal_media_place place = {
            .label = "system", .partition = true, .offset = rows[i].offset, .len = 16};

        add_whole_chip();
        root_run(rows[i].command);
        if (open_place(&place, text) == SEK_OK)
            fail_msg("%s", rows[i].name);
        assert_int_equal(tear_down(NULL), 0);
        assert_int_equal(set_up(NULL), 0);
    }
}

static void a_folder_is_no_medium(void **state)
{
    const struct hal_media_place place = {.path = "/data"};
    char text[64];

    (void)state;
    assert_int_equal(open_place(&place, text), SEK_ERR_UNSUPPORTED);
}

static void a_chip_tells_its_size(void **state)
{
    /* SFDP header, one parameter header (JESD216: id 00, table at 10h), density in its word 2. */
    static const uint8_t bits[] = {'S',  'F', 'D', 'P',  6, 1, 0, 0xff, 0x00, 6,    1,    16,
                                   0x10, 0,   0,   0xff, 1, 2, 3, 4,    0xff, 0xff, 0xff, 0x07};
    static const uint8_t power[] = {'S',  'F', 'D', 'P',  6, 1, 0, 0xff, 0x00, 6, 1, 16,
                                    0x10, 0,   0,   0xff, 1, 2, 3, 4,    31,   0, 0, 0x80};
    static const struct {
        const char *name;
        const uint8_t *sfdp;
        size_t sfdp_len;
        const char *jedec;
        enum sek_status status;
        uint64_t size;
    } rows[] = {
        {"by its JEDEC id", NULL, 0, "c22018\n", SEK_OK, 1u << 24},
        {"by SFDP: bits less one", bits, sizeof bits, "c22018\n", SEK_OK, 1u << 24},
        {"by SFDP: a power of two", power, sizeof power, "c22018\n", SEK_OK, 1u << 28},
        {"SFDP cut short", bits, sizeof bits - 1, "c22019\n", SEK_OK, 1u << 25},
        {"an id that tells no size", NULL, 0, "1f0040\n", SEK_ERR_UNSUPPORTED, 0},
        {"an id that is none", NULL, 0, "none\n", SEK_ERR_UNSUPPORTED, 0},
        {"nothing", NULL, 0, NULL, SEK_ERR_UNSUPPORTED, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct linux_media media;
        uint64_t size = 0;

        root_run("rm -f sys/bus/spi/devices/spi3.0/spi-nor/*");
        if (rows[i].sfdp)
            root_put("/sys/bus/spi/devices/spi3.0/spi-nor/sfdp", rows[i].sfdp, rows[i].sfdp_len);
        if (rows[i].jedec)
            root_text("/sys/bus/spi/devices/spi3.0/spi-nor/jedec_id", rows[i].jedec);
        linux_media_init(&media, root);
        if (media.base.chip_size(&media.base, &os, &size) != rows[i].status || size != rows[i].size)
            fail_msg("%s: %llu", rows[i].name, (unsigned long long)size);
    }
}

static void a_part_on_a_bus_that_is_none_is_a_file(void **state)
{
    const struct hal_media_place place = {
        .path = "/data/file", .eeprom = true, .address = 0x50, .address_bits = 16, .size = 256};
    char text[64];

    (void)state;
    assert_int_equal(open_place(&place, text), SEK_OK);
}

static void i2c_sources_refuse_what_they_cannot_reach(void **state)
{
    struct linux_i2c_source i2c;

    (void)state;
    assert_int_equal(linux_i2c_source_open(&i2c, "/dev/null", 0x50, 8, 0), SEK_ERR_RANGE);
    assert_int_equal(linux_i2c_source_open(&i2c, "/dev/null", 0x50, 8, 2049), SEK_ERR_RANGE);
    assert_int_equal(linux_i2c_source_open(&i2c, "/dev/null", 0x50, 16, 65537), SEK_ERR_RANGE);
    assert_int_equal(linux_i2c_source_open(&i2c, "/dev/i2c-none", 0x50, 16, 256),
                     SEK_ERR_NOT_FOUND);
    assert_int_equal(linux_i2c_source_open(&i2c, "/dev/null", 0x50, 16, 256), SEK_ERR_IO);
}

static void registers_are_read_where_they_are(void **state)
{
    static uint8_t memory[3 * 4096];
    struct linux_registers registers;
    uint32_t value = 0, wanted = 0x11223344;

    (void)state;
    memcpy(memory + 4096 + 8, &wanted, sizeof wanted);
    root_put("/dev/mem", memory, sizeof memory);
    linux_registers_init(&registers, root);
    assert_int_equal(registers.base.read(&registers.base, 4096 + 8, &value), SEK_OK);
    assert_int_equal(value, wanted);
    assert_int_equal(registers.base.read(&registers.base, 4096 + 6, &value), SEK_ERR_IO);
    root_run("rm dev/mem");
    assert_int_equal(registers.base.read(&registers.base, 4096 + 8, &value), SEK_ERR_IO);
    assert_int_equal(value, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_partition_is_found_by_its_label, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_goes_before_a_label, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_not_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_partition_elsewhere_is_not_the_one_that_is_meant, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_no_partition_names_is_read_out_of_the_whole_chip,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_is_not_the_whole_chip_stands_for_nothing_else,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_is_no_medium, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chip_tells_its_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_on_a_bus_that_is_none_is_a_file, set_up, tear_down),
        cmocka_unit_test(i2c_sources_refuse_what_they_cannot_reach),
        cmocka_unit_test_setup_teardown(registers_are_read_where_they_are, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
