/* Modules of SFF-8472: what page A0h says, and what damage cannot hide. */
#include "base/crc.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { PAGE = 256, CC_BASE = 63, CC_EXT = 95 };

static void put_text(struct record *record, size_t at, size_t len, const char *text)
{
    memset(record->data + at, ' ', len);
    memcpy(record->data + at, text, strlen(text));
}

static void seal(struct record *record)
{
    record->data[CC_BASE] = sek_sum8(record->data, CC_BASE);
    record->data[CC_EXT] = sek_sum8(record->data + 64, CC_EXT - 64);
}

static void module(struct record *record)
{
    memset(record->data, 0, PAGE);
    record->len = PAGE;
    record->data[0] = 3;
    record->data[1] = 4;
    put_text(record, 20, 16, "KISO NETWORKS");
    memcpy(record->data + 37, "\2\x5a\x10", 3);
    put_text(record, 40, 16, "KX-10G-SR");
    put_text(record, 56, 4, "A1");
    put_text(record, 68, 16, "K0001");
    put_text(record, 84, 8, "261123");
    seal(record);
}

#define SAYS "vendor=KISO NETWORKS part=KX-10G-SR rev=A1 serial=K0001 date=261123 oui=025a10"

static void plain(struct record *record)
{
    (void)record;
}

static void soldered(struct record *record)
{
    record->data[0] = 2;
    seal(record);
}

static void page_of_96(struct record *record)
{
    record->len = 96;
}

static void nul_padded(struct record *record)
{
    memset(record->data + 20, 0, 16);
    memcpy(record->data + 20, "KISO", 4);
    memset(record->data + 56, 0, 4);
    seal(record);
}

static void no_oui(struct record *record)
{
    memset(record->data + 37, 0, 3);
    seal(record);
}

static void behind_a_nul(struct record *record)
{
    memcpy(record->data + 20, "A\0YAMABIKO OPTIC", 16);
    seal(record);
}

static void wrong_base(struct record *record)
{
    record->data[CC_BASE] ^= 0x80;
}

static void wrong_extension(struct record *record)
{
    record->data[CC_EXT] ^= 1;
}

static void both_wrong(struct record *record)
{
    wrong_base(record);
    wrong_extension(record);
}

static void cut_in_the_serial(struct record *record)
{
    record->len = 70;
}

static void cut_in_the_name(struct record *record)
{
    record->len = 24;
}

static void cut_in_the_oui(struct record *record)
{
    record->len = 39;
}

static void empty(struct record *record)
{
    record->len = 0;
}

static void another_identifier(struct record *record)
{
    record->data[0] = 0x11;
    seal(record);
}

static void all_zero(struct record *record)
{
    memset(record->data, 0, PAGE); /* both sums are right */
}

static void all_ff(struct record *record)
{
    memset(record->data, 0xff, PAGE);
}

static void blank_but_for_the_end(struct record *record)
{
    all_ff(record);
    record->data[PAGE - 1] = 0;
}

static const struct row {
    const char *name;
    void (*change)(struct record *record);
    bool recognised; /* by content alone */
    const char *line;
} rows[] = {
    {"a module says six things", plain, true, SAYS},
    {"a soldered module is one", soldered, true, SAYS},
    {"a page of 96 bytes is whole", page_of_96, true, SAYS},
    {"NULs pad as spaces do", nul_padded, true,
     "vendor=KISO part=KX-10G-SR serial=K0001 date=261123 oui=025a10"},
    {"an OUI of zeros is none", no_oui, true,
     "vendor=KISO NETWORKS part=KX-10G-SR rev=A1 serial=K0001 date=261123"},
    {"a NUL inside hides nothing", behind_a_nul, true,
     "vendor=A?YAMABIKO OPTIC part=KX-10G-SR rev=A1 serial=K0001 date=261123 oui=025a10"},
    {"a wrong CC_BASE hides nothing", wrong_base, false, SAYS "; damaged at 63: CC_BASE is wrong"},
    {"a wrong CC_EXT hides nothing", wrong_extension, true,
     SAYS "; damaged at 95: CC_EXT is wrong"},
    {"of two wrong sums the first is told", both_wrong, false,
     SAYS "; damaged at 63: CC_BASE is wrong"},
    {"of a cut serial number the rest is listed", cut_in_the_serial, false,
     "vendor=KISO NETWORKS part=KX-10G-SR rev=A1 serial=K0 oui=025a10; damaged at 70: shorter than "
     "a "
     "module's page"},
    {"of a cut name the rest is listed", cut_in_the_name, false,
     "vendor=KISO; damaged at 24: shorter than a module's page"},
    {"a cut OUI is none", cut_in_the_oui, false,
     "vendor=KISO NETWORKS; damaged at 39: shorter than a module's page"},
    {"an empty record is cut", empty, false, "truncated at 0: an empty record"},
    {"another identifier hides nothing", another_identifier, false,
     SAYS "; damaged at 0: identifier of another layout"},
    {"all zeros are blank, right sums or not", all_zero, true, "blank"},
    {"all ones are blank", all_ff, true, "blank"},
    {"the page decides what is blank", blank_but_for_the_end, false, "blank"},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record record;
    struct record_result result;

    module(&record);
    row->change(&record);
    record_read(record.data, record.len, "sff-8472", 64, &result);
    assert_string_equal(record_line(&result), row->line);
    assert_int_equal(result.claims.class_hint, SEK_CLASS_TRANSCEIVER);
    record_drop(&result);
    record_read(record.data, record.len, NULL, 64, &result);
    if (row->recognised)
        assert_string_equal(record_line(&result), row->line);
    else
        assert_int_equal(result.status, SEK_ERR_NOT_THIS_FORMAT);
    record_drop(&result);
}

static bool under_no_sum(size_t byte) /* between and behind what the sums cover */
{
    return byte > CC_EXT;
}

static void every_truncation_bit_and_table(void **state)
{
    struct record record;

    (void)state;
    module(&record);
    record_check_all(record.data, 96, "sff-8472", NULL);
    for (size_t bit = 0; bit < 8 * (size_t)PAGE; bit++) {
        struct record_result result;

        record.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        record_read(record.data, PAGE, "sff-8472", 64, &result);
        assert_int_equal(result.status == SEK_OK && !result.claims.damaged, under_no_sum(bit / 8));
        record_drop(&result);
        record.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void text_memory_that_is_full_is_no_space(void **state)
{
    struct record record;
    struct sek_observation item[8];
    uint8_t text[8];
    struct sek_part_claims claims = {
        .item = item, .cap = SEK_LEN(item), .text = text, .text_cap = sizeof text};

    (void)state;
    module(&record);
    memset(record.data + 20, 0xe9, 3); /* three bytes each, decoded */
    seal(&record);
    assert_int_equal(sek_part_read((struct sek_bytes){record.data, record.len}, NULL, &claims),
                     SEK_ERR_NO_SPACE);
    memset(record.data + 20, 0xe9, 2);
    memset(record.data + 22, 0, 14);
    seal(&record);
    assert_int_equal(sek_part_read((struct sek_bytes){record.data, record.len}, NULL, &claims),
                     SEK_OK);
    assert_int_equal(claims.text_used, 6);
}

static void real_modules_say_what_is_known(void **state)
{
    (void)state;
    if (record_collection("sff8472", "sff-8472", record_check_module) == 0)
        skip();
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_truncation_bit_and_table),
        cmocka_unit_test(text_memory_that_is_full_is_no_space),
        cmocka_unit_test(real_modules_say_what_is_known),
    };

    ROWS_RUN(fixed, rows, it_says, NULL, NULL);
}
