/* What a file holds: archives and dumps, walked in bounds and without a gap. */
#include "boards/bench/inspect/contents.h"
#include "tests/unit/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 64 * 1024, PARTS = 16, BLOCK = 512 };

static struct measure m;
static uint8_t file[FILE_MAX];
static size_t file_len;

/* A walk that was taken to its end. */
static struct walk {
    struct content part[PARTS];
    size_t count;
    bool split;
} walk;

static void walk_over(size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    struct sek_memory_source source;
    struct contents contents;

    assert_non_null(exact);
    memcpy(exact, file, len);
    source = sek_memory_source_make(exact, len);
    contents = contents_whole(&source.base);
    memset(&walk, 0, sizeof walk);
    assert_int_equal(sek_image_open(&m.image, &source.base, NULL, NULL, 0, &m.memory), SEK_OK);
    walk.split = contents_split(&contents, &m.image);
    while (walk.count < PARTS && contents_next(&contents, &walk.part[walk.count])) {
        const struct content *part = &walk.part[walk.count++];

        assert_true(part->offset <= len && part->size <= len - part->offset);
        assert_true(strlen(part->name) <= SEK_NAME_MAX - 20);
        if (part->open_end)
            contents_end(&contents, part, part->size < 256 ? part->size : 256);
    }
    assert_true(walk.count < PARTS);
    free(exact);
}

static void put(size_t at, const void *bytes, size_t len)
{
    assert_true(at + len <= sizeof file);
    memcpy(file + at, bytes, len);
    if (at + len > file_len)
        file_len = at + len;
}

static void begin(void)
{
    memset(file, 0, sizeof file);
    file_len = 0;
}

/* ---- tar ---- */

static void put_tar(const char *name, char type, const char *text)
{
    uint8_t header[BLOCK] = {0};
    size_t at = file_len, len = strlen(text);
    unsigned sum = 0;

    memcpy(header, name, strlen(name));
    memcpy(header + 257, "ustar\00000", 8);
    (void)snprintf((char *)header + 124, 12, "%011o", (unsigned)len);
    header[156] = (uint8_t)type;
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += header[i];
    (void)snprintf((char *)header + 148, 8, "%06o", sum);
    header[155] = ' ';
    put(at, header, BLOCK);
    put(at + BLOCK, text, len);
    file_len = at + BLOCK + (len + BLOCK - 1) / BLOCK * BLOCK;
}

static void make_tar(void)
{
    begin();
    put_tar("./", '5', "");
    put_tar("./boot/kernel", '0', "a kernel");
    put_tar("link", '2', "");
    put_tar("x", 'x', "30 mtime=1\n");
    put_tar("../etc/p\033ss wd", '0', "another");
    file_len += 2 * BLOCK;
}

static void an_archive_is_walked_file_by_file(void **state)
{
    (void)state;
    make_tar();
    walk_over(file_len);
    assert_true(walk.split);
    assert_int_equal(walk.count, 3);
    assert_string_equal(walk.part[0].name, "boot/kernel");
    assert_int_equal(walk.part[0].offset, 2 * BLOCK);
    assert_int_equal(walk.part[0].size, 8);
    assert_memory_equal(file + walk.part[1].offset, "another", 7);
    assert_true(walk.part[2].between);
    assert_int_equal(walk.part[2].offset + walk.part[2].size, file_len);
}

static void a_name_from_outside_is_only_shown(void **state)
{
    (void)state;
    make_tar();
    walk_over(file_len);
    assert_string_equal(walk.part[1].name, "../etc/p_ss_wd");
    begin();
    put_tar("a/very/long/path/of/which/only/the/end/can/be/shown/kernel", '0', "1");
    put_tar("//", '0', "1");
    walk_over(file_len);
    assert_string_equal(walk.part[0].name, "f/which/only/the/end/can/be/shown/kernel");
    assert_string_equal(walk.part[1].name, "file");
}

static void what_is_hidden_in_an_archive_is_told(void **state)
{
    (void)state;
    make_tar();
    file[2 * BLOCK + 8] = 'x'; /* behind a file */
    walk_over(file_len);
    assert_int_equal(walk.part[0].fault.status, SEK_ERR_MALFORMED);
    assert_int_equal(walk.part[0].fault.offset, 2 * BLOCK + 8);
    assert_int_equal(walk.count, 1);
    make_tar();
    file[3 * BLOCK + 3] ^= 1; /* a header that its sum does not fit */
    walk_over(file_len);
    assert_int_equal(walk.count, 2);
    assert_int_equal(walk.part[1].fault.status, SEK_ERR_MALFORMED);
    make_tar();
    put(file_len, "hidden", 6);
    walk_over(file_len);
    assert_int_equal(walk.count, 3);
    assert_true(walk.part[2].between);
}

