#include "agent/boot.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

/* ARM Linux zImage: a magic number at 24h (kernel source, arch/arm/boot/compressed/head.S). */
enum { ZIMAGE_MAGIC_AT = 0x24, ZIMAGE_HEAD = 0x30, ROLES = 3 };
#define ZIMAGE_MAGIC UINT32_C(0x016f2818)

enum role { KERNEL, TREE, RAMDISK };

static const char *const role_names[ROLES] = {"kernel", "fdt", "ramdisk"};

struct search {
    const struct sek_boot_request *request;
    struct sek_image image;
    const struct sek_image_claim *found[ROLES];
    char row_name[ROLES][SEK_ROW_NAME_MAX + 1];
    uint32_t approved[ROLES]; /* verdict of each one's row */
    size_t statement;         /* of the selected configuration */
    bool vouched;             /* a reference vouches for the whole partition */
};

static enum sek_status fails(enum sek_status status, const char *text, const char **why)
{
    *why = text;
    return status;
}

static enum sek_status measure(struct search *s, const char **why)
{
    struct sek_memory_source source =
        sek_memory_source_make(s->request->memory.data, s->request->memory.len);
    const struct sek_store *store = s->request->appraiser->store;
    enum sek_status status =
        sek_image_open(&s->image, &source.base, s->request->hook, NULL,
                       store && store->dtb ? store->reference_algs : 0, s->request->image);

    if (status == SEK_OK)
        status = sek_image_run(&s->image);
    if (status != SEK_OK)
        return fails(status, "the boot partition cannot be verified in memory", why);
    if (s->image.claims.fault.status != SEK_OK)
        return fails(SEK_ERR_MALFORMED, s->image.claims.fault.why, why);
    if (!s->image.claims.tree || s->image.claims.statement_count == 0)
        return fails(SEK_ERR_NOT_FOUND, "nothing that can be started is in the boot partition",
                     why);
    return SEK_OK;
}

static const struct sek_image_claim *image_of_name(const struct sek_image_claims *claims,
                                                   const char *name)
{
    for (size_t i = 0; i < claims->image_count; i++) {
        if (strcmp(claims->image[i].name, name) == 0)
            return &claims->image[i];
    }
    return NULL;
}

static bool is_uncompressed(const void *tree, const char *image)
{
    int images = fdt_subnode_offset(tree, 0, "images"), len;
    const char *word =
        fdt_getprop(tree, fdt_subnode_offset(tree, images, image), "compression", &len);

    return !word || (len == sizeof "none" && strcmp(word, "none") == 0);
}

/* The images that the configuration names; the first of a list. */
static enum sek_status find_images(struct search *s, const char **why)
{
    const struct sek_image_claims *claims = &s->image.claims;
    const void *tree = claims->tree;
    int conf = fdt_subnode_offset(tree, fdt_subnode_offset(tree, 0, "configurations"),
                                  claims->statement[s->statement].name);

    for (unsigned role = 0; role < ROLES; role++) {
        int len;
        const char *name = fdt_getprop(tree, conf, role_names[role], &len);

        if (!name && role == RAMDISK)
            continue;
        if (!name || len < 2 || memchr(name, 0, (size_t)len) != name + len - 1)
            return fails(SEK_ERR_NOT_FOUND,
                         "the default configuration names no kernel or no device tree", why);
        s->found[role] = image_of_name(claims, name);
        if (!s->found[role])
            return fails(SEK_ERR_NOT_FOUND, "the default configuration names no image", why);
        if (!is_uncompressed(tree, name))
            return fails(SEK_ERR_UNSUPPORTED, "an image to be started is compressed", why);
    }
    return SEK_OK;
}

/* The one default configuration. */
static enum sek_status find_statement(struct search *s, const char **why)
{
    const struct sek_image_claims *claims = &s->image.claims;

    for (size_t i = 0; i < claims->statement_count; i++) {
        if (claims->statement[i].kind != SEK_STATEMENT_CONFIGURATION ||
            !claims->statement[i].selected)
            continue;
        s->statement = i;
        return find_images(s, why);
    }
    return fails(SEK_ERR_NOT_FOUND, "the FIT has no default configuration", why);
}

struct sink {
    struct sek_row_sink base;
    struct search *search;
};

/* Notes the verdict of what would be started. */
static void note(struct sek_row_sink *base, const struct sek_row *row)
{
    struct search *s = ((struct sink *)base)->search;

    if (row->kind == SEK_ROW_REGION && row->verdict == SEK_VERDICT_APPROVED)
        s->vouched = true;
    for (unsigned role = 0; role < ROLES; role++) {
        if (s->found[role] && row->kind == SEK_ROW_IMAGE &&
            strcmp(row->name, s->row_name[role]) == 0)
            s->approved[role] = row->verdict;
    }
}

