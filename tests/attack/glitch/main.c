/* Faults in the agent's decision: from the end of an image's digest to its stored verdict, at every
 * executed instruction. tests/attack/glitch.sh prepares the cases and calls this. */
#define _DEFAULT_SOURCE
#include "tests/attack/glitch/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the command line says; numbers, all of them required but the last three. */
enum argument {
    CYCLE_START,  /* address of sek_cycle_start: the store has been opened */
    IMAGE_FINISH, /* sek_image_finish: the window's first instruction */
    APPRAISE,     /* sek_appraise_images: the window ends where it returns to */
    POWER,        /* mbedtls_mpi_exp_mod_unsafe */
    VERIFY,       /* sek_verify_digest */
    BIGNUM_FROM,  /* the first mbedtls_mpi_* function */
    BIGNUM_TO,    /* behind the last one */
    IMAGE_AT,     /* offsets and sizes, bytes: image in struct sek_cycle, */
    ROWS_AT,      /* pointer to the rows in it, */
    TODAY_AT,     /* the date in its context, */
    ROW_SIZE,     /* of a row, */
    VERDICT_AT,   /* verdict in it */
    EVERY,        /* try faults at each so many-th instruction only */
    WORKERS,      /* processes */
    BIGNUM,       /* not 0: walk through the first exponentiation, too */
    ARGUMENTS,
};

static const char *const argument_name[ARGUMENTS] = {
    "sek_cycle_start",
    "sek_image_finish",
    "sek_appraise_images",
    "mbedtls_mpi_exp_mod_unsafe",
    "sek_verify_digest",
    "bignum_from",
    "bignum_to",
    "image_at",
    "rows_at",
    "today_at",
    "row_size",
    "verdict_at",
    "every",
    "workers",
    "bignum",
};

static bool read_arguments(int argc, char **argv, unsigned long value[ARGUMENTS])
{
    for (int i = 0; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        size_t len = equals ? (size_t)(equals - argv[i]) : 0;
        size_t a = 0;

        while (a < ARGUMENTS &&
               (strlen(argument_name[a]) != len || strncmp(argument_name[a], argv[i], len) != 0))
            a++;
        if (a == ARGUMENTS)
            return false;
        value[a] = strtoul(equals + 1, NULL, 0);
    }
    for (size_t a = 0; a < EVERY; a++)
        if (value[a] == 0)
            return false;
    return value[EVERY] > 0 && value[WORKERS] > 0;
}

static uint32_t word_at(struct memory *memory, uint32_t address)
{
    const uint8_t *at = memory_at(memory, address, 4);
    uint32_t word = 0;

    if (at)
        memcpy(&word, at, sizeof word);
    return word;
}

/* The window, and the runs without a fault that tell where it ends and what it computes. */
struct scene {
    struct window window;
    struct snapshot start, power_start; /* of the window; of the first exponentiation in it */
    uint32_t power_end;
    struct calls calls;
    struct memory memory;
    struct machine machine;
    struct state first;
};

/* Memory and registers of now, as a snapshot of its own. */
static void keep_scene(struct scene *scene, const struct state *state, struct snapshot *out)
{
    *out = scene->start;
    memcpy(out->reg, state->reg, sizeof out->reg);
    for (size_t i = 0; i < scene->memory.count; i++) {
        struct region *region = &out->region[i];

        region->bytes = malloc(region->size);
        memcpy(region->bytes, scene->memory.region[i].bytes, region->size);
    }
}

