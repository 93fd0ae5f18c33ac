#include "evidence/token_decode.h"

#include "evidence/claim_map.h"
#include "evidence/claims.h"
#include "evidence/token_decode_row.h"

#include <string.h>

/* Key 0 is no claim of ours: its row could never be found for a claim beyond 64 bits. */

static struct sek_token *claims_of(void *context)
{
    return &((struct sek_token_content *)context)->claims;
}

static void read_issued_at(struct sek_reader *r, void *context)
{
    claims_of(context)->issued_at = sek_cbor_uint(r, INT64_MAX);
}

static void read_nonce(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, claims_of(context)->nonce, SEK_NONCE_LEN);
}

static void read_ueid(struct sek_reader *r, void *context)
{
    claims_of(context)->ueid = sek_cbor_bytes(r, SEK_UEID_MIN, SEK_UEID_MAX);
}

static void read_oemid(struct sek_reader *r, void *context)
{
    struct sek_token *claims = claims_of(context);
    struct sek_reader start = *r;

    if (sek_cbor_peek(r) == SEK_CBOR_UINT) {
        claims->oem_pen = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
        return;
    }
    claims->oemid = sek_cbor_bytes(r, 3, 16);
    if (claims->oemid.len != 3 && claims->oemid.len != 16)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "oemid is neither 3 nor 16 bytes");
}

static void read_model(struct sek_reader *r, void *context)
{
    claims_of(context)->hw_model = sek_cbor_bytes(r, 1, SEK_MODEL_MAX);
}

/* [ text, ? scheme ] */
static struct sek_bytes read_version(struct sek_reader *r)
{
    struct sek_reader start = *r;
    size_t count = sek_cbor_array(r);
    struct sek_bytes version = sek_cbor_text(r, 1, SEK_TOKEN_TEXT_MAX);

    if (count == 2)
        (void)sek_cbor_int(r);
    else if (count != 1)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "a version is not [text, ? scheme]");
    return version;
}

static void read_hw_version(struct sek_reader *r, void *context)
{
    claims_of(context)->hw_version = read_version(r);
}

static void read_uptime(struct sek_reader *r, void *context)
{
    claims_of(context)->uptime = sek_cbor_uint(r, UINT64_MAX);
}

static void read_oem_boot(struct sek_reader *r, void *context)
{
    claims_of(context)->has_oem_boot = true;
    claims_of(context)->oem_boot = sek_cbor_bool(r);
}

static void read_debug(struct sek_reader *r, void *context)
{
    claims_of(context)->debug = (enum sek_debug)sek_cbor_uint(r, SEK_DEBUG_DISABLED_FULLY);
}

static bool equals(struct sek_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static void read_profile(struct sek_reader *r, void *context)
{
    struct sek_reader start = *r;
    struct sek_bytes profile = sek_cbor_text(r, 1, SIZE_MAX);

    if (r->fault->status != SEK_OK)
        return;
    claims_of(context)->summary = equals(profile, SEK_PROFILE_SUMMARY);
    if (!claims_of(context)->summary && !equals(profile, SEK_PROFILE_EVIDENCE))
        sek_reader_fail(&start, SEK_ERR_UNSUPPORTED, "profile of another kind of token");
}

static void read_boot_count(struct sek_reader *r, void *context)
{
    claims_of(context)->boot_count = sek_cbor_uint(r, UINT64_MAX);
}

static void read_boot_seed(struct sek_reader *r, void *context)
{
    claims_of(context)->boot_seed = sek_cbor_bytes(r, SEK_SEED_MIN, SEK_SEED_MAX);
}

static void read_sw_name(struct sek_reader *r, void *context)
{
    claims_of(context)->sw_name = sek_cbor_text(r, 1, SEK_TOKEN_TEXT_MAX);
}

static void read_sw_version(struct sek_reader *r, void *context)
{
    claims_of(context)->sw_version = read_version(r);
}

static void expect_count(struct sek_reader *r, size_t count, const char *why)
{
    struct sek_reader start = *r;

    if (sek_cbor_array(r) != count)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, why);
}

