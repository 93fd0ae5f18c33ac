#include "evidence/release.h"

#include "crypto/crypto.h"
#include "evidence/claims.h"
#include "tests/unit/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test_signer signer;

static int start_group(void **state)
{
    (void)state;
    if (sek_crypto_start(NULL) != SEK_OK)
        return -1;
    test_signer_make(&signer, SEK_COSE_ES256);
    return 0;
}

static int end_group(void **state)
{
    (void)state;
    test_signer_drop(&signer);
    return 0;
}

static size_t write_good(uint8_t buf[SEK_RELEASE_MAX], uint64_t issued_at)
{
    struct sek_release order = {.issued_at = issued_at};
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, SEK_RELEASE_MAX);

    memset(order.ueid, 1, sizeof order.ueid);
    memset(order.device_nonce, 2, sizeof order.device_nonce);
    memset(order.boot_digest, 3, sizeof order.boot_digest);
    sek_release_write(&w, &order, &signer.base);
    assert_int_equal(w.status, SEK_OK);
    return w.len;
}

/* Decodes a copy of exact size. */
static enum sek_status decode(const uint8_t *bytes, size_t len, struct sek_release *out)
{
    uint8_t *exact = malloc(len ? len : 1);
    struct sek_fault fault = {0};
    enum sek_status status;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    status = sek_release_decode(sek_reader_make((struct sek_bytes){exact, len}, &fault), out);
    assert_int_equal(status, fault.status);
    if (status != SEK_OK)
        assert_non_null(fault.why);
    free(exact);
    return status;
}

static void an_order_is_read_as_it_was_written(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    struct sek_release order;
    struct sek_fault fault = {0};

    (void)state;
    for (uint64_t time = 0; time < 2; time++) {
        size_t len = write_good(buf, time);

        assert_int_equal(
            sek_release_decode(sek_reader_make((struct sek_bytes){buf, len}, &fault), &order),
            SEK_OK);
        assert_int_equal(order.issued_at, time);
        assert_int_equal(order.ueid[32], 1);
        assert_int_equal(order.device_nonce[15], 2);
        assert_int_equal(order.boot_digest[31], 3);
        assert_int_equal(sek_cose_verify(&order.envelope, test_signer_spki(&signer)), SEK_OK);
    }
}

/* The claims in their order; leave: this one is not written; put: this one is another; extra: bytes
 * of one that nobody knows. */
enum { UEID, PROFILE, NONCE, DIGEST, CLAIMS };

static size_t write_changed(uint8_t buf[1024], int leave, int put, size_t extra)
{
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, 1024);
    struct sek_cose_mark mark = sek_cose_begin(&w, &signer.base);
    static const uint8_t zero[600];

    sek_cbor_put_map(&w, (size_t)(CLAIMS - (leave < CLAIMS) + (extra > 0)));
    if (leave != UEID) {
        sek_cbor_put_int(&w, SEK_CLAIM_UEID);
        sek_cbor_put_bytes(&w, zero, put == UEID ? 32 : 33);
    }
    if (leave != PROFILE) {
        sek_cbor_put_int(&w, SEK_CLAIM_PROFILE);
        sek_cbor_put_text(&w, put == PROFILE ? SEK_PROFILE_CHALLENGE : SEK_PROFILE_RELEASE);
    }
    if (leave != NONCE) {
        sek_cbor_put_int(&w, SEK_CLAIM_DEVICE_NONCE);
        sek_cbor_put_bytes(&w, zero, put == NONCE ? 17 : 16);
    }
    if (leave != DIGEST) {
        sek_cbor_put_int(&w, SEK_CLAIM_BOOT_DIGEST);
        sek_cbor_put_bytes(&w, zero, put == DIGEST ? 0 : 32);
    }
    if (extra > 0) {
        sek_cbor_put_int(&w, -82090);
        sek_cbor_put_bytes(&w, zero, extra);
    }
    sek_cose_end(&w, &signer.base, mark);
    assert_int_equal(w.status, SEK_OK);
    return w.len;
}

static void what_lacks_a_claim_or_says_more_is_no_order(void **state)
{
    uint8_t buf[1024];
    struct sek_release order;

    (void)state;
    assert_int_equal(decode(buf, write_changed(buf, CLAIMS, CLAIMS, 0), &order), SEK_OK);
    for (int i = UEID; i < CLAIMS; i++) {
        print_message("claim %d\n", i);
        assert_int_equal(decode(buf, write_changed(buf, i, CLAIMS, 0), &order), SEK_ERR_MALFORMED);
        assert_int_equal(decode(buf, write_changed(buf, CLAIMS, i, 0), &order), SEK_ERR_MALFORMED);
    }
    assert_int_equal(decode(buf, write_changed(buf, CLAIMS, CLAIMS, 1), &order), SEK_ERR_MALFORMED);
    assert_int_equal(decode(buf, write_changed(buf, CLAIMS, CLAIMS, 600), &order),
                     SEK_ERR_NO_SPACE);
}

static void every_truncation_is_refused_and_every_bit_is_signed(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len = write_good(buf, 1);
    struct sek_release order;

    (void)state;
    for (size_t part = 0; part < len; part++)
        assert_int_not_equal(decode(buf, part, &order), SEK_OK);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        struct sek_fault fault = {0};
        struct sek_reader r = sek_reader_make((struct sek_bytes){buf, len}, &fault);

        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(sek_release_decode(r, &order) != SEK_OK ||
                    sek_cose_verify(&order.envelope, test_signer_spki(&signer)) != SEK_OK);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_read_as_it_was_written),
        cmocka_unit_test(what_lacks_a_claim_or_says_more_is_no_order),
        cmocka_unit_test(every_truncation_is_refused_and_every_bit_is_signed),
    };

    if (argc == 2) { /* FILE: writes an order there, a seed for the fuzzer */
        uint8_t buf[SEK_RELEASE_MAX];
        FILE *file = start_group(NULL) == 0 ? fopen(argv[1], "wb") : NULL;
        size_t len = file ? write_good(buf, 1) : 0;

        return file && fwrite(buf, 1, len, file) == len && fclose(file) == 0 ? 0 : 1;
    }
    return cmocka_run_group_tests(tests, start_group, end_group);
}
