/* The schema of a trust store's payload: which nodes and properties there are, of which types.
 *
 * The device and `store lint` walk with the same function over the same table (schema_table.c); the
 * device stops at the first problem and ignores what is unknown, lint lists both. Source: the
 * tables of trust/SPEC.md. */
#ifndef SEK_TRUST_SCHEMA_H
#define SEK_TRUST_SCHEMA_H

#include "base/reader.h"

#include <stdbool.h>

enum {
    SEK_SCHEMA_DEPTH = 8,       /* levels of nodes, the root included */
    SEK_SCHEMA_PROPERTIES = 64, /* of one node */
    SEK_SCHEMA_NAME_MAX = 31,   /* characters of a node's name */
};

enum sek_schema_node {
    SEK_NODE_UNKNOWN, /* and everything below such a node */
    SEK_NODE_ROOT,
    SEK_NODE_SUCCESSOR,
    SEK_NODE_POLICY,
    SEK_NODE_INDEX,
    SEK_NODE_ENTITIES,
    SEK_NODE_ENTITY,
    SEK_NODE_AFFILIATION,
    SEK_NODE_SUPPLIERS,
    SEK_NODE_SUPPLIER,
    SEK_NODE_MINIMUM,
    SEK_NODE_KEY,
    SEK_NODE_REFERENCES,
    SEK_NODE_REFERENCE,
    SEK_NODE_DEVICE_AUTHORITIES,
    SEK_NODE_DEVICE_AUTHORITY,
    SEK_NODE_MAPS,
    SEK_NODE_MAP,
    SEK_NODE_DENIED,
    SEK_NODE_DENIED_DIGEST,
    SEK_NODE_OFFICERS,
    SEK_NODE_OFFICER,
    SEK_NODE_RULES,
    SEK_NODE_RULE,
    SEK_NODE_TRANSITION,
    SEK_NODE_EXCEPTION,
    SEK_NODE_DETERMINATIONS,
    SEK_NODE_DETERMINATION,
    SEK_NODE_MANIFESTS,
    SEK_NODE_PACKS, /* the last that may stand but once */
    SEK_NODE_PACK,
    SEK_NODE_MANIFEST,
    SEK_NODE_MANIFEST_PART,
    SEK_NODE_COUNT,
};

enum sek_schema_type {
    SEK_TYPE_TEXT,
    SEK_TYPE_TEXTS,   /* at least one, none empty */
    SEK_TYPE_WORDS,   /* texts, each out of the row's words */
    SEK_TYPE_CLASSES, /* texts, each a class */
    SEK_TYPE_DATE,
    SEK_TYPE_FLAG,
    SEK_TYPE_U32,
    SEK_TYPE_U32S,  /* at least one */
    SEK_TYPE_BYTES, /* at least one; with a width: exactly so many */
    SEK_TYPE_OUIS,  /* ascending, each of width bytes; a half byte at the end is zero */
    SEK_TYPE_NODE,  /* phandle of a node under the row's folder */
    SEK_TYPE_NODES, /* at least one such */
};

struct sek_schema_property {
    enum sek_schema_node node;
    const char *name;
    enum sek_schema_type type;
    bool required;
    uint8_t width;      /* bytes, for BYTES and OUIS; WORDS: 1 where only one word may stand */
    const char *detail; /* WORDS: the words, separated by spaces; NODE, NODES: the folder */
};

/* One tag of a tree's structure block, read without libfdt: several times as fast. */
struct sek_tree_tag {
    uint32_t tag; /* FDT_BEGIN_NODE, FDT_END_NODE, FDT_PROP, FDT_NOP; FDT_END: no more */
    int offset, next;
    const char *name;       /* of the node or property; borrowed */
    struct sek_bytes value; /* of the property; borrowed */
};

/* A node directly below the root. */
struct sek_tree_folder {
    const char *name;
    int start, end; /* offsets of its tag, and of the one that ends it; -1: there is none */
};

/* Where the walk is. */
struct sek_schema_place {
    const void *dtb;
    int node; /* libfdt offset */
    enum sek_schema_node kind;
    const char *property; /* NULL: the node itself */
    unsigned depth;       /* 0: the root */
    const char *name[SEK_SCHEMA_DEPTH];
    struct sek_tree_tag value[SEK_SCHEMA_PROPERTIES]; /* the node's properties */
    unsigned value_count;
};

/* What the walk tells. A function that returns false ends it. */
struct sek_schema_sink {
    /* Something that the device refuses, too. why is constant. */
    bool (*problem)(struct sek_schema_sink *sink, const struct sek_schema_place *place,
                    const char *why);
    /* A node or property that is not in the table; NULL: not asked for. */
    bool (*unknown)(struct sek_schema_sink *sink, const struct sek_schema_place *place);
    /* A node of the table whose properties are checked; NULL: not asked for. */
    bool (*node)(struct sek_schema_sink *sink, const struct sek_schema_place *place);
    /* The node that a phandle names, or -1. */
    int (*phandle)(struct sek_schema_sink *sink, uint32_t phandle);
    /* Folders that the caller has found already, all that exist of those that others refer into;
     * NULL: the walk finds them itself, in one more pass. */
    const struct sek_tree_folder *folder;
    size_t folder_count;
};

/* True if libfdt may be let at these bytes: 8-aligned, blocks aligned, fdt_check_full. */
bool sek_schema_readable(struct sek_bytes dtb);

/* Checks that bytes are one device tree of version 17, whole, 8-aligned, with nothing behind it:
 * what libfdt needs to be let at it, and what it does not look at (order of blocks, properties
 * behind nodes, one name twice). SEK_ERR_MALFORMED: fault says where. */
SEK_CHECKED enum sek_status sek_schema_check_tree(struct sek_bytes dtb, struct sek_fault *fault);

/* The tag at an offset of a tree that sek_schema_check_tree accepts. Nothing behind its block is
 * read: there is FDT_END. Source: Devicetree Specification 0.4, 5.4. */
struct sek_tree_tag sek_tree_tag(const void *dtb, int offset);

/* Finds folders by their names, all in one pass; of two of one name the first. */
void sek_tree_folders(const void *dtb, struct sek_tree_folder *folder, size_t count);

/* A property of the place's node; data NULL: it has none of that name. */
struct sek_bytes sek_schema_value(const struct sek_schema_place *place, const char *name);

/* Walks over a tree that sek_schema_check_tree accepts. True if no function ended the walk. */
bool sek_schema_walk(const void *dtb, struct sek_schema_sink *sink);

/* The table; *count is set. */
const struct sek_schema_property *sek_schema_properties(size_t *count);

/* The kind of a node called name below a node of kind parent; SEK_NODE_UNKNOWN: none. */
enum sek_schema_node sek_schema_child(enum sek_schema_node parent, const char *name);

/* True of a kind that may stand only once in its parent. */
bool sek_schema_once(enum sek_schema_node kind);

/* Lists of texts as a property holds them: well formed (each ends in NUL, none empty)? */
bool sek_schema_texts_ok(struct sek_bytes value);

/* Exactly one non-empty text? */
bool sek_schema_text_ok(struct sek_bytes value);

#endif
