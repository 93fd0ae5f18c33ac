#include "evidence/challenge.h"

#include "evidence/claim_map.h"
#include "evidence/claims.h"

#include <string.h>

static struct sek_challenge *challenge_of(void *context)
{
    return context;
}

static void read_time(struct sek_reader *r, void *context)
{
    challenge_of(context)->time = sek_cbor_uint(r, INT64_MAX);
}

static void read_nonce(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, challenge_of(context)->nonce, SEK_NONCE_LEN);
}

static void read_profile(struct sek_reader *r, void *context)
{
    challenge_of(context)->profile = sek_cbor_text(r, 1, SEK_TOKEN_TEXT_MAX);
}

static void read_device_nonce(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, challenge_of(context)->device_nonce, SEK_DEVICE_NONCE_LEN);
    challenge_of(context)->has_device_nonce = true;
}

static void read_request(struct sek_reader *r, void *context)
{
    challenge_of(context)->request = (uint32_t)sek_cbor_uint(r, UINT32_MAX);
}

static const struct sek_claim_row claims[] = {
    {SEK_CLAIM_IAT, NULL, read_time},        {SEK_CLAIM_NONCE, "no nonce (10)", read_nonce},
    {SEK_CLAIM_PROFILE, NULL, read_profile}, {SEK_CLAIM_DEVICE_NONCE, NULL, read_device_nonce},
    {SEK_CLAIM_REQUEST, NULL, read_request},
};

static void ignore(void *context, int64_t key, uint64_t offset)
{
    (void)context;
    (void)key;
    (void)offset;
}

static bool names_challenge(struct sek_bytes profile)
{
    return profile.len == sizeof SEK_PROFILE_CHALLENGE - 1 &&
           memcmp(profile.data, SEK_PROFILE_CHALLENGE, profile.len) == 0;
}

enum sek_status sek_challenge_decode(struct sek_reader r, struct sek_challenge *out)
{
    struct sek_challenge challenge = {.is_signed = false};
    struct sek_reader start = r, payload = r;

    if (sek_reader_left(&r) > SEK_CHALLENGE_MAX)
        return sek_reader_fail(&r, SEK_ERR_NO_SPACE, "challenge over 512 bytes");
    challenge.is_signed = sek_cbor_peek(&r) == SEK_CBOR_TAG;
    if (challenge.is_signed) {
        if (sek_cose_open(r, &challenge.envelope) != SEK_OK)
            return r.fault->status;
        payload = challenge.envelope.payload;
    } else if (sek_cbor_check(r) != SEK_OK) {
        return r.fault->status;
    }
    sek_claim_map_read(&payload, claims, SEK_LEN(claims), ignore, &challenge);
    if (challenge.is_signed && !names_challenge(challenge.profile))
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "a signed challenge of another profile");
    if (r.fault->status == SEK_OK)
        *out = challenge;
    return r.fault->status;
}

static void key(struct sek_cbor_writer *w, int64_t claim, size_t *pairs)
{
    sek_cbor_put_int(w, claim);
    ++*pairs;
}

static void put_claims(struct sek_cbor_writer *w, const struct sek_challenge *challenge,
                       struct sek_bytes profile)
{
    size_t begin = sek_cbor_begin(w), pairs = 0;

    if (challenge->time > 0) {
        key(w, SEK_CLAIM_IAT, &pairs);
        sek_cbor_put_uint(w, challenge->time);
    }
    key(w, SEK_CLAIM_NONCE, &pairs);
    sek_cbor_put_bytes(w, challenge->nonce, sizeof challenge->nonce);
    if (profile.data) {
        key(w, SEK_CLAIM_PROFILE, &pairs);
        sek_cbor_put_text_bytes(w, profile);
    }
    if (challenge->has_device_nonce) {
        key(w, SEK_CLAIM_DEVICE_NONCE, &pairs);
        sek_cbor_put_bytes(w, challenge->device_nonce, sizeof challenge->device_nonce);
    }
    if (challenge->request != 0) {
        key(w, SEK_CLAIM_REQUEST, &pairs);
        sek_cbor_put_uint(w, challenge->request);
    }
    sek_cbor_end_map(w, begin, pairs);
}

void sek_challenge_write(struct sek_cbor_writer *w, const struct sek_challenge *challenge,
                         struct sek_signer *signer)
{
    static const char profile[] = SEK_PROFILE_CHALLENGE;
    struct sek_cose_mark mark;

    if (!signer) {
        put_claims(w, challenge, challenge->profile);
        return;
    }
    mark = sek_cose_begin(w, signer);
    put_claims(w, challenge,
               (struct sek_bytes){.data = (const uint8_t *)profile, .len = sizeof profile - 1});
    sek_cose_end(w, signer, mark);
}
