/* Platform manifests: the signed list of the parts that a device should have. What is swapped,
 * missing or there in addition gets a word of its own; what is as listed is vouched for. */
#ifndef SEK_TRUST_MANIFEST_H
#define SEK_TRUST_MANIFEST_H

#include "trust/appraise.h"

/* The manifest of one device. */
struct sek_manifest {
    bool of_model; /* the store has some for its model: then each part has to be listed */
    int node;      /* the one of this device, else the one of all of its model; < 0: none */
};

/* Finds it by the model of the board description and the device's serial number (len 0: unknown,
 * then only one of all devices of the model counts). */
struct sek_manifest sek_manifest_find(const struct sek_store *store, struct sek_bytes model,
                                      struct sek_bytes serial);

/* Judges a row, that was judged without it, by a manifest: a part as listed, of whom no rule
 * speaks, is approved (REF-001); one that says something else than listed (REF-002), or is not
 * listed (RD-005), is unexpected; an empty bay that must not be empty is absent (RD-003). What is
 * worse stays. */
void sek_manifest_row(const struct sek_appraiser *appraiser, const struct sek_manifest *manifest,
                      struct sek_row *row);

/* Adds a row for each part that must be there, and has none (RD-003). False: they do not fit into
 * the table of cap rows, or one's name is taken: nothing of the table is good. */
SEK_CHECKED bool sek_manifest_missing(const struct sek_appraiser *appraiser,
                                      const struct sek_manifest *manifest, struct sek_row *row,
                                      size_t *count, size_t cap);

/* All of that for the rows of a device: its manifest, each row, what is missing. False: as above.
 */
SEK_CHECKED bool sek_manifest_rows(const struct sek_appraiser *appraiser, struct sek_bytes model,
                                   struct sek_bytes serial, struct sek_row *row, size_t *count,
                                   size_t cap);

/* True if a part says what an entry lists: of each kind that it names just these values. elsewhere:
 * an entry without a place, which other parts of the same record may stand beside. */
bool sek_manifest_fits(const struct sek_store *store, int entry, const struct sek_row *row,
                       bool elsewhere);

/* The entry of a manifest for the place of this name; < 0: none. */
int sek_manifest_entry(const struct sek_store *store, int manifest, const char *name);

/* The word of a kind in `says`: "vendor"; NULL: there is none. */
const char *sek_manifest_kind(enum sek_kind kind);

/* A value that is no text, as `says` has it: hex and a NUL; out holds 13. */
void sek_manifest_hex(const struct sek_observation *seen, char *out);

/* The part says nothing, as `says` has it. */
#define SEK_MANIFEST_NOTHING "nothing"

#endif
