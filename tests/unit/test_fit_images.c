/* Whole FITs from bytes to verdicts: payloads, their hashes, and the rows of a report. */
#include "crypto/crypto.h"
#include "tests/unit/fit_verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

static void external(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_make_external(w, 8, 0);
}

static void external_at(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_make_external(w, 4, 0x4000);
}

static void strong_hashes(struct fit_writer *w)
{
    fit_set_text(w, "/images/kernel-1/hash-1:algo", "sha512");
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_set_text(w, "/images/fdt-1/hash-1:algo", "sha384");
    fit_rehash(w, "/images/fdt-1/hash-1");
    fit_sign_well(w);
}

static void second_hash(struct fit_writer *w, const char *algo, bool right)
{
    const struct fit_token *data = &w->token[fit_find(w, "/images/kernel-1:data")];

    fit_at_last(w, "/images/kernel-1");
    fit_hash(w, "hash-2", algo, data->value, right ? data->len : data->len - 1);
}

static void crc_beside(struct fit_writer *w)
{
    second_hash(w, "crc32", true);
    fit_sign_well(w);
}

static void wrong_crc_beside(struct fit_writer *w)
{
    second_hash(w, "crc32", false);
    fit_sign_well(w);
}

static void wrong_sha512_beside(struct fit_writer *w)
{
    second_hash(w, "sha512", false);
    fit_sign_well(w);
}

static void sha1_beside(struct fit_writer *w)
{
    second_hash(w, "sha1", true);
    fit_sign_well(w);
}

static void image_signature(struct fit_writer *w)
{
    fit_add_signature(w, "/images/kernel-1", "signature-1", "sha256", &hakone, NULL, "hakone");
    fit_sign(w, "/images/kernel-1/signature-1", &hakone);
}

static void changed_external_data(struct fit_writer *w)
{
    external(w);
    w->tail[1200 + 100] ^= 1;
}

static void weak_image_hash(struct fit_writer *w)
{
    fit_set_text(w, "/images/kernel-1/hash-1:algo", "crc32");
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_sign_well(w);
}

static void sha1_image_hash(struct fit_writer *w)
{
    fit_set_text(w, "/images/kernel-1/hash-1:algo", "sha1");
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_sign_well(w);
}

static void hash_of_another_length(struct fit_writer *w)
{
    fit_set(w, "/images/kernel-1/hash-1:value", "", 0);
    fit_sign_well(w);
}

static void hash_without_algorithm(struct fit_writer *w)
{
    fit_remove(w, "/images/kernel-1/hash-1:algo");
    fit_sign_well(w);
}

static void five_hashes(struct fit_writer *w)
{
    for (char name[] = "hash-2"; name[5] <= '5'; name[5]++) {
        fit_at_last(w, "/images/kernel-1");
        fit_copy(w, "/images/kernel-1/hash-1", name);
    }
    fit_sign_well(w);
}

static void four_hashes(struct fit_writer *w)
{
    five_hashes(w);
    fit_remove(w, "/images/kernel-1/hash-5");
    fit_remove(w, SIGNATURE);
    fit_sign_well(w);
}

static void ignored_hash(struct fit_writer *w)
{
    fit_set_u32(w, "/images/kernel-1/hash-1:uboot-ignore", 1);
    fit_sign_well(w);
}

static void hash_that_is_not_ignored(struct fit_writer *w)
{
    fit_set_u32(w, "/images/kernel-1/hash-1:uboot-ignore", 0);
    fit_sign_well(w);
}

static void ignored_hash_beside(struct fit_writer *w)
{
    second_hash(w, "sha512", true);
    fit_set_u32(w, "/images/kernel-1/hash-2:uboot-ignore", 1);
    fit_sign_well(w);
}

static void ciphered(struct fit_writer *w)
{
    fit_at_last(w, "/images/kernel-1");
    fit_begin(w, "cipher");
    fit_text(w, "algo", "aes256");
    fit_end(w);
    fit_sign_well(w);
}

static void image_that_nobody_names(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_at_last(w, "/images");
    fit_image(w, "kernel-2", "kernel", "evil", 4, "sha256");
}

