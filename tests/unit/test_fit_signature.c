/* What a configuration's signature covers, held against the reckoning of tests/unit/fit_signer.c.
 */
#include "base/bytes.h"
#include "crypto/crypto.h"
#include "tests/unit/fit_signer.h"
#include "tests/unit/measure.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONF      "/configurations/conf-1"
#define SIGNATURE CONF "/signature-1"

static struct measure m;
static struct fit_key key;
static struct fit_paths paths;

/* ---- Faults of one configuration ---- */

static void set_hashed_strings(struct fit_writer *w, uint32_t first, uint32_t size)
{
    uint8_t value[8];

    sek_put_u32be(value, first);
    sek_put_u32be(value + 4, size);
    fit_set(w, SIGNATURE ":hashed-strings", value, sizeof value);
}

static void no_strings(struct fit_writer *w)
{
    fit_remove(w, SIGNATURE ":hashed-strings");
}

static void short_strings(struct fit_writer *w)
{
    fit_set(w, SIGNATURE ":hashed-strings", "\0\0\0\x8e", 4);
}

static void long_strings(struct fit_writer *w)
{
    fit_set(w, SIGNATURE ":hashed-strings", "\0\0\0\0\0\0\0\x8e\0\0\0", 12);
}

static void strings_of_nothing(struct fit_writer *w)
{
    set_hashed_strings(w, 0, 0);
}

static void strings_elsewhere(struct fit_writer *w)
{
    set_hashed_strings(w, 0x7fffffff, (uint32_t)fit_told_strings(w, SIGNATURE));
}

static void strings_far_out(struct fit_writer *w)
{
    set_hashed_strings(w, 0, 0x7fffffff);
}

static void strings_at_the_limit(struct fit_writer *w)
{
    set_hashed_strings(w, 0, 0xffffffff);
}

static void strings_one_too_many(struct fit_writer *w)
{
    set_hashed_strings(w, 0, (uint32_t)w->strings_len + 1);
}

static void strings_inside_a_word(struct fit_writer *w)
{
    set_hashed_strings(w, 0, (uint32_t)fit_told_strings(w, SIGNATURE) - 1);
}

static void strings_without_a_signed_name(struct fit_writer *w)
{
    set_hashed_strings(w, 0, fit_intern(w, "ramdisk"));
}

static void all_strings(struct fit_writer *w)
{
    set_hashed_strings(w, 0, (uint32_t)w->strings_len);
}

static void no_value(struct fit_writer *w)
{
    fit_remove(w, SIGNATURE ":value");
}

static void empty_value(struct fit_writer *w)
{
    fit_set(w, SIGNATURE ":value", "", 0);
}

static void long_value(struct fit_writer *w)
{
    static const uint8_t value[SEK_SIGNATURE_MAX + 1];

    fit_set(w, SIGNATURE ":value", value, sizeof value);
}

static void longest_value(struct fit_writer *w)
{
    static const uint8_t value[SEK_SIGNATURE_MAX];

    fit_set(w, SIGNATURE ":value", value, sizeof value);
}

static void unknown_property(struct fit_writer *w)
{
    fit_set_text(w, SIGNATURE ":required", "conf");
}

static void known_properties(struct fit_writer *w)
{
    fit_set_text(w, SIGNATURE ":signer-name", "mkimage");
    fit_set_text(w, SIGNATURE ":signer-version", "2023.01");
    fit_set_u32(w, SIGNATURE ":timestamp", 1);
    fit_set_text(w, SIGNATURE ":comment", "as far as it goes");
    fit_set_text(w, SIGNATURE ":sign-images", "kernel");
}

static void escape_in_hint(struct fit_writer *w)
{
    fit_set_text(w, SIGNATURE ":key-name-hint", "\x1b[32m");
}

static void long_hint(struct fit_writer *w)
{
    fit_set_text(w, SIGNATURE ":key-name-hint",
                 "0123456789012345678901234567890123456789012345678901234567890123");
}

static void hint_without_end(struct fit_writer *w)
{
    fit_set(w, SIGNATURE ":key-name-hint", "dev", 3);
}

static void escape_in_comment(struct fit_writer *w)
{
    fit_set_text(w, SIGNATURE ":comment", "\x1b]52;c;\a");
}

static void escape_in_signer(struct fit_writer *w)
{
    fit_set_text(w, SIGNATURE ":signer-name", "mk\nimage");
}

static void no_algorithm(struct fit_writer *w)
{
    fit_remove(w, SIGNATURE ":algo");
}

static void image_without_hash(struct fit_writer *w)
{
    fit_remove(w, "/images/fdt-1/hash-1");
}

static void no_image(struct fit_writer *w)
{
    fit_set_text(w, CONF ":kernel", "k");
    fit_set_text(w, CONF ":fdt", "f");
    fit_set_text(w, CONF ":ramdisk", "r");
}

static void many_words(struct fit_writer *w, size_t count)
{
    static const uint8_t zeros[300]; /* empty words */

    fit_set(w, CONF ":loadables", zeros, count);
    fit_sign(w, SIGNATURE, &key);
}

