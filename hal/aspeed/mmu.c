#include "hal/aspeed/mmu.h"

/* Section descriptors, ARM DDI 0406C, B3.5.1: TEX, C, B, AP, XN, S. */
enum {
    SECTION = 2,
    B = 1 << 2,
    C = 1 << 3,
    XN = 1 << 4,
    AP_WRITE = 1 << 10, /* privileged read and write */
    TEX1 = 1 << 12,
    AP_READ_ONLY = 1 << 15 | 1 << 10,
};

static uint32_t bits_of(enum aspeed_mmu_kind kind)
{
    switch (kind) {
    case ASPEED_MMU_CODE:
        return SECTION | TEX1 | C | B | AP_READ_ONLY;
    case ASPEED_MMU_DATA:
        return SECTION | TEX1 | C | B | AP_WRITE | XN;
    case ASPEED_MMU_UNCACHED:
        return SECTION | TEX1 | AP_WRITE | XN;
    case ASPEED_MMU_DEVICE:
        return SECTION | B | AP_WRITE | XN;
    }
    return 0;
}

static void switch_on(const uint32_t *table)
{
    uint32_t zero = 0, client = 1, control;

    __asm__ volatile("mcr p15, 0, %0, c8, c7, 0\n\t" /* TLB */
                     "mcr p15, 0, %0, c7, c5, 0\n\t" /* instruction cache */
                     "mcr p15, 0, %0, c7, c5, 6\n\t" /* branch predictor */
                     "mcr p15, 0, %0, c2, c0, 2\n\t" /* TTBCR: TTBR0 for everything */
                     "mcr p15, 0, %1, c2, c0, 0\n\t"
                     "mcr p15, 0, %2, c3, c0, 0\n\t" /* domain 0: permissions count */
                     "dsb\n\tisb" ::"r"(zero),
                     "r"(table), "r"(client)
                     : "memory");
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(control));
    control |= 1u | 1u << 2 | 1u << 11 | 1u << 12; /* MMU, data, prediction, instructions */
    control &= ~(1u << 1 | 1u << 28 | 1u << 29);   /* no alignment faults, TEX and AP as above */
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 0\n\tisb" ::"r"(control) : "memory");
}

/* ARM DDI 0406C, B2.2.7, "cleaning and invalidating by set and way", for every level of data. */
static void clean_level(uint32_t level)
{
    uint32_t id, select = level << 1;

    __asm__ volatile("mcr p15, 2, %1, c0, c0, 0\n\tisb\n\tmrc p15, 1, %0, c0, c0, 0"
                     : "=r"(id)
                     : "r"(select));
    uint32_t line = (id & 7) + 4, ways = id >> 3 & 0x3ff, sets = id >> 13 & 0x7fff;
    uint32_t shift = ways ? (uint32_t)__builtin_clz(ways) : 0;

    for (uint32_t way = 0; way <= ways; way++) {
        for (uint32_t set = 0; set <= sets; set++) {
            uint32_t what = way << shift | set << line | select;

            __asm__ volatile("mcr p15, 0, %0, c7, c14, 2" ::"r"(what) : "memory");
        }
    }
}

void aspeed_mmu_start(uint32_t table[ASPEED_MMU_ENTRIES], const struct aspeed_mmu_area *area,
                      size_t count)
{
    for (uint32_t i = 0; i < ASPEED_MMU_ENTRIES; i++)
        table[i] = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t at = 0; at < area[i].size >> 20; at++) {
            uint32_t section = (area[i].from >> 20) + at;

            table[section % ASPEED_MMU_ENTRIES] = section << 20 | bits_of(area[i].kind);
        }
    }
    switch_on(table);
}

/* Never part of its caller: who falls into it by a fault brings no entry along. */
__attribute__((noinline)) _Noreturn void aspeed_mmu_leave(uint32_t entry, uint32_t r1, uint32_t r2)
{
    uint32_t levels, control;

    __asm__ volatile("cpsid aif\n\tmrc p15, 1, %0, c0, c0, 1" : "=r"(levels)::"memory");
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(control));
    control &= ~(1u << 2);
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 0\n\tisb\n\tdsb" ::"r"(control) : "memory");
    for (uint32_t level = 0; level < 7; level++) {
        uint32_t kind = levels >> 3 * level & 7;

        if (kind == 0)
            break;
        if (kind >= 2)
            clean_level(level);
    }
    control &= ~(1u | 1u << 11 | 1u << 12);
    __asm__ volatile("dsb\n\tisb\n\t"
                     "mcr p15, 0, %0, c1, c0, 0\n\t"
                     "mcr p15, 0, %1, c7, c5, 0\n\t"
                     "mcr p15, 0, %1, c7, c5, 6\n\t"
                     "mcr p15, 0, %1, c8, c7, 0\n\t"
                     "dsb\n\tisb" ::"r"(control),
                     "r"(0)
                     : "memory");
    ((void (*)(uint32_t, uint32_t, uint32_t))(uintptr_t)entry)(0, r1, r2);
    __builtin_unreachable();
}
