/* Rows in the making: what the appraisal writes into one before it judges. */
#ifndef SEK_TRUST_ROW_MAKE_H
#define SEK_TRUST_ROW_MAKE_H

#include "trust/appraise.h"

/* A row that says what the component is and nothing yet of what it is worth. */
void sek_row_start(struct sek_row *row, enum sek_row_kind kind,
                   const struct sek_component *component);

/* Names it "REGION/NAME". */
void sek_row_name(struct sek_row *row, const char *region, const char *name);

/* Copies a text (NULL: none) as far as it fits; always ends in NUL. */
void sek_row_text(char *out, size_t cap, const char *text);

#endif