static void most_words(struct fit_writer *w)
{
    many_words(w, 125); /* kernel, fdt, ramdisk; description is not looked at */
}

static void too_many_words(struct fit_writer *w)
{
    many_words(w, 126);
}

static void add_images(struct fit_writer *w, size_t count)
{
    char list[64 * 8], name[32];
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "more%zu", i);
        fit_at_last(w, "/images");
        fit_image(w, name, "firmware", name, strlen(name), "sha256");
        memcpy(list + len, name, strlen(name) + 1);
        len += strlen(name) + 1;
    }
    fit_set(w, CONF ":loadables", list, len);
    fit_sign(w, SIGNATURE, &key);
}

static void most_images(struct fit_writer *w)
{
    add_images(w, 61);
}

static void too_many_images(struct fit_writer *w)
{
    add_images(w, 62);
}

static const struct fault_row {
    const char *name;
    void (*change)(struct fit_writer *w);
    const char *why;   /* part of it; NULL: no fault */
    const char *where; /* node whose place is told; NULL: not asked */
} fault_rows[] = {
    {"hashed-strings is missing", no_strings, "hashed-strings", SIGNATURE},
    {"hashed-strings of 4 bytes", short_strings, "hashed-strings", SIGNATURE},
    {"hashed-strings of 12 bytes", long_strings, "hashed-strings", SIGNATURE},
    {"no strings are signed", strings_of_nothing, "hashed-strings", SIGNATURE},
    {"signed strings that begin elsewhere", strings_elsewhere, "hashed-strings", SIGNATURE},
    {"signed strings of 2^31-1 bytes", strings_far_out, "hashed-strings", SIGNATURE},
    {"signed strings of 2^32-1 bytes", strings_at_the_limit, "hashed-strings", SIGNATURE},
    {"signed strings that go beyond the strings", strings_one_too_many, "hashed-strings",
     SIGNATURE},
    {"signed strings that end in a word", strings_inside_a_word, "hashed-strings", SIGNATURE},
    {"a signed property's name is not signed", strings_without_a_signed_name, "outside the signed",
     CONF},
    {"all strings are signed", all_strings, NULL, NULL},
    {"no value", no_value, "without value", SIGNATURE},
    {"a value of nothing", empty_value, "without value", SIGNATURE},
    {"a value of 513 bytes", long_value, "without value", SIGNATURE},
    {"a value of 512 bytes", longest_value, NULL, NULL},
    {"a property that a signature has not", unknown_property, "must not have", SIGNATURE},
    {"all properties that a signature has", known_properties, NULL, NULL},
    {"an escape sequence in the hint", escape_in_hint, "must not have", SIGNATURE},
    {"a hint of 64 characters", long_hint, "must not have", SIGNATURE},
    {"a hint without end", hint_without_end, "must not have", SIGNATURE},
    {"an escape sequence in the comment", escape_in_comment, "must not have", SIGNATURE},
    {"a line feed in the signer's name", escape_in_signer, "must not have", SIGNATURE},
    {"no algorithm is weak, not malformed", no_algorithm, NULL, NULL},
    {"an image without a hash", image_without_hash, "has no hash", "/images/fdt-1"},
    {"a configuration that names no image", no_image, "names no image", CONF},
    {"128 words", most_words, NULL, NULL},
    {"129 words", too_many_words, "too many texts", NULL},
    {"64 images", most_images, NULL, NULL},
    {"65 images", too_many_images, "too many images", NULL},
};

static void a_fault_is_that_configurations_alone(void **state)
{
    const struct fault_row *row = *state;
    const struct sek_image_claims *claims = &m.image.claims;
    struct fit_writer w;

    fit_signed_sample(&w, &key, "dev");
    fit_at_last(&w, "/configurations");
    fit_begin(&w, "conf-2");
    fit_text(&w, "kernel", "kernel-1");
    fit_end(&w);
    row->change(&w);
    measure_writer(&m, &w);
    assert_int_equal(claims->statement_count, 2);
    assert_int_equal(claims->statement[1].fault.status, SEK_OK);
    assert_int_equal(claims->statement[0].fault.status, row->why ? SEK_ERR_MALFORMED : SEK_OK);
    if (row->why && !strstr(claims->statement[0].fault.why, row->why))
        fail_msg("\"%s\", not \"%s\"", claims->statement[0].fault.why, row->why);
    if (row->where)
        assert_int_equal(claims->statement[0].fault.offset,
                         fit_place(&w, fit_find(&w, row->where)));
    fit_free(&w);
}

/* ---- The image's own list ---- */

static void write_list(struct fit_writer *w, const struct fit_paths *list)
{
    char bytes[4096];
    size_t len = 0;

    for (size_t i = 0; i < list->count; i++) {
        memcpy(bytes + len, list->path[i], strlen(list->path[i]) + 1);
        len += strlen(list->path[i]) + 1;
    }
    fit_set(w, SIGNATURE ":hashed-nodes", bytes, len);
}

