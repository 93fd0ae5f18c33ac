/* The skeleton of a FIT: its device tree without the payloads, in memory that cannot change.
 *
 * The tree of an image with embedded data is as long as its payload. So each `data` value directly
 * under /images/NAME is left out, and `data-position` and `data-size` stand in its place: names
 * that no signature covers, so that the signed digest stays the same. libfdt works on the skeleton.
 */
#ifndef SEK_IMAGE_FIT_TREE_H
#define SEK_IMAGE_FIT_TREE_H

#include "image/image.h"

enum {
    FIT_DEPTH_MAX = 32,
    FIT_NODES_MAX = 1024,
    FIT_PROPERTIES_MAX = 64, /* of one node */
    FIT_NAME_MAX = 31,       /* of a node or property */
    FIT_PATH_MAX = 200,      /* of a node */
};

/* Where a node stands; nodes are numbered in tree order, the root is the first. */
struct fit_node {
    uint32_t at;     /* its offset for libfdt, in the skeleton */
    uint32_t parent; /* its parent's; the root's is its own */
    uint32_t place;  /* its offset in the medium, for faults */
    uint32_t next;   /* index of its next sibling; 0: none. A first child follows its parent */
};

struct fit_tree {
    const void *fdt; /* the skeleton: passes fdt_check_full */
    const uint8_t *structure;
    size_t structure_len;
    const char *strings; /* the container's own, then the two added names */
    size_t strings_len;  /* of the container's own */
    uint32_t totalsize;  /* of the container, with embedded payloads */
    struct fit_node *node;
    size_t node_count;
};

/* Reads and checks the tree of a FIT that begins at the medium's start: FDT version 17, blocks in
 * mkimage's order, a reserve map that ends, one root without a name, clean node names, properties
 * before subnodes, no duplicates, payload properties in images only, nothing behind FDT_END in its
 * block. Plans what the container covers of the medium. Every fault goes to fault with its offset
 * in the medium. SEK_ERR_NO_SPACE: longer than the scratch memory. The cost is linear in the tree's
 * bytes, but for names of siblings: at most FIT_NODES_MAX squared. Source: Devicetree Specification
 * 0.4, chapter 5. */
SEK_CHECKED enum sek_status fit_tree_read(struct sek_image *image, struct fit_tree *tree,
                                          struct sek_fault *fault);

/* The four names of payload properties, which no configuration's signature covers. */
bool fit_is_payload_name(const char *name);

/* The child of this exact name, or -1. Costs one look at each child, not at the tree's bytes. */
int fit_tree_child(const struct fit_tree *tree, int parent, const char *name);

/* A node's name; its parent; its offset in the medium. The node must be one. */
const char *fit_tree_name(const struct fit_tree *tree, int node);
int fit_tree_parent(const struct fit_tree *tree, int node);
uint64_t fit_tree_place(const struct fit_tree *tree, int node);

/* A text property: one string, clean, shorter than cap (at most 64). Missing: empty. False: not
 * that, out is empty. */
bool fit_tree_text(const struct fit_tree *tree, int node, const char *name, char *out, size_t cap);

/* A property of four bytes; false: missing, or of another length. */
bool fit_tree_u32(const struct fit_tree *tree, int node, const char *name, uint32_t *out);

#endif
