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

#include "tests/unit/rows.h"

#define CONF      "/configurations/conf-1"
#define SIGNATURE CONF "/signature-1"

static struct measure m;
static struct fit_key key;
static struct fit_paths paths;

/* Both reckonings agree on what is signed; returns how many bytes that is. */
static size_t agree(const struct fit_writer *w)
{
    size_t len;
    uint8_t *bytes;

    measure_writer(&m, w);
    fit_paths_of(w, CONF, &paths);
    bytes = fit_signed_bytes(w, &paths, fit_told_strings(w, SIGNATURE), &len);
    measure_is_digest(&m, bytes, len);
    free(bytes);
    return len;
}

/* ---- Worked examples ---- */

static void example_image(struct fit_writer *w, const char *name, const char *type, size_t len)
{
    uint8_t payload[1200];

    memset(payload, type[0], sizeof payload);
    fit_begin(w, name);
    fit_prop(w, "data", payload, len);
    fit_text(w, "type", type);
    fit_text(w, "arch", "arm");
    if (strcmp(type, "flat_dt") != 0)
        fit_text(w, "os", "linux");
    fit_text(w, "compression", "none");
    if (strcmp(type, "kernel") == 0) {
        fit_u32(w, "load", 0x80008000);
        fit_u32(w, "entry", 0x80008000);
    }
    fit_hash(w, "hash-1", "sha256", payload, len);
    fit_end(w);
}

/* A FIT laid out byte by byte as mkimage 2023.01 does it, with its order of properties and strings;
 * padding NULL: none. */
static void example(struct fit_writer *w, const char *padding, bool sign_images)
{
    static const char *const names[] = {
        "description", "#address-cells", "data", "type",    "arch",
        "os",          "compression",    "load", "entry",   "algo",
        "default",     "kernel",         "fdt",  "ramdisk", "key-name-hint"};

    fit_init(w);
    for (size_t i = 0; i < SEK_LEN(names); i++)
        fit_intern(w, names[i]);
    if (padding)
        fit_intern(w, "padding");
    if (sign_images)
        fit_intern(w, "sign-images");
    fit_begin(w, "");
    fit_u32(w, "timestamp", 1700000000);
    fit_text(w, "description", "fit");
    fit_u32(w, "#address-cells", 1);
    fit_begin(w, "images");
    example_image(w, "kernel-1", "kernel", 1200);
    example_image(w, "fdt-1", "flat_dt", 129);
    example_image(w, "ramdisk-1", "ramdisk", 420);
    fit_end(w);
    fit_begin(w, "configurations");
    fit_text(w, "default", "conf-1");
    fit_begin(w, "conf-1");
    fit_text(w, "kernel", "kernel-1");
    fit_text(w, "fdt", "fdt-1");
    fit_text(w, "ramdisk", "ramdisk-1");
    fit_end(w);
    fit_end(w);
    fit_end(w);
    fit_add_signature(w, CONF, "signature-1", "sha256", &key, padding, "dev");
    if (sign_images)
        fit_set(w, SIGNATURE ":sign-images", "kernel\0fdt\0ramdisk", 19);
    fit_sign(w, SIGNATURE, &key);
}

/* The regions of the example with embedded data: offset and length in the file. */
static void the_example_with_embedded_data_covers_its_seven_regions(void **state)
{
    static const struct {
        size_t offset, len;
    } regions[] = {{0x038, 0x054}, {0x548, 0x0cc}, {0x6a4, 0x09c}, {0x8f0, 0x0b8}, {0x9bc, 0x060}};
    struct fit_writer w;
    struct fit_file file;
    uint8_t bytes[1000];
    size_t len = 0, strings;

    (void)state;
    example(&w, NULL, true);
    assert_int_equal(fit_told_strings(&w, SIGNATURE), 0x8e);
    assert_int_equal(agree(&w), 886);
    file = fit_write(&w);
    for (size_t i = 0; i < SEK_LEN(regions); i++) {
        memcpy(bytes + len, file.data + regions[i].offset, regions[i].len);
        len += regions[i].len;
    }
    strings = sek_get_u32be(file.data + FIT_HEADER_STRINGS);
    memcpy(bytes + len, file.data + strings - 0x14, 0x14 + 0x8e); /* last five tags, strings */
    len += 0x14 + 0x8e;
    assert_int_equal(len, 886);
    measure_is_digest(&m, bytes, len);
    free(file.data);
    fit_free(&w);
}

