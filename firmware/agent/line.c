#include "agent/line.h"

#include <string.h>

/* The line may be gone; then nobody reads this. */
static void write_text(void *ctx, const char *text, size_t len)
{
    struct hal_uart *uart = ((struct sek_talk *)ctx)->uart;

    (void)!uart->write(uart, text, len);
}

void sek_line_init(struct sek_line *line, struct sek_agent *agent, struct sek_server *server,
                   struct hal_uart *uart, uint64_t now_ms)
{
    const struct sek_console_config config = {
        .word = sek_agent_words,
        .word_count = SEK_AGENT_WORDS,
        .ctx = &line->talk,
        .write = write_text,
        .accept = "q",
        .slot = line->slot,
        .slot_count = SEK_LINE_SLOTS,
    };

    memset(line, 0, sizeof *line);
    line->talk = (struct sek_talk){agent, uart};
    line->server = server;
    line->start_ms = now_ms;
    line->beacon_ms = now_ms;
    for (size_t i = 0; i < SEK_LINE_SLOTS; i++) {
        line->slot[i].data = line->slot_data[i];
        line->slot[i].cap = sizeof line->slot_data[i];
    }
    sek_console_init(&line->console, &config);
}

static void answer(struct sek_line *line, const struct sek_frame_packet *packet, uint64_t now_ms)
{
    static const struct sek_peer peer = {.link = SEK_LINK_SERIAL};
    size_t len = sek_server_handle(line->server, now_ms, &peer, packet->body, line->reply,
                                   sizeof line->reply);

    line->heard = true;
    if (len >= SEK_COAP_HEADER)
        (void)!sek_console_send(&line->console, SEK_FRAME_RESPONSE, line->reply[3],
                                (struct sek_bytes){line->reply, len});
}

void sek_line_input(struct sek_line *line, const uint8_t *data, size_t len, uint64_t now_ms)
{
    for (size_t i = 0; i < len; i++) {
        struct sek_frame_packet packet;

        if (sek_console_push(&line->console, data[i], now_ms, &packet))
            answer(line, &packet, now_ms);
    }
}

void sek_line_idle(struct sek_line *line, uint64_t now_ms)
{
    size_t len = 0;

    if (line->heard || now_ms < line->beacon_ms ||
        now_ms - line->start_ms > SEK_LINE_BEACON_UNTIL_MS ||
        sek_console_is_open(&line->console, now_ms))
        return;
    line->beacon_ms = now_ms + SEK_LINE_BEACON_MS;
    if (sek_server_beacon(line->server, now_ms, "sekisho/info", line->reply, sizeof line->reply,
                          &len) == SEK_OK)
        (void)!sek_console_send(&line->console, SEK_FRAME_BEACON, line->reply[3],
                                (struct sek_bytes){line->reply, len});
}
