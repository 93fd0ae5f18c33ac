#include "hal/aspeed/mac.h"

#include "hal/aspeed/mmio.h"

#include <string.h>

enum {
    STATUS = 0x00,
    INTERRUPTS = 0x04,
    ADDRESS_HIGH = 0x08,
    ADDRESS_LOW = 0x0c,
    TX_POLL = 0x18,
    RX_POLL = 0x1c,
    TX_RING = 0x20,
    RX_RING = 0x24,
    RX_BUFFER_SIZE = 0x4c,
    CONTROL = 0x50,
    INTERRUPT_RECEIVED = 1 << 0,
    INTERRUPT_NO_BUFFER = 1 << 1,
    CONTROL_DMA_AND_MACS = 0xf,
    CONTROL_FULL_DUPLEX = 1 << 8,
    CONTROL_GIGABIT = 1 << 9,
    CONTROL_RUNT = 1 << 12,
    CONTROL_BROADCAST = 1 << 17,
    CONTROL_FAST = 1 << 19,
    RESET_SPINS = 1000 * 1000,
    MDIO_SPINS = 100 * 1000,
    FRAME_MIN = 60,
    CHECKSUM = 4,
};

#define CONTROL_RESET (UINT32_C(1) << 31)

/* First word of a descriptor. */
#define RX_DONE   (UINT32_C(1) << 31)
#define RX_FIRST  (UINT32_C(1) << 29)
#define RX_LAST   (UINT32_C(1) << 28)
#define RX_ERRORS (UINT32_C(0x1f) << 18) /* odd nibble, runt, too long, checksum, error */
#define RX_LENGTH UINT32_C(0x3fff)
#define TX_OWNED  (UINT32_C(1) << 31)
#define TX_WHOLE  (UINT32_C(3) << 28) /* first and last piece */
#define RING_END  (UINT32_C(1) << 30) /* as ASPEED has it */

/* MDIO of the AST2600: a command word, and data with a bit that says they are there. */
#define MDIO_READ(phy, reg)                                                                        \
    (UINT32_C(1) << 31 | UINT32_C(1) << 28 | UINT32_C(2) << 26 | (uint32_t)(phy) << 21 |           \
     (uint32_t)(reg) << 16)
enum { MDIO_DATA = 4, MDIO_IDLE = 1 << 16, BMSR = 1, BMSR_LINK = 1 << 2 };

static void barrier(void)
{
    __asm__ volatile("dsb" ::: "memory");
}

static void fill_rings(struct aspeed_mac *mac)
{
    struct aspeed_mac_memory *m = mac->memory;

    for (unsigned i = 0; i < ASPEED_MAC_RX; i++) {
        m->rx[i][0] = i + 1 == ASPEED_MAC_RX ? RING_END : 0;
        m->rx[i][1] = 0;
        m->rx[i][2] = 0;
        m->rx[i][3] = (uint32_t)(uintptr_t)m->rx_frame[i];
    }
    for (unsigned i = 0; i < ASPEED_MAC_TX; i++) {
        m->tx[i][0] = i + 1 == ASPEED_MAC_TX ? RING_END : 0;
        m->tx[i][1] = 0;
        m->tx[i][2] = 0;
        m->tx[i][3] = (uint32_t)(uintptr_t)m->tx_frame[i];
    }
}

/* The controller's own address; a reset may clear it. */
static bool read_address(struct aspeed_mac *mac)
{
    uint32_t high = aspeed_get(mac->at + ADDRESS_HIGH), low = aspeed_get(mac->at + ADDRESS_LOW);
    const uint8_t bytes[ASPEED_MAC_ADDRESS] = {
        (uint8_t)(high >> 8), (uint8_t)high,       (uint8_t)(low >> 24),
        (uint8_t)(low >> 16), (uint8_t)(low >> 8), (uint8_t)low,
    };

    memcpy(mac->address, bytes, sizeof bytes);
    return (high | low) != 0 && !(bytes[0] & 1);
}

enum sek_status aspeed_mac_start(struct aspeed_mac *mac, uintptr_t at, uintptr_t mdio,
                                 struct aspeed_mac_memory *memory)
{
    uint32_t high = aspeed_get(at + ADDRESS_HIGH), low = aspeed_get(at + ADDRESS_LOW), spins = 0;

