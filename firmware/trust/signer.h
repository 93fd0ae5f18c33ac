/* Who signed: from the signatures of a statement to a key of the trust store. */
#ifndef SEK_TRUST_SIGNER_H
#define SEK_TRUST_SIGNER_H

#include "image/image.h"
#include "trust/store.h"

/* Keys tried for all signatures of one medium: each costs milliseconds, and an image chooses how
 * many signatures it has. What is not tried stays unknown. */
enum { SEK_SIGNER_TRIES = 256 };

/* What a statement's signatures come to; numbers far apart. */
enum sek_signer_state {
    SEK_SIGNER_NONE = 0x1b3c64d2,    /* no signature at all */
    SEK_SIGNER_UNKNOWN = 0x2ed13587, /* signed, by nobody whose key the store has */
    SEK_SIGNER_WEAK = 0x749a8b1e,    /* an algorithm that we do not take */
    SEK_SIGNER_BAD = 0xc84ee269,     /* claims a key of the store, and does not verify */
    SEK_SIGNER_GOOD = 0x93275df4,    /* verifies under a key of the store */
};

struct sek_signed_by {
    enum sek_signer_state state;
    int key;      /* node of the key that verifies, or that is claimed; < 0: none */
    int supplier; /* its parent */
    const struct sek_signature_claim *signature; /* the one that decided; NULL: none */
    /* Signed under certificates: the days that all of them share, and whether the store passes over
     * these. The key is then that of the CA. */
    bool by_certificate, dateless;
    sek_day from, until;
};

/* Judges the signatures of one statement: a good one wins over unknown ones, a bad one over all.
 * tries: how many keys were tried for this medium; counted on. */
void sek_signer_find(const struct sek_store *store, const struct sek_image_claims *claims,
                     size_t statement, unsigned *tries, struct sek_signed_by *out);

/* True if a statement signed by a rather than by b decides over an image that both cover: a
 * complete good one, else the worst. */
bool sek_signer_outweighs(const struct sek_signed_by *a, const struct sek_signed_by *b);

/* The key node with this id, compared in full; < 0: none. */
int sek_signer_key(const struct sek_store *store, const uint8_t id[SEK_KEY_ID_LEN]);

#endif
