#include "image/pass.h"

#include <string.h>

/* What a gap holds: bytes that nothing covers must be blank, that is 00s and then FFs. */
enum gap { GAP_NONE, GAP_EMPTY, GAP_ZEROS, GAP_ONES, GAP_BOTH, GAP_DIRTY };

static const uint8_t no_bytes[1];

void sek_pass_init(struct sek_pass *pass, struct sek_source *source, const struct hal_digest *hook,
                   const struct sek_pass_memory *memory)
{
    *pass = (struct sek_pass){.source = source, .hook = hook, .memory = *memory};
}

/* Where a new piece has to stand; SEK_ERR_STATE: it overlaps one that is there. */
static enum sek_status piece_place(const struct sek_pass *pass, uint64_t offset, size_t len,
                                   size_t *place)
{
    size_t at = 0;

    while (at < pass->piece_count && pass->piece[at].offset < offset)
        at++;
    if (at > 0 && pass->piece[at - 1].offset + pass->piece[at - 1].bytes.len > offset)
        return SEK_ERR_STATE;
    if (at < pass->piece_count && offset + len > pass->piece[at].offset)
        return SEK_ERR_STATE;
    *place = at;
    return SEK_OK;
}

enum sek_status sek_pass_read(struct sek_pass *pass, uint64_t offset, void *buf, size_t len)
{
    struct sek_piece *before;
    size_t place;
    enum sek_status status;

    if (len > pass->source->size || offset > pass->source->size - len)
        return SEK_ERR_RANGE;
    if (len == 0)
        return SEK_OK;
    status = piece_place(pass, offset, len, &place);
    if (status != SEK_OK)
        return status;
    before = place > 0 ? &pass->piece[place - 1] : NULL;
    if (before && before->offset + before->bytes.len == offset &&
        before->bytes.data + before->bytes.len == (const uint8_t *)buf)
        place = SEK_PASS_PIECES; /* goes on where that piece ends, on the medium and in memory */
    else if (pass->piece_count == SEK_PASS_PIECES)
        return SEK_ERR_NO_SPACE;
    status = sek_source_read(pass->source, offset, buf, len);
    if (status != SEK_OK)
        return status;
    pass->bytes_read += len;
    if (place == SEK_PASS_PIECES) {
        before->bytes.len += len;
        return SEK_OK;
    }
    memmove(&pass->piece[place + 1], &pass->piece[place],
            (pass->piece_count - place) * sizeof pass->piece[0]);
    pass->piece[place] = (struct sek_piece){offset, {buf, len}};
    pass->piece_count++;
    return SEK_OK;
}

static enum sek_status plan(struct sek_pass *pass, const struct sek_extent *extent,
                            struct sek_extent **out)
{
    if (extent->len > pass->source->size || extent->offset > pass->source->size - extent->len)
        return SEK_ERR_RANGE;
    if (pass->extent_count == pass->memory.extent_cap)
        return SEK_ERR_NO_SPACE;
    pass->memory.extent[pass->extent_count] = *extent;
    if (out)
        *out = &pass->memory.extent[pass->extent_count];
    pass->extent_count++;
    return SEK_OK;
}

enum sek_status sek_pass_plan(struct sek_pass *pass, uint64_t offset, uint64_t len,
                              enum sek_digest_alg alg, struct sek_extent **out)
{
    return plan(
        pass,
        &(struct sek_extent){
            .offset = offset, .len = len, .alg = alg, .covers = true, .status = SEK_ERR_STATE},
        out);
}

enum sek_status sek_pass_plan_prefixed(struct sek_pass *pass, uint64_t offset, uint64_t len,
                                       enum sek_digest_alg alg, struct sek_bytes prefix,
                                       struct sek_extent **out)
{
    return plan(pass,
                &(struct sek_extent){.offset = offset,
                                     .len = len,
                                     .alg = alg,
                                     .covers = true,
                                     .prefix = prefix,
                                     .status = SEK_ERR_STATE},
                out);
}

enum sek_status sek_pass_plan_whole(struct sek_pass *pass, enum sek_digest_alg alg,
                                    struct sek_extent **out)
{
    return plan(
        pass, &(struct sek_extent){.len = pass->source->size, .alg = alg, .status = SEK_ERR_STATE},
        out);
}

