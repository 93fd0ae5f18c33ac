/* Rules that another rule hides: whatever they would find, the other finds as well, no milder and
 * without relief. Who writes a policy should know that such a rule never speaks. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"
#include "base/date.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <string.h>

static struct sek_bytes value(const void *dtb, int node, const char *name)
{
    int len;
    const uint8_t *data = fdt_getprop(dtb, node, name, &len);

    return data ? (struct sek_bytes){data, (size_t)len} : (struct sek_bytes){0};
}

static bool is(const void *dtb, int node, const char *name, const char *word)
{
    struct sek_bytes text = value(dtb, node, name);

    return text.data && sek_schema_text_ok(text) && strcmp((const char *)text.data, word) == 0;
}

/* Every text of b's list stands in a's; a list that a does not have holds always. */
static bool texts_cover(const void *dtb, int a, int b, const char *name)
{
    struct sek_bytes wide = value(dtb, a, name), narrow = value(dtb, b, name);

    if (!wide.data)
        return true;
    if (!sek_schema_texts_ok(wide) || !sek_schema_texts_ok(narrow))
        return false;
    for (const char *word = (const char *)narrow.data;
         word < (const char *)narrow.data + narrow.len; word += strlen(word) + 1) {
        if (fdt_stringlist_contains((const char *)wide.data, (int)wide.len, word) == 0)
            return false;
    }
    return true;
}

static bool subjects_cover(const void *dtb, int a, int b)
{
    struct sek_bytes wide = value(dtb, a, "subject"), narrow = value(dtb, b, "subject");

    if (!wide.data)
        return true;
    for (size_t i = 0; i + 4 <= narrow.len; i += 4) {
        bool found = false;

        for (size_t k = 0; k + 4 <= wide.len; k += 4)
            found = found || memcmp(wide.data + k, narrow.data + i, 4) == 0;
        if (!found)
            return false;
    }
    return narrow.len > 0;
}

static sek_day date(const void *dtb, int node, const char *name)
{
    struct sek_bytes text = value(dtb, node, name);
    sek_day day = 0;

    if (!sek_schema_text_ok(text) ||
        sek_date_parse((const char *)text.data, text.len - 1, &day) != SEK_OK)
        return 0;
    return day;
}

static bool dates_cover(const void *dtb, int a, int b)
{
    sek_day until = date(dtb, a, "effective-until"), ends = date(dtb, b, "effective-until");

    return date(dtb, a, "effective-from") <= date(dtb, b, "effective-from") &&
           (!until || (ends && ends <= until));
}

static uint32_t least_evidence(const void *dtb, int node)
{
    struct sek_bytes number = value(dtb, node, "min-evidence");

    return number.len == 4 ? sek_get_u32be(number.data) : 1;
}

/* follow widens: what b follows, a has to follow, too. */
static bool follows(const void *dtb, int a, int b)
{
    return !value(dtb, b, "follow").data ||
           (value(dtb, a, "follow").data && texts_cover(dtb, a, b, "follow"));
}

/* Origins that are excepted: none of a's may be missing in b's. */
static bool origins_cover(const void *dtb, int a, int b)
{
    return !value(dtb, a, "not-origin").data ||
           (value(dtb, b, "not-origin").data && texts_cover(dtb, b, a, "not-origin"));
}

static bool hides(const void *dtb, int a, int b)
{
    static const char *const conditions[] = {"tier", "event", "role", "product-class"};

    if (!is(dtb, a, "force", "in-force") || !is(dtb, b, "force", "in-force") ||
        fdt_first_subnode(dtb, a) >= 0 || !is(dtb, a, "basis", "named") ||
        !is(dtb, b, "basis", "named") ||
        (!is(dtb, a, "verdict", "excluded") && !is(dtb, b, "verdict", "consult")))
        return false;
    for (size_t i = 0; i < SEK_LEN(conditions); i++) {
        if (!texts_cover(dtb, a, b, conditions[i]))
            return false;
    }
    return subjects_cover(dtb, a, b) && dates_cover(dtb, a, b) && follows(dtb, a, b) &&
           origins_cover(dtb, a, b) && least_evidence(dtb, a) <= least_evidence(dtb, b);
}

int store_shadow(const void *dtb, int rule)
{
    int folder = fdt_subnode_offset(dtb, 0, "rules"), other;

    if (folder < 0)
        return -1;
    fdt_for_each_subnode(other, dtb, folder)
    {
        /* Of two equal rules the later one is hidden. */
        if (other != rule && hides(dtb, other, rule) && (other < rule || !hides(dtb, rule, other)))
            return other;
    }
    return -1;
}
