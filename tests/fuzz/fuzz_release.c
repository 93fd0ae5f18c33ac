/* A release order that we take has its three claims, and written anew without a signature of its
 * own it has the same payload. */
#include "evidence/release.h"

#include "crypto/crypto.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sek_status sign_nothing(struct sek_signer *signer, struct sek_bytes digest,
                                    uint8_t signature[SEK_COSE_SIGNATURE_MAX])
{
    (void)signer;
    (void)digest;
    memset(signature, 1, SEK_COSE_SIGNATURE_MAX);
    return SEK_OK;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    assert(sek_crypto_start(NULL) == SEK_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_fault fault = {.status = SEK_OK}, other = {.status = SEK_OK};
    struct sek_signer signer = {.sign = sign_nothing, .alg = SEK_COSE_ES256};
    struct sek_release order, again;
    uint8_t buf[SEK_RELEASE_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, sizeof buf);

    if (sek_release_decode(sek_reader_make((struct sek_bytes){.data = data, .len = size}, &fault),
                           &order) != SEK_OK) {
        assert(fault.offset <= size && fault.why);
        return 0;
    }
    sek_release_write(&w, &order, &signer);
    assert(w.status == SEK_OK);
    assert(sek_release_decode(sek_reader_make((struct sek_bytes){buf, w.len}, &other), &again) ==
           SEK_OK);
    assert(again.issued_at == order.issued_at);
    assert(memcmp(again.ueid, order.ueid, sizeof order.ueid) == 0);
    assert(memcmp(again.boot_digest, order.boot_digest, sizeof order.boot_digest) == 0);
    return 0;
}
