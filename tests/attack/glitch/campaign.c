#include "tests/attack/glitch/campaign.h"

#include "tests/attack/glitch/thumb.h"
#include "trust/verdict.h"

#include <stdlib.h>
#include <string.h>

enum {
    WRITES_MAX = 64, /* of one instruction */
    ROWS_LOOKED_AT = 8,
    PROGRESS_EVERY = 4096,
    FLAGS = 28, /* N, Z, C, V: the top bits of CPSR */
};

struct write {
    uint32_t address, size;
};

/* An instruction, about to be executed. */
struct point {
    struct state state;
    uint32_t code;
    bool thumb;
    uint8_t it; /* state of the IT block that it stands in */
    uint64_t when;
};

struct walk {
    const struct window *window;
    struct tally *tally;
    struct memory own, tried; /* of the walker; of runner and stepper */
    struct machine walker, runner, stepper;
    struct meetings meetings;
    bool counting, started;
    struct point point; /* the last one seen; executed by now */
    struct write write[WRITES_MAX];
    size_t write_count;
    uint32_t *instances; /* of each place: all of them, from the counting walk */
    uint32_t *seen;      /* so far */
    uint64_t executed;   /* instructions in the walk */
};

const char *model_name(enum model model)
{
    static const char *const name[MODELS] = {
        [MODEL_SKIP_1] = "skip",      [MODEL_SKIP_2] = "skip of 2",
        [MODEL_SKIP_3] = "skip of 3", [MODEL_SKIP_4] = "skip of 4",
        [MODEL_ZERO] = "result 0",    [MODEL_ONES] = "result all ones",
        [MODEL_FLIP] = "flipped bit", [MODEL_INVERT] = "inverted branch",
    };

    return name[model];
}

static uint32_t word_at(struct memory *memory, uint32_t address)
{
    const uint8_t *bytes = memory_at(memory, address, 4);
    uint32_t word = 0;

    if (bytes)
        memcpy(&word, bytes, sizeof word);
    return word;
}

enum outcome rows_say(struct memory *memory, const struct rows *rows)
{
    enum outcome outcome = OUTCOME_DETECTED;
    uint32_t count = word_at(memory, rows->count_at);

    if (rows->table == 0)
        return outcome;
    for (uint32_t i = 0; i < ROWS_LOOKED_AT; i++) {
        uint32_t row = rows->table + i * rows->size;

        /* The word counts wherever it stands; integrity, a small number, in rows that are there. */
        if (word_at(memory, row + rows->verdict_at) == SEK_VERDICT_APPROVED)
            return OUTCOME_APPROVED;
        if (i < count && word_at(memory, row + rows->integrity_at) == SEK_INTEGRITY_VERIFIED)
            outcome = OUTCOME_VERIFIED;
    }
    return outcome;
}

/* ---- One try ---- */

static void finish(struct walk *walk, const struct state *state, bool alive, enum model model,
                   uint32_t detail)
{
    struct tally *tally = walk->tally;
    enum outcome outcome = OUTCOME_CRASHED, said;

    if (!alive && walk->window->board &&
        board_has_released(walk->stepper.uc, state->reg[SNAPSHOT_PC]))
        outcome = OUTCOME_RELEASED;
    if (alive) {
        walk->runner.met = walk->walker.met;
        enum stop stop = machine_run(&walk->runner, state, walk->window->run_end);

        outcome = stop == STOP_END        ? OUTCOME_DETECTED
                  : stop == STOP_RELEASED ? OUTCOME_RELEASED
                  : stop == STOP_HANG     ? OUTCOME_HUNG
                                          : OUTCOME_CRASHED;
    }
    said = rows_say(&walk->tried, &walk->window->rows);
    if (outcome != OUTCOME_RELEASED &&
        (said == OUTCOME_APPROVED || (said == OUTCOME_VERIFIED && outcome == OUTCOME_DETECTED)))
        outcome = said;
    if (outcome <= OUTCOME_VERIFIED) {
        uint32_t site = __atomic_fetch_add(&tally->site_count, 1, __ATOMIC_RELAXED);

        if (site < SITES_MAX)
            tally->site[site] = (struct site){walk->point.state.reg[SNAPSHOT_PC],
                                              walk->point.code,
                                              detail,
                                              walk->point.when,
                                              model,
                                              outcome};
    }
    __atomic_fetch_add(&tally->tried[model][outcome], 1, __ATOMIC_RELAXED);
}

static void set_it(struct state *state, uint8_t it)
{
    state->reg[SNAPSHOT_CPSR] = thumb_put_it(state->reg[SNAPSHOT_CPSR], it);
}

static uint32_t code_at(struct memory *memory, uint32_t address)
{
    uint8_t bytes[4] = {0};
    uint32_t code;

    for (uint32_t i = 0; i < 4; i += 2) { /* the last instruction of a region may be short */
        const uint8_t *at = memory_at(memory, address + i, 2);

        if (at)
            memcpy(bytes + i, at, 2);
    }
    memcpy(&code, bytes, sizeof code);
    return code;
}

