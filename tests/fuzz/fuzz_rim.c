/* A manifest in CBOR gives only digests of the length of their algorithm, and what it gives once it
 * gives again. */
#include "boards/bench/reference/rim.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tally {
    struct list_sink base;
    size_t values, bytes;
};

static void count(struct list_sink *sink, const struct list_value *value)
{
    struct tally *tally = (struct tally *)sink;

    assert(sek_digest_strong(value->alg) && value->name[0] != '\0');
    tally->values++;
    for (size_t i = 0; i < sek_digest_len(value->alg); i++)
        tally->bytes += value->digest[i]; /* all of it is there */
}

static size_t read_all(struct sek_bytes bytes)
{
    struct tally tally = {.base = {count}};
    struct sek_fault fault = {.status = SEK_OK};
    struct rim rim;
    sek_day not_after;

    if (rim_open(bytes, &rim, &fault) == SEK_OK)
        (void)!rim_read(rim.payload, &tally.base, &not_after, &fault);
    assert(fault.status == SEK_OK || fault.why);
    return tally.values ^ tally.bytes << 8;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    assert(read_all((struct sek_bytes){data, size}) == read_all((struct sek_bytes){data, size}));
    return 0;
}
