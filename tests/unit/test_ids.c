/* Identifiers of a few bytes, and a card's vital product data. */
#include "base/crc.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

#define PCI                                                                                        \
    "\xf0\xff\x34\x12\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                     \
    "\0\0\0\0\0\0\0\0\0\0\0\0\xf1\xff\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define BRIDGE                                                                                     \
    "\xf0\xff\x34\x12\0\0\0\0\0\0\0\0\0\0\x81\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                   \
    "\0\0\0\0\0\0\0\0\0\0\0\0\xf1\xff\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define USB "\x12\1\0\2\0\0\0\x40\xf1\xff\x02\0\0\1\1\2\3\1"

/* Text of a table with its length. */
#define T(text) text, sizeof(text) - 1

static const struct row {
    const char *name, *format, *data;
    size_t len;
    const char *line;
} rows[] = {
    {"a PCI device and its card", "pci-config", T(PCI), "pci=4293923380 subsys=4293984257"},
    {"a bridge has no subsystem there", "pci-config", T(BRIDGE), "pci=4293923380"},
    {"a PCI head that is cut", "pci-config", "\xf0\xff\x34\x12\0", 5,
     "pci=4293923380; damaged at 5: shorter than a device's head"},
    {"three bytes of a PCI head", "pci-config", "\xf0\xff\x34", 3,
     "truncated at 3: ends before its fields"},
    {"no PCI device", "pci-config", "\xff\xff\xff\xff", 4, "blank"},
    {"a USB device", "usb-device", T(USB), "usb=4293984258"},
    {"a USB descriptor that is cut", "usb-device", USB, 12,
     "usb=4293984258; damaged at 0: no device descriptor"},
    {"another USB descriptor", "usb-device", T("\x12\2\0\2\0\0\0\x40\xf1\xff\x02\0\0\1\1\2\3\1"),
     "usb=4293984258; damaged at 0: no device descriptor"},
    {"eleven bytes of a USB descriptor", "usb-device", USB, 11,
     "truncated at 11: ends before its fields"},
    {"a device tree's texts", "dt-compatible", "kiso,kx1\0soc,model\0", 19,
     "compatible=kiso,kx1 compatible=soc,model"},
    {"texts without an end", "dt-compatible", "kiso,kx1", 8,
     "compatible=kiso,kx1; damaged at 8: a text is cut"},
    {"an empty text is none", "dt-compatible", "kiso,kx1\0\0", 10, "compatible=kiso,kx1"},
    {"an empty text hides none behind it", "dt-compatible", "\0kiso,kx1\0", 10,
     "compatible=kiso,kx1"},
    {"empty texts alone", "dt-compatible", "\0\0\0", 3, "blank"},
    {"no text", "dt-compatible", "", 0, "truncated at 0: ends before its fields"},
    {"an optical vendor", "gpon-vendor", "KISO\1\2\3\4", 8, "gpon=KISO"},
    {"three letters", "gpon-vendor", "KIS", 3, "truncated at 3: ends before its fields"},
    {"a flash chip in text", "jedec-id", "7f4018\n", 7, "jedec=8339480"},
    {"a flash chip in bytes", "jedec-id", "\x7f\x40\x18", 3, "jedec=8339480"},
    {"a flash chip of six bytes", "jedec-id", "\x7f\x40\x18\1\2\3", 6, "jedec=8339480"},
    {"two bytes of a flash chip", "jedec-id", "\x7f\x40", 2,
     "truncated at 2: ends before its fields"},
    {"no flash chip", "jedec-id", "\xff\xff\xff", 3, "blank"},
    {"an Arm core", "arm-midr", "0x000000007f0fd010\n", 19, "midr=127"},
    {"an Arm core of 32 bits", "arm-midr", "0x7f0fd010", 10, "midr=127"},
    {"a core of three bytes", "arm-midr", "0x0fd010", 8, "truncated at 8: ends before its fields"},
    {"a core that is no number", "arm-midr", "0x7f0fd01g", 10,
     "truncated at 10: ends before its fields"},
    {"an address in text", "mac-address", "02:5a:10:00:00:01\n", 18, "mac=025a10000001"},
    {"an address in bytes", "mac-address", "\2\x5a\x10\0\0\1", 6, "mac=025a10000001"},
    {"an address in capitals", "mac-address", "025A10000001", 12, "mac=025a10000001"},
    {"five bytes of an address", "mac-address", "02:5a:10:00:00", 14,
     "truncated at 14: ends before its fields"},
    {"seven bytes of an address", "mac-address", "02:5a:10:00:00:01:02", 20,
     "truncated at 20: ends before its fields"},
    {"a colon inside a byte", "mac-address", "0:25a10000001", 13,
     "truncated at 13: ends before its fields"},
    {"no address", "mac-address", "\0\0\0\0\0\0", 6, "blank"},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record_result result;

    record_read((const uint8_t *)row->data, row->len, row->format, 8, &result);
    assert_string_equal(record_line(&result), row->line);
    record_drop(&result);
    record_read((const uint8_t *)row->data, row->len, NULL, 8, &result);
    assert_int_equal(result.status, SEK_ERR_NOT_THIS_FORMAT); /* never by content */
    record_drop(&result);
}

