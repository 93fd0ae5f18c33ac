/* COSE_Sign1: ours verify, everybody's digest agrees, anything else is refused. */
#include "crypto/crypto.h"
#include "evidence/cose.h"

#include "tests/unit/hex.h"
#include "tests/unit/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sek_bytes bytes(const void *data, size_t len)
{
    return (struct sek_bytes){.data = data, .len = len};
}

static size_t make(struct test_signer *signer, uint8_t *buf, size_t cap, enum sek_status *status)
{
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, cap);
    struct sek_cose_mark mark = sek_cose_begin(&w, &signer->base);

    sek_cbor_put_map(&w, 1);
    sek_cbor_put_uint(&w, 1);
    sek_cbor_put_text(&w, "payload");
    sek_cose_end(&w, &signer->base, mark);
    *status = w.status;
    return w.len;
}

static enum sek_status open(const uint8_t *data, size_t len, struct sek_cose *out,
                            struct sek_fault *fault)
{
    *fault = (struct sek_fault){.status = SEK_OK};
    return sek_cose_open(sek_reader_make(bytes(data, len), fault), out);
}

static enum sek_status verify(const uint8_t *data, size_t len, const struct test_signer *signer)
{
    struct sek_fault fault;
    struct sek_cose token;
    enum sek_status status = open(data, len, &token, &fault);

    return status == SEK_OK ? sek_cose_verify(&token, test_signer_spki(signer)) : status;
}

static void test_no_bit_of_a_token_changes_unnoticed(void **state)
{
    static const enum sek_cose_alg algs[] = {SEK_COSE_ES256, SEK_COSE_ES384};

    (void)state;
    for (size_t a = 0; a < SEK_LEN(algs); a++) {
        struct test_signer signer, other;
        uint8_t buf[256];
        enum sek_status status;
        size_t len;

        test_signer_make(&signer, algs[a]);
        test_signer_make(&other, algs[a]);
        len = make(&signer, buf, sizeof buf, &status);
        assert_int_equal(status, SEK_OK);
        assert_int_equal(verify(buf, len, &signer), SEK_OK);
        assert_int_equal(verify(buf, len, &other), SEK_ERR_KEY);
        memcpy(other.base.kid, signer.base.kid, sizeof other.base.kid);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_not_equal(verify(buf, len, &signer), SEK_OK);
            buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1);

            memcpy(exact, buf, cut);
            assert_int_equal(verify(exact, cut, &signer), SEK_ERR_TRUNCATED);
            free(exact);
        }
        test_signer_drop(&signer);
        test_signer_drop(&other);
    }
}

