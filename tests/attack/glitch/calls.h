/* Calls of the program whose result is a function of bytes alone. A run that comes to one with
 * bytes for which the result is known goes on behind it: it would only compute the same again. */
#ifndef SEK_TESTS_GLITCH_CALLS_H
#define SEK_TESTS_GLITCH_CALLS_H

#include "tests/attack/glitch/memory.h"

enum call {
    CALL_RECOVER, /* sek_rsa_recover: RSA's exponentiation */
    CALL_VERIFY,  /* sek_verify_digest */
    CALLS,
};

enum { CALL_KEY_MAX = 4096, CALL_OUTPUT_MAX = 512, CALLS_KNOWN = 8 };

struct known {
    enum call call;
    size_t key_len;
    uint8_t key[CALL_KEY_MAX]; /* what it was asked */
    size_t output_len;
    uint8_t output[CALL_OUTPUT_MAX]; /* what it wrote, */
    uint32_t status;                 /* and returned */
};

struct calls {
    uint32_t at[CALLS];
    uint32_t modulus_at, exponent_at; /* offsets in struct sek_spki */
    uint32_t alg_size;                /* of struct sek_sig_alg without its padding */
    struct known known[CALLS_KNOWN];
    size_t count;
};

/* Reads what a call is asked; state is that at its entry. False: not bytes of the program. */
bool call_ask(const struct calls *calls, struct memory *memory, const struct state *state,
              enum call call, struct known *out);

/* Reads the answer of a call that was made; state as at its entry. */
bool call_learn(struct memory *memory, const struct state *entry, uint32_t status,
                struct known *out);

/* Answers in the call's place. False: there is no room. */
bool call_answer(struct memory *memory, const struct state *entry, const struct known *known);

/* NULL: not known. */
const struct known *calls_find(const struct calls *calls, const struct known *asked);

#endif
