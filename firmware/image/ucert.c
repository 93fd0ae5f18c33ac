#include "image/ucert.h"

#include <string.h>

/* libubox: a header of 32 bits, big-endian; a length with the header and without padding to 4. */
enum {
    HEADER_LEN = 4,
    ALIGN = 4,
    ATTR_SIGNATURE = 0,
    ATTR_PAYLOAD = 1,
    TYPE_TABLE = 2,
    TYPE_STRING = 3,
    TYPE_INT64 = 4,
    TYPE_INT32 = 5,
    CERTTYPE_AUTH = 1,
};

#define EXTENDED   UINT32_C(0x80000000)
#define ID_SHIFT   24
#define ID_MASK    UINT32_C(0x7f)
#define LEN_MASK   UINT32_C(0x00ffffff)
#define LAST_VALID UINT64_C(253402300799) /* 9999-12-31, in seconds since 1970 */

static const uint8_t zeros[ALIGN];

/* The next attribute's content, its header in *header; the padding behind it is zeros. */
static struct sek_reader take(struct sek_reader *in, uint32_t *header)
{
    struct sek_reader content;
    struct sek_bytes padding;
    size_t len;

    *header = sek_reader_u32be(in);
    len = *header & LEN_MASK;
    if (len < HEADER_LEN)
        sek_reader_fail(in, SEK_ERR_MALFORMED, "an attribute shorter than its header");
    content = sek_reader_sub(in, len < HEADER_LEN ? 0 : len - HEADER_LEN);
    padding = sek_reader_bytes(in, (ALIGN - len % ALIGN) % ALIGN);
    if (padding.len > 0 && memcmp(padding.data, zeros, padding.len) != 0)
        sek_reader_fail(in, SEK_ERR_MALFORMED, "padding that is not zeros");
    return content;
}

/* An attribute of exactly this id, not of the kind with a name. */
static struct sek_reader take_plain(struct sek_reader *in, uint32_t id)
{
    uint32_t header;
    struct sek_reader content = take(in, &header);

    if ((header & EXTENDED) || (header >> ID_SHIFT & ID_MASK) != id)
        sek_reader_fail(in, SEK_ERR_MALFORMED, "another attribute than a chain has here");
    return content;
}

static struct sek_bytes rest(struct sek_reader *in)
{
    return sek_reader_bytes(in, sek_reader_left(in));
}

/* The next attribute with a name: its content, type and name (without NUL). */
static struct sek_reader take_named(struct sek_reader *in, unsigned *type, struct sek_bytes *name)
{
    uint32_t header;
    struct sek_reader content = take(in, &header);
    size_t len = sek_reader_u16be(&content);
    struct sek_bytes padded = sek_reader_bytes(&content, (2 + len + 1 + 3) / ALIGN * ALIGN - 2);

    *type = header >> ID_SHIFT & ID_MASK;
    *name = (struct sek_bytes){padded.data, padded.data ? len : 0};
    if (!(header & EXTENDED) ||
        (padded.data && memcmp(padded.data + len, zeros, padded.len - len) != 0))
        sek_reader_fail(in, SEK_ERR_MALFORMED, "an attribute without a proper name");
    return content;
}

/* ---- A certificate's fields ---- */

enum field { CERTTYPE, CERTID, VALIDFROM, EXPIRESAT, PUBKEY, FIELDS };

static const struct {
    const char *name;
    unsigned type;
    bool required;
} fields[FIELDS] = {
    [CERTTYPE] = {"certtype", TYPE_INT32, true},   [CERTID] = {"certid", TYPE_INT32, false},
    [VALIDFROM] = {"validfrom", TYPE_INT64, true}, [EXPIRESAT] = {"expiresat", TYPE_INT64, true},
    [PUBKEY] = {"pubkey", TYPE_STRING, true},
};

static enum field field_of(struct sek_bytes name, unsigned type)
{
    size_t i = 0;

    while (i < FIELDS && (name.len != strlen(fields[i].name) || type != fields[i].type ||
                          memcmp(name.data, fields[i].name, name.len) != 0))
        i++;
    return (enum field)i;
}

/* A day of seconds since 1970; 0, with a fault: none that can be. */
static sek_day take_day(struct sek_reader *in, bool last)
{
    uint64_t seconds = sek_reader_u64be(in);
    sek_day day = seconds <= LAST_VALID ? sek_date_from_seconds(seconds) : 0;

    if (last && day > 0) /* it ends in the course of that day: the one before is its last */
        day--;
    if (day == 0)
        sek_reader_fail(in, SEK_ERR_MALFORMED, "a day that cannot be");
    return day;
}

