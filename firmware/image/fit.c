/* U-Boot FIT (Flattened Image Tree): claims of its images, configurations and signatures. */
#include "image/fit_config.h"

#include "base/bytes.h"
#include "base/text.h"

#include <libfdt.h>

#include <string.h>

struct fit {
    struct sek_image *image;
    struct sek_image_claims *claims;
    struct fit_tree tree;
    int images, configurations; /* nodes */
    int node[FIT_NODES_MAX];    /* of claims->image[i] */
};

static bool probe(struct sek_bytes head)
{
    return head.len >= 4 && sek_get_u32be(head.data) == FDT_MAGIC;
}

static enum sek_status malformed(struct fit *fit, const char *why)
{
    return sek_fault_set(&fit->claims->fault, SEK_ERR_MALFORMED, 0, why);
}

/* A text property: one string, clean, shorter than cap. Missing: empty. False: not that. */
static bool get_text(const struct fit *fit, int node, const char *name, char *out, size_t cap)
{
    int len;
    const char *value = fdt_getprop(fit->tree.fdt, node, name, &len);
    char clean[64];

    out[0] = '\0';
    if (!value)
        return true;
    if (len < 1 || (size_t)len > cap || memchr(value, 0, (size_t)len) != value + len - 1)
        return false;
    sek_text_clean((struct sek_bytes){(const uint8_t *)value, (size_t)len - 1}, clean,
                   sizeof clean < cap ? sizeof clean : cap);
    if (strcmp(clean, value) != 0)
        return false;
    memcpy(out, clean, (size_t)len);
    return true;
}

static bool get_u32(const struct fit *fit, int node, const char *name, uint32_t *out)
{
    int len;
    const uint8_t *value = fdt_getprop(fit->tree.fdt, node, name, &len);

    if (!value || len != 4)
        return false;
    *out = sek_get_u32be(value);
    return true;
}

static enum sek_class class_of_type(const char *type)
{
    static const struct {
        const char *type;
        enum sek_class component_class;
    } types[] = {
        {"kernel", SEK_CLASS_KERNEL},  {"kernel_noload", SEK_CLASS_KERNEL},
        {"flat_dt", SEK_CLASS_KERNEL}, {"script", SEK_CLASS_KERNEL},
        {"ramdisk", SEK_CLASS_ROOTFS}, {"filesystem", SEK_CLASS_ROOTFS},
        {"firmware", SEK_CLASS_BOOT},  {"standalone", SEK_CLASS_BOOT},
        {"tee", SEK_CLASS_BOOT},       {"tfa-bl31", SEK_CLASS_BOOT},
        {"fpga", SEK_CLASS_FPGA},
    };

    for (size_t i = 0; i < SEK_LEN(types); i++) {
        if (strcmp(types[i].type, type) == 0)
            return types[i].component_class;
    }
    return SEK_CLASS_NONE;
}

/* Where the payload lies: exactly one way of saying so, inside the medium, outside the tree unless
 * it is embedded. */
static enum sek_status find_payload(struct fit *fit, int node, struct sek_image_claim *image)
{
    const void *fdt = fit->tree.fdt;
    bool position = fdt_getprop(fdt, node, "data-position", NULL) != NULL;
    bool offset = fdt_getprop(fdt, node, "data-offset", NULL) != NULL;
    uint64_t end = fit->tree.totalsize, aligned = (end + 3) & ~(uint64_t)3;
    uint32_t start = 0, size = 0;

    if (position == offset || !get_u32(fit, node, "data-size", &size) ||
        !get_u32(fit, node, position ? "data-position" : "data-offset", &start))
        return malformed(fit, "an image has no payload, or two ways of saying where it is");
    image->offset = position ? start : aligned + start;
    image->size = size;
    if (start > INT32_MAX || size > INT32_MAX || image->offset + image->size > fit->claims->size)
        return sek_fault_set(&fit->claims->fault,
                             image->offset + image->size > fit->claims->size ? SEK_ERR_TRUNCATED
                                                                             : SEK_ERR_MALFORMED,
                             image->offset, "a payload lies outside the medium");
    return SEK_OK;
}

/* True if the skeleton's own reference to an embedded payload stands in this image. */
static bool is_embedded(const struct fit *fit, int node)
{
    const struct fdt_property *property =
        fdt_get_property(fit->tree.fdt, node, "data-position", NULL);

    return property && sek_get_u32be((const uint8_t *)&property->nameoff) >= fit->tree.strings_len;
}

/* An embedded payload lies inside the tree, an external one behind it; none touches another. */
static enum sek_status check_payloads(struct fit *fit)
{
    const struct sek_image_claims *claims = fit->claims;

