/* SMBIOS tables (DMTF DSP0134): makers of firmware, system, board, case, processor and memory.
 * Plain fields without a checksum of their own. A bare table (/sys/firmware/dmi/tables/DMI) has no
 * magic and is read only where the board or user says so; a dump with its entry point is
 * recognised. */
#include "part/part.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

enum {
    HEAD_LEN = 4, /* of a structure: type, length, handle */
    TYPE_END = 127,
    DUMP_TABLE = 0x20, /* where tools that write dumps put the table */
};

/* Strings of a structure: its type, where the number of the string stands, and what it is. */
static const struct {
    uint8_t type, at, kind;
} strings[] = {
    {0, 0x04, SEK_KIND_MANUFACTURER},                               /* firmware */
    {0, 0x05, SEK_KIND_REVISION},       {1, 0x04, SEK_KIND_VENDOR}, /* system */
    {1, 0x05, SEK_KIND_PRODUCT},        {1, 0x07, SEK_KIND_SERIAL_NUMBER},
    {2, 0x04, SEK_KIND_MANUFACTURER}, /* board */
    {2, 0x05, SEK_KIND_PRODUCT},        {2, 0x07, SEK_KIND_SERIAL_NUMBER},
    {3, 0x04, SEK_KIND_MANUFACTURER},                                      /* case */
    {3, 0x07, SEK_KIND_SERIAL_NUMBER},  {4, 0x07, SEK_KIND_MANUFACTURER},  /* processor */
    {4, 0x10, SEK_KIND_PRODUCT},        {17, 0x17, SEK_KIND_MANUFACTURER}, /* memory */
    {17, 0x18, SEK_KIND_SERIAL_NUMBER}, {17, 0x1a, SEK_KIND_PART_NUMBER},
};

/* Entry points: SMBIOS 3 (64 bits) and 2. */
static const struct entry {
    const char *anchor;
    uint8_t len_at;   /* of the entry point's own length */
    uint8_t least;    /* bytes */
    uint8_t table_at; /* of the table's address, which a dump sets to the place in itself */
} entries[] = {
    {"_SM3_", 6, 24, 16},
    {"_SM_", 5, 31, 24},
};

static const struct entry *entry_of(struct sek_bytes record)
{
    for (size_t i = 0; i < SEK_LEN(entries); i++) {
        size_t len = strlen(entries[i].anchor);

        if (record.len >= entries[i].least && memcmp(record.data, entries[i].anchor, len) == 0)
            return &entries[i];
    }
    return NULL;
}

static bool entry_ok(struct sek_bytes record, const struct entry *entry)
{
    size_t len = record.data[entry->len_at];

    return len >= entry->least && len <= record.len && sek_sum8(record.data, len) == 0;
}

static bool probe(struct sek_bytes record)
{
    const struct entry *entry = entry_of(record);

    return entry && entry_ok(record, entry);
}

/* String number n (from 1) of the set that begins where rest does; data NULL: there is none. */
static struct sek_bytes string_of(struct sek_bytes rest, unsigned n)
{
    while (n > 0 && rest.len > 0 && rest.data[0] != 0) {
        const uint8_t *end = memchr(rest.data, 0, rest.len);
        size_t len = end ? (size_t)(end - rest.data) : rest.len;

        if (--n == 0)
            return (struct sek_bytes){rest.data, len};
        len = end ? len + 1 : len;
        rest = (struct sek_bytes){rest.data + len, rest.len - len};
    }
    return (struct sek_bytes){NULL, 0};
}

/* Bytes of the set of strings with the two NULs behind it; more than there are: it has no end. */
static size_t set_len(struct sek_bytes rest)
{
    for (size_t i = 0; i + 1 < rest.len; i++) {
        if (rest.data[i] == 0 && rest.data[i + 1] == 0)
            return i + 2;
    }
    return rest.len + 1;
}

static enum sek_status add_strings(struct sek_bytes structure, struct sek_bytes set, size_t at,
                                   struct sek_part_claims *out)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < SEK_LEN(strings) && status == SEK_OK; i++) {
        struct sek_bytes text;

        if (strings[i].type != structure.data[0] || strings[i].at >= structure.len ||
            structure.data[strings[i].at] == 0)
            continue;
        text = string_of(set, structure.data[strings[i].at]);
        if (text.data)
            status =
                sek_part_add_text(out, (enum sek_kind)strings[i].kind, text, SEK_EVIDENCE_PLAIN);
        else
            sek_part_damage(out, SEK_ERR_MALFORMED, at + strings[i].at,
                            "a string that is not there");
    }
    if (status != SEK_OK)
        (void)sek_fault_set(&out->fault, status, at, "more fields than our table");
    return status;
}

/* One structure with its strings. *more: another one may follow. */
static enum sek_status read_structure(struct sek_reader *r, struct sek_part_claims *out, bool *more)
{
    size_t at = r->pos, left = sek_reader_left(r), len, text_len;
    struct sek_bytes structure, set;

    *more = false;
    len = left >= HEAD_LEN ? r->data[at + 1] : 0;
    if (len < HEAD_LEN || len > left) {
        sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a structure is cut");
        return SEK_OK;
    }
    structure = sek_reader_bytes(r, len);
    set = (struct sek_bytes){r->data + r->pos, sek_reader_left(r)};
    text_len = set_len(set);
    *more = structure.data[0] != TYPE_END && text_len <= set.len;
    if (text_len > set.len)
        sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a structure's strings have no end");
    (void)sek_reader_bytes(r, text_len <= set.len ? text_len : set.len);
    return add_strings(structure, set, at, out);
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    const struct entry *entry = entry_of(record);
    struct sek_fault fault = {0};
    struct sek_reader r = sek_reader_make(record, &fault);
    enum sek_status status = SEK_OK;
    bool more = true;
    size_t start = 0;

    if (record.len < HEAD_LEN)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len, "ends before its fields");
    if (entry) {
        start = sek_get_u32le(record.data + entry->table_at);
        if (!entry_ok(record, entry))
            sek_part_damage(out, SEK_ERR_MALFORMED, 0, "the entry point is wrong");
        if (start < entry->least || start >= record.len) {
            sek_part_damage(out, SEK_ERR_MALFORMED, entry->table_at, "the table lies elsewhere");
            start = DUMP_TABLE;
        }
    }
    (void)sek_reader_bytes(&r, start);
    while (more && status == SEK_OK)
        status = read_structure(&r, out, &more);
    return status;
}

const struct sek_part_format sek_part_smbios = {
    .name = "smbios",
    .component_class = SEK_CLASS_PRODUCT,
    .blank_len = 8,
    .probe = probe,
    .parse = parse,
};
