/* Digests: streaming SHA-2 and the CRC-32 that some formats carry.
 *
 * SHA-256 goes through the processor's hook where there is one, else through PSA; SHA-384 and
 * SHA-512 through PSA. Before a result is written its buffer is filled with a pattern, so that an
 * engine that claims success and does nothing cannot pass old bytes off as a digest. */
#ifndef SEK_CRYPTO_DIGEST_H
#define SEK_CRYPTO_DIGEST_H

#include "base/reader.h"
#include "base/status.h"
#include "hal/digest.h"

#include <psa/crypto.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sek_digest_alg {
    SEK_DIGEST_NONE, /* nothing is computed; an algorithm that we do not know or do not trust */
    SEK_DIGEST_CRC32,
    SEK_DIGEST_SHA256,
    SEK_DIGEST_SHA384,
    SEK_DIGEST_SHA512,
    SEK_DIGEST_COUNT,
};

enum { SEK_DIGEST_MAX = 64 }; /* bytes of the longest digest */

/* Bytes of the digest: 0, 4, 32, 48 or 64. */
size_t sek_digest_len(enum sek_digest_alg alg);

/* "sha256", "crc32", ... or "none". */
const char *sek_digest_name(enum sek_digest_alg alg);

/* The algorithm of an exact name of len bytes; SEK_DIGEST_NONE if there is none of that name. */
enum sek_digest_alg sek_digest_find(const char *name, size_t len);

/* True for SHA-256 and better: only such a digest can carry a verdict. */
bool sek_digest_strong(enum sek_digest_alg alg);

/* One running digest; the caller's memory, no copies. */
struct sek_digest {
    enum sek_digest_alg alg;
    enum sek_status status; /* the first failure sticks */
    const struct hal_digest *hook;
    union {
        psa_hash_operation_t psa;
        struct {
            uint32_t state[8];
            uint64_t len; /* bytes so far */
            uint8_t block[64];
        } sha256;
        uint32_t crc32;
    } u;
};

/* Starts a digest. hook may be NULL. SEK_ERR_UNSUPPORTED: SEK_DIGEST_NONE. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_digest_start(struct sek_digest *digest, enum sek_digest_alg alg,
                                             const struct hal_digest *hook);

/* Feeds len bytes; failures stick and come out of sek_digest_finish. */
void sek_digest_update(struct sek_digest *digest, const void *data, size_t len);

/* Bytes that wait for a digest. */
struct sek_digest_job {
    struct sek_digest *digest;
    const uint8_t *data;
    size_t len;
};

/* Feeds several independent digests, SHA-256 streams together where the hook can. No digest may
 * stand in two jobs. */
void sek_digest_run(const struct sek_digest_job *job, size_t count);

/* Ends a digest: writes sek_digest_len(alg) bytes to out. SEK_ERR_CRYPTO: the engine failed at any
 * point, out holds no digest. The context is released in every case. */
SEK_CHECKED enum sek_status sek_digest_finish(struct sek_digest *digest,
                                              uint8_t out[SEK_DIGEST_MAX]);

/* Releases a context that is not finished. */
void sek_digest_abort(struct sek_digest *digest);

/* One-shot: digest of len bytes into out. Statuses as above. */
SEK_CHECKED enum sek_status sek_digest_of(enum sek_digest_alg alg, const struct hal_digest *hook,
                                          const void *data, size_t len,
                                          uint8_t out[SEK_DIGEST_MAX]);

#endif
