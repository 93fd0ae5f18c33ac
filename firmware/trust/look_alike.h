/* Names that are written like others: what spelling hides from an exact comparison. */
#ifndef SEK_TRUST_LOOK_ALIKE_H
#define SEK_TRUST_LOOK_ALIKE_H

#include "trust/match.h"
#include "trust/names.h"

enum {
    SEK_LOOK_ALIKE_LETTERS = 64, /* of the longest alias whose look-alikes are found */
    SEK_LOOK_ALIKE_TRIES = 2048, /* look-ups for one name; more: hits->overflow */
};

/* Adds the entities (SEK_HIT_LOOK_ALIKE) whose aliases stand in a name in another spelling.
 *
 * name and tokens are those of seen's text, normalised; tokens marked known are taken for what they
 * say. Names that we cannot compare set hits->overflow. Section 4 of SPEC.md says what is compared.
 */
void sek_look_alikes(const struct sek_store *store, struct sek_bytes name,
                     const struct sek_tokens *tokens, const struct sek_observation *seen,
                     struct sek_hits *hits);

#endif
