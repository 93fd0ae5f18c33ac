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

/* What the command line says, numbers. */
enum argument {
    CYCLE_START,  /* address of sek_cycle_start: the store has been opened */
    IMAGE_FINISH, /* sek_image_finish: the window's first instruction */
    VERIFY,       /* sek_verify_digest */
    RECOVER,      /* sek_rsa_recover, or the function that it became part of */
    RECOVER_END,  /* behind it */
    MULTIPLY,     /* its multiplication, a function of its own */
    MULTIPLY_END,
    IMAGE_AT,   /* offsets and sizes, bytes: image in struct sek_cycle, */
    COUNT_AT,   /* number of rows in it, */
    ROWS_AT,    /* pointer to the rows in it, */
    TODAY_AT,   /* the date in its context, */
    ROW_SIZE,   /* of a row, */
    MODULUS_AT, /* modulus and exponent in struct sek_spki, */
    EXPONENT_AT,
    ALG_SIZE,            /* of struct sek_sig_alg without its padding */
    INTEGRITY_AT,        /* integrity and */
    VERDICT_AT,          /* verdict in it */
    REQUIRED,            /* so far; the others may be left out */
    APPRAISE = REQUIRED, /* sek_appraise_images: a process' window ends where it returns to */
    SLEEP,               /* a board's wfi */
    LOG,                 /* its release's call that signs the log: answered */
    PARTITION,           /* its boot partition's size in the description */
    REDUCE,              /* more of its arithmetic */
    REDUCE_END,
    ALTER,   /* a byte that changes after it was measured */
    ROWS,    /* 0: the device's rows may approve, a release is what counts */
    MEETING, /* where runs may meet the one without a fault: entries of functions */
    MEETING_2,
    INSTANCES, /* of each place so many, the first and the last among them; 0: all */
    ONLY,      /* faults from this address */
    ONLY_END,  /* to this one only */
    EVERY,     /* try faults at each so many-th instruction only */
    LAST,      /* and at so many at the window's end only; 0: all */
    WORKERS,   /* processes */
    BIGNUM,    /* not 0: walk through the first exponentiation, too */
    ARGUMENTS,
};

