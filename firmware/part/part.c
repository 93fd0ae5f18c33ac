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

static const struct sek_part_format *named(const char *name)
{
    for (const struct sek_part_format *const *format = sek_parts; *format; format++) {
        if (strcmp((*format)->name, name) == 0)
            return *format;
    }
    return NULL;
}

static const struct sek_part_format *recognised(struct sek_bytes record)
{
    for (const struct sek_part_format *const *format = sek_parts; *format; format++) {
        if (record.len <= SEK_PART_MAX && (*format)->probe(record))
            return *format;
    }
    return NULL;
}

/* The forced format, unless the record shows itself to be another one of the same parts: a module
 * of another kind sits in the bay, in an adapter. */
static const struct sek_part_format *find(struct sek_bytes record, const char *forced)
{
    const struct sek_part_format *said = forced ? named(forced) : NULL, *seen = recognised(record);
    bool same_parts = said && seen && said->component_class != SEK_CLASS_NONE &&
                      said->component_class == seen->component_class;

    return forced && !same_parts ? said : seen;
}

enum { BLANK_LEN = 128 }; /* bytes that must be blank where no format is said */

static bool blank(struct sek_bytes record, const struct sek_part_format *format, bool forced)
{
    if (format)
        return is_blank(record, format->blank_len);
    return !forced && record.len >= BLANK_LEN && record.len <= SEK_PART_MAX &&
           is_blank(record, record.len);
}

enum sek_status sek_part_read(struct sek_bytes record, const char *forced,
                              struct sek_part_claims *out)
{
    const struct sek_part_format *format = find(record, forced);
    enum sek_status status;

    *out = (struct sek_part_claims){
        .format = format ? format->name : NULL,
        .class_hint = format ? format->component_class : SEK_CLASS_NONE,
        .item = out->item,
        .cap = out->cap,
        .text = out->text,
        .text_cap = out->text_cap,
    };
    if (blank(record, format, forced != NULL)) {
        out->format = format ? format->name : "";
        out->blank = true;
        return SEK_OK;
    }
    if (!format)
        return SEK_ERR_NOT_THIS_FORMAT;
    status = format->parse(record, out);
    for (size_t i = 0; out->damaged && i < out->count; i++)
        out->item[i].flags |= SEK_OBSERVATION_DAMAGED;
    return status;
}

void sek_part_damage(struct sek_part_claims *claims, enum sek_status status, uint64_t offset,
                     const char *why)
{
    claims->damaged = true;
    (void)sek_fault_set(&claims->fault, status, offset, why);
}

static enum sek_status add(struct sek_part_claims *claims, const struct sek_observation *item)
{
    if (claims->count == claims->cap)
        return SEK_ERR_NO_SPACE;
    claims->item[claims->count++] = *item;
    return SEK_OK;
}

static bool is_padding(uint8_t byte)
{
    return byte == 0 || byte == ' ';
}

/* Without NULs and spaces at both ends: what stands behind a NUL inside is text, too. */
static struct sek_bytes trim(struct sek_bytes raw)
{
    while (raw.len > 0 && is_padding(raw.data[raw.len - 1]))
        raw.len--;
    while (raw.len > 0 && is_padding(raw.data[0])) {
        raw.data++;
        raw.len--;
    }
    return raw;
}

enum sek_status sek_part_put(struct sek_part_claims *claims, uint32_t code_point)
{
    char bytes[4];
    size_t n = sek_utf8_put(code_point, bytes);

    if (n > claims->text_cap - claims->text_used)
        return SEK_ERR_NO_SPACE;
    memcpy(claims->text + claims->text_used, bytes, n);
    claims->text_used += n;
    return SEK_OK;
}

static enum sek_status add_trimmed(struct sek_part_claims *claims, enum sek_kind kind,
                                   struct sek_bytes text, enum sek_evidence_class evidence)
{
    if (text.len == 0)
        return SEK_OK;
    return add(claims, &(struct sek_observation){
                           .kind = kind,
                           .type = SEK_VALUE_TEXT,
                           .value = text,
                           .evidence = evidence,
                       });
}

