/* IPMI FRU: what the areas say in each encoding, and what damage cannot hide. */
#include "base/crc.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { HEADER = 8, INTERNAL, CHASSIS, BOARD, PRODUCT, MULTI, LATIN = 0xc0, ENGLISH = 25 };

static void field(struct record *record, unsigned type, const void *bytes, size_t len)
{
    record_u8(record, type | (unsigned)len);
    record_put(record, bytes, len);
}

static void text(struct record *record, const char *value)
{
    field(record, LATIN, value, strlen(value));
}

static void header(struct record *record)
{
    record->len = 0;
    record_put(record, "\1\0\0\0\0\0\0\0", HEADER);
}

static void seal_header(struct record *record)
{
    record->data[7] = 0;
    record->data[7] = (uint8_t)-sek_sum8(record->data, HEADER);
}

/* Where the area that is being written begins. */
static size_t begin(struct record *record, unsigned which, const char *fixed, size_t fixed_len)
{
    size_t start = record->len;

    record->data[which - HEADER] = (uint8_t)(start / 8);
    record_put(record, "\1\0", 2);
    record_put(record, fixed, fixed_len);
    seal_header(record);
    return start;
}

static void seal_area(struct record *record, size_t start)
{
    size_t last = start + (size_t)record->data[start + 1] * 8 - 1;

    record->data[last] = 0;
    record->data[last] = (uint8_t)-sek_sum8(record->data + start, last + 1 - start);
}

static void end(struct record *record, size_t start)
{
    record_u8(record, 0xc1);
    while ((record->len + 1 - start) % 8 != 0)
        record_u8(record, 0);
    record_u8(record, 0);
    record->data[start + 1] = (uint8_t)((record->len - start) / 8);
    seal_area(record, start);
}

static void multi(struct record *record, unsigned type, const void *data, size_t len, bool last)
{
    size_t start = record->len;

    record_u8(record, type);
    record_u8(record, last ? 0x82 : 0x02);
    record_u8(record, (unsigned)len);
    record_u8(record, (uint8_t)-sek_sum8(data, len));
    record_u8(record, 0);
    record->data[start + 4] = (uint8_t)-sek_sum8(record->data + start, 5);
    record_put(record, data, len);
}

static size_t board_at, product_at;

/* A board of one maker in a product of another. */
static void small(struct record *record)
{
    header(record);
    board_at = begin(record, BOARD, "\x19\x00\xcf\xeb", 4);
    text(record, "Hakone");
    text(record, "HB-1");
    text(record, "B1");
    text(record, "HP1");
    text(record, "");
    end(record, board_at);
    product_at = begin(record, PRODUCT, "\x19", 1);
    text(record, "Kiso");
    text(record, "KX-1");
    text(record, "P1");
    text(record, "R2");
    text(record, "S1");
    text(record, "");
    text(record, "");
    end(record, product_at);
}

#define PRODUCT_SAYS "vendor=Kiso product=KX-1 part=P1 rev=R2 serial=S1"
#define BOARD_SAYS   "date=2025-05-19 maker=Hakone product=HB-1 serial=B1 part=HP1"
#define SAYS         PRODUCT_SAYS " " BOARD_SAYS

static void plain(struct record *record)
{
    (void)record;
}

static void chassis_and_custom(struct record *record)
{
    size_t start;

    header(record);
    start = begin(record, CHASSIS, "\x17", 1);
    text(record, "CP");
    text(record, "CS");
    text(record, "Made by Kiso");
    end(record, start);
}

/* One product whose maker is in one encoding. */
static void maker(struct record *record, const char *language, unsigned type, const void *bytes,
                  size_t len)
{
    size_t start;

    header(record);
    start = begin(record, PRODUCT, language, 1);
    field(record, type, bytes, len);
    end(record, start);
}

static void six_bit(struct record *record)
{
    maker(record, "\x19", 0x80, "\x6b\x3a\xbf\x4f\x04", 5); /* and 4 bits that are none */
}

static void bcd_plus(struct record *record)
{
    maker(record, "\x19", 0x40, "\x12\x3a\xbc\xf9", 4);
}

static void binary_text(struct record *record)
{
    maker(record, "\x19", 0x00, "Kiso\0", 5);
}

static void binary(struct record *record)
{
    maker(record, "\x19", 0x00, "\x01\x02\xff", 3);
}

static void latin1(struct record *record)
{
    maker(record, "\x19", LATIN, "K\xe9o", 3);
}

static void utf8(struct record *record)
{
    maker(record, "\0", LATIN, "\xe9\x96\xa2", 3);
}

static void wide(struct record *record)
{
    maker(record, "\x01", LATIN, "\xa2\x95\x40\x62", 4); /* two kanji */
}

static void wide_that_reads_as_bytes(struct record *record)
{
    maker(record, "\x01", LATIN, "SNhN", 4);
}

static void bytes_in_another_language(struct record *record)
{
    maker(record, "\x01", LATIN, "Kiso!", 5);
}

