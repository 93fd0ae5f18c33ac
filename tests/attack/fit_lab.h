/* Attacks on FITs: keys, a store that approves some of them, and what an attacker may aim at. */
#ifndef SEK_TESTS_ATTACK_FIT_LAB_H
#define SEK_TESTS_ATTACK_FIT_LAB_H

#include "tests/attack/attack.h"
#include "tests/unit/judge.h"

/* Node paths of the sample that attacks change. */
#define LAB_CONF      "/configurations/conf-1"
#define LAB_SIGNATURE LAB_CONF "/signature-1"
#define LAB_KERNEL    "/images/kernel-1"

enum { LAB_TIMESTAMP_MIN = 1700000000 }; /* that of the sample, and the store's minimum */

/* Keys: hakone (P-256) and stranger (RSA-2048, here as supplier "tokai") sign kernels and root file
 * systems, pss does so with another padding, kiso (RSA-4096) may sign boot loaders only; nobody's
 * (P-256) is not in the store. */
extern struct fit_key lab_hakone, lab_tokai, lab_pss, lab_kiso, lab_nobody;
extern struct judge lab_judge;

bool lab_start(void);
void lab_stop(void);

/* What the attacker is after. */
enum lab_aim {
    LAB_FORGED,   /* bytes that were not signed are approved under a signed image's name */
    LAB_APPROVED, /* any image is approved */
    LAB_TAKEN,    /* the container is taken for a good one */
    LAB_ACCEPT,   /* the whole is accepted */
};

/* The control of most: the untouched sample is approved and accepted. */
bool lab_sample_is_good(void);

/* A signed sample by hakone; one that only lacks its signature's value, and its signing. */
void lab_sample(struct fit_writer *w);
void lab_unsigned(struct fit_writer *w, const char *hash);
void lab_sign(struct fit_writer *w, const struct fit_key *key, const char *hint);

/* Gives an image other bytes; its hash stays, or is made anew. */
void lab_forge(struct fit_writer *w, const char *image);
void lab_forge_hashed(struct fit_writer *w, const char *image);

/* Judges one case: the row ("" : the region; "/kernel-1", "/conf-1") must read as expected:
 * "tampered SIG-003". The writer is freed. */
void lab_try(struct attack_result *result, const char *name, struct fit_writer *w, const char *row,
             const char *expected, enum lab_aim aim);
void lab_try_bytes(struct attack_result *result, const char *name, const void *data, size_t len,
                   const char *row, const char *expected, enum lab_aim aim);

#endif
