#include "crypto/rsa.h"

#include "base/bytes.h"
#include "hal/word.h"

#include <string.h>

enum {
    WORD_LEN = sizeof(hal_word), /* bytes */
    WORD_BITS = 8 * WORD_LEN,
    WORDS_MAX = SEK_RSA_BITS_MAX / WORD_BITS,
};

/* A modulus with what Montgomery multiplication needs; everything here is public. Words are least
 * significant first. */
struct modulus {
    hal_word n[WORDS_MAX];
    size_t words;
    hal_word inverse; /* -1 / n[0] modulo 2^WORD_BITS */
};

static void load(hal_word *out, size_t words, struct sek_bytes in)
{
    memset(out, 0, words * sizeof *out);
    for (size_t i = 0; i < in.len; i++)
        out[i / WORD_LEN] |= (hal_word)in.data[in.len - 1 - i] << 8 * (i % WORD_LEN);
}

static void subtract(hal_word *a, const struct modulus *m)
{
    hal_word borrow = 0;

    for (size_t i = 0; i < m->words; i++) {
        hal_product difference = (hal_product)a[i] - m->n[i] - borrow;

        a[i] = (hal_word)difference;
        borrow = (hal_word)(difference >> WORD_BITS) & 1;
    }
}

static bool at_least_modulus(const hal_word *a, const struct modulus *m)
{
    for (size_t i = m->words; i-- > 0;)
        if (a[i] != m->n[i])
            return a[i] > m->n[i];
    return true;
}

/* a with a carry above it, below 2n, is brought below n. */
static void reduce(hal_word *a, hal_word carry, const struct modulus *m)
{
    if (carry || at_least_modulus(a, m))
        subtract(a, m);
}

/* a = 2a modulo n */
static void twice(hal_word *a, const struct modulus *m)
{
    hal_word carry = 0;

    for (size_t i = 0; i < m->words; i++) {
        hal_word top = a[i] >> (WORD_BITS - 1);

        a[i] = a[i] << 1 | carry;
        carry = top;
    }
    reduce(a, carry, m);
}

/* out = a * b / R modulo n, where R = 2^(WORD_BITS * words); out may be a or b. Handbook of Applied
 * Cryptography, 14.36: the product grows by a row of a * b while a multiple of n clears its lowest
 * word. */
static void multiply(hal_word *out, const hal_word *a, const hal_word *b, const struct modulus *m)
{
    hal_word t[WORDS_MAX + 1] = {0};

    for (size_t i = 0; i < m->words; i++) {
        hal_word factor = (t[0] + a[i] * b[0]) * m->inverse;
        hal_product ab = (hal_product)a[i] * b[0] + t[0];
        hal_product fn = (hal_product)factor * m->n[0] + (hal_word)ab;

#pragma GCC unroll 4
        for (size_t j = 1; j < m->words; j++) {
            ab = (hal_product)a[i] * b[j] + t[j] + (hal_word)(ab >> WORD_BITS);
            fn = (hal_product)factor * m->n[j] + (hal_word)ab + (hal_word)(fn >> WORD_BITS);
            t[j - 1] = (hal_word)fn;
        }
        ab = (hal_product)t[m->words] + (hal_word)(ab >> WORD_BITS) + (hal_word)(fn >> WORD_BITS);
        t[m->words - 1] = (hal_word)ab;
        t[m->words] = (hal_word)(ab >> WORD_BITS);
    }
    reduce(t, t[m->words], m);
    memcpy(out, t, m->words * sizeof *out);
}

static void prepare(struct modulus *m, struct sek_bytes n)
{
    hal_word inverse = 1;

    m->words = (n.len + WORD_LEN - 1) / WORD_LEN;
    load(m->n, m->words, n);
    for (unsigned bits = 1; bits < WORD_BITS; bits *= 2) /* Newton: a step doubles the right bits */
        inverse *= 2 - m->n[0] * inverse;
    m->inverse = 0 - inverse;
}

