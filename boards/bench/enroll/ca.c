#include "boards/bench/enroll/ca.h"

#include "evidence/request.h"

#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include <stdlib.h>
#include <string.h>

enum {
    CONTEXT_0 = 0xa0,
    CONTEXT_3 = 0xa3,
    SERIAL_LEN = 16, /* of the certificate: random, at most 20 by RFC 5280 */
    TBS_MAX = SEK_CERTIFICATE_MAX - 256,
};

struct ca {
    mbedtls_pk_context key;
    mbedtls_x509_crt certificate;
    bool large; /* P-384, SHA-384 */
};

/* ---- the request ---- */

static const uint8_t *reader_at(const struct sek_reader *r)
{
    return r->data + r->pos;
}

/* Name { serialNumber }; the string's type is compared when all is written again. */
static void read_name(struct sek_reader *r, struct ca_request *out)
{
    struct sek_reader name = sek_der_take(r, SEK_DER_SEQUENCE);
    struct sek_reader set = sek_der_take(&name, SEK_DER_SET);
    struct sek_reader pair = sek_der_take(&set, SEK_DER_SEQUENCE);
    struct sek_reader peek, text;
    struct sek_bytes serial;

    (void)sek_der_take(&pair, SEK_DER_OID);
    peek = pair;
    text = sek_der_take(&pair,
                        sek_reader_left(&peek) > 0 && sek_reader_u8(&peek) == SEK_DER_UTF8_STRING
                            ? SEK_DER_UTF8_STRING
                            : SEK_DER_PRINTABLE_STRING);
    serial = sek_reader_bytes(&text, sek_reader_left(&text));
    if (serial.len == 0 || serial.len > SEK_SERIAL_MAX || memchr(serial.data, 0, serial.len)) {
        sek_reader_fail(r, SEK_ERR_MALFORMED, "serialNumber is empty or over 64 bytes");
        return;
    }
    memcpy(out->serial, serial.data, serial.len);
    out->serial[serial.len] = '\0';
}

/* [0] { extensionRequest { UEID, ... } } */
static void read_ueid(struct sek_reader *r, struct ca_request *out)
{
    struct sek_reader attributes = sek_der_take(r, CONTEXT_0);
    struct sek_reader attribute = sek_der_take(&attributes, SEK_DER_SEQUENCE);
    struct sek_reader set, extensions, extension, value, inner;
    struct sek_bytes ueid;

    (void)sek_der_take(&attribute, SEK_DER_OID);
    set = sek_der_take(&attribute, SEK_DER_SET);
    extensions = sek_der_take(&set, SEK_DER_SEQUENCE);
    extension = sek_der_take(&extensions, SEK_DER_SEQUENCE);
    (void)sek_der_take(&extension, SEK_DER_OID);
    value = sek_der_take(&extension, SEK_DER_OCTET_STRING);
    inner = sek_der_take(&value, SEK_DER_OCTET_STRING);
    ueid = sek_reader_bytes(&inner, SEK_UEID_LEN);
    if (ueid.data)
        memcpy(out->ueid, ueid.data, SEK_UEID_LEN);
}

/* ecdsa-with-SHA256 and nothing else. */
static void read_algorithm(struct sek_reader *r)
{
    uint8_t expected[16];
    struct sek_der_writer w = sek_der_writer_make(expected, sizeof expected);
    struct sek_bytes known, seen;

    sek_der_ecdsa_sha256(&w);
    known = sek_der_written(&w);
    seen = sek_reader_bytes(r, known.len);
    if (seen.len != known.len || memcmp(seen.data, known.data, known.len) != 0)
        sek_reader_fail(r, SEK_ERR_MALFORMED, "another signature algorithm");
}

/* Written again from what was read, a request of ours is the same byte for byte: so nothing stands
 * in it that was not looked at. */
static bool nothing_else(const struct ca_request *request, struct sek_bytes info)
{
    uint8_t buf[SEK_REQUEST_INFO_MAX];
    struct sek_der_writer w = sek_der_writer_make(buf, sizeof buf);
    struct sek_bytes again;

    sek_request_info(&w,
                     (struct sek_bytes){.data = (const uint8_t *)request->serial,
                                        .len = strlen(request->serial)},
                     request->ueid, request->spki);
    again = sek_der_written(&w);
    return w.status == SEK_OK && again.len == info.len &&
           memcmp(again.data, info.data, info.len) == 0;
}

static enum sek_status verify_request(const struct ca_request *request, struct sek_bytes info,
                                      struct sek_bytes signature)
{
    static const struct sek_sig_alg es256 = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};
    uint8_t digest[SEK_DIGEST_MAX], raw[64];
    size_t raw_len = 0;
    enum sek_status status = sek_digest_of(SEK_DIGEST_SHA256, NULL, info.data, info.len, digest);

    if (status != SEK_OK)
        return status;
    if (mbedtls_ecdsa_der_to_raw(256, signature.data, signature.len, raw, sizeof raw, &raw_len) !=
            0 ||
        raw_len != sizeof raw)
        return SEK_ERR_SIGNATURE;
    return sek_verify_digest(&es256, request->spki, (struct sek_bytes){digest, 32},
                             (struct sek_bytes){raw, sizeof raw});
}

