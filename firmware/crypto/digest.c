#include "crypto/digest.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

static const struct {
    const char *name;
    size_t len;
    psa_algorithm_t psa;
} algs[SEK_DIGEST_COUNT] = {
    [SEK_DIGEST_NONE] = {"none", 0, PSA_ALG_NONE},
    [SEK_DIGEST_CRC32] = {"crc32", 4, PSA_ALG_NONE},
    [SEK_DIGEST_SHA256] = {"sha256", 32, PSA_ALG_SHA_256},
    [SEK_DIGEST_SHA384] = {"sha384", 48, PSA_ALG_SHA_384},
    [SEK_DIGEST_SHA512] = {"sha512", 64, PSA_ALG_SHA_512},
};

/* FIPS 180-4, 5.3.3 */
static const uint32_t sha256_start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

size_t sek_digest_len(enum sek_digest_alg alg)
{
    return (unsigned)alg < SEK_DIGEST_COUNT ? algs[alg].len : 0;
}

const char *sek_digest_name(enum sek_digest_alg alg)
{
    return (unsigned)alg < SEK_DIGEST_COUNT ? algs[alg].name : "none";
}

enum sek_digest_alg sek_digest_find(const char *name, size_t len)
{
    for (unsigned i = SEK_DIGEST_CRC32; i < SEK_DIGEST_COUNT; i++) {
        if (strlen(algs[i].name) == len && memcmp(algs[i].name, name, len) == 0)
            return (enum sek_digest_alg)i;
    }
    return SEK_DIGEST_NONE;
}

bool sek_digest_strong(enum sek_digest_alg alg)
{
    return alg == SEK_DIGEST_SHA256 || alg == SEK_DIGEST_SHA384 || alg == SEK_DIGEST_SHA512;
}

static bool hooked(const struct sek_digest *digest)
{
    return digest->alg == SEK_DIGEST_SHA256 && digest->hook;
}

enum sek_status sek_digest_start(struct sek_digest *digest, enum sek_digest_alg alg,
                                 const struct hal_digest *hook)
{
    *digest = (struct sek_digest){.alg = alg, .hook = hook};
    if (sek_digest_len(alg) == 0)
        return digest->status = SEK_ERR_UNSUPPORTED;
    if (alg == SEK_DIGEST_CRC32)
        return SEK_OK;
    if (hooked(digest)) {
        memcpy(digest->u.sha256.state, sha256_start, sizeof sha256_start);
        return SEK_OK;
    }
    digest->u.psa = psa_hash_operation_init();
    if (psa_hash_setup(&digest->u.psa, algs[alg].psa) != PSA_SUCCESS)
        digest->status = SEK_ERR_CRYPTO;
    return digest->status;
}

/* Bytes of an unfinished block that wait, and the rest of data's whole blocks as one lane. */
static struct hal_sha256_lane take_blocks(struct sek_digest *digest, const uint8_t **data,
                                          size_t *len)
{
    size_t held = (size_t)(digest->u.sha256.len % 64);
    struct hal_sha256_lane lane = {digest->u.sha256.state, *data, 0};

    digest->u.sha256.len += *len;
    if (held > 0) {
        size_t part = 64 - held < *len ? 64 - held : *len;

        memcpy(digest->u.sha256.block + held, *data, part);
        *data += part;
        *len -= part;
        if (held + part < 64)
            return lane;
        digest->hook->sha256(&(struct hal_sha256_lane){lane.state, digest->u.sha256.block, 1});
    }
    lane.data = *data;
    lane.blocks = *len / 64;
    *data += lane.blocks * 64;
    *len %= 64;
    return lane;
}

static void keep_tail(struct sek_digest *digest, const uint8_t *data, size_t len)
{
    if (len > 0)
        memcpy(digest->u.sha256.block, data, len);
}

/* What is fed when the last whole block has been taken: never more than 63 bytes. When take_blocks
 * ended inside the held block, len is 0 and nothing is copied. */
static void update_hooked(struct sek_digest *digest, const uint8_t *data, size_t len)
{
    struct hal_sha256_lane lane = take_blocks(digest, &data, &len);

    if (lane.blocks > 0)
        digest->hook->sha256(&lane);
    keep_tail(digest, data, len);
}

