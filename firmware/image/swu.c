/* SWUpdate's archive: a cpio whose first file names the others with their SHA-256, and whose second
 * signs the first. Source: SWUpdate, doc/source/swupdate.rst and signed_images.rst. */
#include "image/cms.h"
#include "image/cpio.h"
#include "image/sw_description.h"

#include "base/text.h"

#include <string.h>

enum {
    FILES_MAX = 20,
    NAMED_MAX = 32,
    MANIFEST_MAX = 32 * 1024,
};

static const char manifest_name[] = "sw-description", signature_name[] = "sw-description.sig";

struct file {
    const char *name; /* NUL-terminated, in the header that was read */
    uint64_t offset;
    uint32_t size;
};

struct named {
    struct sek_bytes name;
    const uint8_t *sha256;
};

struct swu {
    struct sw_description_sink base;
    struct sek_image *image;
    struct sek_fault *fault;
    struct file file[FILES_MAX];
    size_t count;
    struct named *named; /* NAMED_MAX of them */
    size_t named_count;
    struct sek_bytes manifest;
    char *version; /* SEK_VERSION_MAX + 1 characters */
};

/* ---- The archive ---- */

static const struct file *find(const struct swu *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->file[i].name, name) == 0)
            return &s->file[i];
    }
    return NULL;
}

/* The name behind a header, of name_size bytes with its NUL. NULL: none that may be. */
static const char *take_name(struct swu *s, uint64_t at, uint32_t name_size)
{
    const uint8_t *name = NULL;
    char checked[SEK_NAME_MAX + 1];

    if (name_size < 2 || name_size > SEK_NAME_MAX + 1)
        (void)sek_fault_set(s->fault, SEK_ERR_MALFORMED, at, "a name that is empty or too long");
    else if (sek_image_read(s->image, at, name_size, &name) == SEK_OK &&
             (name[name_size - 1] != 0 || strlen((const char *)name) != name_size - 1 ||
              (strcmp((const char *)name, cpio_last_name) != 0 &&
               !sek_image_name((struct sek_bytes){name, name_size - 1}, checked))))
        (void)sek_fault_set(s->fault, SEK_ERR_MALFORMED, at,
                            "a name with odd characters, or a path");
    return s->fault->status == SEK_OK ? (const char *)name : NULL;
}

/* One entry; *at moves behind its padding. False: a fault, or the end (which *done tells). */
static bool take_entry(struct swu *s, uint64_t *at, bool *done)
{
    struct file *file = &s->file[s->count];
    struct cpio_header entry;
    const uint8_t *header;

    if (s->count == FILES_MAX) {
        (void)sek_fault_set(s->fault, SEK_ERR_NO_SPACE, *at, "more files than our table");
        return false;
    }
    if (sek_image_read(s->image, *at, CPIO_HEADER, &header) != SEK_OK)
        return false;
    if (cpio_header_read(header, &entry) != SEK_OK) {
        (void)sek_fault_set(s->fault, SEK_ERR_MALFORMED, *at, "no header of a cpio file");
        return false;
    }
    file->size = entry.size;
    file->name = take_name(s, *at + CPIO_HEADER, entry.name_size);
    if (!file->name)
        return false;
    file->offset = (*at + CPIO_HEADER + entry.name_size + 3) & ~(uint64_t)3;
    if (sek_pass_plan(&s->image->pass, *at, CPIO_HEADER + entry.name_size, SEK_DIGEST_NONE, NULL) !=
        SEK_OK) {
        (void)sek_fault_set(s->fault, SEK_ERR_NO_SPACE, *at, "more files than can be planned");
        return false;
    }
    if (strcmp(file->name, cpio_last_name) == 0) {
        *done = true;
        return false;
    }
    if (file->offset + file->size > s->image->claims.size) {
        (void)sek_fault_set(s->fault, SEK_ERR_TRUNCATED, *at, "a file is longer than the archive");
        return false;
    }
    if (find(s, file->name)) {
        (void)sek_fault_set(s->fault, SEK_ERR_MALFORMED, *at, "one name twice");
        return false;
    }
    *at = (file->offset + file->size + 3) & ~(uint64_t)3;
    s->count++;
    return true;
}

/* All entries. NOT_THIS_FORMAT: a cpio that does not begin with a manifest. */
static enum sek_status read_archive(struct swu *s)
{
    uint64_t at = 0;
    bool done = false;
    const uint8_t *name;

    if (s->image->claims.size < CPIO_HEADER + sizeof manifest_name)
        return SEK_ERR_NOT_THIS_FORMAT;
    if (sek_image_read(s->image, CPIO_HEADER, sizeof manifest_name, &name) != SEK_OK)
        return s->fault->status;
    if (memcmp(name, manifest_name, sizeof manifest_name) != 0)
        return SEK_ERR_NOT_THIS_FORMAT;
    while (take_entry(s, &at, &done))
        continue;
    return s->fault->status;
}

