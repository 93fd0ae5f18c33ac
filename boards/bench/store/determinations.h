/* Separately signed determinations: trust/SPEC.md 7. */
#ifndef SEK_BENCH_STORE_DETERMINATIONS_H
#define SEK_BENCH_STORE_DETERMINATIONS_H

#include "boards/bench/store/store.h"

enum { STORE_DETERMINATION_TEXT = 1024 }; /* bytes of a text in it */

/* A payload; all borrowed from it. */
struct store_determinations {
    const void *dtb;
    int folder; /* node that holds the determinations */
    const char *label, *authority;
    uint32_t serial, store_serial;
    sek_day issued, not_after; /* last day, still valid */
};

/* Checks the form of a payload. What is wrong is TS-007: MALFORMED, UNSUPPORTED. */
bool store_determinations_open(struct sek_bytes dtb, struct store_determinations *out,
                               struct sek_store_fault *why);
SEK_CHECKED enum sek_status store_determinations_check(struct sek_bytes dtb,
                                                       struct sek_store_fault *why);

/* A property that is one text, not too long; NULL: it is none. */
const char *store_determinations_text(const void *dtb, int node, const char *name);

/* Opens a signed file (8-aligned) and joins what it says to an open store: *store then lies in
 * *payload, which the caller frees; its digest, authority and last day stay those that were signed.
 * path: of the store, for messages. False: *store is as it was, why says TS-007: not signed by an
 * officer of this store who may `determine`, not valid today (or today unknown), older than the
 * policy's `determinations-serial`, for a newer store, or of rules or entities that the store does
 * not have, or of a rule that names somebody itself. */
bool store_determinations_join(const char *path, struct sek_bytes itb, struct sek_store *store,
                               sek_day today, struct store_determinations *d, uint8_t **payload,
                               struct sek_store_fault *why);

#endif
