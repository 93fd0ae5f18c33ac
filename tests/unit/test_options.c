/* The command line by its table, exit statuses, and where files are looked for. */
#define _DEFAULT_SOURCE
#include "boards/bench/bench.h"
#include "boards/bench/check/remember.h"
#include "boards/bench/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct bench_option options[] = {
    {"store", "FILE", "a value"},
    {"json", NULL, "a flag"},
    {"output", "FILE", "with a short name"},
};
static const struct bench_command command = {.name = "test",
                                             .operands = "X...",
                                             .help = "Tests.",
                                             .option = options,
                                             .option_count = SEK_LEN(options)};

static bool parse(const char *const *words, size_t count, struct bench_args *args)
{
    static char text[8][32];
    static char *argv[8];

    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++) {
        snprintf(text[i], sizeof text[i], "%s", words[i]);
        argv[i] = text[i];
    }
    return bench_parse(&command, (int)count, argv, args);
}

static void words_are_taken_by_the_table(void **state)
{
    static const struct {
        const char *words[5];
        size_t count;
        bool right;
        const char *store, *json, *output;
        size_t operands;
    } rows[] = {
        {{"a", "b"}, 2, true, NULL, NULL, NULL, 2},
        {{"--store", "s", "a"}, 3, true, "s", NULL, NULL, 1},
        {{"--store=s", "a"}, 2, true, "s", NULL, NULL, 1},
        {{"a", "--json", "b", "--store", "s"}, 5, true, "s", "", NULL, 2},
        {{"--store="}, 1, true, "", NULL, NULL, 0},
        {{"--", "--store", "s"}, 3, true, NULL, NULL, NULL, 2},
        {{"-o", "f", "a"}, 3, true, NULL, NULL, "f", 1},
        {{"-"}, 1, true, NULL, NULL, NULL, 1},
        {{"--store"}, 1, false, NULL, NULL, NULL, 0},
        {{"--json=yes"}, 1, false, NULL, NULL, NULL, 0},
        {{"--nothing"}, 1, false, NULL, NULL, NULL, 0},
        {{"--stor", "s"}, 2, false, NULL, NULL, NULL, 0},
        {{"-x"}, 1, false, NULL, NULL, NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct bench_args args;

        if (parse(rows[i].words, rows[i].count, &args) != rows[i].right)
            fail_msg("%s", rows[i].words[0]);
        if (!rows[i].right)
            continue;
        assert_int_equal(args.operand_count, rows[i].operands);
        assert_true(!rows[i].store == !bench_value(&args, "store"));
        assert_true(!rows[i].json == !bench_value(&args, "json"));
        if (rows[i].store)
            assert_string_equal(bench_value(&args, "store"), rows[i].store);
        if (rows[i].output)
            assert_string_equal(bench_value(&args, "output"), rows[i].output);
    }
}

static void the_worse_exit_status_wins_in_the_order_of_the_contract(void **state)
{
    static const int order[] = {2, 1, 6, 5, 4, 3, 0};

    (void)state;
    for (size_t a = 0; a < SEK_LEN(order); a++) {
        for (size_t b = 0; b < SEK_LEN(order); b++)
            assert_int_equal(bench_exit_worse(order[a], order[b]), order[a < b ? a : b]);
    }
}

/* ---- Files ---- */

static char folder[32];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sekisho-files-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    char shell[128];

    (void)state;
    snprintf(shell, sizeof shell, "chmod -R u+w %s && rm -r %s", folder, folder);
    return system(shell);
}