enum sek_status sek_part_end(struct sek_part_claims *claims, size_t start, enum sek_kind kind,
                             enum sek_evidence_class evidence)
{
    const struct sek_bytes text = {claims->text + start, claims->text_used - start};

    return add_trimmed(claims, kind, trim(text), evidence);
}

enum sek_status sek_part_add_text(struct sek_part_claims *claims, enum sek_kind kind,
                                  struct sek_bytes raw, enum sek_evidence_class evidence)
{
    struct sek_bytes text = trim(raw);
    size_t start = claims->text_used;
    enum sek_status status = SEK_OK;

    if (sek_utf8_valid(text))
        return add_trimmed(claims, kind, text, evidence);
    for (size_t i = 0; i < text.len && status == SEK_OK; i++)
        status = sek_part_put(claims, text.data[i] < 0x80 ? text.data[i] : 0xfffd);
    return status == SEK_OK ? sek_part_end(claims, start, kind, evidence) : status;
}

enum sek_status sek_part_add_bytes(struct sek_part_claims *claims, enum sek_kind kind,
                                   struct sek_bytes value, enum sek_evidence_class evidence)
{
    return add(claims, &(struct sek_observation){
                           .kind = kind,
                           .type = SEK_VALUE_BYTES,
                           .value = value,
                           .evidence = evidence,
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
                       });
}

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool sek_part_hex(struct sek_bytes text, uint8_t *out, size_t cap, size_t *len)
{
    size_t digits = 0;

    while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == 0))
        text.len--;
    if (text.len > 2 && text.data[0] == '0' && text.data[1] == 'x')
        text = (struct sek_bytes){text.data + 2, text.len - 2};
    for (size_t i = 0; i < text.len; i++) {
        int value = digit(text.data[i]);

        if (text.data[i] == ':' && digits % 2 == 0)
            continue;
        if (value < 0 || digits / 2 >= cap)
            return false;
        out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] | value : value << 4);
        digits++;
    }
    *len = digits / 2;
    return digits > 0 && digits % 2 == 0;
}

static bool all_zero(struct sek_bytes bytes)
{
    return all(bytes, bytes.len, 0x00);
}

enum sek_status sek_part_add_fields(struct sek_part_claims *claims, struct sek_bytes record,
                                    const struct sek_part_field *field, size_t count)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < count && status == SEK_OK; i++) {
        size_t left = field[i].at < record.len ? record.len - field[i].at : 0;
        struct sek_bytes value = {record.data + (left ? field[i].at : 0),
                                  field[i].len < left ? field[i].len : left};

        if (field[i].kind != SEK_KIND_OUI24)
            status = sek_part_add_text(claims, field[i].kind, value, SEK_EVIDENCE_CHECKED);
        else if (value.len == field[i].len && !all_zero(value))
            status = sek_part_add_bytes(claims, field[i].kind, value, SEK_EVIDENCE_CHECKED);
    }
    return status;
}

bool sek_part_known(const char *name)
{
    for (const struct sek_part_format *const *format = sek_parts; name && *format; format++) {
        if (strcmp((*format)->name, name) == 0)
            return true;
    }
    return false;
}

enum sek_status sek_part_keep(struct sek_part_claims *claims, struct sek_bytes record)
{
    for (size_t i = 0; i < claims->count; i++) {
        struct sek_observation *item = &claims->item[i];

        if (item->type == SEK_VALUE_NUMBER || item->value.data < record.data ||
            item->value.data >= record.data + record.len)
            continue;
        if (item->value.len > claims->text_cap - claims->text_used)
            return SEK_ERR_NO_SPACE;
        memcpy(claims->text + claims->text_used, item->value.data, item->value.len);
        item->value.data = claims->text + claims->text_used;
        claims->text_used += item->value.len;
    }
    return SEK_OK;
}
