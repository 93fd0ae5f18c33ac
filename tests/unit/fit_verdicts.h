/* Tables of FITs and the verdicts that they come to, under a store of five suppliers. */
#ifndef SEK_TESTS_UNIT_FIT_VERDICTS_H
#define SEK_TESTS_UNIT_FIT_VERDICTS_H

#include "tests/unit/judge.h"

#define CONF      "/configurations/conf-1"
#define SIGNATURE CONF "/signature-1"

/* Pinned: hakone sha256,ecdsa256; kiso sha256,rsa4096; tenryu sha384,rsa2048 with PSS and a minimum
 * timestamp; sumida sha384,ecdsa384, kernels only; arakawa sha512,ecdsa256, revoked, without a
 * hint. nobody is not in the store. */
extern struct fit_key hakone, kiso, tenryu, sumida, arakawa, nobody;
extern struct judge judge;

/* A row that is looked at; name stands behind "file". */
struct expected {
    const char *name; /* behind "file" */
    enum sek_verdict verdict;
    sek_rule rule;
};

#define APPROVED   SEK_VERDICT_APPROVED
#define TAMPERED   SEK_VERDICT_TAMPERED
#define UNVERIFIED SEK_VERDICT_UNVERIFIED
#define SIG(n)     SEK_RULE(SIG, n)
#define FMT(n)     SEK_RULE(FMT, n)
#define KERNEL     "/kernel-1"

struct fit_row {
    const char *name;
    size_t approved; /* images */
    struct expected expected[2];
    void (*make)(struct fit_writer *w); /* NULL: signs with the next four */
    const struct fit_key *key;          /* NULL: does not sign */
    const char *hash, *padding, *hint;
    const char *set, *text; /* then sets this property; NULL: none */
    const char *flip;       /* then flips the lowest bit of this property's last byte; NULL: none */
};

/* Test functions: state is a fit_row. */
void fit_check_verdicts(void **state);
int fit_verdicts_set_up(void **state);
int fit_verdicts_tear_down(void **state);

/* Adds signature-1 to conf-1 and signs it. */
void fit_sign_with(struct fit_writer *w, const struct fit_key *key, const char *hash,
                   const char *padding, const char *hint);

/* The usual one: by hakone. */
void fit_sign_well(struct fit_writer *w);

#endif
