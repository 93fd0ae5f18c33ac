/* Components of a token as rows. Inside evidence/ only. */
#ifndef SEK_EVIDENCE_TOKEN_DECODE_ROW_H
#define SEK_EVIDENCE_TOKEN_DECODE_ROW_H

#include "evidence/token_decode.h"

/* Reads the value of claim 266; context is the struct sek_token_content. */
void sek_token_read_rows(struct sek_reader *r, void *context);

/* Counts what we do not know, and lists it while there is room. */
void sek_token_list_unknown(struct sek_token_content *content, int64_t key, uint64_t offset);

#endif
