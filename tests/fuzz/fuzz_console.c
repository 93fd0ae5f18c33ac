/* The console: any bytes; nothing that it prints may hold a frame that we did not send. */
#include "channel/console.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *ctx, const char *text, size_t len)
{
    struct sek_frame_decoder *host = ctx;
    struct sek_frame_packet packet;

    for (size_t i = 0; i < len; i++)
        if (sek_frame_push(host, (uint8_t)text[i], 0, &packet) == SEK_FRAME_PACKET)
            abort();
}

static void say(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    (void)ctx;
    sek_console_print_bytes(console, rest);
    sek_console_armour(console, "EVIDENCE", rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sek_console_word words[] = {{"help", "lists the words", NULL},
                                                    {"say", "says it again", say}};
    uint8_t bytes[2][128];
    struct sek_frame_slot slot[2] = {{.data = bytes[0], .cap = sizeof bytes[0]},
                                     {.data = bytes[1], .cap = sizeof bytes[1]}};
    struct sek_frame_decoder host;
    struct sek_console console;
    struct sek_frame_packet packet;

    sek_frame_decoder_init(&host, "qrba", &slot[1], 1);
    sek_console_init(&console, &(struct sek_console_config){.word = words,
                                                            .word_count = SEK_LEN(words),
                                                            .ctx = &host,
                                                            .write = take,
                                                            .accept = "q",
                                                            .slot = slot,
                                                            .slot_count = 1});
    for (size_t i = 0; i < size; i++)
        if (sek_console_push(&console, data[i], i, &packet) &&
            packet.body.len > sizeof bytes[0] - SEK_FRAME_OVERHEAD)
            abort();
    return 0;
}
