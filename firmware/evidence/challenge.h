/* A challenge: what a verifier asks for, and the nonce that the evidence must carry.
 *
 *   { ? 6: time, 10: nonce, ? 265: profile, ? -82010: device nonce, ? -82011: request }
 *
 * plain (CoAP Content-Format 60), or as the payload of a COSE_Sign1 (18). */
#ifndef SEK_EVIDENCE_CHALLENGE_H
#define SEK_EVIDENCE_CHALLENGE_H

#include "evidence/token.h"

enum {
    SEK_CHALLENGE_MAX = 512, /* bytes; a longer one is 4.13 */
    SEK_DEVICE_NONCE_LEN = 16,
    /* Bits of the request; others are ignored. */
    SEK_REQUEST_MEASURE = 2,   /* measure again first */
    SEK_REQUEST_INVENTORY = 4, /* all components, not the summary */
};

struct sek_challenge {
    uint8_t nonce[SEK_NONCE_LEN];
    uint64_t time;            /* the verifier's, seconds since 1970; 0: not said */
    struct sek_bytes profile; /* context: what the challenge is for; borrowed; NULL: not said */
    bool has_device_nonce;    /* echoed: binds the time to this device and moment */
    uint8_t device_nonce[SEK_DEVICE_NONCE_LEN];
    uint32_t request;         /* SEK_REQUEST_ bits */
    bool is_signed;           /* shape only: the signature is checked by sek_cose_verify */
    struct sek_cose envelope; /* if is_signed */
};

/* Reads a challenge, plain or signed; the first byte tells. A signed one must name its profile,
 * SEK_PROFILE_CHALLENGE, so that no other token passes for one. Claims that we do not know are
 * passed over. r's fault must live as long as *out if the envelope is used. SEK_ERR_NO_SPACE: over
 * SEK_CHALLENGE_MAX. MALFORMED, TRUNCATED, UNSUPPORTED: *out untouched, the fault says where. */
SEK_CHECKED enum sek_status sek_challenge_decode(struct sek_reader r, struct sek_challenge *out);

/* Writes a challenge; signed if signer is not NULL (the profile is then set). Failures stick in w.
 */
void sek_challenge_write(struct sek_cbor_writer *w, const struct sek_challenge *challenge,
                         struct sek_signer *signer);

#endif
