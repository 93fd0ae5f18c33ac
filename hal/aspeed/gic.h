/* Interrupt controller (ARM GIC-400). Which interrupt is whose is the board's business. */
#ifndef SEK_HAL_ASPEED_GIC_H
#define SEK_HAL_ASPEED_GIC_H

#include <stdint.h>

enum { ASPEED_GIC_NONE = 1020 }; /* ids from here on: nothing is pending */

/* Opens the controller for this core; all interrupts are off. */
void aspeed_gic_start(void);

void aspeed_gic_enable(unsigned id);

/* In the handler: which interrupt it is, and that it has been dealt with. */
unsigned aspeed_gic_begin(void);
void aspeed_gic_end(unsigned id);

/* All off, for the system that is started next. */
void aspeed_gic_stop(void);

#endif
