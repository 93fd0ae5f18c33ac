#include "trust/row_image.h"

#include <string.h>

void sek_row_add_digest(struct sek_row *row, const struct sek_extent *extent)
{
    if (!extent || extent->status != SEK_OK || !sek_digest_strong(extent->alg))
        return;
    for (size_t i = 0; i < SEK_ROW_DIGESTS; i++) {
        if (row->digest[i].alg == extent->alg)
            return;
        if (row->digest[i].alg == SEK_DIGEST_NONE) {
            row->digest[i].alg = extent->alg;
            memcpy(row->digest[i].bytes, extent->digest, SEK_DIGEST_MAX);
            return;
        }
    }
}

void sek_row_add_digests(struct sek_row *row, const struct sek_image_claim *image)
{
    for (size_t i = 0; i < image->hash_count; i++)
        sek_row_add_digest(row, image->hash[i].measured);
    sek_row_add_digest(row, image->extra);
}

void sek_row_note_mismatch(struct sek_row *row, const struct sek_image_claim *image)
{
    for (size_t i = 0; i < image->hash_count; i++) {
        const struct sek_hash_claim *hash = &image->hash[i];
        size_t len = sek_digest_len(hash->alg);

        if (!hash->measured || hash->measured->status != SEK_OK || hash->expected.len != len ||
            memcmp(hash->expected.data, hash->measured->digest, len) == 0)
            continue;
        row->expected.alg = hash->alg;
        memcpy(row->expected.bytes, hash->expected.data, len);
        return;
    }
}