    for (size_t i = 0; i < claims->image_count; i++) {
        const struct sek_image_claim *a = &claims->image[i];

        if (a->size == 0)
            continue;
        if (!is_embedded(fit, fit->node[i]) && a->offset < fit->tree.totalsize)
            return malformed(fit, "a payload lies inside the tree");
        for (size_t k = 0; k < i; k++) {
            const struct sek_image_claim *b = &claims->image[k];

            if (b->size > 0 && a->offset < b->offset + b->size && b->offset < a->offset + a->size)
                return malformed(fit, "two payloads overlap");
        }
    }
    return SEK_OK;
}

/* One hash node: its algorithm, its value, and the extent that will be measured. */
static void read_hash(struct fit *fit, int node, struct sek_image_claim *image)
{
    struct sek_hash_claim *hash;
    char algo[24];
    int len;
    const uint8_t *value = fdt_getprop(fit->tree.fdt, node, "value", &len);

    if (image->hash_count == SEK_IMAGE_HASHES) {
        (void)sek_fault_set(&image->fault, SEK_ERR_MALFORMED, image->offset, "too many hashes");
        return;
    }
    hash = &image->hash[image->hash_count++];
    *hash = (struct sek_hash_claim){.alg = SEK_DIGEST_NONE};
    if (!get_text(fit, node, "algo", algo, sizeof algo) || !algo[0] || !value) {
        (void)sek_fault_set(&image->fault, SEK_ERR_MALFORMED, image->offset,
                            "a hash without algorithm or value");
        return;
    }
    hash->alg = sek_digest_find(algo, strlen(algo));
    hash->expected = (struct sek_bytes){value, (size_t)len};
    if (hash->alg != SEK_DIGEST_NONE && (size_t)len != sek_digest_len(hash->alg))
        (void)sek_fault_set(&image->fault, SEK_ERR_MALFORMED, image->offset,
                            "a hash of another length than its algorithm's");
}

/* Plans the digests of one image: each algorithm once, and always a strong one. */
static enum sek_status plan_hashes(struct fit *fit, struct sek_image_claim *image)
{
    struct sek_extent *extent[SEK_DIGEST_COUNT] = {0};
    bool strong = false;

    for (size_t i = 0; i < image->hash_count; i++) {
        struct sek_hash_claim *hash = &image->hash[i];
        enum sek_status status = SEK_OK;

        if (hash->alg == SEK_DIGEST_NONE)
            continue;
        if (!extent[hash->alg])
            status = sek_pass_plan(&fit->image->pass, image->offset, image->size, hash->alg,
                                   &extent[hash->alg]);
        if (status != SEK_OK)
            return status;
        hash->measured = extent[hash->alg];
        strong = strong || sek_digest_strong(hash->alg);
    }
    if (strong)
        return SEK_OK;
    return sek_pass_plan(&fit->image->pass, image->offset, image->size, SEK_DIGEST_SHA256,
                         &image->extra);
}

static enum sek_status read_image(struct fit *fit, int node)
{
    struct sek_image_claims *claims = fit->claims;
    struct sek_image_claim *image;
    char type[24];
    int child;

    if (claims->image_count == claims->image_cap)
        return sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0, "more images than our table");
    image = &claims->image[claims->image_count];
    *image = (struct sek_image_claim){.class_hint = SEK_CLASS_NONE};
    fit->node[claims->image_count++] = node;
    memcpy(image->name, fdt_get_name(fit->tree.fdt, node, NULL),
           strlen(fdt_get_name(fit->tree.fdt, node, NULL)) + 1); /* at most FIT_NAME_MAX */
    if (find_payload(fit, node, image) != SEK_OK)
        return claims->fault.status;
    if (get_text(fit, node, "type", type, sizeof type))
        image->class_hint = class_of_type(type);
    image->has_timestamp = get_u32(fit, 0, "timestamp", &image->timestamp);
    fdt_for_each_subnode(child, fit->tree.fdt, node)
    {
        if (strncmp(fdt_get_name(fit->tree.fdt, child, NULL), "hash", 4) == 0)
            read_hash(fit, child, image);
    }
    return plan_hashes(fit, image);
}

/* "sha256,rsa2048" and the padding. What we do not know stays NONE. */
static void read_algorithm(const char *algo, const char *padding, struct sek_sig_alg *alg)
{
    static const struct {
        const char *name;
        enum sek_scheme scheme;
        uint16_t bits;
    } schemes[] = {
        {"rsa2048", SEK_SCHEME_RSA_PKCS1, 2048}, {"rsa3072", SEK_SCHEME_RSA_PKCS1, 3072},
        {"rsa4096", SEK_SCHEME_RSA_PKCS1, 4096}, {"ecdsa256", SEK_SCHEME_ECDSA, 256},
        {"ecdsa384", SEK_SCHEME_ECDSA, 384},
    };
    const char *comma = strchr(algo, ',');

    if (!comma)
        return;
    alg->hash = sek_digest_find(algo, (size_t)(comma - algo));
    for (size_t i = 0; i < SEK_LEN(schemes); i++) {
        if (strcmp(schemes[i].name, comma + 1) != 0)
            continue;
        alg->scheme = schemes[i].scheme;
        alg->key_bits = schemes[i].bits;
    }
    if (padding[0] == '\0' || strcmp(padding, "pkcs-1.5") == 0)
        return;
    if (strcmp(padding, "pss") == 0 && alg->scheme == SEK_SCHEME_RSA_PKCS1)
        alg->scheme = SEK_SCHEME_RSA_PSS;
    else
        alg->scheme = SEK_SCHEME_NONE;
}

