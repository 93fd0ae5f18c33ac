#include "crypto/pss.h"

#include "base/bytes.h"

#include <string.h>

enum {
    WORD_BITS = 32,
    WORDS_MAX = SEK_RSA_BITS_MAX / WORD_BITS,
    EM_MAX = SEK_RSA_BITS_MAX / 8, /* bytes */
    COUNTER_LEN = 4,               /* of MGF1: RFC 8017, B.2.1 */
};

/* A modulus with what Montgomery multiplication needs; everything here is public. Words are least
 * significant first. */
struct modulus {
    uint32_t n[WORDS_MAX];
    size_t words;
    uint32_t inverse; /* -1 / n[0] modulo 2^32 */
};

static void load(uint32_t *out, size_t words, struct sek_bytes in)
{
    memset(out, 0, words * sizeof *out);
    for (size_t i = 0; i < in.len; i++)
        out[i / 4] |= (uint32_t)in.data[in.len - 1 - i] << 8 * (i % 4);
}

/* a -= n; returns the borrow. */
static uint32_t subtract(uint32_t *a, const struct modulus *m)
{
    uint32_t borrow = 0;

    for (size_t i = 0; i < m->words; i++) {
        uint64_t difference = (uint64_t)a[i] - m->n[i] - borrow;

        a[i] = (uint32_t)difference;
        borrow = (uint32_t)(difference >> 63);
    }
    return borrow;
}

static bool at_least_modulus(const uint32_t *a, const struct modulus *m)
{
    for (size_t i = m->words; i-- > 0;)
        if (a[i] != m->n[i])
            return a[i] > m->n[i];
    return true;
}

/* a with a carry above it, below 2n, is brought below n. */
static void reduce(uint32_t *a, uint32_t carry, const struct modulus *m)
{
    if (carry || at_least_modulus(a, m))
        (void)subtract(a, m);
}

/* a = 2a modulo n */
static void twice(uint32_t *a, const struct modulus *m)
{
    uint32_t carry = 0;

    for (size_t i = 0; i < m->words; i++) {
        uint32_t top = a[i] >> (WORD_BITS - 1);

        a[i] = a[i] << 1 | carry;
        carry = top;
    }
    reduce(a, carry, m);
}

/* out = a * b / 2^(32 * words) modulo n; out may be a or b. Handbook of Applied Cryptography,
 * 14.36. */
static void multiply(uint32_t *out, const uint32_t *a, const uint32_t *b, const struct modulus *m)
{
    uint32_t t[WORDS_MAX + 1] = {0};

    for (size_t i = 0; i < m->words; i++) {
        uint32_t factor = (t[0] + a[i] * b[0]) * m->inverse;
        uint64_t ab = (uint64_t)a[i] * b[0] + t[0];
        uint64_t fn = (uint64_t)factor * m->n[0] + (uint32_t)ab;

        for (size_t j = 1; j < m->words; j++) {
            ab = (uint64_t)a[i] * b[j] + t[j] + (ab >> WORD_BITS);
            fn = (uint64_t)factor * m->n[j] + (uint32_t)ab + (fn >> WORD_BITS);
            t[j - 1] = (uint32_t)fn;
        }
        ab = (uint64_t)t[m->words] + (ab >> WORD_BITS) + (fn >> WORD_BITS);
        t[m->words - 1] = (uint32_t)ab;
        t[m->words] = (uint32_t)(ab >> WORD_BITS);
    }
    reduce(t, t[m->words], m);
    memcpy(out, t, m->words * sizeof *out);
}

static void prepare(struct modulus *m, struct sek_bytes n)
{
    uint32_t inverse = 1;

    m->words = (n.len + 3) / 4;
    load(m->n, m->words, n);
    for (int bits = 1; bits < WORD_BITS; bits *= 2) /* Newton: each step doubles the right bits */
        inverse *= 2 - m->n[0] * inverse;
    m->inverse = 0 - inverse;
}

/* em = signature ^ e modulo n, as long as n: RSAVP1 and I2OSP, RFC 8017, 5.2.2 and 4.1. */
static void recover(const struct sek_spki *key, struct sek_bytes signature, uint8_t *em)
{
    struct modulus m;
    uint32_t base[WORDS_MAX], power[WORDS_MAX] = {1};

    prepare(&m, key->modulus);
    for (size_t i = 0; i < 2 * WORD_BITS * m.words; i++) /* 2^(64 * words): into the domain */
        twice(power, &m);
    load(base, m.words, signature);
    multiply(base, base, power, &m);

    bool started = false;
    for (size_t i = 0; i < 8 * key->exponent.len; i++) {
        bool bit = key->exponent.data[i / 8] >> (7 - i % 8) & 1;

        if (started)
            multiply(power, power, power, &m);
        if (bit && started)
            multiply(power, power, base, &m);
        else if (bit)
            memcpy(power, base, sizeof power);
        started = started || bit;
    }
    memset(base, 0, sizeof base);
    base[0] = 1;
    multiply(power, power, base, &m); /* out of the domain */
    for (size_t i = 0; i < key->modulus.len; i++)
        em[key->modulus.len - 1 - i] = (uint8_t)(power[i / 4] >> 8 * (i % 4));
}

bool sek_pss_salt_is_maximal(const struct sek_spki *key, enum sek_digest_alg hash,
                             struct sek_bytes signature)
{
    size_t len = key->modulus.len, hash_len = sek_digest_len(hash);
    uint8_t em[EM_MAX], seed[SEK_DIGEST_MAX + COUNTER_LEN] = {0}, mask[SEK_DIGEST_MAX];

    if (!key->rsa || !sek_digest_strong(hash) || len > sizeof em || signature.len != len ||
        memcmp(signature.data, key->modulus.data, len) >= 0)
        return false;
    recover(key, signature, em);

    /* EM = maskedDB || H || bc; DB = padding || 01 || salt: the longest salt leaves no padding. The
     * top bit of EM is not part of DB: the modulus fills its bytes. MGF1's counter is 0. */
    memcpy(seed, em + len - 1 - hash_len, hash_len);
    if (sek_digest_of(hash, NULL, seed, hash_len + COUNTER_LEN, mask) != SEK_OK)
        return false;
    return ((em[0] ^ mask[0]) & 0x7f) == 0x01;
}
