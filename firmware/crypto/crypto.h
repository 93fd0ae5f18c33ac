/* Start of the crypto engine and its known-answer tests. */
#ifndef SEK_CRYPTO_CRYPTO_H
#define SEK_CRYPTO_CRYPTO_H

#include "base/status.h"
#include "hal/digest.h"

/* Starts PSA and runs the known-answer tests of the digests: each through PSA, SHA-256 also through
 * the hook, one stream, two and many. Call once, before all else; hook may be NULL. SEK_ERR_CRYPTO:
 * do not use this engine. */
SEK_CHECKED enum sek_status sek_crypto_start(const struct hal_digest *hook);

/* Known-answer tests of signature verification (RSA, ECDSA, Ed25519), each with its control that
 * must fail. Apart from the start because they cost milliseconds: an engine that says yes to
 * everything is also caught by every sek_verify_digest. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_crypto_test_signatures(void);

#endif
