/* RAUC's bundle: a squashfs, a hash tree where the bundle is of kind verity, a CMS, its length.
 *
 * plain: the CMS is detached and over all that stands ahead of it. verity: the manifest is in the
 * CMS and says the root of the hash tree; the one in the squashfs is a copy that nobody asks. The
 * squashfs itself is never parsed. Source: RAUC, docs/reference.rst and src/bundle.c. */
#include "image/cms.h"
#include "image/verity.h"

#include "base/bytes.h"
#include "base/text.h"

#include <string.h>

enum { TRAILER = 8, HEX_MAX = 2 * SEK_VERITY_SALT_MAX };

struct rauc {
    struct sek_image *image;
    struct sek_fault *fault;
    uint64_t cms_at;
    struct sek_bytes cms;
    struct sek_bytes format, hash, salt, size, version; /* of the manifest; data NULL: not told */
};

static bool probe(struct sek_bytes head)
{
    return head.len >= 4 && memcmp(head.data, "hsqs", 4) == 0;
}

static bool is(struct sek_bytes text, const char *word)
{
    return text.data && text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static enum sek_status malformed(struct rauc *r, const char *why)
{
    return sek_fault_set(r->fault, SEK_ERR_MALFORMED, r->cms_at, why);
}

/* The signature ahead of the trailer. NOT_THIS_FORMAT: a squashfs without. */
static enum sek_status read_cms(struct rauc *r)
{
    uint64_t size = r->image->claims.size, len;
    const uint8_t *bytes;

    if (size < TRAILER)
        return SEK_ERR_NOT_THIS_FORMAT;
    if (sek_image_read(r->image, size - TRAILER, TRAILER, &bytes) != SEK_OK)
        return r->fault->status;
    len = sek_get_u64be(bytes);
    if (len == 0 || len > SEK_CMS_MAX || len > size - TRAILER)
        return SEK_ERR_NOT_THIS_FORMAT;
    r->cms_at = size - TRAILER - len;
    if (sek_image_read(r->image, r->cms_at, (size_t)len, &bytes) != SEK_OK)
        return r->fault->status;
    if (bytes[0] != 0x30) /* no SEQUENCE */
        return SEK_ERR_NOT_THIS_FORMAT;
    r->cms = (struct sek_bytes){bytes, (size_t)len};
    if (r->cms_at % SEK_VERITY_BLOCK != 0)
        return malformed(r, "the signature does not begin at a block");
    return sek_pass_plan(&r->image->pass, r->cms_at, len + TRAILER, SEK_DIGEST_NONE, NULL);
}

/* ---- The manifest: groups and keys, as GLib's key files have them ---- */

static struct sek_bytes trim(struct sek_bytes text)
{
    while (text.len > 0 && text.data[0] == ' ') {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* What of a line says something to us, once. */
static void take_key(struct rauc *r, const char *group, struct sek_bytes key,
                     struct sek_bytes value)
{
    const struct {
        const char *group, *key;
        struct sek_bytes *out;
    } keys[] = {
        {"[bundle]", "format", &r->format},    {"[bundle]", "verity-hash", &r->hash},
        {"[bundle]", "verity-salt", &r->salt}, {"[bundle]", "verity-size", &r->size},
        {"[update]", "version", &r->version},
    };

    for (size_t i = 0; i < SEK_LEN(keys); i++) {
        if (strcmp(keys[i].group, group) != 0 || !is(key, keys[i].key))
            continue;
        if (keys[i].out->data)
            (void)malformed(r, "the manifest says one thing twice");
        *keys[i].out = value;
    }
}

static enum sek_status read_manifest(struct rauc *r, struct sek_bytes text)
{
    static const char *const groups[] = {"[bundle]", "[update]"};
    const char *group = "";
    bool seen[SEK_LEN(groups)] = {false};

    for (size_t at = 0; at < text.len && r->fault->status == SEK_OK;) {
        const uint8_t *end = memchr(text.data + at, '\n', text.len - at), *equals;
        size_t len = end ? (size_t)(end - text.data) - at : text.len - at;
        struct sek_bytes line = trim((struct sek_bytes){text.data + at, len});

        at += len + 1;
        if (line.len == 0 || line.data[0] == '#')
            continue;
        if (line.data[0] == '[') {
            group = "";
            for (size_t i = 0; i < SEK_LEN(groups); i++) {
                if (!is(line, groups[i]))
                    continue;
                if (seen[i])
                    return malformed(r, "the manifest has one group twice");
                seen[i] = true;
                group = groups[i];
            }
            continue;
        }
        equals = memchr(line.data, '=', line.len);
        if (!equals)
            return malformed(r, "a line of the manifest that says nothing");
        take_key(r, group, trim((struct sek_bytes){line.data, (size_t)(equals - line.data)}),
                 trim((struct sek_bytes){equals + 1, line.len - (size_t)(equals - line.data) - 1}));
    }
    return r->fault->status;
}

/* Lower-case hex into memory of its own; len 0: none. */
static struct sek_bytes from_hex(struct rauc *r, struct sek_bytes text)
{
    uint8_t *out = sek_image_scratch(r->image, HEX_MAX / 2);

    if (!out || text.len == 0 || text.len % 2 != 0 || text.len > HEX_MAX)
        return (struct sek_bytes){0};
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        unsigned digit = c >= '0' && c <= '9' ? c - 48u : c >= 'a' && c <= 'f' ? c - 87u : 16;

        if (digit == 16)
            return (struct sek_bytes){0};
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return (struct sek_bytes){out, text.len / 2};
}

static bool from_decimal(struct sek_bytes text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.len > 0 && text.len <= 15;
}

/* ---- Claims ---- */

/* The levels of the tree as they are stored, against what they have to be: a tree that differs is
 * no danger, but no bundle that anybody signed either. */
static enum sek_status add_tree(struct rauc *r, const struct sek_verity *v, uint64_t tree_at,
                                struct sek_image_claim *claim)
{
    for (unsigned i = 0; i < v->levels; i++) {
        struct sek_hash_claim *hash = &claim->hash[claim->hash_count++];
        enum sek_status status;

        *hash = (struct sek_hash_claim){.alg = SEK_DIGEST_SHA256,
                                        .expected = {v->level[i].u.stored, 32}};
        status = sek_pass_plan(&r->image->pass, tree_at + sek_verity_level_at(v, i),
                               v->level[i].blocks * SEK_VERITY_BLOCK, SEK_DIGEST_SHA256,
                               &hash->measured);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static enum sek_status add_filesystem(struct rauc *r, uint64_t tree_len)
{
    uint64_t len = r->cms_at - tree_len;
    struct sek_verity *v = sek_image_scratch(r->image, sizeof *v);
    struct sek_image_claim *claim = sek_image_add(r->image, "bundle", 0, len);
    struct sek_bytes root = from_hex(r, r->hash), salt = from_hex(r, r->salt);

    if (!v || !claim)
        return sek_fault_set(r->fault, SEK_ERR_NO_SPACE, 0, "no memory for a hash tree");
    if (root.len != 32 || salt.len == 0)
        return malformed(r, "the manifest's root or salt is none");
    if (sek_verity_init(v, r->image->pass.hook, 0, len, salt) != SEK_OK ||
        sek_verity_tree_len(v) != tree_len)
        return malformed(r, "the hash tree is not of the size that the bundle needs");
    claim->class_hint = SEK_CLASS_ROOTFS;
    claim->covered_by = 1;
    sek_text_clean(r->version, claim->version, sizeof claim->version);
    claim->hash[0] =
        (struct sek_hash_claim){.alg = SEK_DIGEST_SHA256, .expected = root, .measured = &v->root};
    claim->hash_count = 1;
    r->image->pass.tap = &v->tap;
    return add_tree(r, v, len, claim);
}

static enum sek_status add_verity(struct rauc *r)
{
    struct sek_image_claim *claim;
    struct sek_cms cms;
    uint64_t tree_len;
    enum sek_status status;

    if (sek_cms_add(r->image, r->cms, r->cms_at, SEK_CMS_ATTACHED, 0, &cms) != SEK_OK ||
        sek_cms_bind(r->image, &cms, cms.content) != SEK_OK ||
        read_manifest(r, cms.content) != SEK_OK)
        return r->fault->status;
    if (is(r->format, "crypt"))
        return sek_fault_set(r->fault, SEK_ERR_UNSUPPORTED, r->cms_at, "encrypted");
    if (!is(r->format, "verity") || !from_decimal(r->size, &tree_len) || tree_len >= r->cms_at ||
        (r->cms_at - tree_len) % SEK_VERITY_BLOCK != 0)
        return malformed(r, "a manifest that does not fit the signature, or a tree of no size");
    claim = sek_image_add(r->image, "manifest",
                          r->cms_at + (uint64_t)(cms.content.data - r->cms.data), cms.content.len);
    if (!claim)
        return r->fault->status;
    claim->class_hint = SEK_CLASS_CONFIG;
    sek_text_clean(r->version, claim->version, sizeof claim->version);
    status = sek_cms_cover(r->image, &cms, claim, 0);
    if (status == SEK_OK)
        status = sek_pass_plan(&r->image->pass, 0, r->cms_at, SEK_DIGEST_NONE, NULL);
    return status == SEK_OK ? add_filesystem(r, tree_len) : status;
}

static enum sek_status add_plain(struct rauc *r)
{
    struct sek_image_claim *claim;
    struct sek_cms cms;

    if (sek_cms_add(r->image, r->cms, r->cms_at, SEK_CMS_DETACHED, 0, &cms) != SEK_OK)
        return r->fault->status;
    claim = sek_image_add(r->image, "bundle", 0, r->cms_at);
    if (!claim)
        return r->fault->status;
    claim->class_hint = SEK_CLASS_ROOTFS;
    return sek_cms_cover(r->image, &cms, claim, 0);
}

static enum sek_status prepare(struct sek_image *image)
{
    struct rauc r = {.image = image, .fault = &image->claims.fault};
    enum sek_status status = read_cms(&r);

    if (status != SEK_OK)
        return status;
    if (!sek_statement_add(image, "bundle", SEK_STATEMENT_WHOLE))
        return r.fault->status;
    return sek_cms_is_attached(r.cms) ? add_verity(&r) : add_plain(&r);
}

const struct sek_format sek_format_rauc = {.name = "rauc", .probe = probe, .prepare = prepare};
