/* Maps of claims, read by a table: one row per claim that we know. Inside evidence/ only. */
#ifndef SEK_EVIDENCE_CLAIM_MAP_H
#define SEK_EVIDENCE_CLAIM_MAP_H

#include "evidence/cbor.h"

struct sek_claim_row {
    int64_t key;
    const char *missing; /* the fault if the claim is absent; NULL: it may be */
    void (*read)(struct sek_reader *r, void *context); /* takes exactly the value */
};

/* Reads one map of checked CBOR. Of a key that has no row the value is passed over and unknown is
 * told; at most 32 rows. */
void sek_claim_map_read(struct sek_reader *r, const struct sek_claim_row *rows, size_t count,
                        void (*unknown)(void *context, int64_t key, uint64_t offset),
                        void *context);

/* Copies text into a NUL-ended array of cap bytes. Controls or too long: SEK_ERR_MALFORMED. */
void sek_claim_text(struct sek_reader *r, size_t min, char *out, size_t cap);

/* Copies a byte string of exactly len bytes. */
void sek_claim_bytes(struct sek_reader *r, uint8_t *out, size_t len);

#endif