static const char *const argument_name[ARGUMENTS] = {
    "sek_cycle_start",
    "sek_image_finish",
    "sek_verify_digest",
    "sek_rsa_recover",
    "sek_rsa_recover_end",
    "multiply",
    "multiply_end",
    "image_at",
    "count_at",
    "rows_at",
    "today_at",
    "row_size",
    "modulus_at",
    "exponent_at",
    "alg_size",
    "integrity_at",
    "verdict_at",
    "sek_appraise_images",
    "sleep",
    "log",
    "partition",
    "reduce",
    "reduce_end",
    "alter",
    "rows",
    "meeting",
    "meeting_2",
    "instances",
    "only",
    "only_end",
    "every",
    "last",
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
    for (size_t a = 0; a < REQUIRED; a++)
        if (value[a] == 0)
            return false;
    return (value[APPRAISE] > 0) != (value[SLEEP] > 0) && value[EVERY] > 0 && value[WORKERS] > 0;
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
    struct board board;
    bool has_board, released;             /* ... in the run without a fault */
    struct snapshot start, recover_start; /* of the window; of the first exponentiation in it */
    uint32_t recover_end;
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
    struct machine other = {.board.board = scene->window.board};
    struct known *known = &scene->calls.known[scene->calls.count];
    struct state there;
    uint32_t end = m->call.reg[SNAPSHOT_LR] & ~UINT32_C(1);
    bool ok = scene->calls.count < CALLS_KNOWN &&
              call_ask(&scene->calls, &scene->memory, &m->call, call, known);

    if (ok && call == CALL_RECOVER && !scene->recover_end) { /* kept: it is walked through, too */
        keep_scene(scene, &m->call, &scene->recover_start);
        scene->recover_end = end;
    }
    memcpy(other.bignum, scene->window.bignum, sizeof other.bignum);
    ok = ok && machine_make(&other, &scene->memory, false) &&
         machine_run(&other, &m->call, end) == STOP_END;
    if (ok) {
        machine_get(&other, &there);
        ok = call_learn(&scene->memory, &m->call, there.reg[0], known);
        scene->calls.count += ok;
        scene->window.blocks_max += other.blocks;
        if (call == CALL_RECOVER) /* a fault may make its operands others, twice at most */
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

    *m = (struct machine){.calls = &scene->calls, .board.board = scene->window.board};
    m->answers[call] = true;
    ok = machine_make(m, &scene->memory, false);
    while (ok && more) {
        enum stop stop;

        memory_go_back(&scene->memory);
        m->stop_at_call = true;
        stop = machine_run(m, &scene->first, scene->window.run_end);
        more = !m->stop_at_call;
        scene->released = stop == STOP_RELEASED;
        ok = more ? learn(scene, call) : stop == STOP_END || stop == STOP_RELEASED;
    }
    return ok;
}

/* Somebody changes a byte of memory that has just been measured. */
static bool alter(struct scene *scene, uint32_t address)
{
    uint8_t *byte = region_at(scene->start.region, scene->start.region_count, address, 1);

    if (byte)
        *byte ^= 1;
    return byte != NULL;
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
    if ((value[ALTER] && !alter(scene, (uint32_t)value[ALTER])) ||
        !memory_make(&scene->memory, &scene->start))
        return false;
    /* Part of another function on a board: then only whole verifications are answered. */
    scene->calls.at[CALL_RECOVER] = scene->has_board ? 0 : (uint32_t)value[RECOVER];
    scene->calls.modulus_at = (uint32_t)value[MODULUS_AT];
    scene->calls.exponent_at = (uint32_t)value[EXPONENT_AT];
    scene->calls.alg_size = (uint32_t)value[ALG_SIZE];
    scene->calls.at[CALL_VERIFY] = (uint32_t)value[VERIFY];
    scene->window = (struct window){
        .from = &scene->start,
        .rows = {value[ROWS] ? word_at(&scene->memory, cycle + (uint32_t)value[ROWS_AT]) : 0,
                 (uint32_t)value[ROW_SIZE], (uint32_t)value[VERDICT_AT],
                 (uint32_t)value[INTEGRITY_AT], cycle + (uint32_t)value[COUNT_AT]},
        .calls = &scene->calls,
        .board = scene->has_board ? &scene->board : NULL,
        .verify_answered = scene->has_board && value[BIGNUM] == 0,
        .meeting_at = {(uint32_t)value[MEETING], (uint32_t)value[MEETING_2]},
        .instances = (unsigned)value[INSTANCES],
        .only = {(uint32_t)value[ONLY], (uint32_t)value[ONLY_END]},
        .bignum = {{(uint32_t)value[RECOVER], (uint32_t)value[RECOVER_END]},
                   {(uint32_t)value[MULTIPLY], (uint32_t)value[MULTIPLY_END]},
                   {(uint32_t)value[REDUCE], (uint32_t)value[REDUCE_END]}},
        .every = (unsigned)value[EVERY],
        .last = (unsigned)value[LAST],
        .workers = (unsigned)value[WORKERS],
    };
    return true;
}

/* Where a process' window ends: behind the appraisal. A board's ends when it has nothing to do. */
static bool find_end(struct scene *scene, uint32_t appraise)
{
    struct machine first = {.calls = &scene->calls};
    struct window *w = &scene->window;
    struct state there;

    w->run_end = w->walk_end = UINT32_MAX - 1;
    if (scene->has_board)
        return true;
    if (!machine_make(&first, &scene->memory, false) ||
        machine_run(&first, &scene->first, appraise) != STOP_END)
        return false;
    machine_get(&first, &there);
    machine_drop(&first);
    w->run_end = w->walk_end = there.reg[SNAPSHOT_LR] & ~UINT32_C(1);
    return true;
}

/* Runs without a fault; *approved is the verdict. */
static bool rehearse(struct scene *scene, const unsigned long value[ARGUMENTS], bool *approved)
{
    struct window *w = &scene->window;

    if (!set_scene(scene, value) || !find_end(scene, (uint32_t)value[APPRAISE]) ||
        (!scene->has_board && !learn_all(scene, CALL_RECOVER)) || !learn_all(scene, CALL_VERIFY))
        return false;
    *approved =
        scene->has_board ? scene->released : rows_say(&scene->memory, &w->rows) == OUTCOME_APPROVED;
    w->blocks_max += (scene->has_board ? 2 : 4) * scene->machine.blocks;
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
    static const char *const word[OUTCOMES] = {"released", "approved", "called verified",
                                               "rejected", "crashed",  "hung"};
    unsigned long long all = 0;

    printf("%s: %llu instructions executed at %llu places\n", name,
           (unsigned long long)tally->executed, (unsigned long long)tally->places);
    for (int model = 0; model < MODELS; model++) {
        const uint64_t *n = tally->tried[model];
        unsigned long long tried = 0;

        for (int outcome = 0; outcome < OUTCOMES; outcome++)
            tried += n[outcome];
        all += tried;
        printf("  %-16s %8llu tried", model_name((enum model)model), tried);
        for (int outcome = OUTCOMES - 1; outcome >= 0; outcome--)
            printf(" %8llu %s", (unsigned long long)n[outcome], word[outcome]);
        printf("\n");
    }
    for (size_t i = 0; i < tally->site_count && i < SITES_MAX; i++) {
        const struct site *site = &tally->site[i];

        printf("  %s: %s (%u) at 0x%08x, code %08x, instruction %llu\n", word[site->outcome],
               model_name(site->model), site->detail, site->address, site->code,
               (unsigned long long)site->when);
    }
    printf("  %llu faults in %.0f s, %llu false approvals, %llu releases\n", all, seconds,
           (unsigned long long)(of(tally, OUTCOME_APPROVED) + of(tally, OUTCOME_VERIFIED)),
           (unsigned long long)of(tally, OUTCOME_RELEASED));
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

    inner.from = &scene->recover_start;
    inner.walk_end = scene->recover_end;
    inner.bignum_whole = true;
    if (scene->recover_end && bignum)
        ok = ok && walk(&inner, tally);
    if (ok)
        print(name, tally, now() - began);
    return ok && of(tally, OUTCOME_RELEASED) + of(tally, OUTCOME_APPROVED) +
                         of(tally, OUTCOME_VERIFIED) ==
                     0;
}

int main(int argc, char **argv)
{
    unsigned long value[ARGUMENTS] = {[EVERY] = 1, [WORKERS] = 2, [ROWS] = 1};
    struct scene scene = {0};
    bool approved = false;

    if (argc < 5 || !read_arguments(argc - 5, argv + 5, value)) {
        fprintf(stderr, "usage: glitch CASE good|bad AGENT SOCKET NAME=NUMBER...\n");
        return 2;
    }
    scene.has_board = value[SLEEP] != 0;
    scene.board.sleep = (uint32_t)value[SLEEP];
    scene.board.log = (uint32_t)value[LOG];
    if (!(scene.has_board
              ? board_take(&scene.board, &scene.start, argv[3], argv[4],
                           (uint32_t)value[CYCLE_START], (uint32_t)value[IMAGE_FINISH],
                           (uint32_t)value[PARTITION])
              : snapshot_take(&scene.start, argv[3], argv[4], (uint32_t)value[CYCLE_START],
                              (uint32_t)value[IMAGE_FINISH])))
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
        printf("%s: %s without a fault, as it should be\n", argv[1],
               scene.has_board ? "released" : "approved");
        return 0;
    }
    return run_campaign(argv[1], &scene, value[BIGNUM] != 0) ? 0 : 1;
}
