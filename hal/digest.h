/* Digest hook: an accelerated SHA-256 block function of this processor, found at run time.
 *
 * The hook is a const table handed in at the composition root; NULL means "none: portable code".
 * What it computes must equal the portable path bit for bit (tests hold it to that). */
#ifndef SEK_HAL_DIGEST_H
#define SEK_HAL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* One stream of SHA-256 (FIPS 180-4, 6.2): eight words of state and whole 64-byte blocks. */
struct hal_sha256_lane {
    uint32_t *state;     /* 8 words, in and out */
    const uint8_t *data; /* blocks * 64 bytes, any alignment */
    size_t blocks;
};

enum { HAL_SHA256_MANY = 16 };

struct hal_digest {
    const char *name; /* for info and reports: "x86 SHA extensions" */
    void (*sha256)(const struct hal_sha256_lane *lane);
    /* Two independent streams at once, interleaved, of any two lengths. */
    void (*sha256_pair)(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b);
    /* Up to HAL_SHA256_MANY independent streams of any lengths; better than pairs from many_from
     * streams on. NULL: no such. */
    void (*sha256_many)(const struct hal_sha256_lane *lane, size_t count);
    size_t many_from;
};

#endif
