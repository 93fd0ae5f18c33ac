#include "hal/aspeed/scu.h"

#include "hal/aspeed/ast2600.h"
#include "hal/aspeed/mmio.h"

#include <stdbool.h>

enum { SCU_SIZE = 0x1000, SBC_SIZE = 0x1000 };
#define SCU_UNLOCK UINT32_C(0x1688a8a8)

static bool in_scu(uint32_t address)
{
    return address >= AST2600_SCU && address - AST2600_SCU < SCU_SIZE && address % 4 == 0;
}

static bool in_sbc(uint32_t address)
{
    return address >= AST2600_SBC && address - AST2600_SBC < SBC_SIZE && address % 4 == 0;
}

static enum sek_status scu_read(struct hal_registers *registers, uint32_t address, uint32_t *value)
{
    (void)registers;
    if (!in_scu(address) && !in_sbc(address))
        return SEK_ERR_IO;
    *value = aspeed_get(address);
    return SEK_OK;
}

void aspeed_scu_start(struct aspeed_scu *scu)
{
    scu->base.read = scu_read;
}

enum sek_status aspeed_scu_set(uint32_t address, uint32_t mask, uint32_t value)
{
    if (!in_scu(address))
        return SEK_ERR_RANGE;
    aspeed_put(AST2600_SCU, SCU_UNLOCK);
    aspeed_put(address, (aspeed_get(address) & ~mask) | (value & mask));
    aspeed_put(AST2600_SCU, 0); /* anything else locks it again */
    return (aspeed_get(address) & mask) == (value & mask) ? SEK_OK : SEK_ERR_IO;
}
