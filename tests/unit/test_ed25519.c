/* Ed25519: the vectors of RFC 8032, what makes a signature or a key unusable, and every flipped
 * bit. Wycheproof's vectors are in test_wycheproof.c. */
#include "crypto/crypto.h"
#include "crypto/ed25519.h"
#include "crypto/verify.h"
#include "tests/unit/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SPKI_HEAD = 12, SPKI_LEN = SPKI_HEAD + SEK_ED25519_KEY_LEN };

/* RFC 8032, 7.1: TEST 1, TEST 2, TEST 3, TEST SHA(abc) */
static const struct vector {
    const char *name, *key, *message, *signature;
} vectors[] = {
    {"an empty message", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"one byte", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"two bytes", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
    {"a digest", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "b"
     "bd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
     "0"
     "303dca179c138ac17ad9bef1177331a704"},
};

struct signed_message {
    uint8_t spki[SPKI_LEN], message[SEK_DIGEST_MAX], signature[SEK_ED25519_LEN];
    size_t message_len;
};

static struct signed_message load(const struct vector *vector)
{
    struct signed_message m;

    from_hex("302a300506032b6570032100", m.spki, sizeof m.spki);
    from_hex(vector->key, m.spki + SPKI_HEAD, SEK_ED25519_KEY_LEN);
    from_hex(vector->signature, m.signature, sizeof m.signature);
    m.message_len = from_hex(vector->message, m.message, sizeof m.message);
    return m;
}

/* The message digested after R and the key, as a pass over a long one does. */
static enum sek_status verify_long(const struct signed_message *m)
{
    static const struct sek_sig_alg alg = {SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256};
    uint8_t prefix[SEK_ED25519_PREFIX_LEN], digest[SEK_DIGEST_MAX];
    struct sek_digest hash;

    sek_ed25519_prefix(m->spki + SPKI_HEAD, m->signature, prefix);
    assert_int_equal(sek_digest_start(&hash, SEK_DIGEST_SHA512, NULL), SEK_OK);
    sek_digest_update(&hash, prefix, sizeof prefix);
    sek_digest_update(&hash, m->message, m->message_len);
    assert_int_equal(sek_digest_finish(&hash, digest), SEK_OK);
    return sek_verify_digest(&alg, (struct sek_bytes){m->spki, sizeof m->spki},
                             (struct sek_bytes){digest, sizeof digest},
                             (struct sek_bytes){m->signature, sizeof m->signature});
}

static enum sek_status verify_short(const struct signed_message *m)
{
    static const struct sek_sig_alg alg = {SEK_SCHEME_ED25519, SEK_DIGEST_SHA512, 256};

    return sek_verify_digest(&alg, (struct sek_bytes){m->spki, sizeof m->spki},
                             (struct sek_bytes){m->message, m->message_len},
                             (struct sek_bytes){m->signature, sizeof m->signature});
}

static void the_vectors_of_rfc_8032_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(vectors); i++) {
        struct signed_message m = load(&vectors[i]);

        if (verify_long(&m) != SEK_OK)
            fail_msg("%s does not verify", vectors[i].name);
        assert_int_equal(verify_short(&m),
                         m.message_len == SEK_DIGEST_MAX ? SEK_OK : SEK_ERR_UNSUPPORTED);
    }
}

