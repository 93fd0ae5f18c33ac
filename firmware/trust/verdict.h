/* The words of a verdict. Their numbers lie far apart (at least 12 bits differ between any two), so
 * that no single fault in memory or in a register turns one into another. */
#ifndef SEK_TRUST_VERDICT_H
#define SEK_TRUST_VERDICT_H

#include <stdint.h>

/* One word for the screen, per component. */
enum sek_verdict {
    SEK_VERDICT_UNVERIFIED = 0x52e6b438, /* every verdict starts as this */
    SEK_VERDICT_EXCLUDED = 0xf2a74de4,
    SEK_VERDICT_TAMPERED = 0x269e0d37,
    SEK_VERDICT_UNREADABLE = 0x6513270e,
    SEK_VERDICT_ABSENT = 0xa6a3a450,
    SEK_VERDICT_UNEXPECTED = 0x0c5c7fd0,
    SEK_VERDICT_CONSULT = 0x892f902b,
    SEK_VERDICT_TRANSITIONAL = 0x5d9dc9f8,
    SEK_VERDICT_UNATTRIBUTED = 0x9531985d,
    SEK_VERDICT_IDENTIFIED = 0x6b0d549b,
    SEK_VERDICT_APPROVED = 0x11e20b8f,
};

/* Integrity: the numbers on the wire are sek_integrity - as listed in the evidence flags. */
enum sek_integrity {
    SEK_INTEGRITY_NOT_EVALUATED = 0,
    SEK_INTEGRITY_VERIFIED = 1,
    SEK_INTEGRITY_CLAIMED = 2,
    SEK_INTEGRITY_UNVERIFIED = 3,
    SEK_INTEGRITY_UNREADABLE = 4,
    SEK_INTEGRITY_ABSENT = 5,
    SEK_INTEGRITY_UNEXPECTED = 6,
    SEK_INTEGRITY_TAMPERED = 7,
};

enum sek_supplier {
    SEK_SUPPLIER_NOT_EVALUATED = 0,
    SEK_SUPPLIER_APPROVED = 1,
    SEK_SUPPLIER_NO_MATCH = 2,
    SEK_SUPPLIER_UNATTRIBUTED = 3,
    SEK_SUPPLIER_TRANSITIONAL = 4,
    SEK_SUPPLIER_CONSULT = 5,
    SEK_SUPPLIER_EXCLUDED = 6,
};

/* What becomes of a device or file. */
enum sek_outcome {
    SEK_OUTCOME_HOLD = 0x35c9a63e, /* every outcome starts as this */
    SEK_OUTCOME_REJECT = 0x4a9f1587,
    SEK_OUTCOME_ERROR = 0x1670ca59, /* could not be asked */
    SEK_OUTCOME_ACCEPT = 0x7b263ce0,
};

/* Rule ids: family and number, for ever. */
enum sek_family {
    SEK_FAMILY_NONE = 0,
    SEK_FAMILY_SIG = 1,
    SEK_FAMILY_REF = 2,
    SEK_FAMILY_MAP = 3,
    SEK_FAMILY_FMT = 4,
    SEK_FAMILY_VND = 5,
    SEK_FAMILY_RD = 6,
    SEK_FAMILY_ID = 7,
    SEK_FAMILY_CX = 8,
    SEK_FAMILY_EV = 9,
    SEK_FAMILY_TS = 10,
    SEK_FAMILY_BN = 11,
};

typedef uint16_t sek_rule; /* family << 8 | number; 0: none */

#define SEK_RULE(family, number) ((sek_rule)(SEK_FAMILY_##family << 8 | (number)))

enum { SEK_RULE_TEXT_LEN = 7 }; /* "SIG-001" */

/* Writes "SIG-001" and a NUL; "-" for none. */
void sek_rule_format(sek_rule rule, char out[SEK_RULE_TEXT_LEN + 1]);

/* "approved", "tampered", ...; an unknown number reads "unverified", an unknown outcome "HOLD". */
const char *sek_verdict_name(enum sek_verdict verdict);
const char *sek_integrity_name(enum sek_integrity integrity);
const char *sek_supplier_name(enum sek_supplier supplier);
const char *sek_outcome_name(enum sek_outcome outcome);

#endif
