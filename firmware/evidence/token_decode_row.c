#include "evidence/token_decode_row.h"

#include "evidence/claim_map.h"
#include "evidence/claims.h"

#include <string.h>

/* One component, measured component or unmeasured row while it is read. */
struct entry {
    struct sek_token_content *content;
    struct sek_row row;
    bool has_flags;
    uint8_t flags[SEK_FLAGS_LEN];
    unsigned marks;
    /* Of a component only. */
    bool has_own; /* a measured component of its own name was read */
    bool own_has_flags;
    uint8_t own_flags[SEK_FLAGS_LEN];
    size_t first; /* its row's index; what stands inside follows */
};

static struct entry *entry_of(void *context)
{
    return context;
}

void sek_token_list_unknown(struct sek_token_content *content, int64_t key, uint64_t offset)
{
    if (content->unknown_count < content->unknown_cap)
        content->unknown[content->unknown_count] =
            (struct sek_token_unknown){.key = key, .offset = offset};
    content->unknown_count++;
}

static void list_unknown(void *context, int64_t key, uint64_t offset)
{
    sek_token_list_unknown(entry_of(context)->content, key, offset);
}

/* Every row starts as the worst. */
static struct entry entry_make(struct sek_token_content *content)
{
    return (struct entry){.content = content,
                          .row = {.component_class = SEK_CLASS_NONE,
                                  .method = SEK_METHOD_SELF_REPORTED,
                                  .evidence_class = SEK_EVIDENCE_HEURISTIC,
                                  .integrity = SEK_INTEGRITY_UNVERIFIED,
                                  .supplier = SEK_SUPPLIER_NOT_EVALUATED,
                                  .verdict = SEK_VERDICT_UNVERIFIED}};
}

static void read_flags(struct sek_reader *r, void *context)
{
    struct entry *entry = entry_of(context);
    struct sek_reader start = *r;
    uint8_t *flags = entry->flags;

    sek_claim_bytes(r, flags, SEK_FLAGS_LEN);
    if (r->fault->status != SEK_OK)
        return;
    if (flags[0] > SEK_INTEGRITY_TAMPERED || flags[1] > SEK_SUPPLIER_EXCLUDED ||
        flags[2] > SEK_CLASS_NONE || flags[3] > SEK_BANK_RECOVERY || flags[4] < SEK_METHOD_AGENT ||
        flags[4] > SEK_METHOD_SELF_REPORTED || flags[5] != 0 || flags[6] > SEK_FAMILY_BN) {
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "flags hold a number that is none of ours");
        return;
    }
    if (flags[4] == SEK_METHOD_SELF_REPORTED && flags[0] == SEK_INTEGRITY_VERIFIED)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "verified, but self-reported");
    entry->has_flags = true;
    entry->row.integrity = (enum sek_integrity)flags[0];
    entry->row.supplier = (enum sek_supplier)flags[1];
    entry->row.component_class = (enum sek_class)flags[2];
    entry->row.bank = (enum sek_bank)flags[3];
    entry->row.method = (enum sek_method)flags[4];
    entry->row.rule = (sek_rule)(flags[6] << 8 | flags[7]);
}

static void read_marks(struct sek_reader *r, void *context)
{
    struct entry *entry = entry_of(context);
    struct sek_reader start = *r;

    entry->marks = (unsigned)sek_cbor_uint(r, SEK_MARK_ALL);
    if (entry->marks == 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "marks of 0 are left out");
    entry->row.damaged = (entry->marks & SEK_MARK_DAMAGED) != 0;
    entry->row.blank = (entry->marks & SEK_MARK_BLANK) != 0;
    entry->row.optional = (entry->marks & SEK_MARK_OPTIONAL) != 0;
}

static void read_name(struct sek_reader *r, struct sek_row *row)
{
    struct sek_reader start = *r;
    struct sek_bytes name = sek_cbor_text(r, 1, SEK_ROW_NAME_MAX);

    if (r->fault->status == SEK_OK && !sek_token_name_valid(name))
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "a name with letters that no name has");
    if (r->fault->status != SEK_OK)
        return;
    memcpy(row->name, name.data, name.len);
    row->name[name.len] = '\0';
}

