#include "crypto/spki.h"

#include "crypto/der.h"

#include <string.h>

enum {
    UNCOMPRESSED = 0x04,       /* SEC 1, 2.3.3 */
    ED25519_LEN = 32,          /* RFC 8032, 5.1.5 */
    EXPONENT_LEAST = 0x010001, /* 65537 */
};

static const uint8_t oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const uint8_t oid_ed25519[] = {0x2b, 0x65, 0x70};

static const struct {
    uint8_t oid[8];
    uint8_t oid_len;
    uint16_t bits;
} curves[] = {
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 8, 256}, /* secp256r1 */
    {{0x2b, 0x81, 0x04, 0x00, 0x22}, 5, 384},                   /* secp384r1 */
};

static bool same(struct sek_bytes a, const uint8_t *b, size_t len)
{
    return a.data && a.len == len && memcmp(a.data, b, len) == 0;
}

static struct sek_bytes take_oid(struct sek_reader *r)
{
    struct sek_reader oid = sek_der_take(r, SEK_DER_OID);

    return sek_reader_bytes(&oid, sek_reader_left(&oid));
}

/* True for an odd number of at least 65537. */
static bool good_exponent(struct sek_bytes e)
{
    uint32_t low = 0;

    for (size_t i = e.len > 4 ? e.len - 4 : 0; i < e.len; i++)
        low = low << 8 | e.data[i];
    return (low & 1) && (e.len > 4 || low >= EXPONENT_LEAST) && e.len <= SEK_RSA_EXPONENT_MAX;
}

/* RSAPublicKey: RFC 8017, A.1.1. */
static void read_rsa(struct sek_reader *key, struct sek_spki *spki)
{
    struct sek_reader rsa = sek_der_take(key, SEK_DER_SEQUENCE);
    struct sek_bytes n = sek_der_positive(&rsa);
    struct sek_bytes e = sek_der_positive(&rsa);

    sek_der_end(&rsa);
    sek_der_end(key);
    if (key->fault->status != SEK_OK)
        return;
    if (n.len < SEK_RSA_BITS_MIN / 8 || n.len > SEK_RSA_BITS_MAX / 8 || !(n.data[0] & 0x80) ||
        !(n.data[n.len - 1] & 1))
        sek_reader_fail(key, SEK_ERR_KEY, "RSA modulus is even or of a size that is not taken");
    if (!good_exponent(e))
        sek_reader_fail(key, SEK_ERR_KEY, "RSA exponent is even, below 65537 or over 32 bytes");
    spki->rsa = true;
    spki->bits = (uint16_t)(8 * n.len);
    spki->modulus = n;
    spki->exponent = e;
}

static void read_point(struct sek_reader *key, struct sek_bytes curve, struct sek_spki *spki)
{
    struct sek_bytes point = sek_reader_bytes(key, sek_reader_left(key));

    for (size_t i = 0; i < SEK_LEN(curves); i++)
        if (same(curve, curves[i].oid, curves[i].oid_len))
            spki->bits = curves[i].bits;
    if (spki->bits == 0)
        sek_reader_fail(key, SEK_ERR_KEY, "another curve than P-256 and P-384");
    if (point.len != 1 + 2 * (size_t)spki->bits / 8 || point.data[0] != UNCOMPRESSED)
        sek_reader_fail(key, SEK_ERR_KEY, "the point is not uncompressed or of another length");
}

static void read_edwards(struct sek_reader *key, struct sek_spki *spki)
{
    if (sek_reader_left(key) != ED25519_LEN)
        sek_reader_fail(key, SEK_ERR_KEY, "an Ed25519 key of another length");
    spki->bits = 8 * ED25519_LEN;
}

enum sek_status sek_spki_parse(struct sek_bytes der, struct sek_spki *out)
{
    struct sek_spki spki = {0};
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(der, &fault);
    struct sek_reader info = sek_der_take(&in, SEK_DER_SEQUENCE);
    struct sek_reader algorithm = sek_der_take(&info, SEK_DER_SEQUENCE);
    struct sek_bytes oid = take_oid(&algorithm);

    if (same(oid, oid_rsa, sizeof oid_rsa)) {
        struct sek_reader null = sek_der_take(&algorithm, SEK_DER_NULL);
        sek_der_end(&null);
        spki.rsa = true;
    }
    spki.edwards = same(oid, oid_ed25519, sizeof oid_ed25519);
    struct sek_bytes curve =
        spki.rsa || spki.edwards ? (struct sek_bytes){0} : take_oid(&algorithm);
    sek_der_end(&algorithm);

    struct sek_reader key = sek_der_take(&info, SEK_DER_BIT_STRING);
    if (sek_reader_u8(&key) != 0)
        sek_reader_fail(&key, SEK_ERR_MALFORMED, "the key does not end at a byte's end");
    struct sek_reader whole = key;
    spki.key = sek_reader_bytes(&whole, sek_reader_left(&whole));
    sek_der_end(&info);
    sek_der_end(&in);
    if (fault.status != SEK_OK)
        return SEK_ERR_KEY;

    if (spki.rsa)
        read_rsa(&key, &spki);
    else if (spki.edwards)
        read_edwards(&key, &spki);
    else if (same(oid, oid_ec, sizeof oid_ec))
        read_point(&key, curve, &spki);
    else
        sek_reader_fail(&key, SEK_ERR_KEY, "another algorithm than RSA, EC and Ed25519");
    if (fault.status != SEK_OK)
        return SEK_ERR_KEY;
    *out = spki;
    return SEK_OK;
}
