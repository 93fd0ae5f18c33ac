/* The device authority of a lab: turns a device's request into its certificate. */
#ifndef BENCH_ENROLL_CA_H
#define BENCH_ENROLL_CA_H

#include "evidence/certificate.h"

/* A request (PKCS#10) of a device: what it asks to be called, and its key, which signed it. */
struct ca_request {
    struct sek_bytes spki; /* borrowed from the request */
    char serial[SEK_SERIAL_MAX + 1];
    uint8_t ueid[SEK_UEID_LEN];
};

/* Reads a request and checks that its own key signed it (P-256, SHA-256), and that it asks for just
 * what a device may have: one serialNumber, a UEID, "sekisho attest". SEK_ERR_MALFORMED: is no such
 * request. SEK_ERR_SIGNATURE: not by its own key. SEK_ERR_KEY, SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status ca_request_read(struct sek_bytes der, struct ca_request *out);

/* The authority: its key and certificate, in memory. */
struct ca;

/* Opens an authority of a private key (PEM or DER: P-256 or P-384) and its certificate (PEM or DER,
 * a CA). *why says in one sentence what is wrong; constant text. NULL on failure. */
struct ca *ca_open(struct sek_bytes key, struct sek_bytes certificate, const char **why);
void ca_close(struct ca *ca);

/* Its certificate, DER: this must stand in the store's device-authorities. Borrowed. */
struct sek_bytes ca_certificate(const struct ca *ca);

/* Issues a certificate from a day on, without an end (99991231235959Z, as IEEE 802.1AR has it): DER
 * into buf. SEK_ERR_NO_SPACE: SEK_CERTIFICATE_MAX is enough. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status ca_issue(const struct ca *ca, const struct ca_request *request,
                                     sek_day from, uint8_t *buf, size_t cap, size_t *len);

#endif
