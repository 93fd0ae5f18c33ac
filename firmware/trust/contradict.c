#include "trust/contradict.h"

#include "trust/decide.h"
#include "trust/kin.h"

#include <string.h>

enum { SERIAL_MIN = 4 }; /* bytes: "1" and "N/A" are on many parts */

/* Parts that are plugged in, one record each; boards and cases may keep theirs in two places. */
static bool is_plugged(enum sek_class component_class)
{
    switch ((unsigned)component_class) { /* few of all classes */
    case SEK_CLASS_TRANSCEIVER:
    case SEK_CLASS_PSU:
    case SEK_CLASS_FAN:
    case SEK_CLASS_NIC:
    case SEK_CLASS_MEMORY:
    case SEK_CLASS_STORAGE:
    case SEK_CLASS_WIRELESS:
        return true;
    default:
        return false;
    }
}

static bool named(const struct sek_store *store, const struct sek_hits *hits, int entity)
{
    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hit[i].by_name && sek_kin_related(store, hits->hit[i].entity, entity))
            return true;
    }
    return false;
}

bool sek_contradict_number(const struct sek_store *store, const struct sek_hits *hits, int *entity)
{
    bool any_name = false;

    for (size_t i = 0; i < hits->count; i++)
        any_name = any_name || hits->hit[i].by_name;
    for (size_t i = 0; any_name && i < hits->count; i++) {
        if (hits->hit[i].by_number && !named(store, hits, hits->hit[i].entity)) {
            *entity = hits->hit[i].entity;
            return true;
        }
    }
    return false;
}

bool sek_contradict_class(const struct sek_row *row)
{
    static const struct {
        const char *format;
        bool module;
    } records[] = {
        {"sff-8472", true},  {"sff-8636", true},  {"cmis", true},
        {"onie-tlv", false}, {"ipmi-fru", false}, {"smbios", false},
    };

    if (row->component_class == SEK_CLASS_NONE || row->blank)
        return false;
    for (size_t i = 0; i < SEK_LEN(records); i++) {
        if (strcmp(row->format, records[i].format) == 0)
            return records[i].module != (row->component_class == SEK_CLASS_TRANSCEIVER);
    }
    return false;
}

static const struct sek_observation *said(const struct sek_row *row, enum sek_kind kind)
{
    for (size_t i = 0; i < row->observation_count; i++) {
        if (row->observation[i].kind == kind)
            return &row->observation[i];
    }
    return NULL;
}

/* Both say the same; both say nothing. */
static bool same(const struct sek_row *a, const struct sek_row *b, enum sek_kind kind)
{
    const struct sek_observation *x = said(a, kind), *y = said(b, kind);

    if (!x || !y)
        return !x && !y;
    return x->value.len == y->value.len && memcmp(x->value.data, y->value.data, x->value.len) == 0;
}

/* A serial number that is one: not short, not one character again and again. */
static bool has_serial(const struct sek_row *row)
{
    const struct sek_observation *serial = said(row, SEK_KIND_SERIAL_NUMBER);

    if (!serial || serial->value.len < SERIAL_MIN)
        return false;
    for (size_t i = 1; i < serial->value.len; i++) {
        if (serial->value.data[i] != serial->value.data[0])
            return true;
    }
    return false;
}

static bool is_copy(const struct sek_row *a, const struct sek_row *b)
{
    return b->kind == SEK_ROW_PART && a->component_class == b->component_class &&
           same(a, b, SEK_KIND_SERIAL_NUMBER) && same(a, b, SEK_KIND_PART_NUMBER);
}

static void consult(struct sek_row *row)
{
    const struct sek_finding finding = {.rule = SEK_RULE(CX, 2),
                                        .integrity = row->integrity,
                                        .supplier = SEK_SUPPLIER_CONSULT,
                                        .policy = row->policy};

    if (row->integrity == SEK_INTEGRITY_CLAIMED && row->supplier < SEK_SUPPLIER_CONSULT)
        sek_decide_unproven(row, &finding);
}

void sek_contradict_rows(struct sek_row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (row[i].kind != SEK_ROW_PART || !is_plugged(row[i].component_class) ||
            !has_serial(&row[i]))
            continue;
        for (size_t k = 0; k < i; k++) {
            if (!is_copy(&row[i], &row[k]))
                continue;
            consult(&row[i]);
            consult(&row[k]);
        }
    }
}
