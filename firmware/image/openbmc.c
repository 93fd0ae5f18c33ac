/* OpenBMC's update archive: a tar of MANIFEST, publickey and images, each with a signature in a
 * file of its own, and one signature over all these signatures. Source: phosphor-bmc-code-mgmt,
 * image_verify.cpp. The key in the archive is a file like the others: it makes nobody trusted. */
#include "image/tar.h"

#include "base/text.h"

#include <string.h>

enum {
    MEMBERS_MAX = 24,
    MANIFEST_MAX = 4096,
    SIGNED_SIGNATURES = 8,
};

struct member {
    struct tar_member file;
    const uint8_t *content;         /* of MANIFEST and of signatures; NULL: not read */
    const struct member *signature; /* NULL: has none */
    bool is_signature, taken;       /* taken: a file's signature */
};

struct openbmc {
    struct sek_image *image;
    struct sek_fault *fault;
    struct member member[MEMBERS_MAX];
    size_t count;
    struct sek_sig_alg alg;
    char algo[24];
    char version[SEK_VERSION_MAX + 1], hint[SEK_NAME_MAX + 1];
    bool of_bmc, has_hash;
};

static const char suffix[] = ".sig";

static const struct {
    const char *name;
    enum sek_class component_class;
} files[] = {
    {"MANIFEST", SEK_CLASS_CONFIG},   {"publickey", SEK_CLASS_CONFIG},
    {"image-bmc", SEK_CLASS_BOOT},    {"image-u-boot", SEK_CLASS_BOOT},
    {"image-hostfw", SEK_CLASS_BOOT}, {"image-kernel", SEK_CLASS_KERNEL},
    {"image-full", SEK_CLASS_CONFIG}, {"image-rofs", SEK_CLASS_ROOTFS},
    {"image-rwfs", SEK_CLASS_DATA},
};

static bool begins(struct sek_bytes text, const char *word)
{
    size_t len = strlen(word);

    return text.len >= len && memcmp(text.data, word, len) == 0;
}

static bool is_ours(struct sek_bytes name)
{
    for (size_t i = 0; i < SEK_LEN(files); i++) {
        if (begins(name, files[i].name))
            return true;
    }
    return false;
}

static bool probe(struct sek_bytes head)
{
    if (begins(head, "./")) {
        head.data += 2;
        head.len -= 2;
        if (head.len > 0 && head.data[0] == 0) /* the folder itself */
            return true;
    }
    return is_ours(head);
}

/* Is the first file one of ours? Else it is some archive. */
static bool begins_with_ours(struct sek_image *image)
{
    struct tar_header header = {.blank = true};
    const uint8_t *block;

    for (uint64_t at = 0; at <= TAR_BLOCK; at += TAR_BLOCK) {
        if (sek_image_read(image, at, TAR_BLOCK, &block) != SEK_OK)
            return true; /* and cut: the fault is told */
        if (tar_header_read(block, &header) != SEK_OK || header.name.len > 0)
            break;
    }
    return header.blank || is_ours(header.name);
}

static struct member *find(struct openbmc *o, const char *name, const char *ending)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < o->count; i++) {
        const char *other = o->member[i].file.name;

        if (strncmp(other, name, len) == 0 && strcmp(other + len, ending) == 0)
            return &o->member[i];
    }
    return NULL;
}

static bool ends_in_suffix(const char *name)
{
    size_t len = strlen(name);

    return len >= sizeof suffix && strcmp(name + len - (sizeof suffix - 1), suffix) == 0;
}

/* One file more; small ones that must be understood are read. A signature is nobody's to sign. */
static enum sek_status take_member(struct openbmc *o, const struct tar_member *file)
{
    struct member *member = &o->member[o->count];
    bool manifest = strcmp(file->name, "MANIFEST") == 0;

    if (o->count == MEMBERS_MAX)
        return sek_fault_set(o->fault, SEK_ERR_NO_SPACE, file->offset, "more files than our table");
    if (find(o, file->name, ""))
        return sek_fault_set(o->fault, SEK_ERR_MALFORMED, file->offset, "one name twice");
    *member = (struct member){.file = *file, .is_signature = ends_in_suffix(file->name)};
    o->count++;
    if (!manifest && !member->is_signature)
        return SEK_OK;
    if (file->size == 0 || file->size > (manifest ? MANIFEST_MAX : SEK_SIGNATURE_MAX))
        return sek_fault_set(o->fault, SEK_ERR_MALFORMED, file->offset,
                             "a MANIFEST or signature of a size that cannot be");
    if (sek_image_read(o->image, file->offset, (size_t)file->size, &member->content) != SEK_OK)
        return o->fault->status;
    return member->is_signature
               ? sek_pass_plan(&o->image->pass, file->offset, file->size, SEK_DIGEST_NONE, NULL)
               : SEK_OK;
}

static enum sek_status read_members(struct openbmc *o)
{
    struct tar_member file = {.last = false};
    enum sek_status status = tar_next(o->image, 0, &file);

