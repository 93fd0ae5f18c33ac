/* ONIE TlvInfo: what a record says, and what damage cannot hide. */
#include "base/bytes.h"
#include "base/crc.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { HEADER = 11, CRC_TLV = 6 };

static void tlv(struct record *record, unsigned type, const void *value, size_t len)
{
    record_u8(record, type);
    record_u8(record, (unsigned)len);
    record_put(record, value, len);
}

static void text(struct record *record, unsigned type, const char *value)
{
    tlv(record, type, value, strlen(value));
}

static void start(struct record *record)
{
    record->len = 0;
    record_put(record, "TlvInfo\0\1\0\0", HEADER);
}

/* Writes the length for what follows now. */
static void measure(struct record *record, size_t more)
{
    sek_put_u16be(record->data + 9, (uint16_t)(record->len + more - HEADER));
}

static void finish(struct record *record)
{
    uint8_t crc[4];

    measure(record, CRC_TLV);
    record_put(record, "\xfe\4", 2);
    sek_put_u32be(crc, sek_crc32(0, record->data, record->len));
    record_put(record, crc, 4);
}

static void seal(struct record *record) /* the same length, a new checksum */
{
    sek_put_u32be(record->data + record->len - 4, sek_crc32(0, record->data, record->len - 4));
}

static void small(struct record *record)
{
    start(record);
    text(record, 0x21, "KX-1");
    text(record, 0x2b, "Kiso");
    tlv(record, 0x24, "\2\0\0\0\0\1", 6);
    tlv(record, 0xfd, "\0\0\x7e\xd9\1\2", 6);
    finish(record);
}

#define SMALL "product=KX-1 maker=Kiso mac=020000000001 pen=32473"

static void plain(struct record *record)
{
    (void)record;
}

static void all_fields(struct record *record)
{
    start(record);
    text(record, 0x21, "Name");
    text(record, 0x22, "P1");
    text(record, 0x23, "S1");
    tlv(record, 0x24, "\2\0\0\0\0\1", 6);
    text(record, 0x25, "11/23/2026 10:00:00");
    tlv(record, 0x26, "\1", 1);
    text(record, 0x27, "R0A");
    text(record, 0x28, "arm-kx1-r0");
    text(record, 0x29, "2026.05");
    tlv(record, 0x2a, "\0\x40", 2);
    text(record, 0x2b, "Maker");
    text(record, 0x2c, "JP");
    text(record, 0x2d, "Vendor");
    text(record, 0x2e, "1.0");
    text(record, 0x2f, "TAG");
    tlv(record, 0xfd, "\0\0\x7e\xd9", 4);
    tlv(record, 0x77, "what is this", 12);
    finish(record);
}

static void padded(struct record *record)
{
    start(record);
    tlv(record, 0x2d, "\0 Kiso\0\0 ", 9);
    tlv(record, 0x2b, "", 0);
    tlv(record, 0x21, "A\0B", 3);
    finish(record);
}

static void twice(struct record *record)
{
    start(record);
    text(record, 0x2d, "Kiso");
    text(record, 0x2d, "Yamabiko");
    tlv(record, 0xfd, "\0\0\0\1", 4);
    tlv(record, 0xfd, "\xff\xff\xff\xff\7", 5);
    finish(record);
}

static void not_utf8(struct record *record)
{
    start(record);
    text(record, 0x2d, "K\xe9o"); /* Latin-1 */
    text(record, 0x2b, "\xe9\x96\xa2");
    finish(record);
}

/* ---- What hides behind damage ---- */

static void crc_in_the_middle(struct record *record)
{
    start(record);
    text(record, 0x21, "KX-1");
    finish(record);
    text(record, 0x2d, "Yamabiko");
    finish(record);
}

static void crc_inside_a_field(struct record *record)
{
    start(record);
    text(record, 0x2d, "Kiso");
    record_u8(record, 0x2e);
    record_u8(record, CRC_TLV); /* the field whose value looks like the checksum */
    finish(record);
}

