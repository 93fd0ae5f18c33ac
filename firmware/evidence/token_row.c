#include "evidence/token_row.h"

#include "evidence/token.h"

#include <string.h>

bool sek_token_name_valid(struct sek_bytes name)
{
    static const char signs[] = ",._+/-";

    if (name.len == 0 || name.len > SEK_ROW_NAME_MAX || name.data[0] == '/' ||
        name.data[name.len - 1] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c != 0 && strchr(signs, c))))
            return false;
    }
    return true;
}

void sek_token_flags(const struct sek_row *row, uint8_t flags[SEK_FLAGS_LEN])
{
    flags[0] = (uint8_t)row->integrity;
    flags[1] = (uint8_t)row->supplier;
    flags[2] = (uint8_t)row->component_class;
    flags[3] = (uint8_t)row->bank;
    flags[4] = (uint8_t)row->method;
    flags[5] = 0; /* the security counter is a claim of its own */
    flags[6] = (uint8_t)(row->rule >> 8);
    flags[7] = (uint8_t)row->rule;
}

static struct sek_bytes text_of(const char *text, size_t max)
{
    size_t len = 0;

    while (len < max && text[len])
        len++;
    return (struct sek_bytes){.data = (const uint8_t *)text, .len = len};
}

static struct sek_bytes name_of(const struct sek_row *row)
{
    return text_of(row->name, SEK_ROW_NAME_MAX);
}

static bool inside(const struct sek_row *row) /* stands in its region's entry */
{
    return row->kind == SEK_ROW_IMAGE || row->kind == SEK_ROW_CONFIGURATION;
}

/* The region that a row inside belongs to: the longest name before a '/'; NULL: none. */
static const struct sek_row *region_of(const struct sek_row *row, const struct sek_row *all,
                                       size_t count)
{
    const struct sek_row *region = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        struct sek_bytes name = name_of(&all[i]);

        if (all[i].kind == SEK_ROW_REGION && name.len > longest && row->name[name.len] == '/' &&
            memcmp(row->name, name.data, name.len) == 0) {
            region = &all[i];
            longest = name.len;
        }
    }
    return region;
}

static const struct sek_digest_value *strong_digest(const struct sek_row *row, size_t index)
{
    for (size_t i = 0; i < SEK_ROW_DIGESTS; i++)
        if (sek_digest_ni(row->digest[i].alg) != 0 && index-- == 0)
            return &row->digest[i];
    return NULL;
}

/* True if the row's key verified it; of a bad signature it only should have (SIG-004). */
static bool verified_by_key(const struct sek_row *row)
{
    switch (row->rule) {
    case SEK_RULE(SIG, 3):
    case SEK_RULE(SIG, 7):
    case SEK_RULE(SIG, 8):
    case SEK_RULE(SIG, 9):
    case SEK_RULE(SIG, 10):
    case SEK_RULE(SIG, 11):
    case SEK_RULE(SIG, 12):
        return row->has_key;
    default:
        return row->has_key && row->integrity == SEK_INTEGRITY_VERIFIED;
    }
}

static bool says_damaged(const struct sek_row *row)
{
    for (size_t i = 0; i < row->observation_count; i++)
        if (row->observation[i].flags & SEK_OBSERVATION_DAMAGED)
            return true;
    return false;
}

/* Only what nothing else in the entry says. */
static unsigned marks_of(const struct sek_row *row)
{
    return (row->kind == SEK_ROW_PART && row->observation_count == 0 ? SEK_MARK_PART : 0u) |
           (row->kind == SEK_ROW_CONFIGURATION ? SEK_MARK_CONFIGURATION : 0u) |
           (row->damaged && !says_damaged(row) ? SEK_MARK_DAMAGED : 0u) |
           (row->blank ? SEK_MARK_BLANK : 0u) | (row->optional ? SEK_MARK_OPTIONAL : 0u);
}

static void key(struct sek_cbor_writer *w, int64_t claim, size_t *pairs)
{
    sek_cbor_put_int(w, claim);
    ++*pairs;
}

static void put_digest(struct sek_cbor_writer *w, const struct sek_digest_value *digest)
{
    sek_cbor_put_array(w, 2);
    sek_cbor_put_uint(w, sek_digest_ni(digest->alg));
    sek_cbor_put_bytes(w, digest->bytes, sek_digest_len(digest->alg));
}

