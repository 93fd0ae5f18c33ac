#include "evidence/certificate.h"

#include "crypto/der.h"
#include "crypto/x509.h"

#include <string.h>

static const uint8_t oid_ueid[] = SEK_OID_UEID;
static const uint8_t oid_attest[] = SEK_OID_ATTEST;
static const uint8_t oid_serial_number[] = {0x55, 0x04, 0x05}; /* 2.5.4.5 */
static const uint8_t oid_extended_usage[] = {0x55, 0x1d, 0x25};

/* ---- The subject ---- */

/* Printable ASCII or UTF-8 without controls. */
static bool take_serial(struct sek_reader *attribute, struct sek_certificate *out)
{
    uint8_t tag = sek_der_peek(attribute);
    struct sek_bytes text = sek_der_contents(attribute, tag);

    if ((tag != SEK_DER_PRINTABLE_STRING && tag != SEK_DER_UTF8_STRING) || text.len == 0 ||
        text.len > SEK_SERIAL_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    memcpy(out->serial, text.data, text.len);
    out->serial[text.len] = '\0';
    return true;
}

/* Exactly one serialNumber among the attributes of a Name (RFC 5280, 4.1.2.4). */
static bool read_subject(struct sek_bytes subject, struct sek_certificate *out)
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(subject, &fault);
    struct sek_reader names = sek_der_take(&in, SEK_DER_SEQUENCE);
    unsigned count = 0;

    while (sek_reader_left(&names) > 0) {
        struct sek_reader name = sek_der_take(&names, SEK_DER_SET);

        while (sek_reader_left(&name) > 0) {
            struct sek_reader attribute = sek_der_take(&name, SEK_DER_SEQUENCE);

            if (!sek_der_is_oid(&attribute, oid_serial_number, sizeof oid_serial_number))
                continue;
            if (!take_serial(&attribute, out))
                return false;
            sek_der_end(&attribute);
            count++;
        }
    }
    return fault.status == SEK_OK && count == 1;
}

/* ---- Extensions ---- */

/* The extended key usages: is ours among them? */
static bool may_attest(struct sek_reader *value)
{
    struct sek_reader usages = sek_der_take(value, SEK_DER_SEQUENCE);
    bool found = false;

    while (sek_reader_left(&usages) > 0)
        if (sek_der_is_oid(&usages, oid_attest, sizeof oid_attest))
            found = true;
    return found;
}

/* One UEID of the right length, and our extended key usage. */
static bool read_extensions(struct sek_bytes extensions, struct sek_certificate *out)
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(extensions, &fault);
    unsigned ueids = 0;
    bool attests = false;

    while (sek_reader_left(&in) > 0) {
        struct sek_reader extension = sek_der_take(&in, SEK_DER_SEQUENCE);
        struct sek_reader id = extension;
        bool ueid = sek_der_is_oid(&id, oid_ueid, sizeof oid_ueid);
        bool usage = sek_der_is_oid(&extension, oid_extended_usage, sizeof oid_extended_usage);
        struct sek_reader value;

        if (sek_der_peek(&extension) == SEK_DER_BOOLEAN)
            (void)sek_der_take(&extension, SEK_DER_BOOLEAN);
        value = sek_der_take(&extension, SEK_DER_OCTET_STRING);
        if (usage)
            attests = may_attest(&value);
        if (!ueid)
            continue;
        struct sek_bytes bytes = sek_der_contents(&value, SEK_DER_OCTET_STRING);
        sek_der_end(&value);
        if (bytes.len != SEK_UEID_LEN)
            return false;
        memcpy(out->ueid, bytes.data, SEK_UEID_LEN);
        ueids++;
    }
    return fault.status == SEK_OK && ueids == 1 && attests;
}

/* ---- The certificate ---- */

/* What the certificate says, without who says it. */
static enum sek_status take_content(const struct sek_x509 *crt, struct sek_certificate *out)
{
    struct sek_sig_alg kind;
    enum sek_status status;

    if (!read_subject(crt->subject, out) || !read_extensions(crt->extensions, out) || crt->is_ca ||
        !crt->may_sign || crt->spki.len > SEK_SPKI_MAX)
        return SEK_ERR_MALFORMED;
    status = sek_key_kind(crt->spki, &kind);
    if (status != SEK_OK || kind.scheme != SEK_SCHEME_ECDSA)
        return status == SEK_ERR_CRYPTO ? status : SEK_ERR_MALFORMED;
    memcpy(out->spki, crt->spki.data, crt->spki.len);
    out->spki_len = crt->spki.len;
    out->valid_from = crt->from;
    out->valid_to = crt->until;
    if (out->valid_to < out->valid_from)
        return SEK_ERR_MALFORMED;
    return sek_key_id(crt->spki, out->key_id);
}

/* Asked twice: one wrong answer of the engine makes no certificate good. */
static enum sek_status issued_by(const struct sek_x509 *crt, struct sek_bytes authority)
{
    struct sek_x509 issuer;
    enum sek_status status = sek_x509_parse(authority, &issuer);

    for (int i = 0; i < 2 && status == SEK_OK; i++)
        status = sek_x509_issued_by(crt, &issuer, 0);
    return status == SEK_OK || status == SEK_ERR_CRYPTO ? status : SEK_ERR_SIGNATURE;
}

enum sek_status sek_certificate_check(struct sek_bytes der, const struct sek_bytes *authority,
                                      size_t count, sek_day today, struct sek_certificate *out)
{
    struct sek_certificate certificate = {.spki_len = 0};
    enum sek_status status;
    struct sek_x509 crt;

    if (!der.data || der.len > SEK_CERTIFICATE_MAX || sek_x509_parse(der, &crt) != SEK_OK)
        return SEK_ERR_MALFORMED;
    status = take_content(&crt, &certificate);
    if (status != SEK_OK)
        return status;
    status = SEK_ERR_SIGNATURE;
    for (size_t i = 0; i < count && status == SEK_ERR_SIGNATURE; i++) {
        certificate.authority = i;
        status = issued_by(&crt, authority[i]);
    }
    if (status == SEK_OK && today != 0 &&
        (today < certificate.valid_from || today > certificate.valid_to))
        status = SEK_ERR_EXPIRED;
    if (status == SEK_OK)
        *out = certificate;
    return status;
}
