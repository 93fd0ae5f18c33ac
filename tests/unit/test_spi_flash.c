/* The driver itself, against a model of what the emulated chip leaves out: busy after each write,
 * write enable that falls with each write, pages that wrap, erases that take whole units. */
#define SEK_HAL_ASPEED_MMIO_H /* the driver's registers are ours here */
#include "hal/aspeed/ast2600.h"
#include "hal/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { CHIP = 128 * 1024 };

/* Where the chip is. */
static const struct wiring {
    uintptr_t controller, window;
    unsigned cs;
} second_boot_chip = {AST2600_FMC, AST2600_FMC_CS1, 1},
  spi1_chip = {AST2600_SPI1, AST2600_SPI1_CS0, 0};

static struct {
    struct wiring at;
    uint8_t bytes[CHIP];
    bool absent, selected, user_mode, enabled, sfdp, protected_chip, hangs;
    bool write_config, address4;
    uint8_t command, id[3];
    unsigned count; /* bytes since the selection */
    uint32_t address;
    unsigned busy; /* status reads until the write is done */
    uint8_t page[256];
    unsigned page_len;
    unsigned selections;
} chip;

static void finish_command(void)
{
    uint32_t from = chip.address & ~0xffu;

    if (chip.command == 0x06 && chip.count == 1)
        chip.enabled = !chip.protected_chip;
    if (!chip.enabled || chip.busy > 0)
        return;
    if (chip.command == 0x12 && chip.page_len > 0) {
        for (unsigned i = 0; i < chip.page_len; i++) /* wraps inside the page */
            chip.bytes[(from | ((chip.address + i) & 0xff)) % CHIP] &= chip.page[i];
    } else if (chip.command == 0x21 && chip.count == 5) {
        memset(chip.bytes + (chip.address & ~0xfffu) % CHIP, 0xff, 4096);
    } else {
        return;
    }
    chip.enabled = false;
    chip.busy = 5;
}

static void select_chip(uint32_t control)
{
    bool selected = (control & 7) == 3;

    if (chip.selected && !selected)
        finish_command();
    chip.user_mode = (control & 3) == 3;
    if (selected && !chip.selected) {
        chip.count = 0;
        chip.address = 0;
        chip.page_len = 0;
        chip.selections++;
    }
    chip.selected = selected;
}

static uint32_t aspeed_get(uintptr_t at);
static uint8_t aspeed_get8(uintptr_t at);

static void aspeed_put(uintptr_t at, uint32_t value)
{
    if (at == chip.at.controller)
        chip.write_config = (value & 7 << 16) != 0;
    else if (at == chip.at.controller + 4)
        chip.address4 = (value & UINT32_C(1) << chip.at.cs) != 0;
    else if (at == chip.at.controller + 0x10 + 4 * chip.at.cs)
        select_chip(value);
    else
        fail_msg("register %lx", (unsigned long)at);
}

static void aspeed_put8(uintptr_t at, uint8_t value)
{
    assert_int_equal(at, chip.at.window);
    assert_true(chip.write_config && chip.user_mode && chip.selected);
    if (chip.count == 0)
        chip.command = value;
    else if (chip.count <= (chip.command == 0x5a ? 3u : 4u))
        chip.address = chip.address << 8 | value;
    else if (chip.command == 0x12)
        chip.page[chip.page_len++ % 256] = value;
    chip.count++;
}

static uint8_t sfdp_byte(uint32_t at)
{
    /* Header with one parameter header (basic table at 0x30, 16 words); second word: density. */
    static const uint8_t head[16] = {'S', 'F', 'D', 'P', 6,    1, 0, 0xff,
                                     0,   6,   1,   16,  0x30, 0, 0, 0xff};
    uint32_t bits = 8 * CHIP - 1;

    if (at < sizeof head)
        return head[at];
    return (uint8_t)(at >= 0x34 && at < 0x38 ? bits >> 8 * (at - 0x34) : 0xff);
}

static uint8_t aspeed_get8(uintptr_t at)
{
    uint8_t value = 0xff;

    assert_int_equal(at, chip.at.window);
    assert_true(chip.user_mode && chip.selected);
    if (chip.absent)
        return 0xff;
    if (chip.command == 0x9f) {
        value = chip.id[(chip.count - 1) % 3];
    } else if (chip.command == 0x5a) {
        value = chip.sfdp ? sfdp_byte(chip.address++) : 0xff;
    } else if (chip.command == 0x05) {
        value = (uint8_t)((chip.busy > 0) | chip.enabled << 1);
        chip.busy -= chip.busy > 0 && !chip.hangs;
    } else if (chip.command == 0x13) {
        assert_int_equal(chip.busy, 0); /* a busy chip reads nonsense */
        value = chip.bytes[chip.address++ % CHIP];
    }
    chip.count++;
    return value;
}

static uint32_t aspeed_get(uintptr_t at)
{
    uint32_t word = 0;

    for (unsigned i = 0; at == chip.at.window && i < 4; i++)
        word |= (uint32_t)aspeed_get8(at) << 8 * i;
    return word;
}

#include "hal/aspeed/spi_flash.c" // NOLINT(bugprone-suspicious-include)

static uint64_t now_ms;

static uint64_t uptime_ms(struct hal_clock *clock)
{
    (void)clock;
    return now_ms++;
}

