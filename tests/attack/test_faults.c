/* U07b: calls that fail, come short or do nothing, one by one and for ever. Every call to a device,
 * to the crypto library and to the digest hook, in the whole life of an agent, on boards with one
 * thing wrong each.
 *
 * --full PART OF: that part of the whole campaign. --paths COUNT: random messages, digested both
 * ways. make faults. */
/* link: -Wl,--wrap=psa_crypto_init,--wrap=psa_hash_setup,--wrap=psa_hash_update */
/* link: -Wl,--wrap=psa_hash_finish,--wrap=psa_hash_compute,--wrap=psa_import_key */
/* link: -Wl,--wrap=psa_get_key_attributes,--wrap=psa_verify_hash,--wrap=psa_sign_hash */
/* link: -Wl,--wrap=psa_export_public_key,--wrap=psa_destroy_key */
/* link: -Wl,--wrap=mbedtls_psa_external_get_random,--wrap=mbedtls_x509_crt_parse_der_nocopy */
/* link: -Wl,--wrap=mbedtls_x509_crt_parse_der_with_ext_cb */
/* link: -Wl,--wrap=mbedtls_x509_crt_verify_with_profile */
#include "crypto/crypto.h"
#include "hal/x86/sha256_ni.h"
#include "tests/attack/attack.h"
#include "tests/attack/fault_board.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECONDS_PER_LIFE = 60, /* more is a hang */
    SHORT_EVERY = 401,     /* of the calls, in a short round */
    PATHS_SHORT = 1 << 14, /* random messages in it */
    PATHS_MESSAGE = 512,   /* bytes, at most */
};

struct tally {
    size_t calls, lives, approved, accepted, forged, released;
};

static const struct model {
    const char *name;
    enum faulty way;
    enum faulty_reach reach;
} models[] = {
    {"fails", FAULTY_FAILS, FAULTY_ONCE},
    {"fails from then on", FAULTY_FAILS, FAULTY_ITS_FUNCTION},
    {"and all others fail from then on", FAULTY_FAILS, FAULTY_ALL},
    {"comes short", FAULTY_SHORT, FAULTY_ONCE},
    {"comes short from then on", FAULTY_SHORT, FAULTY_ITS_FUNCTION},
    {"does nothing", FAULTY_IDLE, FAULTY_ONCE},
    {"does nothing from then on", FAULTY_IDLE, FAULTY_ITS_FUNCTION},
    {"and all others do nothing from then on", FAULTY_IDLE, FAULTY_ALL},
};

/* What a board comes to without a fault: nothing may become better. */
static void live_well(struct fault_board *board, struct fault_life *life)
{
    fault_board_live(board, FAULTY_RIGHT, 0, FAULTY_ONCE, life);
}

static void tell(enum fault_board_kind kind, const struct model *model, size_t call,
                 const struct fault_life *life)
{
    (void)fprintf(stderr, "%s, call %zu %s:", fault_board_name(kind), call, model->name);
    for (size_t i = 0; i < SEK_LEN(life->cycle); i++)
        (void)fprintf(stderr, " approved %x%s,", life->cycle[i].approved,
                      life->cycle[i].accepted ? " ACCEPT" : "");
    (void)fprintf(stderr, " %s%s\n", life->took_forged ? "took what nobody signed" : "",
                  life->released ? "released" : "");
}

static void try_call(struct fault_board *board, enum fault_board_kind kind,
                     const struct fault_life *well, size_t call, struct tally *tally)
{
    for (size_t m = 0; m < SEK_LEN(models); m++) {
        const struct model *model = &models[m];
        bool approved = false, accepted = false;
        struct fault_life life;
        bool released;

        (void)alarm(SECONDS_PER_LIFE);
        fault_board_live(board, model->way, call, model->reach, &life);
        for (size_t i = 0; i < SEK_LEN(life.cycle); i++) {
            approved = approved || (life.cycle[i].approved & ~well->cycle[i].approved) != 0;
            accepted = accepted || (life.cycle[i].accepted && !well->cycle[i].accepted);
        }
        released = life.released && !well->released;
        tally->lives++;
        tally->approved += approved;
        tally->accepted += accepted;
        tally->forged += life.took_forged;
        tally->released += released;
        if (approved || accepted || life.took_forged || released)
            tell(kind, model, call, &life);
    }
    (void)alarm(0);
}

static bool begins(const char *text, const char *with)
{
    return text && strncmp(text, with, strlen(with)) == 0;
}

/* The call in the middle of those of its function. */
static bool is_middle(size_t call, size_t calls)
{
    size_t before = 0, all = 0;

    for (size_t i = 0; i < calls; i++) {
        if (faulty_function(i) != faulty_function(call))
            continue;
        before += i < call;
        all++;
    }
    return before == all / 2;
}

/* Each every-th call of a board's life, from first on, and one of each function whose name begins
 * like that; NULL: of none. */
static void try_board(enum fault_board_kind kind, size_t first, size_t every, const char *functions,
                      struct tally *tally)
{
    struct fault_board board;
    struct fault_life well;
    bool *chosen;

