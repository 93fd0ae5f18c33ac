#include "hal/fake/fake_flash.h"
#include "hal/portable/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

/* ---- A bus with two multiplexers in a row and two EEPROMs that share an address ---- */

enum { OUTER = 0x77, INNER = 0x76, PART = 0x50, BIG = 4096, SMALL = 1024 };

static struct {
    uint8_t outer, inner; /* channels that are open */
    uint8_t big[BIG];     /* behind channel 0 of the outer and 1 of the inner, 16-bit addresses */
    uint8_t small[SMALL]; /* behind channel 3 of the outer, 8-bit addresses, four blocks */
    unsigned hang_after;  /* transfers until the bus hangs; 0: never */
    bool no_part;
    unsigned transfers, longest;
} wire;

static enum sek_status read_part(uint8_t address, const uint8_t *out, size_t out_len, uint8_t *in,
                                 size_t in_len)
{
    if (wire.no_part)
        return SEK_ERR_ABSENT;
    if (wire.outer == 1 && wire.inner == 2 && address == PART) {
        assert_int_equal(out_len, 2);
        for (size_t i = 0; i < in_len; i++)
            in[i] = wire.big[((size_t)out[0] << 8 | out[1]) + i];
        return SEK_OK;
    }
    if (wire.outer == 8 && address >= PART && address < PART + SMALL / 256) {
        assert_int_equal(out_len, 1);
        for (size_t i = 0; i < in_len; i++) /* wraps inside its block */
            in[i] = wire.small[(size_t)(address - PART) * 256 + (out[0] + i) % 256];
        return SEK_OK;
    }
    return SEK_ERR_ABSENT;
}

static enum sek_status transfer(struct hal_i2c *bus, uint8_t address, const void *out,
                                size_t out_len, void *in, size_t in_len)
{
    (void)bus;
    wire.transfers++;
    if (in_len > wire.longest)
        wire.longest = (unsigned)in_len;
    if (wire.hang_after > 0 && wire.transfers > wire.hang_after)
        return SEK_ERR_IO;
    if (address == OUTER && out_len == 1) {
        wire.outer = *(const uint8_t *)out;
        return SEK_OK;
    }
    if (address == INNER && wire.outer == 1 && out_len == 1) {
        wire.inner = *(const uint8_t *)out;
        return SEK_OK;
    }
    return read_part(address, out, out_len, in, in_len);
}

static struct hal_i2c bus_of_test = {transfer};
static const struct board_bus buses[] = {{0x600, &bus_of_test}};

static const struct hal_media_place big_place = {
    .controller = 0x600,
    .eeprom = true,
    .address = PART,
    .address_bits = 16,
    .size = BIG,
    .hop_count = 2,
    .hop = {{OUTER, 0}, {INNER, 1}},
};
static const struct hal_media_place small_place = {
    .controller = 0x600,
    .eeprom = true,
    .address = PART,
    .address_bits = 8,
    .size = SMALL,
    .hop_count = 1,
    .hop = {{OUTER, 3}},
};

/* ---- Flash ---- */

enum { FLASH = 64 * 1024, KEEP = 4096 };

static uint8_t flash_bytes[FLASH], flash_unstable[FLASH], keep[KEEP];
static struct fake_flash flash;
static struct board_chip chips[] = {{0x1e620000, 0, &flash.base}, {0x1e620000, 1, NULL}};
static struct board_media media;

static int fresh(void **state)
{
    (void)state;
    memset(&wire, 0, sizeof wire);
    for (size_t i = 0; i < BIG; i++)
        wire.big[i] = (uint8_t)(i * 13 + (i >> 8));
    for (size_t i = 0; i < SMALL; i++)
        wire.small[i] = (uint8_t)(i * 7 + (i >> 8));
    fake_flash_init(&flash, flash_bytes, flash_unstable, FLASH, 4096);
    for (size_t i = 0; i < FLASH; i++)
        flash_bytes[i] = (uint8_t)(i * 5 + (i >> 8));
    memset(keep, 0, sizeof keep);
    media = (struct board_media){
        .chip = chips,
        .chip_count = 2,
        .bus = buses,
        .bus_count = 1,
        .keep_label = "fit",
        .keep = keep,
        .keep_cap = KEEP,
    };
    board_media_init(&media);
    return 0;
}

static struct sek_source *open_place(const struct hal_media_place *place)
{
    struct sek_source *source = NULL;

    assert_int_equal(media.base.open(&media.base, place, &source), SEK_OK);
    return source;
}

static enum sek_status opening(const struct hal_media_place *place)
{
    struct sek_source *source = NULL;
    enum sek_status status = media.base.open(&media.base, place, &source);

    assert_null(source);
    return status;
}

