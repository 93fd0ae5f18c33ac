/* Contradictions: what parts say of themselves cannot all be true. */
#ifndef SEK_TRUST_CONTRADICT_H
#define SEK_TRUST_CONTRADICT_H

#include "trust/match.h"
#include "trust/row.h"

/* CX-001: a number of the part (OUI, PCI, USB, PEN, JEDEC) belongs to an entity that is not, and is
 * not related to, any that its maker's names belong to. Names of nobody contradict nothing; nor
 * does an address, which is often that of a chip or brand. The entity of the number in *entity. */
bool sek_contradict_number(const struct sek_store *store, const struct sek_hits *hits, int *entity);

/* CX-003: the record is of a module where the board says that there is none, or of none where the
 * board says that there is one. */
bool sek_contradict_class(const struct sek_row *row);

/* CX-002: among these rows, two plugged parts of one class with one part number and one serial
 * number (of 4 characters and more, not all the same): one of them is a copy. Both become consult,
 * if they are not worse already. */
void sek_contradict_rows(struct sek_row *row, size_t count);

#endif
