/* A signature node of a FIT: what it claims. Nothing in it is signed. */
#ifndef SEK_IMAGE_FIT_SIGNATURE_H
#define SEK_IMAGE_FIT_SIGNATURE_H

#include "image/fit_tree.h"

/* Reads a node whose name begins with "signature" into a new claim: algorithm, hint and value; the
 * rest is the caller's. fault: no value, a property that a signature has not, or text that is not
 * clean. Source: U-Boot, doc/usage/fit/signature.rst. */
SEK_CHECKED enum sek_status fit_signature_read(const struct fit_tree *tree, int node,
                                               struct sek_signature_claim *claim,
                                               struct sek_fault *fault);

#endif
