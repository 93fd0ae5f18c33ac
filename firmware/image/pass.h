/* One pass over a medium: each byte is read once, fed to every digest that wants it, and looked at
 * where nothing wants it.
 *
 * A format first *reads* what it must know into memory (sek_pass_read: headers, trees, trailers);
 * these bytes are never read again. It then *plans*: which ranges belong to something, and under
 * which digest. sek_pass_step then goes over the medium in ascending order, a chunk at a time, and
 * the results stand in the extents. */
#ifndef SEK_IMAGE_PASS_H
#define SEK_IMAGE_PASS_H

#include "base/reader.h"
#include "base/source.h"
#include "crypto/digest.h"

enum {
    SEK_PASS_ACTIVE = 12,   /* digests that may run at the same place */
    SEK_PASS_PIECES = 128,  /* ranges read ahead of the pass and kept */
    SEK_PASS_UNCOVERED = 4, /* ranges reported that nothing covers and that are not blank */
};

/* A part of an extent that its digest does not take in as it stands: a place for the signature,
 * say. */
struct sek_hole {
    uint64_t offset, len;
    bool zeros; /* digested as zeros; else left out */
};

/* A range of the medium and the digest over it. Ranges may overlap. SEK_DIGEST_NONE: the range
 * belongs to something (it is covered), no digest is wanted. */
struct sek_extent {
    uint64_t offset, len;
    enum sek_digest_alg alg;
    bool covers;                 /* these bytes belong to something; false: only digested */
    struct sek_bytes prefix;     /* digested before the range; borrowed; usually none */
    const struct sek_hole *hole; /* ascending, disjoint, inside the range; borrowed */
    size_t hole_count;           /* both are set by the caller after planning */
    enum sek_status status;      /* SEK_OK once digest is valid; SEK_ERR_STATE until then */
    uint8_t digest[SEK_DIGEST_MAX];
};

/* Bytes that were read ahead and that must be digested from memory; borrowed from the format. */
struct sek_piece {
    uint64_t offset;
    struct sek_bytes bytes;
};

struct sek_range {
    uint64_t offset, len;
};

/* Whoever wants to see the bytes of a range themselves, in ascending order. One to a pass. */
struct sek_tap {
    uint64_t offset, len;
    void (*bytes)(struct sek_tap *tap, const uint8_t *data, size_t len);
    void (*end)(struct sek_tap *tap); /* all of the range was seen, and the medium ended well */
};

/* Memory of a pass: all of it the caller's. */
struct sek_pass_memory {
    uint8_t *chunk; /* for reading; 64-byte aligned is fastest */
    size_t chunk_len;
    struct sek_extent *extent;
    size_t extent_cap;
};

struct sek_pass {
    struct sek_source *source; /* borrowed */
    const struct hal_digest *hook;
    struct sek_pass_memory memory;
    size_t extent_count;
    struct sek_piece piece[SEK_PASS_PIECES]; /* ascending, disjoint */
    size_t piece_count;
    struct sek_tap *tap; /* borrowed; NULL: none */
    uint64_t bytes_read; /* from the source, by reading ahead and by the pass: proves "once" */

    /* Results and state of the pass. */
    struct sek_range uncovered[SEK_PASS_UNCOVERED];
    size_t uncovered_count; /* may exceed the table: how many there are */
    uint64_t pos;           /* everything before it is done */
    size_t filled;          /* bytes from pos on that stand in the chunk */
    struct sek_fault fault; /* the first read error */
    struct sek_digest active[SEK_PASS_ACTIVE];
    struct sek_extent *owner[SEK_PASS_ACTIVE]; /* whose digest active[i] is; NULL: free */
    uint8_t gap;                               /* what the present gap holds so far */
    uint64_t gap_start;
    bool blank; /* after the end: nothing covers anything, and every byte is 00 or every one FF */
};

/* Prepares a pass over all of source; nothing is read. */
void sek_pass_init(struct sek_pass *pass, struct sek_source *source, const struct hal_digest *hook,
                   const struct sek_pass_memory *memory);

/* Reads len bytes ahead of the pass into buf, which must stay as it is until the pass has ended:
 * the pass takes these bytes from there. Ranges may touch, not overlap. SEK_ERR_RANGE: outside the
 * medium; SEK_ERR_NO_SPACE: more pieces than the table; SEK_ERR_IO, SEK_ERR_ABSENT: the medium;
 * SEK_ERR_STATE: overlaps what was read already. */
SEK_CHECKED enum sek_status sek_pass_read(struct sek_pass *pass, uint64_t offset, void *buf,
                                          size_t len);

/* Plans a range; *out (may be NULL) points at its extent for later. SEK_ERR_RANGE,
 * SEK_ERR_NO_SPACE. */
SEK_CHECKED enum sek_status sek_pass_plan(struct sek_pass *pass, uint64_t offset, uint64_t len,
                                          enum sek_digest_alg alg, struct sek_extent **out);

/* As sek_pass_plan, for a digest that takes in a prefix before the range (R and the key of
 * Ed25519). prefix must stay as it is until the pass has ended. */
SEK_CHECKED enum sek_status sek_pass_plan_prefixed(struct sek_pass *pass, uint64_t offset,
                                                   uint64_t len, enum sek_digest_alg alg,
                                                   struct sek_bytes prefix,
                                                   struct sek_extent **out);

/* Plans a digest over the whole medium; it covers nothing. Statuses as above. */
SEK_CHECKED enum sek_status sek_pass_plan_whole(struct sek_pass *pass, enum sek_digest_alg alg,
                                                struct sek_extent **out);

/* Does the next chunk, adding the work to jobs (up to SEK_PASS_ACTIVE, appended from *count on)
 * that the caller runs with sek_digest_run before the next step: so the streams of two passes, or
 * of two digests of one, can be interleaved. *done: nothing is left. A read error ends the pass:
 * its status and place stand in pass->fault and all unfinished extents stay SEK_ERR_STATE. */
SEK_CHECKED enum sek_status sek_pass_step(struct sek_pass *pass,
                                          struct sek_digest_job job[SEK_PASS_ACTIVE], size_t *count,
                                          bool *done);

/* Ends digests that the steps completed; call after the last jobs ran. Closes the last gap. */
void sek_pass_end(struct sek_pass *pass);

/* A step in two halves, for who reads while digests run. The first reads the next chunk, into
 * memory.chunk, which may be another buffer of chunk_len bytes each time; it touches no digest, so
 * the jobs of the chunk before may still run. The second gives the jobs over it; those before must
 * have ended. Statuses as above. */
SEK_CHECKED enum sek_status sek_pass_fill(struct sek_pass *pass);
SEK_CHECKED enum sek_status sek_pass_jobs(struct sek_pass *pass,
                                          struct sek_digest_job job[SEK_PASS_ACTIVE], size_t *count,
                                          bool *done);

/* All steps in a row, then the end. */
SEK_CHECKED enum sek_status sek_pass_run(struct sek_pass *pass);

#endif