static void records(struct record *record)
{
    header(record);
    record->data[MULTI - HEADER] = 1;
    seal_header(record);
    multi(record, 0x00, "power supply data", 17, false);
    multi(record, 0xc0, "\xd9\x7e\x00more", 7, false);
    multi(record, 0xff, "\x01\x02\x03", 3, true);
    multi(record, 0xc0, "\x07\x00\x00", 3, true); /* behind the last one: not read */
}

/* ---- Damage ---- */

static void header_only(struct record *record)
{
    header(record);
    seal_header(record);
}

static void wrong_header(struct record *record)
{
    record->data[7] ^= 1;
}

static void pad_set(struct record *record)
{
    record->data[6] = 1;
    seal_header(record);
}

static void another_version(struct record *record)
{
    record->data[0] = 2;
    seal_header(record);
}

static void wrong_product(struct record *record)
{
    record->data[record->len - 1] ^= 1;
}

static void wrong_board(struct record *record)
{
    record->data[board_at + 30] ^= 1;
}

static void area_of_another_version(struct record *record)
{
    record->data[product_at] = 2;
    seal_area(record, product_at);
}

static void product_declared_short(struct record *record)
{
    record->data[product_at + 1]--;
}

static void declared_to_its_first_field(struct record *record)
{
    record->data[product_at + 1] = 1;
}

static void declared_of_no_length(struct record *record)
{
    record->data[product_at + 1] = 0;
}

static void declared_long(struct record *record)
{
    record->data[product_at + 1]++;
}

static void board_declared_into_the_product(struct record *record)
{
    record->data[board_at + 1]++;
}

static void no_end_mark(struct record *record)
{
    record->len = product_at;
    record_put(record, "\1\2\x19\xc4Kiso\xc6KX-1", 13); /* the last field is cut */
}

static void both_at_one_place(struct record *record)
{
    record->data[BOARD - HEADER] = record->data[PRODUCT - HEADER];
    seal_header(record);
}

static void product_outside(struct record *record)
{
    record->data[PRODUCT - HEADER] = 0xff;
    seal_header(record);
}

static void records_outside(struct record *record)
{
    record->data[MULTI - HEADER] = 0xfe;
    seal_header(record);
}

static void area_cut(struct record *record)
{
    record->len = product_at + 2;
}

static void wrong_record(struct record *record)
{
    records(record);
    record->data[HEADER + 5] ^= 1;
}

static void wrong_record_head(struct record *record)
{
    records(record);
    record->data[HEADER + 4] ^= 1;
}

static void record_cut(struct record *record)
{
    header(record);
    record->data[MULTI - HEADER] = 1;
    seal_header(record);
    multi(record, 0xc0, "\xd9\x7e\x00more", 7, true);
    record->len -= 4;
}

static void record_without_end(struct record *record)
{
    header(record);
    record->data[MULTI - HEADER] = 1;
    seal_header(record);
    multi(record, 0xc0, "\xd9\x7e\x00", 3, false);
}

static void record_without_number(struct record *record)
{
    header(record);
    record->data[MULTI - HEADER] = 1;
    seal_header(record);
    multi(record, 0xd0, "\xd9\x7e", 2, true);
}

static void seven_bytes(struct record *record)
{
    record->len = 7;
}

