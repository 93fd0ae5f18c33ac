/* One file at work: opened, measured in steps, judged. The slots of a worker are stepped together,
 * so that their digests run side by side. */
#ifndef SEK_BENCH_INSPECT_SLOT_H
#define SEK_BENCH_INSPECT_SLOT_H

#include "boards/bench/inspect/board.h"
#include "boards/bench/inspect/contents.h"
#include "boards/bench/report/report.h"
#include "hal/linux/file_source.h"
#include "image/image.h"

enum {
    SLOT_CHUNK = 32 * 1024,   /* read at once; fits the processor's first cache */
    SLOT_TREE = 64 * 1024,    /* the same under a hash tree: HAL_SHA256_MANY of its blocks */
    SLOT_CHUNKS = 384 * 1024, /* of all slots that are stepped together: memory stays in bounds */
    SLOT_PAGE = 4096,
    SLOT_LARGE = 2 * 1024 * 1024, /* bytes of a file that is worth a second thread */
    SLOT_SCRATCH = 1024 * 1024, /* a FIT's tree without payloads; only what is used costs memory */
    SLOT_EXTENTS = 1024,
    SLOT_IMAGES = 256,
    SLOT_SIGNATURES = 128,
    SLOT_OBSERVATIONS = 1024, /* the longest TlvInfo record has fewer */
    SLOT_TEXT = 64 * 1024,
};

/* A part of a file as a medium of its own. */
struct slot_window {
    struct sek_source base;
    struct sek_source *whole;
    uint64_t offset; /* in it */
};

/* What all files of one run share. */
struct slot_setup {
    const struct sek_appraiser *appraiser;
    const struct hal_digest *hook;
    const char *format;        /* --format, or NULL */
    enum sek_class class_word; /* --class, or SEK_CLASS_NONE */
    unsigned whole_algs;
    const struct board *board;         /* --board, or NULL: what the files are dumps of */
    struct sek_bytes detached;         /* --detached: the signature over the file; len 0: none */
    const struct sek_bytes *candidate; /* of sek_store_candidates */
    size_t candidate_count;
};

struct slot {
    const struct slot_setup *setup;
    size_t index; /* of the file in the command line */
    const char *path;
    bool busy;
    int cause; /* errno of a read that failed; 0: none */
    struct linux_file_source file;
    struct contents contents; /* what it holds, and what of it is at work */
    struct content content;
    struct slot_window window;
    uint8_t *record;                 /* SEK_PART_MAX bytes: a small file, read whole */
    struct sek_memory_source memory; /* over it */
    struct sek_image image;
    struct sek_image_memory tables;
    struct sek_part_claims part;
    char name[SEK_NAME_MAX + 1];

    /* Result. */
    struct report_subject subject;
    struct sek_row *row; /* grows; freed by slot_free */
    size_t row_cap;
    struct sek_tally tally;
    size_t unlisted;                    /* rows for which the list has no room */
    bool row_lost;                      /* no memory for a row */
    size_t observation_used, text_used; /* by parts before the one at work */
};

/* Takes the memory of a slot (zeroed) that is stepped with others, all together. False: none left.
 */
bool slot_init(struct slot *slot, const struct slot_setup *setup, size_t together);
void slot_free(struct slot *slot);

/* Opens a file. True: it has to be stepped; false: it is done already (a small one, or one that
 * cannot be read), its subject is complete. */
bool slot_open(struct slot *slot, size_t index, const char *path);

/* Adds the next chunk's work to jobs; run them, then go on. False: the medium is at its end, and
 * after those jobs it is closed: true if the file holds another that has to be stepped, else the
 * subject is complete. */
bool slot_step(struct slot *slot, struct sek_digest_job *job, size_t *count);
bool slot_close(struct slot *slot);

/* A step in two: reads the next chunk into one half (0, 1) of the slot's memory, while jobs over
 * the other may still run; then adds the jobs over it. */
void slot_fill(struct slot *slot, unsigned half);
bool slot_jobs(struct slot *slot, struct sek_digest_job *job, size_t *count);

#endif
