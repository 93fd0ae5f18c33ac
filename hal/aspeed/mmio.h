/* Registers of the SoC. Addresses are plain numbers, so that tests can hand in memory. */
#ifndef SEK_HAL_ASPEED_MMIO_H
#define SEK_HAL_ASPEED_MMIO_H

#include <stdint.h>

static inline uint32_t aspeed_get(uintptr_t at)
{
    return *(const volatile uint32_t *)at;
}

static inline void aspeed_put(uintptr_t at, uint32_t value)
{
    *(volatile uint32_t *)at = value;
}

/* One byte of a window behind which a chip takes and gives bytes. */
static inline uint8_t aspeed_get8(uintptr_t at)
{
    return *(const volatile uint8_t *)at;
}

static inline void aspeed_put8(uintptr_t at, uint8_t value)
{
    *(volatile uint8_t *)at = value;
}

#endif