    while (status == SEK_OK && !file.last) {
        status = sek_pass_plan(&o->image->pass, file.offset - TAR_BLOCK, TAR_BLOCK, SEK_DIGEST_NONE,
                               NULL);
        if (status == SEK_OK && !file.folder)
            status = take_member(o, &file);
        if (status == SEK_OK)
            status = tar_next(o->image, tar_end(&file), &file);
    }
    for (size_t i = 0; i < o->count; i++) {
        struct member *member = &o->member[i], *signature;

        signature = member->is_signature ? NULL : find(o, member->file.name, suffix);
        member->signature = signature;
        if (signature)
            signature->taken = true;
    }
    return status;
}

/* ---- MANIFEST: lines of key=value ---- */

static bool value_is(struct sek_bytes line, const char *key, struct sek_bytes *value)
{
    size_t len = strlen(key);

    if (!begins(line, key) || line.len == len || line.data[len] != '=')
        return false;
    *value = (struct sek_bytes){line.data + len + 1, line.len - len - 1};
    return true;
}

static void take_line(struct openbmc *o, struct sek_bytes line)
{
    struct sek_bytes value;

    if (value_is(line, "version", &value)) {
        if (o->version[0])
            (void)sek_fault_set(o->fault, SEK_ERR_MALFORMED, 0, "two versions");
        sek_text_clean(value, o->version, sizeof o->version);
    } else if (value_is(line, "purpose", &value)) {
        static const char bmc[] = ".BMC"; /* xyz.openbmc_project.Software.Version.VersionPurpose */

        o->of_bmc = value.len >= 4 && memcmp(value.data + value.len - 4, bmc, 4) == 0;
    } else if (value_is(line, "KeyType", &value)) {
        sek_text_clean(value, o->hint, sizeof o->hint);
    } else if (value_is(line, "HashType", &value)) {
        static const char ahead[] = "RSA-SHA";
        static const struct {
            const char *name, *algo;
            enum sek_digest_alg alg;
        } hashes[] = {{"256", "sha256,", SEK_DIGEST_SHA256},
                      {"384", "sha384,", SEK_DIGEST_SHA384},
                      {"512", "sha512,", SEK_DIGEST_SHA512}};

        if (o->has_hash)
            (void)sek_fault_set(o->fault, SEK_ERR_MALFORMED, 0, "two kinds of hash");
        o->has_hash = true;
        for (size_t i = 0; i < SEK_LEN(hashes); i++) {
            if (value.len != sizeof ahead - 1 + 3 || !begins(value, ahead) ||
                memcmp(value.data + sizeof ahead - 1, hashes[i].name, 3) != 0)
                continue;
            o->alg = (struct sek_sig_alg){SEK_SCHEME_RSA_PKCS1, hashes[i].alg, 0};
            memcpy(o->algo, hashes[i].algo, strlen(hashes[i].algo) + 1);
        }
    }
}

static enum sek_status read_manifest(struct openbmc *o)
{
    const struct member *manifest = find(o, "MANIFEST", "");
    struct sek_bytes text, line;

    if (!manifest)
        return sek_fault_set(o->fault, SEK_ERR_MALFORMED, 0, "an archive without MANIFEST");
    text = (struct sek_bytes){manifest->content, (size_t)manifest->file.size};
    for (size_t at = 0; at < text.len; at += line.len + 1) {
        const uint8_t *end = memchr(text.data + at, '\n', text.len - at);

        line = (struct sek_bytes){text.data + at,
                                  end ? (size_t)(end - text.data) - at : text.len - at};
        take_line(o, line);
    }
    return o->fault->status;
}

/* ---- Claims ---- */

/* A signature over a file or a message. The size of the key is that of the signature. */
static struct sek_signature_claim *add_signature(struct openbmc *o, const struct member *member,
                                                 size_t statement)
{
    static const char *const sizes[] = {"rsa2048", "rsa3072", "rsa4096"};
    const struct sek_bytes value = {member->content, (size_t)member->file.size};
    struct sek_signature_claim *claim = sek_signature_add(o->image, member->file.name, statement);
    size_t at = strlen(o->algo);

    if (!claim)
        return NULL;
    claim->value = value;
    claim->alg = o->alg;
    memcpy(claim->algo, o->algo, at + 1);
    for (size_t i = 0; at > 0 && i < SEK_LEN(sizes); i++) {
        if (value.len != 256 + i * 128)
            continue;
        memcpy(claim->algo + at, sizes[i], strlen(sizes[i]) + 1);
        claim->alg.key_bits = (uint16_t)(8 * value.len);
    }
    memcpy(claim->hint, o->hint, sizeof claim->hint);
    return claim;
}

static enum sek_class class_of(const char *name)
{
    for (size_t i = 0; i < SEK_LEN(files); i++) {
        if (strcmp(files[i].name, name) == 0)
            return files[i].component_class;
    }
    return SEK_CLASS_NONE;
}

