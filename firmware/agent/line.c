#include "agent/line.h"

#include "agent/words.h"

#include <string.h>

void sek_line_init(struct sek_line *line, struct sek_agent *agent, struct sek_server *server,
                   struct hal_uart *uart, uint64_t now_ms)
{
    memset(line, 0, sizeof *line);
    line->agent = agent;
    line->server = server;
    line->uart = uart;
    line->start_ms = now_ms;
    line->beacon_ms = now_ms;
    for (size_t i = 0; i < SEK_LINE_SLOTS; i++) {
        line->slot[i].data = line->slot_data[i];
        line->slot[i].cap = sizeof line->slot_data[i];
    }
    sek_frame_decoder_init(&line->decoder, "q", line->slot, SEK_LINE_SLOTS);
}

/* One packet as lines, led by an empty one that ends whatever stands on the line. */
static void send_frame(struct sek_line *line, enum sek_frame_kind kind, uint8_t mid,
                       struct sek_bytes body)
{
    struct sek_frame_encoder encoder;
    char text[SEK_FRAME_LINE_MAX + 2];
    size_t len;

    if (sek_frame_begin(&encoder, kind, mid, body) != SEK_OK)
        return;
    (void)!line->uart->write(line->uart, "\r\n", 2);
    while ((len = sek_frame_next_line(&encoder, text)) > 0)
        (void)!line->uart->write(line->uart, text, len);
}

static void answer_packet(struct sek_line *line, const struct sek_frame_packet *packet,
                          uint64_t now_ms)
{
    static const struct sek_peer peer = {.link = SEK_LINK_SERIAL};
    size_t len = sek_server_handle(line->server, now_ms, &peer, packet->body, line->reply,
                                   sizeof line->reply);

    line->heard = true;
    if (len >= SEK_COAP_HEADER)
        send_frame(line, SEK_FRAME_RESPONSE, line->reply[3], (struct sek_bytes){line->reply, len});
}

/* One character of what a person types; the line is echoed whole when it ends. */
static void take_text(struct sek_line *line, uint8_t byte)
{
    if (byte == '\r' || byte == '\n') {
        if (!line->word_cut)
            sek_agent_word(line->agent,
                           (struct sek_bytes){(const uint8_t *)line->word, line->word_len},
                           line->uart);
        line->word_len = 0;
        line->word_cut = false;
    } else if ((byte == 0x08 || byte == 0x7f) && line->word_len > 0) {
        line->word_len--;
    } else if (byte >= 0x20 && byte < 0x7f) {
        if (line->word_len == SEK_LINE_WORD_MAX)
            line->word_cut = true;
        else
            line->word[line->word_len++] = (char)byte;
    }
}

void sek_line_input(struct sek_line *line, const uint8_t *data, size_t len, uint64_t now_ms)
{
    for (size_t i = 0; i < len; i++) {
        struct sek_frame_packet packet;

        switch (sek_frame_push(&line->decoder, data[i], now_ms, &packet)) {
        case SEK_FRAME_TEXT:
            take_text(line, data[i]);
            break;
        case SEK_FRAME_HELD:
            line->word_len = 0; /* a frame began: what stood before it was no word */
            break;
        case SEK_FRAME_PACKET:
            answer_packet(line, &packet, now_ms);
            break;
        }
    }
}

void sek_line_idle(struct sek_line *line, uint64_t now_ms)
{
    size_t len = 0;

    if (line->heard || now_ms < line->beacon_ms ||
        now_ms - line->start_ms > SEK_LINE_BEACON_UNTIL_MS)
        return;
    line->beacon_ms = now_ms + SEK_LINE_BEACON_MS;
    if (sek_server_beacon(line->server, now_ms, "sekisho/info", line->reply, sizeof line->reply,
                          &len) == SEK_OK)
        send_frame(line, SEK_FRAME_BEACON, line->reply[3], (struct sek_bytes){line->reply, len});
}
