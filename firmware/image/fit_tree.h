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
};

struct fit_tree {
    const void *fdt; /* the skeleton: passes fdt_check_full */
    const uint8_t *structure;
    size_t structure_len;
    const char *strings; /* the container's own, then the two added names */
    size_t strings_len;  /* of the container's own */
    uint32_t totalsize;  /* of the container, with embedded payloads */
};

/* Reads and checks the tree of a FIT that begins at the medium's start: FDT version 17, blocks in
 * mkimage's order, one root without a name, clean node names, no duplicates. Every fault goes to
 * fault with its offset in the medium. SEK_ERR_NO_SPACE: longer than the scratch memory. */
SEK_CHECKED enum sek_status fit_tree_read(struct sek_image *image, struct fit_tree *tree,
                                          struct sek_fault *fault);

#endif
