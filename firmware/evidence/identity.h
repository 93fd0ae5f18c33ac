/* The device's own identity: its key, its id, the request for a certificate and the certificate. */
#ifndef SEK_EVIDENCE_IDENTITY_H
#define SEK_EVIDENCE_IDENTITY_H

#include "evidence/certificate.h"
#include "evidence/cose.h"
#include "evidence/token.h"
#include "hal/entropy.h"
#include "hal/vault.h"

#include <psa/crypto.h>

/* A P-256 key pair behind a PSA handle, ready to sign; the caller's memory. */
struct sek_identity {
    struct sek_signer signer; /* ES256, kid of the key */
    psa_key_id_t key;
    uint8_t spki[SEK_SPKI_P256_LEN]; /* public key as SubjectPublicKeyInfo */
    uint8_t key_id[SEK_KEY_ID_LEN];
    bool made; /* just now: there was none before */
};

/* Opens the device key of the vault; makes one and stores it if there is none. vault NULL: a key
 * for this run only, which is stored nowhere. Call after sek_crypto_start; close it when done.
 * SEK_ERR_MALFORMED: the record is damaged or no P-256 scalar (it is not replaced: that would be a
 * new device). SEK_ERR_IO: vault. SEK_ERR_CRYPTO: entropy or engine. On failure *out is untouched.
 */
SEK_CHECKED enum sek_status sek_identity_open(struct sek_identity *out, struct hal_vault *vault,
                                              struct hal_entropy *entropy);

/* Releases the key handle. */
void sek_identity_close(struct sek_identity *identity);

/* UEID of type RAND (RFC 9711, 4.2.1): 01, then SHA-256 of "sekisho-ueid/1", the chip's unique id
 * and the board's serial number. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_ueid_make(struct sek_bytes chip_id, struct sek_bytes serial,
                                          uint8_t out[SEK_UEID_LEN]);

/* Writes a request for a certificate (PKCS#10, DER, RFC 2986) to the beginning of buf: subject
 * serialNumber, requested extensions UEID and extended key usage, signed by the key. serial: 1 to
 * SEK_SERIAL_MAX bytes of UTF-8. SEK_ERR_RANGE, SEK_ERR_NO_SPACE (512 bytes are enough),
 * SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_identity_request(struct sek_identity *identity,
                                                 struct sek_bytes serial,
                                                 const uint8_t ueid[SEK_UEID_LEN], uint8_t *buf,
                                                 size_t cap, size_t *len);

/* Takes a certificate into the vault, if it is this device's: as sek_certificate_check, and for
 * this key, this serial number and this UEID. SEK_ERR_KEY: for another key. SEK_ERR_MALFORMED: for
 * another serial number or UEID. Then nothing is stored; nor where it is in the vault already. */
SEK_CHECKED enum sek_status sek_identity_accept(const struct sek_identity *identity,
                                                struct hal_vault *vault, struct sek_bytes der,
                                                const struct sek_bytes *authority, size_t count,
                                                sek_day today, struct sek_bytes serial,
                                                const uint8_t ueid[SEK_UEID_LEN]);

#endif
