#include "image/image.h"

#include "crypto/ed25519.h"
#include "crypto/spki.h"

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

/* What of [offset, offset + len) was read ahead already: the first such range is copied, *from it
 * begins, *n is its length; 0: nothing of it. */
static void copy_known(const struct sek_pass *pass, uint64_t offset, uint8_t *buf, size_t len,
                       size_t *from, size_t *n)
{
    *from = len;
    *n = 0;
    for (size_t i = 0; i < pass->piece_count; i++) {
        const struct sek_piece *piece = &pass->piece[i];
        uint64_t start = piece->offset > offset ? piece->offset : offset;
        uint64_t end = piece->offset + piece->bytes.len;

        if (end > offset + len)
            end = offset + len;
        if (start >= end)
            continue;
        *from = (size_t)(start - offset);
        *n = (size_t)(end - start);
        memcpy(buf + *from, piece->bytes.data + (start - piece->offset), *n);
        return;
    }
}

enum sek_status sek_image_read_into(struct sek_image *image, uint64_t offset, uint8_t *buf,
                                    size_t len)
{
    enum sek_status status = SEK_OK;
    size_t done = 0;

    if (offset > image->claims.size || len > image->claims.size - offset)
        return SEK_ERR_RANGE;
    while (done < len && status == SEK_OK) {
        size_t from, n;

        copy_known(&image->pass, offset + done, buf + done, len - done, &from, &n);
        status = sek_pass_read(&image->pass, offset + done, buf + done, from);
        done += from + n;
    }
    return status;
}

enum sek_status sek_image_read(struct sek_image *image, uint64_t offset, size_t len,
                               const uint8_t **out)
{
    struct sek_fault *fault = &image->claims.fault;
    enum sek_status status;
    uint8_t *bytes;

    if (offset > image->claims.size || len > image->claims.size - offset)
        return sek_fault_set(fault, SEK_ERR_TRUNCATED, offset, "ends before what it announces");
    bytes = sek_image_scratch(image, len);
    if (!bytes)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, offset, "larger than our memory");
    status = sek_image_read_into(image, offset, bytes, len);
    if (status != SEK_OK)
        return sek_fault_set(fault, status, offset, "cannot be read here");
    *out = bytes;
    return SEK_OK;
}

enum sek_status sek_image_plan_ed25519(struct sek_image *image, uint64_t offset, uint64_t len,
                                       struct sek_bytes spki, struct sek_signature_claim *claim)
{
    uint8_t *prefix = sek_image_scratch(image, SEK_ED25519_PREFIX_LEN);
    struct sek_spki key;

    if (!prefix)
        return sek_fault_set(&image->claims.fault, SEK_ERR_NO_SPACE, offset, "no memory");
    claim->key.spki = spki;
    claim->alg = (struct sek_sig_alg){SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256};
    if (claim->value.len != SEK_ED25519_LEN || sek_spki_parse(spki, &key) != SEK_OK || !key.edwards)
        return SEK_OK; /* it verifies under no key */
    sek_ed25519_prefix(key.key.data, claim->value.data, prefix);
    return sek_pass_plan_prefixed(&image->pass, offset, len, SEK_DIGEST_SHA512,
                                  (struct sek_bytes){prefix, SEK_ED25519_PREFIX_LEN},
                                  &claim->measured);
}

bool sek_image_name(struct sek_bytes name, char out[SEK_NAME_MAX + 1])
{
    static const char also[] = ",._+-";
    bool dots = true;

    if (name.len == 0 || name.len > SEK_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = (char)name.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c != '\0' && strchr(also, c))))
            return false;
        dots = dots && c == '.';
        out[i] = c;
    }
    out[name.len] = '\0';
    return !dots || name.len > 2;
}

/* Copies a constant or checked name; it fits. */
static void put_name(char out[SEK_NAME_MAX + 1], const char *name)
{
    size_t len = strlen(name);

    if (len > SEK_NAME_MAX)
        len = SEK_NAME_MAX;
    memcpy(out, name, len);
    out[len] = '\0';
}

