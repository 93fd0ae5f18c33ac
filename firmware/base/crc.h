/* Checksums of the formats we read. None of them protects against an attacker. */
#ifndef SEK_BASE_CRC_H
#define SEK_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 of zlib and Ethernet (reflected EDB88320, start and final XOR FFFFFFFF). To go on over
 * several pieces, hand in the last result; the first crc is 0. Check: "123456789" -> CBF43926. */
uint32_t sek_crc32(uint32_t crc, const void *data, size_t len);

/* CRC-16/XMODEM (polynomial 1021, start 0, not reflected). Go on as above, first crc 0.
 * Check: "123456789" -> 31C3. */
uint16_t sek_crc16(uint16_t crc, const void *data, size_t len);

/* Sum of the bytes modulo 256, as SFF and IPMI FRU records use it. */
uint8_t sek_sum8(const void *data, size_t len);

#endif
