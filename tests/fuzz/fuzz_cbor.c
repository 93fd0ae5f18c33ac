/* What we take as CBOR, tinycbor takes too, in its own canonical form; and skipping it ends where
 * it ends. */
#include "evidence/cbor.h"

#include <cbor.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_fault fault = {.status = SEK_OK};
    struct sek_reader r = sek_reader_make((struct sek_bytes){.data = data, .len = size}, &fault);
    CborParser parser;
    CborValue value;

    if (sek_cbor_check(r) != SEK_OK) {
        assert(fault.offset <= size && fault.why);
        return 0;
    }
    assert(cbor_parser_init(data, size, 0, &parser, &value) == CborNoError);
    assert(cbor_value_advance(&value) == CborNoError);
    assert(cbor_value_get_next_byte(&value) == data + size);
    sek_cbor_skip(&r);
    assert(fault.status == SEK_OK && sek_reader_left(&r) == 0);
    return 0;
}
