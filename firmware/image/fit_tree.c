#include "image/fit_walk.h"

#include "base/bytes.h"
#include "base/text.h"

#include <libfdt.h>

#include <string.h>

enum {
    HEADER_LEN = 40,
    RESERVE_ENTRY = 16,
    PRELUDE_MAX = 512, /* header and reserve map */
    NODE_LEN_MIN = 12, /* bytes of the smallest node: its tags and a name */
    NODE_SHARE = 64,   /* one node more for so many bytes of memory */
    /* Bytes between the strings and totalsize that are the container's own: mkimage leaves what
     * stood there before, as far as it aligns (-B, a page at most). What lies further behind must
     * be blank like everything that nothing covers, or totalsize could hide it. */
    SLACK_MAX = 4096,
};

static enum sek_status no_space(struct sek_fault *fault, uint64_t offset)
{
    (void)sek_fault_set(fault, SEK_ERR_NO_SPACE, offset, "the tree is larger than our memory");
    return SEK_ERR_NO_SPACE;
}

static enum sek_status check_header(const struct sek_image *image, const struct fit_header *h,
                                    struct sek_fault *fault)
{
    const uint8_t *head = image->head;

    if (image->head_len < HEADER_LEN)
        return sek_fault_set(fault, SEK_ERR_TRUNCATED, image->head_len, "ends inside the header");
    if (sek_get_u32be(head) != FDT_MAGIC)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0, "not a device tree");
    if (sek_get_u32be(head + 20) != 17 || sek_get_u32be(head + 24) != 16)
        return sek_fault_set(fault, SEK_ERR_UNSUPPORTED, 20,
                             "device tree of another version than 17");
    if (h->totalsize > image->claims.size)
        return sek_fault_set(fault, SEK_ERR_TRUNCATED, 4, "announces more bytes than there are");
    if (h->reserve < HEADER_LEN || h->reserve % 8 || h->structure % 4 || h->structure_len % 4 ||
        h->structure < (uint64_t)h->reserve + RESERVE_ENTRY ||
        h->strings < (uint64_t)h->structure + h->structure_len ||
        (uint64_t)h->strings + h->strings_len > h->totalsize || h->totalsize > INT32_MAX)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 8,
                             "blocks overlap, or lie outside or out of order");
    if ((uint64_t)h->structure + h->structure_len < SEK_HEAD_LEN)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 36, "the tree is too short for a FIT");
    if (h->structure > PRELUDE_MAX)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 8, "memory reserve map is too long");
    return SEK_OK;
}

/* The reserve map ends in a zero entry before the structure block. *end: behind that. */
static enum sek_status check_reserve(const struct fit_header *h, const uint8_t *prelude,
                                     uint32_t *end, struct sek_fault *fault)
{
    static const uint8_t zero[RESERVE_ENTRY];

    for (uint32_t at = h->reserve; at + RESERVE_ENTRY <= h->structure; at += RESERVE_ENTRY) {
        if (memcmp(prelude + at, zero, sizeof zero) == 0) {
            *end = at + RESERVE_ENTRY;
            return SEK_OK;
        }
    }
    return sek_fault_set(fault, SEK_ERR_MALFORMED, h->reserve, "memory reserve map has no end");
}

/* What of the medium is the container's: its header and blocks, and a little slack. */
static enum sek_status plan_blocks(struct sek_image *image, const struct fit_header *h,
                                   uint32_t reserve_end, struct sek_fault *fault)
{
    uint32_t strings_end = h->strings + h->strings_len;
    uint32_t slack = h->totalsize - strings_end;
    const struct {
        uint32_t offset, len;
    } blocks[] = {
        {0, HEADER_LEN},
        {h->reserve, reserve_end - h->reserve},
        {h->structure, h->structure_len},
        {h->strings, h->strings_len + (slack < SLACK_MAX ? slack : SLACK_MAX)},
    };

    for (size_t i = 0; i < SEK_LEN(blocks); i++) {
        enum sek_status status =
            sek_pass_plan(&image->pass, blocks[i].offset, blocks[i].len, SEK_DIGEST_NONE, NULL);

        if (status != SEK_OK)
            return sek_fault_set(fault, status, blocks[i].offset, "more ranges than our table");
    }
    return SEK_OK;
}

/* Reads what stands before the structure block; the head is there already. */
static enum sek_status read_prelude(struct fit_walk *w)
{
    const struct fit_header *h = w->header;
    size_t head_len = w->image->head_len;
    uint32_t reserve_end = 0;
    enum sek_status status;

    memcpy(w->raw, w->image->head, head_len);
    w->raw_len = head_len;
    w->next = head_len;
    if (h->structure > head_len) {
        status =
            sek_image_read_into(w->image, head_len, w->raw + head_len, h->structure - head_len);
        if (status != SEK_OK)
            return sek_fault_set(w->fault, status, head_len, "the header cannot be read");
        w->raw_len = h->structure;
        w->next = h->structure;
    }
    w->raw_pos = h->structure;
    status = check_reserve(h, w->raw, &reserve_end, w->fault);
    return status == SEK_OK ? plan_blocks(w->image, h, reserve_end, w->fault) : status;
}

/* Header of the skeleton; its blocks follow each other. */
static void put_header(uint8_t *fdt, size_t structure_len, size_t strings_len)
{
    const uint32_t words[] = {
        FDT_MAGIC,
        (uint32_t)(HEADER_LEN + RESERVE_ENTRY + structure_len + strings_len),
        HEADER_LEN + RESERVE_ENTRY,
        (uint32_t)(HEADER_LEN + RESERVE_ENTRY + structure_len),
        HEADER_LEN,
        17,
        16,
        0,
        (uint32_t)strings_len,
        (uint32_t)structure_len,
    };

    for (size_t i = 0; i < SEK_LEN(words); i++)
        sek_put_u32be(fdt + 4 * i, words[i]);
    memset(fdt + HEADER_LEN, 0, RESERVE_ENTRY);
}

