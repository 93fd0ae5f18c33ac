#include "evidence/release.h"

#include "evidence/claim_map.h"
#include "evidence/claims.h"

#include <string.h>

static const char profile[] = SEK_PROFILE_RELEASE;

static void read_time(struct sek_reader *r, void *context)
{
    ((struct sek_release *)context)->issued_at = sek_cbor_uint(r, INT64_MAX);
}

static void read_ueid(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, ((struct sek_release *)context)->ueid, SEK_UEID_LEN);
}

static void read_profile(struct sek_reader *r, void *context)
{
    struct sek_bytes text = sek_cbor_text(r, 1, SEK_TOKEN_TEXT_MAX);

    (void)context;
    if (text.len != sizeof profile - 1 || memcmp(text.data, profile, text.len) != 0)
        sek_reader_fail(r, SEK_ERR_MALFORMED, "not a release order");
}

static void read_device_nonce(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, ((struct sek_release *)context)->device_nonce, SEK_DEVICE_NONCE_LEN);
}

static void read_digest(struct sek_reader *r, void *context)
{
    sek_claim_bytes(r, ((struct sek_release *)context)->boot_digest, 32);
}

static const struct sek_claim_row claims[] = {
    {SEK_CLAIM_IAT, NULL, read_time},
    {SEK_CLAIM_UEID, "no UEID (256)", read_ueid},
    {SEK_CLAIM_PROFILE, "no profile (265)", read_profile},
    {SEK_CLAIM_DEVICE_NONCE, "no device nonce (-82010)", read_device_nonce},
    {SEK_CLAIM_BOOT_DIGEST, "no digest (-82024)", read_digest},
};

struct reading {
    struct sek_release order; /* first: the rows' context */
    bool unknown;
};

/* An order says nothing that we do not know: a condition passed over would be one broken. */
static void refuse(void *context, int64_t key, uint64_t offset)
{
    (void)key;
    (void)offset;
    ((struct reading *)context)->unknown = true;
}

enum sek_status sek_release_decode(struct sek_reader r, struct sek_release *out)
{
    struct reading reading = {.unknown = false};
    struct sek_reader payload;

    if (sek_reader_left(&r) > SEK_RELEASE_MAX)
        return sek_reader_fail(&r, SEK_ERR_NO_SPACE, "order over 512 bytes");
    if (sek_cose_open(r, &reading.order.envelope) != SEK_OK)
        return r.fault->status;
    payload = reading.order.envelope.payload;
    sek_claim_map_read(&payload, claims, SEK_LEN(claims), refuse, &reading);
    if (reading.unknown)
        sek_reader_fail(&r, SEK_ERR_MALFORMED, "an order with a claim that we do not know");
    if (r.fault->status == SEK_OK)
        *out = reading.order;
    return r.fault->status;
}

void sek_release_write(struct sek_cbor_writer *w, const struct sek_release *order,
                       struct sek_signer *signer)
{
    struct sek_cose_mark mark = sek_cose_begin(w, signer);

    sek_cbor_put_map(w, order->issued_at > 0 ? 5 : 4);
    if (order->issued_at > 0) {
        sek_cbor_put_int(w, SEK_CLAIM_IAT);
        sek_cbor_put_uint(w, order->issued_at);
    }
    sek_cbor_put_int(w, SEK_CLAIM_UEID);
    sek_cbor_put_bytes(w, order->ueid, sizeof order->ueid);
    sek_cbor_put_int(w, SEK_CLAIM_PROFILE);
    sek_cbor_put_text(w, profile);
    sek_cbor_put_int(w, SEK_CLAIM_DEVICE_NONCE);
    sek_cbor_put_bytes(w, order->device_nonce, sizeof order->device_nonce);
    sek_cbor_put_int(w, SEK_CLAIM_BOOT_DIGEST);
    sek_cbor_put_bytes(w, order->boot_digest, sizeof order->boot_digest);
    sek_cose_end(w, signer, mark);
}
