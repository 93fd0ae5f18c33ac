/* RSASSA-PSS: how long is the salt? PSA verifies with a salt as long as the hash or with one of any
 * length, and does not say which it found. */
#ifndef SEK_CRYPTO_PSS_H
#define SEK_CRYPTO_PSS_H

#include "crypto/digest.h"
#include "crypto/spki.h"

#include <stdbool.h>

/* True if the salt of a signature that verifies is as long as it can be (RFC 8017, 9.1.1: emLen -
 * hLen - 2). Says nothing of a signature that does not verify. key: RSA, as parsed; signature: as
 * long as the modulus and less than it, else false. False too when the digest engine fails. */
bool sek_pss_salt_is_maximal(const struct sek_spki *key, enum sek_digest_alg hash,
                             struct sek_bytes signature);

#endif
