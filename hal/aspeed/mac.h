/* Ethernet MAC of the SoC (FTGMAC100) with its MDIO controller: frames in and out. */
#ifndef SEK_HAL_ASPEED_MAC_H
#define SEK_HAL_ASPEED_MAC_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ASPEED_MAC_FRAME = 1536, /* bytes of a buffer: a frame with its checksum */
    ASPEED_MAC_RX = 8,
    ASPEED_MAC_TX = 4,
    ASPEED_MAC_ADDRESS = 6,
};

/* What the controller reads and writes by itself: must lie in memory that is not cached. */
struct aspeed_mac_memory {
    _Alignas(16) volatile uint32_t rx[ASPEED_MAC_RX][4];
    _Alignas(16) volatile uint32_t tx[ASPEED_MAC_TX][4];
    _Alignas(16) uint8_t rx_frame[ASPEED_MAC_RX][ASPEED_MAC_FRAME];
    _Alignas(16) uint8_t tx_frame[ASPEED_MAC_TX][ASPEED_MAC_FRAME];
};

struct aspeed_mac {
    uintptr_t at, mdio; /* registers */
    struct aspeed_mac_memory *memory;
    unsigned next_rx, next_tx;
    uint8_t address[ASPEED_MAC_ADDRESS];
    uint32_t dropped; /* frames: no room, too long, or damaged */
};

/* Resets and starts the controller; its address is what the registers hold (from the board's boot
 * loader, its ROM or the emulator). SEK_ERR_IO: it does not come out of reset. SEK_ERR_ABSENT: it
 * has no address. */
SEK_CHECKED enum sek_status aspeed_mac_start(struct aspeed_mac *mac, uintptr_t at, uintptr_t mdio,
                                             struct aspeed_mac_memory *memory);

/* True if the PHY says that the link is up. */
bool aspeed_mac_link(const struct aspeed_mac *mac);

/* The next frame that has arrived, without its checksum; 0: there is none. Frames over cap and
 * damaged ones are dropped. */
size_t aspeed_mac_receive(struct aspeed_mac *mac, uint8_t *frame, size_t cap);

/* A buffer for a frame to be sent, NULL while all are under way; then the frame in it. */
uint8_t *aspeed_mac_buffer(struct aspeed_mac *mac);
void aspeed_mac_send(struct aspeed_mac *mac, size_t len);

/* The interrupt has been seen. */
void aspeed_mac_interrupt(const struct aspeed_mac *mac);

/* Off: nothing is written to memory any more. For the system that is started next. */
void aspeed_mac_stop(const struct aspeed_mac *mac);

#endif
