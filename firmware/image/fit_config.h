/* What the signature of a FIT configuration covers, derived by ourselves: the list that the image
 * carries (`hashed-nodes`) is never trusted. */
#ifndef SEK_IMAGE_FIT_CONFIG_H
#define SEK_IMAGE_FIT_CONFIG_H

#include "image/fit_tree.h"

enum {
    FIT_SIGNED_NODES_MAX = 256,
    FIT_CONFIG_IMAGES_MAX = 64,
    FIT_CONFIG_WORDS_MAX = 128, /* texts in a configuration's properties, that may name images */
};

/* Nodes whose properties one configuration's signature covers, as offsets in the skeleton. */
struct fit_signed_set {
    int node[FIT_SIGNED_NODES_MAX]; /* ascending */
    size_t count;
    int image[FIT_CONFIG_IMAGES_MAX]; /* those of them that are images */
    size_t image_count;
};

/* The set for the configuration node conf. fault: an image without a hash, no image at all, too
 * many nodes. Costs at most FIT_CONFIG_WORDS_MAX looks at each image. */
SEK_CHECKED enum sek_status fit_signed_set(const struct fit_tree *tree, int conf,
                                           struct fit_signed_set *set, struct sek_fault *fault);

/* How the image's own list compares with the derived set. */
enum fit_hashed_nodes {
    FIT_HASHED_SAME,   /* exactly the set, or there is no list */
    FIT_HASHED_SUBSET, /* set is reduced to what is listed */
    FIT_HASHED_OTHER,  /* names something that was not derived */
};
enum fit_hashed_nodes fit_compare_hashed_nodes(const struct fit_tree *tree, int signature,
                                               struct fit_signed_set *set);

/* Digest over what the set covers, tag by tag in tree order, and over the signed part of the
 * strings. fault: `hashed-strings` is wrong. */
SEK_CHECKED enum sek_status fit_config_digest(const struct fit_tree *tree, int signature,
                                              const struct fit_signed_set *set,
                                              enum sek_digest_alg alg,
                                              const struct hal_digest *hook,
                                              uint8_t out[SEK_DIGEST_MAX], struct sek_fault *fault);

#endif