/* [ name, ? [ version, ? scheme ] ] */
static void read_id(struct sek_reader *r, void *context)
{
    struct sek_row *row = &entry_of(context)->row;
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r), parts;

    read_name(r, row);
    if (count == 1 || r->fault->status != SEK_OK)
        return;
    parts = sek_cbor_array(r);
    sek_claim_text(r, 1, row->version, sizeof row->version);
    if (parts == 2)
        (void)sek_cbor_int(r);
    if (count != 2 || (parts != 1 && parts != 2))
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an id is not [name, ? [version, ? scheme]]");
}

/* [ id, bytes ] */
static void read_digest_value(struct sek_reader *r, struct sek_digest_value *out)
{
    static const enum sek_digest_alg algs[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                               SEK_DIGEST_SHA512};
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r);
    uint64_t id = sek_cbor_uint(r, UINT64_MAX);

    for (size_t i = 0; i < SEK_LEN(algs); i++)
        if (count == 2 && id == sek_digest_ni(algs[i])) {
            sek_claim_bytes(r, out->bytes, sek_digest_len(algs[i]));
            out->alg = algs[i];
            return;
        }
    sek_reader_fail(&start, SEK_ERR_MALFORMED, "a digest is not [1, 7 or 8, bytes]");
}

static void read_digest(struct sek_reader *r, void *context)
{
    read_digest_value(r, &entry_of(context)->row.digest[0]);
}

static void read_second_digest(struct sek_reader *r, void *context)
{
    struct sek_row *row = &entry_of(context)->row;
    struct sek_reader start = *r;

    read_digest_value(r, &row->digest[1]);
    if (row->digest[0].alg == row->digest[1].alg)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "two digests of one kind");
}

static void refuse_raw(struct sek_reader *r, void *context)
{
    (void)context;
    sek_reader_fail(r, SEK_ERR_MALFORMED, "a raw measurement");
}

static void read_authorities(struct sek_reader *r, void *context)
{
    struct sek_row *row = &entry_of(context)->row;
    struct sek_reader start = *r;

    if (sek_cbor_array(r) != 1)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "authorities are not exactly one");
    sek_claim_bytes(r, row->key, sizeof row->key);
    row->has_key = true;
}

static void read_counter(struct sek_reader *r, void *context)
{
    entry_of(context)->row.has_counter = true;
    entry_of(context)->row.security_counter = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
}

static void read_timestamp(struct sek_reader *r, void *context)
{
    entry_of(context)->row.has_timestamp = true;
    entry_of(context)->row.timestamp = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
}

static void read_image_size(struct sek_reader *r, void *context)
{
    entry_of(context)->row.size = sek_cbor_uint(r, UINT64_MAX);
}

/* clang-format off */
#define CLAIMS_OF_IMAGES \
    {SEK_MC_ID, "a measured component without id (1)", read_id}, \
    {SEK_MC_AUTHORITIES, NULL, read_authorities}, \
    {SEK_MC_FLAGS, "a measured component without flags (4)", read_flags}, \
    {SEK_MC_RAW, NULL, refuse_raw}, \
    {SEK_CLAIM_SECURITY_COUNTER, NULL, read_counter}, \
    {SEK_CLAIM_SECOND_DIGEST, NULL, read_second_digest}, \
    {SEK_CLAIM_TIMESTAMP, NULL, read_timestamp}, \
    {SEK_CLAIM_IMAGE_SIZE, NULL, read_image_size}
/* clang-format on */

static const struct sek_claim_row measured_claims[] = {
    CLAIMS_OF_IMAGES,
    {SEK_MC_DIGEST, "a measured component without digest (2)", read_digest},
};

static const struct sek_claim_row unmeasured_claims[] = {
    CLAIMS_OF_IMAGES,
    {SEK_CLAIM_MARKS, NULL, read_marks},
};

static bool append(struct sek_token_content *content, const struct sek_row *row,
                   struct sek_reader *r)
{
    for (size_t i = 0; i < content->row_count; i++)
        if (content->row[i].kind == row->kind && strcmp(content->row[i].name, row->name) == 0)
            sek_reader_fail(r, SEK_ERR_MALFORMED, "two components of one name");
    if (content->row_count == content->row_cap)
        sek_reader_fail(r, SEK_ERR_NO_SPACE, "more components than the bench takes");
    if (r->fault->status != SEK_OK)
        return false;
    content->row[content->row_count++] = *row;
    return true;
}

