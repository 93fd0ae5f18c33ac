/* Calls that go wrong on command: those of the crypto library (linked with --wrap) and those of
 * hal/ that pass through here. They are numbered from 0 in the order in which they are made. */
#ifndef SEK_TESTS_ATTACK_FAULTY_H
#define SEK_TESTS_ATTACK_FAULTY_H

#include "hal/clock.h"
#include "hal/digest.h"
#include "hal/entropy.h"
#include "hal/media.h"
#include "hal/registers.h"
#include "hal/uart.h"
#include "hal/vault.h"

#include <stdbool.h>
#include <stddef.h>

/* How a call goes wrong; where a call cannot go wrong like that, it goes right. */
enum faulty {
    FAULTY_RIGHT,
    FAULTY_FAILS,
    FAULTY_SHORT, /* half of what was asked for, as if it were all */
    FAULTY_IDLE,  /* success without having done anything */
    FAULTY_WAYS,
};

/* Which calls go wrong. */
enum faulty_reach {
    FAULTY_ONCE,         /* one call */
    FAULTY_ITS_FUNCTION, /* it, and all later calls of the same function */
    FAULTY_ALL,          /* it, and all later calls */
};

/* From now on this call goes wrong like that; counting begins anew. */
void faulty_plan(enum faulty way, size_t call, enum faulty_reach reach);
void faulty_stop(void); /* all goes right, nothing is counted */

/* Calls made since faulty_plan; the function of the n-th of them, NULL if there was none. */
size_t faulty_calls(void);
const char *faulty_function(size_t call);

/* What the call that asks is to do. name: constant text, of the function. */
enum faulty faulty_next(const char *name);

/* Devices of a board, each put in front of the real one. */
struct faulty_devices {
    struct hal_media media, *real_media;
    struct sek_source source, *real_source; /* of the medium that is open */
    struct hal_clock clock, *real_clock;
    struct hal_entropy entropy, *real_entropy;
    struct hal_vault vault, *real_vault;
    struct hal_registers registers, *real_registers;
    struct hal_uart uart, *real_uart;
    struct hal_digest hook;
    const struct hal_digest *real_hook;
};

/* Fills in the devices in front; the real ones are set. */
void faulty_devices_init(struct faulty_devices *devices);

#endif