/* A signature node holds these properties and no others; none of them is signed. */
static bool known_properties(const struct fit *fit, int node)
{
    static const char *const known[] = {
        "algo",      "padding",        "key-name-hint", "sign-images",
        "value",     "signer-name",    "hashed-nodes",  "hashed-strings",
        "timestamp", "signer-version", "comment",
    };
    int property;

    fdt_for_each_property_offset(property, fit->tree.fdt, node)
    {
        const char *name;
        size_t i = 0;

        fdt_getprop_by_offset(fit->tree.fdt, property, &name, NULL);
        while (i < SEK_LEN(known) && strcmp(known[i], name) != 0)
            i++;
        if (i == SEK_LEN(known))
            return false;
    }
    return true;
}

/* A new signature claim from a signature node; NULL: the table is full, or a fault of statement. */
static struct sek_signature_claim *read_signature(struct fit *fit, int node, size_t statement)
{
    struct sek_image_claims *claims = fit->claims;
    struct sek_fault *fault = &claims->statement[statement].fault;
    struct sek_signature_claim *signature;
    char padding[16], text[64];
    int len;
    const uint8_t *value = fdt_getprop(fit->tree.fdt, node, "value", &len);

    if (claims->signature_count == claims->signature_cap) {
        (void)sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0, "more signatures than our table");
        return NULL;
    }
    signature = &claims->signature[claims->signature_count];
    *signature = (struct sek_signature_claim){.statement = (uint8_t)statement,
                                              .digest_status = SEK_ERR_STATE};
    sek_text_clean((struct sek_bytes){(const uint8_t *)fdt_get_name(fit->tree.fdt, node, NULL),
                                      strlen(fdt_get_name(fit->tree.fdt, node, NULL))},
                   signature->name, sizeof signature->name);
    if (!value || len < 1 || len > SEK_SIGNATURE_MAX || !known_properties(fit, node) ||
        !get_text(fit, node, "algo", signature->algo, sizeof signature->algo) ||
        !get_text(fit, node, "padding", padding, sizeof padding) ||
        !get_text(fit, node, "key-name-hint", signature->hint, sizeof signature->hint) ||
        !get_text(fit, node, "signer-name", text, sizeof text) ||
        !get_text(fit, node, "signer-version", text, sizeof text)) {
        (void)sek_fault_set(fault, SEK_ERR_MALFORMED, 0,
                            "a signature without value, or with a property that it must not have");
        return NULL;
    }
    signature->value = (struct sek_bytes){value, (size_t)len};
    read_algorithm(signature->algo, padding, &signature->alg);
    claims->signature_count++;
    return signature;
}

static bool is_signature(const struct fit *fit, int node)
{
    return strncmp(fdt_get_name(fit->tree.fdt, node, NULL), "signature", 9) == 0;
}

/* A new statement; its index, or -1 with the container's fault set. */
static int add_statement(struct fit *fit, const char *name, enum sek_statement_kind kind)
{
    struct sek_image_claims *claims = fit->claims;
    struct sek_statement_claim *statement;

    if (claims->statement_count == claims->statement_cap) {
        (void)sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0,
                            "more configurations and signed images than our table");
        return -1;
    }
    statement = &claims->statement[claims->statement_count];
    *statement = (struct sek_statement_claim){.kind = kind};
    memcpy(statement->name, name, strlen(name) + 1); /* at most FIT_NAME_MAX */
    return (int)claims->statement_count++;
}

/* Signatures of an image node: over its payload alone. */
static enum sek_status read_image_signatures(struct fit *fit, size_t index)
{
    struct sek_image_claim *image = &fit->claims->image[index];
    int node, statement = -1;

    fdt_for_each_subnode(node, fit->tree.fdt, fit->node[index])
    {
        struct sek_signature_claim *signature;
        enum sek_status status;

        if (!is_signature(fit, node))
            continue;
        if (statement < 0)
            statement = add_statement(fit, image->name, SEK_STATEMENT_IMAGE);
        if (statement < 0)
            return fit->claims->fault.status;
        signature = read_signature(fit, node, (size_t)statement);
        if (!signature)
            continue;
        image->data_only_by |= 1u << statement;
        if (!sek_digest_strong(signature->alg.hash))
            continue;
        status = sek_pass_plan(&fit->image->pass, image->offset, image->size, signature->alg.hash,
                               &signature->measured);
        if (status != SEK_OK)
            return status;
    }
    return fit->claims->fault.status;
}

