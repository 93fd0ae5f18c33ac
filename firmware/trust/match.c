#include "trust/match.h"

#include "base/bytes.h"
#include "trust/names.h"

#include <string.h>

enum { TOKENS_MAX = 128 };

struct tokens {
    uint16_t start[TOKENS_MAX], end[TOKENS_MAX];
    size_t count;
    bool overflow;
};

static void add_hit(struct sek_hits *hits, int entity, enum sek_hit_strength strength,
                    const struct sek_observation *seen, enum sek_evidence_class evidence)
{
    for (size_t i = 0; i < hits->count; i++) {
        struct sek_hit *hit = &hits->hit[i];

        if (hit->entity == entity && hit->strength == strength) {
            if (evidence > hit->evidence)
                hit->evidence = evidence;
            return;
        }
    }
    if (hits->count == SEK_HITS_MAX) {
        hits->overflow = true;
        return;
    }
    hits->hit[hits->count++] = (struct sek_hit){entity, strength, evidence, seen->kind};
}

/* True if a text of the entity's list is exactly these bytes. */
static bool list_has(const struct sek_store *store, int node, const char *property,
                     struct sek_bytes text)
{
    struct sek_bytes list = sek_store_bytes(store, node, property);
    size_t at = 0;

    while (at < list.len) {
        const uint8_t *end = memchr(list.data + at, 0, list.len - at);
        size_t len = end ? (size_t)(end - list.data) - at : list.len - at;

        if (len == text.len && memcmp(list.data + at, text.data, len) == 0)
            return true;
        at += len + 1;
    }
    return false;
}

/* Entities that own a text of an index kind. */
static void find_text(const struct sek_store *store, enum sek_index kind, const char *property,
                      struct sek_bytes text, enum sek_hit_strength strength,
                      const struct sek_observation *seen, struct sek_hits *hits)
{
    uint64_t key = sek_fnv1a(text);
    size_t at;

    for (int node = sek_store_find(store, kind, key, &at); node >= 0;
         node = sek_store_next(store, kind, key, &at)) {
        if (list_has(store, node, property, text))
            add_hit(hits, node, strength, seen, seen->evidence);
    }
}

static void split(struct sek_bytes name, struct tokens *tokens)
{
    size_t start = 0;

    tokens->count = 0;
    tokens->overflow = false;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.data[i] != ' ')
            continue;
        if (i > start) {
            if (tokens->count == TOKENS_MAX) {
                tokens->overflow = true;
                return;
            }
            tokens->start[tokens->count] = (uint16_t)start;
            tokens->end[tokens->count++] = (uint16_t)i;
        }
        start = i + 1;
    }
}

static bool makers_field(enum sek_kind kind)
{
    return kind == SEK_KIND_VENDOR || kind == SEK_KIND_MANUFACTURER;
}

/* Every run of at most six tokens against the aliases. */
static void match_aliases(const struct sek_store *store, struct sek_bytes name,
                          const struct tokens *tokens, const struct sek_observation *seen,
                          struct sek_hits *hits)
{
    for (size_t i = 0; i < tokens->count; i++) {
        for (size_t k = i; k < tokens->count && k < i + SEK_ALIAS_TOKENS; k++) {
            struct sek_bytes run = {name.data + tokens->start[i],
                                    (size_t)(tokens->end[k] - tokens->start[i])};
            bool weak = !makers_field(seen->kind) && sek_name_letters(run) < SEK_SHORT_ALIAS;

            find_text(store, SEK_INDEX_ALIAS, "alias", run, weak ? SEK_HIT_SHORT : SEK_HIT_EXACT,
                      seen, hits);
        }
    }
}

/* Single letters that stand alone in a row count as one token. */
static void join_letters(struct sek_bytes name, struct tokens *tokens)
{
    size_t kept = 0;
    bool row = false;

    for (size_t i = 0; i < tokens->count; i++) {
        struct sek_bytes token = {name.data + tokens->start[i],
                                  (size_t)(tokens->end[i] - tokens->start[i])};
        bool single = sek_name_letters(token) == 1;

        if (single && row) {
            tokens->end[kept - 1] = tokens->end[i];
        } else {
            tokens->start[kept] = tokens->start[i];
            tokens->end[kept++] = tokens->end[i];
        }
        row = single;
    }
    tokens->count = kept;
}