    fault_board_make(&board, kind);
    live_well(&board, &well);
    chosen = calloc(well.calls, sizeof *chosen);
    for (size_t call = 0; chosen && call < well.calls; call++)
        chosen[call] =
            call % every == first % every ||
            (functions && begins(faulty_function(call), functions) && is_middle(call, well.calls));
    tally->calls += well.calls;
    for (size_t call = 0; chosen && call < well.calls; call++)
        if (chosen[call])
            try_call(&board, kind, &well, call, tally);
    free(chosen);
    fault_board_drop(&board);
}

/* Without a fault the good boards are accepted in both cycles and released; the others are not, but
 * for the one whose only fault is its store, until it gets a good one. */
static bool boards_come_to_what_they_should(void)
{
    for (int kind = 0; kind < FAULT_BOARDS; kind++) {
        bool good = kind == FAULT_BOARD_GOOD || kind == FAULT_BOARD_NEW;
        bool accepted = good || kind == FAULT_BOARD_MEMORY;
        struct fault_board board;
        struct fault_life life;

        fault_board_make(&board, (enum fault_board_kind)kind);
        live_well(&board, &life);
        fault_board_drop(&board);
        if (life.cycle[0].accepted != accepted || life.took_forged ||
            life.cycle[1].accepted != (accepted || kind == FAULT_BOARD_FORGED_STORE) ||
            life.released != (good || kind == FAULT_BOARD_FORGED_STORE))
            return false;
    }
    return true;
}

/* Random messages digested by the processor's instructions and by portable code. */
static bool paths_agree(size_t count)
{
    static uint8_t message[PATHS_MESSAGE];
    const struct hal_digest *hook = hal_x86_digest();
    uint64_t random = 0x9e3779b97f4a7c15; /* xorshift64: Marsaglia, 2003 */

    for (size_t i = 0; hook && i < count; i++) {
        uint8_t fast[SEK_DIGEST_MAX], slow[SEK_DIGEST_MAX];
        size_t len;

        for (size_t at = 0; at < sizeof message; at += sizeof random) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            memcpy(message + at, &random, sizeof random);
        }
        len = random % (sizeof message + 1);
        if (sek_digest_of(SEK_DIGEST_SHA256, hook, message, len, fast) != SEK_OK ||
            sek_digest_of(SEK_DIGEST_SHA256, NULL, message, len, slow) != SEK_OK ||
            memcmp(fast, slow, 32) != 0)
            return false;
    }
    return true;
}

static void try_short(struct attack_result *result, enum fault_board_kind kind,
                      const char *functions)
{
    struct tally tally = {0};
    char seen[ATTACK_SEEN];

    try_board(kind, (size_t)kind, SHORT_EVERY, functions, &tally);
    (void)snprintf(seen, sizeof seen, "%zu approved, %zu accepted, %zu taken, %zu released",
                   tally.approved, tally.accepted, tally.forged, tally.released);
    attack_case(result, fault_board_name(kind), seen, "0 approved, 0 accepted, 0 taken, 0 released",
                tally.approved + tally.accepted + tally.forged + tally.released > 0);
}

/* An engine that says yes to everything is tried where only a signature is wrong: an image's, */
static void u07b(struct attack_result *result)
{
    for (int kind = 0; kind < FAULT_BOARD_MEMORY; kind++)
        try_short(result, (enum fault_board_kind)kind, kind == FAULT_BOARD_FORGED ? "" : NULL);
    attack_case(result, "random messages", paths_agree(PATHS_SHORT) ? "same digests" : "differ",
                "same digests", false);
}

/* ... and an order's. */
static void u07c(struct attack_result *result)
{
    try_short(result, FAULT_BOARD_MEMORY, NULL);
    try_short(result, FAULT_BOARD_UNDATED, "psa_verify");
}

/* Part of the campaign: calls part, part + of, part + 2 of, ...; several processes share it. */
static int campaign(size_t part, size_t of)
{
    size_t bad = 0;

    for (int kind = 0; kind < FAULT_BOARDS; kind++) {
        struct tally tally = {0};

        try_board((enum fault_board_kind)kind, part, of, NULL, &tally);
        printf("%s\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu\n", fault_board_name((enum fault_board_kind)kind),
               tally.calls, tally.lives, tally.approved, tally.accepted, tally.forged,
               tally.released);
        (void)fflush(stdout);
        bad += tally.approved + tally.accepted + tally.forged + tally.released;
    }
    return bad > 0;
}

static const struct attack attacks[] = {
    {"U07b", "calls to devices, crypto and hook that fail, come short or do nothing",
     "0 approved, accepted, taken, released", boards_come_to_what_they_should, u07b},
    {"U07c", "the same at a gate that holds: other bytes in memory, a forged order",
     "0 approved, accepted, taken, released", boards_come_to_what_they_should, u07c},
};

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--full") == 0)
        return campaign(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "--paths") == 0)
        return sek_crypto_start(NULL) == SEK_OK && paths_agree(strtoul(argv[2], NULL, 10)) ? 0 : 1;
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), NULL, NULL);
}
