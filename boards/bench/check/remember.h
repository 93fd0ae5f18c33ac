/* What the bench remembers of a device from one check to the next: its boot count and boot seed. */
#ifndef SEK_BENCH_CHECK_REMEMBER_H
#define SEK_BENCH_CHECK_REMEMBER_H

#include "evidence/token.h"

enum remember {
    REMEMBER_NEW,     /* never seen */
    REMEMBER_FORWARD, /* the same start, or a later one; or it counts none, and never did */
    REMEMBER_BACK,    /* an earlier one, or two starts of one count: EV-006 */
    REMEMBER_LOST,    /* the state folder cannot be used */
};

/* Compares with what was remembered of the same device and key and remembers the later one: a gate
 * and the agent of the system that it starts count for themselves. state_dir: --state, or NULL. */
enum remember remember_boot(const char *state_dir, const uint8_t key_id[SEK_KEY_ID_LEN],
                            const struct sek_token *claims);

#endif
