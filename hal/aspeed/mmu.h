/* Memory map of the core (ARMv7-A, short descriptors, sections of 1 MiB). */
#ifndef SEK_HAL_ASPEED_MMU_H
#define SEK_HAL_ASPEED_MMU_H

#include <stddef.h>
#include <stdint.h>

enum aspeed_mmu_kind {
    ASPEED_MMU_CODE,     /* read only, executable, cached */
    ASPEED_MMU_DATA,     /* read and write, never executed, cached */
    ASPEED_MMU_UNCACHED, /* memory that devices share */
    ASPEED_MMU_DEVICE,   /* registers */
};

struct aspeed_mmu_area {
    uint32_t from, size; /* multiples of 1 MiB */
    enum aspeed_mmu_kind kind;
};

enum { ASPEED_MMU_ENTRIES = 4096 };

/* Fills table (16 KiB, so aligned) and switches on MMU and caches. What no area names is not there:
 * also address 0. */
void aspeed_mmu_start(uint32_t table[ASPEED_MMU_ENTRIES], const struct aspeed_mmu_area *area,
                      size_t count);

/* Writes the caches back and drops them; interrupts, MMU and caches off; then jumps to entry with
 * r0 = 0, r1 = r1, r2 = r2 (Linux' booting document for ARM). Must run where virtual and physical
 * addresses are the same. */
_Noreturn void aspeed_mmu_leave(uint32_t entry, uint32_t r1, uint32_t r2);

#endif
