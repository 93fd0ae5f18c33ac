/* Whatever a record holds, by content and forced into each format: claims lie inside it or inside
 * the decoded text, text is UTF-8, damage and errors say where, and a small table only cuts. */
#include "base/text.h"
#include "part/part.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ITEMS = 256, TEXT = 4096 };

static bool inside(const uint8_t *at, size_t len, const uint8_t *start, size_t room)
{
    return at >= start && at <= start + room && len <= (size_t)(start + room - at);
}

static void read_as(struct sek_bytes record, const char *format, size_t cap)
{
    static struct sek_observation item[ITEMS];
    static uint8_t text[TEXT];
    struct sek_part_claims claims = {.item = item, .cap = cap, .text = text, .text_cap = TEXT};
    enum sek_status status = sek_part_read(record, format, &claims);

    assert(claims.count <= cap && claims.text_used <= TEXT);
    assert(status != SEK_OK || !claims.blank || claims.count == 0);
    assert(!claims.damaged || claims.fault.why);
    assert(claims.fault.offset <= record.len);
    for (size_t i = 0; i < claims.count; i++) {
        const struct sek_observation *seen = &item[i];

        assert(seen->flags == (claims.damaged ? SEK_OBSERVATION_DAMAGED : 0));
        assert(seen->evidence >= SEK_EVIDENCE_PLAIN && seen->evidence <= SEK_EVIDENCE_SILICON);
        assert(seen->type == SEK_VALUE_NUMBER ||
               inside(seen->value.data, seen->value.len, record.data, record.len) ||
               inside(seen->value.data, seen->value.len, text, claims.text_used));
        assert(seen->type != SEK_VALUE_TEXT || sek_utf8_valid(seen->value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_bytes record = {data, size};

    read_as(record, NULL, ITEMS);
    for (const struct sek_part_format *const *format = sek_parts; *format; format++) {
        read_as(record, (*format)->name, ITEMS);
        read_as(record, (*format)->name, 3);
    }
    return 0;
}
