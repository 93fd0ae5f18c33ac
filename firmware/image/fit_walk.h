/* The walk over a FIT's tags: from the medium into the skeleton. A part of fit_tree, apart because
 * it is the one place that reads foreign tags. */
#ifndef SEK_IMAGE_FIT_WALK_H
#define SEK_IMAGE_FIT_WALK_H

#include "image/fit_tree.h"

/* The header's words that we use. */
struct fit_header {
    uint32_t totalsize, structure, strings, reserve, structure_len, strings_len;
};

/* The names that stand for a payload left out: "data-position" and "data-size". They follow the
 * strings, FIT_ADDED_LEN bytes. */
enum { FIT_ADDED_LEN = sizeof "data-position\0data-size" };
extern const char fit_added_names[FIT_ADDED_LEN];

/* The walk: raw bytes as they come from the medium, and the skeleton as it grows. */
struct fit_walk {
    struct sek_image *image;
    struct sek_fault *fault;
    const struct fit_header *header;
    uint8_t *raw; /* what was read ahead; stays until the pass has ended */
    size_t raw_len, raw_cap, raw_pos;
    uint64_t next; /* offset in the medium of raw[raw_len] */
    uint8_t *out;  /* skeleton's structure block */
    size_t out_len, out_cap;
    const char *strings; /* strings_len bytes, then fit_added_names */
    uint64_t tag_at;     /* offset in the medium of the tag at work */
    struct fit_node *node;
    size_t node_count, node_cap;
    const char *seen[FIT_PROPERTIES_MAX + 2]; /* names of the present node's properties so far */
    size_t seen_count;
};

/* All tags from the root's BEGIN_NODE to FDT_END, where the structure block ends. The caller has
 * read what stands before that block into raw, with raw_pos at its start, and the strings. What is
 * wrong goes to fault. */
void fit_walk(struct fit_walk *w);

#endif
