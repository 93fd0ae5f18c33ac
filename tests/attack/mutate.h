/* Changed copies of valid bytes, of every kind, always the same ones. */
#ifndef SEK_TESTS_ATTACK_MUTATE_H
#define SEK_TESTS_ATTACK_MUTATE_H

#include <stddef.h>
#include <stdint.h>

enum mutation {
    MUTATION_BIT,    /* each bit, flipped */
    MUTATION_CUT,    /* each length that is shorter */
    MUTATION_SPLICE, /* one valid one's bytes, then another's; or a piece of it inside */
    MUTATION_INSERT, /* bytes more */
    MUTATION_DELETE, /* bytes fewer */
    MUTATION_HAVOC,  /* several bytes written at random */
    MUTATIONS,
};

const char *mutation_name(enum mutation kind);

/* Two valid ones of a kind, signed by the same key. */
struct mutate_pair {
    const uint8_t *a, *b;
    size_t a_len, b_len;
};

/* How many mutants of a kind there are; random: of those that are drawn. */
size_t mutate_count(const struct mutate_pair *pair, enum mutation kind, size_t random);

/* Writes mutant number n into out, which holds a_len + b_len + MUTATE_MORE bytes; its length. */
enum { MUTATE_MORE = 64 };
size_t mutate(const struct mutate_pair *pair, enum mutation kind, size_t n, uint8_t *out);

#endif
