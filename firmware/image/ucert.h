/* ucert, OpenWrt's chain of certificates ahead of a usign signature: each names the key that signs
 * what follows. Source: OpenWrt's ucert; containers of libubox, blob.h and blobmsg.h. */
#ifndef SEK_IMAGE_UCERT_H
#define SEK_IMAGE_UCERT_H

#include "image/image.h"
#include "image/usign.h"

enum {
    SEK_UCERT_MAX = 4096,      /* bytes of a whole chain: what ucert itself takes */
    SEK_UCERT_DELEGATIONS = 4, /* certificates ahead of the signature */
};

/* A chain: the caller's memory, which delegation borrows from. */
struct sek_ucert {
    struct sek_delegation delegation[SEK_UCERT_DELEGATIONS];
    size_t delegation_count;
    struct sek_usign_signature by[SEK_UCERT_DELEGATIONS]; /* of the certificates */
    uint8_t spki[SEK_UCERT_DELEGATIONS][SEK_USIGN_SPKI_LEN];
    struct sek_usign_signature signature; /* of the message */
};

/* Reads a chain that ends in a signature of a message; its messages are borrowed from bytes.
 * Strict: every element has a signature, all but the last a certificate with each field once, of
 * the type that authorises (a revocation is none), and nothing stands between or behind them.
 * SEK_ERR_MALFORMED, SEK_ERR_TRUNCATED, SEK_ERR_NO_SPACE: fault says where and why. */
SEK_CHECKED enum sek_status sek_ucert_parse(struct sek_bytes bytes, struct sek_ucert *out,
                                            struct sek_fault *fault);

#endif
