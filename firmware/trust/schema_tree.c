/* The form of a payload's tree, before its schema is looked at. */
#include "trust/schema.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

enum { FDT_VERSION = 17, HEADER_LEN = 40, WORD = 4 };

/* Offset of the next word behind len bytes. */
static int behind(int offset, size_t len)
{
    return offset + (int)((len + WORD - 1) & ~(size_t)(WORD - 1));
}

struct sek_tree_tag sek_tree_tag(const void *dtb, int offset)
{
    const size_t size = fdt_size_dt_struct(dtb), strings = fdt_size_dt_strings(dtb);
    const uint8_t *at = (const uint8_t *)dtb + fdt_off_dt_struct(dtb) + offset;
    struct sek_tree_tag tag = {.tag = FDT_END, .offset = offset, .next = offset};
    size_t left = offset < 0 || (size_t)offset > size ? 0 : size - (size_t)offset, len, name;
    const uint8_t *end;

    if (left < WORD)
        return tag;
    switch (sek_get_u32be(at)) {
    case FDT_BEGIN_NODE:
        end = memchr(at + WORD, '\0', left - WORD);
        if (!end)
            return tag;
        tag.name = (const char *)at + WORD;
        tag.next = behind(offset + WORD, (size_t)(end - at) - WORD + 1);
        break;
    case FDT_PROP:
        len = left < 3 * WORD ? SIZE_MAX : sek_get_u32be(at + WORD);
        name = left < 3 * WORD ? SIZE_MAX : sek_get_u32be(at + 2 * WORD);
        if (left < 3 * WORD || len > left - 3 * WORD || name >= strings)
            return tag;
        tag.name = (const char *)dtb + fdt_off_dt_strings(dtb) + name;
        tag.value = (struct sek_bytes){at + 3 * WORD, len};
        tag.next = behind(offset + 3 * WORD, len);
        break;
    case FDT_END:
        return tag;
    default: /* of one word */
        tag.next = offset + WORD;
        break;
    }
    tag.tag = sek_get_u32be(at);
    return tag;
}

void sek_tree_folders(const void *dtb, struct sek_tree_folder *folder, size_t count)
{
    struct sek_tree_folder *open = NULL;
    struct sek_tree_tag tag = {.tag = FDT_NOP};
    unsigned depth = 0;

    for (size_t i = 0; i < count; i++)
        folder[i].start = folder[i].end = -1;
    for (int at = 0; tag.tag != FDT_END; at = tag.next) {
        tag = sek_tree_tag(dtb, at);
        if (tag.tag == FDT_END_NODE && depth-- == 2 && open)
            open->end = at;
        if (tag.tag != FDT_BEGIN_NODE || ++depth != 2)
            continue;
        open = NULL;
        for (size_t i = 0; i < count && !open; i++) {
            if (folder[i].start < 0 && strcmp(folder[i].name, tag.name) == 0)
                open = &folder[i];
        }
        if (open)
            open->start = at;
    }
}

/* What the walk over tags knows of the level that it is on. */
struct level {
    const char *property[SEK_SCHEMA_PROPERTIES]; /* of the node that is open, before its children */
    unsigned properties;
    unsigned depth; /* 0: before the root */
    bool children[SEK_SCHEMA_DEPTH + 1];
};

static const char *check_property(struct level *level, const char *name)
{
    if (level->depth == 0 || level->children[level->depth])
        return "a property stands behind a node";
    for (unsigned i = 0; i < level->properties; i++) {
        if (level->property[i][0] == name[0] && strcmp(level->property[i], name) == 0)
            return "a property stands twice in its node";
    }
    if (level->properties == SEK_SCHEMA_PROPERTIES)
        return "a node with too many properties";
    level->property[level->properties++] = name;
    return NULL;
}

static const char *check_tag(const struct sek_tree_tag *tag, struct level *level)
{
    switch (tag->tag) {
    case FDT_BEGIN_NODE:
        if (level->depth == SEK_SCHEMA_DEPTH)
            return "nodes too deep in each other";
        level->children[level->depth] = true;
        level->children[++level->depth] = false;
        level->properties = 0;
        return NULL;
    case FDT_END_NODE:
        level->depth--; /* fdt_check_full has seen that they are in pairs */
        return NULL;
    case FDT_PROP:
        return check_property(level, tag->name);
    case FDT_NOP:
        return NULL;
    default:
        return "an unknown tag";
    }
}

static enum sek_status check_tags(const void *dtb, struct sek_fault *fault)
{
    struct level level = {.depth = 0};
    struct sek_tree_tag tag = {.next = 0};

    while ((tag = sek_tree_tag(dtb, tag.next)).tag != FDT_END) {
        const char *why = check_tag(&tag, &level);

        if (why)
            return sek_fault_set(fault, SEK_ERR_MALFORMED,
                                 (uint64_t)fdt_off_dt_struct(dtb) + (uint64_t)tag.offset, why);
    }
    if (!level.children[0] || (uint32_t)tag.offset + WORD != fdt_size_dt_struct(dtb))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, fdt_off_dt_struct(dtb),
                             "the tree ends before its block does");
    return SEK_OK;
}

bool sek_schema_readable(struct sek_bytes dtb)
{
    if (!dtb.data || ((uintptr_t)dtb.data & 7) != 0 || dtb.len < HEADER_LEN || dtb.len > INT32_MAX)
        return false;
    /* libfdt checks where the blocks end, but not that it may read words where they begin. */
    return fdt_off_dt_struct(dtb.data) % 4 == 0 && fdt_off_mem_rsvmap(dtb.data) % 8 == 0 &&
           fdt_check_full(dtb.data, dtb.len) == 0;
}

enum sek_status sek_schema_check_tree(struct sek_bytes dtb, struct sek_fault *fault)
{
    if (!sek_schema_readable(dtb))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0, "not a device tree");
    if (fdt_totalsize(dtb.data) != dtb.len || fdt_version(dtb.data) != FDT_VERSION)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0,
                             "a device tree of another length or version than 17");
    return check_tags(dtb.data, fault);
}
