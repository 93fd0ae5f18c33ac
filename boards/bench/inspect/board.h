/* A dump of a flash chip, read as its board description says: the same cycle as on the device. */
#ifndef SEK_BENCH_INSPECT_BOARD_H
#define SEK_BENCH_INSPECT_BOARD_H

#include "agent/cycle.h"
#include "boards/bench/store/store.h"

enum { BOARD_UNITS = 256, BOARD_CHIPS = 16 };

/* A description and what of it is on one chip. */
struct board {
    struct store_tree tree; /* owned */
    struct sek_unit unit[BOARD_UNITS];
    struct sek_chip chips[BOARD_CHIPS];
    struct sek_inventory inventory; /* of the chip alone */
    size_t elsewhere;               /* components of the description that are not on it */
};

/* Reads a description (.dts or .dtb) for one chip of it: "spi0.0", or its label; NULL: the first.
 * False after a message; else board_free releases. */
bool board_read(struct board *board, const char *path, const char *chip);
void board_free(struct board *board);

/* Measures and judges a dump of that chip. memory: all of cycle's tables; image.candidate is set
 * anew. Rows are in memory->row; *count of them. SEK_ERR_NO_SPACE: more than a table holds, what is
 * there is not all. */
SEK_CHECKED enum sek_status board_judge(const struct board *board, struct sek_source *dump,
                                        const struct hal_digest *hook,
                                        const struct sek_appraiser *appraiser,
                                        const struct sek_cycle_memory *memory, size_t *count);

#endif
