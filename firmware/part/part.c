#include "part/part.h"

#include "base/text.h"

#include <string.h>

static bool all(struct sek_bytes record, size_t len, uint8_t byte)
{
    for (size_t i = 0; i < len; i++) {
        if (record.data[i] != byte)
            return false;
    }
    return true;
}

/* The bytes that a parser needs first are all 00 or all FF. */
static bool is_blank(struct sek_bytes record, size_t len)
{
    if (len > record.len)
        len = record.len;
    return len > 0 && (all(record, len, 0x00) || all(record, len, 0xff));
}

static const struct sek_part_format *find(struct sek_bytes record, const char *forced)
{
    for (const struct sek_part_format *const *format = sek_parts; *format; format++) {
        if (forced ? strcmp((*format)->name, forced) == 0
                   : record.len <= SEK_PART_MAX && (*format)->probe(record))
            return *format;
    }
    return NULL;
}

enum { BLANK_LEN = 128 }; /* bytes that must be blank where no format is said */

enum sek_status sek_part_read(struct sek_bytes record, const char *forced,
                              struct sek_part_claims *out)
{
    const struct sek_part_format *format = find(record, forced);

    if ((format && is_blank(record, format->blank_len)) ||
        (!format && !forced && record.len <= SEK_PART_MAX && is_blank(record, record.len) &&
         record.len >= BLANK_LEN)) {
        out->format = format ? format->name : "";
        out->blank = true;
        return SEK_OK;
    }
    if (!format)
        return SEK_ERR_NOT_THIS_FORMAT;
    out->format = format->name;
    return format->parse(record, out);
}

static enum sek_status add(struct sek_part_claims *claims, const struct sek_observation *item)
{
    if (claims->count == claims->cap)
        return SEK_ERR_NO_SPACE;
    claims->item[claims->count++] = *item;
    return SEK_OK;
}

/* Without NULs and spaces at both ends. */
static struct sek_bytes trim(struct sek_bytes raw)
{
    const uint8_t *end = raw.len ? memchr(raw.data, 0, raw.len) : NULL;

    if (end)
        raw.len = (size_t)(end - raw.data);
    while (raw.len > 0 && raw.data[raw.len - 1] == ' ')
        raw.len--;
    while (raw.len > 0 && raw.data[0] == ' ') {
        raw.data++;
        raw.len--;
    }
    return raw;
}

/* Bytes that are no UTF-8: each of 80h and more becomes U+FFFD, in the caller's text memory. */
static enum sek_status decode(struct sek_part_claims *claims, struct sek_bytes *text)
{
    uint8_t *out = claims->text + claims->text_used;
    size_t used = 0;

    for (size_t i = 0; i < text->len; i++) {
        char bytes[4];
        size_t n = sek_utf8_put(text->data[i] < 0x80 ? text->data[i] : 0xfffd, bytes);

        if (n > claims->text_cap - claims->text_used - used)
            return SEK_ERR_NO_SPACE;
        memcpy(out + used, bytes, n);
        used += n;
    }
    claims->text_used += used;
    *text = (struct sek_bytes){out, used};
    return SEK_OK;
}

enum sek_status sek_part_add_text(struct sek_part_claims *claims, enum sek_kind kind,
                                  struct sek_bytes raw, enum sek_evidence_class evidence)
{
    struct sek_bytes text = trim(raw);
    enum sek_status status;

    if (text.len == 0)
        return SEK_OK;
    if (!sek_utf8_valid(text)) {
        status = decode(claims, &text);
        if (status != SEK_OK)
            return status;
    }
    return add(claims, &(struct sek_observation){
                           .kind = kind,
                           .type = SEK_VALUE_TEXT,
                           .value = text,
                           .evidence = evidence,
                           .flags = claims->damaged ? SEK_OBSERVATION_DAMAGED : 0,
                       });
}

enum sek_status sek_part_add_bytes(struct sek_part_claims *claims, enum sek_kind kind,
                                   struct sek_bytes value, enum sek_evidence_class evidence)
{
    return add(claims, &(struct sek_observation){
                           .kind = kind,
                           .type = SEK_VALUE_BYTES,
                           .value = value,
                           .evidence = evidence,
                           .flags = claims->damaged ? SEK_OBSERVATION_DAMAGED : 0,
                       });
}

enum sek_status sek_part_add_number(struct sek_part_claims *claims, enum sek_kind kind,
                                    uint32_t number, enum sek_evidence_class evidence)
{
    return add(claims, &(struct sek_observation){
                           .kind = kind,
                           .type = SEK_VALUE_NUMBER,
                           .number = number,
                           .evidence = evidence,
                           .flags = claims->damaged ? SEK_OBSERVATION_DAMAGED : 0,
                       });
}
