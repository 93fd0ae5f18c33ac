/* Inventory of servers, boards and power supplies: IPMI Platform Management FRU Information Storage
 * Definition v1.0. All areas but the internal one, which is its owner's. */
#include "part/part.h"

#include "base/bytes.h"
#include "base/crc.h"
#include "base/date.h"
#include "base/text.h"

enum {
    HEADER_LEN = 8,
    UNIT = 8, /* bytes: areas begin at multiples of it */
    VERSION = 1,
    AREAS = 5,
    MULTI = 4,       /* index of the multirecord area, after internal, chassis, board, product */
    END_MARK = 0xc1, /* where a field would begin */
    ENGLISH = 25,    /* language codes; 0 is English, too */
    RECORD_HEAD = 5, /* of a multirecord: type, format, length, two sums */
    LAST_RECORD = 0x80,
    OEM_RECORDS = 0xc0,        /* types from here on begin with an enterprise number */
    WRAPPED_MINUTES = 5260320, /* less than ten years: the 24 bits have wrapped (in 2027) */
};

/* What the fields of an area are, in their order; behind them come custom ones. Kind 0: none of
 * ours. */
struct area {
    const char *sum; /* what is wrong if its sum is */
    uint8_t index;   /* in the header */
    bool has_language, has_date;
    uint8_t fields;
    uint8_t kind[7];
};

/* The product goes first: it is what a report shows. */
static const struct area areas[] = {
    {"the product area's checksum is wrong",
     3,
     true,
     false,
     7,
     {SEK_KIND_VENDOR, SEK_KIND_PRODUCT, SEK_KIND_PART_NUMBER, SEK_KIND_REVISION,
      SEK_KIND_SERIAL_NUMBER, 0, 0}},
    {"the board area's checksum is wrong",
     2,
     true,
     true,
     5,
     {SEK_KIND_MANUFACTURER, SEK_KIND_PRODUCT, SEK_KIND_SERIAL_NUMBER, SEK_KIND_PART_NUMBER, 0}},
    {"the chassis area's checksum is wrong",
     1,
     false,
     false,
     2,
     {SEK_KIND_PART_NUMBER, SEK_KIND_SERIAL_NUMBER}},
};

/* ---- Texts ---- */

typedef enum sek_status decoder(struct sek_bytes raw, struct sek_part_claims *out);

/* 01b: two digits a byte, the high one first; reserved ones become U+FFFD. */
static enum sek_status put_bcd_plus(struct sek_bytes raw, struct sek_part_claims *out)
{
    static const char digit[16] = "0123456789 -.\0\0\0";
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < 2 * raw.len && status == SEK_OK; i++) {
        char c = digit[i % 2 ? raw.data[i / 2] & 0xf : raw.data[i / 2] >> 4];

        status = sek_part_put(out, c ? (uint32_t)(unsigned char)c : 0xfffd);
    }
    return status;
}

/* 10b: four characters in three bytes, the first one in the lowest bits. */
static enum sek_status put_six_bit(struct sek_bytes raw, struct sek_part_claims *out)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < raw.len * 8 / 6 && status == SEK_OK; i++) {
        size_t bit = i * 6, at = bit / 8;
        unsigned two = raw.data[at] | (at + 1 < raw.len ? (unsigned)raw.data[at + 1] << 8 : 0u);

        status = sek_part_put(out, (two >> bit % 8 & 0x3f) + 0x20);
    }
    return status;
}

static enum sek_status put_latin1(struct sek_bytes raw, struct sek_part_claims *out)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < raw.len && status == SEK_OK; i++)
        status = sek_part_put(out, raw.data[i]);
    return status;
}

/* Characters of 16 bits, the low byte first; halves of others become U+FFFD. */
static enum sek_status put_ucs2(struct sek_bytes raw, struct sek_part_claims *out)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i + 1 < raw.len && status == SEK_OK; i += 2)
        status = sek_part_put(out, sek_get_u16le(raw.data + i));
    return status == SEK_OK && raw.len % 2 ? sek_part_put(out, 0xfffd) : status;
}

static enum sek_status add_decoded(struct sek_part_claims *out, enum sek_kind kind,
                                   struct sek_bytes raw, decoder *decode)
{
    size_t start = out->text_used;
    enum sek_status status = decode(raw, out);

    return status == SEK_OK ? sek_part_end(out, start, kind, SEK_EVIDENCE_CHECKED) : status;
}

/* 00b, binary, that is text all the same. */
static bool is_text(struct sek_bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.data[i] != 0 && raw.data[i] < 0x20)
            return false;
    }
    return sek_utf8_valid(raw);
}

/* 11b: by the language. In another one than English it is characters of 16 bits; since tools show
 * it as bytes, too, both readings are listed where both can be. */