/* A measured component (RFC 10013), or one without digest, as a byte string. */
static void put_measured(struct sek_cbor_writer *w, const struct sek_row *row)
{
    const struct sek_digest_value *first = strong_digest(row, 0), *second = strong_digest(row, 1);
    struct sek_bytes version = text_of(row->version, SEK_ROW_VERSION_MAX);
    size_t begin = sek_cbor_begin(w), pairs = 0;
    uint8_t flags[SEK_FLAGS_LEN];

    key(w, SEK_MC_ID, &pairs);
    sek_cbor_put_array(w, version.len > 0 ? 2 : 1);
    sek_cbor_put_text_bytes(w, name_of(row));
    if (version.len > 0) {
        sek_cbor_put_array(w, 1);
        sek_cbor_put_text_bytes(w, version);
    }
    if (first) {
        key(w, SEK_MC_DIGEST, &pairs);
        put_digest(w, first);
    }
    if (verified_by_key(row)) {
        key(w, SEK_MC_AUTHORITIES, &pairs);
        sek_cbor_put_array(w, 1);
        sek_cbor_put_bytes(w, row->key, sizeof row->key);
    }
    if (inside(row)) { /* a component has its own in -82005 */
        sek_token_flags(row, flags);
        key(w, SEK_MC_FLAGS, &pairs);
        sek_cbor_put_bytes(w, flags, sizeof flags);
    }
    if (row->has_counter) {
        key(w, SEK_CLAIM_SECURITY_COUNTER, &pairs);
        sek_cbor_put_uint(w, row->security_counter);
    }
    if (!first && marks_of(row) != 0) {
        key(w, SEK_CLAIM_MARKS, &pairs);
        sek_cbor_put_uint(w, marks_of(row));
    }
    if (second) {
        key(w, SEK_CLAIM_SECOND_DIGEST, &pairs);
        put_digest(w, second);
    }
    if (row->has_timestamp) {
        key(w, SEK_CLAIM_TIMESTAMP, &pairs);
        sek_cbor_put_uint(w, row->timestamp);
    }
    sek_cbor_end_map(w, begin, pairs);
    sek_cbor_end_bytes(w, begin);
}

/* A row has a place among the measured only with a digest; a region without one, but with something
 * that is said nowhere else, stands among the others. */
static bool belongs(const struct sek_row *row, bool measured)
{
    if ((strong_digest(row, 0) != NULL) != measured)
        return false;
    return measured || inside(row) || row->version[0] || row->has_key || row->has_counter ||
           row->has_timestamp;
}

/* Writes one list of a region's entry, if it is not empty: the region's own, then its images'. */
static void put_list(struct sek_cbor_writer *w, int64_t claim, const struct sek_row *region,
                     const struct sek_row *row, size_t count, size_t *pairs)
{
    bool measured = claim == SEK_CLAIM_MEASUREMENTS;
    struct sek_cbor_writer before = *w;
    size_t begin, entries = 0;

    sek_cbor_put_int(w, claim);
    begin = sek_cbor_begin(w);
    for (size_t i = 0; i <= count; i++) {
        const struct sek_row *entry = i == 0 ? region : &row[i - 1];

        if (!belongs(entry, measured) ||
            (i > 0 && !(inside(entry) && region_of(entry, row, count) == region)))
            continue;
        if (measured) {
            sek_cbor_put_array(w, 2);
            sek_cbor_put_uint(w, SEK_MC_CONTENT_FORMAT);
        }
        put_measured(w, entry);
        entries++;
    }
    if (entries == 0 && before.status == SEK_OK) {
        *w = before;
        return;
    }
    sek_cbor_end_array(w, begin, entries);
    ++*pairs;
}

static void put_observation(struct sek_cbor_writer *w, const struct sek_observation *observation)
{
    enum sek_value_type type;
    size_t len;

    if (!sek_kind_type((uint64_t)observation->kind, &type, &len) || type != observation->type ||
        (len > 0 && observation->value.len != len))
        sek_cbor_fail(w, SEK_ERR_RANGE);
    sek_cbor_put_array(w, observation->flags ? 4 : 3);
    sek_cbor_put_uint(w, (uint64_t)observation->kind);
    switch (observation->type) {
    case SEK_VALUE_TEXT:
        sek_cbor_put_text_bytes(w, observation->value);
        break;
    case SEK_VALUE_BYTES:
        sek_cbor_put_bytes(w, observation->value.data, observation->value.len);
        break;
    case SEK_VALUE_NUMBER:
        sek_cbor_put_uint(w, observation->number);
        break;
    }
    sek_cbor_put_uint(w, (uint64_t)observation->evidence);
    if (observation->flags)
        sek_cbor_put_uint(w, observation->flags);
}