static const struct fit_row fit_rows[] = {
    {"payloads behind the tree", 3, {{"/fdt-1", APPROVED, SIG(1)}}, .make = external},
    {"payloads at a position", 3, {{"/fdt-1", APPROVED, SIG(1)}}, .make = external_at},
    {"hashes of SHA-512 and SHA-384", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = strong_hashes},
    {"a CRC beside the hash", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = crc_beside},
    {"a wrong CRC beside the hash", 2, {{KERNEL, TAMPERED, SIG(3)}}, .make = wrong_crc_beside},
    {"a wrong SHA-512 beside the hash",
     2,
     {{KERNEL, TAMPERED, SIG(3)}},
     .make = wrong_sha512_beside},
    {"a SHA-1 that nobody computes beside it",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .make = sha1_beside},
    {"hashes without a signature",
     0,
     {{KERNEL, UNVERIFIED, FMT(4)}, {"/ramdisk-1", UNVERIFIED, FMT(4)}},
     .make = NULL},
    {"hashes without a signature, one wrong",
     0,
     {{KERNEL, UNVERIFIED, FMT(4)}},
     .flip = "/images/kernel-1:data"},
    {"a signature over an image alone",
     0,
     {{KERNEL, UNVERIFIED, SIG(6)}, {"/fdt-1", UNVERIFIED, SIG(6)}},
     .make = image_signature},
    {"a broken signature over an image alone",
     0,
     {{KERNEL, TAMPERED, SIG(4)}, {"/fdt-1", UNVERIFIED, SIG(6)}},
     .make = image_signature,
     .flip = "/images/kernel-1:data"},
    {"a changed byte",
     2,
     {{"/fdt-1", TAMPERED, SIG(3)}, {KERNEL, APPROVED, SIG(1)}},
     .make = fit_sign_well,
     .flip = "/images/fdt-1:data"},
    {"a changed byte behind the tree",
     2,
     {{"/fdt-1", TAMPERED, SIG(3)}, {KERNEL, APPROVED, SIG(1)}},
     .make = changed_external_data},
    {"a payload that is one byte shorter",
     2,
     {{"/fdt-1", TAMPERED, SIG(3)}},
     .make = external,
     .flip = "/images/fdt-1:data-size"},
    {"a CRC for a hash", 2, {{KERNEL, UNVERIFIED, SIG(7)}}, .make = weak_image_hash},
    {"a SHA-1 for a hash", 2, {{KERNEL, UNVERIFIED, SIG(7)}}, .make = sha1_image_hash},
    {"a hash of no bytes", 2, {{KERNEL, UNVERIFIED, FMT(1)}}, .make = hash_of_another_length},
    {"a hash without an algorithm",
     2,
     {{KERNEL, UNVERIFIED, FMT(1)}},
     .make = hash_without_algorithm},
    {"four hashes", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = four_hashes},
    {"five hashes", 2, {{KERNEL, UNVERIFIED, FMT(1)}}, .make = five_hashes},
    {"a hash that the boot loader passes over",
     2,
     {{KERNEL, UNVERIFIED, SIG(6)}},
     .make = ignored_hash},
    {"such a hash, and it is wrong",
     2,
     {{KERNEL, TAMPERED, SIG(3)}},
     .make = ignored_hash,
     .flip = "/images/kernel-1:data"},
    {"a hash that it does not pass over",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .make = hash_that_is_not_ignored},
    {"a hash that it passes over beside another",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .make = ignored_hash_beside},
    {"a ciphered image", 2, {{KERNEL, UNVERIFIED, FMT(2)}}, .make = ciphered},
    {"an image that no configuration names",
     3,
     {{"/kernel-2", UNVERIFIED, SIG(6)}},
     .make = image_that_nobody_names},
};