/* [ source, now or null, floor ]: now is there exactly if there is something like a clock. */
static void read_time_status(struct sek_reader *r, void *context)
{
    struct sek_token *claims = claims_of(context);
    struct sek_reader start = *r;
    bool none;

    expect_count(r, 3, "time status is not [source, now, floor]");
    claims->time_source = (enum hal_time_source)sek_cbor_uint(r, HAL_TIME_RTC_SET);
    none = sek_cbor_null(r);
    if (none != (claims->time_source < HAL_TIME_UNAUTHENTICATED))
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "time without a source, or none with one");
    if (!none)
        claims->now = sek_cbor_uint(r, INT64_MAX);
    claims->floor = sek_cbor_uint(r, INT64_MAX);
}

static void read_store_id(struct sek_reader *r, void *context)
{
    struct sek_token *claims = claims_of(context);

    expect_count(r, 3, "trust store id is not [kid, serial, digest]");
    sek_claim_bytes(r, claims->store_authority, sizeof claims->store_authority);
    claims->store_serial = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
    sek_claim_bytes(r, claims->store_sha256, sizeof claims->store_sha256);
}

static void read_measured_at(struct sek_reader *r, void *context)
{
    claims_of(context)->has_measured_at = true;
    claims_of(context)->measured_at = sek_cbor_uint(r, UINT64_MAX);
}

static void read_binding(struct sek_reader *r, void *context)
{
    claims_of(context)->binding = sek_cbor_bytes(r, 32, 32);
}

static void read_key_protection(struct sek_reader *r, void *context)
{
    claims_of(context)->key_protection = (enum hal_key_protection)sek_cbor_uint(r, HAL_KEY_TPM);
}

static void read_reset_reason(struct sek_reader *r, void *context)
{
    claims_of(context)->has_reset_reason = true;
    claims_of(context)->reset_reason = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
}

static void read_log_head(struct sek_reader *r, void *context)
{
    claims_of(context)->log_head = sek_cbor_bytes(r, 32, 32);
}

static void read_description(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, claims_of(context)->description_sha256, 32);
}

static void read_counts(struct sek_reader *r, uint32_t *count, size_t words)
{
    expect_count(r, words, "a summary counts other words");
    for (size_t i = 0; i < words; i++)
        count[i] = (uint32_t)sek_cbor_uint(r, SEK_TOKEN_ROWS);
}

static void read_summary(struct sek_reader *r, void *context)
{
    struct sek_token_summary *summary = &((struct sek_token_content *)context)->summary;

    expect_count(r, 3, "a summary is not [digest, integrity, supplier]");
    sek_claim_bytes(r, summary->inventory_sha256, sizeof summary->inventory_sha256);
    read_counts(r, summary->integrity, SEK_LEN(summary->integrity));
    read_counts(r, summary->supplier, SEK_LEN(summary->supplier));
}

static void skip_summary(struct sek_reader *r, void *context)
{
    (void)context;
    sek_reader_fail(r, SEK_ERR_MALFORMED, "a summary beside components");
}

static void skip_rows(struct sek_reader *r, void *context)
{
    (void)context;
    sek_reader_fail(r, SEK_ERR_MALFORMED, "components in a summary");
}

static void skip_profile(struct sek_reader *r, void *context)
{
    (void)context;
    sek_cbor_skip(r); /* was read first */
}

static void list_unknown(void *context, int64_t key, uint64_t offset)
{
    sek_token_list_unknown(context, key, offset);
}

