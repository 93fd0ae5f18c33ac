/* Whatever text comes in, valid UTF-8 of the promised length comes out; dates and classes read it
 * without a fault. */
#include "base/class.h"
#include "base/date.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char out[1 + 255 * 16];
    size_t cap = size > 0 ? 1 + data[0] * 16u : 1;
    struct sek_bytes text = {.data = data, .len = size};
    size_t len = sek_text_clean(text, out, cap);
    enum sek_class found = SEK_CLASS_NONE;
    sek_day day;

    assert(len < cap && strlen(out) == len);
    assert(sek_utf8_valid((struct sek_bytes){.data = (const uint8_t *)out, .len = len}));
    if (sek_date_parse((const char *)data, size, &day) == SEK_OK) {
        char again[SEK_DATE_LEN + 1];

        sek_date_format(day, again);
        assert(memcmp(again, data, SEK_DATE_LEN) == 0);
    }
    if (sek_class_find((const char *)data, size, &found) == SEK_OK)
        assert(strlen(sek_class_name(found)) == size);
    return 0;
}