static enum sek_status add_language(struct sek_part_claims *out, enum sek_kind kind,
                                    struct sek_bytes raw, uint8_t language)
{
    enum sek_status status = SEK_OK;

    if (sek_utf8_valid(raw))
        status = sek_part_add_text(out, kind, raw, SEK_EVIDENCE_CHECKED);
    else if (language == 0 || language == ENGLISH)
        status = add_decoded(out, kind, raw, put_latin1);
    if (status == SEK_OK && language != 0 && language != ENGLISH)
        status = add_decoded(out, kind, raw, put_ucs2);
    return status;
}

static enum sek_status add_field(struct sek_part_claims *out, enum sek_kind kind, uint8_t type,
                                 struct sek_bytes raw, uint8_t language)
{
    if (kind == 0)
        return SEK_OK;
    switch (type >> 6) {
    case 0:
        return is_text(raw) ? sek_part_add_text(out, kind, raw, SEK_EVIDENCE_CHECKED) : SEK_OK;
    case 1:
        return add_decoded(out, kind, raw, put_bcd_plus);
    case 2:
        return add_decoded(out, kind, raw, put_six_bit);
    default:
        return add_language(out, kind, raw, language);
    }
}

/* ---- Areas ---- */

/* Where an area begins, 0: there is none. */
static size_t area_start(struct sek_bytes record, unsigned index)
{
    return (size_t)record.data[1 + index] * UNIT;
}

/* Where the next area begins, at most the record's end: nothing reads beyond it. */
static size_t area_limit(struct sek_bytes record, size_t start)
{
    size_t limit = record.len;

    for (unsigned i = 0; i < AREAS; i++) {
        size_t other = area_start(record, i);

        if (other > start && other < limit)
            limit = other;
    }
    return limit;
}

/* Minutes since 1996-01-01 as a day. */
static enum sek_status add_date(struct sek_part_claims *out, const uint8_t *bytes)
{
    uint64_t minutes = (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16;
    char text[SEK_DATE_LEN + 1];
    size_t start = out->text_used;
    enum sek_status status = SEK_OK;

    if (minutes == 0)
        return SEK_OK;
    if (minutes < WRAPPED_MINUTES)
        minutes += UINT64_C(1) << 24;
    sek_date_format(sek_date_from_seconds(UINT64_C(820454400) + 60 * minutes), text);
    for (size_t i = 0; i < SEK_DATE_LEN && status == SEK_OK; i++)
        status = sek_part_put(out, (uint32_t)(unsigned char)text[i]);
    return status == SEK_OK ? sek_part_end(out, start, SEK_KIND_DATE, SEK_EVIDENCE_CHECKED)
                            : status;
}

/* The fields from the reader's place on. *end: where the end mark stands, or the limit. */
static enum sek_status read_fields(struct sek_reader *r, const struct area *area, uint8_t language,
                                   struct sek_part_claims *out, size_t *end)
{
    enum sek_status status = SEK_OK;

    for (unsigned n = 0; status == SEK_OK; n++) {
        size_t at = r->pos, left = sek_reader_left(r), len;
        uint8_t type;

        *end = at;
        if (left == 0)
            return SEK_OK;
        type = sek_reader_u8(r);
        if (type == END_MARK)
            return SEK_OK;
        len = type & 0x3f;
        if (len > left - 1) {
            sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a field is cut");
            len = left - 1;
        }
        status =
            add_field(out, (enum sek_kind)(n < area->fields ? area->kind[n] : SEK_KIND_PRODUCT),
                      type, sek_reader_bytes(r, len), language);
        if (status != SEK_OK)
            (void)sek_fault_set(&out->fault, status, at, "more fields than our table");
    }
    return status;
}

/* Reads an area up to the next one even where it is declared shorter: a length that is wrong hides
 * nothing, and is damage. */
static enum sek_status read_area(struct sek_bytes record, const struct area *area,
                                 struct sek_part_claims *out)
{
    size_t start = area_start(record, area->index), limit = area_limit(record, start), declared,
           end;
    struct sek_fault fault = {0};
    struct sek_reader r = sek_reader_make((struct sek_bytes){record.data, limit}, &fault);
    struct sek_bytes head, date;
    enum sek_status status = SEK_OK;

