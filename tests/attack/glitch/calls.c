#include "tests/attack/glitch/calls.h"

#include <string.h>

enum { ALG_LEN = 10 }; /* struct sek_sig_alg without its padding: two enums and a u16 */

static bool add(struct known *out, const void *bytes, size_t len)
{
    uint32_t count = (uint32_t)len;

    if (!bytes || len > CALL_KEY_MAX - out->key_len - sizeof count)
        return false;
    memcpy(out->key + out->key_len, &count, sizeof count);
    memcpy(out->key + out->key_len + sizeof count, bytes, len);
    out->key_len += sizeof count + len;
    return true;
}

static bool add_memory(struct known *out, struct memory *memory, uint32_t address, uint32_t len)
{
    return len <= CALL_KEY_MAX && add(out, memory_at(memory, address, len), len);
}

/* The n-th argument of a call, in words: r0 to r3, then the stack. */
static bool argument(struct memory *memory, const struct state *state, uint32_t n, uint32_t *out)
{
    const uint8_t *at;

    if (n < 4) {
        *out = state->reg[n];
        return true;
    }
    at = memory_at(memory, state->reg[SNAPSHOT_SP] + 4 * (n - 4), 4);
    if (at)
        memcpy(out, at, sizeof *out);
    return at != NULL;
}

/* An mbedtls_mpi: pointer, i16 sign and u16 number of 32-bit limbs. */
struct number {
    uint8_t *limb;
    size_t count;
};

static bool read_number(struct memory *memory, uint32_t address, struct number *out)
{
    const uint8_t *mpi = memory_at(memory, address, 8);
    uint32_t limbs_at;
    int16_t sign;
    uint16_t count;

    if (!mpi)
        return false;
    memcpy(&limbs_at, mpi, 4);
    memcpy(&sign, mpi + 4, 2);
    memcpy(&count, mpi + 6, 2);
    *out = (struct number){memory_at(memory, limbs_at, 4 * (size_t)count), count};
    return sign == 1 && count > 0 && count <= CALL_LIMBS && out->limb;
}

static size_t significant(const struct number *number)
{
    size_t len = 4 * number->count;

    while (len > 0 && number->limb[len - 1] == 0)
        len--;
    return len;
}

/* X = A ^ E modulo N: the key is A, E, N. */
static bool ask_power(struct memory *memory, const struct state *state, struct known *out)
{
    struct number number;
    bool ok = read_number(memory, state->reg[0], &number);

    for (unsigned i = 1; i <= 3; i++)
        ok = ok && read_number(memory, state->reg[i], &number) &&
             add(out, number.limb, significant(&number));
    return ok;
}

/* alg, then SPKI, digest and signature, each pointer and length. */
static bool ask_verify(struct memory *memory, const struct state *state, struct known *out)
{
    bool ok = add_memory(out, memory, state->reg[0], ALG_LEN);

    for (uint32_t i = 1; i <= 5; i += 2) {
        uint32_t address, len;

        ok = ok && argument(memory, state, i, &address) && argument(memory, state, i + 1, &len) &&
             add_memory(out, memory, address, len);
    }
    return ok;
}

bool call_ask(struct memory *memory, const struct state *state, enum call call, struct known *out)
{
    *out = (struct known){.call = call};
    return call == CALL_POWER ? ask_power(memory, state, out) : ask_verify(memory, state, out);
}

bool call_learn(struct memory *memory, const struct state *entry, uint32_t status,
                struct known *out)
{
    struct number number;

    out->status = status;
    if (out->call == CALL_VERIFY)
        return true;
    if (status != 0 || !read_number(memory, entry->reg[0], &number))
        return false;
    out->limbs = (significant(&number) + 3) / 4;
    memcpy(out->limb, number.limb, 4 * out->limbs);
    return true;
}

bool call_answer(struct memory *memory, const struct state *entry, const struct known *known)
{
    struct number number;

    if (known->call == CALL_VERIFY)
        return true;
    if (!read_number(memory, entry->reg[0], &number) || number.count < known->limbs)
        return false;
    memcpy(number.limb, known->limb, 4 * number.count);
    return true;
}

const struct known *calls_find(const struct calls *calls, const struct known *asked)
{
    for (size_t i = 0; i < calls->count; i++) {
        const struct known *known = &calls->known[i];

        if (known->call == asked->call && known->key_len == asked->key_len &&
            memcmp(known->key, asked->key, asked->key_len) == 0)
            return known;
    }
    return NULL;
}
