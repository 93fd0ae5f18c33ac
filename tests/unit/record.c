#define _POSIX_C_SOURCE 200809L
#include "tests/unit/record.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void record_put(struct record *record, const void *bytes, size_t len)
{
    assert_true(len <= sizeof record->data - record->len);
    if (len > 0)
        memcpy(record->data + record->len, bytes, len);
    record->len += len;
}

void record_u8(struct record *record, unsigned byte)
{
    const uint8_t one = (uint8_t)byte;

    record_put(record, &one, 1);
}

void record_read(const uint8_t *data, size_t len, const char *forced, size_t cap,
                 struct record_result *result)
{
    assert_true(cap <= RECORD_ITEMS);
    memset(result, 0xa5, sizeof *result); /* what the parser is given is not clean */
    result->copy = malloc(len ? len : 1);
    assert_non_null(result->copy);
    if (len > 0)
        memcpy(result->copy, data, len);
    result->claims.item = result->item;
    result->claims.cap = cap;
    result->claims.text = result->text;
    result->claims.text_cap = sizeof result->text;
    result->status = sek_part_read((struct sek_bytes){result->copy, len}, forced, &result->claims);
}

void record_drop(struct record_result *result)
{
    free(result->copy);
    result->copy = NULL;
}

static void print_value(FILE *out, const struct sek_observation *seen)
{
    static const char *const name[] = {
        "?",     "vendor", "maker",   "product", "part",   "serial", "rev",   "oui",
        "oui28", "oui36",  "pen",     "pci",     "subsys", "usb",    "jedec", "compatible",
        "midr",  "gpon",   "country", "hid",     "pnp",    "date",   "mac",
    };
    char text[RECORD_LINE];

    (void)fprintf(out, "%s=", name[seen->kind]);
    switch (seen->type) {
    case SEK_VALUE_TEXT:
        sek_text_clean(seen->value, text, sizeof text);
        (void)fputs(text, out);
        return;
    case SEK_VALUE_BYTES:
        sek_text_hex(seen->value, text);
        (void)fputs(text, out);
        return;
    case SEK_VALUE_NUMBER:
        (void)fprintf(out, "%lu", (unsigned long)seen->number);
        return;
    }
    fail();
}

const char *record_line(const struct record_result *result)
{
    static char line[RECORD_LINE];
    FILE *out = fmemopen(line, sizeof line, "w");

    assert_non_null(out);
    line[0] = '\0'; /* nothing written leaves it as it is */
    if (result->status != SEK_OK)
        (void)fprintf(out, "%s at %llu: %s", sek_status_text(result->status),
                      (unsigned long long)result->claims.fault.offset,
                      result->claims.fault.why ? result->claims.fault.why : "");
    for (size_t i = 0; result->status == SEK_OK && i < result->claims.count; i++) {
        (void)fputs(i ? " " : "", out);
        print_value(out, &result->claims.item[i]);
    }
    if (result->status == SEK_OK && result->claims.blank)
        (void)fputs("blank", out);
    if (result->status == SEK_OK && result->claims.damaged)
        (void)fprintf(out, "; damaged at %llu: %s", (unsigned long long)result->claims.fault.offset,
                      result->claims.fault.why);
    assert_int_equal(fclose(out), 0);
    return line;
}

/* Everything that a result promises, whatever was read. */
static void check_promises(const struct record_result *result, size_t len)
{
    const struct sek_part_claims *claims = &result->claims;

    assert_true(claims->count <= claims->cap && claims->text_used <= claims->text_cap);
    assert_int_equal(claims->fault.status == SEK_OK, result->status == SEK_OK && !claims->damaged);
    if (claims->fault.status != SEK_OK)
        assert_non_null(claims->fault.why);
    assert_true(claims->fault.offset <= len);
    for (size_t i = 0; i < claims->count; i++) {
        const struct sek_observation *seen = &claims->item[i];
        const uint8_t *at = seen->value.data;
        bool inside = at >= result->copy && at <= result->copy + len &&
                      seen->value.len <= (size_t)(result->copy + len - at);
        bool decoded = at >= result->text && at <= result->text + claims->text_used &&
                       seen->value.len <= (size_t)(result->text + claims->text_used - at);

        assert_true(seen->type == SEK_VALUE_NUMBER || inside || decoded);
        assert_true(seen->type != SEK_VALUE_TEXT || sek_utf8_valid(seen->value));
        assert_true(seen->evidence >= SEK_EVIDENCE_PLAIN && seen->evidence <= SEK_EVIDENCE_SILICON);
        assert_int_equal(seen->flags, claims->damaged ? SEK_OBSERVATION_DAMAGED : 0);
    }
}