/* The answer to a call that a run has come to: computed by the program itself. */
static bool learn(struct scene *scene, enum call call)
{
    struct machine *m = &scene->machine;
    struct machine other = {.bignum_from = scene->window.bignum_from,
                            .bignum_to = scene->window.bignum_to};
    struct known *known = &scene->calls.known[scene->calls.count];
    struct state there;
    uint32_t end = m->call.reg[SNAPSHOT_LR] & ~UINT32_C(1);
    bool ok = scene->calls.count < CALLS_KNOWN && call_ask(&scene->memory, &m->call, call, known);

    if (ok && call == CALL_POWER && !scene->power_end) { /* kept: it is walked through, too */
        keep_scene(scene, &m->call, &scene->power_start);
        scene->power_end = end;
    }
    ok = ok && machine_make(&other, &scene->memory, false) &&
         machine_run(&other, &m->call, end) == STOP_END;
    if (ok) {
        machine_get(&other, &there);
        ok = call_learn(&scene->memory, &m->call, there.reg[0], known);
        scene->calls.count += ok;
        scene->window.blocks_max += other.blocks;
        if (call ==
            CALL_POWER) /* a fault may make its operands others, in a question and its twin */
            scene->window.bignum_blocks_max += 5 * other.bignum_blocks / 2;
    }
    if (other.uc)
        machine_drop(&other);
    return ok;
}

/* Runs through the window as often as it comes to a call of this kind that is not known yet. */
static bool learn_all(struct scene *scene, enum call call)
{
    struct machine *m = &scene->machine;
    bool ok = true, more = true;

    *m = (struct machine){.calls = &scene->calls};
    m->answers[call] = true;
    ok = machine_make(m, &scene->memory, false);
    while (ok && more) {
        enum stop stop;

        memory_go_back(&scene->memory);
        m->stop_at_call = true;
        stop = machine_run(m, &scene->first, scene->window.run_end);
        more = !m->stop_at_call;
        ok = more ? learn(scene, call) : stop == STOP_END;
    }
    return ok;
}

/* Where the window begins: as on a device that has a trusted clock, without which nothing is ever
 * approved. */
static bool set_scene(struct scene *scene, const unsigned long value[ARGUMENTS])
{
    const uint32_t today = 20819; /* 2027-01-01, in days since 1970 */
    uint32_t cycle = scene->start.reg[0] - (uint32_t)value[IMAGE_AT];
    uint8_t *date = region_at(scene->start.region, scene->start.region_count,
                              cycle + (uint32_t)value[TODAY_AT], sizeof today);

    if (!date)
        return false;
    memcpy(date, &today, sizeof today);
    memcpy(scene->first.reg, scene->start.reg, sizeof scene->first.reg);
    if (!memory_make(&scene->memory, &scene->start))
        return false;
    scene->calls.at[CALL_POWER] = (uint32_t)value[POWER];
    scene->calls.at[CALL_VERIFY] = (uint32_t)value[VERIFY];
    scene->window = (struct window){
        .from = &scene->start,
        .rows = {word_at(&scene->memory, cycle + (uint32_t)value[ROWS_AT]),
                 (uint32_t)value[ROW_SIZE], (uint32_t)value[VERDICT_AT]},
        .calls = &scene->calls,
        .bignum_from = (uint32_t)value[BIGNUM_FROM],
        .bignum_to = (uint32_t)value[BIGNUM_TO],
        .every = (unsigned)value[EVERY],
        .workers = (unsigned)value[WORKERS],
    };
    return true;
}

/* Runs without a fault; *approved is the verdict. */
static bool rehearse(struct scene *scene, const unsigned long value[ARGUMENTS], bool *approved)
{
    struct machine first = {.calls = &scene->calls};
    struct window *w = &scene->window;
    struct state there;

    if (!set_scene(scene, value) || !machine_make(&first, &scene->memory, false) ||
        machine_run(&first, &scene->first, (uint32_t)value[APPRAISE]) != STOP_END)
        return false;
    machine_get(&first, &there);
    machine_drop(&first);
    w->run_end = w->walk_end = there.reg[SNAPSHOT_LR] & ~UINT32_C(1);
    if (!learn_all(scene, CALL_POWER) || !learn_all(scene, CALL_VERIFY))
        return false;
    *approved = rows_approve(&scene->memory, &w->rows);
    w->blocks_max += 4 * scene->machine.blocks;
    return true;
}

static void show_progress(uint64_t executed)
{
    fprintf(stderr, "\r%llu instructions", (unsigned long long)executed);
}

