#include "trust/decide.h"

enum sek_verdict sek_decide_word(enum sek_integrity integrity, enum sek_supplier supplier)
{
    if (supplier == SEK_SUPPLIER_EXCLUDED)
        return SEK_VERDICT_EXCLUDED;
    switch (integrity) {
    case SEK_INTEGRITY_TAMPERED:
        return SEK_VERDICT_TAMPERED;
    case SEK_INTEGRITY_UNVERIFIED:
        return SEK_VERDICT_UNVERIFIED;
    case SEK_INTEGRITY_UNREADABLE:
        return SEK_VERDICT_UNREADABLE;
    case SEK_INTEGRITY_ABSENT:
        return SEK_VERDICT_ABSENT;
    case SEK_INTEGRITY_UNEXPECTED:
        return SEK_VERDICT_UNEXPECTED;
    case SEK_INTEGRITY_VERIFIED:
    case SEK_INTEGRITY_CLAIMED:
    case SEK_INTEGRITY_NOT_EVALUATED:
        break;
    }
    if (supplier == SEK_SUPPLIER_CONSULT)
        return SEK_VERDICT_CONSULT;
    if (supplier == SEK_SUPPLIER_TRANSITIONAL)
        return SEK_VERDICT_TRANSITIONAL;
    if (supplier == SEK_SUPPLIER_UNATTRIBUTED)
        return SEK_VERDICT_UNATTRIBUTED;
    if (integrity == SEK_INTEGRITY_CLAIMED && supplier == SEK_SUPPLIER_NO_MATCH)
        return SEK_VERDICT_IDENTIFIED;
    return SEK_VERDICT_UNVERIFIED;
}

static void describe(struct sek_row *row, const struct sek_finding *finding)
{
    row->integrity = finding->integrity;
    row->supplier = finding->supplier;
    row->rule = finding->rule;
    row->policy = finding->policy;
}

/* True of the rules under which bytes are verified and still not approved. */
static bool leaves_verified(sek_rule rule)
{
    return rule >> 8 == SEK_FAMILY_VND || rule == SEK_RULE(SIG, 11) || rule == SEK_RULE(TS, 3);
}

void sek_decide_unproven(struct sek_row *row, const struct sek_finding *finding)
{
    const volatile struct sek_row *stored = row;

    describe(row, finding);
    /* Evidence carries integrity to the bench, which builds on it: word and rule must agree. Looked
     * at as stored, so that a fault here cannot change what it looks at. */
    if (stored->integrity == SEK_INTEGRITY_VERIFIED && !leaves_verified(stored->rule))
        row->integrity = SEK_INTEGRITY_UNVERIFIED;
    row->verdict = sek_decide_word(row->integrity, row->supplier);
}

void sek_decide(struct sek_row *row, const struct sek_check_list *list, const uint32_t proof[2],
                const struct sek_finding finding[2])
{
    const volatile uint32_t *p = proof, *whole = &list->proof; /* each use is a read of its own */
    uint32_t first, second;

    if (p[0] - *whole != SEK_PROOF_FIRST || p[1] - *whole != SEK_PROOF_SECOND ||
        finding[0].rule != finding[1].rule) {
        sek_decide_unproven(row, &finding[p[0] - *whole == SEK_PROOF_FIRST]);
        return;
    }
    describe(row, &finding[1]);
    /* Not a branch but arithmetic, on what is read again: whoever comes here without both proofs
     * gets no word at all. */
    first = p[0] - *whole - SEK_PROOF_FIRST;
    second = p[1] - *whole - SEK_PROOF_SECOND;
    row->verdict = (enum sek_verdict)(SEK_VERDICT_APPROVED ^ first ^ (second << 13 | second >> 19));
}