struct sek_image_claim *sek_image_add(struct sek_image *image, const char *name, uint64_t offset,
                                      uint64_t size)
{
    struct sek_image_claims *claims = &image->claims;
    struct sek_image_claim *claim;

    if (claims->image_count == claims->image_cap) {
        (void)sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, offset, "more images than our table");
        return NULL;
    }
    claim = &claims->image[claims->image_count++];
    *claim = (struct sek_image_claim){
        .format = claims->format, .class_hint = SEK_CLASS_NONE, .offset = offset, .size = size};
    put_name(claim->name, name);
    return claim;
}

struct sek_statement_claim *sek_statement_add(struct sek_image *image, const char *name,
                                              enum sek_statement_kind kind)
{
    struct sek_image_claims *claims = &image->claims;
    struct sek_statement_claim *claim;

    if (claims->statement_count == claims->statement_cap) {
        (void)sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0,
                            "more signed statements than our table");
        return NULL;
    }
    claim = &claims->statement[claims->statement_count++];
    *claim = (struct sek_statement_claim){.kind = kind};
    put_name(claim->name, name);
    return claim;
}

struct sek_signature_claim *sek_signature_add(struct sek_image *image, const char *name,
                                              size_t statement)
{
    struct sek_image_claims *claims = &image->claims;
    struct sek_signature_claim *claim;

    if (claims->signature_count == claims->signature_cap) {
        (void)sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0, "more signatures than our table");
        return NULL;
    }
    claim = &claims->signature[claims->signature_count++];
    *claim = (struct sek_signature_claim){.statement = (uint8_t)statement,
                                          .digest_status = SEK_ERR_STATE};
    put_name(claim->name, name);
    return claim;
}

void sek_image_say(struct sek_image *image, enum sek_content_kind kind, struct sek_bytes text)
{
    struct sek_image_claims *claims = &image->claims;

    if (text.len == 0)
        return;
    if (claims->content_count < SEK_CONTENTS_MAX)
        claims->content[claims->content_count] = (struct sek_content_claim){kind, text};
    claims->content_count++;
}

void sek_image_cover_statements(struct sek_image *image, size_t statement)
{
    for (size_t i = 0; i < image->claims.statement_count; i++) {
        if (i != statement)
            image->claims.statement[i].covered_by |= UINT32_C(1) << statement;
    }
}

void sek_image_cover_all(struct sek_image *image, size_t statement)
{
    for (size_t i = 0; i < image->claims.image_count; i++) {
        struct sek_image_claim *claim = &image->claims.image[i];

        claim->covered_by |= UINT32_C(1) << statement;
        claim->direct_by |= UINT32_C(1) << statement;
        claim->checksum_only = false;
    }
    sek_image_cover_statements(image, statement);
}

bool sek_key_claim_names(const struct sek_key_claim *claim)
{
    return claim->spki.len > 0 || claim->hash.len > 0;
}

static bool same_bytes(struct sek_bytes a, const uint8_t *data, size_t len)
{
    return a.len == len && memcmp(a.data, data, len) == 0;
}

