/* The parts that a certificate request (RFC 2986) and the certificate have in common. */
#ifndef SEK_EVIDENCE_REQUEST_H
#define SEK_EVIDENCE_REQUEST_H

#include "evidence/certificate.h"
#include "evidence/der_writer.h"

enum { SEK_REQUEST_INFO_MAX = 384 }; /* bytes of CertificationRequestInfo with the longest serial */

/* Name { serialNumber }: what a device is called. */
void sek_der_device_name(struct sek_der_writer *w, struct sek_bytes serial);

/* Extension UEID, and extension extended key usage "sekisho attest"; neither is critical. */
void sek_der_ueid_extension(struct sek_der_writer *w, const uint8_t ueid[SEK_UEID_LEN]);
void sek_der_usage_extension(struct sek_der_writer *w);

/* CertificationRequestInfo: version 0, name, key, requested extensions. */
void sek_request_info(struct sek_der_writer *w, struct sek_bytes serial,
                      const uint8_t ueid[SEK_UEID_LEN], struct sek_bytes spki);

/* AlgorithmIdentifier ecdsa-with-SHA256, RFC 5758. */
void sek_der_ecdsa_sha256(struct sek_der_writer *w);

#endif
