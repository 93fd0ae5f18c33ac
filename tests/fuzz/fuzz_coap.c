/* CoAP messages: what is decoded can be encoded, and decodes to the same again. */
#include "channel/coap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[70000];
    struct sek_coap_message m, again;
    struct sek_fault fault = {0}, second = {0};
    size_t len;

    if (sek_coap_decode((struct sek_bytes){.data = data, .len = size}, &m, &fault) != SEK_OK)
        return 0;
    if (sek_coap_encode(&m, out, sizeof out, &len) != SEK_OK)
        return size < sizeof out ? abort(), 0 : 0;
    if (sek_coap_decode((struct sek_bytes){.data = out, .len = len}, &again, &second) != SEK_OK ||
        again.present != m.present || again.code != m.code || again.payload.len != m.payload.len ||
        memcmp(again.number, m.number, sizeof m.number) != 0)
        abort();
    return 0;
}