/* clang-format off */
#define CLAIMS_OF_BOTH \
    {SEK_CLAIM_IAT, NULL, read_issued_at}, \
    {SEK_CLAIM_NONCE, "no nonce (10)", read_nonce}, \
    {SEK_CLAIM_UEID, "no UEID (256)", read_ueid}, \
    {SEK_CLAIM_OEMID, "no oemid (258)", read_oemid}, \
    {SEK_CLAIM_HWMODEL, "no hardware model (259)", read_model}, \
    {SEK_CLAIM_HWVERSION, NULL, read_hw_version}, \
    {SEK_CLAIM_UPTIME, "no uptime (261)", read_uptime}, \
    {SEK_CLAIM_OEMBOOT, NULL, read_oem_boot}, \
    {SEK_CLAIM_DEBUG, "no debug status (263)", read_debug}, \
    {SEK_CLAIM_PROFILE, "no profile (265)", skip_profile}, \
    {SEK_CLAIM_BOOT_COUNT, "no boot count (267)", read_boot_count}, \
    {SEK_CLAIM_BOOT_SEED, "no boot seed (268)", read_boot_seed}, \
    {SEK_CLAIM_SWNAME, "no agent name (270)", read_sw_name}, \
    {SEK_CLAIM_SWVERSION, "no agent version (271)", read_sw_version}, \
    {SEK_CLAIM_TIME_STATUS, "no time status (-82002)", read_time_status}, \
    {SEK_CLAIM_STORE_ID, "no trust store id (-82003)", read_store_id}, \
    {SEK_CLAIM_MEASURED_AT, NULL, read_measured_at}, \
    {SEK_CLAIM_BINDING, NULL, read_binding}, \
    {SEK_CLAIM_KEY_PROTECTION, "no key protection (-82013)", read_key_protection}, \
    {SEK_CLAIM_RESET_REASON, NULL, read_reset_reason}, \
    {SEK_CLAIM_LOG_HEAD, NULL, read_log_head}, \
    {SEK_CLAIM_DESCRIPTION, "no board description (-82016)", read_description}
/* clang-format on */

static const struct sek_claim_row evidence_claims[] = {
    CLAIMS_OF_BOTH,
    {SEK_CLAIM_SUBMODS, "no components (266)", sek_token_read_rows},
    {SEK_CLAIM_SUMMARY, NULL, skip_summary},
};

static const struct sek_claim_row summary_claims[] = {
    CLAIMS_OF_BOTH,
    {SEK_CLAIM_SUBMODS, NULL, skip_rows},
    {SEK_CLAIM_SUMMARY, "no summary (-82021)", read_summary},
};

/* Which kind of token it is must be known before the other claims are read. */
static const struct sek_claim_row profile_claim[] = {
    {SEK_CLAIM_PROFILE, "no profile (265)", read_profile},
};

static void ignore(void *context, int64_t key, uint64_t offset)
{
    (void)context;
    (void)key;
    (void)offset;
}

enum sek_status sek_token_decode(struct sek_reader payload, struct sek_token_content *out)
{
    struct sek_token_content content = *out;
    struct sek_reader first = payload;
    struct sek_reader start = payload;

    content.claims = (struct sek_token){.summary = false};
    content.summary = (struct sek_token_summary){.integrity = {0}};
    content.row_count = content.observation_count = content.unknown_count = 0;
    if (sek_cbor_check(payload) != SEK_OK)
        return payload.fault->status;
    sek_claim_map_read(&first, profile_claim, SEK_LEN(profile_claim), ignore, &content);
    if (payload.fault->status != SEK_OK)
        return payload.fault->status;
    if (content.claims.summary)
        sek_claim_map_read(&payload, summary_claims, SEK_LEN(summary_claims), list_unknown,
                           &content);
    else
        sek_claim_map_read(&payload, evidence_claims, SEK_LEN(evidence_claims), list_unknown,
                           &content);
    if (content.claims.issued_at > 0 && content.claims.time_source < HAL_TIME_CHALLENGE)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "an issue time without a trusted clock");
    if (payload.fault->status == SEK_OK)
        *out = content;
    return payload.fault->status;
}
