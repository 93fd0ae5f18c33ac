/* Which format takes a record, what is blank, and how a text is decoded. */
#include "base/bytes.h"
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A record of TlvInfo's magic and else of one byte. */
static uint8_t *filled(size_t len, uint8_t byte, const char *head)
{
    uint8_t *data = malloc(len ? len : 1);

    assert_non_null(data);
    if (len > 0)
        memset(data, byte, len);
    memcpy(data, head, strlen(head));
    return data;
}

static void a_record_is_taken_or_not(void **state)
{
    static const struct {
        const char *name;
        size_t len;
        uint8_t byte;
        const char *head, *forced;
        enum sek_status status;
        bool blank;
        const char *format;
    } rows[] = {
        {"nothing", 0, 0, "", NULL, SEK_ERR_NOT_THIS_FORMAT, false, NULL},
        {"127 blank bytes", 127, 0xff, "", NULL, SEK_ERR_NOT_THIS_FORMAT, false, NULL},
        {"128 blank bytes", 128, 0xff, "", NULL, SEK_OK, true, ""},
        {"128 zeros", 128, 0x00, "", NULL, SEK_OK, true, ""},
        {"a blank chip of 64 KiB", 65536, 0xff, "", NULL, SEK_OK, true, ""},
        {"a blank medium over 64 KiB", 65537, 0xff, "", NULL, SEK_ERR_NOT_THIS_FORMAT, false, NULL},
        {"a blank start", 256, 0xff, "x", NULL, SEK_ERR_NOT_THIS_FORMAT, false, NULL},
        {"neither 00 nor FF", 256, 0x55, "", NULL, SEK_ERR_NOT_THIS_FORMAT, false, NULL},
        {"a magic", 256, 0xff, "TlvInfo", NULL, SEK_ERR_NOT_THIS_FORMAT, false, NULL},
        {"8 blank bytes that should be ONIE", 8, 0xff, "", "onie-tlv", SEK_OK, true, "onie-tlv"},
        {"7 blank bytes that should be ONIE", 7, 0x00, "", "onie-tlv", SEK_OK, true, "onie-tlv"},
        {"no bytes that should be ONIE", 0, 0, "", "onie-tlv", SEK_ERR_NOT_THIS_FORMAT, false,
         "onie-tlv"},
        {"another thing that should be ONIE", 64, 0x55, "", "onie-tlv", SEK_ERR_NOT_THIS_FORMAT,
         false, "onie-tlv"},
        {"a blank page that should be a module", 256, 0xff, "", "sff-8472", SEK_OK, true,
         "sff-8472"},
        {"a format of no name", 256, 0xff, "", "no-such", SEK_ERR_NOT_THIS_FORMAT, false, NULL},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t *data = filled(rows[i].len, rows[i].byte, rows[i].head);
        struct record_result result;

        record_read(data, rows[i].len, rows[i].forced, 8, &result);
        if (result.status != rows[i].status || result.claims.blank != rows[i].blank)
            fail_msg("%s: %s", rows[i].name, record_line(&result));
        assert_int_equal(result.claims.count, 0);
        assert_false(result.claims.damaged);
        if (rows[i].format)
            assert_string_equal(result.claims.format, rows[i].format);
        else
            assert_null(result.claims.format);
        if (!rows[i].forced)
            assert_int_equal(result.claims.class_hint, SEK_CLASS_NONE);
        record_drop(&result);
        free(data);
    }
}

static void a_text_is_decoded_and_trimmed(void **state)
{
    static const struct {
        const char *raw;
        size_t len;
        const char *text; /* NULL: no observation */
    } rows[] = {
        {"", 0, NULL},
        {"\0 \0", 3, NULL},
        {"A", 1, "A"},
        {" \0A\0 ", 5, "A"},
        {"A\0\0B", 4, "A??B"}, /* as it is shown; it stays a NUL */
        {"caf\xc3\xa9", 5, "caf\xc3\xa9"},
        {"caf\xe9", 4, "caf\xef\xbf\xbd"},
        {"\xff\xff", 2, "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc3\xa9\xff", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct record_result result;
        char line[64] = "vendor=";
        enum sek_status status;

        record_read(NULL, 0, NULL, 1, &result);
        status = sek_part_add_text(&result.claims, SEK_KIND_VENDOR,
                                   (struct sek_bytes){(const uint8_t *)rows[i].raw, rows[i].len},
                                   SEK_EVIDENCE_PLAIN);
        assert_int_equal(status, SEK_OK);
        result.status = SEK_OK;
        strcat(line, rows[i].text ? rows[i].text : "");
        assert_string_equal(record_line(&result), rows[i].text ? line : "");
        record_drop(&result);
    }
}

static void a_full_table_takes_nothing_more(void **state)
{
    struct record_result result;
    const struct sek_bytes text = {(const uint8_t *)"A", 1};

    (void)state;
    record_read(NULL, 0, NULL, 1, &result);
    assert_int_equal(sek_part_add_number(&result.claims, SEK_KIND_PEN, 1, SEK_EVIDENCE_PLAIN),
                     SEK_OK);
    assert_int_equal(sek_part_add_number(&result.claims, SEK_KIND_PEN, 2, SEK_EVIDENCE_PLAIN),
                     SEK_ERR_NO_SPACE);
    assert_int_equal(sek_part_add_text(&result.claims, SEK_KIND_VENDOR, text, SEK_EVIDENCE_PLAIN),
                     SEK_ERR_NO_SPACE);
    assert_int_equal(sek_part_add_bytes(&result.claims, SEK_KIND_MAC, text, SEK_EVIDENCE_PLAIN),
                     SEK_ERR_NO_SPACE);
    assert_int_equal(result.claims.count, 1);
    record_drop(&result);
}

static void every_format_has_a_name_of_its_own(void **state)
{
    size_t count = 0;

    (void)state;
    for (; sek_parts[count]; count++) {
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(sek_parts[i]->name, sek_parts[count]->name);
        assert_true(sek_parts[count]->blank_len > 0 && sek_parts[count]->probe &&
                    sek_parts[count]->parse && strlen(sek_parts[count]->name) < 16);
        assert_true((unsigned)sek_parts[count]->component_class <= SEK_CLASS_NONE);
    }
    assert_true(count >= 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_taken_or_not),
        cmocka_unit_test(a_text_is_decoded_and_trimmed),
        cmocka_unit_test(a_full_table_takes_nothing_more),
        cmocka_unit_test(every_format_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