static void an_eeprom_behind_two_multiplexers_is_read_whole(void **state)
{
    uint8_t buf[BIG];
    struct sek_source *source = open_place(&big_place);

    (void)state;
    assert_int_equal(source->size, BIG);
    assert_int_equal(sek_source_read(source, 0, buf, BIG), SEK_OK);
    assert_memory_equal(buf, wire.big, BIG);
    assert_int_equal(sek_source_read(source, 1000, buf, 700), SEK_OK);
    assert_memory_equal(buf, wire.big + 1000, 700);
    assert_true(wire.longest <= 256);
    media.base.close(&media.base);
    assert_int_equal(wire.outer | wire.inner, 0);
}

static void an_eeprom_with_8_bit_addresses_has_one_address_per_block(void **state)
{
    uint8_t buf[SMALL];
    struct sek_source *source = open_place(&small_place);

    (void)state;
    assert_int_equal(sek_source_read(source, 0, buf, SMALL), SEK_OK);
    assert_memory_equal(buf, wire.small, SMALL);
    assert_int_equal(sek_source_read(source, 250, buf, 300), SEK_OK);
    assert_memory_equal(buf, wire.small + 250, 300);
    media.base.close(&media.base);
    assert_int_equal(wire.outer, 0);
}

static void a_missing_part_is_absent_and_the_way_is_closed_again(void **state)
{
    struct hal_media_place nowhere = big_place;

    (void)state;
    wire.no_part = true;
    assert_int_equal(opening(&big_place), SEK_ERR_ABSENT);
    assert_int_equal(wire.outer | wire.inner, 0);
    nowhere.hop[0].address = 0x11;
    assert_int_equal(opening(&nowhere), SEK_ERR_ABSENT);
    nowhere.controller = 0x680;
    assert_int_equal(opening(&nowhere), SEK_ERR_NOT_FOUND);
}

static void a_bus_that_hangs_at_any_transfer_costs_one_part(void **state)
{
    uint8_t buf[BIG];

    (void)state;
    for (unsigned at = 1; at < 19; at++) {
        struct sek_source *source = NULL;
        enum sek_status status;

        wire.transfers = 0;
        wire.hang_after = at;
        status = media.base.open(&media.base, &big_place, &source);
        if (status == SEK_OK)
            status = sek_source_read(source, 0, buf, BIG);
        assert_int_equal(status, SEK_ERR_IO);
        media.base.close(&media.base);
        wire.hang_after = 0;
        an_eeprom_behind_two_multiplexers_is_read_whole(state);
    }
}

static void what_is_read_of_the_boot_partition_is_kept_and_nothing_else(void **state)
{
    const struct hal_media_place fit = {
        .label = "fit", .controller = 0x1e620000, .partition = true, .offset = 0x2000, .len = KEEP};
    struct hal_media_place other = fit;
    uint8_t buf[KEEP];

    (void)state;
    for (size_t at = 0; at < KEEP; at += 512)
        assert_int_equal(sek_source_read(open_place(&fit), at, buf, 512), SEK_OK);
    assert_memory_equal(keep, flash_bytes + 0x2000, KEEP);
    other.label = "env";
    other.offset = 0;
    assert_int_equal(sek_source_read(open_place(&other), 0, buf, KEEP), SEK_OK);
    assert_memory_equal(keep, flash_bytes + 0x2000, KEEP);
    other = fit; /* larger than the memory: not kept, not half of it either */
    other.offset = 0;
    other.len = KEEP + 1;
    assert_int_equal(sek_source_read(open_place(&other), 0, buf, 512), SEK_OK);
    assert_memory_equal(keep, flash_bytes + 0x2000, KEEP);
}

static void a_chip_that_is_absent_or_too_small_is_told(void **state)
{
    struct hal_media_place place = {
        .controller = 0x1e620000, .partition = true, .offset = FLASH - 16, .len = 17};
    uint64_t size = 1;

    (void)state;
    assert_int_equal(opening(&place), SEK_ERR_IO);
    assert_int_equal(media.base.chip_size(&media.base, &place, &size), SEK_OK);
    assert_int_equal(size, FLASH);
    place.chip = 1;
    assert_int_equal(opening(&place), SEK_ERR_ABSENT);
    assert_int_equal(media.base.chip_size(&media.base, &place, &size), SEK_ERR_IO);
    place.chip = 2;
    assert_int_equal(opening(&place), SEK_ERR_NOT_FOUND);
    assert_int_equal(media.base.chip_size(&media.base, &place, &size), SEK_ERR_NOT_FOUND);
    assert_int_equal(size, FLASH);
    place = (struct hal_media_place){.label = "neither flash nor bus"};
    assert_int_equal(opening(&place), SEK_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_eeprom_behind_two_multiplexers_is_read_whole, fresh),
        cmocka_unit_test_setup(an_eeprom_with_8_bit_addresses_has_one_address_per_block, fresh),
        cmocka_unit_test_setup(a_missing_part_is_absent_and_the_way_is_closed_again, fresh),
        cmocka_unit_test_setup(a_bus_that_hangs_at_any_transfer_costs_one_part, fresh),
        cmocka_unit_test_setup(what_is_read_of_the_boot_partition_is_kept_and_nothing_else, fresh),
        cmocka_unit_test_setup(a_chip_that_is_absent_or_too_small_is_told, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