static void external_data_does_not_change_what_is_signed(void **state)
{
    static const struct {
        size_t align;
        uint32_t position;
    } rows[] = {{4, 0}, {8, 0}, {0x100, 0}, {4, 0x2000}};
    uint8_t digest[SEK_DIGEST_MAX];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct fit_writer w;

        example(&w, NULL, true);
        measure_writer(&m, &w);
        memcpy(digest, m.image.claims.signature[0].digest, sizeof digest);
        fit_make_external(&w, rows[i].align, rows[i].position);
        assert_int_equal(agree(&w), 886);
        assert_memory_equal(m.image.claims.signature[0].digest, digest, 32);
        assert_int_equal(m.image.claims.image[0].size, 1200);
        if (rows[i].position)
            assert_int_equal(m.image.claims.image[0].offset, rows[i].position);
        fit_free(&w);
    }
}

static void a_padding_makes_the_signed_strings_longer(void **state)
{
    struct fit_writer w;

    (void)state;
    example(&w, "pss", true);
    assert_int_equal(agree(&w), 894);
    fit_free(&w);
}

static void leave_out(const char *path)
{
    size_t at = 0;

    while (strcmp(paths.path[at], path) != 0)
        at++;
    paths.count--;
    memmove(&paths.path[at], &paths.path[at + 1], (paths.count - at) * sizeof paths.path[0]);
}

/* Without sign-images the old mkimage signs kernel and device tree only: 698 bytes of 874. */
static void what_an_old_signer_left_out_is_told(void **state)
{
    struct fit_writer w;
    uint8_t *bytes;
    size_t len;

    (void)state;
    example(&w, NULL, false);
    assert_int_equal(agree(&w), 874);
    leave_out("/images/ramdisk-1");
    leave_out("/images/ramdisk-1/hash-1");
    fit_sign_paths(&w, SIGNATURE, &key, &paths);
    measure_writer(&m, &w);
    bytes = fit_signed_bytes(&w, &paths, fit_told_strings(&w, SIGNATURE), &len);
    measure_is_digest(&m, bytes, len);
    assert_true(m.image.claims.signature[0].partial);
    free(bytes);
    fit_free(&w);
    example(&w, NULL, false); /* with as many strings as the first time */
    bytes = fit_signed_bytes(&w, &paths, fit_told_strings(&w, SIGNATURE), &len);
    assert_int_equal(len, 698);
    free(bytes);
    fit_free(&w);
}

/* ---- One token after the other ---- */

/* Whatever is changed, both reckonings find the same bytes signed. */
static void both_agree_on_every_changed_token(void **state)
{
    struct fit_writer w;
    size_t taken = 0, refused = 0, altered = 0;
    uint8_t digest[SEK_DIGEST_MAX];

    (void)state;
    example(&w, NULL, true);
    fit_remove(&w, SIGNATURE ":hashed-nodes");
    measure_writer(&m, &w);
    memcpy(digest, m.image.claims.signature[0].digest, sizeof digest);
    for (size_t i = 0; i < w.count; i++) {
        struct fit_token *token = &w.token[i];
        char *letter = token->name;
        uint8_t *changed = token->len > 0 ? token->value : (uint8_t *)letter;
        struct fit_file file;

        if (token->tag == FDT_END_NODE || !*changed || strncmp(token->name, "hashed-", 7) == 0)
            continue;
        *changed ^= 1;
        file = fit_write(&w);
        measure_bytes(&m, file.data, file.len, NULL);
        if (m.image.claims.fault.status == SEK_OK && fit_has(&w, CONF) &&
            m.image.claims.statement[0].fault.status == SEK_OK &&
            m.image.claims.signature_count == 1 &&
            sek_digest_strong(m.image.claims.signature[0].alg.hash)) {
            (void)agree(&w);
            altered += memcmp(m.image.claims.signature[0].digest, digest, 32) != 0;
            taken++;
        } else {
            refused++;
        }
        *changed ^= 1;
        free(file.data);
    }
    /* Not signed: three payloads, and of the signature its value, its hint and its sign-images. */
    assert_int_equal(taken, altered + 6);
    assert_true(taken > 30 && refused > 5);
    fit_free(&w);
}