/* What the component says of itself under its own name. */
static void take_own(struct entry *component, const struct entry *own)
{
    struct sek_row *row = &component->row;

    component->has_own = true;
    component->own_has_flags = own->has_flags;
    memcpy(component->own_flags, own->flags, SEK_FLAGS_LEN);
    memcpy(row->digest, own->row.digest, sizeof row->digest);
    memcpy(row->version, own->row.version, sizeof row->version);
    memcpy(row->key, own->row.key, sizeof row->key);
    row->has_key = own->row.has_key;
    row->has_counter = own->row.has_counter;
    row->security_counter = own->row.security_counter;
    row->has_timestamp = own->row.has_timestamp;
    row->timestamp = own->row.timestamp;
}

/* One byte string of a list: the component's own, or an image or configuration inside it. */
static void read_inside(struct sek_reader *r, struct entry *component, bool measured)
{
    struct entry inside = entry_make(component->content);
    struct sek_reader start = *r, layer = sek_cbor_layer(r);
    size_t region_len = strlen(component->row.name);

    if (r->fault->status != SEK_OK || sek_cbor_check(layer) != SEK_OK)
        return;
    if (measured)
        sek_claim_map_read(&layer, measured_claims, SEK_LEN(measured_claims), list_unknown,
                           &inside);
    else
        sek_claim_map_read(&layer, unmeasured_claims, SEK_LEN(unmeasured_claims), list_unknown,
                           &inside);
    if (r->fault->status != SEK_OK)
        return;
    if (strcmp(inside.row.name, component->row.name) == 0) {
        if (component->has_own)
            sek_reader_fail(&start, SEK_ERR_MALFORMED, "two components of one name");
        take_own(component, &inside);
        return;
    }
    if (strncmp(inside.row.name, component->row.name, region_len) != 0 ||
        inside.row.name[region_len] != '/')
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an image of another region's name");
    inside.row.kind = inside.marks & SEK_MARK_CONFIGURATION ? SEK_ROW_CONFIGURATION : SEK_ROW_IMAGE;
    if (inside.row.integrity == SEK_INTEGRITY_VERIFIED && !inside.row.has_key &&
        inside.row.rule != SEK_RULE(REF, 1))
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "verified, but nobody says by whom");
    append(component->content, &inside.row, &start);
}

/* [ + [ 295, bytes ] ] */
static void read_measurements(struct sek_reader *r, void *context)
{
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r);

    if (count == 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an empty list is left out");
    for (size_t i = 0; i < count && r->fault->status == SEK_OK; i++) {
        struct sek_reader at = *r;

        if (sek_cbor_array(r) != 2 || sek_cbor_uint(r, UINT16_MAX) != SEK_MC_CONTENT_FORMAT)
            sek_reader_fail(&at, SEK_ERR_MALFORMED, "a measurement of another content format");
        read_inside(r, entry_of(context), true);
    }
}

/* [ + bytes ] */
static void read_unmeasured(struct sek_reader *r, void *context)
{
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r);

    if (count == 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an empty list is left out");
    for (size_t i = 0; i < count && r->fault->status == SEK_OK; i++)
        read_inside(r, entry_of(context), false);
}

static void read_value(struct sek_reader *r, size_t len, struct sek_observation *out)
{
    switch (out->type) {
    case SEK_VALUE_TEXT:
        out->value = sek_cbor_text(r, 0, SIZE_MAX);
        return;
    case SEK_VALUE_BYTES:
        out->value = sek_cbor_bytes(r, len, len);
        return;
    case SEK_VALUE_NUMBER:
        out->number = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
        return;
    }
}

/* [ kind, value, evidence class, ? flags ]; false: of a kind that we do not know. */
static bool read_observation(struct sek_reader *r, struct entry *entry, struct sek_observation *out)
{
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r), len = 0;
    uint64_t kind = sek_cbor_uint(r, INT64_MAX);
    bool known = sek_kind_type(kind, &out->type, &len);

    if (count != 3 && count != 4)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an observation is not of 3 or 4 parts");
    if (known)
        read_value(r, len, out);
    else
        sek_cbor_skip(r);
    out->kind = (enum sek_kind)(known ? kind : 0);
    start = *r;
    out->evidence = (enum sek_evidence_class)sek_cbor_uint(r, SEK_EVIDENCE_SIGNED);
    if (out->evidence < SEK_EVIDENCE_HEURISTIC)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "evidence classes are 1 to 5");
    if (count == 4)
        out->flags = (uint8_t)sek_cbor_uint(r, SEK_OBSERVATION_DAMAGED | SEK_OBSERVATION_BLANK);
    if (!known && r->fault->status == SEK_OK)
        sek_token_list_unknown(entry->content, (int64_t)kind, start.pos);
    return known && r->fault->status == SEK_OK;
}

