/* Writes ASPEED's secure-boot images, signed by OpenSSL in every way that the boot ROM knows.
 * Nothing here uses code of firmware/image. */
#ifndef SEK_TESTS_UNIT_SPL_WRITER_H
#define SEK_TESTS_UNIT_SPL_WRITER_H

#include "crypto/digest.h"
#include "tests/unit/openssl_signer.h"

enum { SPL_HEADER = 0x20, SPL_SIGNED = 512, SPL_SLOT = 512, SPL_SIZE = SPL_SIGNED + SPL_SLOT };

/* Words of the header that tests change. */
enum { SPL_ENCRYPTED = 1, SPL_LENGTH = 2, SPL_SIGNATURE = 3 };

struct spl_way {
    const char *name, *key; /* of tests/unit/format_keys.sh */
    enum openssl_way way;
    bool little; /* digest and signature, little end first */
    enum sek_digest_alg hash;
};

enum { SPL_WAYS = 4 };
extern const struct spl_way spl_ways[SPL_WAYS];

struct spl {
    uint8_t data[SPL_SIZE + 64];
    size_t len;
};

/* An image without signature; a word of its header (its checksum is set right); its signature. */
void spl_begin(struct spl *spl);
void spl_set(struct spl *spl, size_t word, uint32_t value);
void spl_sign(struct spl *spl, const struct spl_way *way);

#endif
