#include "evidence/token_decode_row.h"

#include "evidence/claim_map.h"
#include "evidence/claims.h"

#include <string.h>

static struct sek_token_entry *entry_of(void *context)
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

struct sek_token_entry sek_token_entry_make(struct sek_token_content *content)
{
    return (struct sek_token_entry){.content = content,
                                    .row = {.component_class = SEK_CLASS_NONE,
                                            .method = SEK_METHOD_SELF_REPORTED,
                                            .evidence_class = SEK_EVIDENCE_HEURISTIC,
                                            .integrity = SEK_INTEGRITY_UNVERIFIED,
                                            .supplier = SEK_SUPPLIER_NOT_EVALUATED,
                                            .verdict = SEK_VERDICT_UNVERIFIED}};
}

void sek_token_read_flags(struct sek_reader *r, void *context)
{
    struct sek_token_entry *entry = entry_of(context);
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

void sek_token_read_marks(struct sek_reader *r, void *context)
{
    struct sek_token_entry *entry = entry_of(context);
    struct sek_reader start = *r;

    entry->marks = (unsigned)sek_cbor_uint(r, SEK_MARK_ALL);
    if (entry->marks == 0)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "marks of 0 are left out");
    entry->row.damaged |= (entry->marks & SEK_MARK_DAMAGED) != 0;
    entry->row.blank = (entry->marks & SEK_MARK_BLANK) != 0;
    entry->row.optional = (entry->marks & SEK_MARK_OPTIONAL) != 0;
}

void sek_token_read_name(struct sek_reader *r, struct sek_row *row)
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

    sek_token_read_name(r, row);
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

/* clang-format off */
#define CLAIMS_OF_IMAGES \
    {SEK_MC_ID, "a measured component without id (1)", read_id}, \
    {SEK_MC_AUTHORITIES, NULL, read_authorities}, \
    {SEK_MC_FLAGS, NULL, sek_token_read_flags}, \
    {SEK_MC_RAW, NULL, refuse_raw}, \
    {SEK_CLAIM_SECURITY_COUNTER, NULL, read_counter}, \
    {SEK_CLAIM_SECOND_DIGEST, NULL, read_second_digest}, \
    {SEK_CLAIM_TIMESTAMP, NULL, read_timestamp}
/* clang-format on */

static const struct sek_claim_row measured_claims[] = {
    CLAIMS_OF_IMAGES,
    {SEK_MC_DIGEST, "a measured component without digest (2)", read_digest},
};

static const struct sek_claim_row unmeasured_claims[] = {
    CLAIMS_OF_IMAGES,
    {SEK_CLAIM_MARKS, NULL, sek_token_read_marks},
};

void sek_token_read_image(struct sek_reader *r, struct sek_token_entry *entry, bool measured)
{
    struct sek_reader layer = sek_cbor_layer(r);

    if (r->fault->status != SEK_OK || sek_cbor_check(layer) != SEK_OK)
        return;
    if (measured)
        sek_claim_map_read(&layer, measured_claims, SEK_LEN(measured_claims), list_unknown, entry);
    else
        sek_claim_map_read(&layer, unmeasured_claims, SEK_LEN(unmeasured_claims), list_unknown,
                           entry);
}
