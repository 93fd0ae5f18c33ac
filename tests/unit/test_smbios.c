/* SMBIOS: what the structures say of their makers, with and without an entry point. */
#include "base/bytes.h"
#include "base/crc.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { ENTRY = 0x20 };

/* A structure of len bytes whose bytes at the places count its strings up; strings end each in '|'.
 */
static void structure(struct record *record, unsigned type, unsigned len, const char *places,
                      const char *strings)
{
    size_t start = record->len;
    unsigned number = 0;

    record_u8(record, type);
    record_u8(record, len);
    while (record->len < start + len)
        record_u8(record, 0);
    for (; *places; places++)
        record->data[start + (uint8_t)*places] = (uint8_t)++number;
    for (; *strings; strings++)
        record_u8(record, *strings == '|' ? 0u : (unsigned)(uint8_t)*strings);
    record_u8(record, 0);
    if (number == 0)
        record_u8(record, 0);
}

static void table(struct record *record)
{
    structure(record, 0, 24, "\4\5", "Firmware Co|1.2|");
    structure(record, 1, 27, "\4\5\7", "Kiso|KX-1|S1|");
    structure(record, 2, 15, "\4\5\7", "Hakone|HB-1|B1|");
    structure(record, 3, 9, "\4\7", "Case Co|C1|");
    structure(record, 4, 0x20, "\7\x10", "Chip Co|Fast 1|");
    structure(record, 17, 0x1c, "\x17\x18\x1a", "Memory Co|M1|MP1|");
    structure(record, 9, 8, "", ""); /* a slot: no maker */
    structure(record, 127, 4, "", "");
}

#define SAYS                                                                                       \
    "maker=Firmware Co rev=1.2 vendor=Kiso product=KX-1 serial=S1 maker=Hakone product=HB-1 "      \
    "serial=B1 maker=Case Co serial=C1 maker=Chip Co product=Fast 1 maker=Memory Co serial=M1 "    \
    "part=MP1"

static void bare(struct record *record)
{
    record->len = 0;
    table(record);
}

static void entry3(struct record *record)
{
    record->len = 0;
    record_put(record, "_SM3_\0\x18\3\2\0\1\0\0\1\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", ENTRY);
    record->data[5] = (uint8_t)-sek_sum8(record->data, 24);
    table(record);
}

static void entry2(struct record *record)
{
    record->len = 0;
    record_put(record, "_SM_\0\x1f\2\7\0\0\0\0\0\0\0\0_DMI_\0\0\1\x20\0\0\0\0\0\0\0\0", ENTRY);
    record->data[4] = (uint8_t)-sek_sum8(record->data, 31);
    table(record);
}

static void wrong_entry(struct record *record)
{
    entry3(record);
    record->data[5] ^= 1;
}

static void table_elsewhere(struct record *record)
{
    entry3(record);
    sek_put_u32be(record->data + 16, 0x00f00000);
    record->data[5] = 0;
    record->data[5] = (uint8_t)-sek_sum8(record->data, 24);
}

static void behind_the_end(struct record *record)
{
    bare(record);
    structure(record, 1, 27, "\4", "Behind|");
}

static void spaces(struct record *record)
{
    record->len = 0;
    structure(record, 1, 27, "\4\5\7", "   | KX |S1|");
    structure(record, 127, 4, "", "");
}

static void string_missing(struct record *record)
{
    record->len = 0;
    structure(record, 1, 27, "\4\5", "Kiso|");
    structure(record, 127, 4, "", "");
}

static void short_structure(struct record *record)
{
    record->len = 0;
    structure(record, 1, 5, "\4", "Kiso|");
    structure(record, 127, 4, "", "");
}

static void length_of_three(struct record *record)
{
    record->len = 0;
    structure(record, 1, 27, "\4", "Kiso|");
    record_put(record, "\2\3\0\0\0\0", 6);
}

static void no_end_structure(struct record *record)
{
    record->len = 0;
    structure(record, 1, 27, "\4", "Kiso|");
}

static void strings_without_end(struct record *record)
{
    record->len = 0;
    structure(record, 1, 27, "\4", "Kiso|");
    record->len -= 2;
}

static void three_bytes(struct record *record)
{
    bare(record);
    record->len = 3;
}

static const struct row {
    const char *name;
    void (*make)(struct record *record);
    bool recognised; /* by content alone */
    const char *line;
} rows[] = {
    {"a table says who made what", bare, false, SAYS},
    {"a dump of SMBIOS 3", entry3, true, SAYS},
    {"a dump of SMBIOS 2", entry2, true, SAYS},
    {"a wrong entry point hides nothing", wrong_entry, false,
     SAYS "; damaged at 0: the entry point is wrong"},
    {"a table elsewhere is looked for where dumps have it", table_elsewhere, true,
     SAYS "; damaged at 16: the table lies elsewhere"},
    {"behind the end nothing is read", behind_the_end, false, SAYS},
    {"spaces are no name", spaces, false, "product=KX serial=S1"},
    {"a string that is not there is damage", string_missing, false,
     "vendor=Kiso; damaged at 5: a string that is not there"},
    {"a structure of an older, shorter form", short_structure, false, "vendor=Kiso"},
    {"a length below its head ends the walk", length_of_three, false,
     "vendor=Kiso; damaged at 33: a structure is cut"},
    {"a table without its end", no_end_structure, false,
     "vendor=Kiso; damaged at 33: a structure is cut"},
    {"strings without an end are read", strings_without_end, false,
     "vendor=Kiso; damaged at 0: a structure's strings have no end"},
    {"three bytes are no table", three_bytes, false, "truncated at 3: ends before its fields"},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record record;
    struct record_result result;

    row->make(&record);
    record_read(record.data, record.len, "smbios", 64, &result);
    assert_string_equal(record_line(&result), row->line);
    for (size_t i = 0; i < result.claims.count; i++)
        assert_int_equal(result.claims.item[i].evidence, SEK_EVIDENCE_PLAIN);
    record_drop(&result);
    record_read(record.data, record.len, NULL, 64, &result);
    if (row->recognised)
        assert_string_equal(record_line(&result), row->line);
    else
        assert_int_equal(result.status, SEK_ERR_NOT_THIS_FORMAT);
    record_drop(&result);
}

static bool anywhere(size_t byte) /* nothing covers the table; without anchor it is a bare one */
{
    return byte < 5 || byte >= 24;
}

static void every_truncation_bit_and_table(void **state)
{
    struct record record;

    (void)state;
    entry3(&record);
    record_check_all(record.data, record.len, "smbios", anywhere);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_truncation_bit_and_table),
    };

    ROWS_RUN(fixed, rows, it_says, NULL, NULL);
}
