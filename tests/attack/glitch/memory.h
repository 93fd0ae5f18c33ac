/* A program's state: registers, and memory that goes back to where it was after each try. */
#ifndef SEK_TESTS_GLITCH_MEMORY_H
#define SEK_TESTS_GLITCH_MEMORY_H

#include "tests/attack/glitch/snapshot.h"

enum { STATE_VECTORS = 32 };

/* All that an instruction can see besides memory. */
struct state {
    uint32_t reg[SNAPSHOT_REGISTERS];
    uint64_t vector[STATE_VECTORS]; /* d0 to d31 */
    uint32_t fpscr;
    unsigned sleeps; /* of a board, so far: its clock */
};

struct memory {
    struct region region[SNAPSHOT_REGIONS]; /* bytes: what the engines see */
    struct region base[SNAPSHOT_REGIONS];   /* what they go back to */
    size_t count;
};

/* Copies of the snapshot's memory, private to the caller. */
bool memory_make(struct memory *memory, const struct snapshot *snapshot);
void memory_drop(struct memory *memory);
void memory_go_back(struct memory *memory);
/* What the engines see at an address; NULL: not len bytes of one region. */
uint8_t *memory_at(struct memory *memory, uint32_t address, size_t len);
/* Makes these bytes what memory goes back to. */
void memory_keep(struct memory *memory, uint32_t address, size_t len, const uint8_t *bytes);

#endif
