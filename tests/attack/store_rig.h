/* Attacks on trust stores: containers of any payload, signed by any key, without another tool. */
#ifndef SEK_TESTS_ATTACK_STORE_RIG_H
#define SEK_TESTS_ATTACK_STORE_RIG_H

#include "tests/unit/fit_signer.h"
#include "trust/store.h"

/* A payload in a container of its own: 8-aligned, of exact size; free(data). key NULL: unsigned. */
struct fit_file store_rig_wrap(const uint8_t *payload, size_t len, const struct fit_key *key);

/* Opens a container with the public half of a key, in memory that the next call takes again. */
enum sek_status store_rig_open(struct sek_store *store, const struct fit_file *itb,
                               const struct fit_key *authority, uint32_t counter, sek_rule *rule);

#endif
