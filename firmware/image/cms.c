#include "image/cms.h"

#include "base/text.h"
#include "crypto/der.h"
#include "crypto/x509.h"

#include <string.h>

#define OID_PKCS7 "\x2a\x86\x48\x86\xf7\x0d\x01\x07" /* 1.2.840.113549.1.7 */
#define OID_PKCS9 "\x2a\x86\x48\x86\xf7\x0d\x01\x09" /* 1.2.840.113549.1.9 */

static const uint8_t oid_data[] = OID_PKCS7 "\x01", oid_signed_data[] = OID_PKCS7 "\x02",
                     oid_content_type[] = OID_PKCS9 "\x03", oid_digest[] = OID_PKCS9 "\x04",
                     oid_indirect_data[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04";

enum { ATTRIBUTES_MAX = 16, OID_ENDS_IN_NUL = 1 };

struct parse {
    struct sek_image *image;
    struct sek_fault fault; /* offsets in der */
    enum sek_cms_content want;
    struct sek_bytes type; /* of the content, as encapContentInfo says */
    struct sek_bytes *certificate;
    size_t certificate_count;
    size_t signer; /* its certificate */
    struct sek_x509 crt;
    struct sek_cms cms;
    struct sek_bytes attributes; /* signedAttrs, whole */
    struct sek_sig_alg alg;
    struct sek_bytes signature;
};

static bool is(struct sek_bytes a, const uint8_t *b, size_t size)
{
    return a.data && a.len == size - OID_ENDS_IN_NUL && memcmp(a.data, b, a.len) == 0;
}

static bool same(struct sek_bytes a, struct sek_bytes b)
{
    return a.data && b.data && a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static void malformed(struct sek_reader *r, const char *why)
{
    sek_reader_fail(r, SEK_ERR_MALFORMED, why);
}

/* encapContentInfo: RFC 5652, 5.2; of Authenticode the content is no OCTET STRING, and its digest
 * is over what stands in its SEQUENCE. */
static void read_content(struct parse *p, struct sek_reader *signed_data)
{
    struct sek_reader info = sek_der_take(signed_data, SEK_DER_SEQUENCE), wrapped;
    bool authenticode = p->want == SEK_CMS_AUTHENTICODE;

    p->type = sek_der_contents(&info, SEK_DER_OID);
    if (authenticode ? !is(p->type, oid_indirect_data, sizeof oid_indirect_data)
                     : !is(p->type, oid_data, sizeof oid_data))
        malformed(&info, "content of another type");
    if (p->want != SEK_CMS_DETACHED) {
        wrapped = sek_der_take(&info, SEK_DER_CONTEXT);
        p->cms.content =
            sek_der_contents(&wrapped, authenticode ? SEK_DER_SEQUENCE : SEK_DER_OCTET_STRING);
        sek_der_end(&wrapped);
    }
    sek_der_end(&info); /* detached: and nothing attached */
}

static void read_certificates(struct parse *p, struct sek_reader *signed_data)
{
    struct sek_reader list;

    if (sek_der_peek(signed_data) == SEK_DER_CONTEXT) {
        list = sek_der_take(signed_data, SEK_DER_CONTEXT);
        while (sek_reader_left(&list) > 0) {
            struct sek_bytes crt = sek_der_whole(&list, SEK_DER_SEQUENCE);

            if (p->certificate_count == SEK_CMS_CERTIFICATES)
                malformed(&list, "more certificates than we take");
            else
                p->certificate[p->certificate_count++] = crt;
        }
    }
    if (sek_der_peek(signed_data) == SEK_DER_CONTEXT + 1) /* CRLs: nobody's who is trusted */
        (void)sek_der_take(signed_data, SEK_DER_CONTEXT + 1);
}

/* The signer's certificate, by issuer and serial number or by key identifier. */
static void find_signer(struct parse *p, struct sek_reader *info)
{
    struct sek_bytes issuer = {0}, serial = {0}, key_id = {0};

    if (sek_der_peek(info) == SEK_DER_CONTEXT_PRIMITIVE) {
        key_id = sek_der_contents(info, SEK_DER_CONTEXT_PRIMITIVE);
    } else {
        struct sek_reader sid = sek_der_take(info, SEK_DER_SEQUENCE);

        issuer = sek_der_whole(&sid, SEK_DER_SEQUENCE);
        serial = sek_der_contents(&sid, SEK_DER_INTEGER);
        sek_der_end(&sid);
    }
    for (p->signer = 0; p->signer < p->certificate_count; p->signer++) {
        if (sek_x509_parse(p->certificate[p->signer], &p->crt) == SEK_OK &&
            (key_id.data ? same(p->crt.key_id, key_id)
                         : same(p->crt.issuer, issuer) && same(p->crt.serial, serial)))
            return;
    }
    malformed(info, "the signer's certificate is not there");
}

/* One attribute: its type, and its one value as a reader. */
static struct sek_reader take_attribute(struct sek_reader *list, struct sek_bytes *type)
{
    struct sek_reader attribute = sek_der_take(list, SEK_DER_SEQUENCE);

    *type = sek_der_contents(&attribute, SEK_DER_OID);
    struct sek_reader values = sek_der_take(&attribute, SEK_DER_SET);
    sek_der_end(&attribute);
    return values;
}

/* signedAttrs: RFC 5652, 5.3 and 11. Without them the digest of the content could be signed
 * anywhere as content, or be read as these: they have to be there. */
static void read_attributes(struct parse *p, struct sek_reader *info)
{
    struct sek_reader look = *info, list;
    struct sek_bytes seen[ATTRIBUTES_MAX], type = {0};
    size_t count = 0;

    if (sek_der_peek(info) != SEK_DER_CONTEXT) {
        malformed(info, "no signed attributes");
        return;
    }
    p->attributes = sek_der_whole(&look, SEK_DER_CONTEXT);
    list = sek_der_take(info, SEK_DER_CONTEXT);
    while (sek_reader_left(&list) > 0) {
        struct sek_reader values = take_attribute(&list, &seen[count]);

        for (size_t i = 0; i < count; i++) {
            if (same(seen[i], seen[count]))
                malformed(&list, "one attribute twice");
        }
        if (is(seen[count], oid_content_type, sizeof oid_content_type)) {
            type = sek_der_contents(&values, SEK_DER_OID);
            sek_der_end(&values);
        } else if (is(seen[count], oid_digest, sizeof oid_digest)) {
            p->cms.digest = sek_der_contents(&values, SEK_DER_OCTET_STRING);
            sek_der_end(&values);
        }
        if (++count == ATTRIBUTES_MAX)
            malformed(&list, "more attributes than we take");
    }
    /* A digest of an unknown or weak hash is of any length: the claim will say that it is weak. */
    if (!same(type, p->type) || !p->cms.digest.data ||
        (p->cms.hash != SEK_DIGEST_NONE && p->cms.digest.len != sek_digest_len(p->cms.hash)))
        malformed(info, "the attributes do not say what is signed, or not with this hash");
}

static void read_signer(struct parse *p, struct sek_reader *signed_data)
{
    struct sek_reader infos = sek_der_take(signed_data, SEK_DER_SET);
    struct sek_reader info = sek_der_take(&infos, SEK_DER_SEQUENCE);
    struct sek_bytes algorithm;

    sek_der_end(&infos); /* one signer, no second that nobody would ask about */
    (void)sek_der_contents(&info, SEK_DER_INTEGER);
    find_signer(p, &info);
    p->cms.hash = sek_x509_digest(sek_der_whole(&info, SEK_DER_SEQUENCE));
    read_attributes(p, &info);
    algorithm = sek_der_whole(&info, SEK_DER_SEQUENCE);
    p->alg = sek_x509_algorithm(algorithm, p->cms.hash);
    p->signature = sek_der_contents(&info, SEK_DER_OCTET_STRING);
    if (sek_der_peek(&info) == SEK_DER_CONTEXT + 1) /* unsigned attributes */
        (void)sek_der_take(&info, SEK_DER_CONTEXT + 1);
    sek_der_end(&info);
    if (p->alg.hash != p->cms.hash) /* one hash for both, or a weak one */
        p->alg = (struct sek_sig_alg){SEK_SCHEME_NONE, SEK_DIGEST_NONE, 0};
}

static void read_all(struct parse *p, struct sek_bytes der)
{
    struct sek_reader in = sek_reader_make(der, &p->fault);
    struct sek_reader info = sek_der_take(&in, SEK_DER_SEQUENCE), wrapped, data;

    sek_der_end(&in);
    if (!sek_der_is_oid(&info, oid_signed_data, sizeof oid_signed_data - OID_ENDS_IN_NUL))
        sek_reader_fail(&info, SEK_ERR_UNSUPPORTED, "CMS of another kind: encrypted, perhaps");
    wrapped = sek_der_take(&info, SEK_DER_CONTEXT);
    sek_der_end(&info);
    data = sek_der_take(&wrapped, SEK_DER_SEQUENCE);
    sek_der_end(&wrapped);
    (void)sek_der_contents(&data, SEK_DER_INTEGER);
    (void)sek_der_take(&data, SEK_DER_SET); /* digest algorithms: the signer says its own */
    read_content(p, &data);
    read_certificates(p, &data);
    read_signer(p, &data);
    sek_der_end(&data);
}

/* What is signed: the attributes, read as the SET that they are (RFC 5652, 5.4). */
static enum sek_status digest_attributes(const struct parse *p, uint8_t out[SEK_DIGEST_MAX])
{
    static const uint8_t set = SEK_DER_SET;
    struct sek_digest digest;
    enum sek_status status = sek_digest_start(&digest, p->alg.hash, NULL);

    sek_digest_update(&digest, &set, 1);
    sek_digest_update(&digest, p->attributes.data + 1, p->attributes.len - 1);
    return status == SEK_OK ? sek_digest_finish(&digest, out) : status;
}

/* "sha256,rsa2048" */
static void put_algo(const struct sek_sig_alg *alg, char out[24])
{
    size_t len = strlen(sek_digest_name(alg->hash));

    memcpy(out, sek_digest_name(alg->hash), len);
    out[len++] = ',';
    memcpy(out + len, alg->scheme == SEK_SCHEME_ECDSA ? "ecdsa" : "rsa",
           alg->scheme == SEK_SCHEME_ECDSA ? 5 : 3);
    len += alg->scheme == SEK_SCHEME_ECDSA ? 5 : 3;
    (void)sek_text_decimal(alg->key_bits, out + len);
}

/* The signature itself; where it cannot verify the claim says so. */
static enum sek_status fill_claim(struct parse *p, struct sek_signature_claim *claim)
{
    struct sek_sig_alg kind;
    uint8_t *raw;

    claim->chain = p->certificate;
    claim->chain_count = p->certificate_count;
    claim->signer = p->signer;
    claim->value = p->signature;
    if (p->alg.scheme == SEK_SCHEME_NONE || sek_key_kind(p->crt.spki, &kind) != SEK_OK)
        return SEK_OK; /* weak */
    claim->alg = p->alg;
    claim->alg.key_bits = kind.key_bits;
    put_algo(&claim->alg, claim->algo);
    claim->digest_status = digest_attributes(p, claim->digest);
    if (p->alg.scheme != SEK_SCHEME_ECDSA || claim->digest_status != SEK_OK)
        return SEK_OK;
    raw = sek_image_scratch(p->image, SEK_ECDSA_MAX);
    if (!raw)
        return SEK_ERR_NO_SPACE;
    claim->digest_status = sek_ecdsa_from_der(p->signature, kind.key_bits, raw);
    claim->value = (struct sek_bytes){raw, kind.key_bits / 4u};
    return SEK_OK;
}

enum sek_status sek_cms_add(struct sek_image *image, struct sek_bytes der, uint64_t at,
                            enum sek_cms_content want, size_t statement, struct sek_cms *out)
{
    struct parse p = {.image = image, .want = want};
    struct sek_fault *fault = &image->claims.fault;
    struct sek_signature_claim *claim;

    p.certificate = sek_image_scratch(image, SEK_CMS_CERTIFICATES * sizeof *p.certificate);
    if (!p.certificate)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, at, "no memory for certificates");
    read_all(&p, der);
    if (p.fault.status == SEK_ERR_TRUNCATED) /* inside, something is longer than what holds it */
        p.fault.status = SEK_ERR_MALFORMED;
    if (p.fault.status != SEK_OK)
        return sek_fault_set(fault, p.fault.status, at + p.fault.offset, p.fault.why);
    claim = sek_signature_add(image, "cms", statement);
    if (!claim)
        return fault->status;
    if (fill_claim(&p, claim) != SEK_OK)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, at, "no memory for a signature");
    *out = p.cms;
    return SEK_OK;
}

