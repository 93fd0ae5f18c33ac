/* Ways into the SoC from outside, one by one: as the board's description names them, the driver
 * closes each, and each that stays open is seen. */
#define SEK_HAL_ASPEED_MMIO_H /* the driver's registers are ours here */
#include "agent/inventory.h"
#include "hal/aspeed/ast2600.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The unit ignores what is written while it is locked, and a stuck bit at any time. */
static struct {
    uint32_t word[0x400], stuck;
    bool unlocked;
} unit;

static uint32_t aspeed_get(uintptr_t at)
{
    return at - AST2600_SCU < sizeof unit.word ? unit.word[(at - AST2600_SCU) / 4] : 0x46;
}

static void aspeed_put(uintptr_t at, uint32_t value)
{
    assert_true(at >= AST2600_SCU && at - AST2600_SCU < sizeof unit.word);
    if (at == AST2600_SCU)
        unit.unlocked = value == 0x1688a8a8;
    else if (unit.unlocked)
        unit.word[(at - AST2600_SCU) / 4] = value & ~unit.stuck;
}

#include "hal/aspeed/scu.c" // NOLINT(bugprone-suspicious-include)

static const struct way {
    const char *name;
    uint32_t address, bit;
} ways[] = {
    {"PCIe to AHB", AST2600_SCU + 0xc8, 1 << 0}, {"debug UART 5", AST2600_SCU + 0xc8, 1 << 1},
    {"XDMA", AST2600_SCU + 0xc8, 1 << 2},        {"XDMA of the VGA", AST2600_SCU + 0xc8, 1 << 8},
    {"LPC to AHB", AST2600_SCU + 0xd8, 1 << 1},  {"debug UART 1", AST2600_SCU + 0xd8, 1 << 3},
};

enum { CLOSED = 4, DTB = 32768 };
static uint8_t dtb[DTB];
static struct sek_bytes description;
static struct sek_closed_register closed[CLOSED];
static size_t closed_count;
static struct aspeed_scu driver;

static int fresh(void **state)
{
    FILE *in = popen("dtc -q -I dts -O dtb boards/linux/fuji.dts", "r");

    (void)state;
    memset(&unit, 0, sizeof unit);
    aspeed_scu_start(&driver);
    description = (struct sek_bytes){dtb, in ? fread(dtb, 1, DTB, in) : 0};
    if (!in || pclose(in) != 0 || description.len == 0 || description.len == DTB)
        return -1;
    closed_count = sek_inventory_closed(description, closed, CLOSED);
    return closed_count > 0 && closed_count <= CLOSED ? 0 : -1;
}

/* As the board does at its start. */
static bool close_all(void)
{
    bool good = true;

    for (size_t i = 0; i < closed_count; i++)
        good = aspeed_scu_set(closed[i].address, closed[i].mask, closed[i].value) == SEK_OK && good;
    return good;
}

/* As the agent does at each cycle. */
static bool seen_closed(void)
{
    bool good = true;

    for (size_t i = 0; i < closed_count; i++) {
        uint32_t value = 0;

        assert_int_equal(driver.base.read(&driver.base, closed[i].address, &value), SEK_OK);
        good = good && (value & closed[i].mask) == closed[i].value;
    }
    return good;
}

static void every_way_in_is_closed_and_the_unit_locked_again(void **state)
{
    (void)state;
    unit.word[0xc8 / 4] = UINT32_C(1) << 31; /* another bit stays */
    assert_false(seen_closed());
    assert_true(close_all());
    assert_true(seen_closed());
    assert_false(unit.unlocked);
    assert_int_equal(unit.word[0xc8 / 4] >> 31, 1);
    for (size_t i = 0; i < SEK_LEN(ways); i++) {
        if (!(aspeed_get(ways[i].address) & ways[i].bit))
            fail_msg("%s is open", ways[i].name);
    }
}

static void each_way_in_that_is_open_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(ways); i++) {
        assert_true(close_all());
        unit.word[(ways[i].address - AST2600_SCU) / 4] &= ~ways[i].bit;
        if (seen_closed())
            fail_msg("%s is not seen", ways[i].name);
    }
}

static void each_way_in_that_cannot_be_closed_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(ways); i++) {
        memset(&unit, 0, sizeof unit);
        unit.stuck = ways[i].bit;
        if (close_all() || seen_closed())
            fail_msg("%s passes for closed", ways[i].name);
    }
}

static void secure_boot_is_a_bit_of_its_controller_which_is_never_written(void **state)
{
    struct sek_closed_register on;
    uint32_t value = 0;

    (void)state;
    assert_true(sek_inventory_secure_boot(description, &on));
    assert_int_equal(on.address, AST2600_SBC + 0x14);
    assert_int_equal(driver.base.read(&driver.base, on.address, &value), SEK_OK);
    assert_int_equal(value & on.mask, on.value);
    assert_int_equal(aspeed_scu_set(on.address, on.mask, on.value), SEK_ERR_RANGE);
}

static void registers_of_others_are_neither_read_nor_written(void **state)
{
    static const uint32_t others[] = {AST2600_SCU - 4, AST2600_SCU + 0x1000, AST2600_SCU + 2,
                                      AST2600_SBC - 4, AST2600_FMC,          0};
    uint32_t value = 7;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(others); i++) {
        assert_int_equal(driver.base.read(&driver.base, others[i], &value), SEK_ERR_IO);
        assert_int_equal(aspeed_scu_set(others[i], 1, 1), SEK_ERR_RANGE);
    }
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_way_in_is_closed_and_the_unit_locked_again, fresh),
        cmocka_unit_test_setup(each_way_in_that_is_open_is_seen, fresh),
        cmocka_unit_test_setup(each_way_in_that_cannot_be_closed_is_an_error, fresh),
        cmocka_unit_test_setup(secure_boot_is_a_bit_of_its_controller_which_is_never_written,
                               fresh),
        cmocka_unit_test_setup(registers_of_others_are_neither_read_nor_written, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