/* Fills the chunk with len bytes from pos: what was read ahead from memory, the rest from the
 * medium. */
static enum sek_status fill(struct sek_pass *pass, size_t len)
{
    uint64_t at = pass->pos, end = pass->pos + len;
    uint8_t *to = pass->memory.chunk;
    size_t i = 0;

    while (at < end) {
        const struct sek_piece *piece;
        size_t n = (size_t)(end - at);

        while (i < pass->piece_count && pass->piece[i].offset + pass->piece[i].bytes.len <= at)
            i++;
        piece = i < pass->piece_count ? &pass->piece[i] : NULL;
        if (piece && piece->offset <= at) {
            size_t skip = (size_t)(at - piece->offset);

            if (n > piece->bytes.len - skip)
                n = piece->bytes.len - skip;
            memcpy(to, piece->bytes.data + skip, n);
        } else {
            enum sek_status status;

            if (piece && n > piece->offset - at)
                n = (size_t)(piece->offset - at);
            status = sek_source_read(pass->source, at, to, n);
            if (status != SEK_OK) {
                pass->fault = (struct sek_fault){status, at, "the medium cannot be read here"};
                return status;
            }
            pass->bytes_read += n;
        }
        at += n;
        to += n;
    }
    return SEK_OK;
}

static bool touches(const struct sek_extent *extent, uint64_t from, uint64_t to)
{
    return extent->len > 0 && extent->offset < to && extent->offset + extent->len > from;
}

/* Keeps the smallest starts, ascending; count is how many were offered. */
static void keep_start(uint64_t start[SEK_PASS_ACTIVE + 1], size_t count, uint64_t offset)
{
    size_t at = count < SEK_PASS_ACTIVE + 1 ? count : SEK_PASS_ACTIVE + 1;

    for (; at > 0 && start[at - 1] > offset; at--) {
        if (at < SEK_PASS_ACTIVE + 1)
            start[at] = start[at - 1];
    }
    if (at < SEK_PASS_ACTIVE + 1)
        start[at] = offset;
}

/* What is digested in place of a hole that reads as zeros. */
static const uint8_t blank[64];

/* Where a chunk from pos has to end at the latest, so that all of it is in a hole or nothing. */
static uint64_t end_at_holes(const struct sek_extent *extent, uint64_t pos, uint64_t end)
{
    for (size_t i = 0; i < extent->hole_count; i++) {
        const struct sek_hole *hole = &extent->hole[i];
        uint64_t hole_end = hole->offset + hole->len;

        if (hole->offset > pos && hole->offset < end)
            end = hole->offset;
        if (hole->offset <= pos && hole_end > pos && hole_end < end)
            end = hole_end;
        if (hole->offset <= pos && hole_end > pos && hole->zeros && end - pos > sizeof blank)
            end = pos + sizeof blank;
    }
    return end;
}

/* The hole of an extent that pos lies in, or NULL. */
static const struct sek_hole *hole_at(const struct sek_extent *extent, uint64_t pos)
{
    for (size_t i = 0; i < extent->hole_count; i++) {
        if (extent->hole[i].offset <= pos && pos - extent->hole[i].offset < extent->hole[i].len)
            return &extent->hole[i];
    }
    return NULL;
}

/* Length of the next chunk: no more extents with a digest in it than can run at once. 0: more than
 * that at one place. */
static size_t next_len(const struct sek_pass *pass)
{
    uint64_t left = pass->source->size - pass->pos;
    uint64_t end =
        pass->pos + (left < pass->memory.chunk_len ? left : (uint64_t)pass->memory.chunk_len);
    uint64_t start[SEK_PASS_ACTIVE + 1];
    size_t count = 0;

    for (size_t i = 0; i < pass->extent_count; i++) {
        const struct sek_extent *extent = &pass->memory.extent[i];

        if (extent->alg != SEK_DIGEST_NONE && touches(extent, pass->pos, end))
            keep_start(start, count++, extent->offset > pass->pos ? extent->offset : pass->pos);
    }
    if (count > SEK_PASS_ACTIVE) /* up to where the first one too many begins */
        end = start[SEK_PASS_ACTIVE];
    for (size_t i = 0; i < pass->extent_count; i++)
        end = end_at_holes(&pass->memory.extent[i], pass->pos, end);
    return (size_t)(end - pass->pos);
}

