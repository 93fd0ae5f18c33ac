/* Modules of SFF-8636 and CMIS: which layout a page has, and that none hides a maker. */
#include "base/crc.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { PAGES = 256, UPPER = 128, QSFP28 = 0x11, QSFP_DD = 0x18 };

static void put_text(struct record *record, size_t at, size_t len, const char *text)
{
    memset(record->data + at, ' ', len);
    memcpy(record->data + at, text, strlen(text));
}

static void start(struct record *record, uint8_t identifier)
{
    memset(record->data, 0, PAGES);
    record->len = PAGES;
    record->data[0] = record->data[UPPER] = identifier;
}

static void seal_sff(struct record *record)
{
    record->data[191] = sek_sum8(record->data + 128, 191 - 128);
    record->data[223] = sek_sum8(record->data + 192, 223 - 192);
}

static void seal_cmis(struct record *record)
{
    record->data[222] = sek_sum8(record->data + 128, 222 - 128);
}

static void put_sff(struct record *record, const char *vendor)
{
    put_text(record, 148, 16, vendor);
    memcpy(record->data + 165, "\2\x5a\x10", 3);
    put_text(record, 168, 16, "KQ-100G");
    put_text(record, 184, 2, "B2");
    put_text(record, 196, 16, "Q0001");
    put_text(record, 212, 8, "261123");
    seal_sff(record);
}

static void put_cmis(struct record *record, const char *vendor)
{
    put_text(record, 129, 16, vendor);
    memcpy(record->data + 145, "\2\x5a\x11", 3);
    put_text(record, 148, 16, "KD-400G");
    put_text(record, 164, 2, "C3");
    put_text(record, 166, 16, "D0001");
    put_text(record, 182, 8, "261124");
    seal_cmis(record);
}

#define SFF  "vendor=KISO part=KQ-100G rev=B2 serial=Q0001 date=261123 oui=025a10"
#define CMIS "vendor=KISO part=KD-400G rev=C3 serial=D0001 date=261124 oui=025a11"

static void sff(struct record *record)
{
    start(record, QSFP28);
    put_sff(record, "KISO");
}

static void cmis(struct record *record)
{
    start(record, QSFP_DD);
    put_cmis(record, "KISO");
}

static void sff_of_224(struct record *record)
{
    sff(record);
    record->len = 224;
}

static void identifier_twice(struct record *record)
{
    sff(record);
    record->data[UPPER] = 0x0d;
    seal_sff(record);
}

static void wrong_base(struct record *record)
{
    sff(record);
    record->data[191] ^= 1;
}

static void wrong_extension(struct record *record)
{
    sff(record);
    record->data[223] ^= 1;
}

static void wrong_cmis(struct record *record)
{
    cmis(record);
    record->data[222] ^= 1;
}

/* An early QSFP-DD module. */
static void cmis_in_the_layout_of_sff(struct record *record)
{
    start(record, QSFP_DD);
    put_sff(record, "KISO");
}

static void sff_in_the_layout_of_cmis(struct record *record)
{
    start(record, QSFP28);
    put_cmis(record, "KISO");
}

/* Made so that all sums are right: what the identifier says is Yamabiko, the other layout is not.
 */
static void both_layouts(struct record *record)
{
    start(record, QSFP28);
    put_text(record, 129, 16, "KISO");
    put_text(record, 148, 16, "YAMABIKO");
    seal_sff(record);
    record->data[221] = 0;
    seal_cmis(record);
    seal_sff(record);
    for (unsigned byte = 0; byte < 256; byte++) { /* until both hold */
        record->data[220] = (uint8_t)byte;
        seal_cmis(record);
        seal_sff(record);
        if (record->data[222] == sek_sum8(record->data + 128, 222 - 128))
            break;
    }
}

static void another_identifier(struct record *record)
{
    start(record, 0x80);
    put_sff(record, "KISO");
}

static void no_identifier(struct record *record)
{
    sff(record);
    record->data[0] = 0x00;
}

static void cut_in_the_serial(struct record *record)
{
    sff(record);
    record->len = 198;
}

static void one_page(struct record *record)
{
    sff(record);
    record->len = 128;
}

static void module_of_sff8472(struct record *record)
{
    start(record, 3);
    record->data[1] = 4;
    put_text(record, 20, 16, "KISO");
    record->data[63] = sek_sum8(record->data, 63);
    record->data[95] = sek_sum8(record->data + 64, 31);
}

static void all_zero(struct record *record)
{
    start(record, 0);
}

static void identifier_alone(struct record *record)
{
    start(record, QSFP_DD);
    seal_cmis(record);
}

