/* Datagrams over UDP, IPv4 and IPv6 on one socket. */
#ifndef SEK_HAL_LINUX_UDP_H
#define SEK_HAL_LINUX_UDP_H

#include "hal/net.h"

#include <stdint.h>

struct linux_udp {
    struct hal_net base;
    int fd; /* for poll(); -1: closed */
};

/* Listens on a port on all addresses; IPv4 alone where there is no IPv6. SEK_ERR_IO: errno tells.
 */
SEK_CHECKED enum sek_status linux_udp_open(struct linux_udp *udp, uint16_t port);

void linux_udp_close(struct linux_udp *udp);

#endif
