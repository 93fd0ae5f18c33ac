/* A signer with a key of its own, made for the test that asks. */
#ifndef SEK_TESTS_UNIT_SIGNER_H
#define SEK_TESTS_UNIT_SIGNER_H

#include "evidence/cose.h"

#include <psa/crypto.h>

struct test_signer {
    struct sek_signer base;
    psa_key_id_t key;
    uint8_t spki[128];
    size_t spki_len;
    enum sek_status fails; /* SEK_OK: signs; else what it answers */
    unsigned does_nothing; /* claims success and does nothing */
};

/* A new key of P-256 (ES256) or P-384 (ES384). */
void test_signer_make(struct test_signer *signer, enum sek_cose_alg alg);
void test_signer_drop(struct test_signer *signer);
struct sek_bytes test_signer_spki(const struct test_signer *signer);

#endif
