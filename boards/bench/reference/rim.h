/* Reference integrity manifests in CBOR: CoRIM with its CoMID and CoSWID tags, and CoSWID alone,
 * bare or signed by COSE_Sign1. Sources: draft-ietf-rats-corim-11, RFC 9393, RFC 9052. */
#ifndef SEK_BENCH_REFERENCE_RIM_H
#define SEK_BENCH_REFERENCE_RIM_H

#include "boards/bench/reference/list.h"

/* True if a file begins as a manifest does: with a tag, a map or an array of CBOR. No text does. */
bool rim_probe(struct sek_bytes bytes);

/* A manifest and what is around it; all borrowed. */
struct rim {
    bool is_signed;
    int64_t alg;                       /* COSE algorithm of the signature */
    struct sek_bytes protected_header; /* content of its byte string */
    struct sek_bytes payload;          /* the manifest itself */
    struct sek_bytes signature;
};

/* Takes the envelope off. Definite lengths only; encodings need not be the shortest.
 * SEK_ERR_MALFORMED, SEK_ERR_TRUNCATED, SEK_ERR_UNSUPPORTED: fault says where and why. */
SEK_CHECKED enum sek_status rim_open(struct sek_bytes bytes, struct rim *out,
                                     struct sek_fault *fault);

/* Verifies the signature with a key (SPKI, DER): ES256 or ES384. SEK_ERR_UNSUPPORTED: another
 * algorithm. SEK_ERR_SIGNATURE, SEK_ERR_KEY, SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status rim_verify(const struct rim *rim, struct sek_bytes spki);

/* Gives every digest of SHA-256 or better: of CoMID reference triples the measurements, of CoSWID
 * payloads the files. *not_after: the last day that the manifest says of itself, 0 for none.
 * Statuses as of rim_open; values that came before a fault were given already. */
SEK_CHECKED enum sek_status rim_read(struct sek_bytes payload, struct list_sink *sink,
                                     sek_day *not_after, struct sek_fault *fault);

#endif