static void take_key(struct sek_reader *in, uint8_t spki[SEK_USIGN_SPKI_LEN])
{
    struct sek_bytes text = rest(in);

    if (text.len == 0 || text.data[text.len - 1] != 0 ||
        sek_usign_key((struct sek_bytes){text.data, text.len - 1}, spki) != SEK_OK)
        sek_reader_fail(in, SEK_ERR_MALFORMED, "no public key of usign");
}

static void take_field(struct sek_reader *value, enum field field, struct sek_delegation *out,
                       uint8_t spki[SEK_USIGN_SPKI_LEN])
{
    switch (field) {
    case CERTTYPE:
        if (sek_reader_u32be(value) != CERTTYPE_AUTH)
            sek_reader_fail(value, SEK_ERR_MALFORMED, "a certificate that authorises nobody");
        break;
    case CERTID:
        (void)sek_reader_u32be(value);
        break;
    case VALIDFROM:
        out->from = take_day(value, false);
        break;
    case EXPIRESAT:
        out->until = take_day(value, true);
        break;
    case PUBKEY:
        take_key(value, spki);
        break;
    case FIELDS:
        sek_reader_fail(value, SEK_ERR_MALFORMED, "a field that no certificate has");
        break;
    }
    if (sek_reader_left(value) > 0)
        sek_reader_fail(value, SEK_ERR_MALFORMED, "a field longer than its type");
}

/* "ucert", a table of fields, each once. */
static void take_certificate(struct sek_reader *payload, struct sek_delegation *out,
                             uint8_t spki[SEK_USIGN_SPKI_LEN])
{
    static const char table_name[] = "ucert";
    struct sek_bytes name;
    unsigned type, seen = 0;
    struct sek_reader table = take_named(payload, &type, &name);

    if (type != TYPE_TABLE || name.len != sizeof table_name - 1 ||
        memcmp(name.data, table_name, name.len) != 0 || sek_reader_left(payload) > 0)
        sek_reader_fail(payload, SEK_ERR_MALFORMED, "no certificate, or not it alone");
    while (sek_reader_left(&table) > 0) {
        struct sek_reader value = take_named(&table, &type, &name);
        enum field field = field_of(name, type);

        if (seen & 1u << field)
            sek_reader_fail(&value, SEK_ERR_MALFORMED, "one field twice");
        seen |= 1u << field;
        take_field(&value, field, out, spki);
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (fields[i].required && !(seen & 1u << i))
            sek_reader_fail(payload, SEK_ERR_MALFORMED, "a certificate without a field");
    }
}

/* One element: a signature, and the certificate that it signs (false: none). */
static bool take_element(struct sek_reader *in, struct sek_ucert *out)
{
    struct sek_reader element = take_plain(in, 0);
    struct sek_reader text = take_plain(&element, ATTR_SIGNATURE), payload, certificate;
    size_t n = out->delegation_count;
    struct sek_delegation *delegation = &out->delegation[n];
    bool last = sek_reader_left(&element) == 0;
    struct sek_usign_signature *by = last ? &out->signature : &out->by[n];

    if (!last && n == SEK_UCERT_DELEGATIONS) {
        sek_reader_fail(in, SEK_ERR_NO_SPACE, "more certificates than we take");
        return false;
    }
    if (sek_usign_signature(rest(&text), by) != SEK_OK)
        sek_reader_fail(in, SEK_ERR_MALFORMED, "no signature of usign");
    if (last)
        return false;
    payload = take_plain(&element, ATTR_PAYLOAD);
    if (sek_reader_left(&element) > 0)
        sek_reader_fail(&element, SEK_ERR_MALFORMED, "something behind a certificate");
    certificate = payload;
    *delegation = (struct sek_delegation){
        .message = rest(&payload),
        .value = {by->value, sizeof by->value},
        .spki = {out->spki[n], SEK_USIGN_SPKI_LEN},
    };
    take_certificate(&certificate, delegation, out->spki[n]);
    out->delegation_count++;
    return true;
}

enum sek_status sek_ucert_parse(struct sek_bytes bytes, struct sek_ucert *out,
                                struct sek_fault *fault)
{
    struct sek_reader in = sek_reader_make(bytes, fault);

    memset(out, 0, sizeof *out);
    if (bytes.len > SEK_UCERT_MAX)
        return sek_reader_fail(&in, SEK_ERR_NO_SPACE, "a chain too long for us");
    while (take_element(&in, out) && fault->status == SEK_OK)
        continue;
    if (sek_reader_left(&in) > 0)
        sek_reader_fail(&in, SEK_ERR_MALFORMED, "something behind the signature");
    return fault->status;
}
