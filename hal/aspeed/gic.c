#include "hal/aspeed/gic.h"

#include "hal/aspeed/ast2600.h"
#include "hal/aspeed/mmio.h"

enum {
    DIST_CTLR = 0x000,
    DIST_ENABLE = 0x100,
    DIST_DISABLE = 0x180,
    DIST_PRIORITY = 0x400,
    DIST_TARGET = 0x800,
    CPU_CTLR = 0x00,
    CPU_MASK = 0x04,
    CPU_ACK = 0x0c,
    CPU_END = 0x10,
    LINES = 8, /* words of 32 interrupts */
    ID_MASK = 0x3ff,
};

static void all_off(void)
{
    for (uint32_t i = 0; i < LINES; i++)
        aspeed_put(AST2600_GIC_DIST + DIST_DISABLE + 4 * i, 0xffffffff);
}

void aspeed_gic_start(void)
{
    all_off();
    aspeed_put(AST2600_GIC_DIST + DIST_CTLR, 1);
    aspeed_put(AST2600_GIC_CPU + CPU_MASK, 0xf0);
    aspeed_put(AST2600_GIC_CPU + CPU_CTLR, 1);
}

void aspeed_gic_enable(unsigned id)
{
    volatile uint8_t *priority = (volatile uint8_t *)(AST2600_GIC_DIST + DIST_PRIORITY) + id;
    volatile uint8_t *target = (volatile uint8_t *)(AST2600_GIC_DIST + DIST_TARGET) + id;

    *priority = 0x80;
    *target = 1;
    aspeed_put(AST2600_GIC_DIST + DIST_ENABLE + 4 * (id / 32), UINT32_C(1) << (id % 32));
}

unsigned aspeed_gic_begin(void)
{
    return aspeed_get(AST2600_GIC_CPU + CPU_ACK) & ID_MASK;
}

void aspeed_gic_end(unsigned id)
{
    aspeed_put(AST2600_GIC_CPU + CPU_END, id);
}

void aspeed_gic_stop(void)
{
    all_off();
    aspeed_put(AST2600_GIC_CPU + CPU_CTLR, 0);
    aspeed_put(AST2600_GIC_DIST + DIST_CTLR, 0);
}
