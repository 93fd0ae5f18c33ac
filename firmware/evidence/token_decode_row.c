#include "evidence/token_decode_row.h"

#include "evidence/claim_map.h"
#include "evidence/claims.h"

#include <string.h>

static struct sek_token_entry *entry_of(void *context)
{
    return context;
}

static void list_unknown(void *context, int64_t key, uint64_t offset)
{
    sek_token_list_unknown(entry_of(context)->content, key, offset);
}

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

/* A key or a reference must stand behind what is called verified. */
static void require_voucher(struct sek_reader *at, const struct sek_row *row)
{
    if (row->integrity == SEK_INTEGRITY_VERIFIED && !row->has_key && row->rule != SEK_RULE(REF, 1))
        sek_reader_fail(at, SEK_ERR_MALFORMED, "verified, but nobody says by whom");
}

/* What the component says of itself under its own name. */
static void take_own(struct sek_token_entry *component, const struct sek_token_entry *own)
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
static void read_inside(struct sek_reader *r, struct sek_token_entry *component, bool measured)
{
    struct sek_token_entry inside = sek_token_entry_make(component->content);
    struct sek_reader start = *r;
    size_t region_len = strlen(component->row.name);

    sek_token_read_image(r, &inside, measured);
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
    if (!inside.has_flags)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an image without flags (4)");
    inside.row.kind = inside.marks & SEK_MARK_CONFIGURATION ? SEK_ROW_CONFIGURATION : SEK_ROW_IMAGE;
    inside.row.evidence_class = SEK_EVIDENCE_SIGNED; /* what was measured, not what was claimed */
    require_voucher(&start, &inside.row);
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
static bool read_observation(struct sek_reader *r, struct sek_token_entry *entry,
                             struct sek_observation *out)
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
    struct sek_token_entry *entry = entry_of(context);
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
        if (observation.flags & SEK_OBSERVATION_DAMAGED)
            entry->row.damaged = true;
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
    {SEK_CLAIM_FLAGS, "a component without flags (-82005)", sek_token_read_flags},
    {SEK_CLAIM_LOCATION, "a component without location (-82006)", read_location},
    {SEK_CLAIM_FORMAT_SIZE, NULL, read_format},
    {SEK_CLAIM_MARKS, NULL, sek_token_read_marks},
    {SEK_CLAIM_UNMEASURED, NULL, read_unmeasured},
};

static void read_component(struct sek_reader *r, struct sek_token_content *content)
{
    struct sek_token_entry component = sek_token_entry_make(content);
    struct sek_reader start = *r;

    sek_token_read_name(r, &component.row);
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
    component.row.container = component.row.kind == SEK_ROW_REGION && component.row.rule == 0 &&
                              content->row_count > component.first + 1;
    require_voucher(&start, &component.row);
    if (component.row.kind != SEK_ROW_PART)
        component.row.evidence_class = SEK_EVIDENCE_SIGNED;
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
