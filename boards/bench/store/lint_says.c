/* What a manifest's words and places may be. */
#include "boards/bench/store/store.h"
#include "evidence/claims.h"
#include "trust/manifest.h"
#include "trust/schema.h"

#include <string.h>

const char *store_says_problem(const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals ? (size_t)(equals - word) : 0, hex = 0;

    if (strcmp(word, SEK_MANIFEST_NOTHING) == 0)
        return NULL;
    if (!equals)
        return "has a word that is not KIND=VALUE";
    if ((len == 5 && strncmp(word, "maker", len) == 0) ||
        (len == 5 && strncmp(word, "model", len) == 0))
        return NULL;
    for (unsigned kind = SEK_KIND_VENDOR; kind <= SEK_KIND_MAC; kind++) {
        const char *name = sek_manifest_kind((enum sek_kind)kind);
        enum sek_value_type type;

        if (strlen(name) != len || memcmp(name, word, len) != 0 ||
            !sek_kind_type(kind, &type, &hex))
            continue;
        hex = type == SEK_VALUE_TEXT ? 0 : 2 * (type == SEK_VALUE_NUMBER ? 4 : hex);
        return hex > 0 &&
                       (strlen(equals + 1) != hex || strspn(equals + 1, "0123456789abcdef") != hex)
                   ? "has a number or address that is not in small hex digits, all of them"
                   : NULL;
    }
    return "has a word of a kind that does not exist";
}

bool store_component_ok(struct sek_bytes text)
{
    static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ",._+/-";
    const char *name = (const char *)text.data;

    return sek_schema_text_ok(text) && text.len - 1 <= SEK_ROW_NAME_MAX && name[0] != '/' &&
           name[text.len - 2] != '/' && strspn(name, signs) == text.len - 1;
}
