/* dm-verity's hash tree (version 1, SHA-256, blocks of 4,096 bytes) over a range of the medium,
 * reckoned while the pass goes over it: the root, and what each stored level has to digest to.
 * Source: Linux, Documentation/admin-guide/device-mapper/verity.rst. */
#ifndef SEK_IMAGE_VERITY_H
#define SEK_IMAGE_VERITY_H

#include "image/pass.h"

#include <stdbool.h>

enum {
    SEK_VERITY_BLOCK = 4096,
    SEK_VERITY_LEVELS = 3, /* 128^3 blocks: 8 GiB */
    SEK_VERITY_SALT_MAX = 64,
};

struct sek_verity_level {
    struct sek_digest block; /* of the hash block that is being filled */
    unsigned count;          /* hashes in it */
    uint64_t blocks;         /* of the whole level, in advance */
    union {
        struct sek_digest all; /* of all hash blocks of the level, as they are stored */
        uint8_t stored[32];    /* after the end: its SHA-256 */
    } u;
};

struct sek_verity {
    struct sek_tap tap; /* first */
    const struct hal_digest *hook;
    struct sek_bytes salt; /* borrowed */
    unsigned levels;       /* level[0] holds the hashes of the data; 0: of one block */
    struct sek_verity_level level[SEK_VERITY_LEVELS];
    struct sek_digest block; /* of the block of data that is not whole yet */
    size_t held;             /* bytes in it */
    enum sek_status status;  /* the first failure */
    struct sek_extent root;  /* after the end: its digest is the root; until then SEK_ERR_STATE */
};

/* Prepares to reckon over [offset, offset + len), len a multiple of the block and not 0. v lies in
 * memory that stays. SEK_ERR_RANGE: more than SEK_VERITY_LEVELS levels, or a salt too long.
 * SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_verity_init(struct sek_verity *v, const struct hal_digest *hook,
                                            uint64_t offset, uint64_t len, struct sek_bytes salt);

/* Bytes of the stored tree, and where a level begins in it: the top level comes first. */
uint64_t sek_verity_tree_len(const struct sek_verity *v);
uint64_t sek_verity_level_at(const struct sek_verity *v, unsigned level);

#endif
