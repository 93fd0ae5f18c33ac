/* hal/net.h on one UDP port of one Ethernet interface. */
#ifndef SEK_HAL_LWIP_NET_H
#define SEK_HAL_LWIP_NET_H

#include "hal/clock.h"
#include "hal/entropy.h"
#include "hal/net.h"

#include <lwip/netif.h>

#include <stdbool.h>

enum {
    LWIP_NET_QUEUE = 4,       /* datagrams that wait for the server */
    LWIP_NET_DATAGRAM = 1280, /* bytes; longer ones are dropped */
    LWIP_NET_ADDRESS = 6,     /* IPv4 address and port */
};

/* The board's controller. */
struct lwip_link {
    size_t (*receive)(struct lwip_link *link, uint8_t *frame, size_t cap); /* 0: none */
    uint8_t *(*buffer)(struct lwip_link *link);                            /* NULL: none free */
    void (*send)(struct lwip_link *link, size_t len);
    uint8_t address[6];
};

struct lwip_net {
    struct hal_net base;
    struct lwip_link *link;
    struct hal_clock *clock;
    struct netif netif;
    struct udp_pcb *pcb;
    struct {
        struct hal_net_address from;
        uint16_t len;
        uint8_t bytes[LWIP_NET_DATAGRAM];
    } queue[LWIP_NET_QUEUE];
    unsigned head, count;
};

/* Starts IP on the link and UDP on the port. address: "192.0.2.7/24", or NULL: by DHCP. One per
 * program: lwIP is. SEK_ERR_MALFORMED: no such address. SEK_ERR_NO_SPACE: lwIP's memory. */
SEK_CHECKED enum sek_status lwip_net_start(struct lwip_net *net, struct lwip_link *link,
                                           struct hal_clock *clock, struct hal_entropy *entropy,
                                           const char *address, uint16_t port);

/* Takes frames that have arrived and lets lwIP's timers run: call it often. */
void lwip_net_poll(struct lwip_net *net);

/* Buffers of received frames that were in use at once, at most so far. */
size_t lwip_net_packets(void);

/* True if the interface has an address; it is then written as text. */
bool lwip_net_address(const struct lwip_net *net, char text[16]);

#endif