static void check_truncations(const uint8_t *data, size_t len, const char *format, size_t count)
{
    struct record_result result;

    for (size_t cut = 0; cut < len; cut++) {
        record_read(data, cut, format, RECORD_ITEMS, &result);
        check_promises(&result, cut);
        if (result.status == SEK_OK && !result.claims.damaged)
            fail_msg("cut to %zu: %s", cut, record_line(&result));
        assert_true(result.claims.count <= count);
        record_drop(&result);
    }
}

static void check_bits(const uint8_t *data, size_t len, const char *format,
                       bool (*bit_may_pass)(size_t byte))
{
    uint8_t *changed = malloc(len);
    struct record_result result;

    assert_non_null(changed);
    memcpy(changed, data, len);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        record_read(changed, len, format, RECORD_ITEMS, &result);
        check_promises(&result, len);
        assert_false(result.claims.blank);
        if (!bit_may_pass || !bit_may_pass(bit / 8))
            assert_true(result.status != SEK_OK || result.claims.damaged);
        record_drop(&result);
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(changed);
}

void record_check_all(const uint8_t *data, size_t len, const char *format,
                      bool (*bit_may_pass)(size_t byte))
{
    struct record_result result;
    size_t count;

    record_read(data, len, format, RECORD_ITEMS, &result);
    assert_int_equal(result.status, SEK_OK);
    assert_false(result.claims.damaged || result.claims.blank);
    check_promises(&result, len);
    count = result.claims.count;
    record_drop(&result);
    check_truncations(data, len, format, count);
    check_bits(data, len, format, bit_may_pass);
    for (size_t cap = 0; cap <= count; cap++) {
        record_read(data, len, format, cap, &result);
        assert_int_equal(result.status, cap < count ? SEK_ERR_NO_SPACE : SEK_OK);
        assert_int_equal(result.claims.count, cap);
        record_drop(&result);
    }
}

bool record_has(const struct record_result *result, enum sek_kind kind, const char *text)
{
    size_t len = strlen(text), start = strspn(text, " ");

    while (len > start && text[len - 1] == ' ')
        len--;
    if (len == start)
        return true; /* nothing is said */
    for (size_t i = 0; i < result->claims.count; i++) {
        const struct sek_observation *seen = &result->claims.item[i];

        if (seen->kind == kind && seen->value.len == len - start &&
            memcmp(seen->value.data, text + start, len - start) == 0)
            return true;
    }
    return false;
}

static void load(const char *folder, const char *name, struct record *record)
{
    char path[512];
    FILE *in;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    in = fopen(path, "rb");
    assert_non_null(in);
    record->len = fread(record->data, 1, sizeof record->data, in);
    (void)fclose(in);
}

size_t record_collection(const char *key, const char *format,
                         void (*check)(const json_t *told, const struct record_result *result))
{
    const char *named = getenv("SEKISHO_EEPROM"), *file;
    const char *folder = named ? named : "../shared/data/eeprom";
    struct record_result result;
    struct record record;
    json_t *root, *entry;
    char path[512];
    size_t count = 0;

    (void)snprintf(path, sizeof path, "%s/MANIFEST.json", folder);
    root = json_load_file(path, JSON_ALLOW_NUL, NULL);
    if (!root)
        print_message("no records in %s: skipped\n", folder);
    json_object_foreach(root, file, entry)
    {
        const json_t *told = !strchr(key, '/')                      ? json_object_get(entry, key)
                             : strncmp(file, key, strlen(key)) == 0 ? entry
                                                                    : NULL;

        if (!told)
            continue;
        load(folder, file, &record);
        record_read(record.data, record.len, format, 64, &result);
        check(told, &result);
        check_promises(&result, record.len);
        record_drop(&result);
        count++;
    }
    json_decref(root);
    return count;
}

void record_check_module(const json_t *told, const struct record_result *result)
{
    static const struct {
        const char *key;
        enum sek_kind kind;
    } fields[] = {
        {"vendor", SEK_KIND_VENDOR},    {"pn", SEK_KIND_PART_NUMBER}, {"rev", SEK_KIND_REVISION},
        {"sn", SEK_KIND_SERIAL_NUMBER}, {"date", SEK_KIND_DATE},
    };
    const char *oui = json_string_value(json_object_get(told, "oui")), *key;
    char line[16] = "oui=";
    bool good = true;
    const json_t *value;

    assert_int_equal(result->status, SEK_OK);
    for (size_t i = 0; i < SEK_LEN(fields); i++)
        assert_true(record_has(result, fields[i].kind,
                               json_string_value(json_object_get(told, fields[i].key))));
    strcat(line, oui);
    assert_int_equal(strstr(record_line(result), line) != NULL, strcmp(oui, "000000") != 0);
    json_object_foreach((json_t *)(uintptr_t)told, key, value)
    {
        if (json_is_string(value) && strstr(json_string_value(value), "False"))
            good = false;
    }
    assert_int_equal(result->claims.damaged, !good);
}
