/* U-Boot FIT (Flattened Image Tree): claims of its images, configurations and signatures. */
#include "image/fit_config.h"
#include "image/fit_signature.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

enum { SIGNATURES_MAX = 8 }; /* of one configuration or image: each may cost a verification */

struct fit {
    struct sek_image *image;
    struct sek_image_claims *claims;
    struct fit_tree tree;
    int images, configurations; /* nodes */
    int *node;                  /* of claims->image[i] */
};

static bool probe(struct sek_bytes head)
{
    return head.len >= 4 && sek_get_u32be(head.data) == FDT_MAGIC;
}

static enum sek_status malformed(struct fit *fit, int node, const char *why)
{
    return sek_fault_set(&fit->claims->fault, SEK_ERR_MALFORMED, fit_tree_place(&fit->tree, node),
                         why);
}

static enum sek_status no_space(struct fit *fit, int node, const char *why)
{
    return sek_fault_set(&fit->claims->fault, SEK_ERR_NO_SPACE, fit_tree_place(&fit->tree, node),
                         why);
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

/* True if the skeleton's own reference to an embedded payload stands in this image. */
static bool is_embedded(const struct fit *fit, int node)
{
    const struct fdt_property *property =
        fdt_get_property(fit->tree.fdt, node, "data-position", NULL);

    return property && sek_get_u32be((const uint8_t *)&property->nameoff) >= fit->tree.strings_len;
}

/* Where the payload lies: exactly one way of saying so, inside the medium, behind the tree unless
 * it is embedded. Source: U-Boot, doc/usage/fit/source_file_format.rst, "External data". */
static enum sek_status find_payload(struct fit *fit, int node, struct sek_image_claim *image)
{
    const void *fdt = fit->tree.fdt;
    bool position = fdt_getprop(fdt, node, "data-position", NULL) != NULL;
    bool offset = fdt_getprop(fdt, node, "data-offset", NULL) != NULL;
    uint64_t behind = ((uint64_t)fit->tree.totalsize + 3) & ~(uint64_t)3;
    uint32_t start = 0, size = 0;

    if (position == offset || !fit_tree_u32(&fit->tree, node, "data-size", &size) ||
        !fit_tree_u32(&fit->tree, node, position ? "data-position" : "data-offset", &start))
        return malformed(fit, node, "an image has no payload, or two ways of saying where it is");
    image->offset = position ? start : behind + start;
    image->size = size;
    if (start > INT32_MAX || size > INT32_MAX)
        return malformed(fit, node, "a payload at or over 2 GiB");
    if (image->offset + image->size > fit->claims->size)
        return sek_fault_set(&fit->claims->fault, SEK_ERR_TRUNCATED,
                             fit_tree_place(&fit->tree, node), "a payload lies outside the medium");
    if (image->offset < behind && !is_embedded(fit, node))
        return malformed(fit, node, "a payload lies inside the tree");
    return SEK_OK;
}

/* No payload touches another. */
static enum sek_status check_payloads(struct fit *fit)
{
    const struct sek_image_claims *claims = fit->claims;

    for (size_t i = 0; i < claims->image_count; i++) {
        const struct sek_image_claim *a = &claims->image[i];

        for (size_t k = 0; k < i; k++) {
            const struct sek_image_claim *b = &claims->image[k];

            if (a->size > 0 && b->size > 0 && a->offset < b->offset + b->size &&
                b->offset < a->offset + a->size)
                return malformed(fit, fit->node[i], "two payloads overlap");
        }
    }
    return SEK_OK;
}

static void image_fault(struct fit *fit, struct sek_image_claim *image, enum sek_status status,
                        int node, const char *why)
{
    (void)sek_fault_set(&image->fault, status, fit_tree_place(&fit->tree, node), why);
}

/* One hash node: its algorithm and value. */
static void read_hash(struct fit *fit, int node, struct sek_image_claim *image)
{
    struct sek_hash_claim *hash;
    char algo[24];
    uint32_t ignore = 0;
    int len;
    const uint8_t *value = fdt_getprop(fit->tree.fdt, node, "value", &len);

    if (image->hash_count == SEK_IMAGE_HASHES) {
        image_fault(fit, image, SEK_ERR_MALFORMED, node, "too many hashes");
        return;
    }
    hash = &image->hash[image->hash_count++];
    *hash = (struct sek_hash_claim){.alg = SEK_DIGEST_NONE};
    if (!fit_tree_text(&fit->tree, node, "algo", algo, sizeof algo) || !algo[0] || !value) {
        image_fault(fit, image, SEK_ERR_MALFORMED, node, "a hash without algorithm or value");
        return;
    }
    hash->alg = sek_digest_find(algo, strlen(algo));
    hash->expected = (struct sek_bytes){value, (size_t)len};
    hash->optional = fdt_getprop(fit->tree.fdt, node, "uboot-ignore", NULL) &&
                     (!fit_tree_u32(&fit->tree, node, "uboot-ignore", &ignore) || ignore != 0);
    if (hash->alg != SEK_DIGEST_NONE && (size_t)len != sek_digest_len(hash->alg))
        image_fault(fit, image, SEK_ERR_MALFORMED, node,
                    "a hash of another length than its algorithm's");
}

/* What an image node holds besides its payload. */
static void read_children(struct fit *fit, int node, struct sek_image_claim *image)
{
    int child;

    fdt_for_each_subnode(child, fit->tree.fdt, node)
    {
        const char *name = fit_tree_name(&fit->tree, child);

        if (strncmp(name, "hash", 4) == 0)
            read_hash(fit, child, image);
        else if (strcmp(name, "cipher") == 0)
            image_fault(fit, image, SEK_ERR_UNSUPPORTED, child,
                        "encrypted: nobody can see what it will be");
    }
}

/* The digest of an image's payload that is planned already; NULL: none. */
static struct sek_extent *planned(const struct fit *fit, const struct sek_image_claim *image,
                                  enum sek_digest_alg alg)
{
    const struct sek_image_claims *claims = fit->claims;

