#include "base/crc.h"
#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Check values: the CRC catalogue's "123456789"; the others from zlib's crc32 and Python's
 * binascii.crc_hqx. */
static const struct {
    const char *name, *text;
    uint32_t crc32;
    uint16_t crc16;
    uint8_t sum8;
} rows[] = {
    {"nothing", "", 0x00000000, 0x0000, 0x00},
    {"one letter", "a", 0xe8b7be43, 0x7c87, 0x61},
    {"the check value", "123456789", 0xcbf43926, 0x31c3, 0xdd},
    {"a sum that wraps", "\xff\xff", 0xffff0000, 0x1d0f, 0xfe},
};

static void checksums_have_their_published_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        size_t len = strlen(rows[i].text);

        assert_int_equal(sek_crc32(0, rows[i].text, len), rows[i].crc32);
        assert_int_equal(sek_crc16(0, rows[i].text, len), rows[i].crc16);
        assert_int_equal(sek_sum8(rows[i].text, len), rows[i].sum8);
    }
}

static void pieces_give_what_the_whole_gives(void **state)
{
    static const char text[] = "the papers of a traveller, read at the checkpoint";
    size_t len = sizeof text - 1;

    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        assert_int_equal(sek_crc32(sek_crc32(0, text, cut), text + cut, len - cut),
                         sek_crc32(0, text, len));
        assert_int_equal(sek_crc16(sek_crc16(0, text, cut), text + cut, len - cut),
                         sek_crc16(0, text, len));
    }
}

static void every_single_bit_changes_the_crc(void **state)
{
    uint8_t data[32] = {0x53, 0x4b};
    uint32_t crc32 = sek_crc32(0, data, sizeof data);
    uint16_t crc16 = sek_crc16(0, data, sizeof data);

    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(sek_crc32(0, data, sizeof data), crc32);
        assert_int_not_equal(sek_crc16(0, data, sizeof data), crc16);
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_have_their_published_values),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
        cmocka_unit_test(every_single_bit_changes_the_crc),
    };

    return cmocka_run_group_tests_name("crc", tests, NULL, NULL);
}
