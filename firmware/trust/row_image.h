/* From what was measured of an image to its row. Inside trust/ only. */
#ifndef SEK_TRUST_ROW_IMAGE_H
#define SEK_TRUST_ROW_IMAGE_H

#include "image/image.h"
#include "trust/row.h"

/* A strong digest that was computed joins the row, each algorithm once; NULL: nothing. */
void sek_row_add_digest(struct sek_row *row, const struct sek_extent *extent);

/* All digests of an image. */
void sek_row_add_digests(struct sek_row *row, const struct sek_image_claim *image);

/* The first hash of an image that is not that of its bytes is what the row expects. */
void sek_row_note_mismatch(struct sek_row *row, const struct sek_image_claim *image);

#endif
