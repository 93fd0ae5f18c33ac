/* Writes MCUboot images, good and bad ones. Nothing here uses code of firmware/image. */
#ifndef SEK_TESTS_UNIT_MCUBOOT_WRITER_H
#define SEK_TESTS_UNIT_MCUBOOT_WRITER_H

#include "tests/unit/openssl_signer.h"

enum {
    MCUBOOT_MAX = 16384,
    MCUBOOT_HEADER = 0x30, /* bytes of the header with its padding */
    MCUBOOT_PAYLOAD = 52,
};

struct mcuboot_writer {
    uint8_t data[MCUBOOT_MAX];
    size_t len;
    size_t area; /* where the area that is being written begins */
};

/* Header and payload; protected_len is what the header says of the protected area. */
void mcuboot_begin(struct mcuboot_writer *w, uint16_t protected_len);

/* Areas: begin, tags, end (which sets the length). */
void mcuboot_area(struct mcuboot_writer *w, bool is_protected);
void mcuboot_tag(struct mcuboot_writer *w, uint16_t tag, const void *value, size_t len);
void mcuboot_area_end(struct mcuboot_writer *w);

/* The usual protected area: a security counter and a dependency; 28 bytes. */
enum { MCUBOOT_PROTECTED_LEN = 28, MCUBOOT_COUNTER = 7 };
void mcuboot_protect(struct mcuboot_writer *w);

/* Digest tag, key hash and signature over what was written so far, as imgtool orders them. hash:
 * "sha256", "sha384", "sha512". */
void mcuboot_digest(struct mcuboot_writer *w, const char *hash);
void mcuboot_key_hash(struct mcuboot_writer *w, const struct fit_key *key, const char *hash);
void mcuboot_sign(struct mcuboot_writer *w, const char *key_name, const struct fit_key *key,
                  const char *hash, bool pure);

/* A whole image by this key. */
void mcuboot_sample(struct mcuboot_writer *w, const char *key_name, const char *hash, bool pure);

#endif
