#include "hal/lwip/net.h"

#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/stats.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>

#include <string.h>

enum { FRAMES_PER_POLL = 8 };

/* lwIP knows no context for these two. */
static struct hal_clock *clock_of_lwip;
static struct hal_entropy *entropy_of_lwip;

u32_t sys_now(void)
{
    return (u32_t)clock_of_lwip->uptime_ms(clock_of_lwip);
}

uint32_t lwip_net_random(void)
{
    uint32_t value = 0;

    /* Transaction ids and ports: without random numbers they can be guessed, nothing more. */
    (void)!entropy_of_lwip->read(entropy_of_lwip, &value, sizeof value);
    return value;
}

/* ---- Frames ---- */

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    struct lwip_net *net = netif->state;
    uint8_t *buffer = net->link->buffer(net->link);

    if (!buffer)
        return ERR_BUF;
    net->link->send(net->link, pbuf_copy_partial(p, buffer, p->tot_len, 0));
    return ERR_OK;
}

static err_t init_interface(struct netif *netif)
{
    const struct lwip_net *net = netif->state;

    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = 1500;
    netif->hwaddr_len = sizeof net->link->address;
    memcpy(netif->hwaddr, net->link->address, sizeof net->link->address);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    return ERR_OK;
}

/* One frame of the controller to lwIP. False: there was none. */
static bool take_frame(struct lwip_net *net)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, PBUF_POOL_BUFSIZE, PBUF_POOL);
    size_t len;

    if (!p)
        return false;
    len = net->link->receive(net->link, p->payload, p->len);
    if (len == 0) {
        pbuf_free(p);
        return false;
    }
    pbuf_realloc(p, (u16_t)len);
    if (net->netif.input(p, &net->netif) != ERR_OK)
        pbuf_free(p);
    return true;
}

/* ---- Datagrams ---- */

static void keep_datagram(void *context, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                          u16_t port)
{
    struct lwip_net *net = context;
    unsigned slot = (net->head + net->count) % LWIP_NET_QUEUE;
    uint32_t address = ip4_addr_get_u32(ip_2_ip4(from));

    (void)pcb;
    if (net->count < LWIP_NET_QUEUE && p->tot_len <= LWIP_NET_DATAGRAM) {
        net->queue[slot].from = (struct hal_net_address){.len = LWIP_NET_ADDRESS};
        memcpy(net->queue[slot].from.bytes, &address, sizeof address);
        net->queue[slot].from.bytes[4] = (uint8_t)(port >> 8);
        net->queue[slot].from.bytes[5] = (uint8_t)port;
        net->queue[slot].len = pbuf_copy_partial(p, net->queue[slot].bytes, p->tot_len, 0);
        net->count++;
    }
    pbuf_free(p);
}

static enum sek_status net_receive(struct hal_net *base, struct hal_net_address *from, uint8_t *buf,
                                   size_t cap, size_t *len)
{
    struct lwip_net *net = (struct lwip_net *)base;

    *len = 0;
    lwip_net_poll(net);
    while (*len == 0 && net->count > 0) {
        size_t n = net->queue[net->head].len;

        if (n > 0 && n <= cap) {
            memcpy(buf, net->queue[net->head].bytes, n);
            *from = net->queue[net->head].from;
            *len = n;
        }
        net->head = (net->head + 1) % LWIP_NET_QUEUE;
        net->count--;
    }
    return SEK_OK;
}

static void net_send(struct hal_net *base, const struct hal_net_address *to, const void *data,
                     size_t len)
{
    struct lwip_net *net = (struct lwip_net *)base;
    struct pbuf *p;
    ip_addr_t address;
    uint32_t bytes;

    if (to->len != LWIP_NET_ADDRESS || len > UINT16_MAX)
        return;
    p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    if (!p)
        return;
    memcpy(&bytes, to->bytes, sizeof bytes);
    ip_addr_set_ip4_u32(&address, bytes);
    if (pbuf_take(p, data, (u16_t)len) == ERR_OK)
        (void)udp_sendto(net->pcb, p, &address, (u16_t)(to->bytes[4] << 8 | to->bytes[5]));
    pbuf_free(p);
}

void lwip_net_poll(struct lwip_net *net)
{
    for (unsigned i = 0; i < FRAMES_PER_POLL && take_frame(net); i++)
        ;
    sys_check_timeouts();
}

/* ---- Start ---- */

/* "192.0.2.7/24"; a gateway is not needed to answer who is near, and not guessed. */
static bool read_address(const char *text, ip4_addr_t *address, ip4_addr_t *mask)
{
    char number[IP4ADDR_STRLEN_MAX];
    const char *slash = strchr(text, '/');
    unsigned bits = 0;

    if (!slash || (size_t)(slash - text) >= sizeof number)
        return false;
    memcpy(number, text, (size_t)(slash - text));
    number[slash - text] = '\0';
    for (text = slash + 1; *text >= '0' && *text <= '9' && bits <= 32; text++)
        bits = bits * 10 + (unsigned)(*text - '0');
    if (*text || bits < 1 || bits > 32 || !ip4addr_aton(number, address))
        return false;
    ip4_addr_set_u32(mask, lwip_htonl(UINT32_MAX << (32 - bits)));
    return true;
}

enum sek_status lwip_net_start(struct lwip_net *net, struct lwip_link *link,
                               struct hal_clock *clock, struct hal_entropy *entropy,
                               const char *address, uint16_t port)
{
    ip4_addr_t own = {0}, mask = {0}, none = {0};

    if (address && !read_address(address, &own, &mask))
        return SEK_ERR_MALFORMED;
    memset(net, 0, sizeof *net);
    net->base = (struct hal_net){net_receive, net_send};
    net->link = link;
    net->clock = clock;
    clock_of_lwip = clock;
    entropy_of_lwip = entropy;
    lwip_init();
    if (!netif_add(&net->netif, &own, &mask, &none, net, init_interface, ethernet_input))
        return SEK_ERR_NO_SPACE;
    netif_set_default(&net->netif);
    netif_set_link_up(&net->netif);
    netif_set_up(&net->netif);
    net->pcb = udp_new();
    if (!net->pcb || udp_bind(net->pcb, IP_ADDR_ANY, port) != ERR_OK)
        return SEK_ERR_NO_SPACE;
    udp_recv(net->pcb, keep_datagram, net);
    if (!address && dhcp_start(&net->netif) != ERR_OK)
        return SEK_ERR_NO_SPACE;
    return SEK_OK;
}

bool lwip_net_address(const struct lwip_net *net, char text[16])
{
    if (ip4_addr_isany_val(*netif_ip4_addr(&net->netif)))
        return false;
    return ip4addr_ntoa_r(netif_ip4_addr(&net->netif), text, 16) != NULL;
}

size_t lwip_net_packets(void)
{
    return lwip_stats.memp[MEMP_PBUF_POOL]->max;
}
