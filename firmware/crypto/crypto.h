/* Start of the crypto engine and its known-answer tests. */
#ifndef SEK_CRYPTO_CRYPTO_H
#define SEK_CRYPTO_CRYPTO_H

#include "base/status.h"
#include "hal/digest.h"

/* Starts PSA and runs the known-answer tests: SHA-256 through the hook and through PSA, SHA-384,
 * SHA-512, an RSA and an ECDSA signature, each with its control that must fail. Call once, before
 * all else; hook may be NULL. SEK_ERR_CRYPTO: do not use this engine. */
SEK_CHECKED enum sek_status sek_crypto_start(const struct hal_digest *hook);

#endif
