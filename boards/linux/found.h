/* The parts that Linux finds, as components of the inventory. */
#ifndef SEK_BOARDS_LINUX_FOUND_H
#define SEK_BOARDS_LINUX_FOUND_H

#include "agent/agent.h"
#include "hal/linux/parts.h"

#include <stdio.h>

struct linux_finder {
    struct sek_finder base;
    const char *root;          /* put in front of every path */
    struct linux_parts *found; /* whose texts the inventory borrows until they are found again */
};

/* sek_finder.find: all parts that the description does not name. Parts that cannot be told apart,
 * or are more than the tables hold, make found_count larger than found_cap. */
void linux_find(const struct sek_finder *finder, struct sek_inventory *inventory);

/* Says which privilege is wanting for each component that the last cycle could not read, and if the
 * tables cannot hold what is there. */
void linux_tell(const struct sek_agent *agent, FILE *out);

#endif
