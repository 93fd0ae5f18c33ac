#include "hal/fake/fake_flash.h"
#include "hal/portable/flash_store.h"
#include "hal/portable/flash_vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

enum { UNIT = 4096, SIZE = 2 * FLASH_VAULT_SLOT, STORE_SLOT = 2 * UNIT };

static uint8_t bytes[SIZE], unstable[SIZE];
static struct fake_flash flash;
static struct flash_vault vault;

static int blank(void **state)
{
    (void)state;
    fake_flash_init(&flash, bytes, unstable, SIZE, UNIT);
    return 0;
}

static void reopen(void)
{
    fake_flash_power_on(&flash);
    assert_int_equal(flash_vault_open(&vault, &flash.base), SEK_OK);
}

static void holds(enum hal_vault_record record, const char *text)
{
    uint8_t buf[HAL_VAULT_RECORD_MAX];
    size_t len = 0;

    assert_int_equal(hal_vault_get(&vault.base, record, buf, sizeof buf, &len), SEK_OK);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(buf, text, len);
}

static void put(enum hal_vault_record record, const char *text)
{
    assert_int_equal(hal_vault_put(&vault.base, record, text, strlen(text)), SEK_OK);
}

static void an_empty_region_is_an_empty_vault(void **state)
{
    uint8_t buf[4];
    size_t len = 7;

    (void)state;
    reopen();
    assert_int_equal(vault.base.protection, HAL_KEY_FLASH);
    for (unsigned i = 0; i < HAL_VAULT_RECORDS; i++)
        assert_int_equal(hal_vault_get(&vault.base, i, buf, sizeof buf, &len), SEK_ERR_NOT_FOUND);
    assert_int_equal(len, 7);
}

static void records_survive_a_restart(void **state)
{
    (void)state;
    reopen();
    put(HAL_VAULT_DEVICE_KEY, "key");
    put(HAL_VAULT_BOOT_COUNT, "0001");
    put(HAL_VAULT_BOOT_COUNT, "0002");
    holds(HAL_VAULT_BOOT_COUNT, "0002");
    for (int i = 0; i < 3; i++) { /* each start moves to the other slot */
        reopen();
        holds(HAL_VAULT_DEVICE_KEY, "key");
        holds(HAL_VAULT_BOOT_COUNT, "0002");
    }
}

static void a_full_journal_goes_on_in_the_other_slot(void **state)
{
    char count[5] = "0000";

    (void)state;
    reopen();
    put(HAL_VAULT_DEVICE_KEY, "key");
    for (int i = 0; i < 2500; i++) {
        for (int k = 0; k < 4; k++)
            count[3 - k] = (char)('0' + (i / (k == 0   ? 1
                                              : k == 1 ? 10
                                              : k == 2 ? 100
                                                       : 1000)) %
                                            10);
        put(HAL_VAULT_BOOT_COUNT, count);
    }
    holds(HAL_VAULT_BOOT_COUNT, "2499");
    reopen();
    holds(HAL_VAULT_BOOT_COUNT, "2499");
    holds(HAL_VAULT_DEVICE_KEY, "key");
}

static void every_record_may_be_as_long_as_it_can(void **state)
{
    uint8_t data[HAL_VAULT_RECORD_MAX + 1], buf[HAL_VAULT_RECORD_MAX];
    size_t len = 0;

    (void)state;
    reopen();
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < HAL_VAULT_RECORDS; i++) {
            memset(data, (int)(i + 16 * round), sizeof data);
            assert_int_equal(hal_vault_put(&vault.base, i, data, HAL_VAULT_RECORD_MAX), SEK_OK);
        }
    }
    reopen();
    for (unsigned i = 0; i < HAL_VAULT_RECORDS; i++) {
        assert_int_equal(hal_vault_get(&vault.base, i, buf, sizeof buf, &len), SEK_OK);
        assert_int_equal(len, HAL_VAULT_RECORD_MAX);
        assert_int_equal(buf[0], i + 16);
        assert_int_equal(buf[len - 1], i + 16);
    }
    assert_int_equal(hal_vault_put(&vault.base, 0, data, sizeof data), SEK_ERR_RANGE);
    len = 9;
    assert_int_equal(hal_vault_get(&vault.base, 0, buf, 10, &len), SEK_ERR_NO_SPACE);
    assert_int_equal(len, 9);
}