void sek_digest_update(struct sek_digest *digest, const void *data, size_t len)
{
    if (digest->status != SEK_OK || len == 0)
        return;
    if (digest->alg == SEK_DIGEST_CRC32)
        digest->u.crc32 = sek_crc32(digest->u.crc32, data, len);
    else if (hooked(digest))
        update_hooked(digest, data, len);
    else if (psa_hash_update(&digest->u.psa, data, len) != PSA_SUCCESS)
        digest->status = SEK_ERR_CRYPTO;
}

/* Two SHA-256 streams at once. */
static void update_pair(const struct sek_digest_job *a, const struct sek_digest_job *b)
{
    const uint8_t *data_a = a->data, *data_b = b->data;
    size_t len_a = a->len, len_b = b->len;
    struct hal_sha256_lane lane_a = take_blocks(a->digest, &data_a, &len_a);
    struct hal_sha256_lane lane_b = take_blocks(b->digest, &data_b, &len_b);

    a->digest->hook->sha256_pair(&lane_a, &lane_b);
    keep_tail(a->digest, data_a, len_a);
    keep_tail(b->digest, data_b, len_b);
}

void sek_digest_run(const struct sek_digest_job *job, size_t count)
{
    const struct sek_digest_job *waiting = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct sek_digest *digest = job[i].digest;

        if (digest->status != SEK_OK || job[i].len == 0)
            continue;
        if (!hooked(digest) || !digest->hook->sha256_pair) {
            sek_digest_update(job[i].digest, job[i].data, job[i].len);
        } else if (!waiting) {
            waiting = &job[i];
        } else {
            update_pair(waiting, &job[i]);
            waiting = NULL;
        }
    }
    if (waiting)
        sek_digest_update(waiting->digest, waiting->data, waiting->len);
}

/* Padding of FIPS 180-4, 5.1.1, and the result. */
static void finish_hooked(struct sek_digest *digest, uint8_t *out)
{
    uint64_t bits = digest->u.sha256.len * 8;
    size_t held = (size_t)(digest->u.sha256.len % 64);
    uint8_t tail[128] = {0};
    size_t blocks = held < 56 ? 1 : 2;

    memcpy(tail, digest->u.sha256.block, held);
    tail[held] = 0x80;
    sek_put_u64be(tail + 64 * blocks - 8, bits);
    digest->hook->sha256(&(struct hal_sha256_lane){digest->u.sha256.state, tail, blocks});
    for (size_t i = 0; i < 8; i++)
        sek_put_u32be(out + 4 * i, digest->u.sha256.state[i]);
}

/* Differs from one call to the next, so that an engine that writes nothing is never equal to
 * itself. */
static void poison(uint8_t *out, size_t len, const void *salt)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(0xa5 ^ (i * 29) ^ ((uintptr_t)salt >> (i % 3 * 8)));
}

static enum sek_status finish_psa(struct sek_digest *digest, uint8_t *out)
{
    size_t len = sek_digest_len(digest->alg), written = 0;
    uint8_t before[SEK_DIGEST_MAX];

    memcpy(before, out, len);
    if (psa_hash_finish(&digest->u.psa, out, len, &written) != PSA_SUCCESS || written != len ||
        memcmp(before, out, len) == 0)
        return SEK_ERR_CRYPTO;
    return SEK_OK;
}

enum sek_status sek_digest_finish(struct sek_digest *digest, uint8_t out[SEK_DIGEST_MAX])
{
    enum sek_status status = digest->status;

    poison(out, SEK_DIGEST_MAX, digest);
    if (status == SEK_OK) {
        if (digest->alg == SEK_DIGEST_CRC32)
            sek_put_u32be(out, digest->u.crc32);
        else if (hooked(digest))
            finish_hooked(digest, out);
        else
            status = finish_psa(digest, out);
    }
    sek_digest_abort(digest);
    return status;
}

void sek_digest_abort(struct sek_digest *digest)
{
    if (sek_digest_strong(digest->alg) && !hooked(digest))
        (void)psa_hash_abort(&digest->u.psa);
    digest->status = SEK_ERR_STATE;
}

enum sek_status sek_digest_of(enum sek_digest_alg alg, const struct hal_digest *hook,
                              const void *data, size_t len, uint8_t out[SEK_DIGEST_MAX])
{
    struct sek_digest digest;
    enum sek_status status = sek_digest_start(&digest, alg, hook);

    if (status != SEK_OK)
        return status;
    sek_digest_update(&digest, data, len);
    return sek_digest_finish(&digest, out);
}