static void match_skeletons(const struct sek_store *store, struct sek_bytes name,
                            struct tokens *tokens, const struct sek_observation *seen,
                            struct sek_hits *hits)
{
    char skeleton[SEK_NORMAL_MAX];

    join_letters(name, tokens);
    for (size_t i = 0; i < tokens->count; i++) {
        for (size_t k = i; k < tokens->count && k < i + SEK_ALIAS_TOKENS; k++) {
            struct sek_bytes run = {name.data + tokens->start[i],
                                    (size_t)(tokens->end[k] - tokens->start[i])};
            size_t len = sek_name_skeleton(run, skeleton, sizeof skeleton);

            find_text(store, SEK_INDEX_SKELETON, "skeleton",
                      (struct sek_bytes){(const uint8_t *)skeleton, len}, SEK_HIT_LOOK_ALIKE, seen,
                      hits);
        }
    }
}

/* Names that must not match: hits of text on their entities are taken back. */
static void drop_not_alias(const struct sek_store *store, struct sek_bytes name, size_t from,
                           struct sek_hits *hits)
{
    size_t kept = from;

    for (size_t i = from; i < hits->count; i++) {
        if (!list_has(store, hits->hit[i].entity, "not-alias", name))
            hits->hit[kept++] = hits->hit[i];
    }
    hits->count = kept;
}

static bool generic(const struct sek_store *store, struct sek_bytes name)
{
    static const char *const shipped[] = {"OEM", "N A", "NONE", "UNKNOWN", "GENERIC", "DEFAULT"};

    if (name.len == 0)
        return true;
    for (size_t i = 0; i < SEK_LEN(shipped); i++) {
        if (strlen(shipped[i]) == name.len && memcmp(shipped[i], name.data, name.len) == 0)
            return true;
    }
    return list_has(store, store->policy, "generic-name", name);
}

/* Look-ups of one name; hits that it gives start behind those of the others, so that a not-alias
 * takes back only its own. */
static void match_name(const struct sek_store *store, const struct sek_observation *seen,
                       struct sek_hits *all)
{
    char normal[SEK_NORMAL_MAX];
    bool cut = false;
    struct sek_bytes name = {(const uint8_t *)normal,
                             sek_name_normalise(seen->value, normal, sizeof normal, &cut)};
    struct sek_hits hits = {.count = 0};
    struct tokens tokens;

    split(name, &tokens);
    match_aliases(store, name, &tokens, seen, &hits);
    drop_not_alias(store, name, 0, &hits);
    if (hits.count == 0 && makers_field(seen->kind)) {
        match_skeletons(store, name, &tokens, seen, &hits);
        drop_not_alias(store, name, 0, &hits);
    }
    for (size_t i = 0; i < hits.count; i++)
        add_hit(all, hits.hit[i].entity, hits.hit[i].strength, seen, hits.hit[i].evidence);
    all->overflow = all->overflow || cut || tokens.overflow || hits.overflow;
    if (makers_field(seen->kind) && !generic(store, name))
        all->attributed = true;
}

static void match_number(const struct sek_store *store, enum sek_index kind, uint64_t key,
                         const struct sek_observation *seen, enum sek_evidence_class evidence,
                         struct sek_hits *hits)
{
    size_t at;
    int node = sek_store_find(store, kind, key, &at);

    if (node >= 0)
        add_hit(hits, node, SEK_HIT_EXACT, seen, evidence);
}

static uint64_t number_of(struct sek_bytes bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.len && i < 8; i++)
        number = number << 8 | bytes.data[i];
    return number;
}

/* An address belongs to the longest prefix that the store knows. */
static void match_mac(const struct sek_store *store, const struct sek_observation *seen,
                      struct sek_hits *hits)
{
    uint64_t mac;
    size_t before = hits->count;

