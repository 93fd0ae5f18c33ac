/* Release order: an officer's signed word that a gate starts what it holds, once. SPEC.md,
 * section 8. */
#ifndef SEK_EVIDENCE_RELEASE_H
#define SEK_EVIDENCE_RELEASE_H

#include "evidence/challenge.h"
#include "evidence/cose.h"
#include "evidence/token.h"

enum { SEK_RELEASE_MAX = 512 }; /* bytes */

struct sek_release {
    uint64_t issued_at; /* seconds since 1970; 0: not said */
    uint8_t ueid[SEK_UEID_LEN];
    uint8_t device_nonce[SEK_DEVICE_NONCE_LEN];
    uint8_t boot_digest[32];
    struct sek_cose envelope; /* its signature is not checked here: sek_cose_verify */
};

/* Reads an order. r's fault must live as long as *out. SEK_ERR_NO_SPACE: over SEK_RELEASE_MAX.
 * MALFORMED (also another profile), TRUNCATED, UNSUPPORTED: *out untouched, the fault says where.
 */
SEK_CHECKED enum sek_status sek_release_decode(struct sek_reader r, struct sek_release *out);

/* Writes and signs one. Failures stick in w. */
void sek_release_write(struct sek_cbor_writer *w, const struct sek_release *order,
                       struct sek_signer *signer);

#endif
