/* Line framing: any bytes into the decoder; the first byte chooses how small the slots are. */
#include "channel/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_frame_decoder decoder;
    struct sek_frame_slot slot[2] = {0};
    struct sek_frame_packet packet;

    if (size == 0)
        return 0;
    for (size_t i = 0; i < SEK_LEN(slot); i++) {
        slot[i].cap = 8 + data[0];
        slot[i].data = malloc(slot[i].cap);
        if (!slot[i].data)
            abort();
    }
    sek_frame_decoder_init(&decoder, "qr", slot, SEK_LEN(slot));
    for (size_t i = 1; i < size; i++) {
        static char line[SEK_FRAME_LINE_MAX + 2];
        struct sek_frame_encoder again;

        if (sek_frame_push(&decoder, data[i], i * 50, &packet) != SEK_FRAME_PACKET)
            continue;
        if (packet.body.len + SEK_FRAME_OVERHEAD > slot[0].cap ||
            sek_frame_begin(&again, packet.kind, packet.mid, packet.body) != SEK_OK)
            abort();
        while (sek_frame_next_line(&again, line) > 0)
            ;
    }
    for (size_t i = 0; i < SEK_LEN(slot); i++)
        free(slot[i].data);
    return 0;
}