static void no_crc(struct record *record)
{
    start(record);
    text(record, 0x2d, "Kiso");
    measure(record, 0);
}

static void no_field(struct record *record)
{
    start(record);
}

static void wrong_crc(struct record *record)
{
    record->data[record->len - 1] ^= 1;
}

static void another_version(struct record *record)
{
    record->data[8] = 2;
    seal(record);
}

static void another_magic(struct record *record)
{
    record->data[0] = 't';
}

static void cut_field(struct record *record)
{
    start(record);
    text(record, 0x2d, "Kiso");
    record_put(record, "\x2b\x40Yama", 6);
    measure(record, 0);
}

static void half_a_head(struct record *record)
{
    start(record);
    text(record, 0x2d, "Kiso");
    record_u8(record, 0x2b);
    measure(record, 0);
}

static void length_too_big(struct record *record)
{
    record->data[9] = 0xff;
}

static void length_beyond(struct record *record)
{
    record->data[10]++;
}

static void type_zero(struct record *record)
{
    start(record);
    tlv(record, 0x00, "abc", 3);
    text(record, 0x2d, "Kiso");
    finish(record);
}

static void type_ff(struct record *record)
{
    start(record);
    tlv(record, 0xff, "", 0);
    text(record, 0x2d, "Kiso");
    finish(record);
}

static void short_mac(struct record *record)
{
    start(record);
    tlv(record, 0x24, "\2\0\0", 3);
    text(record, 0x2d, "Kiso");
    finish(record);
}

static void short_pen(struct record *record)
{
    start(record);
    tlv(record, 0xfd, "\0\0\1", 3);
    text(record, 0x2d, "Kiso");
    finish(record);
}

static void old_table_behind(struct record *record)
{
    text(record, 0x2d, "Older");
    record_put(record, "\xfe\4\0\0\0\0", 6);
}

static const struct row {
    const char *name;
    void (*change)(struct record *record); /* of the small record, or a new one */
    const char *line;
} rows[] = {
    {"the small record says four things", plain, SMALL},
    {"every field that has a kind is listed, others are passed over", all_fields,
     "product=Name part=P1 serial=S1 mac=020000000001 date=11/23/2026 10:00:00 rev=R0A "
     "product=arm-kx1-r0 maker=Maker country=JP vendor=Vendor pen=32473"},
    {"padding goes, an empty field is none, a NUL inside stays", padded, "vendor=Kiso product=A?B"},
    {"what stands twice is listed twice", twice,
     "vendor=Kiso vendor=Yamabiko pen=1 pen=4294967295"},
    {"bytes that are no UTF-8 become U+FFFD", not_utf8, "vendor=K\xef\xbf\xbdo maker=\xe9\x96\xa2"},
    {"bytes behind the record are not its own", old_table_behind, SMALL},
    {"a checksum that is not last hides nothing", crc_in_the_middle,
     "product=KX-1 vendor=Yamabiko; damaged at 17: a checksum that is not the last field"},
    {"a field's value is no checksum", crc_inside_a_field,
     "vendor=Kiso; damaged at 25: has no checksum at its end"},
    {"a record without a checksum is damaged", no_crc,
     "vendor=Kiso; damaged at 17: has no checksum at its end"},
    {"a record without a field is damaged", no_field,
     "; damaged at 11: has no checksum at its end"},
    {"a wrong checksum hides nothing", wrong_crc, SMALL "; damaged at 41: its checksum is wrong"},
    {"another version hides nothing", another_version,
     SMALL "; damaged at 8: TlvInfo of another version"},
    {"another magic is another format", another_magic, "another format at 0: no TlvInfo magic"},
    {"what is left of a cut field is listed", cut_field,
     "vendor=Kiso maker=Yama; damaged at 17: a field is cut"},
    {"half a field's head is a cut field", half_a_head,
     "vendor=Kiso; damaged at 17: a field is cut"},
    {"a length over 2037 hides nothing", length_too_big,
     SMALL "; damaged at 9: announces more than 2048 bytes"},
    {"a length beyond the record hides nothing", length_beyond,
     SMALL "; damaged at 9: announces more bytes than there are"},
    {"type 00 is damage and is passed over", type_zero,
     "vendor=Kiso; damaged at 11: a field that cannot be"},
    {"type FF is damage and is passed over", type_ff,
     "vendor=Kiso; damaged at 11: a field that cannot be"},
    {"an address that is no address is damage", short_mac,
     "vendor=Kiso; damaged at 11: a field that cannot be"},
    {"an extension without a number is damage", short_pen,
     "vendor=Kiso; damaged at 11: a field that cannot be"},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record record;
    struct record_result result;

    small(&record);
    row->change(&record);
    record_read(record.data, record.len, "onie-tlv", 64, &result);
    assert_string_equal(record_line(&result), row->line);
    if (result.claims.damaged)
        for (size_t i = 0; i < result.claims.count; i++)
            assert_int_equal(result.claims.item[i].flags, SEK_OBSERVATION_DAMAGED);
    record_drop(&result);
}

