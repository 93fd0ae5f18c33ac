/* Writes OpenWrt firmware chunk by chunk, good and bad: what fwtool, ucert and usign write. Nothing
 * here uses code of firmware/image. */
#ifndef SEK_TESTS_UNIT_OPENWRT_WRITER_H
#define SEK_TESTS_UNIT_OPENWRT_WRITER_H

#include "tests/unit/openssl_signer.h"

enum {
    OPENWRT_MAX = 65536,
    OPENWRT_INFO = 1, /* types of chunks */
    OPENWRT_SIGNATURE = 0,
    OPENWRT_TEXT_MAX = 512,
};

struct openwrt_writer {
    uint8_t data[OPENWRT_MAX];
    size_t len;
    size_t chunk; /* where the chunk that is being written begins */
};

/* What a certificate says; a wrong type, or a field left out, by its number (1 to 4, 0: none). */
struct openwrt_certificate {
    const char *key, *by; /* of format_keys.sh: the one that it names, and who signs it */
    uint32_t type;        /* 1: authorises */
    uint64_t from, until; /* seconds since 1970 */
    unsigned without;
};

/* Payload, then chunks: begin, bytes, end. */
void openwrt_begin(struct openwrt_writer *w, const void *payload, size_t len);
void openwrt_bytes(struct openwrt_writer *w, const void *bytes, size_t len);
void openwrt_chunk_end(struct openwrt_writer *w, uint8_t type);

/* Checksums of all chunks made right again, after bytes were changed. */
void openwrt_repair(struct openwrt_writer *w);

/* A chunk of metadata around this JSON. */
void openwrt_info(struct openwrt_writer *w, const char *json);

/* Elements of a chain: a certificate; the signature of all that stands ahead of the chunk. */
void openwrt_certify(struct openwrt_writer *w, const struct openwrt_certificate *certificate);
void openwrt_sign(struct openwrt_writer *w, const char *key);

/* A whole one: payload, metadata, one certificate for key by root (NULL: none), signature. */
void openwrt_sample(struct openwrt_writer *w, const void *payload, size_t len, const char *root,
                    const char *key);

/* Texts of usign: of a key's public half, of its signature over a message. */
size_t openwrt_key_text(const char *key, char out[OPENWRT_TEXT_MAX]);
size_t openwrt_signature_text(const char *key, const void *message, size_t len,
                              char out[OPENWRT_TEXT_MAX]);

#endif
