/* Whatever a name holds: what is normalised is valid UTF-8 and stays as it is, a skeleton is no
 * longer than its name and stays as it is, and no byte decides more than its neighbours. */
#include "base/text.h"
#include "trust/names.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(size_t (*normalise)(struct sek_bytes, char *, size_t, bool *),
                  struct sek_bytes text, size_t cap)
{
    static char normal[SEK_NORMAL_MAX], again[SEK_NORMAL_MAX], skeleton[SEK_NORMAL_MAX];
    struct sek_tokens tokens;
    bool cut;
    struct sek_bytes name = {(const uint8_t *)normal, normalise(text, normal, cap, &cut)};
    size_t len;

    assert(name.len <= cap && sek_utf8_valid(name));
    len = sek_name_normalise(name, again, sizeof again, &cut);
    assert(!cut && len == name.len && memcmp(again, normal, len) == 0);
    sek_name_split(name, &tokens);
    for (size_t i = 0; i < tokens.count; i++)
        assert(tokens.token[i].start < tokens.token[i].end && tokens.token[i].end <= name.len);
    len = sek_name_skeleton(name, skeleton, sizeof skeleton);
    assert(len <= name.len && !memchr(skeleton, ' ', len));
    assert(sek_utf8_valid((struct sek_bytes){(const uint8_t *)skeleton, len}));
    assert(sek_name_skeleton((struct sek_bytes){(const uint8_t *)skeleton, len}, again,
                             sizeof again) == len &&
           memcmp(again, skeleton, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_bytes text = {data, size};

    check(sek_name_normalise, text, SEK_NORMAL_MAX);
    check(sek_name_imitated, text, SEK_NORMAL_MAX);
    check(sek_name_normalise, text, size > 0 ? data[0] % 16 : 0);
    return 0;
}