static void a_good_fit_has_a_row_per_image_and_none_for_its_configuration(void **state)
{
    struct fit_writer w;

    (void)state;
    fit_signed_sample(&w, &hakone, "hakone");
    judge_writer(&judge, &w);
    assert_int_equal(judge.row_count, 4);
    assert_true(judge.row[0].container);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    for (size_t i = 1; i < 4; i++) {
        assert_string_equal(judge.row[i].signer, "hakone");
        assert_true(judge.row[i].has_key);
        assert_int_equal(judge.row[i].expected.alg, SEK_DIGEST_NONE);
        assert_int_equal(judge.row[i].timestamp, 1700000000);
    }
    assert_int_equal(judge_row(&judge, "file/kernel-1")->component_class, SEK_CLASS_KERNEL);
    assert_int_equal(judge_row(&judge, "file/fdt-1")->component_class, SEK_CLASS_KERNEL);
    assert_int_equal(judge_row(&judge, "file/ramdisk-1")->component_class, SEK_CLASS_ROOTFS);
    fit_free(&w);
}

/* Well signed by an approved supplier, with a configuration for a board of one who is excluded. */
static void signed_is_not_yet_permitted(void **state)
{
    static const char boards[][24] = {"fuji,bmc\0acme,bmc", "acme,bmc\0", "fuji,bmc\0fuji,x"};
    const struct judge_supplier supplier = {
        "hakone", &hakone, "sha256", NULL, "hakone", "\"kernel\", \"rootfs\"", "", ""};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(boards); i++) {
        struct fit_writer w;
        struct fit_file file;

        fit_sample(&w, "sha256");
        fit_set(&w, CONF ":compatible", boards[i], i == 1 ? 9 : i == 0 ? 18 : 16);
        fit_sign_well(&w);
        file = fit_write(&w);
        assert_int_equal(judge_without_acme(&supplier, file.data, file.len, "file/kernel-1"),
                         i == 2 ? SEK_VERDICT_APPROVED : SEK_VERDICT_EXCLUDED);
        free(file.data);
        fit_free(&w);
    }
}

static void what_was_signed_is_told_beside_what_was_measured(void **state)
{
    const struct sek_row *row;
    struct fit_writer w;
    uint8_t want[SEK_DIGEST_MAX];

    (void)state;
    fit_signed_sample(&w, &hakone, "hakone");
    memcpy(want, w.token[fit_find(&w, "/images/kernel-1/hash-1:value")].value, 32);
    w.token[fit_find(&w, "/images/kernel-1:data")].value[7] ^= 0x80;
    judge_writer(&judge, &w);
    row = judge_row(&judge, "file/kernel-1");
    assert_int_equal(row->expected.alg, SEK_DIGEST_SHA256);
    assert_memory_equal(row->expected.bytes, want, 32);
    assert_int_equal(row->digest[0].alg, SEK_DIGEST_SHA256);
    assert_memory_not_equal(row->digest[0].bytes, want, 32);
    fit_free(&w);
}

static void bytes_behind_the_container_hold_it_unless_blank(void **state)
{
    static const struct {
        uint8_t byte;
        bool held;
    } rows[] = {{0x00, false}, {0xff, false}, {0x01, true}, {'X', true}};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct fit_writer w;
        struct fit_file file;
        const struct sek_row *row;

        fit_signed_sample(&w, &hakone, "hakone");
        file = fit_write(&w);
        file.data = realloc(file.data, file.len + 100);
        assert_non_null(file.data);
        memset(file.data + file.len, rows[i].byte, 100);
        judge_bytes(&judge, file.data, file.len + 100);
        row = judge_row(&judge, "file");
        assert_int_equal(judge_approved(&judge), 3);
        if (rows[i].held) {
            assert_int_equal(row->rule, SIG(12));
            assert_int_equal(row->fault.offset, file.len);
            assert_int_equal(judge.outcome, SEK_OUTCOME_HOLD);
        } else {
            assert_true(row->container);
            assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
        }
        free(file.data);
        fit_free(&w);
    }
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(a_good_fit_has_a_row_per_image_and_none_for_its_configuration),
        cmocka_unit_test(what_was_signed_is_told_beside_what_was_measured),
        cmocka_unit_test(signed_is_not_yet_permitted),
        cmocka_unit_test(bytes_behind_the_container_hold_it_unless_blank),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, fit_rows, fit_check_verdicts, fit_verdicts_set_up, fit_verdicts_tear_down);
}