static void a_region_that_is_too_small_is_refused(void **state)
{
    (void)state;
    flash.base.size = SIZE - UNIT;
    assert_int_equal(flash_vault_open(&vault, &flash.base), SEK_ERR_RANGE);
}

/* A changed bit in the newer slot: the vault of the start before counts, which has the same key; in
 * both: there is none. */
static void every_changed_bit_is_noticed(void **state)
{
    static uint8_t good[SIZE];
    size_t newer, older;

    (void)state;
    reopen();
    put(HAL_VAULT_DEVICE_KEY, "a secret of thirty-two bytes 012");
    reopen();
    newer = (size_t)vault.slots.active * FLASH_VAULT_SLOT;
    older = FLASH_VAULT_SLOT - newer;
    memcpy(good, bytes, SIZE);
    for (size_t bit = 0; bit < 8 * (FLASH_SLOT_CONTENT + FLASH_VAULT_HEADER + 32); bit++) {
        if (bit / 8 >= FLASH_SLOT_HEADER && bit / 8 < FLASH_SLOT_CONTENT)
            continue; /* between header and content there is nothing */
        memcpy(bytes, good, SIZE);
        bytes[newer + bit / 8] ^= (uint8_t)(1u << bit % 8);
        reopen();
        holds(HAL_VAULT_DEVICE_KEY, "a secret of thirty-two bytes 012");
        memcpy(bytes, good, SIZE);
        bytes[newer + bit / 8] ^= (uint8_t)(1u << bit % 8);
        bytes[older] ^= 1;
        assert_int_equal(flash_vault_open(&vault, &flash.base), SEK_ERR_MALFORMED);
    }
}

static void a_vault_without_a_slot_that_counts_is_not_taken_for_a_new_one(void **state)
{
    static const uint8_t zero[FLASH_SLOT_HEADER];

    (void)state;
    reopen();
    put(HAL_VAULT_DEVICE_KEY, "key");
    reopen();
    memcpy(bytes, zero, sizeof zero);
    memcpy(bytes + FLASH_VAULT_SLOT, zero, sizeof zero);
    assert_int_equal(flash_vault_open(&vault, &flash.base), SEK_ERR_MALFORMED);
}

static void a_flash_that_fails_or_lies_is_told(void **state)
{
    uint64_t failed = 0;
    enum sek_status status = SEK_ERR_IO;

    (void)state;
    reopen();
    put(HAL_VAULT_BOOT_COUNT, "old");
    for (uint64_t i = 1; status != SEK_OK; i++) {
        reopen();
        flash.operations = 0;
        flash.fail_at = i;
        status = flash_vault_open(&vault, &flash.base);
        if (status == SEK_OK)
            status = hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "new", 3);
        flash.fail_at = 0;
        if (status == SEK_OK)
            break;
        failed++;
        assert_int_equal(status, SEK_ERR_IO);
        reopen();
        holds(HAL_VAULT_BOOT_COUNT, "old");
    }
    assert_true(failed > FLASH_VAULT_SLOT / UNIT + 3); /* header, erases, record, header, append */
    flash.lazy = true;
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "new", 3), SEK_ERR_IO);
    assert_int_equal(flash_vault_open(&vault, &flash.base), SEK_ERR_IO);
}

/* After a failed put the next one does not append behind what may be there now. */
static void a_put_after_a_failed_one_is_whole(void **state)
{
    (void)state;
    reopen();
    put(HAL_VAULT_BOOT_COUNT, "old");
    flash.lazy = true;
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "new", 3), SEK_ERR_IO);
    flash.lazy = false;
    put(HAL_VAULT_BOOT_COUNT, "newer");
    reopen();
    holds(HAL_VAULT_BOOT_COUNT, "newer");
}

/* ---- The store's slots ---- */

static struct flash_region slot[2];
static struct flash_slots slots;

static void open_slots(bool writable)
{
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(
            flash_region_init(&slot[i], &flash.base, i * STORE_SLOT, STORE_SLOT, writable), SEK_OK);
    assert_int_equal(flash_slots_open(&slots, &slot[0].base, &slot[1].base, writable), SEK_OK);
}