static void name_row(struct search *s, unsigned role)
{
    char *out = s->row_name[role];
    size_t region = strlen(s->request->partition), image = strlen(s->found[role]->name);

    if (region + 1 + image > SEK_ROW_NAME_MAX)
        return; /* no row has this name: not approved */
    memcpy(out, s->request->partition, region);
    out[region] = '/';
    memcpy(out + region + 1, s->found[role]->name, image + 1);
}

/* Judges with the signatures of the selected configuration alone. */
static void appraise(struct search *s)
{
    const struct sek_component component = {.name = s->request->partition,
                                            .component_class = s->request->component_class,
                                            .named_by_board = true,
                                            .method = SEK_METHOD_AGENT,
                                            .location = "memory"};
    struct sek_image_claims *claims = &s->image.claims;
    struct sink sink = {{note}, s};

    for (size_t i = 0; i < claims->image_count; i++) {
        claims->image[i].covered_by &= UINT32_C(1) << s->statement;
        claims->image[i].data_only_by = 0;
    }
    for (unsigned role = 0; role < ROLES; role++) {
        if (s->found[role])
            name_row(s, role);
    }
    sek_appraise_images(s->request->appraiser, &component, claims, SEK_OK, &sink.base);
}

/* Approved only if each image that is there is; the last assignment is the only good one. */
static enum sek_boot_approval approval_of(const struct search *s)
{
    const volatile uint32_t *verdict = s->approved;

    for (unsigned role = 0; role < ROLES; role++) {
        if (s->found[role] && !s->vouched && verdict[role] != SEK_VERDICT_APPROVED)
            return SEK_BOOT_REFUSED;
    }
    for (unsigned role = ROLES; role > 0; role--) { /* again, the other way round */
        if (s->found[role - 1] && !s->vouched && verdict[role - 1] != SEK_VERDICT_APPROVED)
            return SEK_BOOT_REFUSED;
    }
    return s->found[KERNEL] && s->found[TREE] ? SEK_BOOT_APPROVED : SEK_BOOT_REFUSED;
}

static struct sek_bytes bytes_of(const struct search *s, enum role role)
{
    const struct sek_image_claim *image = s->found[role];

    return image ? (struct sek_bytes){s->request->memory.data + image->offset, (size_t)image->size}
                 : (struct sek_bytes){NULL, 0};
}

static enum sek_status digest_all(const struct sek_boot *boot, const struct hal_digest *hook,
                                  uint8_t out[32])
{
    const struct sek_bytes *const parts[ROLES] = {&boot->kernel, &boot->tree, &boot->ramdisk};
    struct sek_digest digest;
    uint8_t full[SEK_DIGEST_MAX];
    enum sek_status status = sek_digest_start(&digest, SEK_DIGEST_SHA256, hook);

    if (status != SEK_OK)
        return status;
    for (unsigned i = 0; i < ROLES; i++)
        sek_digest_update(&digest, parts[i]->data, parts[i]->len);
    status = sek_digest_finish(&digest, full);
    if (status == SEK_OK)
        memcpy(out, full, 32);
    return status;
}

enum sek_status sek_boot_verify(const struct sek_boot_request *request, struct sek_boot *out,
                                const char **why)
{
    struct search s = {.request = request};
    struct sek_boot boot = {.approval = SEK_BOOT_REFUSED};
    enum sek_status status = measure(&s, why);

    if (status == SEK_OK)
        status = find_statement(&s, why);
    if (status != SEK_OK)
        return status;
    memcpy(boot.configuration, s.image.claims.statement[s.statement].name,
           sizeof boot.configuration);
    boot.kernel = bytes_of(&s, KERNEL);
    boot.tree = bytes_of(&s, TREE);
    boot.ramdisk = bytes_of(&s, RAMDISK);
    if (boot.kernel.len < ZIMAGE_HEAD || ((uintptr_t)boot.kernel.data & 3) != 0 ||
        sek_get_u32le(boot.kernel.data + ZIMAGE_MAGIC_AT) != ZIMAGE_MAGIC)
        return fails(SEK_ERR_UNSUPPORTED, "the kernel is no ARM Linux zImage", why);
    status = digest_all(&boot, request->hook, boot.digest);
    if (status != SEK_OK)
        return fails(status, "what would be started cannot be digested", why);
    appraise(&s);
    boot.approval = approval_of(&s);
    *out = boot;
    return SEK_OK;
}