static void test_refuses_every_other_shape(void **state)
{
    /* kid 0102030405060708, payload a0, a signature of 64 zeroes at S */
    static const struct {
        const char *name, *before;
        enum sek_status status;
        const char *why;
    } rows[] = {
        {"control", "d2 84 4d a201260448 0102030405060708 a0 41a0", SEK_OK, NULL},
        {"no tag", "84 4d a201260448 0102030405060708 a0 41a0", SEK_ERR_MALFORMED, NULL},
        {"tag 17", "d1 84 4d a201260448 0102030405060708 a0 41a0", SEK_ERR_MALFORMED, NULL},
        {"tag 18 in two bytes", "d812 84 4d a201260448 0102030405060708 a0 41a0", SEK_ERR_MALFORMED,
         NULL},
        {"two tags", "d2d2 84 4d a201260448 0102030405060708 a0 41a0", SEK_ERR_MALFORMED, NULL},
        {"kid unprotected", "d2 84 43 a10126 a10448 0102030405060708 41a0", SEK_ERR_MALFORMED,
         "protected header is not {alg, kid}"},
        {"something unprotected", "d2 84 4d a201260448 0102030405060708 a10500 41a0",
         SEK_ERR_MALFORMED, "unprotected header is not empty"},
        {"alg unprotected", "d2 84 40 a10126 41a0", SEK_ERR_TRUNCATED, NULL},
        {"an empty protected map", "d2 84 41a0 a0 41a0", SEK_ERR_MALFORMED,
         "protected header is not {alg, kid}"},
        {"a third header", "d2 84 4f a30126 0300 0448 0102030405060708 a0 41a0", SEK_ERR_MALFORMED,
         "protected header is not {alg, kid}"},
        {"crit", "d2 84 50 a30126 028101 0448 0102030405060708 a0 41a0", SEK_ERR_MALFORMED,
         "protected header is not {alg, kid}"},
        {"EdDSA", "d2 84 4d a201270448 0102030405060708 a0 41a0", SEK_ERR_UNSUPPORTED, NULL},
        {"ESP256", "d2 84 4d a201280448 0102030405060708 a0 41a0", SEK_ERR_UNSUPPORTED, NULL},
        {"ES384 with a signature of 64", "d2 84 4e a20138220448 0102030405060708 a0 41a0",
         SEK_ERR_MALFORMED, NULL},
        {"a kid of 7 bytes", "d2 84 4c a201260447 01020304050607 a0 41a0", SEK_ERR_MALFORMED, NULL},
        {"headers out of order", "d2 84 4d a20448 0102030405060708 0126 a0 41a0", SEK_ERR_MALFORMED,
         NULL},
        {"payload null", "d2 84 4d a201260448 0102030405060708 a0 f6", SEK_ERR_MALFORMED, NULL},
        {"payload empty", "d2 84 4d a201260448 0102030405060708 a0 40", SEK_ERR_TRUNCATED, NULL},
        {"payload not deterministic", "d2 84 4d a201260448 0102030405060708 a0 42 1800",
         SEK_ERR_MALFORMED, NULL},
        {"five elements", "d2 85 4d a201260448 0102030405060708 a0 41a0 00", SEK_ERR_MALFORMED,
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t data[160];
        size_t len = from_hex(rows[i].before, data, 90);
        struct sek_cose token = {.alg = 0};
        struct sek_fault fault;
        enum sek_status status;

        data[len++] = 0x58;
        data[len++] = 64;
        memset(data + len, 0, 64);
        status = open(data, len + 64, &token, &fault);
        if (status != rows[i].status &&
            !(status != SEK_OK && rows[i].status != SEK_OK && !rows[i].why))
            fail_msg("%s: %s at %u, %s", rows[i].name, sek_status_text(status),
                     (unsigned)fault.offset, fault.why);
        if (rows[i].why)
            assert_string_equal(fault.why, rows[i].why);
        if (status != SEK_OK)
            assert_int_equal(token.alg, 0); /* untouched */
    }
}

/* RFC 8152, C.2.1 (also cose-wg/Examples, RFC8152/Appendix_C_2_1.json): its kid is unprotected, so
 * the shape is refused; what is signed and the signature must agree all the same. */
static void test_agrees_with_rfc_8152_on_what_is_signed(void **state)
{
    static const char key[] = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                              "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"
                              "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e";
    static const char sig[] = "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
                              "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36";
    static const char content[] = "This is the content.";
    static const struct sek_sig_alg es256 = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};
    static const uint8_t header[] = {0xa1, 0x01, 0x26};
    uint8_t spki[128], signature[64], digest[SEK_DIGEST_MAX];
    size_t spki_len = from_hex(key, spki, sizeof spki);

    (void)state;
    from_hex(sig, signature, sizeof signature);
    assert_int_equal(sek_cose_digest(SEK_COSE_ES256, bytes(header, 3), bytes(NULL, 0),
                                     bytes(content, sizeof content - 1), digest),
                     SEK_OK);
    assert_int_equal(
        sek_verify_digest(&es256, bytes(spki, spki_len), bytes(digest, 32), bytes(signature, 64)),
        SEK_OK);
    assert_int_equal(sek_cose_digest(SEK_COSE_ES256, bytes(header, 3), bytes("x", 1),
                                     bytes(content, sizeof content - 1), digest),
                     SEK_OK);
    assert_int_equal(
        sek_verify_digest(&es256, bytes(spki, spki_len), bytes(digest, 32), bytes(signature, 64)),
        SEK_ERR_SIGNATURE);
}

static void test_a_signer_that_fails_makes_no_token(void **state)
{
    struct test_signer signer;
    uint8_t buf[256];
    enum sek_status status;
    size_t len;

    (void)state;
    test_signer_make(&signer, SEK_COSE_ES256);
    signer.fails = SEK_ERR_IO;
    make(&signer, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_ERR_IO);
    signer.fails = SEK_OK;
    signer.does_nothing = 1;
    make(&signer, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_ERR_CRYPTO);
    signer.does_nothing = 0;
    len = make(&signer, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    for (size_t cap = 0; cap < len; cap++) {
        make(&signer, buf, cap, &status);
        assert_int_equal(status, SEK_ERR_NO_SPACE);
    }
    signer.base.alg = (enum sek_cose_alg) - 8;
    make(&signer, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_ERR_UNSUPPORTED);
    test_signer_drop(&signer);
}

static int start(void **state)
{
    (void)state;
    return sek_crypto_start(NULL) == SEK_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_bit_of_a_token_changes_unnoticed),
        cmocka_unit_test(test_refuses_every_other_shape),
        cmocka_unit_test(test_agrees_with_rfc_8152_on_what_is_signed),
        cmocka_unit_test(test_a_signer_that_fails_makes_no_token),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
