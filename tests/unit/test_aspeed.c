/* Drivers of the SoC against registers in memory: mostly devices that never answer. */
#include "hal/aspeed/rng.h"

#include "hal/aspeed/wdt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

/* The random register of the test: what each read gives. */
static uint32_t (*next_word)(void);
static uint32_t counter;

#define SEK_HAL_ASPEED_MMIO_H /* the drivers' registers are ours here */
static void aspeed_put(uintptr_t at, uint32_t value)
{
    (void)at;
    (void)value;
}

static uint32_t aspeed_get(uintptr_t at)
{
    (void)at;
    return next_word();
}

#include "hal/aspeed/rng.c" // NOLINT(bugprone-suspicious-include)
#include "hal/aspeed/wdt.c" // NOLINT(bugprone-suspicious-include)

static uint32_t good_word(void)
{
    counter = counter * 1664525 + 1013904223;
    return counter ^ counter >> 15;
}

static uint32_t stuck_word(void)
{
    return 0x12345678;
}

/* Every second byte is the same one. */
static uint32_t poor_word(void)
{
    return (good_word() & 0xff00ff00) | 0x00420042;
}

/* Good until the counter has run this far. */
static unsigned good_words_left;

static uint32_t failing_word(void)
{
    return good_words_left > 0 ? (void)good_words_left--, good_word() : 0;
}

static struct aspeed_rng rng;

static void a_good_generator_passes_and_its_words_are_given(void **state)
{
    uint8_t a[37], b[37];

    (void)state;
    next_word = good_word;
    aspeed_rng_start(&rng, 0);
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(rng.base.read(&rng.base, a, sizeof a), SEK_OK);
        assert_int_equal(rng.base.read(&rng.base, b, sizeof b), SEK_OK);
        assert_memory_not_equal(a, b, sizeof a);
    }
}

static void a_stuck_or_poor_generator_gives_nothing(void **state)
{
    uint8_t buf[4];

    (void)state;
    next_word = stuck_word;
    aspeed_rng_start(&rng, 0);
    assert_int_equal(rng.base.read(&rng.base, buf, sizeof buf), SEK_ERR_CRYPTO);
    next_word = poor_word;
    aspeed_rng_start(&rng, 0);
    assert_int_equal(rng.base.read(&rng.base, buf, sizeof buf), SEK_ERR_CRYPTO);
}

static void a_generator_that_fails_once_is_never_used_again(void **state)
{
    uint8_t buf[64];

    (void)state;
    next_word = failing_word;
    good_words_left = 300;
    aspeed_rng_start(&rng, 0);
    assert_int_equal(rng.base.read(&rng.base, buf, 16), SEK_OK);
    good_words_left = 4;
    assert_int_equal(rng.base.read(&rng.base, buf, sizeof buf), SEK_ERR_CRYPTO);
    next_word = good_word;
    assert_int_equal(rng.base.read(&rng.base, buf, sizeof buf), SEK_ERR_CRYPTO);
}

static void the_reset_reason_is_what_memory_kept(void **state)
{
    volatile uint32_t word = 0;

    (void)state;
    assert_int_equal(aspeed_reset_reason(&word), HAL_RESET_POWER_ON);
    assert_int_equal(aspeed_reset_reason(&word), HAL_RESET_WATCHDOG);
    aspeed_reset_wanted(&word);
    assert_int_equal(aspeed_reset_reason(&word), HAL_RESET_REQUESTED);
    assert_int_equal(aspeed_reset_reason(&word), HAL_RESET_WATCHDOG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_generator_passes_and_its_words_are_given),
        cmocka_unit_test(a_stuck_or_poor_generator_gives_nothing),
        cmocka_unit_test(a_generator_that_fails_once_is_never_used_again),
        cmocka_unit_test(the_reset_reason_is_what_memory_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
