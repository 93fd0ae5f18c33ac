/* SFP, SFP+ and SFP28 modules: page A0h of SFF-8472. */
#include "part/part.h"

#include "base/crc.h"

enum {
    PAGE_LEN = 96, /* base and extended fields, both with their sums */
    CC_BASE = 63,
    EXTENDED = 64,
    CC_EXT = 95,
};

/* SFP, or a module soldered down (SFF-8024, identifiers). */
static bool is_module(struct sek_bytes record)
{
    return record.len > 0 && (record.data[0] == 0x03 || record.data[0] == 0x02);
}

static bool sum_is(struct sek_bytes record, size_t from, size_t at)
{
    return at < record.len && sek_sum8(record.data + from, at - from) == record.data[at];
}

static bool probe(struct sek_bytes record)
{
    return record.len >= PAGE_LEN && is_module(record) && record.data[1] == 0x04 &&
           sum_is(record, 0, CC_BASE);
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    static const struct sek_part_field fields[] = {
        {SEK_KIND_VENDOR, 20, 16},  {SEK_KIND_PART_NUMBER, 40, 16},
        {SEK_KIND_REVISION, 56, 4}, {SEK_KIND_SERIAL_NUMBER, 68, 16},
        {SEK_KIND_DATE, 84, 8},     {SEK_KIND_OUI24, 37, 3},
    };
    enum sek_status status;

    if (record.len == 0)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, 0, "an empty record");
    if (!is_module(record))
        sek_part_damage(out, SEK_ERR_UNSUPPORTED, 0, "identifier of another layout");
    else if (record.len < PAGE_LEN)
        sek_part_damage(out, SEK_ERR_TRUNCATED, record.len, "shorter than a module's page");
    else if (!sum_is(record, 0, CC_BASE))
        sek_part_damage(out, SEK_ERR_MALFORMED, CC_BASE, "CC_BASE is wrong");
    else if (!sum_is(record, EXTENDED, CC_EXT))
        sek_part_damage(out, SEK_ERR_MALFORMED, CC_EXT, "CC_EXT is wrong");
    status = sek_part_add_fields(out, record, fields, SEK_LEN(fields));
    if (status != SEK_OK)
        (void)sek_fault_set(&out->fault, status, 0, "more fields than our table");
    return status;
}

const struct sek_part_format sek_part_sff8472 = {
    .name = "sff-8472",
    .component_class = SEK_CLASS_TRANSCEIVER,
    .blank_len = 128,
    .probe = probe,
    .parse = parse,
};
