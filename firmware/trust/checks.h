/* The ordered checks of a component with bytes. The code that decides reads like the policy. */
#ifndef SEK_TRUST_CHECKS_H
#define SEK_TRUST_CHECKS_H

#include "trust/appraise.h"
#include "trust/rules.h"
#include "trust/signer.h"

/* One component in front of the checks. */
struct sek_case {
    const struct sek_appraiser *appraiser;
    const struct sek_component *component;
    const struct sek_image_claims *claims; /* of its medium: what they say of their content */
    const struct sek_image_claim *image; /* NULL: a whole region, or a row that came as evidence */
    const struct sek_row *row;           /* name, class, digests, version, counters */
    struct sek_signed_by signer;
    bool covered;       /* a configuration's signature reaches it */
    bool direct;        /* its signature is over the bytes themselves, not over hashes of them */
    bool dates_open;    /* told by an agent that could not judge its certificates' dates */
    bool partial;       /* only one that left images out, or its bytes alone */
    int entry;          /* of a manifest: a part that it lists */
    bool signed_at_all; /* the container has signatures on configurations or images */
};

/* What the first check that fails says. */
struct sek_finding {
    sek_rule rule;
    enum sek_integrity integrity;
    enum sek_supplier supplier;
    struct sek_policy_ref policy;
};

/* One check: passes by returning its token, fails by returning anything else. */
struct sek_check {
    sek_rule rule;
    enum sek_integrity integrity;
    enum sek_supplier supplier;
    uint32_t (*check)(const struct sek_case *c, struct sek_finding *finding);
    uint32_t token;
};

struct sek_check_list {
    const struct sek_check *check;
    size_t count;
    uint32_t proof; /* a mark and the sum of the tokens: reached only if every check has passed */
    sek_rule rule;  /* what a pass means */
    enum sek_integrity integrity;
};

/* Where the proofs of the two judgements begin. They differ, so that no one wrong number in a
 * register or in memory makes two failures look like two proofs. */
#define SEK_PROOF_FIRST  UINT32_C(0x3c5a96e1)
#define SEK_PROOF_SECOND UINT32_C(0xa963c51e)

extern const struct sek_check_list sek_signed_checks;    /* a signature vouches */
extern const struct sek_check_list sek_reference_checks; /* a reference of the store vouches */
extern const struct sek_check_list sek_manifest_checks;  /* a manifest of the store lists a part */

/* Runs a list. finding: the first failure, or what a pass means. Returns begin plus the list's
 * proof if all checks passed, else a number that is no proof from either beginning. */
uint32_t sek_checks_run(const struct sek_check_list *list, const struct sek_case *c, uint32_t begin,
                        struct sek_finding *finding);

/* The node under `references` that has one of the row's digests and is not past its date; < 0:
 * none. expired (may be NULL): there is one, but it is past its date, or has one and the date is
 * unknown.
 */
int sek_reference_find(const struct sek_appraiser *appraiser, const struct sek_row *row,
                       bool *expired);

/* The node under `denied` that has one of the row's digests; < 0: none. */
int sek_denied_find(const struct sek_appraiser *appraiser, const struct sek_row *row);

#endif
