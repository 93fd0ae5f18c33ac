/* Where the run without a fault passes through a place, and with what. A run that comes to such a
 * place with the same registers and the same memory goes on as that one did: it can end there. */
#ifndef SEK_TESTS_GLITCH_MEETING_H
#define SEK_TESTS_GLITCH_MEETING_H

#include "tests/attack/glitch/memory.h"

enum { MEETING_PLACES = 2, MEETINGS_MAX = 16 };

struct meeting {
    struct state state;
    uint8_t *bytes[SNAPSHOT_REGIONS]; /* of what is writable */
};

struct meetings {
    uint32_t at[MEETING_PLACES]; /* entries of functions; 0: none */
    struct meeting list[MEETINGS_MAX];
    size_t count;
};

/* Keeps what the run without a fault has here. False: no room. */
bool meeting_keep(struct meetings *meetings, const struct state *state,
                  const struct memory *memory);

/* Is this what the n-th meeting had? What lies below the stack pointer does not count. */
bool meeting_is(const struct meetings *meetings, size_t n, const struct state *state,
                const struct memory *memory);

void meetings_drop(struct meetings *meetings);

#endif