static void a_cut_archive_is_broken(void **state)
{
    size_t end;

    (void)state;
    make_tar();
    end = file_len - 2 * BLOCK;
    for (size_t len = 2 * BLOCK; len < end; len++) {
        walk_over(len);
        assert_true(walk.split);
        assert_true(len % BLOCK == 0 || walk.part[walk.count - 1].fault.status != SEK_OK);
    }
}

/* ---- cpio ---- */

static void put_cpio(const char *name, unsigned mode, const char *text)
{
    char header[111];
    size_t at = file_len;

    (void)snprintf(header, sizeof header,
                   "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u, mode, 0u, 0u,
                   1u, 0u, (unsigned)strlen(text), 0u, 0u, 0u, 0u, (unsigned)strlen(name) + 1, 0u);
    put(at, header, 110);
    put(at + 110, name, strlen(name) + 1);
    at = (file_len + 3) & ~(size_t)3;
    put(at, text, strlen(text));
    file_len = (file_len + 3) & ~(size_t)3;
    if (file_len < at)
        file_len = at;
}

static void make_cpio(void)
{
    begin();
    put_cpio("etc", 0040755, "");
    put_cpio("etc/kernel", 0100644, "a kernel!");
    put_cpio("etc/link", 0120777, "kernel");
    put_cpio("TRAILER!!!", 0, "");
    file_len = 1024;
}

static void a_cpio_is_walked_file_by_file(void **state)
{
    (void)state;
    make_cpio();
    walk_over(file_len);
    assert_true(walk.split);
    assert_int_equal(walk.count, 2);
    assert_string_equal(walk.part[0].name, "etc/kernel");
    assert_memory_equal(file + walk.part[0].offset, "a kernel!", 9);
    assert_int_equal(walk.part[0].size, 9);
    assert_true(walk.part[1].between);
    for (size_t len = 110; len < 500; len++) {
        walk_over(len);
        assert_true(walk.split);
        assert_true(walk.count <= 2);
    }
    make_cpio();
    file[6 + 11 * 8] = 'f'; /* a name of 268 million characters */
    walk_over(file_len);
    assert_int_equal(walk.part[0].fault.status, SEK_ERR_MALFORMED);
}

/* ---- Dumps ---- */

static const uint8_t uimage[] = {0x27, 0x05, 0x19, 0x56}, fit[] = {0xd0, 0x0d, 0xfe, 0xed};

static void a_dump_is_walked_without_a_gap(void **state)
{
    uint64_t at = 0;

    (void)state;
    begin();
    put(100, "boot code", 9);
    put(4096, uimage, sizeof uimage);
    put(3 * 4096, fit, sizeof fit);
    put(5 * 4096 + 8, uimage, sizeof uimage); /* not where an erase block begins */
    file_len = 6 * 4096 + 10;
    walk_over(file_len);
    assert_true(walk.split);
    assert_int_equal(walk.count, 5);
    for (size_t i = 0; i < walk.count; i++) {
        assert_int_equal(walk.part[i].offset, at);
        assert_true(walk.part[i].between == (i % 2 == 0));
        at += walk.part[i].open_end ? 256 : walk.part[i].size;
    }
    assert_int_equal(at, file_len);
    assert_string_equal(walk.part[0].name, "0x00000000..0x00000fff");
    assert_string_equal(walk.part[1].name, "0x00001000");
    assert_string_equal(walk.part[1].format, "uimage");
    assert_string_equal(walk.part[3].format, "fit");
}

static void what_holds_nothing_stands_for_itself(void **state)
{
    static const char *const texts[] = {"", "x", "no format that anybody knows"};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(texts); i++) {
        begin();
        put(0, texts[i], strlen(texts[i]));
        walk_over(file_len);
        assert_false(walk.split);
        assert_int_equal(walk.count, 1);
        assert_int_equal(walk.part[0].size, file_len);
        assert_string_equal(walk.part[0].name, "");
    }
    begin();
    put(0, uimage, sizeof uimage); /* malformed: nothing behind it is looked for */
    put(4096, uimage, sizeof uimage);
    walk_over(file_len);
    assert_false(walk.split);
}

static int set_up(void **state)
{
    (void)state;
    measure_init(&m);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    measure_free(&m);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_is_walked_file_by_file),
        cmocka_unit_test(a_name_from_outside_is_only_shown),
        cmocka_unit_test(what_is_hidden_in_an_archive_is_told),
        cmocka_unit_test(a_cut_archive_is_broken),
        cmocka_unit_test(a_cpio_is_walked_file_by_file),
        cmocka_unit_test(a_dump_is_walked_without_a_gap),
        cmocka_unit_test(what_holds_nothing_stands_for_itself),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