static void nops_and_children_and_neighbours_are_reckoned_alike(void **state)
{
    struct fit_writer w;
    size_t before, after;

    (void)state;
    example(&w, NULL, true);
    fit_remove(&w, SIGNATURE ":hashed-nodes");
    before = agree(&w);
    for (size_t i = w.count; i > 1; i--) {
        w.at = i - 1;
        fit_tag(&w, FDT_NOP);
    }
    after = agree(&w);
    assert_true(after > before);
    fit_at_last(&w, "/images/kernel-1");
    fit_begin(&w, "cipher"); /* covered whole */
    fit_text(&w, "algo", "aes256");
    fit_begin(&w, "grandchild"); /* its name is, what is in it is not */
    fit_text(&w, "algo", "aes256");
    fit_begin(&w, "beneath");
    fit_end(&w);
    fit_end(&w);
    fit_end(&w);
    fit_begin(&w, "dm-verity");
    fit_u32(&w, "algo", 5);
    fit_end(&w);
    fit_begin(&w, "hashish"); /* begins like a hash */
    fit_text(&w, "algo", "sha256");
    fit_prop(&w, "value", "0123456789abcdef0123456789abcdef", 32);
    fit_end(&w);
    fit_begin(&w, "other"); /* its name is covered */
    fit_text(&w, "algo", "aes256");
    fit_end(&w);
    assert_true(agree(&w) > after);
    after = agree(&w);
    fit_at_last(&w, "/images");
    fit_copy(&w, "/images/kernel-1", "kernel-2"); /* that nobody names */
    fit_at_last(&w, "/configurations");
    fit_begin(&w, "conf-2");
    fit_text(&w, "kernel", "kernel-1");
    fit_end(&w);
    assert_int_equal(agree(&w), after);
    fit_at_last(&w, "/");
    fit_begin(&w, "signature"); /* a child of the root: its name is covered */
    fit_text(&w, "required", "conf");
    fit_end(&w);
    assert_int_equal(agree(&w), after + 20);
    fit_free(&w);
}

/* ---- Properties that name images ---- */

static const struct names_row {
    const char *name;
    const char *property; /* of the configuration */
    const char *value;
    size_t len;
    unsigned covered; /* bits: kernel-1, fdt-1, ramdisk-1 */
} names_rows[] = {
    {"one image", "kernel", "kernel-1", 9, 1},
    {"a list of two", "loadables", "kernel-1\0ramdisk-1", 19, 5},
    {"a name that the boot loader does not know", "anything", "fdt-1", 6, 2},
    {"one name twice", "loadables", "fdt-1\0fdt-1", 12, 2},
    {"a name that no image has, and one that has", "fdt", "nobody\0fdt-1", 13, 2},
    {"an empty word, then a name", "fdt", "\0fdt-1", 7, 2},
    {"a name, then an empty word", "fdt", "fdt-1\0", 7, 2},
    {"no end, so no list", "fdt", "fdt-1", 5, 0},
    {"no end after a name", "fdt", "fdt-1\0x", 7, 0},
    {"nothing", "fdt", "", 0, 0},
    {"the description", "description", "fdt-1", 6, 0},
    {"compatible", "compatible", "fdt-1", 6, 0},
    {"default", "default", "fdt-1", 6, 0},
    {"a part of a name", "fdt", "fdt", 4, 0},
    {"a name with a unit address", "fdt", "fdt-1@1", 8, 0},
    {"a path", "fdt", "/images/fdt-1", 14, 0},
    {"a path down to a hash", "fdt", "fdt-1/hash-1", 13, 0},
};

static void names_cover_images(void **state)
{
    static const char *const images[] = {"kernel-1", "fdt-1", "ramdisk-1"};
    const struct names_row *row = *state;
    struct fit_writer w;
    char path[64];

    fit_sample(&w, "sha256");
    fit_remove(&w, CONF);
    fit_at_last(&w, "/configurations");
    fit_begin(&w, "conf-1");
    fit_end(&w);
    (void)snprintf(path, sizeof path, CONF ":%s", row->property);
    fit_set(&w, path, row->value, row->len);
    fit_add_signature(&w, CONF, "signature-1", "sha256", &key, NULL, "dev");
    fit_sign(&w, SIGNATURE, &key);
    if (row->covered)
        (void)agree(&w);
    else
        measure_writer(&m, &w);
    assert_int_equal(m.image.claims.statement[0].fault.status,
                     row->covered ? SEK_OK : SEK_ERR_MALFORMED);
    for (size_t i = 0; i < SEK_LEN(images); i++)
        assert_int_equal(measure_image(&m, images[i])->covered_by, row->covered >> i & 1);
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

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(the_example_with_embedded_data_covers_its_seven_regions),
        cmocka_unit_test(external_data_does_not_change_what_is_signed),
        cmocka_unit_test(a_padding_makes_the_signed_strings_longer),
        cmocka_unit_test(what_an_old_signer_left_out_is_told),
        cmocka_unit_test(both_agree_on_every_changed_token),
        cmocka_unit_test(nops_and_children_and_neighbours_are_reckoned_alike),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, names_rows, names_cover_images, set_up, tear_down);
}
