/* One measuring cycle: chips are compared with the map, then every component is opened, read once
 * and judged; its rows stand in a table.
 *
 * A cycle goes on in small steps, so that whoever runs it can answer packets between them. */
#ifndef SEK_AGENT_CYCLE_H
#define SEK_AGENT_CYCLE_H

#include "agent/inventory.h"
#include "hal/digest.h"
#include "hal/media.h"
#include "image/image.h"
#include "trust/appraise.h"

/* Memory of a cycle; all the caller's. */
struct sek_cycle_memory {
    struct sek_image_memory image;
    uint8_t *record; /* an identity record, read whole */
    size_t record_cap;
    struct sek_row *row;
    size_t row_cap;
    struct sek_observation *observation; /* of all parts */
    size_t observation_cap;
    uint8_t *text; /* what the observations say */
    size_t text_cap;
};

struct sek_cycle {
    const struct sek_inventory *inventory;
    struct hal_media *media;
    const struct hal_digest *hook;
    enum sek_method method;
    struct sek_cycle_memory memory;

    /* State and results. */
    struct sek_appraiser appraiser; /* copied at the start */
    bool running;
    bool complete; /* rows are those of a whole cycle */
    size_t next;   /* chips, then units */
    bool open;     /* image is under way */
    enum sek_status open_status;
    struct sek_image image;
    struct sek_bytes candidate[SEK_CANDIDATES_MAX]; /* keys of the store for long messages */
    struct sek_memory_source memory_source;
    size_t row_count;
    size_t observation_used, text_used;
    bool overflow;       /* more rows or observations than the tables: nothing of it is good */
    uint64_t bytes_read; /* from media in this cycle */
};

/* Starts a cycle; an unfinished one is dropped. */
void sek_cycle_start(struct sek_cycle *cycle, const struct sek_appraiser *appraiser);

/* Goes on by one chunk or one part. False: the cycle has ended (complete tells whether whole). */
bool sek_cycle_step(struct sek_cycle *cycle);

/* Outcome of a complete cycle; HOLD of any other. */
enum sek_outcome sek_cycle_outcome(const struct sek_cycle *cycle);

#endif
