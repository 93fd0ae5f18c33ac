/* Registers of the chip that tell whether somebody else can reach in: debug ports, host bridges. */
#ifndef SEK_HAL_REGISTERS_H
#define SEK_HAL_REGISTERS_H

#include "base/status.h"

#include <stdint.h>

struct hal_registers {
    /* Reads one 32-bit register at a physical address that is a multiple of 4. SEK_ERR_IO: it
     * cannot be read; *value untouched. */
    enum sek_status (*read)(struct hal_registers *registers, uint32_t address, uint32_t *value);
};

#endif