static const struct row {
    const char *name;
    void (*change)(struct record *record);
    bool recognised; /* by content alone */
    const char *line;
} rows[] = {
    {"product first, then board", plain, true, SAYS},
    {"a chassis, and its custom field", chassis_and_custom, true,
     "part=CP serial=CS product=Made by Kiso"},
    {"six bits: a whole number of characters", six_bit, true, "vendor=KISO/1"},
    {"two digits a byte, and what is reserved", bcd_plus, true,
     "vendor=123 -.\xef\xbf\xbd"
     "9"},
    {"binary that is text is text", binary_text, true, "vendor=Kiso"},
    {"binary that is none says nothing", binary, true, ""},
    {"Latin-1", latin1, true, "vendor=K\xc3\xa9o"},
    {"UTF-8 is taken as such", utf8, true, "vendor=\xe9\x96\xa2"},
    {"another language: 16 bits a character", wide, true, "vendor=\xe9\x96\xa2\xe6\x89\x80"},
    {"what reads both ways is listed both ways", wide_that_reads_as_bytes, true,
     "vendor=SNhN vendor=\xe4\xb9\x93\xe4\xb9\xa8"},
    {"bytes in another language are read, too", bytes_in_another_language, true,
     "vendor=Kiso! vendor=\xe6\xa5\x8b\xe6\xbd\xb3\xef\xbf\xbd"},
    {"makers' records up to the last one", records, true, "pen=32473 pen=197121"},
    {"a header alone says nothing", header_only, true, ""},

    {"a wrong header hides nothing", wrong_header, false,
     SAYS "; damaged at 0: the header is wrong"},
    {"a pad that is set is a wrong header", pad_set, false,
     SAYS "; damaged at 0: the header is wrong"},
    {"another version hides nothing", another_version, false,
     SAYS "; damaged at 0: the header is wrong"},
    {"a wrong product area hides nothing", wrong_product, true,
     SAYS "; damaged at 71: the product area's checksum is wrong"},
    {"a wrong board area hides nothing", wrong_board, true,
     SAYS "; damaged at 39: the board area's checksum is wrong"},
    {"an area of another version hides nothing", area_of_another_version, true,
     SAYS "; damaged at 40: an area of another version"},
    {"an area declared short hides nothing", product_declared_short, true,
     SAYS "; damaged at 41: an area without its end mark"},
    {"an area declared to its first field hides nothing", declared_to_its_first_field, true,
     SAYS "; damaged at 41: an area without its end mark"},
    {"an area of no length hides nothing", declared_of_no_length, true,
     SAYS "; damaged at 41: an area without its end mark"},
    {"an area beyond the record hides nothing", declared_long, true,
     SAYS "; damaged at 41: an area is longer than its place"},
    {"an area that runs into the next hides nothing", board_declared_into_the_product, true,
     SAYS "; damaged at 9: an area is longer than its place"},
    {"an area without its end: what is there is listed", no_end_mark, true,
     "vendor=Kiso product=KX-1 " BOARD_SAYS "; damaged at 48: a field is cut"},
    {"two areas at one place are read as both", both_at_one_place, true,
     PRODUCT_SAYS " date=2009-02-13 maker=6\xef\xbf\xbd.44-582\xef\xbf\xbd"
                  "31.25031.25232.25331.0.0."
                  "1000000000000-3; damaged at 1: two areas at one place"},
    {"an area outside hides nothing of the others", product_outside, false,
     BOARD_SAYS "; damaged at 4: an area lies outside the record"},
    {"records outside hide nothing of the areas", records_outside, false,
     SAYS "; damaged at 5: an area lies outside the record"},
    {"an area's head is cut", area_cut, true, BOARD_SAYS "; damaged at 40: an area is cut"},
    {"a record's wrong sum hides nothing", wrong_record, true,
     "pen=32473 pen=197121; damaged at 11: a multirecord's checksum is wrong"},
    {"a record's wrong head hides nothing", wrong_record_head, true,
     "pen=32473 pen=197121; damaged at 8: a multirecord's header is wrong"},
    {"a record that is cut is read as far as it goes", record_cut, true,
     "pen=32473; damaged at 8: a multirecord is cut"},
    {"records without a last one", record_without_end, true,
     "pen=32473; damaged at 16: a multirecord is cut"},
    {"a maker's record of two bytes", record_without_number, true,
     "; damaged at 8: a maker's record without its number"},
    {"seven bytes are no header", seven_bytes, false, "truncated at 7: ends inside the header"},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record record;
    struct record_result result;

    small(&record);
    row->change(&record);
    record_read(record.data, record.len, "ipmi-fru", 64, &result);
    assert_string_equal(record_line(&result), row->line);
    assert_int_equal(result.claims.class_hint, SEK_CLASS_NONE);
    record_drop(&result);
    record_read(record.data, record.len, NULL, 64, &result);
    if (row->recognised)
        assert_string_equal(record_line(&result), row->line);
    else
        assert_int_equal(result.status, SEK_ERR_NOT_THIS_FORMAT);
    record_drop(&result);
}

static void every_truncation_bit_and_table(void **state)
{
    struct record record;

    (void)state;
    small(&record);
    record_check_all(record.data, record.len, "ipmi-fru", NULL);
}

/* Real records have no decoded values beside them: each is whole and names its maker. */
static void check_real(const json_t *told, const struct record_result *result)
{
    (void)told;
    assert_int_equal(result->status, SEK_OK);
    assert_false(result->claims.damaged);
    assert_non_null(strstr(record_line(result), "vendor="));
    assert_non_null(strstr(record_line(result), "serial="));
}

static void real_records_are_whole(void **state)
{
    (void)state;
    if (record_collection("fru/", NULL, check_real) == 0)
        skip();
    assert_int_equal(record_collection("synthetic/fru", NULL, check_real), 1);
}

/* Power supplies whose product area is declared one block short: the checksum lies outside. */
static void check_short(const json_t *told, const struct record_result *result)
{
    (void)told;
    if (!result->claims.fault.why || strcmp(result->claims.fault.why, "the header is wrong") == 0)
        return; /* the other one */
    assert_int_equal(result->status, SEK_OK);
    assert_string_equal(result->claims.fault.why, "an area without its end mark");
    assert_non_null(strstr(record_line(result), "vendor="));
    assert_non_null(strstr(record_line(result), "serial="));
}

static void a_real_record_that_is_declared_short_hides_nothing(void **state)
{
    (void)state;
    if (record_collection("malformed/fru-", "ipmi-fru", check_short) == 0)
        skip();
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_truncation_bit_and_table),
        cmocka_unit_test(real_records_are_whole),
        cmocka_unit_test(a_real_record_that_is_declared_short_hides_nothing),
    };

    ROWS_RUN(fixed, rows, it_says, NULL, NULL);
}