/* One file. full: there is a signature over all signatures. Without it nothing binds a file to the
 * MANIFEST, whose version may be another's. */
static enum sek_status add_file(struct openbmc *o, const struct member *member, bool full)
{
    const struct tar_member *file = &member->file;
    struct sek_image_claim *claim = sek_image_add(o->image, file->name, file->offset, file->size);
    struct sek_pass *pass = &o->image->pass;
    size_t statement = o->image->claims.statement_count;
    struct sek_signature_claim *signature;
    enum sek_status status;

    if (!claim)
        return o->fault->status;
    claim->class_hint = class_of(file->name);
    if (full || strcmp(file->name, "MANIFEST") == 0)
        memcpy(claim->version, o->version, sizeof claim->version);
    status = sek_pass_plan(pass, file->offset, file->size, SEK_DIGEST_SHA256, &claim->extra);
    if (!member->signature || status != SEK_OK)
        return status;
    if (!sek_statement_add(o->image, file->name, SEK_STATEMENT_WHOLE))
        return o->fault->status;
    signature = add_signature(o, member->signature, statement);
    if (!signature)
        return o->fault->status;
    signature->partial = o->of_bmc && !full;
    claim->covered_by = claim->direct_by = UINT32_C(1) << statement;
    if (o->alg.hash == SEK_DIGEST_NONE)
        return SEK_OK;
    if (o->alg.hash == SEK_DIGEST_SHA256) {
        signature->measured = claim->extra;
        return SEK_OK;
    }
    return sek_pass_plan(pass, file->offset, file->size, o->alg.hash, &signature->measured);
}

/* The version of a file is the MANIFEST's if both are signed, and their signatures together. */
static void bind_versions(struct openbmc *o)
{
    struct sek_image_claims *claims = &o->image->claims;
    uint32_t full = UINT32_C(1) << (claims->statement_count - 1), manifest = 0;

    for (size_t i = 0; i < claims->image_count; i++) {
        if (strcmp(claims->image[i].name, "MANIFEST") == 0)
            manifest = claims->image[i].covered_by;
    }
    for (size_t i = 0; i < claims->image_count; i++) {
        if (claims->image[i].covered_by != manifest)
            claims->image[i].version_by = full | manifest;
    }
}

/* The signature over all signatures, in this order, of those that are there. */
static enum sek_status add_full(struct openbmc *o, const struct member *full)
{
    static const char *const order[SIGNED_SIGNATURES] = {
        "image-bmc",  "image-hostfw", "image-kernel", "image-rofs",
        "image-rwfs", "image-u-boot", "MANIFEST",     "publickey"};
    uint8_t *message = sek_image_scratch(o->image, SIGNED_SIGNATURES * SEK_SIGNATURE_MAX);
    size_t len = 0, statement = o->image->claims.statement_count;
    struct sek_signature_claim *signature;

    if (!message)
        return sek_fault_set(o->fault, SEK_ERR_NO_SPACE, 0, "no memory for the signatures");
    for (size_t i = 0; i < SIGNED_SIGNATURES; i++) {
        const struct member *member = find(o, order[i], suffix);

        if (!member)
            continue;
        memcpy(message + len, member->content, (size_t)member->file.size);
        len += (size_t)member->file.size;
    }
    if (!sek_statement_add(o->image, "image-full", SEK_STATEMENT_CONFIGURATION))
        return o->fault->status;
    signature = add_signature(o, full, statement);
    if (!signature)
        return o->fault->status;
    signature->message = (struct sek_bytes){message, len};
    signature->digest_status = SEK_OK;
    bind_versions(o);
    return SEK_OK;
}

static enum sek_status prepare(struct sek_image *image)
{
    struct openbmc *o = sek_image_scratch(image, sizeof *o);
    const struct member *full;
    enum sek_status status;

    if (!o)
        return sek_fault_set(&image->claims.fault, SEK_ERR_NO_SPACE, 0, "no memory for an archive");
    memset(o, 0, sizeof *o);
    o->image = image;
    o->fault = &image->claims.fault;
    if (!tar_begins(image)) /* begins with one of our words, and is no archive */
        return o->fault->status == SEK_OK ? SEK_ERR_NOT_THIS_FORMAT : o->fault->status;
    if (!begins_with_ours(image))
        return SEK_ERR_NOT_THIS_FORMAT;
    status = read_members(o);
    if (status == SEK_OK)
        status = read_manifest(o);
    full = find(o, "image-full", suffix);
    for (size_t i = 0; i < o->count && status == SEK_OK; i++) {
        const struct member *member = &o->member[i];

        if (!member->is_signature || (!member->taken && member != full))
            status = add_file(o, member, full != NULL);
    }
    return status == SEK_OK && full ? add_full(o, full) : status;
}

const struct sek_format sek_format_openbmc = {
    .name = "openbmc", .probe = probe, .prepare = prepare};