static void a_file_is_replaced_whole_or_not_at_all(void **state)
{
    char path[96], nowhere[96];
    uint8_t *data = NULL;
    size_t len = 0;
    struct stat st;

    (void)state;
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(nowhere, sizeof nowhere, "%s/none/file", folder);
    assert_int_equal(bench_write_file(path, "old", 3, 0600), SEK_OK);
    assert_int_equal(bench_write_file(path, "newer", 5, 0600), SEK_OK);
    assert_int_equal(bench_read_file(path, 5, &data, &len), SEK_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(data, "newer", 5);
    free(data);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(bench_write_file(nowhere, "x", 1, 0600), SEK_ERR_IO);
}

static void what_cannot_be_read_says_why(void **state)
{
    char path[96];
    uint8_t *data = NULL;
    size_t len = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(bench_read_file(path, 10, &data, &len), SEK_ERR_NOT_FOUND);
    assert_int_equal(bench_read_file(folder, 10, &data, &len), SEK_ERR_UNSUPPORTED);
    assert_int_equal(bench_write_file(path, "0123456789", 10, 0600), SEK_OK);
    assert_int_equal(bench_read_file(path, 9, &data, &len), SEK_ERR_NO_SPACE);
    assert_null(data);
}

static void configuration_is_looked_for_in_order(void **state)
{
    char path[BENCH_PATH_MAX], first[64], second[64], home[64], shell[1024];

    (void)state;
    snprintf(first, sizeof first, "%s/first", folder);
    snprintf(second, sizeof second, "%s/second", folder);
    snprintf(home, sizeof home, "%s/home", folder);
    snprintf(shell, sizeof shell,
             "mkdir -p %s %s/sekisho %s/.config/sekisho && touch %s/sekisho/a "
             "%s/.config/sekisho/a %s/.config/sekisho/b",
             first, second, home, second, home, home);
    assert_int_equal(system(shell), 0);
    setenv("HOME", home, 1);
    setenv("XDG_CONFIG_HOME", second, 1);
    unsetenv("SEKISHO_CONFIG");
    assert_true(bench_find_config("a", path));
    assert_non_null(strstr(path, "/second/sekisho/a"));
    assert_true(bench_find_config("b", path));
    assert_non_null(strstr(path, "/home/.config/sekisho/b"));
    assert_false(bench_find_config("c", path));
    setenv("SEKISHO_CONFIG", first, 1); /* named: nowhere else is looked */
    assert_false(bench_find_config("a", path));
    unsetenv("SEKISHO_CONFIG");
}

static void the_state_folder_is_made_for_its_owner_alone(void **state)
{
    char path[BENCH_PATH_MAX], dir[96];
    struct stat st;

    (void)state;
    snprintf(dir, sizeof dir, "%s/deep/state", folder);
    assert_true(bench_state_path(dir, "x", path));
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(bench_write_file(path, "x", 1, 0600), SEK_OK);
    assert_false(bench_state_path(path, "y", path)); /* a file is no folder */
}

/* ---- What is remembered of a device ---- */

static enum remember see(uint64_t boot_count, uint8_t seed, const char *dir)
{
    const uint8_t key_id[SEK_KEY_ID_LEN] = {4};
    uint8_t ueid[33] = {1, 2, 3}, bytes[32];
    struct sek_token claims = {
        .ueid = {ueid, sizeof ueid}, .boot_seed = {bytes, sizeof bytes}, .boot_count = boot_count};

    memset(bytes, seed, sizeof bytes);
    return remember_boot(dir, key_id, &claims);
}

static void starts_go_forward_or_it_is_told(void **state)
{
    static const struct {
        const char *name;
        uint64_t count;
        uint8_t seed;
        enum remember what;
    } rows[] = {
        {"the first time", 3, 1, REMEMBER_NEW},
        {"the same start", 3, 1, REMEMBER_FORWARD},
        {"a later one", 5, 2, REMEMBER_FORWARD},
        {"an earlier one", 4, 3, REMEMBER_BACK},
        {"which is not remembered", 5, 2, REMEMBER_FORWARD},
        {"two starts of one count", 5, 9, REMEMBER_BACK},
        {"no count any more", 0, 4, REMEMBER_BACK},
        {"far later", UINT64_MAX, 4, REMEMBER_FORWARD},
        {"back by one", UINT64_MAX - 1, 4, REMEMBER_BACK},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (see(rows[i].count, rows[i].seed, folder) != rows[i].what)
            fail_msg("%s", rows[i].name);
    }
}

static void a_device_that_counts_nothing_has_nothing_to_go_back(void **state)
{
    (void)state;
    assert_int_equal(see(0, 1, folder), REMEMBER_NEW);
    assert_int_equal(see(0, 2, folder), REMEMBER_FORWARD);
    assert_int_equal(see(1, 3, folder), REMEMBER_FORWARD);
}

static void memory_that_is_damaged_or_missing_is_not_a_first_time(void **state)
{
    char path[192], shell[224];

    (void)state;
    assert_int_equal(see(3, 1, folder), REMEMBER_NEW);
    snprintf(shell, sizeof shell, "echo nonsense > $(ls %s/boot-*)", folder);
    assert_int_equal(system(shell), 0);
    assert_int_equal(see(3, 1, folder), REMEMBER_LOST);
    snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(bench_write_file(path, "x", 1, 0600), SEK_OK);
    assert_int_equal(see(3, 1, path), REMEMBER_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_taken_by_the_table),
        cmocka_unit_test(the_worse_exit_status_wins_in_the_order_of_the_contract),
        cmocka_unit_test_setup_teardown(a_file_is_replaced_whole_or_not_at_all, make_folder,
                                        drop_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_says_why, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(configuration_is_looked_for_in_order, make_folder,
                                        drop_folder),
        cmocka_unit_test_setup_teardown(the_state_folder_is_made_for_its_owner_alone, make_folder,
                                        drop_folder),
        cmocka_unit_test_setup_teardown(starts_go_forward_or_it_is_told, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(a_device_that_counts_nothing_has_nothing_to_go_back,
                                        make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(memory_that_is_damaged_or_missing_is_not_a_first_time,
                                        make_folder, drop_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
