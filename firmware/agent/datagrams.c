#include "agent/datagrams.h"

#include <string.h>

_Static_assert((int)HAL_NET_ADDRESS_MAX == (int)SEK_PEER_ADDRESS_MAX, "an address is copied whole");

void sek_datagrams_serve(struct sek_server *server, struct hal_net *net, uint64_t now_ms)
{
    for (unsigned i = 0; i < SEK_DATAGRAMS_MAX; i++) {
        struct sek_peer peer = {.link = SEK_LINK_NETWORK};
        uint8_t packet[SEK_COAP_PACKET_MAX], reply[SEK_COAP_PACKET_MAX];
        struct hal_net_address from;
        size_t len = 0;

        if (net->receive(net, &from, packet, sizeof packet, &len) != SEK_OK || len == 0)
            return;
        peer.len = from.len;
        memcpy(peer.address, from.bytes, sizeof peer.address);
        len = sek_server_handle(server, now_ms, &peer, (struct sek_bytes){packet, len}, reply,
                                sizeof reply);
        if (len > 0)
            net->send(net, &from, reply, len);
    }
}