/* Ends the digest in a slot. */
static void finish(struct sek_pass *pass, size_t slot)
{
    struct sek_extent *extent = pass->owner[slot];

    extent->status = sek_digest_finish(&pass->active[slot], extent->digest);
    pass->owner[slot] = NULL;
}

static void finish_past(struct sek_pass *pass)
{
    for (size_t i = 0; i < SEK_PASS_ACTIVE; i++) {
        if (pass->owner[i] && pass->owner[i]->offset + pass->owner[i]->len <= pass->pos)
            finish(pass, i);
    }
}

/* The running digest of an extent, started if it is new. */
static struct sek_digest *digest_of(struct sek_pass *pass, struct sek_extent *extent)
{
    size_t free_slot = 0;

    for (size_t i = 0; i < SEK_PASS_ACTIVE; i++) {
        if (pass->owner[i] == extent)
            return &pass->active[i];
        if (!pass->owner[i])
            free_slot = i;
    }
    pass->owner[free_slot] = extent;
    /* A failure sticks in the digest and comes out when it is finished. */
    (void)!sek_digest_start(&pass->active[free_slot], extent->alg, pass->hook);
    sek_digest_update(&pass->active[free_slot], extent->prefix.data, extent->prefix.len);
    return &pass->active[free_slot];
}

/* Hands the chunk's bytes to every digest that wants them. */
static void make_jobs(struct sek_pass *pass, size_t len, struct sek_digest_job *job, size_t *count)
{
    uint64_t end = pass->pos + len;

    for (size_t i = 0; i < pass->extent_count; i++) {
        struct sek_extent *extent = &pass->memory.extent[i];
        const struct sek_hole *hole;
        uint64_t from, to;

        if (extent->alg == SEK_DIGEST_NONE || !touches(extent, pass->pos, end))
            continue;
        hole = hole_at(extent, pass->pos);
        if (hole && !hole->zeros)
            continue;
        from = extent->offset > pass->pos ? extent->offset : pass->pos;
        to = extent->offset + extent->len < end ? extent->offset + extent->len : end;
        job[(*count)++] = (struct sek_digest_job){
            .digest = digest_of(pass, extent),
            .data = hole ? blank : pass->memory.chunk + (from - pass->pos),
            .len = (size_t)(to - from),
        };
    }
}

/* Shows the chunk's bytes to the tap. */
static void feed_tap(struct sek_pass *pass, size_t len)
{
    struct sek_tap *tap = pass->tap;
    uint64_t from, to, end = pass->pos + len;

    if (!tap || tap->offset >= end || tap->offset + tap->len <= pass->pos)
        return;
    from = tap->offset > pass->pos ? tap->offset : pass->pos;
    to = tap->offset + tap->len < end ? tap->offset + tap->len : end;
    tap->bytes(tap, pass->memory.chunk + (from - pass->pos), (size_t)(to - from));
}

/* How many bytes from the start of data are all byte. */
static size_t run_of(const uint8_t *data, size_t len, uint8_t byte)
{
    uint64_t word, want = 0x0101010101010101u * byte;
    size_t n = 0;

    for (; len - n >= 8; n += 8) {
        memcpy(&word, data + n, 8);
        if (word != want)
            break;
    }
    while (n < len && data[n] == byte)
        n++;
    return n;
}

static void gap_end(struct sek_pass *pass, uint64_t end)
{
    if (pass->gap == GAP_DIRTY) {
        if (pass->uncovered_count < SEK_PASS_UNCOVERED)
            pass->uncovered[pass->uncovered_count] =
                (struct sek_range){pass->gap_start, end - pass->gap_start};
        pass->uncovered_count++;
    }
    pass->gap = GAP_NONE;
}

static void gap_bytes(struct sek_pass *pass, uint64_t offset, const uint8_t *data, size_t len)
{
    size_t zeros, ones;

    if (pass->gap == GAP_NONE) {
        pass->gap = GAP_EMPTY;
        pass->gap_start = offset;
    }
    zeros = pass->gap == GAP_EMPTY || pass->gap == GAP_ZEROS ? run_of(data, len, 0x00) : 0;
    if (zeros > 0)
        pass->gap = GAP_ZEROS;
    ones = run_of(data + zeros, len - zeros, 0xff);
    if (ones > 0 && pass->gap != GAP_DIRTY)
        pass->gap = pass->gap == GAP_EMPTY || pass->gap == GAP_ONES ? GAP_ONES : GAP_BOTH;
    if (zeros + ones < len)
        pass->gap = GAP_DIRTY;
}

