/* Reads the claims of a token that was opened, and by then verified, with cose.h.
 *
 * All that a device says is a stranger's word: each claim is checked for its type and range, each
 * mandatory one for being there. What we do not know is passed over and listed. */
#ifndef SEK_EVIDENCE_TOKEN_DECODE_H
#define SEK_EVIDENCE_TOKEN_DECODE_H

#include "evidence/token.h"

/* A claim or observation kind that we do not know. */
struct sek_token_unknown {
    int64_t key;     /* claim, or kind of an observation; 0: a text or beyond 64 bits */
    uint64_t offset; /* in the token */
};

/* Content of claim -82021 (summary evidence). */
struct sek_token_summary {
    uint8_t inventory_sha256[32];
    uint32_t integrity[SEK_INTEGRITY_TAMPERED + 1]; /* rows, by integrity */
    uint32_t supplier[SEK_SUPPLIER_EXCLUDED + 1];
};

/* The caller's tables, and what came into them. */
struct sek_token_content {
    struct sek_token claims;
    struct sek_token_summary summary; /* if claims.summary */
    struct sek_row *row;              /* a region is followed by its images and configurations */
    size_t row_count, row_cap;
    struct sek_observation *observation; /* the rows borrow from it */
    size_t observation_count, observation_cap;
    struct sek_token_unknown *unknown;
    size_t unknown_count, unknown_cap; /* count may exceed the table: how many there are */
};

/* Reads the payload of a token into *out, whose tables the caller has set; claims, text and bytes
 * are borrowed from the token. Rows carry integrity, supplier and rule as the device says; their
 * verdict stays SEK_VERDICT_UNVERIFIED, which the appraisal alone changes. No claim is compared
 * with anything outside (nonce, certificate, store): that is the caller's.
 *
 * SEK_ERR_MALFORMED, SEK_ERR_TRUNCATED (rule EV-005), SEK_ERR_UNSUPPORTED (profile): payload's
 * fault says where and why. SEK_ERR_NO_SPACE: more rows or observations than the tables hold. On
 * failure the counts are as they were, the tables undefined. */
SEK_CHECKED enum sek_status sek_token_decode(struct sek_reader payload,
                                             struct sek_token_content *out);

#endif
