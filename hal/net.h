/* Datagrams from and to peers whose addresses are opaque bytes. */
#ifndef SEK_HAL_NET_H
#define SEK_HAL_NET_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum { HAL_NET_ADDRESS_MAX = 28 }; /* bytes: a sockaddr_in6 fits */

struct hal_net_address {
    uint8_t len;
    uint8_t bytes[HAL_NET_ADDRESS_MAX]; /* behind len: zero */
};

struct hal_net {
    /* Takes one datagram that has arrived; *len 0: none. A datagram longer than cap is dropped. */
    enum sek_status (*receive)(struct hal_net *net, struct hal_net_address *from, uint8_t *buf,
                               size_t cap, size_t *len);
    /* Sends one datagram, or drops it: nobody waits. */
    void (*send)(struct hal_net *net, const struct hal_net_address *to, const void *data,
                 size_t len);
};

#endif
