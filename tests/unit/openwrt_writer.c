#include "tests/unit/openwrt_writer.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { TRAILER = 16, SPKI_HEAD = 12, HINT = 8, ELEMENT_MAX = 2048 };

/* ---- usign ---- */

static size_t base64(const uint8_t *in, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;

    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)in[i] << 16 | (i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0) |
                        (i + 2 < len ? in[i + 2] : 0);

        out[n++] = digits[bits >> 18];
        out[n++] = digits[bits >> 12 & 63];
        out[n++] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        out[n++] = i + 2 < len ? digits[bits & 63] : '=';
    }
    return n;
}

/* "Ed", a number of the key, and what belongs to it. */
static size_t text_of(const char *what, const struct fit_key *key, const uint8_t *value, size_t len,
                      char *out)
{
    uint8_t bytes[2 + HINT + 64] = {'E', 'd'};
    size_t n = (size_t)sprintf(out, "untrusted comment: %s\n", what);

    memcpy(bytes + 2, key->spki + SPKI_HEAD, HINT);
    memcpy(bytes + 2 + HINT, value, len);
    n += base64(bytes, 2 + HINT + len, out + n);
    out[n++] = '\n';
    return n;
}

size_t openwrt_key_text(const char *key, char out[OPENWRT_TEXT_MAX])
{
    struct fit_key loaded;

    openssl_key_load(&loaded, key);
    return text_of("public key", &loaded, loaded.spki + SPKI_HEAD, 32, out);
}

size_t openwrt_signature_text(const char *key, const void *message, size_t len,
                              char out[OPENWRT_TEXT_MAX])
{
    uint8_t value[OPENSSL_SIGNATURE_MAX];
    struct fit_key loaded;

    openssl_key_load(&loaded, key);
    (void)openssl_sign(key, OPENSSL_ED25519, message, len, value);
    return text_of("signed by a key", &loaded, value, 64, out);
}

/* ---- Chunks ---- */

void openwrt_begin(struct openwrt_writer *w, const void *payload, size_t len)
{
    memset(w, 0, sizeof *w);
    openwrt_bytes(w, payload, len);
    w->chunk = w->len;
}

void openwrt_bytes(struct openwrt_writer *w, const void *bytes, size_t len)
{
    assert(w->len + len <= sizeof w->data);
    memcpy(w->data + w->len, bytes, len);
    w->len += len;
}

void openwrt_chunk_end(struct openwrt_writer *w, uint8_t type)
{
    uint8_t trailer[TRAILER] = {'F', 'W', 'x', '0'};

    sek_put_u32be(trailer + 4, ~sek_crc32(0, w->data, w->len));
    trailer[8] = type;
    sek_put_u32be(trailer + 12, (uint32_t)(w->len - w->chunk + TRAILER));
    openwrt_bytes(w, trailer, sizeof trailer);
    w->chunk = w->len;
}

void openwrt_repair(struct openwrt_writer *w)
{
    size_t end[8], count = 0;

    for (size_t at = w->len; at >= TRAILER && count < 8;) {
        uint8_t *trailer = w->data + at - TRAILER;
        uint32_t size = sek_get_u32be(trailer + 12);

        if (memcmp(trailer, "FWx0", 4) != 0 || size < TRAILER || size > at)
            break;
        end[count++] = at;
        at -= size;
    }
    while (count-- > 0) {
        size_t at = end[count] - TRAILER;

        sek_put_u32be(w->data + at + 4, ~sek_crc32(0, w->data, at));
    }
}

void openwrt_info(struct openwrt_writer *w, const char *json)
{
    static const uint8_t header[8];

    openwrt_bytes(w, header, sizeof header);
    openwrt_bytes(w, json, strlen(json));
    openwrt_chunk_end(w, OPENWRT_INFO);
}

/* ---- Containers of libubox ---- */

struct blob {
    uint8_t data[ELEMENT_MAX];
    size_t len;
};

