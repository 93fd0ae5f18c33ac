/* SFP, SFP+ and SFP28 modules: page A0h of SFF-8472. */
#include "part/part.h"

#include "base/crc.h"

enum {
    PAGE_LEN = 96, /* base and extended fields, both with their sums */
    CC_BASE = 63,
    CC_EXT = 95,
};

static bool is_module(struct sek_bytes record)
{
    return record.len >= PAGE_LEN && (record.data[0] == 0x03 || record.data[0] == 0x02) &&
           record.data[1] == 0x04;
}

static bool sum_is(struct sek_bytes record, size_t from, size_t at)
{
    return sek_sum8(record.data + from, at - from) == record.data[at];
}

static bool probe(struct sek_bytes record)
{
    return is_module(record) && sum_is(record, 0, CC_BASE);
}

static struct sek_bytes field(struct sek_bytes record, size_t at, size_t len)
{
    return (struct sek_bytes){record.data + at, len};
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    static const struct {
        enum sek_kind kind;
        uint8_t at, len;
    } texts[] = {
        {SEK_KIND_VENDOR, 20, 16},  {SEK_KIND_PART_NUMBER, 40, 16},
        {SEK_KIND_REVISION, 56, 4}, {SEK_KIND_SERIAL_NUMBER, 68, 16},
        {SEK_KIND_DATE, 84, 8},
    };
    enum sek_status status = SEK_OK;

    if (record.len < PAGE_LEN)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len,
                             "shorter than a module's page");
    if (record.data[0] != 0x03 && record.data[0] != 0x02)
        return sek_fault_set(&out->fault, SEK_ERR_MALFORMED, 0, "identifier of another layout");
    out->class_hint = SEK_CLASS_TRANSCEIVER;
    if (!sum_is(record, 0, CC_BASE)) {
        out->damaged = true;
        (void)sek_fault_set(&out->fault, SEK_ERR_MALFORMED, CC_BASE, "CC_BASE is wrong");
    } else if (!sum_is(record, 64, CC_EXT)) {
        out->damaged = true;
        (void)sek_fault_set(&out->fault, SEK_ERR_MALFORMED, CC_EXT, "CC_EXT is wrong");
    }
    for (size_t i = 0; i < SEK_LEN(texts) && status == SEK_OK; i++)
        status = sek_part_add_text(out, texts[i].kind, field(record, texts[i].at, texts[i].len),
                                   SEK_EVIDENCE_CHECKED);
    if (status == SEK_OK && (record.data[37] | record.data[38] | record.data[39]))
        status =
            sek_part_add_bytes(out, SEK_KIND_OUI24, field(record, 37, 3), SEK_EVIDENCE_CHECKED);
    if (status != SEK_OK)
        return sek_fault_set(&out->fault, status, 0, "more fields than our table");
    return SEK_OK;
}

const struct sek_part_format sek_part_sff8472 = {
    .name = "sff-8472",
    .has_magic = false,
    .blank_len = 128,
    .probe = probe,
    .parse = parse,
};
