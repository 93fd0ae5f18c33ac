#include "crypto/spki.h"

#include <string.h>

enum { TAG_INTEGER = 0x02, TAG_BIT_STRING = 0x03, TAG_NULL = 0x05, TAG_OID = 0x06, TAG_SEQ = 0x30 };

static const uint8_t oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const uint8_t oid_p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};

/* Content of the next element, which must have this tag and the shortest length (X.690, 10.1). */
static struct sek_reader element(struct sek_reader *r, uint8_t tag)
{
    size_t len = 0;
    uint8_t first;

    if (sek_reader_u8(r) != tag)
        (void)sek_reader_fail(r, SEK_ERR_KEY, "key: another DER tag than expected");
    first = sek_reader_u8(r);
    if (first < 0x80) {
        len = first;
    } else if (first == 0x81) {
        len = sek_reader_u8(r);
        if (len < 0x80)
            (void)sek_reader_fail(r, SEK_ERR_KEY, "key: DER length is not the shortest");
    } else if (first == 0x82) {
        len = sek_reader_u16be(r);
        if (len < 0x100)
            (void)sek_reader_fail(r, SEK_ERR_KEY, "key: DER length is not the shortest");
    } else {
        (void)sek_reader_fail(r, SEK_ERR_KEY, "key: DER length form");
    }
    return sek_reader_sub(r, len);
}

static bool rest_is(struct sek_reader *r, const uint8_t *bytes, size_t len)
{
    return sek_reader_left(r) == len && memcmp(r->data + r->pos, bytes, len) == 0;
}

static void end(struct sek_reader *r)
{
    if (sek_reader_left(r) > 0)
        (void)sek_reader_fail(r, SEK_ERR_KEY, "key: bytes behind the end");
}

static uint16_t bit_length(const uint8_t *data, size_t len)
{
    size_t bits = len * 8;

    for (uint8_t mask = 0x80; mask && !(data[0] & mask); mask >>= 1)
        bits--;
    return (uint16_t)bits;
}

/* A positive INTEGER without its leading zero. */
static struct sek_bytes integer(struct sek_reader *r)
{
    struct sek_reader value = element(r, TAG_INTEGER);
    struct sek_bytes bytes = sek_reader_bytes(&value, sek_reader_left(&value));

    if (bytes.len == 0 || bytes.data[0] & 0x80 ||
        (bytes.len > 1 && bytes.data[0] == 0 && !(bytes.data[1] & 0x80))) {
        (void)sek_reader_fail(r, SEK_ERR_KEY, "key: integer is negative or not the shortest");
        return (struct sek_bytes){0};
    }
    if (bytes.data[0] == 0) {
        bytes.data++;
        bytes.len--;
    }
    return bytes;
}

static void read_rsa(struct sek_reader *key, struct sek_spki *out)
{
    struct sek_reader copy = *key;
    struct sek_bytes whole = sek_reader_bytes(&copy, sek_reader_left(&copy));
    struct sek_reader sequence = element(key, TAG_SEQ);
    struct sek_bytes modulus = integer(&sequence), exponent = integer(&sequence);

    end(&sequence);
    end(key);
    if (key->fault->status != SEK_OK)
        return;
    out->scheme = SEK_SCHEME_RSA_PKCS1;
    out->bits = modulus.len <= 512 ? bit_length(modulus.data, modulus.len) : 0;
    out->key = whole;
    if (out->bits < 2048 || out->bits > 4096 || !(modulus.data[modulus.len - 1] & 1))
        (void)sek_reader_fail(key, SEK_ERR_KEY, "key: RSA modulus of another size than 2048..4096");
    if (exponent.len < 3 || exponent.len > 8 || !(exponent.data[exponent.len - 1] & 1))
        (void)sek_reader_fail(key, SEK_ERR_KEY, "key: RSA exponent below 65537 or even");
}

static void read_ec(struct sek_reader *key, struct sek_reader *curve, struct sek_spki *out)
{
    struct sek_reader oid = element(curve, TAG_OID);
    bool p256 = rest_is(&oid, oid_p256, sizeof oid_p256);
    bool p384 = rest_is(&oid, oid_p384, sizeof oid_p384);

    end(curve);
    out->scheme = SEK_SCHEME_ECDSA;
    out->bits = p256 ? 256 : p384 ? 384 : 0;
    out->key = sek_reader_bytes(key, sek_reader_left(key));
    if (!out->bits || out->key.len != 1 + out->bits / 4u || out->key.data[0] != 0x04)
        (void)sek_reader_fail(key, SEK_ERR_KEY, "key: curve or point form");
}

enum sek_status sek_spki_read(struct sek_bytes spki, struct sek_spki *out)
{
    struct sek_fault fault = {0};
    struct sek_reader r = sek_reader_make(spki, &fault);
    struct sek_reader info = element(&r, TAG_SEQ);
    struct sek_reader algorithm = element(&info, TAG_SEQ);
    struct sek_reader oid = element(&algorithm, TAG_OID);
    struct sek_reader key = element(&info, TAG_BIT_STRING);
    struct sek_spki found = {0};

    end(&info);
    end(&r);
    if (sek_reader_u8(&key) != 0) /* unused bits */
        (void)sek_reader_fail(&key, SEK_ERR_KEY, "key: BIT STRING with unused bits");
    if (rest_is(&oid, oid_rsa, sizeof oid_rsa)) {
        struct sek_reader none = element(&algorithm, TAG_NULL);

        end(&none);
        end(&algorithm);
        read_rsa(&key, &found);
    } else if (rest_is(&oid, oid_ec, sizeof oid_ec)) {
        read_ec(&key, &algorithm, &found);
    } else {
        (void)sek_reader_fail(&r, SEK_ERR_KEY, "key: algorithm");
    }
    if (fault.status != SEK_OK)
        return SEK_ERR_KEY;
    *out = found;
    return SEK_OK;
}