/* ---- The manifest ---- */

static enum sek_status note_file(struct sw_description_sink *base, struct sek_bytes name,
                                 struct sek_bytes sha256)
{
    struct swu *s = (struct swu *)base;
    uint8_t *digest = sek_image_scratch(s->image, sek_digest_len(SEK_DIGEST_SHA256));

    if (!digest || s->named_count == NAMED_MAX)
        return SEK_ERR_NO_SPACE;
    if (!cpio_from_hex(sha256.data, sha256.len, digest))
        return SEK_ERR_MALFORMED;
    s->named[s->named_count++] = (struct named){name, digest};
    return SEK_OK;
}

static void note_version(struct sw_description_sink *base, struct sek_bytes text)
{
    sek_text_clean(text, ((struct swu *)base)->version, SEK_VERSION_MAX + 1);
}

/* Revisions, names of boards, or both: whoever is meant. */
static void note_hardware(struct sw_description_sink *base, struct sek_bytes text)
{
    struct sek_image *image = ((struct swu *)base)->image;

    sek_image_say(image, SEK_CONTENT_PRODUCT, text);
    if (memchr(text.data, ',', text.len))
        sek_image_say(image, SEK_CONTENT_COMPATIBLE, text);
}

static enum sek_status read_manifest(struct swu *s)
{
    const struct file *file = &s->file[0];
    struct sek_fault fault = {0};
    const uint8_t *text;

    if (file->size > MANIFEST_MAX)
        return sek_fault_set(s->fault, SEK_ERR_NO_SPACE, file->offset,
                             "a manifest too long for us");
    if (sek_image_read(s->image, file->offset, file->size, &text) != SEK_OK)
        return s->fault->status;
    s->manifest = (struct sek_bytes){text, file->size};
    if (sw_description_read(s->manifest, &s->base, &fault) != SEK_OK)
        return sek_fault_set(s->fault, fault.status, file->offset + fault.offset, fault.why);
    return SEK_OK;
}

/* ---- Claims ---- */

/* A bare RSA signature does not say its padding: both are tried, the store pins one. */
static enum sek_status add_rsa(struct swu *s, struct sek_bytes value)
{
    static const enum sek_scheme schemes[] = {SEK_SCHEME_RSA_PKCS1, SEK_SCHEME_RSA_PSS};
    static const char *const algos[] = {"sha256,rsa2048", "sha256,rsa3072", "sha256,rsa4096"};

    for (size_t i = 0; i < SEK_LEN(schemes); i++) {
        struct sek_signature_claim *claim = sek_signature_add(s->image, signature_name, 0);

        if (!claim)
            return s->fault->status;
        claim->value = value;
        if (value.len % 128 != 0 || value.len < 256 || value.len > 512)
            continue; /* of nothing that we know: GPG, perhaps */
        claim->alg = (struct sek_sig_alg){schemes[i], SEK_DIGEST_SHA256, (uint16_t)(8 * value.len)};
        memcpy(claim->algo, algos[value.len / 128 - 2], sizeof "sha256,rsa2048");
        claim->message = s->manifest;
        claim->digest_status = SEK_OK;
    }
    return SEK_OK;
}

static enum sek_status add_signature(struct swu *s, struct sek_image_claim *image)
{
    const struct file *file = &s->file[1];
    const uint8_t *bytes;
    struct sek_cms cms;

    if (file->size == 0 || file->size > SEK_CMS_MAX)
        return sek_fault_set(s->fault, SEK_ERR_MALFORMED, file->offset,
                             "a signature of a size that cannot be");
    if (sek_image_read(s->image, file->offset, file->size, &bytes) != SEK_OK ||
        !sek_statement_add(s->image, manifest_name, SEK_STATEMENT_WHOLE))
        return s->fault->status;
    image->covered_by = 1;
    if (bytes[0] != 0x30 || file->size <= SEK_SIGNATURE_MAX) {
        image->direct_by = 1;
        return add_rsa(s, (struct sek_bytes){bytes, file->size});
    }
    if (sek_cms_add(s->image, (struct sek_bytes){bytes, file->size}, file->offset, SEK_CMS_DETACHED,
                    0, &cms) != SEK_OK ||
        sek_cms_bind(s->image, &cms, s->manifest) != SEK_OK)
        return s->fault->status;
    return sek_cms_cover(s->image, &cms, image, 0);
}

/* Adds a sha256 that a file is named with, unless it was named with it before: manifests name a
 * file once for each board and copy. False: more different ones than we take. */
