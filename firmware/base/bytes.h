/* Byte order: integers from and to memory of any alignment. The caller has checked the length. */
#ifndef SEK_BASE_BYTES_H
#define SEK_BASE_BYTES_H

#include <stdint.h>

static inline uint16_t sek_get_u16le(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint16_t sek_get_u16be(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t sek_get_u32le(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint32_t sek_get_u32be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline uint64_t sek_get_u64be(const uint8_t *p)
{
    return (uint64_t)sek_get_u32be(p) << 32 | sek_get_u32be(p + 4);
}

static inline void sek_put_u16be(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void sek_put_u32be(uint8_t *p, uint32_t value)
{
    sek_put_u16be(p, (uint16_t)(value >> 16));
    sek_put_u16be(p + 2, (uint16_t)value);
}

static inline void sek_put_u64be(uint8_t *p, uint64_t value)
{
    sek_put_u32be(p, (uint32_t)(value >> 32));
    sek_put_u32be(p + 4, (uint32_t)value);
}

#endif
