/* A program in the middle of its work: registers and memory, taken from the real one as it runs
 * under qemu, a process or a whole board, through its GDB stub. */
#ifndef SEK_TESTS_GLITCH_SNAPSHOT_H
#define SEK_TESTS_GLITCH_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SNAPSHOT_REGISTERS = 17,
    SNAPSHOT_SP = 13,
    SNAPSHOT_LR = 14,
    SNAPSHOT_PC = 15,
    SNAPSHOT_CPSR = 16
};
enum { SNAPSHOT_REGIONS = 16 };

/* Memory of the program; what is not writable comes from its file. */
struct region {
    uint32_t address, size; /* whole pages */
    bool writable;
    uint8_t *bytes; /* the snapshot's */
};

/* The len bytes at an address, if all of them are in one of the regions; else NULL. */
uint8_t *region_at(const struct region *region, size_t count, uint32_t address, size_t len);

struct snapshot {
    uint32_t reg[SNAPSHOT_REGISTERS]; /* r0 to r15, CPSR */
    struct region region[SNAPSHOT_REGIONS];
    size_t region_count;
};

/* Talks to the stub that waits at this Unix socket: runs the program of this ELF file to the first
 * address, then to the second, then takes what there is and lets the program die. False: said on
 * standard error. */
bool snapshot_take(struct snapshot *out, const char *elf, const char *socket, uint32_t first,
                   uint32_t second);

/* Memory that a board has besides the segments of its program. */
struct area {
    uint32_t from, size;
    bool fresh; /* zeros, not what stands there: devices, and what nothing has written yet */
};

/* The same of a program that has the board for itself: all of its segments, then these areas. */
bool snapshot_take_board(struct snapshot *out, const char *elf, const char *socket, uint32_t first,
                         uint32_t second, const struct area *area, size_t area_count);
void snapshot_free(struct snapshot *snapshot);

#endif
