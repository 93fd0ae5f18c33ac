#include "tests/unit/mcuboot_writer.h"

#include "crypto/digest.h"
#include "crypto/spki.h"

#include <assert.h>
#include <string.h>

static void put16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, size_t value)
{
    put16(p, value);
    put16(p + 2, value >> 16);
}

void mcuboot_begin(struct mcuboot_writer *w, uint16_t protected_len)
{
    memset(w, 0, sizeof *w);
    put32(w->data, 0x96f3b83d);
    put32(w->data + 4, 0x08020000);
    put16(w->data + 8, MCUBOOT_HEADER);
    put16(w->data + 10, protected_len);
    put32(w->data + 12, MCUBOOT_PAYLOAD);
    w->data[20] = 1;
    w->data[21] = 2;
    put16(w->data + 22, 3);
    put32(w->data + 24, 4);
    for (size_t i = 0; i < MCUBOOT_PAYLOAD; i++)
        w->data[MCUBOOT_HEADER + i] = (uint8_t)(i * 7);
    w->len = MCUBOOT_HEADER + MCUBOOT_PAYLOAD;
}

void mcuboot_area(struct mcuboot_writer *w, bool is_protected)
{
    w->area = w->len;
    put16(w->data + w->len, is_protected ? 0x6908 : 0x6907);
    w->len += 4;
}

void mcuboot_tag(struct mcuboot_writer *w, uint16_t tag, const void *value, size_t len)
{
    assert(w->len + 4 + len <= sizeof w->data);
    put16(w->data + w->len, tag);
    put16(w->data + w->len + 2, len);
    if (len > 0)
        memcpy(w->data + w->len + 4, value, len);
    w->len += 4 + len;
}

void mcuboot_area_end(struct mcuboot_writer *w)
{
    put16(w->data + w->area + 2, w->len - w->area);
}

void mcuboot_protect(struct mcuboot_writer *w)
{
    static const uint8_t counter[4] = {MCUBOOT_COUNTER}, dependency[12] = {1, 0, 0, 0, 1};

    mcuboot_area(w, true);
    mcuboot_tag(w, 0x50, counter, sizeof counter);
    mcuboot_tag(w, 0x40, dependency, sizeof dependency);
    mcuboot_area_end(w);
}

static enum sek_digest_alg alg_of(const char *hash, uint16_t *tag)
{
    enum sek_digest_alg alg = sek_digest_find(hash, strlen(hash));

    *tag = (uint16_t)(0x10 + (alg - SEK_DIGEST_SHA256));
    return alg;
}

static size_t digest_of(const char *hash, const void *data, size_t len, uint8_t *out, uint16_t *tag)
{
    enum sek_digest_alg alg = alg_of(hash, tag);
    enum sek_status status = sek_digest_of(alg, NULL, data, len, out);

    assert(status == SEK_OK);
    return sek_digest_len(alg);
}

void mcuboot_digest(struct mcuboot_writer *w, const char *hash)
{
    uint8_t digest[SEK_DIGEST_MAX];
    uint16_t tag;
    size_t len = digest_of(hash, w->data, w->area, digest, &tag);

    mcuboot_tag(w, tag, digest, len);
}

void mcuboot_key_hash(struct mcuboot_writer *w, const struct fit_key *key, const char *hash)
{
    struct sek_bytes spki = {key->spki, key->spki_len};
    uint8_t digest[SEK_DIGEST_MAX];
    struct sek_spki parsed;
    uint16_t tag;
    size_t len;
    enum sek_status status = sek_spki_parse(spki, &parsed);

    assert(status == SEK_OK);
    if (key->rsa)
        spki = parsed.key;
    len = digest_of(hash, spki.data, spki.len, digest, &tag);
    mcuboot_tag(w, 0x01, digest, len);
}

void mcuboot_sign(struct mcuboot_writer *w, const char *key_name, const struct fit_key *key,
                  const char *hash, bool pure)
{
    static const uint8_t mark = 1;
    bool edwards = strcmp(key->algo, "ed25519") == 0;
    uint8_t digest[SEK_DIGEST_MAX], signature[OPENSSL_SIGNATURE_MAX];
    uint16_t tag;
    size_t len = digest_of(hash, w->data, w->area, digest, &tag);

    len = openssl_sign(key_name,
                       edwards    ? OPENSSL_ED25519
                       : key->rsa ? OPENSSL_PSS_SHA256
                                  : OPENSSL_ECDSA,
                       pure ? w->data : digest, pure ? w->area : len, signature);
    tag = edwards ? 0x24 : !key->rsa ? 0x22 : strcmp(key->algo, "rsa2048") == 0 ? 0x20 : 0x23;
    if (pure)
        mcuboot_tag(w, 0x25, &mark, 1);
    mcuboot_tag(w, tag, signature, len);
}

void mcuboot_sample(struct mcuboot_writer *w, const char *key_name, const char *hash, bool pure)
{
    struct fit_key key;

    openssl_key_load(&key, key_name);
    mcuboot_begin(w, MCUBOOT_PROTECTED_LEN);
    mcuboot_protect(w);
    mcuboot_area(w, false);
    mcuboot_digest(w, hash);
    mcuboot_key_hash(w, &key, hash);
    mcuboot_sign(w, key_name, &key, hash, pure);
    mcuboot_area_end(w);
}