static void put_component(struct sek_cbor_writer *w, const struct sek_row *component,
                          const struct sek_row *row, size_t count)
{
    size_t begin = sek_cbor_begin(w), pairs = 0;
    struct sek_bytes location = text_of(component->location, SEK_ROW_LOCATION_MAX);
    struct sek_bytes format = text_of(component->format, sizeof component->format - 1);
    uint8_t flags[SEK_FLAGS_LEN];

    put_list(w, SEK_CLAIM_MEASUREMENTS, component, row, count, &pairs);
    if (component->observation_count > 0) {
        key(w, SEK_CLAIM_OBSERVATIONS, &pairs);
        sek_cbor_put_array(w, component->observation_count);
        for (size_t i = 0; i < component->observation_count; i++)
            put_observation(w, &component->observation[i]);
    }
    sek_token_flags(component, flags);
    key(w, SEK_CLAIM_FLAGS, &pairs);
    sek_cbor_put_bytes(w, flags, sizeof flags);
    key(w, SEK_CLAIM_LOCATION, &pairs);
    sek_cbor_put_text_bytes(w, location);
    if (format.len > 0 || component->size > 0) {
        key(w, SEK_CLAIM_FORMAT_SIZE, &pairs);
        sek_cbor_put_array(w, 2);
        sek_cbor_put_text_bytes(w, format);
        sek_cbor_put_uint(w, component->size);
    }
    if (marks_of(component) != 0) {
        key(w, SEK_CLAIM_MARKS, &pairs);
        sek_cbor_put_uint(w, marks_of(component));
    }
    put_list(w, SEK_CLAIM_UNMEASURED, component, row, count, &pairs);
    sek_cbor_end_map(w, begin, pairs);
}

/* Order of encoded text: the head holds the length, so the shorter one comes first. */
static int order(struct sek_bytes a, struct sek_bytes b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return memcmp(a.data, b.data, a.len);
}

/* The component behind last in that order; NULL: none. */
static const struct sek_row *next_component(const struct sek_row *row, size_t count,
                                            const struct sek_row *last)
{
    const struct sek_row *next = NULL;

    for (size_t i = 0; i < count; i++) {
        struct sek_bytes name = name_of(&row[i]);

        if (!inside(&row[i]) && (!last || order(name, name_of(last)) > 0) &&
            (!next || order(name, name_of(next)) < 0))
            next = &row[i];
    }
    return next;
}

void sek_token_put_rows(struct sek_cbor_writer *w, const struct sek_row *row, size_t count)
{
    const struct sek_row *component = NULL;
    size_t begin = sek_cbor_begin(w), components = 0, written = 0;

    for (size_t i = 0; i < count; i++) {
        if (!sek_token_name_valid(name_of(&row[i])))
            sek_cbor_fail(w, SEK_ERR_RANGE);
        if (inside(&row[i]) && !region_of(&row[i], row, count))
            sek_cbor_fail(w, SEK_ERR_MALFORMED); /* it would be left out in silence */
        components += inside(&row[i]) ? 0 : 1;
    }
    if (components == 0)
        sek_cbor_fail(w, SEK_ERR_RANGE);
    while ((component = next_component(row, count, component)) != NULL) {
        sek_cbor_put_text_bytes(w, name_of(component));
        put_component(w, component, row, count);
        written++;
    }
    if (written != components) /* two of one name: the second would be left out */
        sek_cbor_fail(w, SEK_ERR_MALFORMED);
    sek_cbor_end_map(w, begin, written);
}

void sek_token_put_summary(struct sek_cbor_writer *w, const struct sek_row *row, size_t count)
{
    uint32_t integrity[SEK_INTEGRITY_TAMPERED + 1] = {0}, supplier[SEK_SUPPLIER_EXCLUDED + 1] = {0};
    uint8_t digest[SEK_DIGEST_MAX] = {0};
    size_t begin = sek_cbor_begin(w);

    sek_token_put_rows(w, row, count);
    if (w->status != SEK_OK)
        return;
    sek_cbor_fail(w,
                  sek_digest_of(SEK_DIGEST_SHA256, NULL, w->buf + begin, w->len - begin, digest));
    w->len = begin;
    for (size_t i = 0; i < count; i++) {
        if ((size_t)row[i].integrity < SEK_LEN(integrity))
            integrity[row[i].integrity]++;
        if ((size_t)row[i].supplier < SEK_LEN(supplier))
            supplier[row[i].supplier]++;
    }
    sek_cbor_put_array(w, 3);
    sek_cbor_put_bytes(w, digest, 32);
    sek_cbor_put_array(w, SEK_LEN(integrity));
    for (size_t i = 0; i < SEK_LEN(integrity); i++)
        sek_cbor_put_uint(w, integrity[i]);
    sek_cbor_put_array(w, SEK_LEN(supplier));
    for (size_t i = 0; i < SEK_LEN(supplier); i++)
        sek_cbor_put_uint(w, supplier[i]);
}
