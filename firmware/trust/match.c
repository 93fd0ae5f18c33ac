#include "trust/match.h"

#include "base/bytes.h"
#include "trust/look_alike.h"
#include "trust/names.h"
#include "trust/values.h"

#include <string.h>

static bool hit_exactly(const struct sek_hits *hits, int entity)
{
    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hit[i].strength == SEK_HIT_EXACT && hits->hit[i].entity == entity)
            return true;
    }
    return false;
}

static bool makers_field(enum sek_kind kind)
{
    return kind == SEK_KIND_VENDOR || kind == SEK_KIND_MANUFACTURER;
}

/* Numbers that say whose the part is, not whose chip is on it. */
static bool makers_number(enum sek_kind kind)
{
    return (kind >= SEK_KIND_OUI24 && kind <= SEK_KIND_PCI) || kind == SEK_KIND_USB ||
           kind == SEK_KIND_JEDEC;
}

static void hit_again(struct sek_hit *hit, const struct sek_observation *seen,
                      enum sek_evidence_class evidence)
{
    if (evidence > hit->evidence)
        hit->evidence = evidence;
    if (hit->strength == SEK_HIT_EXACT) {
        hit->by_name = hit->by_name || makers_field(seen->kind);
        hit->by_number = hit->by_number || makers_number(seen->kind);
    }
}

void sek_hits_add(struct sek_hits *hits, int entity, enum sek_hit_strength strength,
                  const struct sek_observation *seen, enum sek_evidence_class evidence)
{
    for (size_t i = 0; i < hits->count; i++) {
        struct sek_hit *hit = &hits->hit[i];

        if (hit->entity == entity && hit->strength == strength) {
            hit_again(hit, seen, evidence);
            return;
        }
    }
    if (strength == SEK_HIT_LOOK_ALIKE && hit_exactly(hits, entity))
        return;
    if (hits->count == SEK_HITS_MAX) {
        hits->overflow = true;
        return;
    }
    hits->hit[hits->count] = (struct sek_hit){.entity = entity, .strength = strength};
    hit_again(&hits->hit[hits->count++], seen, evidence);
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

void sek_hits_find(const struct sek_store *store, enum sek_index kind, struct sek_bytes text,
                   enum sek_hit_strength strength, const struct sek_observation *seen,
                   struct sek_hits *hits)
{
    uint64_t key = sek_fnv1a(text);
    size_t at;

    for (int node = sek_store_find(store, kind, key, &at); node >= 0;
         node = sek_store_next(store, kind, key, &at)) {
        if (list_has(store, node, sek_index_name(kind), text))
            sek_hits_add(hits, node, strength, seen, seen->evidence);
    }
}

/* Every run of at most six tokens against the aliases. */
static void match_aliases(const struct sek_store *store, struct sek_bytes name,
                          struct sek_tokens *tokens, const struct sek_observation *seen,
                          struct sek_hits *hits)
{
    for (size_t i = 0; i < tokens->count; i++) {
        for (size_t k = i; k < tokens->count && k < i + SEK_ALIAS_TOKENS; k++) {
            size_t start = tokens->token[i].start, before = hits->count;
            struct sek_bytes run = {name.data + start, tokens->token[k].end - start};
            bool weak = !makers_field(seen->kind) && sek_name_letters(run) < SEK_SHORT_ALIAS;

            sek_hits_find(store, SEK_INDEX_ALIAS, run, weak ? SEK_HIT_SHORT : SEK_HIT_EXACT, seen,
                          hits);
            for (size_t n = i; hits->count > before && n <= k; n++)
                tokens->token[n].known = true;
        }
    }
}

/* Names that must not match: hits of text on their entities are taken back. */
static void drop_not_alias(const struct sek_store *store, struct sek_bytes name,
                           struct sek_hits *hits)
{
    size_t kept = 0;

    for (size_t i = 0; i < hits->count; i++) {
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

static bool any_exact(const struct sek_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hit[i].strength == SEK_HIT_EXACT)
            return true;
    }
    return false;
}

/* Look-ups of one name, apart from those of others: a not-alias takes back only its own hits. */
static void match_name(const struct sek_store *store, const struct sek_observation *seen,
                       struct sek_hits *all)
{
    char normal[SEK_NORMAL_MAX];
    struct sek_hits hits = {.count = 0};
    struct sek_bytes name = {
        (const uint8_t *)normal,
        sek_name_normalise(seen->value, normal, sizeof normal, &hits.overflow)};
    struct sek_tokens tokens;

    sek_name_split(name, &tokens);
    hits.overflow = hits.overflow || tokens.overflow;
    match_aliases(store, name, &tokens, seen, &hits);
    if (makers_field(seen->kind))
        sek_look_alikes(store, name, &tokens, seen, &hits);
    drop_not_alias(store, name, &hits);
    for (size_t i = 0; i < hits.count; i++)
        sek_hits_add(all, hits.hit[i].entity, hits.hit[i].strength, seen, hits.hit[i].evidence);
    all->overflow = all->overflow || hits.overflow;
    if (!makers_field(seen->kind) || generic(store, name))
        return;
    all->attributed = true;
    all->stranger = all->stranger || !any_exact(&hits);
}

/* True: the store knows whose it is. */
static bool match_number(const struct sek_store *store, enum sek_index kind, uint64_t key,
                         const struct sek_observation *seen, enum sek_evidence_class evidence,
                         struct sek_hits *hits)
{
    size_t at;
    int node = sek_store_find(store, kind, key, &at);

    if (node >= 0)
        sek_hits_add(hits, node, SEK_HIT_EXACT, seen, evidence);
    return node >= 0;
}

static uint64_t number_of(struct sek_bytes bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.len && i < 8; i++)
        number = number << 8 | bytes.data[i];
    return number;
}

