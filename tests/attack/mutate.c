#include "tests/attack/mutate.h"

#include <string.h>

enum { INSERT_MAX = 16, HAVOC_MAX = 8 };

const char *mutation_name(enum mutation kind)
{
    static const char *const names[MUTATIONS] = {"bits",    "truncations", "splices",
                                                 "inserts", "deletions",   "havoc"};

    return names[kind];
}

/* Numbers that look random, from the mutant's own: xorshift64*, seeded by splitmix64. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t seed(enum mutation kind, size_t n)
{
    uint64_t z = ((uint64_t)kind << 40) + n + UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) | 1;
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(next(state) % limit) : 0;
}

static size_t shorter(const struct mutate_pair *pair)
{
    return pair->a_len < pair->b_len ? pair->a_len : pair->b_len;
}

size_t mutate_count(const struct mutate_pair *pair, enum mutation kind, size_t random)
{
    switch (kind) {
    case MUTATION_BIT:
        return 8 * pair->a_len;
    case MUTATION_CUT:
        return pair->a_len;
    case MUTATION_SPLICE:
        return shorter(pair) + random;
    case MUTATION_INSERT:
    case MUTATION_DELETE:
    case MUTATION_HAVOC:
    case MUTATIONS:
        break;
    }
    return random;
}

/* First all that change over at one offset, then pieces of one inside the other. */
static size_t splice(const struct mutate_pair *pair, size_t n, uint64_t *state, uint8_t *out)
{
    size_t from, to, len;

    if (n < shorter(pair)) {
        memcpy(out, pair->a, n);
        memcpy(out + n, pair->b + n, pair->b_len - n);
        return pair->b_len;
    }
    memcpy(out, pair->a, pair->a_len);
    from = below(state, pair->b_len);
    len = 1 + below(state, pair->b_len - from);
    to = n % 2 ? from : below(state, pair->a_len);
    if (to >= pair->a_len)
        to = 0;
    if (len > pair->a_len - to)
        len = pair->a_len - to;
    memcpy(out + to, pair->b + from, len);
    return pair->a_len;
}

size_t mutate(const struct mutate_pair *pair, enum mutation kind, size_t n, uint8_t *out)
{
    uint64_t state = seed(kind, n);
    size_t at, len, count;

    if (kind == MUTATION_SPLICE)
        return splice(pair, n, &state, out);
    memcpy(out, pair->a, pair->a_len);
    at = below(&state, pair->a_len);
    len = 1 + below(&state, INSERT_MAX);
    switch (kind) {
    case MUTATION_BIT:
        out[n / 8] ^= (uint8_t)(1u << n % 8);
        return pair->a_len;
    case MUTATION_CUT:
        return n;
    case MUTATION_INSERT: /* bytes at random, or those that stand there, again */
        memmove(out + at + len, out + at, pair->a_len - at);
        for (size_t i = 0; n % 2 && i < len; i++)
            out[at + i] = (uint8_t)next(&state);
        return pair->a_len + len;
    case MUTATION_DELETE:
        if (len > pair->a_len - at)
            len = pair->a_len - at;
        memmove(out + at, out + at + len, pair->a_len - at - len);
        return pair->a_len - len;
    case MUTATION_HAVOC:
        count = 1 + below(&state, HAVOC_MAX);
        for (size_t i = 0; i < count; i++)
            out[below(&state, pair->a_len)] = (uint8_t)next(&state);
        return pair->a_len;
    case MUTATION_SPLICE:
    case MUTATIONS:
        break;
    }
    return pair->a_len;
}
