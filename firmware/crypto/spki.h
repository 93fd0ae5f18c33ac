/* SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), read strictly: only the two kinds of key that we use.
 */
#ifndef SEK_CRYPTO_SPKI_H
#define SEK_CRYPTO_SPKI_H

#include "crypto/verify.h"

struct sek_spki {
    enum sek_scheme scheme; /* SEK_SCHEME_RSA_PKCS1 (RSA of either padding) or SEK_SCHEME_ECDSA */
    uint16_t bits;          /* 2048..4096; 256, 384 */
    struct sek_bytes key;   /* as PSA imports it: RSAPublicKey (PKCS#1), or 04 || X || Y */
};

/* SEK_ERR_KEY: not DER of such a key, or one that sek_key_kind refuses. */
SEK_CHECKED enum sek_status sek_spki_read(struct sek_bytes spki, struct sek_spki *out);

#endif
