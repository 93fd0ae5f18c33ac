/* Any bytes as OpenWrt's firmware, as its chain of certificates, as texts of usign and as metadata.
 * Seeds: tests/data/openwrt. */
#include "image/json.h"
#include "image/ucert.h"
#include "tests/fuzz/image_fuzzer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sek_status take_text(struct sek_json_sink *sink, const struct sek_json_text *text)
{
    (void)sink;
    if (text->depth == 0 || text->depth > SEK_JSON_DEPTH ||
        (text->text.len > 0 && !text->text.data))
        abort();
    return SEK_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_json_sink sink = {take_text};
    struct sek_bytes bytes = {data, size};
    struct sek_usign_signature signature;
    struct sek_fault fault = {0}, json_fault = {0};
    uint8_t spki[SEK_USIGN_SPKI_LEN];
    struct sek_ucert chain;

    image_fuzz("openwrt", data, size);
    (void)!sek_usign_signature(bytes, &signature);
    (void)!sek_usign_key(bytes, spki);
    (void)!sek_json_read(bytes, &sink, &json_fault);
    if (sek_ucert_parse(bytes, &chain, &fault) != SEK_OK)
        return 0;
    for (size_t i = 0; i < chain.delegation_count; i++) {
        const struct sek_delegation *at = &chain.delegation[i];

        if (at->message.data < data || at->message.len > size || at->until == 0 || at->from == 0)
            abort();
    }
    return 0;
}
