/* A challenge has one form; what is no challenge is refused. */
#include "crypto/crypto.h"
#include "evidence/challenge.h"
#include "evidence/claims.h"

#include "tests/unit/hex.h"
#include "tests/unit/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NONCE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static enum sek_status decode(const uint8_t *data, size_t len, struct sek_challenge *out,
                              struct sek_fault *fault)
{
    *fault = (struct sek_fault){.status = SEK_OK};
    return sek_challenge_decode(
        sek_reader_make((struct sek_bytes){.data = data, .len = len}, fault), out);
}

static void test_plain_challenges(void **state)
{
    static const struct {
        const char *name, *hex;
        enum sek_status status;
        uint32_t request;
    } rows[] = {
        {"only a nonce", "a10a5820" NONCE, SEK_OK, 0},
        {"a fresh measurement asked for", "a20a5820" NONCE "3a0001405a02", SEK_OK, 2},
        {"time, profile, device nonce, request",
         "a5061a6b49d2000a5820" NONCE "190109 61 78"
         "3a000140595000112233445566778899aabbccddeeff3a0001405a06",
         SEK_OK, 6},
        {"bits that we do not know", "a20a5820" NONCE "3a0001405a1840", SEK_OK, 64},
        {"a claim that we do not know", "a20a5820" NONCE "0b00", SEK_OK, 0},
        {"no nonce", "a0", SEK_ERR_MALFORMED, 0},
        {"a nonce of 31", "a10a581f0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         SEK_ERR_MALFORMED, 0},
        {"a nonce of 33", "a10a5821" NONCE "20", SEK_ERR_MALFORMED, 0},
        {"two nonces", "a10a825820" NONCE "5820" NONCE, SEK_ERR_MALFORMED, 0},
        {"the nonce as text", "a10a7820" NONCE, SEK_ERR_MALFORMED, 0},
        {"the nonce twice", "a20a5820" NONCE "0a5820" NONCE, SEK_ERR_MALFORMED, 0},
        {"request before nonce", "a23a0001405a020a5820" NONCE, SEK_ERR_MALFORMED, 0},
        {"a device nonce of 15", "a20a5820" NONCE "3a000140594f00112233445566778899aabbccddee",
         SEK_ERR_MALFORMED, 0},
        {"a request of 33 bits", "a20a5820" NONCE "3a0001405a1b0000000100000000", SEK_ERR_MALFORMED,
         0},
        {"a time before 1970", "a206200a5820" NONCE, SEK_ERR_MALFORMED, 0},
        {"a time as a float", "a206f93c000a5820" NONCE, SEK_ERR_MALFORMED, 0},
        {"an array", "815820" NONCE, SEK_ERR_MALFORMED, 0},
        {"bytes behind it", "a10a5820" NONCE "00", SEK_ERR_MALFORMED, 0},
        {"nothing", "", SEK_ERR_TRUNCATED, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t data[160], again[160];
        size_t len = from_hex(rows[i].hex, data, sizeof data);
        struct sek_challenge challenge = {.request = 99};
        struct sek_fault fault;
        enum sek_status status = decode(data, len, &challenge, &fault);

        if (status != rows[i].status)
            fail_msg("%s: %s at %u", rows[i].name, sek_status_text(status), (unsigned)fault.offset);
        assert_int_equal(challenge.request, status == SEK_OK ? rows[i].request : 99);
        if (status != SEK_OK)
            continue;
        assert_false(challenge.is_signed);
        for (size_t n = 0; n < SEK_NONCE_LEN; n++)
            assert_int_equal(challenge.nonce[n], n);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1);

            memcpy(exact, data, cut);
            assert_int_equal(decode(exact, cut, &challenge, &fault), SEK_ERR_TRUNCATED);
            free(exact);
        }
        if (i != 4) { /* what we do not know is not written back */
            struct sek_cbor_writer w = sek_cbor_writer_make(again, sizeof again);

            sek_challenge_write(&w, &challenge, NULL);
            assert_int_equal(w.status, SEK_OK);
            assert_int_equal(w.len, len);
            assert_memory_equal(again, data, len);
        }
    }
}

static void test_signed_challenges(void **state)
{
    struct sek_challenge challenge = {.time = 1795000000, .has_device_nonce = true, .request = 2};
    struct sek_challenge read = {.request = 0};
    struct test_signer signer;
    uint8_t buf[SEK_CHALLENGE_MAX + 1] = {0};
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, sizeof buf);
    struct sek_cose_mark mark;
    struct sek_fault fault;

    (void)state;
    test_signer_make(&signer, SEK_COSE_ES256);
    memset(challenge.nonce, 0x5a, sizeof challenge.nonce);
    sek_challenge_write(&w, &challenge, &signer.base);
    assert_int_equal(w.status, SEK_OK);
    assert_int_equal(decode(buf, w.len, &read, &fault), SEK_OK);
    assert_true(read.is_signed);
    assert_memory_equal(read.nonce, challenge.nonce, SEK_NONCE_LEN);
    assert_int_equal(read.time, 1795000000);
    assert_int_equal(sek_cose_verify(&read.envelope, test_signer_spki(&signer)), SEK_OK);
    for (size_t bit = 0; bit < 8 * w.len; bit += 3) {
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(decode(buf, w.len, &read, &fault) != SEK_OK || !read.is_signed ||
                    sek_cose_verify(&read.envelope, test_signer_spki(&signer)) != SEK_OK);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    /* the same key, but no challenge */
    w = sek_cbor_writer_make(buf, sizeof buf);
    mark = sek_cose_begin(&w, &signer.base);
    challenge.profile = (struct sek_bytes){.data = (const uint8_t *)SEK_PROFILE_EVIDENCE,
                                           .len = sizeof SEK_PROFILE_EVIDENCE - 1};
    sek_challenge_write(&w, &challenge, NULL);
    sek_cose_end(&w, &signer.base, mark);
    assert_int_equal(w.status, SEK_OK);
    assert_int_equal(decode(buf, w.len, &read, &fault), SEK_ERR_MALFORMED);
    assert_string_equal(fault.why, "a signed challenge of another profile");
    assert_int_equal(decode(buf, sizeof buf, &read, &fault), SEK_ERR_NO_SPACE);
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
        cmocka_unit_test(test_plain_challenges),
        cmocka_unit_test(test_signed_challenges),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
