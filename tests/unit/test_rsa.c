/* Our RSA arithmetic against that of Mbed TLS, in the words of this machine and in the 32-bit words
 * of a small one; encodings that are nearly right. That real signatures verify: test_verify.c. */
#include "crypto/rsa.h"

#include <mbedtls/bignum.h>

/* The module once more, as a processor without 128-bit products compiles it. */
#undef __SIZEOF_INT128__
#define sek_rsa_recover       narrow_recover
#define sek_rsa_is_pkcs1      narrow_is_pkcs1
#define sek_rsa_is_pkcs1_bare narrow_is_pkcs1_bare
#define sek_rsa_is_pss        narrow_is_pss
#include "crypto/rsa.c"
#undef sek_rsa_recover
#undef sek_rsa_is_pkcs1
#undef sek_rsa_is_pkcs1_bare
#undef sek_rsa_is_pss

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

_Static_assert(sizeof(hal_word) == 4, "the copy in this file is the narrow one");

static uint32_t random_state = 1;

static void fill(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        random_state = random_state * 1664525 + 1013904223; /* any sequence does */
        out[i] = (uint8_t)(random_state >> 24);
    }
}

static void power_of_mbedtls(const struct sek_spki *key, struct sek_bytes signature, uint8_t *em)
{
    mbedtls_mpi n, e, x;

    mbedtls_mpi_init(&n);
    mbedtls_mpi_init(&e);
    mbedtls_mpi_init(&x);
    assert_int_equal(mbedtls_mpi_read_binary(&n, key->modulus.data, key->modulus.len), 0);
    assert_int_equal(mbedtls_mpi_read_binary(&e, key->exponent.data, key->exponent.len), 0);
    assert_int_equal(mbedtls_mpi_read_binary(&x, signature.data, signature.len), 0);
    assert_int_equal(mbedtls_mpi_exp_mod(&x, &x, &e, &n, NULL), 0);
    assert_int_equal(mbedtls_mpi_write_binary(&x, em, key->modulus.len), 0);
    mbedtls_mpi_free(&n);
    mbedtls_mpi_free(&e);
    mbedtls_mpi_free(&x);
}

static void assert_same(const struct sek_spki *key, struct sek_bytes signature)
{
    uint8_t want[SEK_RSA_LEN_MAX], em[SEK_RSA_LEN_MAX];

    power_of_mbedtls(key, signature, want);
    sek_rsa_recover(key, signature, em);
    assert_memory_equal(em, want, key->modulus.len);
    memset(em, 0, sizeof em);
    narrow_recover(key, signature, em);
    assert_memory_equal(em, want, key->modulus.len);
}

/* Every length of modulus that is taken, some of them no multiple of a word. */
static void powers_are_those_of_mbedtls(void **state)
{
    static uint8_t e[] = {0x01, 0x00, 0x01};
    uint8_t n[SEK_RSA_LEN_MAX], s[SEK_RSA_LEN_MAX];

    (void)state;
    for (size_t len = SEK_RSA_BITS_MIN / 8; len <= SEK_RSA_LEN_MAX; len++) {
        const struct sek_spki key = {.rsa = true, .modulus = {n, len}, .exponent = {e, sizeof e}};

        fill(n, len);
        n[0] |= 0x80;
        n[len - 1] |= 1;
        fill(s, len);
        s[0] &= 0x7f;
        assert_same(&key, (struct sek_bytes){s, len});
    }
}

static void powers_at_the_edges_are_those_of_mbedtls(void **state)
{
    static const uint8_t shapes[][2] = {{0x00, 0x80}, {0xff, 0xff}, {0xff, 0x80}, {0x00, 0xff}};
    static const size_t lens[] = {256, 257, 383, 384, 509, 512};
    uint8_t n[SEK_RSA_LEN_MAX], s[SEK_RSA_LEN_MAX], e[SEK_RSA_EXPONENT_MAX];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(shapes) * SEK_LEN(lens); i++) {
        size_t len = lens[i % SEK_LEN(lens)];
        struct sek_spki key = {.rsa = true, .modulus = {n, len}, .exponent = {e, 1 + i}};

        fill(e, sizeof e);
        e[0] |= 1; /* no leading zero */
        e[i] |= 1;
        memset(n, shapes[i / SEK_LEN(lens)][0], len);
        n[0] = shapes[i / SEK_LEN(lens)][1];
        n[len - 1] |= 1;
        memset(s, 0, len); /* 0, 1, n - 1 */
        assert_same(&key, (struct sek_bytes){s, len});
        s[len - 1] = 1;
        assert_same(&key, (struct sek_bytes){s, len});
        memcpy(s, n, len);
        s[len - 1] &= 0xfe;
        assert_same(&key, (struct sek_bytes){s, len});
    }
}

/* ---- Encodings ---- */

static const uint8_t known_digest[SEK_DIGEST_MAX] = {1, 2, 3, 4, 5, 6, 7, 8};

static struct sek_bytes digest_of(enum sek_digest_alg hash)
{
    return (struct sek_bytes){known_digest, sek_digest_len(hash)};
}

