#include "crypto/digest.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

enum {
    BLOCK = 64,       /* bytes of a SHA-256 block */
    LENGTH_FIELD = 8, /* bytes of the bit count that ends the padding */
    POISON = 0x5c,    /* what an untouched result holds */
    POISON_RUN = 8,   /* bytes in a row that a sound digest leaves at it once in 2^58 */
    STATE_WORDS = 8,  /* of SHA-256 */
    SHA256_LEN = 32,  /* bytes */
};

static const struct {
    const char *name;
    size_t len; /* bytes */
    psa_algorithm_t psa;
} algs[SEK_DIGEST_COUNT] = {
    [SEK_DIGEST_NONE] = {"none", 0, PSA_ALG_NONE},
    [SEK_DIGEST_CRC32] = {"crc32", 4, PSA_ALG_NONE},
    [SEK_DIGEST_SHA256] = {"sha256", SHA256_LEN, PSA_ALG_SHA_256},
    [SEK_DIGEST_SHA384] = {"sha384", 48, PSA_ALG_SHA_384},
    [SEK_DIGEST_SHA512] = {"sha512", 64, PSA_ALG_SHA_512},
};

static bool known(enum sek_digest_alg alg)
{
    return (unsigned)alg < SEK_DIGEST_COUNT;
}

size_t sek_digest_len(enum sek_digest_alg alg)
{
    return known(alg) ? algs[alg].len : 0;
}

const char *sek_digest_name(enum sek_digest_alg alg)
{
    return known(alg) ? algs[alg].name : algs[SEK_DIGEST_NONE].name;
}

enum sek_digest_alg sek_digest_find(const char *name, size_t len)
{
    for (size_t i = SEK_DIGEST_NONE + 1; i < SEK_DIGEST_COUNT; i++)
        if (len == strlen(algs[i].name) && memcmp(name, algs[i].name, len) == 0)
            return (enum sek_digest_alg)i;
    return SEK_DIGEST_NONE;
}

bool sek_digest_strong(enum sek_digest_alg alg)
{
    return sek_digest_len(alg) >= SHA256_LEN;
}

/* True for a digest that runs through the hook. */
static bool hooked(const struct sek_digest *digest)
{
    return digest->alg == SEK_DIGEST_SHA256 && digest->hook;
}