static const struct row {
    const char *name;
    void (*make)(struct record *record);
    const char *format; /* NULL: not recognised by content */
    const char *line;   /* forced */
} rows[] = {
    {"a module of SFF-8636", sff, "sff-8636", SFF},
    {"a module of CMIS", cmis, "cmis", CMIS},
    {"224 bytes are cut", sff_of_224, NULL,
     SFF "; damaged at 224: shorter than a module's two pages"},
    {"two identifiers are damage", identifier_twice, NULL, SFF "; damaged at 128: two identifiers"},
    {"a wrong base sum hides nothing", wrong_base, NULL,
     SFF
     " part=KISO rev=? serial=Z?KQ-100G date=B2; damaged at 128: its checksums fit neither layout"},
    {"a wrong extended sum hides nothing", wrong_extension, NULL,
     SFF
     " part=KISO rev=? serial=Z?KQ-100G date=B2; damaged at 128: its checksums fit neither layout"},
    {"a wrong sum of CMIS hides nothing", wrong_cmis, NULL,
     CMIS " vendor=KD-400G part=001           26 rev=11 oui=334430; damaged at 128: its checksums "
          "fit neither layout"},
    {"an identifier of CMIS over the layout of SFF-8636", cmis_in_the_layout_of_sff, "sff-8636",
     SFF " part=KISO rev=? serial=Z?KQ-100G date=B2"},
    {"an identifier of SFF-8636 over the layout of CMIS", sff_in_the_layout_of_cmis, "cmis",
     CMIS " vendor=KD-400G part=001           26 rev=11 oui=334430"},
    {"where both layouts hold, both makers are listed", both_layouts, "sff-8636",
     "vendor=YAMABIKO vendor=KISO part=YAMABIKO"},
    {"another identifier hides nothing", another_identifier, NULL,
     SFF " part=KISO rev=? serial=Z?KQ-100G date=B2; damaged at 0: identifier of another layout"},
    {"a lower page of zeros hides nothing", no_identifier, NULL,
     SFF " part=KISO rev=? serial=Z?KQ-100G date=B2; damaged at 128: two identifiers"},
    {"of a cut serial number the rest is listed", cut_in_the_serial, NULL,
     "vendor=KISO part=KQ-100G rev=B2 serial=Q0 oui=025a10 part=KISO rev=? serial=Z?KQ-100G "
     "date=B2; "
     "damaged at 198: shorter than a module's two pages"},
    {"one page is too short", one_page, NULL, "truncated at 128: ends before its fields"},
    {"a module of SFF-8472 in an adapter is one", module_of_sff8472, "sff-8472", "vendor=KISO"},
    {"all zeros are blank, right sums or not", all_zero, "", "blank"},
    {"an identifier alone says nothing", identifier_alone, "cmis", ""},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record record;
    struct record_result result;

    row->make(&record);
    record_read(record.data, record.len, "sff-8636", 64, &result);
    assert_string_equal(record_line(&result), row->line);
    record_drop(&result);
    record_read(record.data, record.len, "cmis", 64, &result); /* the content decides */
    assert_string_equal(record_line(&result), row->line);
    record_drop(&result);
    record_read(record.data, record.len, NULL, 64, &result);
    if (row->format) {
        assert_string_equal(record_line(&result), row->line);
        assert_string_equal(result.claims.format, row->format);
    } else {
        assert_int_equal(result.status, SEK_ERR_NOT_THIS_FORMAT);
    }
    record_drop(&result);
}

static bool under_no_sum_of_sff(size_t byte)
{
    return (byte > 0 && byte < 128) || byte > 223;
}

static bool under_no_sum_of_cmis(size_t byte)
{
    return (byte > 0 && byte < 128) || byte > 222;
}

static void every_truncation_and_bit(void **state)
{
    static const struct {
        void (*make)(struct record *record);
        bool (*under_no_sum)(size_t byte);
    } good[] = {{sff, under_no_sum_of_sff}, {cmis, under_no_sum_of_cmis}};
    struct record record;
    struct record_result result;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(good); i++) {
        good[i].make(&record);
        for (size_t cut = 0; cut < PAGES; cut++) {
            record_read(record.data, cut, "cmis", 64, &result);
            assert_true(result.status != SEK_OK || result.claims.damaged);
            record_drop(&result);
        }
        for (size_t bit = 0; bit < 8 * (size_t)PAGES; bit++) {
            record.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            record_read(record.data, PAGES, "cmis", 64, &result);
            assert_int_equal(result.status == SEK_OK && !result.claims.damaged,
                             good[i].under_no_sum(bit / 8));
            record_drop(&result);
            record.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void every_table_that_is_too_small(void **state)
{
    struct record record;
    struct record_result result;

    (void)state;
    wrong_base(&record); /* both layouts are listed */
    record_read(record.data, record.len, "cmis", 64, &result);
    size_t count = result.claims.count;

    record_drop(&result);
    for (size_t cap = 0; cap <= count; cap++) {
        record_read(record.data, record.len, "cmis", cap, &result);
        assert_int_equal(result.status, cap < count ? SEK_ERR_NO_SPACE : SEK_OK);
        assert_int_equal(result.claims.count, cap);
        record_drop(&result);
    }
}

static void real_modules_say_what_is_known(void **state)
{
    (void)state;
    if (record_collection("sff8636", "sff-8636", record_check_module) == 0)
        skip();
    assert_true(record_collection("cmis", "sff-8636", record_check_module) > 0);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_truncation_and_bit),
        cmocka_unit_test(every_table_that_is_too_small),
        cmocka_unit_test(real_modules_say_what_is_known),
    };

    ROWS_RUN(fixed, rows, it_says, NULL, NULL);
}