static void no_bit_of_a_pkcs1_encoding_may_differ(void **state)
{
    /* SHA-256 of the DigestInfo of RFC 8017, 9.2 note 1, written down once more */
    static const uint8_t info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                   0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    struct sek_bytes digest = digest_of(SEK_DIGEST_SHA256);
    size_t len = 256, at = len - digest.len - sizeof info;
    uint8_t *em = malloc(len);

    (void)state;
    assert_non_null(em);
    memset(em, 0xff, len);
    em[0] = 0;
    em[1] = 1;
    em[at - 1] = 0;
    memcpy(em + at, info, sizeof info);
    memcpy(em + len - digest.len, digest.data, digest.len);
    assert_int_equal(sek_rsa_is_pkcs1((struct sek_bytes){em, len}, SEK_DIGEST_SHA256, digest),
                     SEK_OK);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        em[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(sek_rsa_is_pkcs1((struct sek_bytes){em, len}, SEK_DIGEST_SHA256, digest),
                         SEK_ERR_SIGNATURE);
        em[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(sek_rsa_is_pkcs1((struct sek_bytes){em, len}, SEK_DIGEST_SHA384,
                                      digest_of(SEK_DIGEST_SHA384)),
                     SEK_ERR_SIGNATURE);
    free(em);
}

static void a_bare_digest_has_no_digest_info(void **state)
{
    struct sek_bytes digest = digest_of(SEK_DIGEST_SHA256);
    uint8_t bytes[256];
    struct sek_bytes em = {bytes, sizeof bytes};

    (void)state;
    memset(bytes, 0xff, sizeof bytes);
    bytes[0] = 0;
    bytes[1] = 1;
    bytes[sizeof bytes - digest.len - 1] = 0;
    memcpy(bytes + sizeof bytes - digest.len, digest.data, digest.len);
    assert_int_equal(sek_rsa_is_pkcs1_bare(em, digest), SEK_OK);
    assert_int_equal(sek_rsa_is_pkcs1(em, SEK_DIGEST_SHA256, digest), SEK_ERR_SIGNATURE);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(sek_rsa_is_pkcs1_bare(em, digest), SEK_ERR_SIGNATURE);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* EMSA-PSS of the known digest with a salt of that length, as 9.1.1 makes it. */
static void encode_pss(uint8_t *em, size_t len, enum sek_digest_alg hash, size_t salt_len)
{
    struct sek_bytes digest = digest_of(hash);
    size_t db_len = len - digest.len - 1;
    uint8_t h[SEK_DIGEST_MAX];

    memset(em, 0, len);
    fill(em + db_len - salt_len, salt_len);
    em[db_len - salt_len - 1] = 0x01;
    assert_int_equal(
        digest_salted(hash, digest, (struct sek_bytes){em + db_len - salt_len, salt_len}, h),
        SEK_OK);
    memcpy(em + db_len, h, digest.len);
    assert_int_equal(unmask(em, db_len, hash, (struct sek_bytes){em + db_len, digest.len}), SEK_OK);
    em[0] &= 0x7f;
    em[len - 1] = 0xbc;
}

static void a_pss_salt_is_as_long_as_the_hash_or_maximal(void **state)
{
    static const enum sek_digest_alg hashes[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                                 SEK_DIGEST_SHA512};
    uint8_t em[SEK_RSA_LEN_MAX];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(hashes); i++)
        for (size_t len = 256; len <= sizeof em; len += 128) {
            size_t hash_len = sek_digest_len(hashes[i]), maximal = len - hash_len - 2;

            for (size_t salt = 0; salt <= maximal; salt++) {
                enum sek_status want =
                    salt == hash_len || salt == maximal ? SEK_OK : SEK_ERR_SIGNATURE;

                encode_pss(em, len, hashes[i], salt);
                assert_int_equal(
                    sek_rsa_is_pss((struct sek_bytes){em, len}, hashes[i], digest_of(hashes[i])),
                    want);
            }
        }
}

static void no_bit_of_a_pss_encoding_may_differ(void **state)
{
    size_t len = 256;
    uint8_t *em = malloc(len);

    (void)state;
    assert_non_null(em);
    for (size_t salt = 32; salt <= 222; salt += 190) {
        encode_pss(em, len, SEK_DIGEST_SHA256, salt);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            em[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(sek_rsa_is_pss((struct sek_bytes){em, len}, SEK_DIGEST_SHA256,
                                            digest_of(SEK_DIGEST_SHA256)),
                             SEK_ERR_SIGNATURE);
            em[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_int_equal(sek_rsa_is_pss((struct sek_bytes){em, len}, SEK_DIGEST_SHA256,
                                        digest_of(SEK_DIGEST_SHA256)),
                         SEK_OK);
    }
    free(em);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_are_those_of_mbedtls),
        cmocka_unit_test(powers_at_the_edges_are_those_of_mbedtls),
        cmocka_unit_test(no_bit_of_a_pkcs1_encoding_may_differ),
        cmocka_unit_test(a_bare_digest_has_no_digest_info),
        cmocka_unit_test(a_pss_salt_is_as_long_as_the_hash_or_maximal),
        cmocka_unit_test(no_bit_of_a_pss_encoding_may_differ),
    };

    if (psa_crypto_init() != PSA_SUCCESS)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
