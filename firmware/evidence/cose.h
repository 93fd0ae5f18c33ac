/* COSE_Sign1 (RFC 9052), tagged, in the one form that we make and take:
 *
 *   D2 84  << {1: alg, 4: kid} >>  {}  << payload >>  signature
 *
 * Everything but the signature is covered by it and nothing can be put beside it, so that no bit of
 * a token changes unnoticed. (r, n - s) is the one other signature that verifies: a token's bytes
 * are no identity of it, its nonce is. No external data. */
#ifndef SEK_EVIDENCE_COSE_H
#define SEK_EVIDENCE_COSE_H

#include "crypto/verify.h"
#include "evidence/cbor.h"
#include "evidence/cbor_writer.h"

enum {
    SEK_COSE_TAG = 18,
    SEK_COSE_FIRST_BYTE = 0xd2, /* by it a COSE_Sign1 is told from other CBOR */
    SEK_COSE_SIGNATURE_MAX = 96,
};

/* Algorithms, IANA "COSE Algorithms"; each fixes curve and hash. */
enum sek_cose_alg {
    SEK_COSE_ES256 = -7,  /* P-256, SHA-256 */
    SEK_COSE_ES384 = -35, /* P-384, SHA-384 */
};

/* Something that signs: a key in the vault, in a chip, in a test. Embedded first in its owner. */
struct sek_signer {
    /* Signs a digest (32 or 48 bytes, by alg); writes r || s (64 or 96 bytes). */
    enum sek_status (*sign)(struct sek_signer *signer, struct sek_bytes digest,
                            uint8_t signature[SEK_COSE_SIGNATURE_MAX]);
    enum sek_cose_alg alg;
    uint8_t kid[SEK_KID_LEN];
};

/* Writes a token around a payload: begin, write the payload, end. The writer may hold other bytes
 * before. Failures stick in the writer: NO_SPACE, UNSUPPORTED (alg), CRYPTO, what sign says. */
struct sek_cose_mark {
    size_t protected_begin, payload_begin;
};
struct sek_cose_mark sek_cose_begin(struct sek_cbor_writer *w, const struct sek_signer *signer);
void sek_cose_end(struct sek_cbor_writer *w, struct sek_signer *signer, struct sek_cose_mark mark);

/* A token whose shape was checked and whose signature was not. All borrowed from the token. */
struct sek_cose {
    enum sek_cose_alg alg;
    uint8_t kid[SEK_KID_LEN];
    struct sek_bytes protected_header; /* content of its byte string */
    struct sek_reader payload;         /* checked CBOR; shares the fault of the token's reader */
    struct sek_bytes signature;
};

/* Takes a token apart: tag 18, strict encoding of all layers, exactly the protected header above,
 * no unprotected one, a signature as long as alg says, nothing behind it. r's fault must live as
 * long as *out. MALFORMED, TRUNCATED, UNSUPPORTED (alg): *out untouched, the fault says where and
 * why. */
SEK_CHECKED enum sek_status sek_cose_open(struct sek_reader r, struct sek_cose *out);

/* Verifies a token's signature with the key in spki (DER). SEK_ERR_KEY: kid is not that key's, or
 * it is on another curve than alg says. SEK_ERR_SIGNATURE, SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_cose_verify(const struct sek_cose *token, struct sek_bytes spki);

/* The digest that is signed: over Sig_structure ["Signature1", protected, external, payload], RFC
 * 9052, section 4.4. SEK_ERR_UNSUPPORTED: alg. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_cose_digest(enum sek_cose_alg alg,
                                            struct sek_bytes protected_header,
                                            struct sek_bytes external, struct sek_bytes payload,
                                            uint8_t out[SEK_DIGEST_MAX]);

#endif