    if (seen->value.len != 6)
        return;
    mac = number_of(seen->value);
    match_number(store, SEK_INDEX_OUI36, mac >> 8 & ~(uint64_t)0xf, seen, SEK_EVIDENCE_PLAIN, hits);
    if (hits->count == before)
        match_number(store, SEK_INDEX_OUI28, mac >> 16 & ~(uint64_t)0xf, seen, SEK_EVIDENCE_PLAIN,
                     hits);
    if (hits->count == before)
        match_number(store, SEK_INDEX_OUI24, mac >> 24, seen, SEK_EVIDENCE_PLAIN, hits);
}

static void match_oui(const struct sek_store *store, enum sek_index kind,
                      const struct sek_observation *seen, struct sek_hits *hits)
{
    uint64_t oui = number_of(seen->value), ones = (UINT64_C(1) << 8 * seen->value.len) - 1;

    if (seen->value.len > 5 || oui == 0 || oui == ones)
        return;
    hits->attributed = true;
    match_number(store, kind, oui, seen, seen->evidence, hits);
}

static void match_text(const struct sek_store *store, enum sek_index kind, const char *property,
                       struct sek_bytes text, const struct sek_observation *seen,
                       struct sek_hits *hits)
{
    find_text(store, kind, property, text, SEK_HIT_EXACT, seen, hits);
}

static void match_one(const struct sek_store *store, const struct sek_observation *seen,
                      struct sek_hits *hits)
{
    struct sek_bytes text = seen->value;

    switch (seen->kind) {
    case SEK_KIND_VENDOR:
    case SEK_KIND_MANUFACTURER:
    case SEK_KIND_PRODUCT:
    case SEK_KIND_PART_NUMBER:
        match_name(store, seen, hits);
        break;
    case SEK_KIND_OUI24:
        match_oui(store, SEK_INDEX_OUI24, seen, hits);
        break;
    case SEK_KIND_OUI28:
        match_oui(store, SEK_INDEX_OUI28, seen, hits);
        break;
    case SEK_KIND_OUI36:
        match_oui(store, SEK_INDEX_OUI36, seen, hits);
        break;
    case SEK_KIND_MAC:
        match_mac(store, seen, hits);
        break;
    case SEK_KIND_PEN:
        hits->attributed = hits->attributed || (seen->number != 0 && seen->number != UINT32_MAX);
        match_number(store, SEK_INDEX_PEN, seen->number, seen, seen->evidence, hits);
        break;
    case SEK_KIND_PCI:
    case SEK_KIND_PCI_SUBSYSTEM:
        match_number(store, SEK_INDEX_PCI, seen->number >> 16, seen, seen->evidence, hits);
        break;
    case SEK_KIND_USB:
        match_number(store, SEK_INDEX_USB, seen->number >> 16, seen, seen->evidence, hits);
        break;
    case SEK_KIND_JEDEC:
        match_number(store, SEK_INDEX_JEDEC, seen->number >> 16, seen, seen->evidence, hits);
        match_number(store, SEK_INDEX_JEDEC, seen->number, seen, seen->evidence, hits);
        break;
    case SEK_KIND_MIDR:
        match_number(store, SEK_INDEX_MIDR, seen->number, seen, seen->evidence, hits);
        break;
    case SEK_KIND_COMPATIBLE: {
        const uint8_t *comma = text.len ? memchr(text.data, ',', text.len) : NULL;

        if (comma)
            text.len = (size_t)(comma - text.data);
        match_text(store, SEK_INDEX_DT_PREFIX, "dt-prefix", text, seen, hits);
        break;
    }
    case SEK_KIND_GPON:
        match_text(store, SEK_INDEX_GPON, "gpon-vid", text, seen, hits);
        break;
    case SEK_KIND_ACPI_HID:
        match_text(store, SEK_INDEX_ACPI_HID, "acpi-hid", text, seen, hits);
        break;
    case SEK_KIND_PNP:
        match_text(store, SEK_INDEX_PNP, "pnp", text, seen, hits);
        break;
    case SEK_KIND_SERIAL_NUMBER:
    case SEK_KIND_REVISION:
    case SEK_KIND_COUNTRY:
    case SEK_KIND_DATE:
        break;
    }
}

void sek_match(const struct sek_store *store, const struct sek_observation *item, size_t count,
               struct sek_hits *hits)
{
    *hits = (struct sek_hits){.count = 0};
    for (size_t i = 0; i < count; i++)
        match_one(store, &item[i], hits);
}