static bool add_named(struct sek_image_claim *claim, const uint8_t *sha256,
                      struct sek_extent *measured)
{
    for (size_t i = 0; i < claim->hash_count; i++) {
        if (memcmp(claim->hash[i].expected.data, sha256, 32) == 0)
            return true;
    }
    if (claim->hash_count == SEK_IMAGE_HASHES)
        return false;
    claim->hash[claim->hash_count++] = (struct sek_hash_claim){
        .alg = SEK_DIGEST_SHA256, .expected = {sha256, 32}, .measured = measured};
    return true;
}

/* A file of the archive: covered if the manifest names it, by each sha256 that it is named with. */
static enum sek_status add_file(struct swu *s, const struct file *file, uint32_t statements)
{
    struct sek_image_claim *claim = sek_image_add(s->image, file->name, file->offset, file->size);
    struct sek_extent *measured = NULL;
    enum sek_status status;

    if (!claim)
        return s->fault->status;
    claim->class_hint = SEK_CLASS_ROOTFS;
    memcpy(claim->version, s->version, sizeof claim->version);
    status = sek_pass_plan(&s->image->pass, file->offset, file->size, SEK_DIGEST_SHA256, &measured);
    if (status != SEK_OK)
        return status;
    for (size_t i = 0; i < s->named_count; i++) {
        const struct named *named = &s->named[i];

        if (named->name.len != strlen(file->name) ||
            memcmp(named->name.data, file->name, named->name.len) != 0)
            continue;
        if (!add_named(claim, named->sha256, measured))
            return sek_fault_set(s->fault, SEK_ERR_NO_SPACE, file->offset,
                                 "a file is named with more digests than we take");
        claim->covered_by = statements;
    }
    if (claim->hash_count == 0)
        claim->extra = measured;
    return SEK_OK;
}

/* Every file that the manifest names has to be there. */
static enum sek_status all_there(const struct swu *s)
{
    for (size_t i = 0; i < s->named_count; i++) {
        bool found = false;

        for (size_t k = 0; k < s->count; k++)
            found = found ||
                    (strlen(s->file[k].name) == s->named[i].name.len &&
                     memcmp(s->file[k].name, s->named[i].name.data, s->named[i].name.len) == 0);
        if (!found)
            return sek_fault_set(s->fault, SEK_ERR_MALFORMED, s->file[0].offset,
                                 "the manifest names a file that is not there");
    }
    return SEK_OK;
}

static enum sek_status add_all(struct swu *s)
{
    const struct file *file = &s->file[0];
    bool is_signed = s->count > 1 && strcmp(s->file[1].name, signature_name) == 0;
    struct sek_image_claim *claim =
        sek_image_add(s->image, manifest_name, file->offset, file->size);
    enum sek_status status;

    if (!claim)
        return s->fault->status;
    claim->class_hint = SEK_CLASS_CONFIG;
    memcpy(claim->version, s->version, sizeof claim->version);
    if (!is_signed && find(s, signature_name))
        return sek_fault_set(s->fault, SEK_ERR_MALFORMED, file->offset,
                             "a signature that is not the second file");
    status =
        sek_pass_plan(&s->image->pass, file->offset, file->size, SEK_DIGEST_SHA256, &claim->extra);
    if (status == SEK_OK && is_signed)
        status = add_signature(s, claim);
    if (status == SEK_OK && is_signed)
        status = sek_pass_plan(&s->image->pass, s->file[1].offset, s->file[1].size, SEK_DIGEST_NONE,
                               NULL);
    for (size_t i = is_signed ? 2 : 1; i < s->count && status == SEK_OK; i++)
        status = add_file(s, &s->file[i], is_signed);
    return status;
}

static enum sek_status prepare(struct sek_image *image)
{
    struct swu s = {.base = {note_file, note_version, note_hardware},
                    .image = image,
                    .fault = &image->claims.fault};
    enum sek_status status;

    s.named = sek_image_scratch(image, NAMED_MAX * sizeof *s.named);
    s.version = sek_image_scratch(image, SEK_VERSION_MAX + 1);
    if (!s.named || !s.version)
        return sek_fault_set(s.fault, SEK_ERR_NO_SPACE, 0, "no memory for an archive");
    memset(s.version, 0, SEK_VERSION_MAX + 1);
    status = read_archive(&s);
    if (status == SEK_OK)
        status = read_manifest(&s);
    if (status == SEK_OK)
        status = all_there(&s);
    return status == SEK_OK ? add_all(&s) : status;
}

const struct sek_format sek_format_swu = {.name = "swu", .probe = cpio_begins, .prepare = prepare};