/* An address belongs to the longest prefix that the store knows; it makes no part attributed. */
static void match_mac(const struct sek_store *store, const struct sek_observation *seen,
                      struct sek_hits *hits)
{
    uint64_t mac = number_of(seen->value);
    const uint64_t half_byte = 0xf;

    if (seen->value.len != 6 || mac == 0 || (seen->value.data[0] & 0x01) != 0)
        return; /* none, or a group's: nobody's */
    if (!match_number(store, SEK_INDEX_OUI36, mac >> 8 & ~half_byte, seen, SEK_EVIDENCE_PLAIN,
                      hits) &&
        !match_number(store, SEK_INDEX_OUI28, mac >> 16 & ~half_byte, seen, SEK_EVIDENCE_PLAIN,
                      hits))
        (void)match_number(store, SEK_INDEX_OUI24, mac >> 24, seen, SEK_EVIDENCE_PLAIN, hits);
}

static void match_oui(const struct sek_store *store, enum sek_index kind,
                      const struct sek_observation *seen, struct sek_hits *hits)
{
    uint64_t oui = number_of(seen->value), ones = (UINT64_C(1) << 8 * seen->value.len) - 1;

    if (seen->value.len > 5 || oui == 0 || oui == ones)
        return;
    hits->attributed = true;
    (void)match_number(store, kind, oui, seen, seen->evidence, hits);
}

/* A number that names a maker, unless it is one that nobody has. */
static void match_vendor(const struct sek_store *store, enum sek_index kind, uint32_t vendor,
                         uint32_t ones, const struct sek_observation *seen, struct sek_hits *hits)
{
    if (vendor == 0 || vendor == ones)
        return;
    hits->attributed = true;
    (void)match_number(store, kind, vendor, seen, seen->evidence, hits);
}

static void match_text(const struct sek_store *store, enum sek_index kind, struct sek_bytes text,
                       const struct sek_observation *seen, struct sek_hits *hits)
{
    hits->attributed = hits->attributed || text.len > 0;
    sek_hits_find(store, kind, text, SEK_HIT_EXACT, seen, hits);
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
        match_vendor(store, SEK_INDEX_PEN, seen->number, UINT32_MAX, seen, hits);
        break;
    case SEK_KIND_PCI:
    case SEK_KIND_PCI_SUBSYSTEM:
        match_vendor(store, SEK_INDEX_PCI, seen->number >> 16, UINT16_MAX, seen, hits);
        break;
    case SEK_KIND_USB:
        match_vendor(store, SEK_INDEX_USB, seen->number >> 16, UINT16_MAX, seen, hits);
        break;
    case SEK_KIND_JEDEC: /* the manufacturer's byte, and the whole id */
        match_vendor(store, SEK_INDEX_JEDEC, seen->number >> 16, UINT8_MAX, seen, hits);
        match_vendor(store, SEK_INDEX_JEDEC, seen->number, 0xffffff, seen, hits);
        break;
    case SEK_KIND_MIDR:
        match_vendor(store, SEK_INDEX_MIDR, seen->number, UINT32_MAX, seen, hits);
        break;
    case SEK_KIND_COMPATIBLE: { /* "vendor,device" */
        const uint8_t *comma = text.len ? memchr(text.data, ',', text.len) : NULL;

        if (comma)
            text.len = (size_t)(comma - text.data);
        match_text(store, SEK_INDEX_DT_PREFIX, text, seen, hits);
        break;
    }
    case SEK_KIND_GPON:
        match_text(store, SEK_INDEX_GPON, text, seen, hits);
        break;
    case SEK_KIND_ACPI_HID:
        match_text(store, SEK_INDEX_ACPI_HID, text, seen, hits);
        break;
    case SEK_KIND_PNP:
        match_text(store, SEK_INDEX_PNP, text, seen, hits);
        break;
    case SEK_KIND_SERIAL_NUMBER:
    case SEK_KIND_REVISION:
    case SEK_KIND_COUNTRY:
    case SEK_KIND_DATE:
        break;
    }
}

/* An entity that is hit exactly is no look-alike of itself. */
static void drop_own_look_alikes(struct sek_hits *hits)
{
    size_t kept = 0;

    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hit[i].strength != SEK_HIT_LOOK_ALIKE || !hit_exactly(hits, hits->hit[i].entity))
            hits->hit[kept++] = hits->hit[i];
    }
    hits->count = kept;
}

void sek_match(const struct sek_store *store, const struct sek_observation *item, size_t count,
               struct sek_hits *hits)
{
    *hits = (struct sek_hits){.count = 0};
    for (size_t i = 0; i < count; i++)
        match_one(store, &item[i], hits);
    drop_own_look_alikes(hits);
}