enum sek_status ca_request_read(struct sek_bytes der, struct ca_request *out)
{
    struct ca_request request = {.serial = ""};
    struct sek_fault fault = {.status = SEK_OK};
    struct sek_reader r = sek_reader_make(der, &fault);
    struct sek_reader outer = sek_der_take(&r, SEK_DER_SEQUENCE);
    const uint8_t *start = reader_at(&outer);
    struct sek_reader info = sek_der_take(&outer, SEK_DER_SEQUENCE), bits;
    struct sek_bytes whole = {start, (size_t)(reader_at(&outer) - start)}, signature;
    enum sek_status status;

    (void)sek_der_take(&info, SEK_DER_INTEGER); /* version: compared with all the rest */
    read_name(&info, &request);
    request.spki.data = reader_at(&info);
    (void)sek_der_take(&info, SEK_DER_SEQUENCE);
    request.spki.len = (size_t)(reader_at(&info) - request.spki.data);
    read_ueid(&info, &request);
    read_algorithm(&outer);
    bits = sek_der_take(&outer, SEK_DER_BIT_STRING);
    if (sek_reader_u8(&bits) != 0)
        sek_reader_fail(&bits, SEK_ERR_MALFORMED, "signature is not whole bytes");
    signature = sek_reader_bytes(&bits, sek_reader_left(&bits));
    sek_der_end(&outer);
    sek_der_end(&r);
    if (fault.status != SEK_OK || !nothing_else(&request, whole))
        return SEK_ERR_MALFORMED;
    status = verify_request(&request, whole, signature);
    if (status == SEK_OK)
        *out = request;
    return status;
}

/* ---- the authority ---- */

