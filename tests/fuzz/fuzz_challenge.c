/* A challenge that we take is written back as it came, unless it holds what we do not know. */
#include "evidence/challenge.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_fault fault = {.status = SEK_OK};
    struct sek_challenge challenge;
    uint8_t again[SEK_CHALLENGE_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(again, sizeof again);

    if (sek_challenge_decode(sek_reader_make((struct sek_bytes){.data = data, .len = size}, &fault),
                             &challenge) != SEK_OK) {
        assert(fault.offset <= size && fault.why);
        return 0;
    }
    sek_challenge_write(&w, &challenge, NULL);
    assert(w.status == SEK_OK && w.len <= size + 1);
    if (!challenge.is_signed && w.len == size && challenge.time != 0 && challenge.request != 0)
        assert(memcmp(again, data, size) == 0);
    return 0;
}
