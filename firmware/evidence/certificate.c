#include "evidence/certificate.h"

#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>

#include <string.h>

static const uint8_t oid_ueid[] = SEK_OID_UEID;
static const uint8_t oid_attest[] = SEK_OID_ATTEST;
static const uint8_t oid_serial_number[] = {0x55, 0x04, 0x05}; /* 2.5.4.5 */

static bool is_oid(const mbedtls_asn1_buf *buf, const uint8_t *oid, size_t len)
{
    return buf->len == len && memcmp(buf->p, oid, len) == 0;
}

/* What Mbed TLS does not know of the extensions; it hands them over while it parses. */
struct found {
    struct sek_certificate *out;
    unsigned ueids;
};

static int take_extension(void *context, mbedtls_x509_crt const *crt, mbedtls_x509_buf const *oid,
                          int critical, const unsigned char *p, const unsigned char *end)
{
    struct found *found = context;

    (void)crt;
    if (!is_oid(oid, oid_ueid, sizeof oid_ueid))
        return critical ? MBEDTLS_ERR_X509_UNKNOWN_OID : 0;
    if (end - p != 2 + SEK_UEID_LEN || p[0] != MBEDTLS_ASN1_OCTET_STRING || p[1] != SEK_UEID_LEN)
        return MBEDTLS_ERR_X509_INVALID_EXTENSIONS;
    memcpy(found->out->ueid, p + 2, SEK_UEID_LEN);
    found->ueids++;
    return 0;
}

/* Exactly one serialNumber; printable ASCII or UTF-8 without controls. */
static bool take_serial(const mbedtls_x509_name *name, struct sek_certificate *out)
{
    unsigned count = 0;

    for (; name; name = name->next) {
        if (!is_oid(&name->oid, oid_serial_number, sizeof oid_serial_number))
            continue;
        if (name->val.len == 0 || name->val.len > SEK_SERIAL_MAX)
            return false;
        for (size_t i = 0; i < name->val.len; i++)
            if (name->val.p[i] < 0x20 || name->val.p[i] == 0x7f)
                return false;
        memcpy(out->serial, name->val.p, name->val.len);
        out->serial[name->val.len] = '\0';
        count++;
    }
    return count == 1;
}

static bool may_attest(const mbedtls_x509_crt *crt)
{
    const mbedtls_x509_sequence *usage = &crt->ext_key_usage;

    if (!mbedtls_x509_crt_has_ext_type(crt, MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE))
        return false;
    for (; usage; usage = usage->next)
        if (is_oid(&usage->buf, oid_attest, sizeof oid_attest))
            return true;
    return false;
}

static sek_day day_of(const mbedtls_x509_time *time)
{
    char text[SEK_DATE_LEN] = "0000-00-00";
    int year = time->year;
    sek_day day;

    for (int i = 3; i >= 0; i--, year /= 10)
        text[i] = (char)('0' + year % 10);
    text[5] = (char)('0' + time->mon / 10);
    text[6] = (char)('0' + time->mon % 10);
    text[8] = (char)('0' + time->day / 10);
    text[9] = (char)('0' + time->day % 10);
    return sek_date_parse(text, sizeof text, &day) == SEK_OK ? day : 0;
}

/* Dates are compared by us, against a clock that says how far it is to be trusted. */
static int forgive_dates(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    (void)context;
    (void)crt;
    (void)depth;
    *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    return 0;
}

static bool verifies(mbedtls_x509_crt *crt, mbedtls_x509_crt *authority)
{
    uint32_t flags = UINT32_MAX;

    return mbedtls_x509_crt_verify_with_profile(crt, authority, NULL,
                                                &mbedtls_x509_crt_profile_default, NULL, &flags,
                                                forgive_dates, NULL) == 0 &&
           flags == 0;
}

/* Asks for this signature, for a changed one, which must fail, and for this one again. */
static enum sek_status issued_by(mbedtls_x509_crt *crt, struct sek_bytes der)
{
    mbedtls_x509_crt authority;
    enum sek_status status = SEK_ERR_SIGNATURE;
    uint8_t *last = crt->raw.p + crt->raw.len - 1; /* of the signature; Mbed TLS's own copy */
    bool first, changed;

    mbedtls_x509_crt_init(&authority);
    if (mbedtls_x509_crt_parse_der_nocopy(&authority, der.data, der.len) != 0 ||
        mbedtls_x509_crt_get_ca_istrue(&authority) != 1)
        goto out;
    first = verifies(crt, &authority);
    if (!first)
        goto out;
    *last ^= 1;
    changed = verifies(crt, &authority);
    *last ^= 1;
    if (changed)
        status = SEK_ERR_CRYPTO;
    else if (verifies(crt, &authority))
        status = SEK_OK;
out:
    mbedtls_x509_crt_free(&authority);
    return status;
}

/* What the certificate says, without who says it. */
static enum sek_status take_content(const mbedtls_x509_crt *crt, struct sek_certificate *out)
{
    struct sek_bytes spki = {.data = crt->pk_raw.p, .len = crt->pk_raw.len};
    struct sek_sig_alg kind;
    enum sek_status status;

    if (!take_serial(&crt->subject, out) || !may_attest(crt) ||
        mbedtls_x509_crt_get_ca_istrue(crt) == 1 || spki.len > SEK_SPKI_MAX)
        return SEK_ERR_MALFORMED;
    status = sek_key_kind(spki, &kind);
    if (status != SEK_OK || kind.scheme != SEK_SCHEME_ECDSA)
        return status == SEK_ERR_CRYPTO ? status : SEK_ERR_MALFORMED;
    memcpy(out->spki, spki.data, spki.len);
    out->spki_len = spki.len;
    out->valid_from = day_of(&crt->valid_from);
    out->valid_to = day_of(&crt->valid_to);
    if (out->valid_from == 0 || out->valid_to < out->valid_from)
        return SEK_ERR_MALFORMED;
    return sek_key_id(spki, out->key_id);
}

enum sek_status sek_certificate_check(struct sek_bytes der, const struct sek_bytes *authority,
                                      size_t count, sek_day today, struct sek_certificate *out)
{
    struct sek_certificate certificate = {.spki_len = 0};
    struct found found = {.out = &certificate};
    enum sek_status status = SEK_ERR_MALFORMED;
    mbedtls_x509_crt crt;

    mbedtls_x509_crt_init(&crt);
    if (!der.data || der.len > SEK_CERTIFICATE_MAX ||
        mbedtls_x509_crt_parse_der_with_ext_cb(&crt, der.data, der.len, 1, take_extension,
                                               &found) != 0 ||
        crt.raw.len != der.len || found.ueids != 1)
        goto out;
    status = take_content(&crt, &certificate);
    if (status != SEK_OK)
        goto out;
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
out:
    mbedtls_x509_crt_free(&crt);
    return status;
}
