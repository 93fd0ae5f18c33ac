/* U07: the crypto engine or the processor's hook fails, or lies: an error, success with nothing
 * done, the answer of before. One call after the other, and all from one on; nothing bad is
 * approved. */
/* link: -Wl,--wrap=psa_hash_setup,--wrap=psa_hash_update,--wrap=psa_hash_finish */
/* link: -Wl,--wrap=psa_import_key,--wrap=psa_get_key_attributes,--wrap=psa_verify_hash */
/* link: -Wl,--wrap=psa_destroy_key */
#include "crypto/crypto.h"
#include "hal/x86/sha256_ni.h"
#include "tests/attack/fit_lab.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The engine that lies ---- */

enum lie { HONEST, ERROR, NOTHING, BEFORE, LIES }; /* BEFORE: what the last honest call gave */

static struct {
    enum lie lie;
    unsigned calls, from, to; /* the calls from <= number < to are not made, but answered */
    bool every_signature;     /* verifies, whatever it is */
} plan;

static void plan_lies(enum lie lie, unsigned from, unsigned to)
{
    plan.lie = lie;
    plan.calls = 0;
    plan.from = from;
    plan.to = to;
}

/* True if this call is a lie; *answer is what it says. */
static bool lies(psa_status_t *answer)
{
    unsigned number = plan.calls++;

    *answer = plan.lie == ERROR ? PSA_ERROR_HARDWARE_FAILURE : PSA_SUCCESS;
    return plan.lie != HONEST && number >= plan.from && number < plan.to;
}

#define WRAP(name, parameters, arguments)                                                          \
    psa_status_t __real_##name parameters;                                                         \
    psa_status_t __wrap_##name parameters;                                                         \
    psa_status_t __wrap_##name parameters                                                          \
    {                                                                                              \
        psa_status_t answer;                                                                       \
        return lies(&answer) ? answer : __real_##name arguments;                                   \
    }

WRAP(psa_hash_setup, (psa_hash_operation_t * operation, psa_algorithm_t alg), (operation, alg))
WRAP(psa_hash_update, (psa_hash_operation_t * operation, const uint8_t *data, size_t len),
     (operation, data, len))
WRAP(psa_import_key,
     (const psa_key_attributes_t *attributes, const uint8_t *data, size_t len, psa_key_id_t *key),
     (attributes, data, len, key))
WRAP(psa_get_key_attributes, (psa_key_id_t key, psa_key_attributes_t *attributes),
     (key, attributes))

psa_status_t __real_psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                    size_t hash_len, const uint8_t *signature, size_t len);
psa_status_t __wrap_psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                    size_t hash_len, const uint8_t *signature, size_t len);
psa_status_t __wrap_psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                    size_t hash_len, const uint8_t *signature, size_t len)
{
    psa_status_t answer;

    if (lies(&answer))
        return answer;
    return plan.every_signature ? PSA_SUCCESS
                                : __real_psa_verify_hash(key, alg, hash, hash_len, signature, len);
}

psa_status_t __real_psa_hash_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                    size_t *len);
psa_status_t __wrap_psa_hash_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                    size_t *len);
psa_status_t __wrap_psa_hash_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                    size_t *len)
{
    static uint8_t before[SEK_DIGEST_MAX];
    static size_t before_len;
    psa_status_t answer;

    if (lies(&answer)) {
        if (plan.lie == BEFORE && before_len <= cap) {
            memcpy(out, before, before_len);
            *len = before_len;
        }
        return answer;
    }
    answer = __real_psa_hash_finish(operation, out, cap, len);
    if (answer == PSA_SUCCESS && *len <= sizeof before) {
        memcpy(before, out, *len);
        before_len = *len;
    }
    return answer;
}

psa_status_t __real_psa_destroy_key(psa_key_id_t key);
psa_status_t __wrap_psa_destroy_key(psa_key_id_t key);
psa_status_t __wrap_psa_destroy_key(psa_key_id_t key)
{
    psa_status_t answer, real = __real_psa_destroy_key(key); /* a test must not leak keys */

    return lies(&answer) ? answer : real;
}

/* ---- The hook that lies ---- */

static void hook_nothing(const struct hal_sha256_lane *lane)
{
    (void)lane;
}

static void hook_pair_nothing(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    (void)a;
    (void)b;
}

static void hook_many_nothing(const struct hal_sha256_lane *lane, size_t count)
{
    (void)lane;
    (void)count;
}

static void hook_constant(const struct hal_sha256_lane *lane)
{
    memset(lane->state, 0x11, 32);
}

static void hook_pair_constant(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    hook_constant(a);
    hook_constant(b);
}

static void hook_many_constant(const struct hal_sha256_lane *lane, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hook_constant(&lane[i]);
}