static void try_skip(struct walk *walk, unsigned count)
{
    const struct point *p = &walk->point;
    struct state state = p->state;
    uint8_t it = p->it;

    for (unsigned i = 0; i < count; i++) {
        uint32_t *pc = &state.reg[SNAPSHOT_PC];

        *pc += thumb_len(code_at(&walk->tried, *pc), p->thumb);
        it = thumb_it_skip(it);
    }
    set_it(&state, it);
    memory_go_back(&walk->tried);
    finish(walk, &state, true, (enum model)(MODEL_SKIP_1 + count - 1), 0);
}

static void try_result(struct walk *walk, uint32_t value)
{
    const struct point *p = &walk->point;
    struct state state = p->state;
    uint32_t result = thumb_result(state.reg[SNAPSHOT_PC], p->code, p->thumb);
    enum model model = value ? MODEL_ONES : MODEL_ZERO;

    if (result & ~(UINT32_C(1) << SNAPSHOT_SP) || walk->write_count > 0)
        result &= ~(UINT32_C(1) << SNAPSHOT_SP);
    if (result == 0 && walk->write_count == 0)
        return; /* a branch */
    memory_go_back(&walk->tried);
    if (!machine_step(&walk->stepper, &state)) {
        finish(walk, &state, false, model, 0);
        return;
    }
    for (unsigned i = 0; i < SNAPSHOT_PC; i++)
        if (result & 1u << i)
            state.reg[i] = value;
    if (result & RESULT_FLAGS)
        state.reg[SNAPSHOT_CPSR] = (state.reg[SNAPSHOT_CPSR] & ~(UINT32_C(0xf) << FLAGS)) |
                                   (value & UINT32_C(0xf) << FLAGS);
    for (size_t i = 0; result == 0 && i < walk->write_count; i++)
        memset(memory_at(&walk->tried, walk->write[i].address, walk->write[i].size), (int)value,
               walk->write[i].size);
    set_it(&state, thumb_it_next(p->it, p->code));
    finish(walk, &state, true, model, 0);
}

/* Executes another encoding once, in the place of the right one. */
static void try_code(struct walk *walk, uint32_t code, enum model model, uint32_t detail)
{
    const struct point *p = &walk->point;
    struct state state = p->state;
    uint32_t pc = state.reg[SNAPSHOT_PC];
    unsigned len = thumb_len(p->code, p->thumb);
    uint8_t *at = memory_at(&walk->tried, pc, len);
    bool alive;

    memory_go_back(&walk->tried);
    memcpy(at, &code, len);
    machine_forget(&walk->stepper, pc);
    alive = machine_step(&walk->stepper, &state);
    memcpy(at, &p->code, len);
    machine_forget(&walk->stepper, pc);
    set_it(&state, p->thumb ? thumb_it_next(p->it, code) : 0);
    finish(walk, &state, alive, model, detail);
}

static void try_flip(struct walk *walk, unsigned bit)
{
    try_code(walk, walk->point.code ^ UINT32_C(1) << bit, MODEL_FLIP, bit);
}

/* Each bit at the first instance of a place, then one bit per instance, in turn. */
static void try_flips(struct walk *walk, uint32_t instance)
{
    unsigned bits = 8 * thumb_len(walk->point.code, walk->point.thumb);

    if (instance > 0)
        try_flip(walk, instance % bits);
    else
        for (unsigned bit = 0; bit < bits; bit++)
            try_flip(walk, bit);
}

static void try_all(struct walk *walk, uint32_t instance)
{
    uint32_t code = walk->point.code;

    for (unsigned count = 1; count <= 4; count++)
        try_skip(walk, count);
    try_result(walk, 0);
    try_result(walk, UINT32_MAX);
    try_flips(walk, instance);
    if (thumb_invert(&code, walk->point.thumb))
        try_code(walk, code, MODEL_INVERT, 0);
}

/* ---- The walk ---- */

static uint32_t place_of(const struct walk *walk, uint32_t address)
{
    return (address - walk->own.region[0].address) / 2;
}

/* The first, the last and some between, chosen by the address: three of bignum arithmetic. */
static bool is_chosen(const struct walk *walk, uint32_t place, uint32_t instance)
{
    uint32_t all = walk->instances[place], wanted = walk->window->instances;
    uint32_t first = place * UINT32_C(0x9e3779b1) % all;

    if (bignum_has(walk->window->bignum, walk->point.state.reg[SNAPSHOT_PC]))
        wanted = 3;
    return wanted == 0 || all <= wanted || instance == 0 || instance == all - 1 ||
           (instance + all - first) % all * (wanted - 2) % all < wanted - 2;
}

/* Is this instruction of the share, and of the sample? */
static bool is_wanted(const struct walk *walk)
{
    const struct window *w = walk->window;
    uint64_t when = walk->point.when;
    uint32_t pc = walk->point.state.reg[SNAPSHOT_PC];

    return when % w->every == 0 && when / w->every % w->workers == w->share &&
           (w->last == 0 || when + w->last >= walk->executed) &&
           (w->only.to == 0 || pc - w->only.from < w->only.to - w->only.from);
}