static void a_store_is_whole_and_the_newest(void **state)
{
    uint8_t data[3000], buf[STORE_SLOT];
    size_t len = 1;

    (void)state;
    open_slots(true);
    assert_int_equal(flash_store_load(&slots, buf, sizeof buf, &len), SEK_ERR_NOT_FOUND);
    for (int i = 1; i <= 3; i++) {
        memset(data, i, sizeof data);
        assert_int_equal(flash_store_save(&slots, data, sizeof data - (size_t)i), SEK_OK);
        open_slots(true);
        assert_int_equal(flash_store_load(&slots, buf, sizeof buf, &len), SEK_OK);
        assert_int_equal(len, sizeof data - (size_t)i);
        assert_memory_equal(buf, data, len);
    }
    assert_int_equal(flash_store_load(&slots, buf, 100, &len), SEK_ERR_NO_SPACE);
    assert_int_equal(flash_store_save(&slots, buf, STORE_SLOT), SEK_ERR_RANGE);
    bytes[(size_t)slots.active * STORE_SLOT + FLASH_SLOT_CONTENT + 5] ^= 1;
    open_slots(true); /* damaged: the one before counts */
    assert_true(slots.damaged);
    assert_int_equal(flash_store_load(&slots, buf, sizeof buf, &len), SEK_OK);
    assert_int_equal(buf[0], 2);
}

static void a_visit_changes_nothing(void **state)
{
    static uint8_t before[SIZE];
    uint8_t buf[STORE_SLOT];
    size_t len = 0;

    (void)state;
    open_slots(true);
    assert_int_equal(flash_store_save(&slots, (const uint8_t *)"store", 5), SEK_OK);
    memcpy(before, bytes, SIZE);
    flash.operations = 0;
    open_slots(false);
    assert_int_equal(flash_store_load(&slots, buf, sizeof buf, &len), SEK_OK);
    assert_int_equal(len, 5);
    assert_int_equal(flash_store_save(&slots, buf, len), SEK_ERR_RANGE);
    assert_int_equal(flash.operations, 0);
    assert_memory_equal(before, bytes, SIZE);
}

static void a_region_keeps_to_itself(void **state)
{
    struct flash_region region;
    uint8_t byte = 0;

    (void)state;
    assert_int_equal(flash_region_init(&region, &flash.base, UNIT, UNIT, true), SEK_OK);
    assert_int_equal(hal_flash_program(&region.base, UNIT - 1, "ab", 2), SEK_ERR_RANGE);
    assert_int_equal(hal_flash_erase(&region.base, 0, 2 * UNIT), SEK_ERR_RANGE);
    assert_int_equal(hal_flash_erase(&region.base, 1, UNIT - 1), SEK_ERR_RANGE);
    assert_int_equal(hal_flash_read(&region.base, UNIT, &byte, 1), SEK_ERR_RANGE);
    assert_int_equal(hal_flash_program(&region.base, 0, "a", 1), SEK_OK);
    assert_int_equal(bytes[UNIT], 'a');
    assert_int_equal(flash_region_init(&region, &flash.base, SIZE, 1, false), SEK_ERR_RANGE);
    assert_int_equal(flash_region_init(&region, &flash.base, 1, UNIT, true), SEK_ERR_RANGE);
    assert_int_equal(flash_region_init(&region, &flash.base, 1, UNIT, false), SEK_OK);
    assert_int_equal(hal_flash_program(&region.base, 0, "a", 1), SEK_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_region_is_an_empty_vault, blank),
        cmocka_unit_test_setup(records_survive_a_restart, blank),
        cmocka_unit_test_setup(a_full_journal_goes_on_in_the_other_slot, blank),
        cmocka_unit_test_setup(every_record_may_be_as_long_as_it_can, blank),
        cmocka_unit_test_setup(a_region_that_is_too_small_is_refused, blank),
        cmocka_unit_test_setup(every_changed_bit_is_noticed, blank),
        cmocka_unit_test_setup(a_vault_without_a_slot_that_counts_is_not_taken_for_a_new_one,
                               blank),
        cmocka_unit_test_setup(a_flash_that_fails_or_lies_is_told, blank),
        cmocka_unit_test_setup(a_put_after_a_failed_one_is_whole, blank),
        cmocka_unit_test_setup(a_store_is_whole_and_the_newest, blank),
        cmocka_unit_test_setup(a_visit_changes_nothing, blank),
        cmocka_unit_test_setup(a_region_keeps_to_itself, blank),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
