#include "image/detached.h"

#include "base/base64.h"
#include "base/text.h"
#include "image/cms.h"
#include "image/usign.h"

#include <string.h>

enum {
    CANDIDATES_MAX = 4, /* keys that a medium is read under: a pass digests no more at one place */
    DER_SEQUENCE = 0x30,
};

static const char signature_name[] = "detached";

/* One way in which a bare signature may have been made. */
struct way {
    struct sek_sig_alg alg;
    const char *algo;
};

static const struct way rsa_ways[] = {
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, 2048}, "sha256,rsa2048"},
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA512, 2048}, "sha512,rsa2048"},
    {{SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 2048}, "sha256,rsa2048"},
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, 3072}, "sha256,rsa3072"},
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA512, 3072}, "sha512,rsa3072"},
    {{SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 3072}, "sha256,rsa3072"},
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, 4096}, "sha256,rsa4096"},
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA512, 4096}, "sha512,rsa4096"},
    {{SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 4096}, "sha256,rsa4096"},
};
static const struct way ecdsa_ways[] = {
    {{SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256}, "sha256,ecdsa256"},
    {{SEK_SCHEME_ECDSA, SEK_DIGEST_SHA384, 384}, "sha384,ecdsa384"},
};

struct detached {
    struct sek_image *image;
    struct sek_fault *fault;
    size_t statement;
    struct sek_extent *measured[SEK_DIGEST_COUNT]; /* over the whole medium */
};

static enum sek_status malformed(struct detached *d)
{
    return sek_fault_set(d->fault, SEK_ERR_MALFORMED, 0,
                         "the signature beside it is of no kind that we know");
}

/* The digest over the whole medium, planned once. */
static struct sek_extent *digest_of(struct detached *d, enum sek_digest_alg alg)
{
    if (!d->measured[alg] &&
        sek_pass_plan(&d->image->pass, 0, d->image->claims.size, alg, &d->measured[alg]) != SEK_OK)
        (void)sek_fault_set(d->fault, SEK_ERR_NO_SPACE, 0, "more digests than we can plan");
    return d->measured[alg];
}

static enum sek_status add_way(struct detached *d, const struct way *way, struct sek_bytes value)
{
    struct sek_signature_claim *claim = sek_signature_add(d->image, signature_name, d->statement);

    if (!claim)
        return d->fault->status;
    claim->alg = way->alg;
    memcpy(claim->algo, way->algo, strlen(way->algo) + 1);
    claim->value = value;
    claim->measured = digest_of(d, way->alg.hash);
    return d->fault->status;
}

static enum sek_status add_rsa(struct detached *d, struct sek_bytes value)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < SEK_LEN(rsa_ways) && status == SEK_OK; i++) {
        if (value.len == rsa_ways[i].alg.key_bits / 8)
            status = add_way(d, &rsa_ways[i], value);
    }
    return status;
}

/* In DER, or as the two numbers alone. */
static enum sek_status add_ecdsa(struct detached *d, struct sek_bytes value, bool *found)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < SEK_LEN(ecdsa_ways) && status == SEK_OK; i++) {
        size_t len = ecdsa_ways[i].alg.key_bits / 4;
        uint8_t *raw = sek_image_scratch(d->image, SEK_ECDSA_MAX);

        if (!raw)
            return sek_fault_set(d->fault, SEK_ERR_NO_SPACE, 0, "no memory for a signature");
        if (value.len == len)
            memcpy(raw, value.data, len);
        else if (value.data[0] != DER_SEQUENCE ||
                 sek_ecdsa_from_der(value, ecdsa_ways[i].alg.key_bits, raw) != SEK_OK)
            continue;
        *found = true;
        status = add_way(d, &ecdsa_ways[i], (struct sek_bytes){raw, len});
    }
    return status;
}

/* Ed25519: the medium is read under keys of the store. value and hint are in the image's memory. */
static enum sek_status add_edwards(struct detached *d, struct sek_bytes value, const char *hint)
{
    static const char algo[] = "sha512,ed25519";
    size_t count = d->image->candidate_count;
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < (count > 0 ? count : 1) && i < CANDIDATES_MAX && status == SEK_OK; i++) {
        struct sek_signature_claim *claim =
            sek_signature_add(d->image, signature_name, d->statement);

        if (!claim)
            return d->fault->status;
        memcpy(claim->algo, algo, sizeof algo);
        memcpy(claim->hint, hint, strlen(hint) + 1);
        claim->alg = (struct sek_sig_alg){SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256};
        claim->value = value;
        claim->guessed = true;
        if (count > 0)
            status = sek_image_plan_ed25519(d->image, 0, d->image->claims.size,
                                            d->image->candidate[i], claim);
    }
    return status;
}

static enum sek_status add_usign(struct detached *d, struct sek_bytes text)
{
    struct sek_usign_signature *signature = sek_image_scratch(d->image, sizeof *signature);
    char hint[2 * SEK_USIGN_HINT_LEN + 1];