    for (size_t i = 0; i < image->hash_count; i++) {
        if (image->hash[i].measured && image->hash[i].alg == alg)
            return image->hash[i].measured;
    }
    if (image->extra && image->extra->alg == alg)
        return image->extra;
    for (size_t i = 0; i < claims->signature_count; i++) {
        struct sek_extent *extent = claims->signature[i].measured;

        if (extent && extent->alg == alg && extent->offset == image->offset &&
            extent->len == image->size)
            return extent;
    }
    return NULL;
}

/* Plans a digest of an image's payload, each algorithm once: so no more run at one place than there
 * are algorithms. */
static enum sek_status plan_digest(struct fit *fit, const struct sek_image_claim *image, int node,
                                   enum sek_digest_alg alg, struct sek_extent **out)
{
    enum sek_status status = SEK_OK;

    *out = planned(fit, image, alg);
    if (!*out)
        status = sek_pass_plan(&fit->image->pass, image->offset, image->size, alg, out);
    return status == SEK_OK ? SEK_OK : no_space(fit, node, "more digests than our table");
}

/* Plans the digests of one image's hashes, and always a strong one. */
static enum sek_status plan_hashes(struct fit *fit, int node, struct sek_image_claim *image)
{
    bool strong = false;

    for (size_t i = 0; i < image->hash_count; i++) {
        struct sek_hash_claim *hash = &image->hash[i];

        if (hash->alg == SEK_DIGEST_NONE)
            continue;
        if (plan_digest(fit, image, node, hash->alg, &hash->measured) != SEK_OK)
            return fit->claims->fault.status;
        strong = strong || sek_digest_strong(hash->alg);
    }
    return strong ? SEK_OK : plan_digest(fit, image, node, SEK_DIGEST_SHA256, &image->extra);
}

static enum sek_status read_image(struct fit *fit, int node)
{
    struct sek_image_claim *image = sek_image_add(fit->image, fit_tree_name(&fit->tree, node),
                                                  fit_tree_place(&fit->tree, node), 0);
    char type[24];

    if (!image)
        return fit->claims->fault.status;
    fit->node[fit->claims->image_count - 1] = node;
    if (find_payload(fit, node, image) != SEK_OK)
        return fit->claims->fault.status;
    if (fit_tree_text(&fit->tree, node, "type", type, sizeof type))
        image->class_hint = class_of_type(type);
    image->has_timestamp = fit_tree_u32(&fit->tree, 0, "timestamp", &image->timestamp);
    read_children(fit, node, image);
    return plan_hashes(fit, node, image);
}

/* How many signatures a statement has so far. */
static size_t signatures_of(const struct fit *fit, size_t statement)
{
    size_t count = 0;

    for (size_t i = 0; i < fit->claims->signature_count; i++)
        count += fit->claims->signature[i].statement == statement;
    return count;
}

/* A new signature claim from a signature node; NULL: the table is full, or a fault of statement. */
static struct sek_signature_claim *read_signature(struct fit *fit, int node, size_t statement)
{
    struct sek_image_claims *claims = fit->claims;
    struct sek_fault *fault = &claims->statement[statement].fault;
    struct sek_signature_claim *signature;