/* Takes the walk's memory: one half of what is left for what is read, one for the skeleton, at
 * whose end the strings stand, and a table of nodes. NO_SPACE goes to fault. */
static enum sek_status take_memory(struct fit_walk *w, uint8_t **strings, uint8_t **fdt)
{
    const struct fit_header *h = w->header;
    size_t strings_len = h->strings_len + FIT_ADDED_LEN;
    size_t left = w->image->scratch_len - w->image->scratch_used, half;

    w->node_cap = h->structure_len / NODE_LEN_MIN + 1;
    if (w->node_cap > left / NODE_SHARE)
        w->node_cap = left / NODE_SHARE;
    if (w->node_cap > FIT_NODES_MAX)
        w->node_cap = FIT_NODES_MAX;
    w->node = sek_image_scratch(w->image, w->node_cap * sizeof w->node[0]);
    *strings = w->node ? sek_image_scratch(w->image, strings_len) : NULL;
    left = w->image->scratch_len - w->image->scratch_used;
    half = left / 2 & ~(size_t)7;
    if (!*strings || half < PRELUDE_MAX || half < HEADER_LEN + RESERVE_ENTRY + strings_len)
        return no_space(w->fault, h->strings);
    w->raw_cap = half;
    w->raw = sek_image_scratch(w->image, half);
    *fdt = sek_image_scratch(w->image, half);
    w->out = *fdt + HEADER_LEN + RESERVE_ENTRY;
    w->out_cap = half - HEADER_LEN - RESERVE_ENTRY - strings_len;
    return SEK_OK;
}

static enum sek_status read_strings(struct fit_walk *w, uint8_t *strings)
{
    const struct fit_header *h = w->header;
    enum sek_status status = sek_image_read_into(w->image, h->strings, strings, h->strings_len);

    if (status != SEK_OK) {
        (void)sek_fault_set(w->fault, status, h->strings, "the strings cannot be read");
        return status;
    }
    memcpy(strings + h->strings_len, fit_added_names, FIT_ADDED_LEN);
    w->strings = (const char *)strings;
    return SEK_OK;
}

enum sek_status fit_tree_read(struct sek_image *image, struct fit_tree *tree,
                              struct sek_fault *fault)
{
    const uint8_t *head = image->head;
    struct fit_header h = {0};
    struct fit_walk w = {.image = image, .fault = fault, .header = &h};
    size_t strings_len;
    uint8_t *strings, *fdt;

    if (image->head_len >= HEADER_LEN)
        h = (struct fit_header){sek_get_u32be(head + 4),  sek_get_u32be(head + 8),
                                sek_get_u32be(head + 12), sek_get_u32be(head + 16),
                                sek_get_u32be(head + 36), sek_get_u32be(head + 32)};
    if (check_header(image, &h, fault) != SEK_OK || take_memory(&w, &strings, &fdt) != SEK_OK ||
        read_strings(&w, strings) != SEK_OK || read_prelude(&w) != SEK_OK)
        return fault->status;
    fit_walk(&w);
    if (fault->status != SEK_OK)
        return fault->status;
    strings_len = h.strings_len + FIT_ADDED_LEN;
    memcpy(w.out + w.out_len, strings, strings_len);
    put_header(fdt, w.out_len, strings_len);
    if (fdt_check_full(fdt, HEADER_LEN + RESERVE_ENTRY + w.out_len + strings_len) != 0)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, h.structure, "not a device tree");
    image->scratch_used -= (w.out_cap - w.out_len) & ~(size_t)7; /* what it left of its half */
    *tree = (struct fit_tree){
        .fdt = fdt,
        .structure = w.out,
        .structure_len = w.out_len,
        .strings = (const char *)w.out + w.out_len,
        .strings_len = h.strings_len,
        .totalsize = h.totalsize,
        .node = w.node,
        .node_count = w.node_count,
    };
    return SEK_OK;
}

const char *fit_tree_name(const struct fit_tree *tree, int node)
{
    return (const char *)tree->structure + node + 4; /* behind the tag */
}

/* The record of a node: they ascend. */
static const struct fit_node *record_of(const struct fit_tree *tree, int node)
{
    size_t low = 0, high = tree->node_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (tree->node[middle].at <= (uint32_t)node)
            low = middle;
        else
            high = middle;
    }
    return &tree->node[low];
}

int fit_tree_child(const struct fit_tree *tree, int parent, const char *name)
{
    size_t i = (size_t)(record_of(tree, parent) - tree->node) + 1;

    if (i == tree->node_count || tree->node[i].parent != (uint32_t)parent)
        return -1; /* it has no child */
    do {
        if (strcmp(fit_tree_name(tree, (int)tree->node[i].at), name) == 0)
            return (int)tree->node[i].at;
        i = tree->node[i].next;
    } while (i != 0);
    return -1;
}

int fit_tree_parent(const struct fit_tree *tree, int node)
{
    return (int)record_of(tree, node)->parent;
}

uint64_t fit_tree_place(const struct fit_tree *tree, int node)
{
    return record_of(tree, node)->place;
}

bool fit_tree_text(const struct fit_tree *tree, int node, const char *name, char *out, size_t cap)
{
    int len;
    const char *value = fdt_getprop(tree->fdt, node, name, &len);
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

bool fit_tree_u32(const struct fit_tree *tree, int node, const char *name, uint32_t *out)
{
    int len;
    const uint8_t *value = fdt_getprop(tree->fdt, node, name, &len);

    if (!value || len != 4)
        return false;
    *out = sek_get_u32be(value);
    return true;
}
