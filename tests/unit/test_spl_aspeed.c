/* SPL images with ASPEED's secure-boot header, signed by OpenSSL in every way that the boot ROM
 * knows, and the attacks on them. */
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "tests/unit/spl_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 3 };

static struct fit_key key[KEYS];
static struct judge judge;
static struct spl sample[SPL_WAYS];

static const struct sek_row *judge_spl(const struct spl *spl, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    const struct sek_row *row;

    assert_non_null(exact);
    memcpy(exact, spl->data, len);
    judge_bytes(&judge, exact, len);
    free(exact);
    row = judge_row(&judge, "file/spl");
    return row ? row : judge_row(&judge, "file");
}

static void every_way_of_signing_is_approved(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPL_WAYS; i++) {
        const struct sek_row *row = judge_spl(&sample[i], SPL_SIZE);

        if (row->verdict != SEK_VERDICT_APPROVED || judge.outcome != SEK_OUTCOME_ACCEPT)
            fail_msg("%s: rule %x, %s", spl_ways[i].name, (unsigned)row->rule,
                     row->fault.why ? row->fault.why : "");
        assert_int_equal(row->component_class, SEK_CLASS_BOOT);
        assert_int_equal(row->size, SPL_SIGNED);
        assert_int_equal(judge.measure.image.pass.bytes_read, SPL_SIZE);
    }
}

static void no_bit_can_be_flipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPL_WAYS; i++) {
        struct spl *spl = &sample[i];
        size_t step = spl_ways[i].way == OPENSSL_ECDSA ? 13 : 3;

        for (size_t bit = 0; bit < 8 * SPL_SIZE; bit += step) {
            spl->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)judge_spl(spl, SPL_SIZE);
            spl->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (judge_approved(&judge) != 0)
                fail_msg("%s: approved with bit %zu flipped", spl_ways[i].name, bit);
        }
    }
}

/* Zeros behind a short signature are padding: without them it is the same. */
static void no_image_that_is_cut_into_is_approved(void **state)
{
    (void)state;
    for (size_t len = 0; len < SPL_SIGNED + 256; len++) {
        (void)judge_spl(&sample[0], len);
        assert_int_equal(judge_approved(&judge), 0);
    }
    assert_int_equal(judge_spl(&sample[0], SPL_SIGNED + 256)->verdict, SEK_VERDICT_APPROVED);
}

static void a_format_without_a_magic_is_not_guessed(void **state)
{
    (void)state;
    judge.format = NULL;
    assert_string_equal(judge_spl(&sample[0], SPL_SIZE)->format, "raw");
    judge.format = "spl-ast2600";
}