/* out = R * R modulo n. We begin with the highest power of two below n, whose top bit is set,
 * double it up to R * 2^words, and then square: each squaring doubles what stands above R. */
static void square_of_r(hal_word *out, size_t bits, const struct modulus *m)
{
    size_t doublings = WORD_BITS * m->words - (bits - 1) + m->words;

    memset(out, 0, m->words * sizeof *out);
    out[(bits - 1) / WORD_BITS] = (hal_word)1 << (bits - 1) % WORD_BITS;
    for (size_t i = 0; i < doublings; i++)
        twice(out, m);
    for (size_t above = 1; above < WORD_BITS; above *= 2)
        multiply(out, out, out, m);
}

void sek_rsa_recover(const struct sek_spki *key, struct sek_bytes signature,
                     uint8_t em[SEK_RSA_LEN_MAX])
{
    struct sek_bytes e = key->exponent;
    struct modulus m;
    hal_word plain[WORDS_MAX], base[WORDS_MAX], power[WORDS_MAX];
    size_t bit = 8 * e.len - 1;

    prepare(&m, key->modulus);
    square_of_r(base, 8 * key->modulus.len, &m);
    load(plain, m.words, signature);
    multiply(base, base, plain, &m); /* signature * R */

    while (!(e.data[0] >> bit % 8))
        bit--;
    memcpy(power, base, sizeof power); /* the exponent's top bit */
    while (bit-- > 0) {
        multiply(power, power, power, &m);
        if (bit == 0) /* e is odd; a factor without its R takes the last R away */
            multiply(power, power, plain, &m);
        else if (e.data[e.len - 1 - bit / 8] >> bit % 8 & 1)
            multiply(power, power, base, &m);
    }
    for (size_t i = 0; i < key->modulus.len; i++)
        em[key->modulus.len - 1 - i] = (uint8_t)(power[i / WORD_LEN] >> 8 * (i % WORD_LEN));
}

/* ---- Encodings of a digest ---- */

enum {
    SEPARATOR = 0x01, /* between the padding and the salt */
    TRAILER = 0xbc,
    M_ZEROS = 8,     /* in front of the digest in M' */
    COUNTER_LEN = 4, /* of MGF1: B.2.1 */
};

/* 00 01 FF ... FF 00 || info || digest: 9.2, 5. */
static enum sek_status is_padded(struct sek_bytes em, struct sek_bytes info,
                                 struct sek_bytes digest)
{
    uint8_t expected[SEK_RSA_LEN_MAX];
    size_t at = em.len - info.len - digest.len;

    memset(expected, 0xff, at);
    expected[0] = 0x00;
    expected[1] = 0x01;
    expected[at - 1] = 0x00;
    if (info.len > 0)
        memcpy(expected + at, info.data, info.len);
    memcpy(expected + at + info.len, digest.data, digest.len);
    return memcmp(em.data, expected, em.len) == 0 ? SEK_OK : SEK_ERR_SIGNATURE;
}

enum sek_status sek_rsa_is_pkcs1(struct sek_bytes em, enum sek_digest_alg hash,
                                 struct sek_bytes digest)
{
    static const uint8_t ids[SEK_DIGEST_COUNT] = {
        [SEK_DIGEST_SHA256] = 1, [SEK_DIGEST_SHA384] = 2, [SEK_DIGEST_SHA512] = 3};
    /* DigestInfo, 9.2 note 1: SEQUENCE { SEQUENCE { 2.16.840.1.101.3.4.2.x, NULL }, OCTET STRING }
     */
    const uint8_t info[] = {0x30,
                            (uint8_t)(17 + digest.len),
                            0x30,
                            0x0d,
                            0x06,
                            0x09,
                            0x60,
                            0x86,
                            0x48,
                            0x01,
                            0x65,
                            0x03,
                            0x04,
                            0x02,
                            ids[hash],
                            0x05,
                            0x00,
                            0x04,
                            (uint8_t)digest.len};

