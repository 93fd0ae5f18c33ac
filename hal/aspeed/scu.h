/* System control unit: registers that tell who else can reach in, and the gates of bridges. */
#ifndef SEK_HAL_ASPEED_SCU_H
#define SEK_HAL_ASPEED_SCU_H

#include "hal/registers.h"

/* Reads registers of the system control unit and the secure boot controller, and no others. */
struct aspeed_scu {
    struct hal_registers base;
};

void aspeed_scu_start(struct aspeed_scu *scu);

/* Sets the bits under mask to value in one register of the system control unit, which is unlocked
 * for it. SEK_ERR_RANGE: no register of it. SEK_ERR_IO: it does not read so afterwards. */
SEK_CHECKED enum sek_status aspeed_scu_set(uint32_t address, uint32_t mask, uint32_t value);

#endif
