/* Registers through /dev/mem. */
#ifndef SEK_HAL_LINUX_REGISTERS_H
#define SEK_HAL_LINUX_REGISTERS_H

#include "hal/registers.h"

struct linux_registers {
    struct hal_registers base;
    const char *root; /* put in front of /dev/mem, for tests; "" in service */
};

/* Needs CAP_SYS_RAWIO and a kernel that lets device registers be mapped; else each read is
 * SEK_ERR_IO. */
void linux_registers_init(struct linux_registers *registers, const char *root);

#endif
