/* Components of a token as rows. Inside evidence/ only. */
#ifndef SEK_EVIDENCE_TOKEN_DECODE_ROW_H
#define SEK_EVIDENCE_TOKEN_DECODE_ROW_H

#include "evidence/claims.h"
#include "evidence/token_decode.h"

/* One component, measured component or unmeasured row while it is read. */
struct sek_token_entry {
    struct sek_token_content *content;
    struct sek_row row;
    bool has_flags;
    uint8_t flags[SEK_FLAGS_LEN];
    unsigned marks;
    /* Of a component only. */
    bool has_own; /* a measured component of its own name was read */
    bool own_has_flags;
    uint8_t own_flags[SEK_FLAGS_LEN];
    size_t first; /* its row's index; what stands inside follows */
};

/* Every row starts as the worst. */
struct sek_token_entry sek_token_entry_make(struct sek_token_content *content);

/* Readers of claims that several kinds of entry have; context is the struct sek_token_entry. */
void sek_token_read_flags(struct sek_reader *r, void *context);
void sek_token_read_marks(struct sek_reader *r, void *context);
void sek_token_read_name(struct sek_reader *r, struct sek_row *row);

/* Reads one byte string of -82022 or of 273: a map of its own. Who stands there is not looked at.
 */
void sek_token_read_image(struct sek_reader *r, struct sek_token_entry *entry, bool measured);

/* Reads the value of claim 266; context is the struct sek_token_content. */
void sek_token_read_rows(struct sek_reader *r, void *context);

/* Counts what we do not know, and lists it while there is room. */
void sek_token_list_unknown(struct sek_token_content *content, int64_t key, uint64_t offset);

#endif
