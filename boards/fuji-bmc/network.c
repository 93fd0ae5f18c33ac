#include "boards/fuji-bmc/network.h"

#include "hal/aspeed/ast2600.h"

#include <libfdt.h>

#include <string.h>

/* Uncached: the controller reads and writes it by itself. */
static struct aspeed_mac_memory mac_memory __attribute__((section(".sram")));

static struct aspeed_mac *mac_of(struct lwip_link *link)
{
    return &((struct board_network *)link)->mac; /* link is first */
}

static size_t receive_frame(struct lwip_link *link, uint8_t *frame, size_t cap)
{
    return aspeed_mac_receive(mac_of(link), frame, cap);
}

static uint8_t *frame_buffer(struct lwip_link *link)
{
    return aspeed_mac_buffer(mac_of(link));
}

static void send_frame(struct lwip_link *link, size_t len)
{
    aspeed_mac_send(mac_of(link), len);
}

bool board_network_start(struct board_network *network, struct hal_clock *clock,
                         struct hal_entropy *entropy, const void *description)
{
    int node = fdt_path_offset(description, "/ethernet@1e690000");
    const char *address = fdt_getprop(description, node, "sekisho,address", NULL);

    if (node < 0 ||
        aspeed_mac_start(&network->mac, AST2600_MAC4, AST2600_MDIO4, &mac_memory) != SEK_OK)
        return false;
    network->link = (struct lwip_link){receive_frame, frame_buffer, send_frame, {0}};
    memcpy(network->link.address, network->mac.address, sizeof network->link.address);
    network->up = lwip_net_start(&network->net, &network->link, clock, entropy, address,
                                 BOARD_COAP_PORT) == SEK_OK;
    return network->up;
}

bool board_network_news(struct board_network *network, char text[16])
{
    if (network->told || !lwip_net_address(&network->net, text))
        return false;
    network->told = true;
    return true;
}

void board_network_interrupt(const struct board_network *network)
{
    aspeed_mac_interrupt(&network->mac);
}

void board_network_stop(const struct board_network *network)
{
    if (network->up)
        aspeed_mac_stop(&network->mac);
}
