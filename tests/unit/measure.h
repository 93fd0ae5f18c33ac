/* Measures media in memory with tables as large as a workstation's. */
#ifndef SEK_TESTS_UNIT_MEASURE_H
#define SEK_TESTS_UNIT_MEASURE_H

#include "image/image.h"
#include "tests/unit/fit_writer.h"

enum {
    MEASURE_IMAGES = 256,
    MEASURE_SIGNATURES = 128,
    MEASURE_EXTENTS = 1024,
    MEASURE_CHUNK = 4096,
    MEASURE_SCRATCH = 1024 * 1024,
};

struct measure {
    struct sek_image image; /* claims and what the pass has read */
    struct sek_image_memory memory;
    const struct hal_digest *hook; /* NULL, unless a test sets it */
    unsigned whole;                /* 1 << alg: digests over all of it; none at first */
    enum sek_status status;        /* of opening and running */
};

void measure_init(struct measure *m);
void measure_free(struct measure *m);

/* Opens (forced: as this format, or NULL), runs, and keeps the status. */
void measure_source(struct measure *m, struct sek_source *source, const char *forced);
void measure_bytes(struct measure *m, const void *data, size_t len, const char *forced);

/* Measures a FIT and checks what holds for every one: its container's fault has this status, each
 * byte was read once, and of one that is refused nothing is kept but a digest of the whole. */
void measure_fit(struct measure *m, const void *data, size_t len, enum sek_status status);

/* The same of a good one that a writer would write now. */
void measure_writer(struct measure *m, const struct fit_writer *w);

/* Checks that there is one signature, and that it is over these bytes. */
void measure_is_digest(const struct measure *m, const uint8_t *bytes, size_t len);

/* The claim of this name, or NULL. */
struct sek_image_claim *measure_image(struct measure *m, const char *name);

#endif
