/* Rows as components of a token: the content of claims 266 and -82021. */
#ifndef SEK_EVIDENCE_TOKEN_ROW_H
#define SEK_EVIDENCE_TOKEN_ROW_H

#include "evidence/cbor_writer.h"
#include "evidence/claims.h"
#include "trust/row.h"

/* Writes the map of components: one entry per region and part, in the order of the encoded names.
 * Images and configurations stand inside their region's entry. Failures as in sek_token_write. */
void sek_token_put_rows(struct sek_cbor_writer *w, const struct sek_row *row, size_t count);

/* Writes the summary: digest of what sek_token_put_rows writes, rows by integrity, rows by
 * supplier. Uses the writer's buffer meanwhile, so that it must hold all rows. */
void sek_token_put_summary(struct sek_cbor_writer *w, const struct sek_row *row, size_t count);

/* The flags of a row: integrity, supplier, class, bank, method, 0, rule family, rule number. */
void sek_token_flags(const struct sek_row *row, uint8_t flags[SEK_FLAGS_LEN]);

#endif