/* Walks in so many processes. */
static bool walk(const struct window *window, struct tally *tally)
{
    bool ok = true;

    for (unsigned i = 0; i < window->workers; i++) {
        struct window own = *window;

        own.share = i;
        own.progress = i == 0 && isatty(2) ? show_progress : NULL;
        if (fork() == 0)
            _exit(campaign_walk(&own, tally) ? 0 : 1);
    }
    for (unsigned i = 0; i < window->workers; i++) {
        int status;

        ok = wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 && ok;
    }
    return ok;
}

static uint64_t of(const struct tally *tally, enum outcome outcome)
{
    uint64_t sum = 0;

    for (int model = 0; model < MODELS; model++)
        sum += tally->tried[model][outcome];
    return sum;
}

static void print(const char *name, const struct tally *tally, double seconds)
{
    uint64_t all = of(tally, OUTCOME_APPROVED) + of(tally, OUTCOME_DETECTED) +
                   of(tally, OUTCOME_CRASHED) + of(tally, OUTCOME_HUNG);

    printf("%s: %llu instructions executed at %llu places\n", name,
           (unsigned long long)tally->executed, (unsigned long long)tally->places);
    for (int model = 0; model < MODELS; model++) {
        const uint64_t *n = tally->tried[model];

        printf("  %-18s %9llu tried  %9llu rejected  %9llu crashed  %7llu hung  %llu approved\n",
               model_name((enum model)model), (unsigned long long)(n[0] + n[1] + n[2] + n[3]),
               (unsigned long long)n[OUTCOME_DETECTED], (unsigned long long)n[OUTCOME_CRASHED],
               (unsigned long long)n[OUTCOME_HUNG], (unsigned long long)n[OUTCOME_APPROVED]);
    }
    for (size_t i = 0; i < tally->site_count && i < SITES_MAX; i++)
        printf("  approved: %s (%u) at 0x%08x, code %08x, instruction %llu\n",
               model_name(tally->site[i].model), tally->site[i].detail, tally->site[i].address,
               tally->site[i].code, (unsigned long long)tally->site[i].when);
    printf("  %llu faults in %.0f s, %llu false approvals\n", (unsigned long long)all, seconds,
           (unsigned long long)of(tally, OUTCOME_APPROVED));
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The whole window, then the first exponentiation in it. */
static bool run_campaign(const char *name, struct scene *scene, bool bignum)
{
    struct tally *tally =
        mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct window inner = scene->window;
    double began = now();
    bool ok = tally != MAP_FAILED && walk(&scene->window, tally);

    inner.from = &scene->power_start;
    inner.walk_end = scene->power_end;
    inner.bignum_whole = true;
    if (scene->power_end && bignum)
        ok = ok && walk(&inner, tally);
    if (ok)
        print(name, tally, now() - began);
    return ok && of(tally, OUTCOME_APPROVED) == 0;
}

int main(int argc, char **argv)
{
    unsigned long value[ARGUMENTS] = {[EVERY] = 1, [WORKERS] = 2};
    struct scene scene = {0};
    bool approved = false;

    if (argc < 5 || !read_arguments(argc - 5, argv + 5, value)) {
        fprintf(stderr, "usage: glitch CASE good|bad AGENT SOCKET NAME=NUMBER...\n");
        return 2;
    }
    if (!snapshot_take(&scene.start, argv[3], argv[4], (uint32_t)value[CYCLE_START],
                       (uint32_t)value[IMAGE_FINISH]))
        return 2;
    if (!rehearse(&scene, value, &approved)) {
        fprintf(stderr, "glitch: %s: the run without a fault does not come to its end\n", argv[1]);
        return 2;
    }
    if (approved != (strcmp(argv[2], "good") == 0)) {
        fprintf(stderr, "glitch: %s: %s without a fault\n", argv[1],
                approved ? "approved" : "not approved");
        return 2;
    }
    if (approved) {
        printf("%s: approved without a fault, as it should be\n", argv[1]);
        return 0;
    }
    return run_campaign(argv[1], &scene, value[BIGNUM] != 0) ? 0 : 1;
}