static struct hal_clock clock_of_test = {uptime_ms, NULL};
static struct aspeed_spi_flash flash_of_test;

static enum sek_status start_chip(void)
{
    return aspeed_spi_flash_start(&flash_of_test, &clock_of_test, chip.at.controller,
                                  chip.at.window, chip.at.cs);
}

static int fresh(void **state)
{
    (void)state;
    memset(&chip, 0, sizeof chip);
    chip.at = second_boot_chip;
    memset(chip.bytes, 0xff, CHIP);
    memcpy(chip.id, "\xc2\x20\x16", 3);
    chip.sfdp = true;
    return start_chip() == SEK_OK ? 0 : -1;
}

static void the_size_comes_from_sfdp_else_from_the_id(void **state)
{
    (void)state;
    assert_int_equal(flash_of_test.base.size, CHIP);
    assert_true(chip.address4);
    chip.sfdp = false;
    assert_int_equal(start_chip(), SEK_OK);
    assert_int_equal(flash_of_test.base.size, 4 * 1024 * 1024);
    chip.id[2] = 0x55;
    assert_int_equal(start_chip(), SEK_ERR_UNSUPPORTED);
    chip.absent = true;
    assert_int_equal(start_chip(), SEK_ERR_ABSENT);
}

static void what_is_programmed_reads_back_at_any_place_and_length(void **state)
{
    uint8_t data[700], buf[704];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    for (uint64_t offset = 0x0f1; offset < 0x10f; offset += 3) {
        memset(chip.bytes, 0xff, CHIP);
        assert_int_equal(hal_flash_program(&flash_of_test.base, offset, data, sizeof data), SEK_OK);
        for (size_t shift = 0; shift < 4; shift++) {
            assert_int_equal(hal_flash_read(&flash_of_test.base, offset, buf + shift, sizeof data),
                             SEK_OK);
            assert_memory_equal(buf + shift, data, sizeof data);
        }
        assert_int_equal(chip.bytes[offset - 1], 0xff);
        assert_int_equal(chip.bytes[offset + sizeof data], 0xff);
    }
}

static void a_long_read_lets_go_of_the_chip_between(void **state)
{
    static uint8_t buf[CHIP];

    (void)state;
    chip.selections = 0;
    assert_int_equal(hal_flash_read(&flash_of_test.base, 0, buf, CHIP), SEK_OK);
    assert_int_equal(chip.selections, 2);
    assert_false(chip.selected);
    assert_int_equal(hal_flash_read(&flash_of_test.base, 1, buf, CHIP), SEK_ERR_RANGE);
}

static void an_erase_takes_one_unit_and_no_more(void **state)
{
    (void)state;
    memset(chip.bytes, 0, CHIP);
    assert_int_equal(hal_flash_erase(&flash_of_test.base, 4096, 4096), SEK_OK);
    assert_int_equal(chip.bytes[4095], 0);
    assert_int_equal(chip.bytes[4096], 0xff);
    assert_int_equal(chip.bytes[8191], 0xff);
    assert_int_equal(chip.bytes[8192], 0);
}

static void a_protected_or_hanging_chip_is_an_error_in_finite_time(void **state)
{
    uint8_t byte = 0;

    (void)state;
    chip.hangs = true;
    assert_int_equal(hal_flash_program(&flash_of_test.base, 0, &byte, 1), SEK_ERR_IO);
    chip.busy = 0;
    chip.hangs = false;
    chip.protected_chip = true;
    chip.enabled = false;
    assert_int_equal(hal_flash_program(&flash_of_test.base, 9, &byte, 1), SEK_ERR_IO);
    assert_int_equal(hal_flash_erase(&flash_of_test.base, 0, 4096), SEK_ERR_IO);
    assert_int_equal(chip.bytes[9], 0xff);
}

/* Its registers and its window alone are touched: anything else fails the test. */
static void a_chip_of_spi1_is_read_programmed_and_erased_as_well(void **state)
{
    uint8_t data[] = "a chip of the second controller", buf[sizeof data];

    (void)state;
    chip.at = spi1_chip;
    chip.write_config = chip.address4 = false;
    assert_int_equal(start_chip(), SEK_OK);
    assert_true(chip.write_config && chip.address4);
    assert_int_equal(flash_of_test.base.size, CHIP);
    assert_int_equal(hal_flash_program(&flash_of_test.base, 5000, data, sizeof data), SEK_OK);
    assert_int_equal(hal_flash_read(&flash_of_test.base, 5000, buf, sizeof buf), SEK_OK);
    assert_memory_equal(buf, data, sizeof data);
    assert_int_equal(hal_flash_erase(&flash_of_test.base, 4096, 4096), SEK_OK);
    assert_int_equal(chip.bytes[5000], 0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_size_comes_from_sfdp_else_from_the_id, fresh),
        cmocka_unit_test_setup(what_is_programmed_reads_back_at_any_place_and_length, fresh),
        cmocka_unit_test_setup(a_long_read_lets_go_of_the_chip_between, fresh),
        cmocka_unit_test_setup(an_erase_takes_one_unit_and_no_more, fresh),
        cmocka_unit_test_setup(a_protected_or_hanging_chip_is_an_error_in_finite_time, fresh),
        cmocka_unit_test_setup(a_chip_of_spi1_is_read_programmed_and_erased_as_well, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