static const struct list_row {
    const char *name;
    size_t replaced; /* which path of the list; beyond it: one more */
    const char *path;
    enum sek_status digest;
} list_rows[] = {
    {"a path that was not derived", 99, "/images", SEK_ERR_SIGNATURE},
    {"a hash below another images", 3, "/images/images/kernel-1/hash-1", SEK_ERR_SIGNATURE},
    {"a path twice", 99, "/images/kernel-1", SEK_ERR_SIGNATURE},
    {"one path for another, which is there twice", 3, "/images/kernel-1", SEK_ERR_SIGNATURE},
    {"another configuration", 1, "/configurations/conf-2", SEK_ERR_SIGNATURE},
    {"a second slash", 2, "//images/kernel-1", SEK_ERR_SIGNATURE},
    {"a slash at the end", 2, "/images/kernel-1/", SEK_ERR_SIGNATURE},
    {"no slash in front", 2, "images/kernel-1", SEK_ERR_SIGNATURE},
    {"a unit address", 2, "/images/kernel-1@1", SEK_ERR_SIGNATURE},
    {"a way up and down again", 2, "/images/../images/kernel-1", SEK_ERR_SIGNATURE},
    {"an empty path", 2, "", SEK_ERR_SIGNATURE},
    {"an empty path more", 99, "", SEK_ERR_SIGNATURE},
    {"the root as nothing", 0, "", SEK_ERR_SIGNATURE},
    {"the list as it was", 0, "/", SEK_OK},
};

static void only_the_derived_list_is_taken(void **state)
{
    const struct list_row *row = *state;
    struct fit_writer w;
    size_t at;

    fit_signed_sample(&w, &key, "dev");
    fit_paths_of(&w, CONF, &paths);
    at = row->replaced < paths.count ? row->replaced : paths.count++;
    strcpy(paths.path[at], row->path);
    write_list(&w, &paths);
    measure_writer(&m, &w);
    assert_int_equal(m.image.claims.signature[0].digest_status, row->digest);
    assert_false(m.image.claims.signature[0].partial);
    fit_free(&w);
}

/* The digest is over these paths. */
static void check_paths(const struct fit_writer *w)
{
    size_t len;
    uint8_t *bytes = fit_signed_bytes(w, &paths, fit_told_strings(w, SIGNATURE), &len);

    measure_is_digest(&m, bytes, len);
    free(bytes);
}

static void the_order_of_the_list_does_not_matter(void **state)
{
    struct fit_writer w;
    char first[FIT_PATH_MAX + 1];

    (void)state;
    fit_signed_sample(&w, &key, "dev");
    for (size_t turn = 1; turn < 8; turn++) {
        fit_paths_of(&w, CONF, &paths);
        strcpy(first, paths.path[turn]);
        strcpy(paths.path[turn], paths.path[0]);
        strcpy(paths.path[0], first);
        write_list(&w, &paths);
        measure_writer(&m, &w);
        check_paths(&w);
        assert_false(m.image.claims.signature[0].partial);
    }
    fit_set(&w, SIGNATURE ":hashed-nodes", "/", 1); /* no end: no list */
    measure_writer(&m, &w);
    assert_int_equal(m.image.claims.signature[0].digest_status, SEK_ERR_SIGNATURE);
    fit_remove(&w, SIGNATURE ":hashed-nodes");
    measure_writer(&m, &w);
    check_paths(&w);
    fit_free(&w);
}

/* Each path left out: the digest is over the rest, and the signature is partial. */
static void a_list_that_leaves_a_node_out_is_partial(void **state)
{
    struct fit_writer w;

    (void)state;
    fit_signed_sample(&w, &key, "dev");
    for (size_t out = 0; out < 8; out++) {
        fit_paths_of(&w, CONF, &paths);
        assert_int_equal(paths.count, 8);
        memmove(&paths.path[out], &paths.path[out + 1], (7 - out) * sizeof paths.path[0]);
        paths.count = 7;
        write_list(&w, &paths);
        measure_writer(&m, &w);
        assert_true(m.image.claims.signature[0].partial);
        check_paths(&w);
    }
    fit_free(&w);
}

static int set_up(void **state)
{
    (void)state;
    measure_init(&m);
    fit_key_make(&key, 256);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fit_key_drop(&key);
    measure_free(&m);
    return 0;
}

#define ADD_ROWS(rows, test)                                                                       \
    for (size_t i = 0; i < SEK_LEN(rows); i++)                                                     \
        tests[count++] = (struct CMUnitTest)                                                       \
        {                                                                                          \
            (rows)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (rows)[i]                      \
        }

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(the_order_of_the_list_does_not_matter),
        cmocka_unit_test(a_list_that_leaves_a_node_out_is_partial),
    };
    static struct CMUnitTest tests[SEK_LEN(fault_rows) + SEK_LEN(list_rows) + SEK_LEN(fixed)];
    size_t count = 0;

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ADD_ROWS(fault_rows, a_fault_is_that_configurations_alone);
    ADD_ROWS(list_rows, only_the_derived_list_is_taken);
    memcpy(tests + count, fixed, sizeof fixed);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
