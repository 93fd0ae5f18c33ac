/* A signature that was handed in beside a medium, over all of its bytes: CMS (DER or PEM), usign's
 * text, or bare bytes of RSA, ECDSA or Ed25519 (OpenBMC's .sig). */
#ifndef SEK_IMAGE_DETACHED_H
#define SEK_IMAGE_DETACHED_H

#include "image/image.h"

enum {
    SEK_DETACHED_MAX = 64 * 1024,      /* bytes of a signature */
    SEK_DETACHED_SCRATCH = 160 * 1024, /* memory that it takes of the measurement's */
};

/* Adds a signature to an open measurement that has not begun to read: it covers every image, and a
 * medium without images becomes one, "content". What the signature does not say of itself (a bare
 * one: its hash and padding) is tried as the store may pin it. signature is borrowed until the end.
 * Of a malformed medium nothing is covered.
 *
 * SEK_ERR_MALFORMED: no signature of a kind that we know, or not well formed; SEK_ERR_NO_SPACE;
 * SEK_ERR_UNSUPPORTED. Then the fault of the claims is set. */
SEK_CHECKED enum sek_status sek_detached_add(struct sek_image *image, struct sek_bytes signature);

#endif
