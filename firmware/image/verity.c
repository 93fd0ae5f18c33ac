#include "image/verity.h"

#include <string.h>

enum { HASH = 32, FANOUT = SEK_VERITY_BLOCK / HASH };

static const uint8_t zeros[SEK_VERITY_BLOCK];

static void start(struct sek_verity *v, struct sek_digest *digest, bool salted)
{
    enum sek_status status = sek_digest_start(digest, SEK_DIGEST_SHA256, v->hook);

    if (status != SEK_OK && v->status == SEK_OK)
        v->status = status;
    if (salted)
        sek_digest_update(digest, v->salt.data, v->salt.len);
}

static void finish(struct sek_verity *v, struct sek_digest *digest, uint8_t out[SEK_DIGEST_MAX])
{
    enum sek_status status = sek_digest_finish(digest, out);

    if (status != SEK_OK && v->status == SEK_OK)
        v->status = status;
}

/* A hash goes into the block of its level that is being filled; a full one is hashed into the next
 * level, and so on. */
static void add_hash(struct sek_verity *v, const uint8_t *hash)
{
    uint8_t next[SEK_DIGEST_MAX];

    for (unsigned i = 0; i < v->levels; i++) {
        struct sek_verity_level *level = &v->level[i];

        if (level->count == 0)
            start(v, &level->block, true);
        sek_digest_update(&level->block, hash, HASH);
        sek_digest_update(&level->u.all, hash, HASH);
        if (++level->count < FANOUT)
            return;
        finish(v, &level->block, next);
        level->count = 0;
        hash = next;
    }
    memcpy(v->root.digest, hash, HASH);
}

/* The last block of each level is filled up with zeros. */
static void flush(struct sek_verity *v)
{
    for (unsigned i = 0; i < v->levels; i++) {
        struct sek_verity_level *level = &v->level[i];
        size_t pad = SEK_VERITY_BLOCK - (size_t)level->count * HASH;
        uint8_t next[SEK_DIGEST_MAX];

        if (level->count == 0)
            continue;
        sek_digest_update(&level->block, zeros, pad);
        sek_digest_update(&level->u.all, zeros, pad);
        finish(v, &level->block, next);
        level->count = 0;
        if (i + 1 == v->levels) {
            memcpy(v->root.digest, next, HASH);
            return;
        }
        /* Into the next level, whose block it may fill: then that is hashed there. */
        if (v->level[i + 1].count == 0)
            start(v, &v->level[i + 1].block, true);
        sek_digest_update(&v->level[i + 1].block, next, HASH);
        sek_digest_update(&v->level[i + 1].u.all, next, HASH);
        v->level[i + 1].count++;
    }
}

/* Blocks of data, as many at a time as a hook may take. */
static void add_blocks(struct sek_verity *v, const uint8_t *data, size_t count)
{
    struct sek_digest digest[HAL_SHA256_MANY];
    struct sek_digest_job job[HAL_SHA256_MANY];
    uint8_t hash[SEK_DIGEST_MAX];

    while (count > 0) {
        size_t n = count < HAL_SHA256_MANY ? count : HAL_SHA256_MANY;

        for (size_t i = 0; i < n; i++) {
            start(v, &digest[i], true);
            job[i] =
                (struct sek_digest_job){&digest[i], data + i * SEK_VERITY_BLOCK, SEK_VERITY_BLOCK};
        }
        sek_digest_run(job, n);
        for (size_t i = 0; i < n; i++) {
            finish(v, &digest[i], hash);
            add_hash(v, hash);
        }
        data += n * SEK_VERITY_BLOCK;
        count -= n;
    }
}

static void take_bytes(struct sek_tap *tap, const uint8_t *data, size_t len)
{
    struct sek_verity *v = (struct sek_verity *)tap;
    uint8_t hash[SEK_DIGEST_MAX];
    size_t n;

    if (v->held > 0) {
        n = SEK_VERITY_BLOCK - v->held;
        n = n < len ? n : len;
        sek_digest_update(&v->block, data, n);
        v->held += n;
        data += n;
        len -= n;
        if (v->held < SEK_VERITY_BLOCK)
            return;
        finish(v, &v->block, hash);
        add_hash(v, hash);
    }
    n = len / SEK_VERITY_BLOCK;
    add_blocks(v, data, n);
    data += n * SEK_VERITY_BLOCK;
    v->held = len - n * SEK_VERITY_BLOCK;
    if (v->held == 0)
        return;
    start(v, &v->block, true);
    sek_digest_update(&v->block, data, v->held);
}

static void end(struct sek_tap *tap)
{
    struct sek_verity *v = (struct sek_verity *)tap;
    uint8_t stored[SEK_DIGEST_MAX];

    flush(v);
    for (unsigned i = 0; i < v->levels; i++) {
        finish(v, &v->level[i].u.all, stored);
        memcpy(v->level[i].u.stored, stored, HASH);
    }
    v->root.status = v->held == 0 ? v->status : SEK_ERR_STATE;
}

enum sek_status sek_verity_init(struct sek_verity *v, const struct hal_digest *hook,
                                uint64_t offset, uint64_t len, struct sek_bytes salt)
{
    uint64_t blocks = len / SEK_VERITY_BLOCK;

    memset(v, 0, sizeof *v);
    v->tap = (struct sek_tap){offset, len, take_bytes, end};
    v->hook = hook;
    v->salt = salt;
    v->root = (struct sek_extent){
        .offset = offset, .len = len, .alg = SEK_DIGEST_SHA256, .status = SEK_ERR_STATE};
    if (salt.len > SEK_VERITY_SALT_MAX || blocks == 0 || len % SEK_VERITY_BLOCK != 0)
        return SEK_ERR_RANGE;
    while (blocks > 1) { /* a level above, until one block holds all */
        if (v->levels == SEK_VERITY_LEVELS)
            return SEK_ERR_RANGE;
        blocks = (blocks + FANOUT - 1) / FANOUT;
        v->level[v->levels].blocks = blocks;
        start(v, &v->level[v->levels++].u.all, false);
    }
    return v->status;
}

uint64_t sek_verity_tree_len(const struct sek_verity *v)
{
    uint64_t blocks = 0;

    for (unsigned i = 0; i < v->levels; i++)
        blocks += v->level[i].blocks;
    return blocks * SEK_VERITY_BLOCK;
}

uint64_t sek_verity_level_at(const struct sek_verity *v, unsigned level)
{
    uint64_t blocks = 0;

    for (unsigned i = level + 1; i < v->levels; i++)
        blocks += v->level[i].blocks;
    return blocks * SEK_VERITY_BLOCK;
}