static void every_truncation_bit_and_table(void **state)
{
    struct record record;

    (void)state;
    small(&record);
    record_check_all(record.data, record.len, "onie-tlv", NULL);
    all_fields(&record);
    record_check_all(record.data, record.len, "onie-tlv", NULL);
}

static void the_longest_record_is_read_whole(void **state)
{
    struct record record;
    struct record_result result;

    (void)state;
    start(&record);
    while (record.len + 3 + CRC_TLV <= 2048)
        text(&record, 0x2d, "A");
    finish(&record);
    record_read(record.data, record.len, NULL, RECORD_ITEMS, &result);
    assert_int_equal(result.status, SEK_OK);
    assert_false(result.claims.damaged);
    assert_int_equal(result.claims.count, (2048 - HEADER - CRC_TLV) / 3);
    record_drop(&result);
}

static void evidence_is_what_it_would_be_whole(void **state)
{
    struct record record;
    struct record_result result;

    (void)state;
    small(&record);
    wrong_crc(&record);
    record_read(record.data, record.len, NULL, 64, &result);
    assert_int_equal(result.claims.class_hint, SEK_CLASS_PRODUCT);
    assert_int_equal(result.claims.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(result.claims.item[i].evidence, result.claims.item[i].kind == SEK_KIND_MAC
                                                             ? SEK_EVIDENCE_PLAIN
                                                             : SEK_EVIDENCE_CHECKED);
    record_drop(&result);
}

static enum sek_kind kind_of(const char *type)
{
    static const struct {
        const char *type;
        enum sek_kind kind;
    } kinds[] = {
        {"21", SEK_KIND_PRODUCT},       {"22", SEK_KIND_PART_NUMBER},  {"28", SEK_KIND_PRODUCT},
        {"23", SEK_KIND_SERIAL_NUMBER}, {"2b", SEK_KIND_MANUFACTURER}, {"2c", SEK_KIND_COUNTRY},
        {"25", SEK_KIND_DATE},          {"2d", SEK_KIND_VENDOR},
    };

    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].kind;
    }
    return 0;
}

static void check_known(const json_t *told, const struct record_result *result)
{
    const json_t *field;
    size_t i;

    assert_int_equal(result->status, SEK_OK);
    assert_int_equal(!result->claims.damaged, json_is_true(json_object_get(told, "crc_ok")));
    json_array_foreach(json_object_get(told, "tlvs"), i, field)
    {
        const char *type = json_string_value(json_object_get(field, "type"));
        const char *value = json_string_value(json_object_get(field, "text"));

        if (type && value && kind_of(type))
            assert_true(record_has(result, kind_of(type), value));
    }
}

static void real_records_say_what_is_known(void **state)
{
    (void)state;
    if (record_collection("onie", NULL, check_known) == 0)
        skip();
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_truncation_bit_and_table),
        cmocka_unit_test(the_longest_record_is_read_whole),
        cmocka_unit_test(evidence_is_what_it_would_be_whole),
        cmocka_unit_test(real_records_say_what_is_known),
    };

    ROWS_RUN(fixed, rows, it_says, NULL, NULL);
}
