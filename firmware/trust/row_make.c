#include "trust/row_make.h"

#include <string.h>

void sek_row_init(struct sek_row *row)
{
    *row = (struct sek_row){
        .component_class = SEK_CLASS_NONE,
        .verdict = SEK_VERDICT_UNVERIFIED,
    };
}

void sek_row_text(char *out, size_t cap, const char *text)
{
    size_t len = 0;

    while (text && len + 1 < cap && text[len]) {
        out[len] = text[len];
        len++;
    }
    out[len] = '\0';
}

void sek_row_start(struct sek_row *row, enum sek_row_kind kind,
                   const struct sek_component *component)
{
    sek_row_init(row);
    row->kind = kind;
    sek_row_text(row->name, sizeof row->name, component->name);
    row->component_class = component->component_class;
    row->optional = component->optional;
    row->bank = component->bank;
    row->method = component->method;
    sek_row_text(row->location, sizeof row->location, component->location);
}

void sek_row_name(struct sek_row *row, const char *region, const char *name)
{
    size_t len;

    sek_row_text(row->name, sizeof row->name, region);
    len = strlen(row->name);
    if (len + 1 < sizeof row->name)
        row->name[len++] = '/';
    sek_row_text(row->name + len, sizeof row->name - len, name);
}

void sek_row_digest(struct sek_row *row, const struct sek_extent *extent)
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

void sek_row_digests(struct sek_row *row, const struct sek_image_claim *image)
{
    for (size_t i = 0; i < image->hash_count; i++)
        sek_row_digest(row, image->hash[i].measured);
    sek_row_digest(row, image->extra);
}

void sek_row_mismatch(struct sek_row *row, const struct sek_image_claim *image)
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
