/* The word: from what was found to a verdict. The approving word is stored here and nowhere else.
 */
#ifndef SEK_TRUST_DECIDE_H
#define SEK_TRUST_DECIDE_H

#include "trust/checks.h"

/* The word for what was found: the first row that fits of its list; never the approving
 * word, which needs a proof. */
enum sek_verdict sek_decide_word(enum sek_integrity integrity, enum sek_supplier supplier);

/* Fills a case from scratch; called once for each of the two judgements. */
struct sek_case_maker {
    void (*make)(const struct sek_case_maker *maker, unsigned round, struct sek_case *c);
};

/* Runs a list of checks on a row twice, apart from each other, and decides. */
void sek_decide_twice(const struct sek_check_list *list, const struct sek_case_maker *maker,
                      struct sek_row *row);

/* Names who signed, as far as the store knows the key. */
void sek_decide_signer(struct sek_row *row, const struct sek_case *c);

/* Sets integrity, supplier, rule, policy and verdict of a row from two runs of a list of checks
 * that were made apart from each other. `approved` only if both reached the list's proof. */
void sek_decide(struct sek_row *row, const struct sek_check_list *list, const uint32_t proof[2],
                const struct sek_finding finding[2]);

/* The same for what can never be approved: parts, things that could not be read. */
void sek_decide_unproven(struct sek_row *row, const struct sek_finding *finding);

#endif
