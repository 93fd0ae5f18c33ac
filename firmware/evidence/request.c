#include "evidence/request.h"

static const uint8_t oid_serial_number[] = {0x55, 0x04, 0x05};      /* 2.5.4.5 */
static const uint8_t oid_extended_key_usage[] = {0x55, 0x1d, 0x25}; /* 2.5.29.37 */
static const uint8_t oid_extension_request[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                0x0d, 0x01, 0x09, 0x0e}; /* PKCS#9 14 */
static const uint8_t oid_ueid[] = SEK_OID_UEID;
static const uint8_t oid_attest[] = SEK_OID_ATTEST;
static const uint8_t ecdsa_sha256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

/* DER is written from its end: read the functions below from bottom to top. */

static uint8_t string_tag(struct sek_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              c == ' ' || c == '-' || c == '.' || c == '/' || c == ':'))
            return SEK_DER_UTF8_STRING;
    }
    return SEK_DER_PRINTABLE_STRING; /* what RFC 5280 asks of a serialNumber */
}

void sek_der_device_name(struct sek_der_writer *w, struct sek_bytes serial)
{
    const uint8_t *end = w->at;

    sek_der_element(w, string_tag(serial), serial.data, serial.len);
    sek_der_element(w, SEK_DER_OID, oid_serial_number, sizeof oid_serial_number);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
    sek_der_wrap(w, end, SEK_DER_SET);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

void sek_der_ueid_extension(struct sek_der_writer *w, const uint8_t ueid[SEK_UEID_LEN])
{
    const uint8_t *end = w->at;

    sek_der_element(w, SEK_DER_OCTET_STRING, ueid, SEK_UEID_LEN);
    sek_der_wrap(w, end, SEK_DER_OCTET_STRING);
    sek_der_element(w, SEK_DER_OID, oid_ueid, sizeof oid_ueid);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

void sek_der_usage_extension(struct sek_der_writer *w)
{
    const uint8_t *end = w->at;

    sek_der_element(w, SEK_DER_OID, oid_attest, sizeof oid_attest);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
    sek_der_wrap(w, end, SEK_DER_OCTET_STRING);
    sek_der_element(w, SEK_DER_OID, oid_extended_key_usage, sizeof oid_extended_key_usage);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

void sek_request_info(struct sek_der_writer *w, struct sek_bytes serial,
                      const uint8_t ueid[SEK_UEID_LEN], struct sek_bytes spki)
{
    static const uint8_t version[1] = {0};
    const uint8_t attributes = 0xa0; /* [0] IMPLICIT SET OF */
    const uint8_t *end = w->at;

    sek_der_usage_extension(w);
    sek_der_ueid_extension(w, ueid);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
    sek_der_wrap(w, end, SEK_DER_SET);
    sek_der_element(w, SEK_DER_OID, oid_extension_request, sizeof oid_extension_request);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
    sek_der_wrap(w, end, attributes);
    sek_der_put(w, spki.data, spki.len);
    sek_der_device_name(w, serial);
    sek_der_integer(w, version, sizeof version);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}

void sek_der_ecdsa_sha256(struct sek_der_writer *w)
{
    const uint8_t *end = w->at;

    sek_der_element(w, SEK_DER_OID, ecdsa_sha256, sizeof ecdsa_sha256);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
}
