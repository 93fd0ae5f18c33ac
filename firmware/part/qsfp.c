/* QSFP, QSFP28, QSFP-DD, OSFP and their kin: upper page 00h in one of two layouts, SFF-8636 and
 * CMIS 3 to 5. Some modules have the other layout than their identifier says; the sums tell. */
#include "part/part.h"

#include "base/crc.h"

#include <string.h>

enum {
    UPPER = 128, /* page 00h; the identifier of byte 0 stands here again */
    PAGE_END = 256,
    FIELDS = 6,
};

/* Bytes [from, at) sum up to byte at. */
struct sum {
    uint8_t from, at;
};

extern const struct sek_part_format sek_part_sff8636, sek_part_cmis;

struct layout {
    const struct sek_part_format *format;
    const uint8_t *identifiers; /* SFF-8024; 0 at the end */
    struct sum sum[2];          /* at 0: none */
    struct sek_part_field field[FIELDS];
};

static const uint8_t sff_identifiers[] = {0x0c, 0x0d, 0x11, 0};
static const uint8_t cmis_identifiers[] = {0x18, 0x19, 0x1b, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0};

static const struct layout sff8636 = {
    &sek_part_sff8636,
    sff_identifiers,
    {{128, 191}, {192, 223}},
    {{SEK_KIND_VENDOR, 148, 16},
     {SEK_KIND_PART_NUMBER, 168, 16},
     {SEK_KIND_REVISION, 184, 2},
     {SEK_KIND_SERIAL_NUMBER, 196, 16},
     {SEK_KIND_DATE, 212, 8},
     {SEK_KIND_OUI24, 165, 3}},
};

static const struct layout cmis = {
    &sek_part_cmis,
    cmis_identifiers,
    {{128, 222}},
    {{SEK_KIND_VENDOR, 129, 16},
     {SEK_KIND_PART_NUMBER, 148, 16},
     {SEK_KIND_REVISION, 164, 2},
     {SEK_KIND_SERIAL_NUMBER, 166, 16},
     {SEK_KIND_DATE, 182, 8},
     {SEK_KIND_OUI24, 145, 3}},
};

static bool has_identifier(const struct layout *layout, struct sek_bytes record)
{
    return record.len > 0 && record.data[0] != 0 &&
           strchr((const char *)layout->identifiers, record.data[0]) != NULL;
}

/* All sums of the layout are right. */
static bool fits(const struct layout *layout, struct sek_bytes record)
{
    for (size_t i = 0; i < SEK_LEN(layout->sum); i++) {
        const struct sum *sum = &layout->sum[i];

        if (sum->at != 0 && (sum->at >= record.len ||
                             sek_sum8(record.data + sum->from, (size_t)(sum->at - sum->from)) !=
                                 record.data[sum->at]))
            return false;
    }
    return true;
}

/* The layout that the identifier says; NULL: of other modules. */
static const struct layout *layout_of(struct sek_bytes record)
{
    return has_identifier(&sff8636, record) ? &sff8636
           : has_identifier(&cmis, record)  ? &cmis
                                            : NULL;
}

static bool probe_as(struct sek_bytes record, const struct layout *layout)
{
    const struct layout *said = layout_of(record);

    return said && record.len >= PAGE_END && record.data[UPPER] == record.data[0] &&
           (fits(said, record) ? said == layout : fits(layout, record));
}

static bool probe_sff8636(struct sek_bytes record)
{
    return probe_as(record, &sff8636);
}

static bool probe_cmis(struct sek_bytes record)
{
    return probe_as(record, &cmis);
}

static void check(struct sek_bytes record, bool whole, struct sek_part_claims *out)
{
    if (record.len < PAGE_END)
        sek_part_damage(out, SEK_ERR_TRUNCATED, record.len, "shorter than a module's two pages");
    else if (record.data[UPPER] != record.data[0])
        sek_part_damage(out, SEK_ERR_MALFORMED, UPPER, "two identifiers");
    else if (!layout_of(record))
        sek_part_damage(out, SEK_ERR_UNSUPPORTED, 0, "identifier of another layout");
    else if (!whole)
        sek_part_damage(out, SEK_ERR_MALFORMED, UPPER, "its checksums fit neither layout");
}

/* Lists the fields of the layout that fits. Where both may be meant (both fit, neither does, only
 * the one that the identifier does not say, or it says none), those of the other follow: none hides
 * a maker. */
static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    const struct layout *first = layout_of(record) == &cmis ? &cmis : &sff8636;
    const struct layout *other = first == &cmis ? &sff8636 : &cmis;
    bool first_fits = fits(first, record), other_fits = fits(other, record);
    enum sek_status status;

    if (record.len <= UPPER)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len, "ends before its fields");
    check(record, first_fits || other_fits, out);
    if (!first_fits && other_fits) {
        const struct layout *said = first;

        first = other;
        other = said;
    }
    out->format = first->format->name;
    status = sek_part_add_fields(out, record, first->field, FIELDS);
    if (status == SEK_OK && (other_fits || !first_fits || !layout_of(record)))
        status = sek_part_add_fields(out, record, other->field, FIELDS);
    if (status != SEK_OK)
        (void)sek_fault_set(&out->fault, status, UPPER, "more fields than our table");
    return status;
}

const struct sek_part_format sek_part_sff8636 = {
    .name = "sff-8636",
    .component_class = SEK_CLASS_TRANSCEIVER,
    .blank_len = PAGE_END,
    .probe = probe_sff8636,
    .parse = parse,
};

const struct sek_part_format sek_part_cmis = {
    .name = "cmis",
    .component_class = SEK_CLASS_TRANSCEIVER,
    .blank_len = PAGE_END,
    .probe = probe_cmis,
    .parse = parse,
};