/* One block is left out of each call: the last. */
static void hook_short(const struct hal_sha256_lane *lane)
{
    struct hal_sha256_lane less = *lane;

    less.blocks--;
    if (less.blocks > 0)
        hal_x86_digest()->sha256(&less);
}

static void hook_pair_short(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    hook_short(a);
    hook_short(b);
}

static void hook_many_short(const struct hal_sha256_lane *lane, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hook_short(&lane[i]);
}

static const struct hal_digest hooks[] = {
    {"does nothing", hook_nothing, hook_pair_nothing, hook_many_nothing, 2},
    {"gives one answer", hook_constant, hook_pair_constant, hook_many_constant, 2},
    {"leaves blocks out", hook_short, hook_pair_short, hook_many_short, 2},
};

/* ---- The attack ---- */

/* What is bad: other bytes, another's signature, a signature's bit, with each kind of key. */
enum { BAD = 4 };
static struct fit_file bad[BAD];

static void make_bad(void)
{
    struct fit_writer w;

    lab_sample(&w);
    lab_forge(&w, LAB_KERNEL);
    lab_forge(&w, "/images/fdt-1");
    lab_forge(&w, "/images/ramdisk-1");
    bad[0] = fit_write(&w);
    fit_free(&w);
    lab_unsigned(&w, "sha256");
    lab_sign(&w, &lab_nobody, "hakone");
    bad[1] = fit_write(&w);
    fit_free(&w);
    lab_sample(&w);
    w.token[fit_find(&w, LAB_SIGNATURE ":value")].value[9] ^= 0x10;
    bad[2] = fit_write(&w);
    fit_free(&w);
    lab_unsigned(&w, "sha256");
    lab_sign(&w, &lab_pss, "pss");
    w.token[fit_find(&w, LAB_SIGNATURE ":value")].value[9] ^= 0x10;
    bad[3] = fit_write(&w);
    fit_free(&w);
}

static unsigned judge_bad(size_t which, enum lie lie, unsigned from, unsigned to)
{
    unsigned calls;

    plan_lies(lie, from, to);
    judge_bytes(&lab_judge, bad[which].data, bad[which].len);
    calls = plan.calls;
    plan_lies(HONEST, 0, 0);
    return calls;
}

static void note(struct attack_result *result, size_t which, const char *what, unsigned at)
{
    char name[64];
    bool through = judge_approved(&lab_judge) > 0 || lab_judge.outcome == SEK_OUTCOME_ACCEPT;

    (void)snprintf(name, sizeof name, "bad image %zu, %s %u", which, what, at);
    attack_case(result, name, through ? "approved" : "nothing approved", "nothing approved",
                through);
}

static void engine_lies(struct attack_result *result)
{
    static const char *const what[LIES] = {"honest", "error at call", "nothing done at call",
                                           "answer of before at call"};

    for (size_t which = 0; which < BAD; which++) {
        unsigned calls = judge_bad(which, HONEST, 0, 0);

        note(result, which, what[HONEST], 0);
        plan.every_signature = true;
        (void)judge_bad(which, HONEST, 0, 0);
        plan.every_signature = false;
        note(result, which, "every signature verifies", 0);
        for (int lie = ERROR; lie < LIES; lie++)
            for (unsigned call = 0; call < calls; call++) {
                (void)judge_bad(which, (enum lie)lie, call, call + 1);
                note(result, which, what[lie], call);
                if (call % 4 != 0)
                    continue;
                (void)judge_bad(which, (enum lie)lie, call, UINT_MAX);
                note(result, which, "and on from", call);
            }
    }
}

/* Each is found by the known answers at the start; and used all the same, it approves nothing. */
static void hook_lies(struct attack_result *result)
{
    size_t count = hal_x86_digest() ? SEK_LEN(hooks) : SEK_LEN(hooks) - 1;

    for (size_t i = 0; i < count; i++) {
        bool started = sek_crypto_start(&hooks[i]) == SEK_OK;

        attack_case(result, hooks[i].name, started ? "starts" : "does not start", "does not start",
                    started);
        lab_judge.measure.hook = &hooks[i];
        for (size_t which = 0; which < BAD; which++) {
            (void)judge_bad(which, HONEST, 0, 0);
            note(result, which, hooks[i].name, 0);
        }
        lab_judge.measure.hook = NULL;
    }
}

static void u07(struct attack_result *result)
{
    make_bad();
    engine_lies(result);
    hook_lies(result);
    for (size_t i = 0; i < BAD; i++)
        free(bad[i].data);
}

static const struct attack attacks[] = {
    {"U07", "the crypto engine or the hook fails or lies, call by call (CVE-2025-49600)",
     "nothing approved", lab_sample_is_good, u07},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), lab_start, lab_stop);
}
