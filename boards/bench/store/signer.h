/* Whose key signs a store or an order: one in a file, or one that never leaves its token. */
#ifndef SEK_BENCH_STORE_SIGNER_H
#define SEK_BENCH_STORE_SIGNER_H

#include "boards/bench/store/store.h"

enum { STORE_SPKI_MAX = 1024 }; /* bytes of a public key in DER */

/* The key that signs: its algorithm for mkimage, its public half. */
struct store_signer {
    const char *algo;
    bool rsa;
    uint8_t spki[STORE_SPKI_MAX];
    size_t spki_len;
};

/* Reads the public half of the key of this name. A token's keys are RSA: mkimage signs through
 * OpenSSL's engine pkcs11 with no others. False after a message. */
bool store_signer_read(const struct store_keys *keys, const char *name,
                       struct store_signer *signer);

#endif