static void every_truncation_and_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct record_result result;
        size_t count;

        for (size_t cut = 0; cut <= rows[i].len; cut++) {
            record_read((const uint8_t *)rows[i].data, cut, rows[i].format, 8, &result);
            assert_true(result.claims.count <= 2);
            record_drop(&result);
        }
        record_read((const uint8_t *)rows[i].data, rows[i].len, rows[i].format, 8, &result);
        count = result.claims.count;
        record_drop(&result);
        for (size_t cap = 0; cap < count; cap++) {
            record_read((const uint8_t *)rows[i].data, rows[i].len, rows[i].format, cap, &result);
            assert_int_equal(result.status, SEK_ERR_NO_SPACE);
            record_drop(&result);
        }
    }
}

/* ---- Vital product data ---- */

static void field(struct record *record, const char *keyword, const char *value)
{
    record_put(record, keyword, 2);
    record_u8(record, (unsigned)strlen(value));
    record_put(record, value, strlen(value));
}

/* A name, read-only fields up to their checksum, fields that may be written, the end. */
static void vpd(struct record *record)
{
    size_t part;

    record->len = 0;
    record_put(record, "\x82\6\0KISO 1", 9);
    part = record->len;
    record_put(record, "\x90\0\0", 3);
    field(record, "PN", "KP-1");
    field(record, "MN", "Kiso");
    field(record, "SN", "KS01");
    field(record, "EC", "A2");
    field(record, "V0", "more");
    record_put(record, "RV\2", 3);
    record_u8(record, (uint8_t)-sek_sum8(record->data, record->len));
    record_u8(record, 0);
    record->data[part + 1] = (uint8_t)(record->len - part - 3);
    record->data[record->len - 2] = 0; /* the length counts, too */
    record->data[record->len - 2] = (uint8_t)-sek_sum8(record->data, record->len - 2);
    record_put(record, "\x91\3\0YA\0", 6);
    record_u8(record, 0x78);
}

#define VPD "product=KISO 1 part=KP-1 maker=Kiso serial=KS01 rev=A2"

static void vital_product_data_is_read(void **state)
{
    struct record record;
    struct record_result result;

    (void)state;
    vpd(&record);
    record_read(record.data, record.len, "pci-vpd", 16, &result);
    assert_string_equal(record_line(&result), VPD);
    record_drop(&result);
    record.data[12] ^= 1; /* 'P' of "PN": only the checksum notices */
    record_read(record.data, record.len, "pci-vpd", 16, &result);
    assert_string_equal(
        record_line(&result),
        "product=KISO 1 maker=Kiso serial=KS01 rev=A2; damaged at 0: its checksum is "
        "wrong or missing");
    record_drop(&result);
    record_read(record.data, 9, "pci-vpd", 16, &result);
    assert_string_equal(record_line(&result),
                        "product=KISO 1; damaged at 0: its checksum is wrong or missing");
    record_drop(&result);
    record_read(record.data, 5, "pci-vpd", 16, &result);
    assert_string_equal(record_line(&result), "product=KI; damaged at 0: a resource is cut");
    record_drop(&result);
}

/* A reader passes over resources of no length, as they say; so a maker behind them is read. */
static void empty_resources_hide_nothing(void **state)
{
    static const uint8_t blank[64] = {0};
    struct record record, padded = {.len = 0};
    struct record_result result;

    (void)state;
    vpd(&record);
    record_put(&padded, blank, 8);
    record_put(&padded, record.data, record.len);
    record_read(padded.data, padded.len, "pci-vpd", 16, &result);
    assert_string_equal(record_line(&result), VPD);
    record_drop(&result);
    record_read(blank, sizeof blank, "pci-vpd", 16, &result);
    assert_string_equal(record_line(&result), "blank");
    record_drop(&result);
}

/* Each sum is over all before it: many of them would cost the square of the record's length. */
static void one_checksum_is_reckoned(void **state)
{
    struct record record;
    struct record_result result;

    (void)state;
    vpd(&record);
    record.len -= 7; /* what may be written, and the end */
    record_put(&record, record.data, record.len);
    record_u8(&record, 0x78);
    record_read(record.data, record.len, "pci-vpd", 16, &result);
    assert_string_equal(record_line(&result), VPD " " VPD "; damaged at 95: two checksums");
    record_drop(&result);
}

static bool behind_the_sum(size_t byte) /* what may be written, and the end */
{
    return byte > 48;
}

static void every_bit_of_vital_product_data(void **state)
{
    struct record record;
    struct record_result result;

    (void)state;
    vpd(&record);
    for (size_t bit = 0; bit < 8 * record.len; bit++) {
        record.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        record_read(record.data, record.len, "pci-vpd", 16, &result);
        assert_true(behind_the_sum(bit / 8) || result.status != SEK_OK || result.claims.damaged);
        record_drop(&result);
        record.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cap = 0; cap < 5; cap++) {
        record_read(record.data, record.len, "pci-vpd", cap, &result);
        assert_int_equal(result.status, SEK_ERR_NO_SPACE);
        record_drop(&result);
    }
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_truncation_and_table),
        cmocka_unit_test(vital_product_data_is_read),
        cmocka_unit_test(empty_resources_hide_nothing),
        cmocka_unit_test(one_checksum_is_reckoned),
        cmocka_unit_test(every_bit_of_vital_product_data),
    };

    ROWS_RUN(fixed, rows, it_says, NULL, NULL);
}
