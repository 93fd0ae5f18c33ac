#include "image/openwrt_info.h"

#include "base/text.h"
#include "image/json.h"

#include <string.h>

struct info {
    struct sek_json_sink base;
    char *version;
};

static bool is(struct sek_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static enum sek_status take_text(struct sek_json_sink *base, const struct sek_json_text *text)
{
    struct info *info = (struct info *)base;

    if (text->depth == 2 && is(text->top, "version") && is(text->name, "version")) {
        if (info->version[0] || !text->plain)
            return SEK_ERR_MALFORMED;
        sek_text_clean(text->text, info->version, SEK_VERSION_MAX + 1);
    }
    return SEK_OK;
}

enum sek_status openwrt_info_read(struct sek_bytes json, char version[SEK_VERSION_MAX + 1],
                                  struct sek_fault *fault)
{
    struct info info = {.base.text = take_text, .version = version};

    version[0] = '\0';
    return sek_json_read(json, &info.base, fault);
}
