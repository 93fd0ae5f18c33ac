#include "image/image.h"

#include <string.h>

void *sek_image_scratch(struct sek_image *image, size_t len)
{
    size_t rounded = (len + 7) & ~(size_t)7;
    void *taken;

    if (rounded < len || rounded > image->scratch_len - image->scratch_used)
        return NULL;
    taken = image->scratch + image->scratch_used;
    image->scratch_used += rounded;
    return taken;
}

static bool medium_failed(enum sek_status status)
{
    return status == SEK_ERR_IO || status == SEK_ERR_ABSENT;
}

/* Does a format claim the medium? By its name where one is forced, else by the first bytes. */
static bool claims_it(const struct sek_format *format, const char *forced, struct sek_bytes head)
{
    return forced ? strcmp(format->name, forced) == 0 : format->probe && format->probe(head);
}

/* Asks the formats in their order. Two that both read the medium would be two truths about one
 * file: then it is malformed. SEK_ERR_NOT_FOUND: none of the forced name. */
static enum sek_status recognise(struct sek_image *image, const char *forced)
{
    struct sek_bytes head = {image->head, image->head_len};
    bool found = !forced || strcmp(forced, "raw") == 0;
    enum sek_status status = SEK_OK, result = SEK_OK;

    for (const struct sek_format *const *at = sek_formats; *at; at++) {
        if (!claims_it(*at, forced, head))
            continue;
        found = true;
        if (image->format)
            return sek_fault_set(&image->claims.fault, SEK_ERR_MALFORMED, 0,
                                 "begins like two formats at once");
        status = (*at)->prepare(image);
        if (medium_failed(status))
            return status;
        if (status == SEK_ERR_NOT_THIS_FORMAT && !forced)
            continue;
        image->format = *at;
        image->claims.format = (*at)->name;
        result = status;
    }
    return found ? result : SEK_ERR_NOT_FOUND;
}

static void clear_claims(struct sek_image_claims *claims, const struct sek_image_memory *memory,
                         uint64_t size)
{
    *claims = (struct sek_image_claims){
        .image = memory->image,
        .image_cap = memory->image_cap,
        .statement = memory->statement,
        .statement_cap =
            memory->statement_cap < SEK_STATEMENTS_MAX ? memory->statement_cap : SEK_STATEMENTS_MAX,
        .signature = memory->signature,
        .signature_cap = memory->signature_cap,
        .size = size,
    };
}

/* A container that cannot be read gives no images: only the whole medium is measured. */
static void drop_images(struct sek_image *image)
{
    image->claims.image_count = 0;
    image->claims.statement_count = 0;
    image->claims.signature_count = 0;
    image->pass.extent_count = image->whole_count;
}

/* Digests over the whole medium. First of all, so that no image can leave them without a place; the
 * one of a medium without images comes later, when there is place for it again. */
static enum sek_status plan_whole(struct sek_image *image, unsigned algs)
{
    for (unsigned alg = SEK_DIGEST_CRC32; alg < SEK_DIGEST_COUNT; alg++) {
        enum sek_status status;

        if (!(algs & 1u << alg) || image->claims.whole[alg])
            continue;
        status =
            sek_pass_plan_whole(&image->pass, (enum sek_digest_alg)alg, &image->claims.whole[alg]);
        if (status != SEK_OK)
            return status;
        image->whole_count++;
    }
    return SEK_OK;
}

enum sek_status sek_image_open(struct sek_image *image, struct sek_source *source,
                               const struct hal_digest *hook, const char *forced,
                               unsigned whole_algs, const struct sek_image_memory *memory)
{
    enum sek_status status;

    memset(image, 0, sizeof *image);
    image->scratch = memory->scratch;
    image->scratch_len = memory->scratch_len;
    sek_pass_init(&image->pass, source, hook, &memory->pass);
    clear_claims(&image->claims, memory, source->size);
    image->head_len = source->size < SEK_HEAD_LEN ? (size_t)source->size : SEK_HEAD_LEN;
    status = sek_pass_read(&image->pass, 0, image->head, image->head_len);
    if (status != SEK_OK)
        return status;
    status = plan_whole(image, whole_algs);
    if (status != SEK_OK)
        return status;
    image->candidate = memory->candidate;
    image->candidate_count = memory->candidate_count;
    status = recognise(image, forced);
    if (medium_failed(status) || status == SEK_ERR_NOT_FOUND)
        return status;
    if (status != SEK_OK) {
        if (image->claims.fault.status == SEK_OK)
            image->claims.fault = (struct sek_fault){status, 0, sek_status_text(status)};
        drop_images(image);
    }
    return image->claims.image_count == 0 ? plan_whole(image, 1u << SEK_DIGEST_SHA256) : SEK_OK;
}

enum sek_status sek_image_run(struct sek_image *image)
{
    struct sek_digest_job job[SEK_PASS_ACTIVE];
    bool done = false;
    enum sek_status status = SEK_OK;

    while (!done && status == SEK_OK) {
        size_t count = 0;

        status = sek_pass_step(&image->pass, job, &count, &done);
        sek_digest_run(job, count);
    }
    sek_image_finish(image);
    return status;
}

void sek_image_finish(struct sek_image *image)
{
    struct sek_image_claims *claims = &image->claims;

    sek_pass_end(&image->pass);
    claims->blank = image->pass.blank;
    claims->uncovered = image->pass.uncovered;
    claims->uncovered_count = image->claims.image_count > 0 ? image->pass.uncovered_count : 0;
    for (size_t i = 0; i < claims->signature_count; i++) {
        struct sek_signature_claim *signature = &claims->signature[i];

        if (!signature->measured)
            continue;
        signature->digest_status = signature->measured->status;
        memcpy(signature->digest, signature->measured->digest, SEK_DIGEST_MAX);
    }
}