static void read_observations(struct sek_reader *r, void *context)
{
    struct entry *entry = entry_of(context);
    struct sek_token_content *content = entry->content;
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r);

    if (count == 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an empty list is left out");
    entry->row.observation = content->observation + content->observation_count;
    for (size_t i = 0; i < count && r->fault->status == SEK_OK; i++) {
        struct sek_observation observation = {.number = 0};

        if (!read_observation(r, entry, &observation))
            continue;
        if (content->observation_count == content->observation_cap) {
            sek_reader_fail(r, SEK_ERR_NO_SPACE, "more observations than the bench takes");
            return;
        }
        content->observation[content->observation_count++] = observation;
        entry->row.observation_count++;
        if (observation.evidence > entry->row.evidence_class)
            entry->row.evidence_class = observation.evidence;
    }
}

static void read_location(struct sek_reader *r, void *context)
{
    struct sek_row *row = &entry_of(context)->row;

    sek_claim_text(r, 0, row->location, sizeof row->location);
}

/* [ format, size ] */
static void read_format(struct sek_reader *r, void *context)
{
    struct sek_row *row = &entry_of(context)->row;
    struct sek_reader start = *r;

    if (sek_cbor_array(r) != 2)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "not [format, size]");
    sek_claim_text(r, 0, row->format, sizeof row->format);
    row->size = sek_cbor_uint(r, UINT64_MAX);
}

static const struct sek_claim_row component_claims[] = {
    {SEK_CLAIM_MEASUREMENTS, NULL, read_measurements},
    {SEK_CLAIM_OBSERVATIONS, NULL, read_observations},
    {SEK_CLAIM_FLAGS, "a component without flags (-82005)", read_flags},
    {SEK_CLAIM_LOCATION, "a component without location (-82006)", read_location},
    {SEK_CLAIM_FORMAT_SIZE, NULL, read_format},
    {SEK_CLAIM_MARKS, NULL, read_marks},
    {SEK_CLAIM_UNMEASURED, NULL, read_unmeasured},
};

/* Somebody must have vouched for what is verified: a key, a reference, or the keys of the images
 * that the region holds. */
static bool vouched(const struct entry *component)
{
    const struct sek_token_content *content = component->content;

    if (component->row.integrity != SEK_INTEGRITY_VERIFIED || component->row.has_key ||
        component->row.rule == SEK_RULE(REF, 1))
        return true;
    for (size_t i = component->first + 1; i < content->row_count; i++)
        if (content->row[i].integrity == SEK_INTEGRITY_VERIFIED)
            return true;
    return false;
}

static void read_component(struct sek_reader *r, struct sek_token_content *content)
{
    struct entry component = entry_make(content);
    struct sek_reader start = *r;

    read_name(r, &component.row);
    component.first = content->row_count;
    if (!append(content, &component.row, &start)) /* its place, before its images */
        return;
    sek_claim_map_read(r, component_claims, SEK_LEN(component_claims), list_unknown, &component);
    if (r->fault->status != SEK_OK)
        return;
    if (component.marks & SEK_MARK_PART || component.row.observation_count > 0)
        component.row.kind = SEK_ROW_PART;
    if (component.own_has_flags && memcmp(component.flags, component.own_flags, SEK_FLAGS_LEN) != 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "two sets of flags of one component");
    if (!vouched(&component))
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "verified, but nobody says by whom");
    content->row[component.first] = component.row;
    for (size_t i = component.first + 1; i < content->row_count; i++) {
        struct sek_row *row = &content->row[i];

        memcpy(row->location, component.row.location, sizeof row->location);
        memcpy(row->format, component.row.format, sizeof row->format);
    }
}

void sek_token_read_rows(struct sek_reader *r, void *context)
{
    struct sek_token_content *content = context;
    struct sek_reader start = *r;
    size_t count = sek_cbor_map(r);

    if (count == 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "no component at all");
    for (size_t i = 0; i < count && r->fault->status == SEK_OK; i++)
        read_component(r, content);
}
