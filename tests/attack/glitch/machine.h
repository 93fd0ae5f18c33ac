/* Engines of Unicorn over a program's memory. */
#ifndef SEK_TESTS_GLITCH_MACHINE_H
#define SEK_TESTS_GLITCH_MACHINE_H

#include "tests/attack/glitch/board.h"
#include "tests/attack/glitch/calls.h"
#include "tests/attack/glitch/meeting.h"

#include <unicorn/unicorn.h>

enum stop {
    STOP_END,      /* came to the end of the window; a board: sleeps, having nothing more to do */
    STOP_RELEASED, /* a board: executes the system that was measured */
    STOP_CRASH,    /* memory that is not there, no instruction, a call of the system */
    STOP_HANG,     /* far more blocks than the run without a fault */
};

enum { BIGNUM_RANGES = 3 };

/* Addresses of code, to excluded. */
struct range {
    uint32_t from, to;
};
bool bignum_has(const struct range bignum[BIGNUM_RANGES], uint32_t address);

struct machine {
    uc_engine *uc;
    struct memory *memory;
    const struct calls *calls;
    struct board_view board;
    struct meetings *meetings; /* NULL: none are looked for */
    size_t met;                /* so far */
    bool keeps;                /* is the run without a fault: they are its */
    bool ends, meets;          /* a run ends where it meets that one; it did */
    bool answers[CALLS];       /* which of them are answered from what is known */
    /* Blocks of instructions executed, in bignum arithmetic and elsewhere, and how many are a hang.
     */
    struct range bignum[BIGNUM_RANGES];
    uint64_t blocks, blocks_max, bignum_blocks, bignum_blocks_max;
    bool hung, called;
    bool stop_at_call; /* that is not known: then it is false, and call the state at its entry */
    struct state call;
};

/* An engine over memory, without limits, which answers calls as the machine says; counted: for
 * steps of one instruction. */
bool machine_make(struct machine *machine, struct memory *memory, bool counted);
void machine_drop(struct machine *machine);

void machine_set(struct machine *machine, const struct state *state);
void machine_get(struct machine *machine, struct state *state);

/* Runs from a state to an address. */
enum stop machine_run(struct machine *machine, const struct state *state, uint32_t end);

/* Runs one instruction of a state. False: it crashes. */
bool machine_step(struct machine *machine, struct state *state);

/* Forgets what was translated of the bytes at an address. */
void machine_forget(struct machine *machine, uint32_t address);

#endif
