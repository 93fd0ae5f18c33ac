/* Power cuts over vault and trust store: at every step of a change, torn inside a byte or an erase,
 * and again at every step of the recovery. Always the old or the new content, whole, and what was
 * seen once stays; what was acknowledged is there.
 *
 * By itself a short round: every 7th step of a recovery. POWERCUT=full takes every one and more
 * ways of tearing; the numbers are printed. */
#include "hal/fake/fake_flash.h"
#include "hal/portable/flash_store.h"
#include "hal/portable/flash_vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT = 4096,
    SIZE = 2 * FLASH_VAULT_SLOT,
    STORE_SLOT = UNIT,
    STORE_LEN = 600,
    STRIDE_SHORT = 7,
    TEARS_SHORT = 1,
    TEARS_FULL = 3,
};

struct chip_state {
    uint8_t bytes[SIZE], unstable[SIZE];
};

static struct chip_state now;
static struct fake_flash flash;
static struct flash_vault vault;
static struct flash_region slot[2];
static struct flash_slots slots;

/* One thing that is changed. */
struct subject {
    const char *name;
    uint64_t used; /* bytes of the chip that it uses */
    void (*prepare)(void);
    /* A start and a change, power may fail in it; acknowledged: how far it came. */
    void (*change)(unsigned *acknowledged);
    /* A start; false: power failed. */
    bool (*start)(void);
    /* What is there now, 0 the oldest; -1: nothing, or something that never was. */
    int (*seen)(void);
};

static void restore(const struct chip_state *from, uint64_t used)
{
    memcpy(now.bytes, from->bytes, used);
    memcpy(now.unstable, from->unstable, used);
}

/* ---- Vault: boot count and certificate ---- */

static const char *const counts[] = {"0007", "0008", "0009"};
static uint8_t certificate[150];

static bool start_vault(void)
{
    enum sek_status status = flash_vault_open(&vault, &flash.base);

    if (flash.off)
        return false;
    assert_int_equal(status, SEK_OK);
    return true;
}

static void prepare_vault(void)
{
    assert_true(start_vault());
    memset(certificate, 0xa5, sizeof certificate);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_DEVICE_KEY, "the key", 7), SEK_OK);
    assert_int_equal(
        hal_vault_put(&vault.base, HAL_VAULT_DEVICE_CERT, certificate, sizeof certificate), SEK_OK);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, counts[0], 4), SEK_OK);
}

static void change_vault(unsigned *acknowledged)
{
    if (!start_vault())
        return;
    for (unsigned i = 1; i < SEK_LEN(counts); i++) {
        if (hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, counts[i], 4) != SEK_OK)
            return;
        *acknowledged = i;
    }
}