bool sek_key_claim_fits(const struct sek_key_claim *claim, struct sek_bytes spki)
{
    uint8_t digest[SEK_DIGEST_MAX];
    struct sek_spki parsed;

    if (!sek_key_claim_names(claim))
        return true;
    if (claim->spki.len > 0)
        return same_bytes(claim->spki, spki.data, spki.len);
    if (sek_spki_parse(spki, &parsed) != SEK_OK)
        return false;
    if (parsed.rsa)
        spki = parsed.key;
    return sek_digest_of(claim->hash_alg, NULL, spki.data, spki.len, digest) == SEK_OK &&
           same_bytes(claim->hash, digest, sek_digest_len(claim->hash_alg));
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

/* Lets a format prepare; NOT_THIS_FORMAT: it has left nothing behind. */
static enum sek_status try_format(struct sek_image *image, const struct sek_format *format)
{
    const char *before = image->claims.format;
    enum sek_status status;

    image->claims.format = format->name;
    status = format->prepare(image);
    if (status == SEK_ERR_NOT_THIS_FORMAT)
        image->claims.format = before;
    else
        image->format = format;
    return status;
}

/* Asks the formats in their order. Two that both read the medium would be two truths about one
 * file: then it is malformed. SEK_ERR_NOT_FOUND: none of the forced name. */
static enum sek_status recognise(struct sek_image *image, const char *forced)
{
    struct sek_bytes head = {image->head, image->head_len};
    bool found = !forced || strcmp(forced, "raw") == 0;
    enum sek_status status = SEK_OK, result = SEK_OK;

    for (const struct sek_format *const *at = sek_formats; *at; at++) {
        const struct sek_format *first = image->format;

        if (!claims_it(*at, forced, head))
            continue;
        found = true;
        status = try_format(image, *at);
        if (medium_failed(status))
            return status;
        if (status == SEK_ERR_NOT_THIS_FORMAT && !forced)
            continue;
        if (first) {
            image->claims.fault =
                (struct sek_fault){SEK_ERR_MALFORMED, 0, "two formats claim the same bytes"};
            return SEK_ERR_MALFORMED;
        }
        image->claims.format = (*at)->name;
        result = status;
    }
    return found ? result : SEK_ERR_NOT_FOUND;
}

/* Asks the wrappers. NOT_THIS_FORMAT: none claims the medium. */
static enum sek_status recognise_wrapper(struct sek_image *image)
{
    bool known = false;

    for (const struct sek_format *const *at = sek_formats; *at; at++) {
        enum sek_status status;

        if (!(*at)->probe_end || image->claims.size < SEK_TAIL_LEN)
            continue;
        status = known ? SEK_OK
                       : sek_image_read_into(image, image->claims.size - SEK_TAIL_LEN, image->tail,
                                             SEK_TAIL_LEN);
        if (status != SEK_OK)
            return status;
        known = true;
        if (!(*at)->probe_end((struct sek_bytes){image->tail, SEK_TAIL_LEN}))
            continue;
        status = try_format(image, *at);
        if (status != SEK_ERR_NOT_THIS_FORMAT)
            return status;
    }
    return SEK_ERR_NOT_THIS_FORMAT;
}

enum sek_status sek_image_unwrap(struct sek_image *image, uint64_t size)
{
    struct sek_image_claims *claims = &image->claims;
    const char *wrapper = claims->format;
    uint64_t whole = claims->size;
    enum sek_status status;

    if (image->scratch_len - image->scratch_used < SEK_WRAPPER_SCRATCH)
        return sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, size, "no memory for a wrapper");
    image->scratch_len -= SEK_WRAPPER_SCRATCH;
    claims->size = size;
    claims->format = NULL;
    if (image->head_len > size)
        image->head_len = (size_t)size;
    status = recognise(image, NULL);
    claims->size = whole;
    claims->format = wrapper;
    image->scratch_len += SEK_WRAPPER_SCRATCH;
    image->format = NULL;
    return status;
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
    image->claims.content_count = 0;
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
    status = forced ? SEK_ERR_NOT_THIS_FORMAT : recognise_wrapper(image);
    if (status == SEK_ERR_NOT_THIS_FORMAT)
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

uint64_t sek_image_end(const struct sek_image *image)
{
    const struct sek_pass *pass = &image->pass;
    uint64_t end = 0;

    for (size_t i = image->whole_count; i < pass->extent_count; i++) {
        const struct sek_extent *extent = &pass->memory.extent[i];

        if (extent->covers && extent->offset + extent->len > end)
            end = extent->offset + extent->len;
    }
    return end;
}

void sek_image_cut(struct sek_image *image, uint64_t end)
{
    image->claims.size = end;
    image->pass.source->size = end;
    for (unsigned alg = SEK_DIGEST_CRC32; alg < SEK_DIGEST_COUNT; alg++) {
        if (image->claims.whole[alg])
            image->claims.whole[alg]->len = end;
    }
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

/* The digest of what was measured, as it was signed. */
static void take_digest(struct sek_signature_claim *signature)
{
    const uint8_t *digest = signature->measured->digest;
    size_t len = sek_digest_len(signature->measured->alg);

    for (size_t i = 0; i < len; i++)
        signature->digest[i] = signature->reversed ? digest[len - 1 - i] : digest[i];
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
        take_digest(signature);
    }
}