    *mac = (struct aspeed_mac){.at = at, .mdio = mdio, .memory = memory};
    if (!read_address(mac))
        return SEK_ERR_ABSENT;
    aspeed_put(at + CONTROL, CONTROL_RESET);
    while (aspeed_get(at + CONTROL) & CONTROL_RESET) {
        if (++spins == RESET_SPINS)
            return SEK_ERR_IO;
    }
    aspeed_put(at + ADDRESS_HIGH, high);
    aspeed_put(at + ADDRESS_LOW, low);
    fill_rings(mac);
    barrier();
    aspeed_put(at + RX_RING, (uint32_t)(uintptr_t)memory->rx);
    aspeed_put(at + TX_RING, (uint32_t)(uintptr_t)memory->tx);
    aspeed_put(at + RX_BUFFER_SIZE, ASPEED_MAC_FRAME);
    aspeed_put(at + STATUS, 0xffffffff);
    aspeed_put(at + INTERRUPTS, INTERRUPT_RECEIVED | INTERRUPT_NO_BUFFER);
    aspeed_put(at + CONTROL, CONTROL_DMA_AND_MACS | CONTROL_FULL_DUPLEX | CONTROL_GIGABIT |
                                 CONTROL_RUNT | CONTROL_BROADCAST | CONTROL_FAST);
    return SEK_OK;
}

bool aspeed_mac_link(const struct aspeed_mac *mac)
{
    aspeed_put(mac->mdio, MDIO_READ(0, BMSR));
    for (uint32_t i = 0; i < MDIO_SPINS; i++) {
        uint32_t data = aspeed_get(mac->mdio + MDIO_DATA);

        if (data & MDIO_IDLE)
            return (data & BMSR_LINK) != 0;
    }
    return false;
}

/* Takes one descriptor's frame; 0: it is dropped. */
static size_t take(struct aspeed_mac *mac, uint32_t flags, const uint8_t *from, uint8_t *frame,
                   size_t cap)
{
    size_t len = flags & RX_LENGTH;

    if (flags & RX_ERRORS || (flags & (RX_FIRST | RX_LAST)) != (RX_FIRST | RX_LAST) ||
        len <= CHECKSUM || len - CHECKSUM > cap || len > ASPEED_MAC_FRAME) {
        mac->dropped++;
        return 0;
    }
    memcpy(frame, from, len - CHECKSUM);
    return len - CHECKSUM;
}

size_t aspeed_mac_receive(struct aspeed_mac *mac, uint8_t *frame, size_t cap)
{
    size_t len = 0;

    for (unsigned i = 0; len == 0 && i < ASPEED_MAC_RX; i++) {
        volatile uint32_t *descriptor = mac->memory->rx[mac->next_rx];
        uint32_t flags = descriptor[0];

        if (!(flags & RX_DONE))
            return 0;
        barrier();
        len = take(mac, flags, mac->memory->rx_frame[mac->next_rx], frame, cap);
        barrier();
        descriptor[0] = flags & RING_END;
        barrier();
        aspeed_put(mac->at + RX_POLL, 1); /* what waited for a buffer comes now */
        mac->next_rx = (mac->next_rx + 1) % ASPEED_MAC_RX;
    }
    return len;
}

uint8_t *aspeed_mac_buffer(struct aspeed_mac *mac)
{
    if (mac->memory->tx[mac->next_tx][0] & TX_OWNED)
        return NULL;
    return mac->memory->tx_frame[mac->next_tx];
}

void aspeed_mac_send(struct aspeed_mac *mac, size_t len)
{
    volatile uint32_t *descriptor = mac->memory->tx[mac->next_tx];

    if (len > ASPEED_MAC_FRAME)
        return;
    if (len < FRAME_MIN) {
        memset(mac->memory->tx_frame[mac->next_tx] + len, 0, FRAME_MIN - len);
        len = FRAME_MIN;
    }
    barrier();
    descriptor[0] = (descriptor[0] & RING_END) | TX_OWNED | TX_WHOLE | (uint32_t)len;
    barrier();
    aspeed_put(mac->at + TX_POLL, 1);
    mac->next_tx = (mac->next_tx + 1) % ASPEED_MAC_TX;
}

void aspeed_mac_interrupt(const struct aspeed_mac *mac)
{
    aspeed_put(mac->at + STATUS, aspeed_get(mac->at + STATUS));
}

void aspeed_mac_stop(const struct aspeed_mac *mac)
{
    aspeed_put(mac->at + INTERRUPTS, 0);
    aspeed_put(mac->at + CONTROL, 0);
}