/* Looks at the bytes of the chunk that nothing covers. */
static void find_gaps(struct sek_pass *pass, size_t len)
{
    uint64_t at = pass->pos, end = pass->pos + len;

    while (at < end) {
        uint64_t covered = at, next = end;

        for (size_t i = 0; i < pass->extent_count; i++) {
            const struct sek_extent *extent = &pass->memory.extent[i];

            if (!extent->covers || extent->len == 0)
                continue;
            if (extent->offset <= at && extent->offset + extent->len > covered)
                covered = extent->offset + extent->len;
            else if (extent->offset > at && extent->offset < next)
                next = extent->offset;
        }
        if (covered > at) {
            gap_end(pass, at);
            at = covered;
        } else {
            gap_bytes(pass, at, pass->memory.chunk + (at - pass->pos), (size_t)(next - at));
            at = next;
        }
    }
}

enum sek_status sek_pass_fill(struct sek_pass *pass)
{
    enum sek_status status = SEK_OK;

    if (pass->fault.status != SEK_OK)
        return pass->fault.status;
    pass->filled = 0;
    if (pass->pos == pass->source->size)
        return SEK_OK;
    size_t len = next_len(pass);
    if (len == 0)
        status = sek_fault_set(&pass->fault, SEK_ERR_NO_SPACE, pass->pos,
                               "more digests at one place than can run at once");
    else
        status = fill(pass, len);
    if (status == SEK_OK)
        pass->filled = len;
    return status;
}

enum sek_status sek_pass_jobs(struct sek_pass *pass, struct sek_digest_job job[SEK_PASS_ACTIVE],
                              size_t *count, bool *done)
{
    if (pass->fault.status != SEK_OK)
        return pass->fault.status;
    finish_past(pass);
    make_jobs(pass, pass->filled, job, count);
    feed_tap(pass, pass->filled);
    find_gaps(pass, pass->filled);
    pass->pos += pass->filled;
    *done = pass->filled == 0;
    return SEK_OK;
}

enum sek_status sek_pass_step(struct sek_pass *pass, struct sek_digest_job job[SEK_PASS_ACTIVE],
                              size_t *count, bool *done)
{
    enum sek_status status = sek_pass_fill(pass);

    return status == SEK_OK ? sek_pass_jobs(pass, job, count, done) : status;
}

void sek_pass_end(struct sek_pass *pass)
{
    finish_past(pass); /* also after a fault: what ends before it is whole */
    if (pass->tap && pass->fault.status == SEK_OK && pass->pos == pass->source->size)
        pass->tap->end(pass->tap);
    for (size_t i = 0; i < SEK_PASS_ACTIVE; i++) {
        if (pass->owner[i])
            sek_digest_abort(&pass->active[i]);
        pass->owner[i] = NULL;
    }
    for (size_t i = 0; i < pass->extent_count; i++) {
        struct sek_extent *extent = &pass->memory.extent[i];

        if (extent->len == 0 && extent->alg != SEK_DIGEST_NONE)
            extent->status = sek_digest_of(extent->alg, pass->hook,
                                           extent->prefix.data ? extent->prefix.data : no_bytes,
                                           extent->prefix.len, extent->digest);
    }
    pass->blank = pass->pos == pass->source->size &&
                  (pass->source->size == 0 ||
                   ((pass->gap == GAP_ZEROS || pass->gap == GAP_ONES) && pass->gap_start == 0));
    gap_end(pass, pass->pos);
}

enum sek_status sek_pass_run(struct sek_pass *pass)
{
    struct sek_digest_job job[SEK_PASS_ACTIVE];
    bool done = false;
    enum sek_status status = SEK_OK;

    while (!done && status == SEK_OK) {
        size_t count = 0;

        status = sek_pass_step(pass, job, &count, &done);
        sek_digest_run(job, count);
    }
    sek_pass_end(pass);
    return status;
}