bool sek_cms_is_attached(struct sek_bytes der)
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(der, &fault), info, wrapped, data, content;

    info = sek_der_take(&in, SEK_DER_SEQUENCE);
    (void)sek_der_contents(&info, SEK_DER_OID);
    wrapped = sek_der_take(&info, SEK_DER_CONTEXT);
    data = sek_der_take(&wrapped, SEK_DER_SEQUENCE);
    (void)sek_der_contents(&data, SEK_DER_INTEGER);
    (void)sek_der_take(&data, SEK_DER_SET);
    content = sek_der_take(&data, SEK_DER_SEQUENCE);
    (void)sek_der_contents(&content, SEK_DER_OID);
    return sek_der_peek(&content) == SEK_DER_CONTEXT;
}

enum sek_status sek_cms_bind(struct sek_image *image, const struct sek_cms *cms,
                             struct sek_bytes content)
{
    struct sek_image_claims *claims = &image->claims;
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status;

    if (cms->hash == SEK_DIGEST_NONE) /* weak anyhow */
        return SEK_OK;
    status = sek_digest_of(cms->hash, image->pass.hook, content.data, content.len, digest);
    if (status != SEK_OK)
        return sek_fault_set(&claims->fault, status, 0, "the content cannot be digested");
    if (memcmp(digest, cms->digest.data, cms->digest.len) != 0)
        claims->signature[claims->signature_count - 1].digest_status = SEK_ERR_SIGNATURE;
    return SEK_OK;
}

enum sek_status sek_cms_cover(struct sek_image *image, const struct sek_cms *cms,
                              struct sek_image_claim *claim, size_t statement)
{
    struct sek_hash_claim *hash = &claim->hash[0];

    claim->covered_by = UINT32_C(1) << statement;
    claim->hash_count = 1;
    *hash = (struct sek_hash_claim){.alg = cms->hash, .expected = cms->digest};
    if (cms->hash == SEK_DIGEST_NONE) /* weak: measured for the report */
        return sek_pass_plan(&image->pass, claim->offset, claim->size, SEK_DIGEST_SHA256,
                             &claim->extra);
    return sek_pass_plan(&image->pass, claim->offset, claim->size, cms->hash, &hash->measured);
}