static int seen_vault(void)
{
    uint8_t buf[HAL_VAULT_RECORD_MAX];
    size_t len = 0;

    if (hal_vault_get(&vault.base, HAL_VAULT_DEVICE_KEY, buf, sizeof buf, &len) != SEK_OK ||
        len != 7 || memcmp(buf, "the key", 7) != 0)
        return -1;
    if (hal_vault_get(&vault.base, HAL_VAULT_DEVICE_CERT, buf, sizeof buf, &len) != SEK_OK ||
        len != sizeof certificate || memcmp(buf, certificate, len) != 0)
        return -1;
    if (hal_vault_get(&vault.base, HAL_VAULT_BOOT_COUNT, buf, sizeof buf, &len) != SEK_OK ||
        len != 4)
        return -1;
    for (unsigned i = 0; i < SEK_LEN(counts); i++) {
        if (memcmp(buf, counts[i], 4) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- Trust store ---- */

static bool start_store(void)
{
    enum sek_status status;

    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(flash_region_init(&slot[i], &flash.base, i * STORE_SLOT, STORE_SLOT, true),
                         SEK_OK);
    status = flash_slots_open(&slots, &slot[0].base, &slot[1].base, true);
    if (flash.off)
        return false;
    assert_int_equal(status, SEK_OK);
    return true;
}

static enum sek_status save(uint8_t value)
{
    uint8_t data[STORE_LEN];

    memset(data, value, sizeof data);
    return flash_store_save(&slots, data, sizeof data);
}

static void prepare_store(void)
{
    assert_true(start_store());
    assert_int_equal(save(0), SEK_OK);
}

static void change_store(unsigned *acknowledged)
{
    if (!start_store())
        return;
    for (uint8_t i = 1; i <= 2; i++) {
        if (save(i) != SEK_OK)
            return;
        *acknowledged = i;
    }
}

static int seen_store(void)
{
    uint8_t buf[STORE_SLOT];
    size_t len = 0;

    if (flash_store_load(&slots, buf, sizeof buf, &len) != SEK_OK || len != STORE_LEN)
        return -1;
    for (size_t i = 1; i < len; i++) {
        if (buf[i] != buf[0])
            return -1;
    }
    return buf[0] <= 2 ? buf[0] : -1;
}

/* ---- The campaign ---- */

struct tally {
    uint64_t cuts, second_cuts, lost;
};

/* Whatever happened: a start works, what is there was there, nothing acknowledged is lost, and it
 * stays over two more starts; then a change works. */
static void judge(const struct subject *subject, unsigned acknowledged, struct tally *tally)
{
    unsigned done = 0;
    int seen;

    fake_flash_power_on(&flash);
    assert_true(subject->start());
    seen = subject->seen();
    tally->lost += seen < (int)acknowledged || seen > (int)acknowledged + 1;
    for (int i = 0; i < 2; i++) {
        assert_true(subject->start());
        tally->lost += subject->seen() != seen;
    }
    subject->change(&done);
    tally->lost += done != 2 || subject->seen() != 2;
}

static void cut_recovery(const struct subject *subject, unsigned acknowledged, uint64_t stride,
                         struct tally *tally)
{
    static struct chip_state torn;

    torn = now;
    for (uint64_t steps = 0;; steps += stride) {
        bool whole;

        restore(&torn, subject->used);
        fake_flash_power_on(&flash);
        flash.steps_left = steps;
        whole = subject->start();
        tally->second_cuts += !whole;
        judge(subject, acknowledged, tally);
        if (whole)
            return;
    }
}

static void campaign(const struct subject *subject)
{
    const char *mode = getenv("POWERCUT");
    bool full = mode && strcmp(mode, "full") == 0;
    static struct chip_state before;
    struct tally tally = {0};

    for (uint32_t tear = 1; tear <= (full ? TEARS_FULL : TEARS_SHORT); tear++) {
        fake_flash_init(&flash, now.bytes, now.unstable, SIZE, UNIT);
        subject->prepare();
        before = now;
        for (uint64_t steps = 0;; steps++) {
            unsigned acknowledged = 0;

            restore(&before, subject->used);
            fake_flash_power_on(&flash);
            flash.steps_left = steps;
            flash.random = (uint32_t)steps * 2654435761u + tear;
            subject->change(&acknowledged);
            if (!flash.off)
                break;
            tally.cuts++;
            cut_recovery(subject, acknowledged, full ? 1 : STRIDE_SHORT, &tally);
        }
    }
    printf("powercut: %-12s %8llu cuts, %10llu second cuts in the recovery, %llu got through\n",
           subject->name, (unsigned long long)tally.cuts, (unsigned long long)tally.second_cuts,
           (unsigned long long)tally.lost);
    assert_true(tally.cuts > 500 && tally.second_cuts > tally.cuts);
    assert_int_equal(tally.lost, 0);
}

static void the_vault_is_always_the_old_or_the_new_one(void **state)
{
    static const struct subject subject = {"vault",      SIZE,        prepare_vault,
                                           change_vault, start_vault, seen_vault};

    (void)state;
    campaign(&subject);
}

static void the_store_is_always_the_old_or_the_new_one(void **state)
{
    static const struct subject subject = {"trust store", 2 * STORE_SLOT, prepare_store,
                                           change_store,  start_store,    seen_store};

    (void)state;
    campaign(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vault_is_always_the_old_or_the_new_one),
        cmocka_unit_test(the_store_is_always_the_old_or_the_new_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