static void pad(struct blob *b)
{
    while (b->len % 4 != 0)
        b->data[b->len++] = 0;
}

static size_t open_attr(struct blob *b, uint32_t head)
{
    sek_put_u32be(b->data + b->len, head);
    b->len += 4;
    return b->len - 4;
}

static void close_attr(struct blob *b, size_t at)
{
    uint32_t head = sek_get_u32be(b->data + at);

    sek_put_u32be(b->data + at, head | (uint32_t)(b->len - at));
    pad(b);
}

static void put(struct blob *b, const void *bytes, size_t len)
{
    assert(b->len + len + 8 <= sizeof b->data);
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
}

static size_t open_named(struct blob *b, uint32_t type, const char *name)
{
    size_t at = open_attr(b, 0x80000000 | type << 24);

    b->data[b->len++] = 0;
    b->data[b->len++] = (uint8_t)strlen(name);
    put(b, name, strlen(name) + 1);
    pad(b);
    return at;
}

static void put_number(struct blob *b, uint32_t type, const char *name, uint64_t value)
{
    uint8_t bytes[8];
    size_t at = open_named(b, type, name), len = type == 5 ? 4 : 8;

    sek_put_u64be(bytes, value);
    put(b, bytes + 8 - len, len);
    close_attr(b, at);
}

static void make_payload(struct blob *b, const struct openwrt_certificate *c)
{
    char text[OPENWRT_TEXT_MAX];
    size_t table = open_named(b, 2, "ucert"), at, len;

    if (c->without != 1)
        put_number(b, 5, "certtype", c->type);
    if (c->without != 2)
        put_number(b, 4, "validfrom", c->from);
    if (c->without != 3)
        put_number(b, 4, "expiresat", c->until);
    if (c->without != 4) {
        len = openwrt_key_text(c->key, text);
        text[len] = '\0';
        at = open_named(b, 3, "pubkey");
        put(b, text, len + 1);
        close_attr(b, at);
    }
    close_attr(b, table);
}

/* An element: a signature over message; payload, if it has one, is that message. */
static void put_element(struct openwrt_writer *w, const char *key, const void *message, size_t len,
                        const struct blob *payload)
{
    char text[OPENWRT_TEXT_MAX];
    struct blob b = {.len = 0};
    size_t element = open_attr(&b, 0), at = open_attr(&b, 0);
    size_t text_len = openwrt_signature_text(key, message, len, text);

    put(&b, text, text_len);
    close_attr(&b, at);
    if (payload) {
        at = open_attr(&b, 1u << 24);
        put(&b, payload->data, payload->len);
        close_attr(&b, at);
    }
    close_attr(&b, element);
    openwrt_bytes(w, b.data, b.len);
}

void openwrt_certify(struct openwrt_writer *w, const struct openwrt_certificate *certificate)
{
    struct blob payload = {.len = 0};

    make_payload(&payload, certificate);
    put_element(w, certificate->by, payload.data, payload.len, &payload);
}

void openwrt_sign(struct openwrt_writer *w, const char *key)
{
    put_element(w, key, w->data, w->chunk, NULL);
}

void openwrt_sample(struct openwrt_writer *w, const void *payload, size_t len, const char *root,
                    const char *key)
{
    const struct openwrt_certificate certificate = {
        .key = key, .by = root, .type = 1, .from = 1767225600, .until = 2082758399};

    openwrt_begin(w, payload, len);
    openwrt_info(w, "{ \"metadata_version\": \"1.1\", \"compat_version\": \"1.0\", "
                    "\"supported_devices\":[\"maker,ap-1\", \"maker,ap-1-v2\"], "
                    "\"version\": { \"dist\": \"OpenWrt\", \"version\": \"23.05.5\", "
                    "\"revision\": \"r24106\", \"target\": \"x/y\", \"board\": \"ap-1\" } }\n");
    if (root)
        openwrt_certify(w, &certificate);
    openwrt_sign(w, key);
    openwrt_chunk_end(w, OPENWRT_SIGNATURE);
}
