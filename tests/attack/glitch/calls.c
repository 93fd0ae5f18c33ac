#include "tests/attack/glitch/calls.h"

#include <string.h>

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

static bool word(struct memory *memory, uint32_t address, uint32_t *out)
{
    const uint8_t *at = memory_at(memory, address, sizeof *out);

    if (at)
        memcpy(out, at, sizeof *out);
    return at != NULL;
}

/* Bytes whose struct sek_bytes lies at an address. */
static bool add_bytes(struct known *out, struct memory *memory, uint32_t address, uint32_t *len)
{
    uint32_t data;

    return word(memory, address, &data) && word(memory, address + 4, len) &&
           add_memory(out, memory, data, *len);
}

/* Key, then the signature: pointer and length. The result is as long as the modulus. */
static bool ask_recover(const struct calls *calls, struct memory *memory, const struct state *state,
                        struct known *out)
{
    uint32_t modulus_len, exponent_len;

    if (!add_bytes(out, memory, state->reg[0] + calls->modulus_at, &modulus_len) ||
        !add_bytes(out, memory, state->reg[0] + calls->exponent_at, &exponent_len) ||
        !add_memory(out, memory, state->reg[1], state->reg[2]) || modulus_len > CALL_OUTPUT_MAX)
        return false;
    out->output_len = modulus_len;
    return true;
}

/* alg, then SPKI, digest and signature, each pointer and length. */
static bool ask_verify(const struct calls *calls, struct memory *memory, const struct state *state,
                       struct known *out)
{
    bool ok = add_memory(out, memory, state->reg[0], calls->alg_size);

    for (uint32_t i = 1; i <= 5; i += 2) {
        uint32_t address, len;

        ok = ok && argument(memory, state, i, &address) && argument(memory, state, i + 1, &len) &&
             add_memory(out, memory, address, len);
    }
    return ok;
}

bool call_ask(const struct calls *calls, struct memory *memory, const struct state *state,
              enum call call, struct known *out)
{
    *out = (struct known){.call = call};
    return call == CALL_RECOVER ? ask_recover(calls, memory, state, out)
                                : ask_verify(calls, memory, state, out);
}

/* Where a call writes; NULL: nowhere. */
static uint8_t *output_of(struct memory *memory, const struct state *entry,
                          const struct known *known)
{
    return memory_at(memory, entry->reg[3], known->output_len);
}

bool call_learn(struct memory *memory, const struct state *entry, uint32_t status,
                struct known *out)
{
    const uint8_t *output = output_of(memory, entry, out);

    out->status = status;
    if (out->output_len > 0 && output)
        memcpy(out->output, output, out->output_len);
    return out->output_len == 0 || output;
}

bool call_answer(struct memory *memory, const struct state *entry, const struct known *known)
{
    uint8_t *output = output_of(memory, entry, known);

    if (known->output_len > 0 && output)
        memcpy(output, known->output, known->output_len);
    return known->output_len == 0 || output;
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
