/* The board's Ethernet controller under lwIP. */
#ifndef SEK_BOARDS_FUJI_BMC_NETWORK_H
#define SEK_BOARDS_FUJI_BMC_NETWORK_H

#include "hal/aspeed/mac.h"
#include "hal/lwip/net.h"

enum { BOARD_COAP_PORT = 5683 };

struct board_network {
    struct lwip_link link;
    struct aspeed_mac mac;
    struct lwip_net net;
    bool up, told;
};

/* A fixed address stands at the controller's node of the description; else DHCP. False: there is no
 * network; the console is enough. */
bool board_network_start(struct board_network *network, struct hal_clock *clock,
                         struct hal_entropy *entropy, const void *description);

/* True once: it has an address, now as text. */
bool board_network_news(struct board_network *network, char text[16]);

void board_network_interrupt(const struct board_network *network);

/* Off, for the system that is started next. */
void board_network_stop(const struct board_network *network);

#endif
