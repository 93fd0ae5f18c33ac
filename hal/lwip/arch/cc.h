/* lwIP's view of the compiler. */
#ifndef SEK_HAL_LWIP_ARCH_CC_H
#define SEK_HAL_LWIP_ARCH_CC_H

#include <stdint.h>

#define LWIP_NO_CTYPE_H         1
#define LWIP_NO_INTTYPES_H      1
#define LWIP_PLATFORM_DIAG(x)   ((void)0)
#define LWIP_PLATFORM_ASSERT(x) __builtin_trap()
#define LWIP_RAND()             lwip_net_random()

uint32_t lwip_net_random(void); /* hal/lwip/net.c */

#endif