    if (start == 0)
        return SEK_OK;
    if (start < HEADER_LEN || start >= record.len) {
        sek_part_damage(out, SEK_ERR_TRUNCATED, 1 + (size_t)area->index,
                        "an area lies outside the record");
        return SEK_OK;
    }
    r.pos = start;
    head = sek_reader_bytes(&r, 3); /* version, length, language or chassis type */
    date = area->has_date ? sek_reader_bytes(&r, 3) : (struct sek_bytes){head.data, 0};
    if (!head.data || !date.data) {
        sek_part_damage(out, SEK_ERR_TRUNCATED, start, "an area is cut");
        return SEK_OK;
    }
    if ((head.data[0] & 0xf) != VERSION)
        sek_part_damage(out, SEK_ERR_UNSUPPORTED, start, "an area of another version");
    if (date.len > 0)
        status = add_date(out, date.data);
    if (status == SEK_OK)
        status = read_fields(&r, area, area->has_language ? head.data[2] : 0, out, &end);
    if (status != SEK_OK)
        return status;
    declared = start + (size_t)head.data[1] * UNIT;
    if (declared > limit)
        sek_part_damage(out, SEK_ERR_MALFORMED, start + 1, "an area is longer than its place");
    else if (end + 1 >= declared) /* the mark, and behind it the checksum */
        sek_part_damage(out, SEK_ERR_MALFORMED, start + 1, "an area without its end mark");
    else if (sek_sum8(record.data + start, declared - start) != 0)
        sek_part_damage(out, SEK_ERR_MALFORMED, declared - 1, area->sum);
    return SEK_OK;
}

/* ---- Multirecords ---- */

/* True: another one follows. */
static bool read_record(struct sek_reader *r, struct sek_part_claims *out, enum sek_status *status)
{
    size_t at = r->pos, left;
    struct sek_bytes head = sek_reader_bytes(r, RECORD_HEAD), data;

    if (!head.data) {
        sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a multirecord is cut");
        return false;
    }
    left = sek_reader_left(r);
    data = sek_reader_bytes(r, head.data[2] < left ? head.data[2] : left);
    if (sek_sum8(head.data, RECORD_HEAD) != 0 || (head.data[1] & 0xf) != 2)
        sek_part_damage(out, SEK_ERR_MALFORMED, at, "a multirecord's header is wrong");
    if (data.len < head.data[2])
        sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a multirecord is cut");
    else if ((uint8_t)(sek_sum8(data.data, data.len) + head.data[3]) != 0)
        sek_part_damage(out, SEK_ERR_MALFORMED, at + 3, "a multirecord's checksum is wrong");
    if (head.data[0] >= OEM_RECORDS && data.len >= 3)
        *status = sek_part_add_number(
            out, SEK_KIND_PEN, (uint32_t)(data.data[0] | data.data[1] << 8 | data.data[2] << 16),
            SEK_EVIDENCE_CHECKED);
    else if (head.data[0] >= OEM_RECORDS)
        sek_part_damage(out, SEK_ERR_MALFORMED, at, "a maker's record without its number");
    if (*status != SEK_OK)
        (void)sek_fault_set(&out->fault, *status, at, "more fields than our table");
    return *status == SEK_OK && !(head.data[1] & LAST_RECORD);
}

static enum sek_status read_records(struct sek_bytes record, struct sek_part_claims *out)
{
    size_t start = area_start(record, MULTI);
    struct sek_fault fault = {0};
    struct sek_reader r =
        sek_reader_make((struct sek_bytes){record.data, area_limit(record, start)}, &fault);
    enum sek_status status = SEK_OK;

    if (start == 0)
        return SEK_OK;
    if (start < HEADER_LEN || start >= record.len) {
        sek_part_damage(out, SEK_ERR_TRUNCATED, 1 + MULTI, "an area lies outside the record");
        return SEK_OK;
    }
    r.pos = start;
    while (read_record(&r, out, &status))
        continue;
    return status;
}

/* ---- The record ---- */

static bool header_ok(struct sek_bytes record)
{
    return (record.data[0] & 0xf) == VERSION && record.data[6] == 0 &&
           sek_sum8(record.data, HEADER_LEN) == 0;
}

/* Two areas at one place. */
static bool areas_overlap(struct sek_bytes record)
{
    for (unsigned i = 0; i < AREAS; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (area_start(record, i) != 0 && area_start(record, i) == area_start(record, k))
                return true;
        }
    }
    return false;
}

static bool probe(struct sek_bytes record)
{
    if (record.len < HEADER_LEN || record.data[0] != VERSION || !header_ok(record))
        return false;
    for (unsigned i = 0; i < AREAS; i++) {
        if (area_start(record, i) >= record.len)
            return false;
    }
    return true;
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    enum sek_status status = SEK_OK;

    if (record.len < HEADER_LEN)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len, "ends inside the header");
    if (!header_ok(record))
        sek_part_damage(out, SEK_ERR_MALFORMED, 0, "the header is wrong");
    if (areas_overlap(record))
        sek_part_damage(out, SEK_ERR_MALFORMED, 1, "two areas at one place");
    for (size_t i = 0; i < SEK_LEN(areas) && status == SEK_OK; i++)
        status = read_area(record, &areas[i], out);
    return status == SEK_OK ? read_records(record, out) : status;
}

const struct sek_part_format sek_part_fru = {
    .name = "ipmi-fru",
    .component_class = SEK_CLASS_NONE,
    .blank_len = HEADER_LEN,
    .probe = probe,
    .parse = parse,
};