static int random_bytes(void *context, unsigned char *out, size_t len)
{
    (void)context;
    return psa_generate_random(out, len) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

/* A copy that ends in NUL, as Mbed TLS wants PEM. */
static uint8_t *with_nul(struct sek_bytes bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);

    if (copy && bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    if (copy)
        copy[bytes.len] = '\0';
    return copy;
}

/* PEM is handed over with its NUL, DER without. */
static size_t parse_len(struct sek_bytes bytes)
{
    return bytes.len > 0 && bytes.data[0] == '-' ? bytes.len + 1 : bytes.len;
}

static bool load_key(struct ca *ca, struct sek_bytes key)
{
    uint8_t *copy = with_nul(key);
    bool good = copy && mbedtls_pk_parse_key(&ca->key, copy, parse_len(key), NULL, 0, random_bytes,
                                             NULL) == 0;

    if (copy)
        mbedtls_platform_zeroize(copy, key.len);
    free(copy);
    return good;
}

static bool load_certificate(struct ca *ca, struct sek_bytes certificate)
{
    uint8_t *copy = with_nul(certificate);
    bool good = copy && mbedtls_x509_crt_parse(&ca->certificate, copy, parse_len(certificate)) == 0;

    free(copy);
    return good;
}

/* What is wrong with the pair; NULL: nothing. */
static const char *examine(struct ca *ca)
{
    size_t bits = mbedtls_pk_get_bitlen(&ca->key);

    if (!mbedtls_pk_can_do(&ca->key, MBEDTLS_PK_ECDSA) || (bits != 256 && bits != 384))
        return "the device authority's key is neither P-256 nor P-384";
    if (mbedtls_x509_crt_get_ca_istrue(&ca->certificate) != 1)
        return "the device authority's certificate is not that of a CA";
    if (mbedtls_pk_check_pair(&ca->certificate.pk, &ca->key, random_bytes, NULL) != 0)
        return "the device authority's certificate is for another key";
    ca->large = bits == 384;
    return NULL;
}

struct ca *ca_open(struct sek_bytes key, struct sek_bytes certificate, const char **why)
{
    struct ca *ca = calloc(1, sizeof *ca);

    *why = "out of memory";
    if (!ca)
        return NULL;
    mbedtls_pk_init(&ca->key);
    mbedtls_x509_crt_init(&ca->certificate);
    if (!load_key(ca, key))
        *why = "the device authority's key cannot be read (PEM or DER, not encrypted)";
    else if (!load_certificate(ca, certificate))
        *why = "the device authority's certificate cannot be read (PEM or DER)";
    else
        *why = examine(ca);
    if (*why) {
        ca_close(ca);
        return NULL;
    }
    return ca;
}

void ca_close(struct ca *ca)
{
    mbedtls_pk_free(&ca->key);
    mbedtls_x509_crt_free(&ca->certificate);
    free(ca);
}

struct sek_bytes ca_certificate(const struct ca *ca)
{
    return (struct sek_bytes){.data = ca->certificate.raw.p, .len = ca->certificate.raw.len};
}

/* ---- the certificate, written from its end ---- */

static void put_algorithm(struct sek_der_writer *w, bool large)
{
    static const uint8_t ecdsa_sha384[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
    const uint8_t *end = w->at;

    if (!large) {
        sek_der_ecdsa_sha256(w);
        return;
    }
    sek_der_element(w, SEK_DER_OID, ecdsa_sha384, sizeof ecdsa_sha384);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

/* critical; DER of all but the UEID and the extended key usage is constant */
static void put_extensions(struct sek_der_writer *w, const struct ca_request *request)
{
    static const uint8_t constraints[] = {/* basicConstraints, critical: no CA */
                                          0x30, 0x0c, 0x06, 0x03, 0x55, 0x1d, 0x13,
                                          0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00};
    static const uint8_t usage[] = {/* keyUsage, critical: digitalSignature */
                                    0x30, 0x0e, 0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01,
                                    0x01, 0xff, 0x04, 0x04, 0x03, 0x02, 0x07, 0x80};
    const uint8_t *end = w->at;

    sek_der_ueid_extension(w, request->ueid);
    sek_der_usage_extension(w);
    sek_der_put(w, usage, sizeof usage);
    sek_der_put(w, constraints, sizeof constraints);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
    sek_der_wrap(w, end, CONTEXT_3);
}

/* UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
static void put_validity(struct sek_der_writer *w, sek_day from)
{
    enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18 };
    static const char never[] = "99991231235959Z";
    char day[SEK_DATE_LEN + 1], time[] = "YYYYMMDD000000Z";
    const uint8_t *end = w->at;
    bool late;

    sek_date_format(from, day);
    memcpy(time, day, 4);
    memcpy(time + 4, day + 5, 2);
    memcpy(time + 6, day + 8, 2);
    late = memcmp(time, "2050", 4) >= 0;
    sek_der_element(w, GENERALIZED_TIME, never, sizeof never - 1);
    sek_der_element(w, late ? GENERALIZED_TIME : UTC_TIME, late ? time : time + 2,
                    late ? sizeof time - 1 : sizeof time - 3);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

static void put_tbs(struct sek_der_writer *w, const struct ca *ca, const struct ca_request *request,
                    sek_day from, const uint8_t serial[SERIAL_LEN])
{
    static const uint8_t version_3[] = {CONTEXT_0, 0x03, SEK_DER_INTEGER, 0x01, 0x02};
    const uint8_t *end = w->at;

    put_extensions(w, request);
    sek_der_put(w, request->spki.data, request->spki.len);
    sek_der_device_name(w, (struct sek_bytes){.data = (const uint8_t *)request->serial,
                                              .len = strlen(request->serial)});
    put_validity(w, from);
    sek_der_put(w, ca->certificate.subject_raw.p, ca->certificate.subject_raw.len);
    put_algorithm(w, ca->large);
    sek_der_integer(w, serial, SERIAL_LEN);
    sek_der_put(w, version_3, sizeof version_3);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

static enum sek_status sign_tbs(const struct ca *ca, struct sek_bytes tbs, uint8_t *signature,
                                size_t cap, size_t *len)
{
    enum sek_digest_alg alg = ca->large ? SEK_DIGEST_SHA384 : SEK_DIGEST_SHA256;
    mbedtls_md_type_t md = ca->large ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA256;
    mbedtls_pk_context *key = (mbedtls_pk_context *)&ca->key; /* Mbed TLS knows no const here */
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status = sek_digest_of(alg, NULL, tbs.data, tbs.len, digest);

    if (status != SEK_OK)
        return status;
    return mbedtls_pk_sign(key, md, digest, sek_digest_len(alg), signature, cap, len, random_bytes,
                           NULL) == 0
               ? SEK_OK
               : SEK_ERR_CRYPTO;
}

enum sek_status ca_issue(const struct ca *ca, const struct ca_request *request, sek_day from,
                         uint8_t *buf, size_t cap, size_t *len)
{
    static const uint8_t unused_bits[1];
    uint8_t inner[TBS_MAX], serial[SERIAL_LEN], signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    struct sek_der_writer tbs = sek_der_writer_make(inner, sizeof inner);
    struct sek_der_writer w = sek_der_writer_make(buf, cap);
    const uint8_t *end = w.at, *bits;
    struct sek_bytes written;
    size_t signature_len = 0;
    enum sek_status status;

    if (psa_generate_random(serial, sizeof serial) != PSA_SUCCESS)
        return SEK_ERR_CRYPTO;
    serial[0] |= 0x40; /* never 0, always 16 bytes, never negative */
    serial[0] &= 0x7f;
    put_tbs(&tbs, ca, request, from, serial);
    written = sek_der_written(&tbs);
    if (tbs.status != SEK_OK)
        return tbs.status;
    status = sign_tbs(ca, written, signature, sizeof signature, &signature_len);
    if (status != SEK_OK)
        return status;
    bits = w.at;
    sek_der_put(&w, signature, signature_len);
    sek_der_put(&w, unused_bits, sizeof unused_bits);
    sek_der_wrap(&w, bits, SEK_DER_BIT_STRING);
    put_algorithm(&w, ca->large);
    sek_der_put(&w, written.data, written.len);
    sek_der_wrap(&w, end, SEK_DER_SEQUENCE);
    if (w.status != SEK_OK)
        return w.status;
    written = sek_der_written(&w);
    memmove(buf, written.data, written.len);
    *len = written.len;
    return SEK_OK;
}
