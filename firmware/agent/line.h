/* A serial line that packets and people share: frames go to the server, other text is words. */
#ifndef SEK_AGENT_LINE_H
#define SEK_AGENT_LINE_H

#include "agent/words.h"
#include "channel/server.h"

enum {
    SEK_LINE_SLOTS = 2,
    SEK_LINE_BEACON_MS = 5000,        /* between beacons */
    SEK_LINE_BEACON_UNTIL_MS = 60000, /* after the start */
};

struct sek_line {
    struct sek_talk talk;
    struct sek_server *server;
    struct sek_console console;
    struct sek_frame_slot slot[SEK_LINE_SLOTS];
    uint8_t slot_data[SEK_LINE_SLOTS][SEK_COAP_PACKET_MAX + SEK_FRAME_OVERHEAD];
    bool heard; /* somebody has spoken: no more beacons */
    uint64_t start_ms, beacon_ms;
    uint8_t reply[SEK_COAP_PACKET_MAX];
};

/* All borrowed. */
void sek_line_init(struct sek_line *line, struct sek_agent *agent, struct sek_server *server,
                   struct hal_uart *uart, uint64_t now_ms);

/* Takes bytes that have arrived and answers what they complete. */
void sek_line_input(struct sek_line *line, const uint8_t *data, size_t len, uint64_t now_ms);

/* Sends a beacon if one is due and nobody is typing. */
void sek_line_idle(struct sek_line *line, uint64_t now_ms);

#endif
