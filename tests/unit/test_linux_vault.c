/* The vault in a folder: for its owner alone, each record whole or not at all. */
#define _DEFAULT_SOURCE
#include "hal/linux/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[32], inside[64];

static int make(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sekisho-vault-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(inside, sizeof inside, "%s/vault", folder);
    return 0;
}

static int drop(void **state)
{
    char shell[64];

    (void)state;
    snprintf(shell, sizeof shell, "rm -rf %s", folder);
    return system(shell);
}

static void it_is_made_for_its_owner_alone(void **state)
{
    struct linux_vault vault;
    struct stat st;

    (void)state;
    assert_int_equal(linux_vault_open(&vault, inside), SEK_OK);
    assert_int_equal(stat(inside, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(vault.base.protection, HAL_KEY_FILE);
}

static void one_that_others_may_look_into_is_refused(void **state)
{
    static const mode_t modes[] = {0755, 0750, 0710, 0701, 0777};
    struct linux_vault vault;

    (void)state;
    assert_int_equal(mkdir(inside, 0700), 0);
    for (size_t i = 0; i < SEK_LEN(modes); i++) {
        assert_int_equal(chmod(inside, modes[i]), 0);
        assert_int_equal(linux_vault_open(&vault, inside), SEK_ERR_IO);
        assert_int_equal(errno, EPERM);
    }
    assert_int_equal(chmod(inside, 0700), 0);
    assert_int_equal(linux_vault_open(&vault, inside), SEK_OK);
    if (geteuid() == 0) { /* only root can give it away */
        assert_int_equal(chown(inside, 65534, 65534), 0);
        assert_int_equal(linux_vault_open(&vault, inside), SEK_ERR_IO);
        assert_int_equal(errno, EPERM);
    }
}

static void what_is_no_folder_is_refused(void **state)
{
    char longer[LINUX_VAULT_PATH_MAX + 2], file[64];
    struct linux_vault vault;
    FILE *out;

    (void)state;
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    snprintf(file, sizeof file, "%s/file", folder);
    out = fopen(file, "w");
    assert_non_null(out);
    fclose(out);
    assert_int_equal(linux_vault_open(&vault, file), SEK_ERR_IO);
    assert_int_equal(linux_vault_open(&vault, longer), SEK_ERR_RANGE);
    assert_int_equal(linux_vault_open(&vault, ""), SEK_ERR_RANGE);
}

static void records_are_kept_apart_and_replaced_whole(void **state)
{
    struct linux_vault vault;
    uint8_t bytes[16];
    size_t len = 99;
    char path[96];
    struct stat st;

    (void)state;
    assert_int_equal(linux_vault_open(&vault, inside), SEK_OK);
    assert_int_equal(hal_vault_get(&vault.base, HAL_VAULT_BOOT_COUNT, bytes, sizeof bytes, &len),
                     SEK_ERR_NOT_FOUND);
    assert_int_equal(len, 99);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "one", 3), SEK_OK);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_DEVICE_KEY, "key", 3), SEK_OK);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "second", 6), SEK_OK);
    assert_int_equal(hal_vault_get(&vault.base, HAL_VAULT_BOOT_COUNT, bytes, sizeof bytes, &len),
                     SEK_OK);
    assert_int_equal(len, 6);
    assert_memory_equal(bytes, "second", 6);
    assert_int_equal(hal_vault_get(&vault.base, HAL_VAULT_BOOT_COUNT, bytes, 5, &len),
                     SEK_ERR_NO_SPACE);
    snprintf(path, sizeof path, "%s/device-key", inside);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(
        hal_vault_put(&vault.base, HAL_VAULT_DEVICE_CERT, path, HAL_VAULT_RECORD_MAX + 1),
        SEK_ERR_RANGE);
}

static void a_link_to_somewhere_else_is_not_followed(void **state)
{
    struct linux_vault vault;
    char target[64], path[96];
    uint8_t bytes[16];
    size_t len = 0;
    FILE *out;

    (void)state;
    assert_int_equal(linux_vault_open(&vault, inside), SEK_OK);
    snprintf(target, sizeof target, "%s/target", folder);
    snprintf(path, sizeof path, "%s/device-key", inside);
    out = fopen(target, "w");
    assert_non_null(out);
    fputs("foreign", out);
    fclose(out);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(hal_vault_get(&vault.base, HAL_VAULT_DEVICE_KEY, bytes, sizeof bytes, &len),
                     SEK_ERR_IO);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_DEVICE_KEY, "own", 3), SEK_OK);
    out = fopen(target, "r");
    assert_non_null(out);
    assert_int_equal(fread(bytes, 1, sizeof bytes, out), 7); /* as it was */
    fclose(out);
}

static void what_cannot_be_written_leaves_the_old_one(void **state)
{
    struct linux_vault vault;
    uint8_t bytes[16];
    size_t len = 0;
    char shell[128];

    (void)state;
    assert_int_equal(linux_vault_open(&vault, inside), SEK_OK);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "old", 3), SEK_OK);
    /* Where the new one would be put together stands a folder. */
    snprintf(shell, sizeof shell, "mkdir %s/.boot-count.new", inside);
    assert_int_equal(system(shell), 0);
    assert_int_equal(hal_vault_put(&vault.base, HAL_VAULT_BOOT_COUNT, "new", 3), SEK_ERR_IO);
    assert_int_equal(hal_vault_get(&vault.base, HAL_VAULT_BOOT_COUNT, bytes, sizeof bytes, &len),
                     SEK_OK);
    assert_memory_equal(bytes, "old", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_made_for_its_owner_alone, make, drop),
        cmocka_unit_test_setup_teardown(one_that_others_may_look_into_is_refused, make, drop),
        cmocka_unit_test_setup_teardown(what_is_no_folder_is_refused, make, drop),
        cmocka_unit_test_setup_teardown(records_are_kept_apart_and_replaced_whole, make, drop),
        cmocka_unit_test_setup_teardown(a_link_to_somewhere_else_is_not_followed, make, drop),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_leaves_the_old_one, make, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