/* The point has been executed: its faults are tried, then memory is as it left it. */
static void leave_point(struct walk *walk)
{
    const struct window *w = walk->window;
    uint32_t place = place_of(walk, walk->point.state.reg[SNAPSHOT_PC]);
    uint32_t instance = walk->seen[place]++;

    if (walk->counting) {
        walk->instances[place]++;
        walk->executed++;
    } else {
        if (is_wanted(walk) && is_chosen(walk, place, instance))
            try_all(walk, instance);
        if (w->progress && walk->point.when % PROGRESS_EVERY == 0)
            w->progress(walk->point.when);
    }
    for (size_t i = 0; i < walk->write_count; i++) {
        const struct write *write = &walk->write[i];
        const uint8_t *bytes = memory_at(&walk->own, write->address, write->size);

        if (bytes && !walk->counting)
            memory_keep(&walk->tried, write->address, write->size, bytes);
    }
    walk->write_count = 0;
}

static void on_instruction(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    struct walk *walk = ctx;
    struct point *p = &walk->point;
    uint64_t when = walk->started ? p->when + 1 : 0;
    uint8_t it = walk->started ? thumb_it_next(p->it, p->code) : 0;

    (void)uc;
    (void)size;
    if (walk->started)
        leave_point(walk);
    walk->started = true;
    machine_get(&walk->walker, &p->state);
    p->state.reg[SNAPSHOT_PC] = (uint32_t)address;
    p->thumb = (p->state.reg[SNAPSHOT_CPSR] & THUMB_STATE) != 0;
    p->code = code_at(&walk->own, (uint32_t)address);
    p->it = p->thumb ? it : 0;
    p->when = when;
    set_it(&p->state, p->it);
}

static void on_write(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                     void *ctx)
{
    struct walk *walk = ctx;

    (void)uc;
    (void)type;
    (void)value;
    if (walk->write_count == WRITES_MAX)
        abort(); /* no instruction of the core writes so often */
    walk->write[walk->write_count++] = (struct write){(uint32_t)address, (uint32_t)size};
}

/* One walk through the window, for counting or for trying. */
static bool go(struct walk *walk, bool counting)
{
    const struct window *w = walk->window;
    struct state first = {0};
    uc_hook hook;
    bool ok;

    walk->counting = counting;
    walk->started = false;
    walk->write_count = 0;
    memcpy(first.reg, w->from->reg, sizeof first.reg);
    walk->walker = (struct machine){.calls = w->calls,
                                    .board.board = w->board,
                                    .answers[CALL_RECOVER] = !w->bignum_whole,
                                    .answers[CALL_VERIFY] = w->verify_answered,
                                    .meetings = &walk->meetings,
                                    .keeps = counting};
    ok = memory_make(&walk->own, w->from) && machine_make(&walk->walker, &walk->own, false) &&
         uc_hook_add(walk->walker.uc, &hook, UC_HOOK_CODE, (void *)on_instruction, walk, 1, 0) ==
             UC_ERR_OK &&
         uc_hook_add(walk->walker.uc, &hook, UC_HOOK_MEM_WRITE, (void *)on_write, walk, 1, 0) ==
             UC_ERR_OK;
    ok = ok && machine_run(&walk->walker, &first, w->walk_end) == STOP_END;
    if (ok)
        leave_point(walk);
    machine_drop(&walk->walker);
    memory_drop(&walk->own);
    return ok;
}

bool campaign_walk(const struct window *window, struct tally *tally)
{
    struct walk *walk = calloc(1, sizeof *walk);
    size_t places = window->from->region[0].size / 2;
    bool ok;

    walk->window = window;
    walk->tally = tally;
    memcpy(walk->meetings.at, window->meeting_at, sizeof walk->meetings.at);
    walk->instances = calloc(places, sizeof *walk->instances);
    walk->seen = calloc(places, sizeof *walk->seen);
    walk->runner = (struct machine){.calls = window->calls,
                                    .board.board = window->board,
                                    .meetings = &walk->meetings,
                                    .ends = true,
                                    .answers[CALL_RECOVER] = true,
                                    .answers[CALL_VERIFY] = true};
    walk->stepper.board.board = window->board;
    ok = memory_make(&walk->tried, window->from) &&
         machine_make(&walk->runner, &walk->tried, false) &&
         machine_make(&walk->stepper, &walk->tried, true);
    memcpy(walk->runner.bignum, window->bignum, sizeof window->bignum);
    walk->runner.blocks_max = window->blocks_max;
    walk->runner.bignum_blocks_max = window->bignum_blocks_max;
    ok = ok && go(walk, true);
    if (ok && window->share == 0) {
        tally->executed += walk->executed;
        for (size_t i = 0; i < places; i++)
            tally->places += walk->instances[i] > 0;
    }
    memset(walk->seen, 0, places * sizeof *walk->seen);
    ok = ok && go(walk, false);
    machine_drop(&walk->runner);
    machine_drop(&walk->stepper);
    memory_drop(&walk->tried);
    meetings_drop(&walk->meetings);
    free(walk->instances);
    free(walk->seen);
    free(walk);
    return ok;
}