    if (signatures_of(fit, statement) == SIGNATURES_MAX) {
        (void)sek_fault_set(fault, SEK_ERR_MALFORMED, fit_tree_place(&fit->tree, node),
                            "more than eight signatures of one thing");
        return NULL;
    }
    signature = sek_signature_add(fit->image, fit_tree_name(&fit->tree, node), statement);
    if (signature && fit_signature_read(&fit->tree, node, signature, fault) != SEK_OK) {
        claims->signature_count--;
        return NULL;
    }
    return signature;
}

static bool is_signature(const struct fit *fit, int node)
{
    return strncmp(fit_tree_name(&fit->tree, node), "signature", 9) == 0;
}

/* A new statement named after a node; its index, or -1 with the container's fault set. */
static int add_statement(struct fit *fit, int node, enum sek_statement_kind kind)
{
    if (!sek_statement_add(fit->image, fit_tree_name(&fit->tree, node), kind))
        return -1;
    return (int)fit->claims->statement_count - 1;
}

/* Signatures of an image node: over its payload alone. */
static enum sek_status read_image_signatures(struct fit *fit, size_t index)
{
    struct sek_image_claim *image = &fit->claims->image[index];
    int node, statement = -1;

    fdt_for_each_subnode(node, fit->tree.fdt, fit->node[index])
    {
        struct sek_signature_claim *signature;

        if (!is_signature(fit, node))
            continue;
        if (statement < 0)
            statement = add_statement(fit, fit->node[index], SEK_STATEMENT_IMAGE);
        if (statement < 0)
            return fit->claims->fault.status;
        signature = read_signature(fit, node, (size_t)statement);
        if (!signature)
            continue;
        image->data_only_by |= 1u << statement;
        if (sek_digest_strong(signature->alg.hash) &&
            plan_digest(fit, image, node, signature->alg.hash, &signature->measured) != SEK_OK)
            break;
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
        signature->partial = true;
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
    int node, statement = add_statement(fit, conf, SEK_STATEMENT_CONFIGURATION);
    struct sek_statement_claim *claim;
    struct fit_signed_set set;

    if (statement < 0)
        return fit->claims->fault.status;
    claim = &fit->claims->statement[statement];
    claim->selected = selected && strcmp(claim->name, selected) == 0;
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
                     fit_tree_child(&fit->tree, fit->configurations, selected) < 0))
        return malformed(fit, fit->configurations, "the default configuration does not exist");
    fdt_for_each_subnode(node, fdt, fit->configurations)
    {
        if (read_configuration(fit, node, selected) != SEK_OK)
            return fit->claims->fault.status;
    }
    return SEK_OK;
}

/* The texts of a list, once each: libfdt would begin anew for every one. */
static void say_texts(struct fit *fit, const char *list, size_t len)
{
    const char *end;

    for (; len > 0 && (end = memchr(list, 0, len)); len -= (size_t)(end + 1 - list), list = end + 1)
        sek_image_say(fit->image, SEK_CONTENT_COMPATIBLE,
                      (struct sek_bytes){(const uint8_t *)list, (size_t)(end - list)});
}

/* What the tree says: a name of the whole, and of each configuration the boards that it is for. */
static void say_content(struct fit *fit)
{
    const void *fdt = fit->tree.fdt;
    int node, len = 0;
    const char *text = fdt_getprop(fdt, 0, "description", &len);

    if (text && len > 1)
        sek_image_say(fit->image, SEK_CONTENT_PRODUCT,
                      (struct sek_bytes){(const uint8_t *)text, (size_t)len - 1});
    fdt_for_each_subnode(node, fdt, fit->configurations)
    {
        text = fdt_getprop(fdt, node, "compatible", &len);
        if (text)
            say_texts(fit, text, (size_t)len);
    }
}

static enum sek_status prepare(struct sek_image *image)
{
    struct fit *fit = sek_image_scratch(image, sizeof *fit);
    struct sek_image_claims *claims = &image->claims;
    enum sek_status status;
    int node;

    if (!fit)
        return sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0, "no memory for a FIT");
    *fit = (struct fit){.image = image, .claims = claims};
    fit->node = sek_image_scratch(image, claims->image_cap * sizeof *fit->node);
    if (!fit->node)
        return sek_fault_set(&claims->fault, SEK_ERR_NO_SPACE, 0, "no memory for a FIT");
    if (fit_tree_read(image, &fit->tree, &claims->fault) != SEK_OK)
        return claims->fault.status;
    claims->tree = fit->tree.fdt;
    fit->images = fit_tree_child(&fit->tree, 0, "images");
    fit->configurations = fit_tree_child(&fit->tree, 0, "configurations");
    if (fit->images < 0)
        return malformed(fit, 0, "a device tree without /images");
    fdt_for_each_subnode(node, fit->tree.fdt, fit->images)
    {
        status = read_image(fit, node);
        if (status != SEK_OK)
            return status;
    }
    if (claims->image_count == 0)
        return malformed(fit, fit->images, "no image in /images");
    say_content(fit);
    status = check_payloads(fit);
    for (size_t i = 0; status == SEK_OK && i < claims->image_count; i++)
        status = read_image_signatures(fit, i);
    return status == SEK_OK ? read_configurations(fit) : status;
}

const struct sek_format sek_format_fit = {
    .name = "fit", .sized = true, .probe = probe, .prepare = prepare};
