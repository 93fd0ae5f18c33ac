#include "trust/verdict.h"

#include "base/status.h"

#include <stddef.h>

void sek_rule_format(sek_rule rule, char out[SEK_RULE_TEXT_LEN + 1])
{
    static const char family[][4] = {"",   "SIG", "REF", "MAP", "FMT", "VND",
                                     "RD", "ID",  "CX",  "EV",  "TS",  "BN"};
    unsigned f = rule >> 8, number = rule & 0xff;
    size_t at = 0;

    if (f == 0 || f >= SEK_LEN(family)) {
        out[0] = '-';
        out[1] = '\0';
        return;
    }
    for (const char *c = family[f]; *c; c++)
        out[at++] = *c;
    out[at++] = '-';
    out[at++] = (char)('0' + number / 100 % 10);
    out[at++] = (char)('0' + number / 10 % 10);
    out[at++] = (char)('0' + number % 10);
    out[at] = '\0';
}

const char *sek_verdict_name(enum sek_verdict verdict)
{
    switch (verdict) {
    case SEK_VERDICT_EXCLUDED:
        return "excluded";
    case SEK_VERDICT_TAMPERED:
        return "tampered";
    case SEK_VERDICT_UNVERIFIED:
        return "unverified";
    case SEK_VERDICT_UNREADABLE:
        return "unreadable";
    case SEK_VERDICT_ABSENT:
        return "absent";
    case SEK_VERDICT_UNEXPECTED:
        return "unexpected";
    case SEK_VERDICT_CONSULT:
        return "consult";
    case SEK_VERDICT_TRANSITIONAL:
        return "transitional";
    case SEK_VERDICT_UNATTRIBUTED:
        return "unattributed";
    case SEK_VERDICT_IDENTIFIED:
        return "identified";
    case SEK_VERDICT_APPROVED:
        return "approved";
    }
    return "unverified";
}

const char *sek_integrity_name(enum sek_integrity integrity)
{
    static const char *const name[] = {
        "not-evaluated", "verified", "claimed",    "unverified",
        "unreadable",    "absent",   "unexpected", "tampered",
    };

    return (unsigned)integrity < SEK_LEN(name) ? name[integrity] : "unverified";
}

const char *sek_supplier_name(enum sek_supplier supplier)
{
    static const char *const name[] = {"not-evaluated", "approved", "no-match", "unattributed",
                                       "transitional",  "consult",  "excluded"};

    return (unsigned)supplier < SEK_LEN(name) ? name[supplier] : "not-evaluated";
}

const char *sek_outcome_name(enum sek_outcome outcome)
{
    switch (outcome) {
    case SEK_OUTCOME_ACCEPT:
        return "ACCEPT";
    case SEK_OUTCOME_REJECT:
        return "REJECT";
    case SEK_OUTCOME_ERROR:
        return "ERROR";
    case SEK_OUTCOME_HOLD:
        return "HOLD";
    }
    return "HOLD";
}
