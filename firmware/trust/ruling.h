/* What the exclusion rules mean for a row, and for the supplier who vouches for it. Inside trust/
 * only. */
#ifndef SEK_TRUST_RULING_H
#define SEK_TRUST_RULING_H

#include "trust/checks.h"

/* Exclusion rules on whoever stands behind a supplier node. False: supplier, rule and policy are
 * set in finding. */
bool sek_supplier_clear(const struct sek_case *c, int supplier, struct sek_finding *finding);

/* What a ruling means for a row. */
void sek_finding_of_ruling(const struct sek_rules_result *result, struct sek_finding *finding);

#endif