    if (!signature)
        return sek_fault_set(d->fault, SEK_ERR_NO_SPACE, 0, "no memory for a signature");
    if (sek_usign_signature(text, signature) != SEK_OK)
        return malformed(d);
    sek_text_hex((struct sek_bytes){signature->hint, sizeof signature->hint}, hint);
    return add_edwards(d, (struct sek_bytes){signature->value, sizeof signature->value}, hint);
}

/* What CMS signs is a digest: every image is covered by that of the whole. */
static enum sek_status add_cms(struct detached *d, struct sek_bytes der)
{
    struct sek_image_claims *claims = &d->image->claims;
    struct sek_extent *measured;
    struct sek_cms cms;

    if (sek_cms_add(d->image, der, 0, SEK_CMS_DETACHED, d->statement, &cms) != SEK_OK)
        return d->fault->status;
    measured = cms.hash == SEK_DIGEST_NONE ? NULL : digest_of(d, cms.hash);
    for (size_t i = 0; i < claims->image_count; i++) {
        struct sek_image_claim *image = &claims->image[i];

        if (image->hash_count == SEK_IMAGE_HASHES)
            return sek_fault_set(d->fault, SEK_ERR_NO_SPACE, 0, "no room for one more hash");
        image->hash[image->hash_count++] =
            (struct sek_hash_claim){.alg = cms.hash, .expected = cms.digest, .measured = measured};
        image->covered_by |= UINT32_C(1) << d->statement;
        image->checksum_only = false;
    }
    sek_image_cover_statements(d->image, d->statement);
    return d->fault->status;
}

static enum sek_status add_pem(struct detached *d, struct sek_bytes text)
{
    static const char *const labels[] = {"CMS", "PKCS7"};
    uint8_t *der = sek_image_scratch(d->image, text.len);
    size_t len = 0;

    if (!der)
        return sek_fault_set(d->fault, SEK_ERR_NO_SPACE, 0, "no memory for a signature");
    for (size_t i = 0; i < SEK_LEN(labels); i++) {
        if (sek_pem_decode(text, labels[i], der, &len) == SEK_OK)
            return add_cms(d, (struct sek_bytes){der, len});
    }
    return malformed(d);
}

/* A signature by itself: its length says of what kind of key. */
static enum sek_status add_bare(struct detached *d, struct sek_bytes value)
{
    bool found = value.len == SEK_ED25519_LEN;
    enum sek_status status = add_rsa(d, value);

    found = found || value.len == 256 || value.len == 384 || value.len == 512;
    if (status == SEK_OK && found && value.len == SEK_ED25519_LEN)
        status = add_edwards(d, value, "");
    if (status == SEK_OK)
        status = add_ecdsa(d, value, &found);
    return status == SEK_OK && !found ? malformed(d) : status;
}

static bool begins(struct sek_bytes bytes, const char *word)
{
    size_t len = strlen(word);

    return bytes.len >= len && memcmp(bytes.data, word, len) == 0;
}

static enum sek_status add_any(struct detached *d, struct sek_bytes signature)
{
    enum sek_status status;

    if (begins(signature, "-----BEGIN "))
        return add_pem(d, signature);
    if (signature.len > SEK_SIGNATURE_MAX && signature.data[0] == DER_SEQUENCE)
        return add_cms(d, signature);
    status =
        begins(signature, "untrusted comment: ") ? add_usign(d, signature) : add_bare(d, signature);
    if (status == SEK_OK)
        sek_image_cover_all(d->image, d->statement);
    return status;
}

/* A medium of no known format is one image. */
static enum sek_status add_content(struct sek_image *image)
{
    struct sek_image_claim *claim;

    if (image->claims.image_count > 0)
        return SEK_OK;
    claim = sek_image_add(image, "content", 0, image->claims.size);
    if (!claim)
        return image->claims.fault.status;
    claim->format = "raw";
    return sek_pass_plan(&image->pass, 0, image->claims.size, SEK_DIGEST_SHA256, &claim->extra);
}

enum sek_status sek_detached_add(struct sek_image *image, struct sek_bytes signature)
{
    struct detached d = {
        .image = image, .fault = &image->claims.fault, .statement = image->claims.statement_count};
    enum sek_status status;

    if (image->claims.fault.status != SEK_OK)
        return image->claims.fault.status;
    if (signature.len == 0 || signature.len > SEK_DETACHED_MAX)
        return malformed(&d);
    status = add_content(image);
    if (status == SEK_OK && !sek_statement_add(image, signature_name, SEK_STATEMENT_WHOLE))
        status = image->claims.fault.status;
    if (status == SEK_OK)
        status = add_any(&d, signature);
    if (status != SEK_OK)
        return sek_fault_set(&image->claims.fault, status, 0, "the signature cannot be taken");
    return SEK_OK;
}
