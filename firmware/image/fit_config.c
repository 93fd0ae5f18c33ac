#include "image/fit_config.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

static enum sek_status fail(const struct fit_tree *tree, int node, struct sek_fault *fault,
                            const char *why)
{
    return sek_fault_set(fault, SEK_ERR_MALFORMED, fit_tree_place(tree, node), why);
}

/* Where a node stands in the set, or would. */
static size_t set_place(const struct fit_signed_set *set, int node)
{
    size_t low = 0, high = set->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (set->node[middle] < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool in_set(const struct fit_signed_set *set, int node)
{
    size_t at = set_place(set, node);

    return at < set->count && set->node[at] == node;
}

static enum sek_status add_node(const struct fit_tree *tree, int node, struct fit_signed_set *set,
                                struct sek_fault *fault)
{
    size_t at = set_place(set, node);

    if (in_set(set, node))
        return SEK_OK;
    if (set->count == FIT_SIGNED_NODES_MAX)
        return fail(tree, node, fault, "the configuration names too many nodes");
    memmove(&set->node[at + 1], &set->node[at], (set->count - at) * sizeof set->node[0]);
    set->node[at] = node;
    set->count++;
    return SEK_OK;
}

/* An image with its hash nodes, and what else of it is signed. */
static enum sek_status add_image(const struct fit_tree *tree, int image, struct fit_signed_set *set,
                                 struct sek_fault *fault)
{
    bool hashed = false;
    int node;

    if (in_set(set, image))
        return SEK_OK;
    if (set->image_count == FIT_CONFIG_IMAGES_MAX)
        return fail(tree, image, fault, "the configuration names too many images");
    set->image[set->image_count++] = image;
    if (add_node(tree, image, set, fault) != SEK_OK)
        return fault->status;
    fdt_for_each_subnode(node, tree->fdt, image)
    {
        const char *name = fdt_get_name(tree->fdt, node, NULL);
        bool hash = strncmp(name, "hash", 4) == 0;

        hashed = hashed || hash;
        if ((hash || strcmp(name, "cipher") == 0 || strcmp(name, "dm-verity") == 0) &&
            add_node(tree, node, set, fault) != SEK_OK)
            return fault->status;
    }
    return hashed ? SEK_OK : fail(tree, image, fault, "an image of the configuration has no hash");
}

/* True if value is one or more texts, each ended by NUL; some may be empty. */
static bool is_string_list(const char *value, int len)
{
    return len > 0 && value[len - 1] == '\0';
}

/* The images that one property of a configuration names, added to the set. */
static enum sek_status add_named(const struct fit_tree *tree, int property, int images,
                                 size_t *words, struct fit_signed_set *set, struct sek_fault *fault)
{
    const char *name;
    int len;
    const char *value = fdt_getprop_by_offset(tree->fdt, property, &name, &len);

    if (strcmp(name, "description") == 0 || strcmp(name, "compatible") == 0 ||
        strcmp(name, "default") == 0 || !is_string_list(value, len))
        return SEK_OK;
    for (const char *word = value; word < value + len; word += strlen(word) + 1) {
        int image = fit_tree_child(tree, images, word);

        if (++*words > FIT_CONFIG_WORDS_MAX)
            return fail(tree, property, fault, "the configuration holds too many texts");
        if (image >= 0 && add_image(tree, image, set, fault) != SEK_OK)
            return fault->status;
    }
    return SEK_OK;
}

enum sek_status fit_signed_set(const struct fit_tree *tree, int conf, struct fit_signed_set *set,
                               struct sek_fault *fault)
{
    int images = fit_tree_child(tree, 0, "images"), property;
    size_t words = 0;

    set->count = 0;
    set->image_count = 0;
    if (add_node(tree, 0, set, fault) != SEK_OK || add_node(tree, conf, set, fault) != SEK_OK)
        return fault->status;
    fdt_for_each_property_offset(property, tree->fdt, conf)
    {
        if (add_named(tree, property, images, &words, set, fault) != SEK_OK)
            return fault->status;
    }
    return set->image_count > 0 ? SEK_OK
                                : fail(tree, conf, fault, "the configuration names no image");
}

/* Writes a node's path at the end of text; returns where it begins. The walk has bounded it. */
static const char *path_of(const struct fit_tree *tree, int node, char text[FIT_PATH_MAX + 2])
{
    char *at = text + FIT_PATH_MAX + 1;

    *at = '\0';
    if (node == 0)
        *--at = '/';
    for (; node != 0; node = fit_tree_parent(tree, node)) {
        const char *name = fit_tree_name(tree, node);
        size_t len = strlen(name);

        at -= len;
        memcpy(at, name, len);
        *--at = '/';
    }
    return at;
}

/* The paths of a signature's own list, ascending. */
struct path_list {
    const char *text; /* of the property: one path behind the other */
    uint32_t path[FIT_SIGNED_NODES_MAX];
    size_t count;
};

/* Where a path stands in the list, or would; *there: it does. */
static size_t path_place(const struct path_list *list, const char *path, bool *there)
{
    size_t low = 0, high = list->count;

    *there = false;
    while (low < high && !*there) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(list->text + list->path[middle], path);

        *there = order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* False: not a list of texts, more than max of them, or one twice. */
static bool read_paths(const char *value, int len, size_t max, struct path_list *list)
{
    list->text = value;
    list->count = 0;
    if (!is_string_list(value, len))
        return false;
    for (const char *path = value; path < value + len; path += strlen(path) + 1) {
        bool there;
        size_t at = path_place(list, path, &there);

        if (there || list->count == max)
            return false;
        memmove(&list->path[at + 1], &list->path[at], (list->count - at) * sizeof list->path[0]);
        list->path[at] = (uint32_t)(path - value);
        list->count++;
    }
    return true;
}

enum fit_hashed_nodes fit_compare_hashed_nodes(const struct fit_tree *tree, int signature,
                                               struct fit_signed_set *set)
{
    struct fit_signed_set listed = {.count = 0};
    char text[FIT_PATH_MAX + 2];
    struct path_list paths;
    int len;
    const char *list = fdt_getprop(tree->fdt, signature, "hashed-nodes", &len);

    if (!list)
        return FIT_HASHED_SAME;
    if (!read_paths(list, len, set->count, &paths))
        return FIT_HASHED_OTHER;
    for (size_t i = 0; i < set->count; i++) {
        bool there;

        (void)path_place(&paths, path_of(tree, set->node[i], text), &there);
        if (there)
            listed.node[listed.count++] = set->node[i];
    }
    if (listed.count != paths.count)
        return FIT_HASHED_OTHER; /* it names something that was not derived */
    if (listed.count == set->count)
        return FIT_HASHED_SAME;
    for (size_t i = 0; i < set->image_count; i++) {
        if (in_set(&listed, set->image[i]))
            listed.image[listed.image_count++] = set->image[i];
    }
    *set = listed;
    return FIT_HASHED_SUBSET;
}

/* Length of the signed part of the strings; 0 after a fault. */
static size_t signed_strings(const struct fit_tree *tree, int signature, struct sek_fault *fault)
{
    int len;
    const uint8_t *value = fdt_getprop(tree->fdt, signature, "hashed-strings", &len);
    size_t size = value && len == 8 ? sek_get_u32be(value + 4) : 0;

    if (size == 0 || sek_get_u32be(value) != 0 || size > tree->strings_len ||
        tree->strings[size - 1] != '\0') {
        (void)fail(tree, signature, fault, "hashed-strings is missing or wrong");
        return 0;
    }
    return size;
}

/* Feeds the tags that the set covers. want: 2 inside a listed node, 1 in its direct children, whose
 * names are covered and nothing else. */
static void digest_tags(const struct fit_tree *tree, const struct fit_signed_set *set,
                        size_t strings_size, struct sek_digest *digest, struct sek_fault *fault)
{
    unsigned want = 0, depth = 0, outer[FIT_DEPTH_MAX + 1];
    int at = 0, next;

    for (;; at = next) {
        uint32_t tag = fdt_next_tag(tree->fdt, at, &next);
        bool include = true;

        if (next < 0 || (tag == FDT_BEGIN_NODE && depth > FIT_DEPTH_MAX) ||
            (tag == FDT_END_NODE && depth == 0)) {
            (void)fail(tree, 0, fault, "the tree cannot be walked");
            return;
        }
        if (tag == FDT_BEGIN_NODE) {
            outer[depth++] = want;
            want = in_set(set, at) ? 2 : want > 0 ? want - 1 : 0;
            include = want > 0;
        } else if (tag == FDT_END_NODE) {
            include = want > 0;
            want = outer[--depth];
        } else if (tag == FDT_PROP) {
            const char *name = tree->strings + sek_get_u32be(tree->structure + at + 8);

            include = want == 2 && !fit_is_payload_name(name);
            if (include && (size_t)(name - tree->strings) + strlen(name) >= strings_size)
                (void)fail(tree, at, fault,
                           "a signed property's name lies outside the signed strings");
        } else if (tag == FDT_NOP) {
            include = want == 2;
        }
        if (include)
            sek_digest_update(digest, tree->structure + at, (size_t)(next - at));
        if (tag == FDT_END)
            return;
    }
}

enum sek_status fit_config_digest(const struct fit_tree *tree, int signature,
                                  const struct fit_signed_set *set, enum sek_digest_alg alg,
                                  const struct hal_digest *hook, uint8_t out[SEK_DIGEST_MAX],
                                  struct sek_fault *fault)
{
    size_t strings_size = signed_strings(tree, signature, fault);
    struct sek_digest digest;
    enum sek_status status;

    if (strings_size == 0)
        return fault->status;
    status = sek_digest_start(&digest, alg, hook);
    if (status != SEK_OK)
        return status;
    digest_tags(tree, set, strings_size, &digest, fault);
    sek_digest_update(&digest, tree->strings, strings_size);
    if (fault->status != SEK_OK) {
        sek_digest_abort(&digest);
        return fault->status;
    }
    return sek_digest_finish(&digest, out);
}
