#include "evidence/token.h"

#include "evidence/claims.h"
#include "evidence/token_row.h"

#include <string.h>

static bool within(struct sek_bytes bytes, size_t min, size_t max)
{
    return bytes.data && bytes.len >= min && bytes.len <= max;
}

static bool optional(struct sek_bytes bytes, size_t min, size_t max)
{
    return !bytes.data || within(bytes, min, max);
}

/* What the reader would refuse is not written. */
static bool claims_valid(const struct sek_token *token)
{
    return within(token->ueid, SEK_UEID_MIN, SEK_UEID_MAX) &&
           (!token->oemid.data || token->oemid.len == 3 || token->oemid.len == 16) &&
           within(token->hw_model, 1, SEK_MODEL_MAX) &&
           optional(token->hw_version, 1, SEK_TOKEN_TEXT_MAX) &&
           within(token->boot_seed, SEK_SEED_MIN, SEK_SEED_MAX) &&
           within(token->sw_name, 1, SEK_TOKEN_TEXT_MAX) &&
           within(token->sw_version, 1, SEK_TOKEN_TEXT_MAX) && optional(token->binding, 32, 32) &&
           optional(token->log_head, 32, 32) &&
           (token->issued_at == 0 || token->time_source >= HAL_TIME_CHALLENGE);
}

static void put_version(struct sek_cbor_writer *w, struct sek_bytes version)
{
    sek_cbor_put_array(w, 1);
    sek_cbor_put_text_bytes(w, version);
}

/* One claim or none: writes the key, counts the pair. */
static void key(struct sek_cbor_writer *w, int64_t claim, size_t *pairs)
{
    sek_cbor_put_int(w, claim);
    ++*pairs;
}

/* 6 to 265, in the order of the encoded keys. */
static void put_identity(struct sek_cbor_writer *w, const struct sek_token *token, size_t *pairs)
{
    if (token->issued_at > 0) {
        key(w, SEK_CLAIM_IAT, pairs);
        sek_cbor_put_uint(w, token->issued_at);
    }
    key(w, SEK_CLAIM_NONCE, pairs);
    sek_cbor_put_bytes(w, token->nonce, sizeof token->nonce);
    key(w, SEK_CLAIM_UEID, pairs);
    sek_cbor_put_bytes(w, token->ueid.data, token->ueid.len);
    key(w, SEK_CLAIM_OEMID, pairs);
    if (token->oemid.data)
        sek_cbor_put_bytes(w, token->oemid.data, token->oemid.len);
    else
        sek_cbor_put_uint(w, token->oem_pen);
    key(w, SEK_CLAIM_HWMODEL, pairs);
    sek_cbor_put_bytes(w, token->hw_model.data, token->hw_model.len);
    if (token->hw_version.data) {
        key(w, SEK_CLAIM_HWVERSION, pairs);
        put_version(w, token->hw_version);
    }
    key(w, SEK_CLAIM_UPTIME, pairs);
    sek_cbor_put_uint(w, token->uptime);
    if (token->has_oem_boot) {
        key(w, SEK_CLAIM_OEMBOOT, pairs);
        sek_cbor_put_bool(w, token->oem_boot);
    }
    key(w, SEK_CLAIM_DEBUG, pairs);
    sek_cbor_put_uint(w, (uint64_t)token->debug);
    key(w, SEK_CLAIM_PROFILE, pairs);
    sek_cbor_put_text(w, token->summary ? SEK_PROFILE_SUMMARY : SEK_PROFILE_EVIDENCE);
}

/* 267 to 271. */
static void put_agent(struct sek_cbor_writer *w, const struct sek_token *token, size_t *pairs)
{
    key(w, SEK_CLAIM_BOOT_COUNT, pairs);
    sek_cbor_put_uint(w, token->boot_count);
    key(w, SEK_CLAIM_BOOT_SEED, pairs);
    sek_cbor_put_bytes(w, token->boot_seed.data, token->boot_seed.len);
    key(w, SEK_CLAIM_SWNAME, pairs);
    sek_cbor_put_text_bytes(w, token->sw_name);
    key(w, SEK_CLAIM_SWVERSION, pairs);
    put_version(w, token->sw_version);
}

/* -82002 to -82004: when, and by which store. */
static void put_circumstances(struct sek_cbor_writer *w, const struct sek_token *token,
                              size_t *pairs)
{
    key(w, SEK_CLAIM_TIME_STATUS, pairs);
    sek_cbor_put_array(w, 3);
    sek_cbor_put_uint(w, (uint64_t)token->time_source);
    if (token->time_source >= HAL_TIME_UNAUTHENTICATED)
        sek_cbor_put_uint(w, token->now);
    else
        sek_cbor_put_null(w);
    sek_cbor_put_uint(w, token->floor);
    key(w, SEK_CLAIM_STORE_ID, pairs);
    sek_cbor_put_array(w, 3);
    sek_cbor_put_bytes(w, token->store_authority, sizeof token->store_authority);
    sek_cbor_put_uint(w, token->store_serial);
    sek_cbor_put_bytes(w, token->store_sha256, sizeof token->store_sha256);
    if (token->has_measured_at) {
        key(w, SEK_CLAIM_MEASURED_AT, pairs);
        sek_cbor_put_uint(w, token->measured_at);
    }
}

/* -82012 to -82016. */
static void put_protection(struct sek_cbor_writer *w, const struct sek_token *token, size_t *pairs)
{
    if (token->binding.data) {
        key(w, SEK_CLAIM_BINDING, pairs);
        sek_cbor_put_bytes(w, token->binding.data, token->binding.len);
    }
    key(w, SEK_CLAIM_KEY_PROTECTION, pairs);
    sek_cbor_put_uint(w, (uint64_t)token->key_protection);
    if (token->has_reset_reason) {
        key(w, SEK_CLAIM_RESET_REASON, pairs);
        sek_cbor_put_uint(w, token->reset_reason);
    }
    if (token->log_head.data) {
        key(w, SEK_CLAIM_LOG_HEAD, pairs);
        sek_cbor_put_bytes(w, token->log_head.data, token->log_head.len);
    }
    key(w, SEK_CLAIM_DESCRIPTION, pairs);
    sek_cbor_put_bytes(w, token->description_sha256, sizeof token->description_sha256);
}

void sek_token_write(struct sek_cbor_writer *w, const struct sek_token *token,
                     const struct sek_row *row, size_t count, struct sek_signer *signer)
{
    struct sek_cose_mark mark;
    size_t payload, pairs = 0;

    if (!claims_valid(token) || count > SEK_TOKEN_ROWS)
        sek_cbor_fail(w, SEK_ERR_RANGE);
    mark = sek_cose_begin(w, signer);
    payload = sek_cbor_begin(w);
    put_identity(w, token, &pairs);
    if (!token->summary) {
        key(w, SEK_CLAIM_SUBMODS, &pairs);
        sek_token_put_rows(w, row, count);
    }
    put_agent(w, token, &pairs);
    put_circumstances(w, token, &pairs);
    put_protection(w, token, &pairs);
    if (token->summary) {
        key(w, SEK_CLAIM_SUMMARY, &pairs);
        sek_token_put_summary(w, row, count);
    }
    sek_cbor_end_map(w, payload, pairs);
    sek_cose_end(w, signer, mark);
}
