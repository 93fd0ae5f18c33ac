/* RSA with public keys (RFC 8017), by arithmetic of our own: there is nothing secret in it, it
 * needs no heap, and it takes a fraction of the time and flash of an engine made for private keys
 * too. */
#ifndef SEK_CRYPTO_RSA_H
#define SEK_CRYPTO_RSA_H

#include "crypto/digest.h"
#include "crypto/spki.h"

enum { SEK_RSA_LEN_MAX = SEK_RSA_BITS_MAX / 8 }; /* bytes */

/* em = signature ^ e modulo n, key->modulus.len bytes: RSAVP1 and I2OSP, 5.2.2 and 4.1. key: RSA,
 * as parsed; signature: as long as the modulus and less than it, which is the caller's to check. */
void sek_rsa_recover(const struct sek_spki *key, struct sek_bytes signature,
                     uint8_t em[SEK_RSA_LEN_MAX]);

/* Whether an encoded message, whole bytes as recovered, is that of this digest by EMSA-PKCS1-v1_5
 * (9.2): compared in full. hash: SHA-2, digest of its length. SEK_OK, SEK_ERR_SIGNATURE. */
SEK_CHECKED enum sek_status sek_rsa_is_pkcs1(struct sek_bytes em, enum sek_digest_alg hash,
                                             struct sek_bytes digest);

/* The same without the DigestInfo around the digest, as boot ROMs sign. */
SEK_CHECKED enum sek_status sek_rsa_is_pkcs1_bare(struct sek_bytes em, struct sek_bytes digest);

/* The same by EMSA-PSS (9.1.2), MGF1 with the same hash, a salt as long as the hash or as long as
 * it can be (emLen - hLen - 2), no other. SEK_ERR_CRYPTO: the digest engine fails. */
SEK_CHECKED enum sek_status sek_rsa_is_pss(struct sek_bytes em, enum sek_digest_alg hash,
                                           struct sek_bytes digest);

/* The same with a salt of this length and no other. */
SEK_CHECKED enum sek_status sek_rsa_is_pss_salted(struct sek_bytes em, enum sek_digest_alg hash,
                                                  struct sek_bytes digest, size_t salt_len);

#endif
