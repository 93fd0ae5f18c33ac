/* Keys that sign nothing, whatever a store says of them: their private halves are published. */
#ifndef SEK_TRUST_PUBLISHED_H
#define SEK_TRUST_PUBLISHED_H

#include "crypto/verify.h"

/* Which of them a key is, by its id, counted from 0; < 0: none. Source: MCUboot's repository
 * (GHSA-gcxh-546h-phg4): SHA-256 of the SubjectPublicKeyInfo of its root-*.pem. */
int sek_key_published(const uint8_t id[SEK_KEY_ID_LEN]);

#endif
