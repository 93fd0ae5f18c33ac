/* The management board under a gate, as far as the way from a measured image to the started system
 * touches it: memory, a serial line that always has room, a clock that goes on while the processor
 * sleeps, random numbers. Flash is not there: what reads it dies, as from a fault of the bus. */
#ifndef SEK_TESTS_GLITCH_BOARD_H
#define SEK_TESTS_GLITCH_BOARD_H

#include "tests/attack/glitch/memory.h"

#include <unicorn/unicorn.h>

enum {
    BOARD_COUNTERS = 8,
    BOARD_SLEEPS = 4, /* of a run: a decision, a release and two more */
};

struct board {
    uint32_t sleep; /* address of its one wfi */
    uint32_t log;   /* of a release's call that signs its log: answered, as done; 0: it runs */
    size_t counter_count;
    struct {
        uint32_t at, code;
    } counter[BOARD_COUNTERS]; /* where it reads its clock */
};

/* What one engine sees of it. */
struct board_view {
    const struct board *board; /* NULL: no board */
    struct memory *memory;
    unsigned sleeps, last_sleep; /* so far; of the run */
    bool asleep;                 /* for the last time: it has nothing more to do */
};

/* Takes counter, memory and registers of the board whose stub waits at this socket, as
 * snapshot_take does; partition: bytes of the boot partition, which it keeps in memory. False: said
 * on standard error.
 */
bool board_take(struct board *board, struct snapshot *out, const char *elf, const char *socket,
                uint32_t first, uint32_t second, uint32_t partition);

/* Puts the board under an engine; the view outlives it. */
bool board_attach(struct board_view *view, uc_engine *uc);

/* A run or a step begins: the MMU is on. */
void board_start(struct board_view *view, uc_engine *uc);

/* Is the system that was measured about to be executed? With the MMU on nothing of it can be. */
bool board_has_released(uc_engine *uc, uint32_t pc);

#endif
