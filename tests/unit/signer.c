#include "tests/unit/signer.h"

#include <assert.h>
#include <string.h>

static enum sek_status sign(struct sek_signer *base, struct sek_bytes digest,
                            uint8_t signature[SEK_COSE_SIGNATURE_MAX])
{
    struct test_signer *signer = (struct test_signer *)base;
    psa_algorithm_t hash = digest.len == 32 ? PSA_ALG_SHA_256 : PSA_ALG_SHA_384;
    size_t len;

    if (signer->fails != SEK_OK || signer->does_nothing)
        return signer->fails;
    return psa_sign_hash(signer->key, PSA_ALG_ECDSA(hash), digest.data, digest.len, signature,
                         SEK_COSE_SIGNATURE_MAX, &len) == PSA_SUCCESS
               ? SEK_OK
               : SEK_ERR_CRYPTO;
}

void test_signer_make(struct test_signer *signer, enum sek_cose_alg alg)
{
    static const uint8_t head256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    static const uint8_t head384[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                      0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                      0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    bool small = alg == SEK_COSE_ES256;
    const uint8_t *head = small ? head256 : head384;
    size_t head_len = small ? sizeof head256 : sizeof head384, len = 0;
    uint8_t id[SEK_KEY_ID_LEN];
    psa_status_t status;
    enum sek_status known;

    *signer = (struct test_signer){.base = {.sign = sign, .alg = alg}};
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, small ? 256 : 384);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(small ? PSA_ALG_SHA_256 : PSA_ALG_SHA_384));
    status = psa_generate_key(&attributes, &signer->key);
    assert(status == PSA_SUCCESS);
    memcpy(signer->spki, head, head_len);
    status = psa_export_public_key(signer->key, signer->spki + head_len,
                                   sizeof signer->spki - head_len, &len);
    assert(status == PSA_SUCCESS);
    signer->spki_len = head_len + len;
    known = sek_key_id(test_signer_spki(signer), id);
    assert(known == SEK_OK);
    memcpy(signer->base.kid, id, sizeof signer->base.kid);
}

void test_signer_drop(struct test_signer *signer)
{
    psa_destroy_key(signer->key);
}

struct sek_bytes test_signer_spki(const struct test_signer *signer)
{
    return (struct sek_bytes){.data = signer->spki, .len = signer->spki_len};
}