static void mark_covered(struct fit *fit, const struct fit_signed_set *set, int statement)
{
    for (size_t i = 0; i < fit->claims->image_count; i++) {
        for (size_t k = 0; k < set->image_count; k++) {
            if (set->image[k] == fit->node[i])
                fit->claims->image[i].covered_by |= 1u << statement;
        }
    }
}

/* One signature of a configuration: what it covers by our own reckoning, and the digest of that. */
static void read_config_signature(struct fit *fit, int node, const struct fit_signed_set *whole,
                                  size_t index)
{
    struct sek_statement_claim *statement = &fit->claims->statement[index];
    struct fit_signed_set set = *whole;
    struct sek_signature_claim *signature = read_signature(fit, node, index);

    if (!signature)
        return;
    switch (fit_compare_hashed_nodes(&fit->tree, node, &set)) {
    case FIT_HASHED_SAME:
        break;
    case FIT_HASHED_SUBSET:
        statement->partial = true;
        break;
    case FIT_HASHED_OTHER:
        signature->digest_status = SEK_ERR_SIGNATURE;
        return;
    }
    if (sek_digest_strong(signature->alg.hash))
        signature->digest_status =
            fit_config_digest(&fit->tree, node, &set, signature->alg.hash, fit->image->pass.hook,
                              signature->digest, &statement->fault);
}

static enum sek_status read_configuration(struct fit *fit, int conf, const char *selected)
{
    const char *name = fdt_get_name(fit->tree.fdt, conf, NULL);
    int node, statement = add_statement(fit, name, SEK_STATEMENT_CONFIGURATION);
    struct sek_statement_claim *claim;
    struct fit_signed_set set;

    if (statement < 0)
        return fit->claims->fault.status;
    claim = &fit->claims->statement[statement];
    claim->selected = selected && strcmp(name, selected) == 0;
    if (fit_signed_set(&fit->tree, conf, &set, &claim->fault) != SEK_OK)
        return SEK_OK; /* a fault of this configuration alone */
    mark_covered(fit, &set, statement);
    fdt_for_each_subnode(node, fit->tree.fdt, conf)
    {
        if (is_signature(fit, node))
            read_config_signature(fit, node, &set, (size_t)statement);
    }
    return fit->claims->fault.status;
}

static enum sek_status read_configurations(struct fit *fit)
{
    const void *fdt = fit->tree.fdt;
    const char *selected = NULL;
    int node, len;

    if (fit->configurations < 0)
        return SEK_OK;
    selected = fdt_getprop(fdt, fit->configurations, "default", &len);
    if (selected && (len < 1 || memchr(selected, 0, (size_t)len) != selected + len - 1 ||
                     fdt_subnode_offset(fdt, fit->configurations, selected) < 0))
        return malformed(fit, "the default configuration does not exist");
    fdt_for_each_subnode(node, fdt, fit->configurations)
    {
        if (read_configuration(fit, node, selected) != SEK_OK)
            return fit->claims->fault.status;
    }
    return SEK_OK;
}

static enum sek_status prepare(struct sek_image *image)
{
    struct fit *fit = sek_image_scratch(image, sizeof *fit);
    struct sek_image_claims *claims = &image->claims;
    enum sek_status status;
    int node;

    if (!fit)
        return sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0, "no memory for a FIT");
    fit->image = image;
    fit->claims = claims;
    if (fit_tree_read(image, &fit->tree, &claims->fault) != SEK_OK)
        return claims->fault.status;
    claims->tree = fit->tree.fdt;
    fit->images = fdt_subnode_offset(fit->tree.fdt, 0, "images");
    fit->configurations = fdt_subnode_offset(fit->tree.fdt, 0, "configurations");
    if (fit->images < 0)
        return malformed(fit, "a device tree without /images");
    status = sek_pass_plan(&image->pass, 0, fit->tree.totalsize, SEK_DIGEST_NONE, NULL);
    if (status != SEK_OK)
        return status;
    fdt_for_each_subnode(node, fit->tree.fdt, fit->images)
    {
        status = read_image(fit, node);
        if (status != SEK_OK)
            return status;
    }
    if (claims->image_count == 0)
        return malformed(fit, "no image in /images");
    status = check_payloads(fit);
    for (size_t i = 0; status == SEK_OK && i < claims->image_count; i++)
        status = read_image_signatures(fit, i);
    return status == SEK_OK ? read_configurations(fit) : status;
}

const struct sek_format sek_format_fit = {.name = "fit", .probe = probe, .prepare = prepare};
