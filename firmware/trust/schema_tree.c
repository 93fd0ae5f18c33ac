/* The form of a payload's tree, before its schema is looked at. */
#include "trust/schema.h"

#include <libfdt.h>

#include <string.h>

enum { FDT_VERSION = 17, HEADER_LEN = 40 };

/* What the walk over tags knows of the level that it is on. */
struct level {
    const char *property[SEK_SCHEMA_PROPERTIES]; /* of the node that is open, before its children */
    unsigned properties;
    unsigned depth; /* 0: before the root */
    bool children[SEK_SCHEMA_DEPTH + 1];
};

static const char *check_property(struct level *level, const char *name)
{
    if (!name || level->depth == 0 || level->children[level->depth])
        return "a property stands behind a node";
    for (unsigned i = 0; i < level->properties; i++) {
        if (strcmp(level->property[i], name) == 0)
            return "a property stands twice in its node";
    }
    if (level->properties == SEK_SCHEMA_PROPERTIES)
        return "a node with too many properties";
    level->property[level->properties++] = name;
    return NULL;
}

static const char *check_tag(const void *dtb, uint32_t tag, int offset, struct level *level)
{
    const char *name = NULL;

    switch (tag) {
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
        (void)fdt_getprop_by_offset(dtb, offset, &name, NULL);
        return check_property(level, name);
    case FDT_NOP:
        return NULL;
    default:
        return "an unknown tag";
    }
}

static enum sek_status check_tags(const void *dtb, struct sek_fault *fault)
{
    struct level level = {.depth = 0};
    int offset = 0, next = 0;

    for (;;) {
        uint32_t tag = fdt_next_tag(dtb, offset, &next);
        const char *why;

        if (tag == FDT_END)
            break;
        why = check_tag(dtb, tag, offset, &level);
        if (why)
            return sek_fault_set(fault, SEK_ERR_MALFORMED,
                                 (uint64_t)fdt_off_dt_struct(dtb) + (uint64_t)offset, why);
        offset = next;
    }
    if (!level.children[0] || next < 0 || (uint32_t)next != fdt_size_dt_struct(dtb))
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
