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

/* Adds a strong digest that was measured, if there is room and none of its kind. */
void sek_row_digest(struct sek_row *row, const struct sek_extent *extent);

/* All digests of an image. */
void sek_row_digests(struct sek_row *row, const struct sek_image_claim *image);

/* The first hash of an image that is not that of its bytes is what the row expects. */
void sek_row_mismatch(struct sek_row *row, const struct sek_image_claim *image);

#endif