enum sek_status sek_digest_start(struct sek_digest *digest, enum sek_digest_alg alg,
                                 const struct hal_digest *hook)
{
    /* FIPS 180-4, 5.3.3 */
    static const uint32_t initial[STATE_WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    memset(digest, 0, sizeof *digest);
    digest->status = SEK_ERR_UNSUPPORTED;
    if (alg == SEK_DIGEST_NONE || !known(alg))
        return digest->status;
    digest->alg = alg;
    digest->hook = hook;
    digest->status = SEK_OK;
    if (alg == SEK_DIGEST_CRC32)
        return SEK_OK;
    if (hooked(digest)) {
        memcpy(digest->u.sha256.state, initial, sizeof initial);
        return SEK_OK;
    }
    digest->u.psa = psa_hash_operation_init();
    if (psa_hash_setup(&digest->u.psa, algs[alg].psa) != PSA_SUCCESS)
        digest->status = SEK_ERR_CRYPTO;
    return digest->status;
}

/* Whole blocks of one hooked digest that wait to be hashed. */
struct work {
    struct sek_digest *digest;
    struct hal_sha256_lane lane;
    uint32_t before[STATE_WORDS]; /* the state that the hook has to change */
};

static void begin(struct work *work)
{
    memcpy(work->before, work->lane.state, sizeof work->before);
}

/* A hook that leaves the state as it was has not hashed: 2^-256 that a sound one does so. */
static void end(const struct work *work)
{
    if (memcmp(work->before, work->lane.state, sizeof work->before) == 0)
        work->digest->status = SEK_ERR_CRYPTO;
}

static void run_one(struct work *work)
{
    begin(work);
    work->digest->hook->sha256(&work->lane);
    end(work);
}

static void run_two(struct work *a, struct work *b)
{
    if (!a->digest->hook->sha256_pair) {
        run_one(a);
        run_one(b);
        return;
    }
    begin(a);
    begin(b);
    a->digest->hook->sha256_pair(&a->lane, &b->lane);
    end(a);
    end(b);
}

static void run_many(struct work *work, size_t count)
{
    struct hal_sha256_lane lane[HAL_SHA256_MANY] = {0};

    for (size_t i = 0; i < count; i++) {
        begin(&work[i]);
        lane[i] = work[i].lane;
    }
    work->digest->hook->sha256_many(lane, count);
    for (size_t i = 0; i < count; i++)
        end(&work[i]);
}

/* Works of one hook, as many at a time as it takes. */
static void run_works(struct work *work, size_t count)
{
    if (count > 0 && work->digest->hook->sha256_many && count >= work->digest->hook->many_from) {
        run_many(work, count);
        return;
    }
    for (size_t i = 0; i + 1 < count; i += 2)
        run_two(&work[i], &work[i + 1]);
    if (count % 2)
        run_one(&work[count - 1]);
}

static struct work work_of(struct sek_digest *digest, const uint8_t *data, size_t blocks)
{
    return (struct work){
        .digest = digest,
        .lane = {.state = digest->u.sha256.state, .data = data, .blocks = blocks},
    };
}

/* Takes the bytes of a job into a hooked digest, except for its whole blocks, which are returned:
 * first completes and hashes a started block, last keeps what is left over. */
static struct work take(const struct sek_digest_job *job)
{
    struct sek_digest *digest = job->digest;
    const uint8_t *data = job->data;
    size_t len = job->len;
    size_t used = (size_t)(digest->u.sha256.len % BLOCK);

    digest->u.sha256.len += len;
    if (used > 0) {
        size_t fill = len < BLOCK - used ? len : BLOCK - used;

        memcpy(digest->u.sha256.block + used, data, fill);
        data += fill;
        len -= fill;
        if (used + fill < BLOCK)
            return work_of(digest, data, 0);
        struct work block = work_of(digest, digest->u.sha256.block, 1);
        run_one(&block);
    }
    memcpy(digest->u.sha256.block, data + len - len % BLOCK, len % BLOCK);
    return work_of(digest, data, len / BLOCK);
}

static void update_unhooked(struct sek_digest *digest, const uint8_t *data, size_t len)
{
    if (digest->alg == SEK_DIGEST_CRC32)
        digest->u.crc32 = sek_crc32(digest->u.crc32, data, len);
    else if (psa_hash_update(&digest->u.psa, data, len) != PSA_SUCCESS)
        digest->status = SEK_ERR_CRYPTO;
}

void sek_digest_run(const struct sek_digest_job *job, size_t count)
{
    struct work work[HAL_SHA256_MANY];
    size_t waiting = 0;

    for (size_t i = 0; i < count; i++) {
        if (job[i].digest->status != SEK_OK || job[i].len == 0)
            continue;
        if (!hooked(job[i].digest)) {
            update_unhooked(job[i].digest, job[i].data, job[i].len);
            continue;
        }
        if (waiting == HAL_SHA256_MANY ||
            (waiting > 0 && work[0].digest->hook != job[i].digest->hook)) {
            run_works(work, waiting);
            waiting = 0;
        }
        work[waiting] = take(&job[i]);
        if (work[waiting].lane.blocks > 0)
            waiting++;
    }
    run_works(work, waiting);
}

void sek_digest_update(struct sek_digest *digest, const void *data, size_t len)
{
    const struct sek_digest_job job = {.digest = digest, .data = data, .len = len};

    sek_digest_run(&job, 1);
}

/* Padding and bit count: FIPS 180-4, 5.1.1. */
static void finish_hooked(struct sek_digest *digest, uint8_t *out)
{
    static const uint8_t padding[BLOCK] = {0x80};
    uint8_t bits[LENGTH_FIELD];
    size_t used = (size_t)(digest->u.sha256.len % BLOCK);
    size_t room = used < BLOCK - LENGTH_FIELD ? BLOCK : 2 * BLOCK;

    sek_put_u64be(bits, digest->u.sha256.len * 8);
    sek_digest_update(digest, padding, room - LENGTH_FIELD - used);
    sek_digest_update(digest, bits, sizeof bits);
    for (size_t i = 0; i < STATE_WORDS; i++)
        sek_put_u32be(out + 4 * i, digest->u.sha256.state[i]);
}

/* True if the engine left a piece of the result as it was. */
static bool untouched(const uint8_t *out, size_t len)
{
    size_t run = 0;

    for (size_t i = 0; i < len; i++) {
        run = out[i] == POISON ? run + 1 : 0;
        if (run == POISON_RUN)
            return true;
    }
    return false;
}

enum sek_status sek_digest_finish(struct sek_digest *digest, uint8_t out[SEK_DIGEST_MAX])
{
    size_t len = sek_digest_len(digest->alg);
    size_t written = len;

    memset(out, POISON, len);
    if (digest->status == SEK_OK) {
        if (digest->alg == SEK_DIGEST_CRC32)
            sek_put_u32be(out, digest->u.crc32);
        else if (hooked(digest))
            finish_hooked(digest, out);
        else if (psa_hash_finish(&digest->u.psa, out, len, &written) != PSA_SUCCESS)
            digest->status = SEK_ERR_CRYPTO;
        if (written != len || untouched(out, len))
            digest->status = SEK_ERR_CRYPTO;
    }
    enum sek_status status = digest->status;
    if (status != SEK_OK)
        memset(out, POISON, len);
    sek_digest_abort(digest);
    return status;
}

void sek_digest_abort(struct sek_digest *digest)
{
    if (sek_digest_strong(digest->alg) && !hooked(digest))
        (void)psa_hash_abort(&digest->u.psa);
    memset(digest, 0, sizeof *digest);
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
