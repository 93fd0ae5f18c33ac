/* Any bytes as a CMS SignedData of each kind, as a certificate, as Base64 and as PEM. Seeds:
 * tests/data/cms. */
#include "base/base64.h"
#include "crypto/x509.h"
#include "image/cms.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SCRATCH = 8192, EXTENTS = 8 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool inside(struct sek_bytes part, struct sek_bytes whole)
{
    return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

static void try_cms(struct sek_bytes der, enum sek_cms_content want)
{
    static _Alignas(64) uint8_t scratch[SCRATCH];
    struct sek_statement_claim statement[1];
    struct sek_signature_claim signature[1];
    struct sek_extent extent[EXTENTS];
    static struct sek_image image;
    struct sek_memory_source source = sek_memory_source_make(der.data, der.len);
    struct sek_cms cms;
    enum sek_status status;

    memset(&image, 0, sizeof image);
    image.scratch = scratch;
    image.scratch_len = sizeof scratch;
    image.claims = (struct sek_image_claims){.statement = statement,
                                             .statement_count = 1,
                                             .statement_cap = 1,
                                             .signature = signature,
                                             .signature_cap = 1,
                                             .size = der.len};
    sek_pass_init(&image.pass, &source.base, NULL,
                  &(struct sek_pass_memory){NULL, 0, extent, EXTENTS});
    status = sek_cms_add(&image, der, 0, want, 0, &cms);
    if (status != SEK_OK) {
        require(image.claims.fault.status == status && image.claims.fault.why);
        require(image.claims.fault.offset <= der.len);
        return;
    }
    require(image.claims.signature_count == 1);
    require(inside(cms.digest, der));
    require(cms.hash == SEK_DIGEST_NONE || cms.digest.len == sek_digest_len(cms.hash));
    require(want == SEK_CMS_DETACHED ? !cms.content.data : inside(cms.content, der));
    require(signature[0].signer < signature[0].chain_count);
    for (size_t i = 0; i < signature[0].chain_count; i++)
        require(inside(signature[0].chain[i], der));
    /* One encoding: no strict prefix of it is one, too. */
    require(sek_cms_add(&image, (struct sek_bytes){der.data, der.len - 1}, 0, want, 0, &cms) !=
            SEK_OK);
}

static void try_certificate(struct sek_bytes der)
{
    struct sek_x509 crt;
    sek_day from, until;

    if (sek_x509_parse(der, &crt) != SEK_OK)
        return;
    require(inside(crt.tbs, der) && inside(crt.spki, crt.tbs) && inside(crt.subject, crt.tbs));
    require(inside(crt.signature, der) && crt.signature.len > 0);
    if (sek_x509_chain(der, NULL, 0, der, &from, &until) == SEK_OK)
        require(from == crt.from && until == crt.until);
}

static void try_text(struct sek_bytes text)
{
    uint8_t *out = malloc(text.len * 3 / 4 + 1);
    size_t len = SIZE_MAX;

    require(out != NULL);
    if (sek_base64_decode(text, out, &len) == SEK_OK)
        require(len <= text.len * 3 / 4);
    len = SIZE_MAX;
    if (sek_pem_decode(text, "CMS", out, &len) == SEK_OK)
        require(len < text.len * 3 / 4);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    uint8_t *exact = malloc(size ? size : 1);
    struct sek_bytes bytes = {exact, size};

    if (!started && psa_crypto_init() != PSA_SUCCESS)
        abort();
    started = true;
    require(exact != NULL);
    if (size > 0)
        memcpy(exact, data, size);
    try_cms(bytes, SEK_CMS_DETACHED);
    try_cms(bytes, SEK_CMS_ATTACHED);
    try_cms(bytes, SEK_CMS_AUTHENTICODE);
    try_certificate(bytes);
    try_text(bytes);
    free(exact);
    return 0;
}