    return is_padded(em, (struct sek_bytes){info, sizeof info}, digest);
}

enum sek_status sek_rsa_is_pkcs1_bare(struct sek_bytes em, struct sek_bytes digest)
{
    return is_padded(em, (struct sek_bytes){0}, digest);
}

/* db ^= MGF1(seed): B.2.1 */
static enum sek_status unmask(uint8_t *db, size_t len, enum sek_digest_alg hash,
                              struct sek_bytes seed)
{
    uint8_t input[SEK_DIGEST_MAX + COUNTER_LEN], mask[SEK_DIGEST_MAX];
    uint32_t counter = 0;

    memcpy(input, seed.data, seed.len);
    for (size_t at = 0; at < len; at += seed.len, counter++) {
        sek_put_u32be(input + seed.len, counter);
        if (sek_digest_of(hash, NULL, input, seed.len + COUNTER_LEN, mask) != SEK_OK)
            return SEK_ERR_CRYPTO;
        for (size_t i = 0; i < seed.len && at + i < len; i++)
            db[at + i] ^= mask[i];
    }
    return SEK_OK;
}

/* The digest of M': 9.1.2, 12. */
static enum sek_status digest_salted(enum sek_digest_alg hash, struct sek_bytes digest,
                                     struct sek_bytes salt, uint8_t out[SEK_DIGEST_MAX])
{
    static const uint8_t zeros[M_ZEROS];
    struct sek_digest d;

    if (sek_digest_start(&d, hash, NULL) != SEK_OK)
        return SEK_ERR_CRYPTO;
    sek_digest_update(&d, zeros, sizeof zeros);
    sek_digest_update(&d, digest.data, digest.len);
    sek_digest_update(&d, salt.data, salt.len);
    return sek_digest_finish(&d, out) == SEK_OK ? SEK_OK : SEK_ERR_CRYPTO;
}

/* want: the length of the salt; SIZE_MAX: that of the digest or the maximum. */
static enum sek_status is_pss(struct sek_bytes em, enum sek_digest_alg hash,
                              struct sek_bytes digest, size_t want)
{
    uint8_t db[SEK_RSA_LEN_MAX], again[SEK_DIGEST_MAX];
    size_t db_len = em.len - digest.len - 1, salt = 0;
    struct sek_bytes h = {em.data + db_len, digest.len};

    /* The modulus fills its bytes, so EM has one bit less than they hold: its top bit is zero. */
    if (em.data[em.len - 1] != TRAILER || em.data[0] & 0x80)
        return SEK_ERR_SIGNATURE;
    memcpy(db, em.data, db_len);
    if (unmask(db, db_len, hash, h) != SEK_OK)
        return SEK_ERR_CRYPTO;
    db[0] &= 0x7f;
    while (salt < db_len && db[salt] == 0)
        salt++;
    if (salt == db_len || db[salt++] != SEPARATOR)
        return SEK_ERR_SIGNATURE;
    if (want == SIZE_MAX ? salt != 1 && db_len - salt != digest.len : db_len - salt != want)
        return SEK_ERR_SIGNATURE;
    if (digest_salted(hash, digest, (struct sek_bytes){db + salt, db_len - salt}, again) != SEK_OK)
        return SEK_ERR_CRYPTO;
    return memcmp(h.data, again, h.len) == 0 ? SEK_OK : SEK_ERR_SIGNATURE;
}

enum sek_status sek_rsa_is_pss(struct sek_bytes em, enum sek_digest_alg hash,
                               struct sek_bytes digest)
{
    return is_pss(em, hash, digest, SIZE_MAX);
}

enum sek_status sek_rsa_is_pss_salted(struct sek_bytes em, enum sek_digest_alg hash,
                                      struct sek_bytes digest, size_t salt_len)
{
    return is_pss(em, hash, digest, salt_len);
}