static void no_bit_of_message_signature_or_key_can_be_flipped(void **state)
{
    struct signed_message m = load(&vectors[3]);

    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof m.signature; bit++) {
        uint8_t flip = (uint8_t)(1u << bit % 8);

        m.signature[bit / 8] ^= flip;
        assert_int_equal(verify_short(&m), SEK_ERR_SIGNATURE);
        m.signature[bit / 8] ^= flip;
        m.message[bit / 8] ^= flip;
        assert_int_equal(verify_short(&m), SEK_ERR_SIGNATURE);
        assert_int_equal(verify_long(&m), SEK_ERR_SIGNATURE);
        m.message[bit / 8] ^= flip;
    }
    for (size_t bit = 0; bit < 8 * sizeof m.spki; bit++) {
        m.spki[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(verify_short(&m), SEK_OK);
        m.spki[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(verify_short(&m), SEK_OK); /* the control */
}

/* S plus the order of the group solves the same equation. */
static void an_s_that_is_not_below_the_order_does_not_verify(void **state)
{
    struct signed_message m = load(&vectors[3]);
    uint8_t order[32];
    unsigned carry = 0;

    (void)state;
    from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order,
             sizeof order);
    for (size_t i = 0; i < sizeof order; i++) {
        carry += (unsigned)m.signature[32 + i] + order[i];
        m.signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_int_equal(verify_short(&m), SEK_ERR_SIGNATURE);
}

/* The points of order 1, 2, 4 and 8, and encodings of a number that is not below the field's. */
static const char *const bad_points[] = {
    "0100000000000000000000000000000000000000000000000000000000000000", /* 1 */
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2 */
    "0000000000000000000000000000000000000000000000000000000000000000", /* 4 */
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* 8 */
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 1 */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p */
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 6 */
};

static void a_key_or_r_of_small_order_or_not_canonical_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(bad_points); i++) {
        struct signed_message m = load(&vectors[3]);
        struct sek_sig_alg kind;

        from_hex(bad_points[i], m.signature, 32);
        assert_int_equal(verify_short(&m), SEK_ERR_SIGNATURE);
        /* With R the neutral point and S = 0 a key of order 1 would sign everything. */
        memset(m.signature, 0, sizeof m.signature);
        m.signature[0] = 1;
        assert_int_equal(verify_short(&m), SEK_ERR_SIGNATURE);
        from_hex(bad_points[i], m.spki + SPKI_HEAD, SEK_ED25519_KEY_LEN);
        assert_int_equal(verify_short(&m), SEK_ERR_KEY);
        assert_int_equal(sek_key_kind((struct sek_bytes){m.spki, sizeof m.spki}, &kind),
                         SEK_ERR_KEY);
    }
}

static void a_scheme_wants_its_own_hash_length_and_kind_of_key(void **state)
{
    static const struct {
        struct sek_sig_alg alg;
        size_t digest_len, signature_len;
        enum sek_status status;
    } rows[] = {
        {{SEK_SCHEME_ED25519, SEK_DIGEST_SHA512, 256}, 64, 64, SEK_OK},
        {{SEK_SCHEME_ED25519, SEK_DIGEST_SHA512, 0}, 64, 64, SEK_OK},
        {{SEK_SCHEME_ED25519, SEK_DIGEST_SHA256, 256}, 32, 64, SEK_ERR_SIGNATURE},
        {{SEK_SCHEME_ED25519, SEK_DIGEST_CRC32, 256}, 4, 64, SEK_ERR_UNSUPPORTED},
        {{SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA256, 256}, 32, 64, SEK_ERR_UNSUPPORTED},
        {{SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256}, 64, 64, SEK_ERR_SIGNATURE},
        {{SEK_SCHEME_ED25519, SEK_DIGEST_SHA512, 256}, 64, 63, SEK_ERR_SIGNATURE},
        {{SEK_SCHEME_ED25519, SEK_DIGEST_SHA512, 384}, 64, 64, SEK_ERR_KEY},
        {{SEK_SCHEME_ECDSA, SEK_DIGEST_SHA512, 256}, 64, 64, SEK_ERR_KEY},
        {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA512, 0}, 64, 64, SEK_ERR_KEY},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct signed_message m = load(&vectors[3]);
        enum sek_status status =
            sek_verify_digest(&rows[i].alg, (struct sek_bytes){m.spki, sizeof m.spki},
                              (struct sek_bytes){m.message, rows[i].digest_len},
                              (struct sek_bytes){m.signature, rows[i].signature_len});

        if (status != rows[i].status)
            fail_msg("row %zu gives \"%s\"", i, sek_status_text(status));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_8032_verify),
        cmocka_unit_test(no_bit_of_message_signature_or_key_can_be_flipped),
        cmocka_unit_test(an_s_that_is_not_below_the_order_does_not_verify),
        cmocka_unit_test(a_key_or_r_of_small_order_or_not_canonical_is_refused),
        cmocka_unit_test(a_scheme_wants_its_own_hash_length_and_kind_of_key),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