static void a01_a_length_or_place_that_cannot_be_is_malformed(void **state)
{
    static const struct {
        const char *name;
        size_t word;
        uint32_t value;
        enum sek_status status;
    } rows[] = {
        {"not whole blocks", 2, SPL_SIGNED - 8, SEK_ERR_MALFORMED},
        {"nothing is signed", 2, 0, SEK_ERR_MALFORMED},
        {"more than a boot ROM takes", 2, 64 * 1024, SEK_ERR_MALFORMED},
        {"more than there is", 2, 2048, SEK_ERR_TRUNCATED},
        {"the signature inside what is signed", 3, SPL_SIGNED - 32, SEK_ERR_MALFORMED},
        {"the signature outside", 3, SPL_SIZE, SEK_ERR_TRUNCATED},
        {"the signature far outside", 3, 0xfffffe00, SEK_ERR_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct spl spl = sample[0];

        spl_set(&spl, rows[i].word, rows[i].value);
        if (rows[i].value == 2048)
            spl_set(&spl, 3, 2048);
        (void)judge_spl(&spl, SPL_SIZE);
        if (judge.measure.image.claims.fault.status != rows[i].status)
            fail_msg("%s: %s", rows[i].name,
                     sek_status_text(judge.measure.image.claims.fault.status));
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static void a01_code_behind_the_signed_bytes_is_reported(void **state)
{
    struct spl spl = sample[0];

    (void)state;
    memset(spl.data + SPL_SIZE, 0xea, 64);
    assert_int_equal(judge_spl(&spl, SPL_SIZE + 64)->verdict, SEK_VERDICT_APPROVED);
    assert_int_equal(judge_row(&judge, "file")->rule, SEK_RULE(SIG, 12));
    assert_int_equal(judge.outcome, SEK_OUTCOME_HOLD);
}

/* What a verifier that only compares the end of the padded block takes. Made with the private key,
 * since with the exponent 65537 it cannot be forged without. */
static void a02_bad_padding_with_the_right_digest_behind_it_does_not_verify(void **state)
{
    struct spl spl;
    uint8_t block[256], digest[SEK_DIGEST_MAX];
    enum sek_status status;

    (void)state;
    spl_begin(&spl);
    status = sek_digest_of(SEK_DIGEST_SHA256, NULL, spl.data, SPL_SIGNED, digest);
    assert_int_equal(status, SEK_OK);
    memset(block, 0x5a, sizeof block);
    block[0] = 0;
    memcpy(block + sizeof block - 32, digest, 32);
    assert_int_equal(
        openssl_sign("rsa2048", OPENSSL_RSA_RAW, block, sizeof block, spl.data + SPL_SIGNED), 256);
    assert_int_equal(judge_spl(&spl, SPL_SIZE)->rule, SEK_RULE(SIG, 5));
    /* The control: the same call with the padding as it has to be. */
    memset(block + 1, 0xff, sizeof block - 34);
    block[1] = 1;
    block[sizeof block - 33] = 0;
    (void)openssl_sign("rsa2048", OPENSSL_RSA_RAW, block, sizeof block, spl.data + SPL_SIGNED);
    assert_int_equal(judge_spl(&spl, SPL_SIZE)->verdict, SEK_VERDICT_APPROVED);
}

static void another_key_is_unknown_and_encrypted_code_unsupported(void **state)
{
    static const struct spl_way other = {"", "rsa2048-other", OPENSSL_PKCS1_BARE, false,
                                         SEK_DIGEST_SHA256};
    struct spl spl;

    (void)state;
    spl_begin(&spl);
    spl_sign(&spl, &other);
    assert_int_equal(judge_spl(&spl, SPL_SIZE)->rule, SEK_RULE(SIG, 5));
    spl_begin(&spl);
    spl_set(&spl, 1, 0x200);
    spl_sign(&spl, &spl_ways[0]);
    assert_int_equal(judge_spl(&spl, SPL_SIZE)->rule, SEK_RULE(FMT, 2));
    spl_begin(&spl); /* no signature at all */
    assert_int_not_equal(judge_spl(&spl, SPL_SIZE)->verdict, SEK_VERDICT_APPROVED);
}

static int set_up(void **state)
{
    static const char *const names[KEYS] = {"rsa2048", "rsa3072", "p384"};
    struct judge_supplier supplier[KEYS];

    (void)state;
    openssl_keys();
    for (size_t i = 0; i < KEYS; i++)
        openssl_key_load(&key[i], names[i]);
    supplier[0] =
        (struct judge_supplier){"a", &key[0], "sha256", "pkcs-1.5", NULL, "\"boot\"", "", ""};
    supplier[1] = (struct judge_supplier){"b", &key[1], "sha384", "pss", NULL, "\"boot\"", "", ""};
    supplier[2] = (struct judge_supplier){"c", &key[2], "sha384", NULL, NULL, "\"boot\"", "", ""};
    for (size_t i = 0; i < SPL_WAYS; i++) {
        spl_begin(&sample[i]);
        spl_sign(&sample[i], &spl_ways[i]);
        test_keep_seed("spl_aspeed", spl_ways[i].name, sample[i].data, SPL_SIZE);
    }
    judge_init(&judge, supplier, KEYS, "");
    judge.format = "spl-ast2600";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_free(&judge);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_of_signing_is_approved),
        cmocka_unit_test(no_bit_can_be_flipped),
        cmocka_unit_test(no_image_that_is_cut_into_is_approved),
        cmocka_unit_test(a_format_without_a_magic_is_not_guessed),
        cmocka_unit_test(a01_a_length_or_place_that_cannot_be_is_malformed),
        cmocka_unit_test(a01_code_behind_the_signed_bytes_is_reported),
        cmocka_unit_test(a02_bad_padding_with_the_right_digest_behind_it_does_not_verify),
        cmocka_unit_test(another_key_is_unknown_and_encrypted_code_unsupported),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
