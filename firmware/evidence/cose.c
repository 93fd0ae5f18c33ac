#include "evidence/cose.h"

#include <string.h>

enum { LABEL_ALG = 1, LABEL_KID = 4 }; /* IANA "COSE Header Parameters" */

/* Algorithms that we make and take: a new one is a new row. */
static const struct algorithm {
    enum sek_cose_alg id;
    struct sek_sig_alg sig;
    size_t signature_len;
} algorithms[] = {
    {SEK_COSE_ES256, {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256}, 64}, /* RFC 9053, 2.1 */
    {SEK_COSE_ES384, {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA384, 384}, 96},
};

static const struct algorithm *find_algorithm(int64_t id)
{
    for (size_t i = 0; i < SEK_LEN(algorithms); i++)
        if ((int64_t)algorithms[i].id == id)
            return &algorithms[i];
    return NULL;
}

/* Feeds one byte string: its head, then its content, which stays where it is. */
static void feed_bytes(struct sek_digest *digest, struct sek_bytes bytes)
{
    uint8_t head[9];
    struct sek_cbor_writer w = sek_cbor_writer_make(head, sizeof head);

    sek_cbor_put_bytes_head(&w, bytes.len);
    sek_digest_update(digest, head, w.len);
    if (bytes.len > 0)
        sek_digest_update(digest, bytes.data, bytes.len);
}

enum sek_status sek_cose_digest(enum sek_cose_alg alg, struct sek_bytes protected_header,
                                struct sek_bytes external, struct sek_bytes payload,
                                uint8_t out[SEK_DIGEST_MAX])
{
    /* array(4), then the text of 10 characters */
    static const uint8_t context[] = {0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
    const struct algorithm *algorithm = find_algorithm((int64_t)alg);
    struct sek_digest digest;
    enum sek_status status;

    if (!algorithm)
        return SEK_ERR_UNSUPPORTED;
    status = sek_digest_start(&digest, algorithm->sig.hash, NULL);
    if (status != SEK_OK)
        return status;
    sek_digest_update(&digest, context, sizeof context);
    feed_bytes(&digest, protected_header);
    feed_bytes(&digest, external);
    feed_bytes(&digest, payload);
    return sek_digest_finish(&digest, out);
}

struct sek_cose_mark sek_cose_begin(struct sek_cbor_writer *w, const struct sek_signer *signer)
{
    struct sek_cose_mark mark;

    if (!find_algorithm((int64_t)signer->alg))
        sek_cbor_fail(w, SEK_ERR_UNSUPPORTED);
    sek_cbor_put_tag(w, SEK_COSE_TAG);
    sek_cbor_put_array(w, 4);
    mark.protected_begin = sek_cbor_begin(w);
    sek_cbor_put_map(w, 2);
    sek_cbor_put_uint(w, LABEL_ALG);
    sek_cbor_put_int(w, (int64_t)signer->alg);
    sek_cbor_put_uint(w, LABEL_KID);
    sek_cbor_put_bytes(w, signer->kid, sizeof signer->kid);
    sek_cbor_end_bytes(w, mark.protected_begin);
    sek_cbor_put_map(w, 0);
    mark.payload_begin = sek_cbor_begin(w);
    return mark;
}

void sek_cose_end(struct sek_cbor_writer *w, struct sek_signer *signer, struct sek_cose_mark mark)
{
    const struct algorithm *algorithm = find_algorithm((int64_t)signer->alg);
    uint8_t signature[SEK_COSE_SIGNATURE_MAX] = {0};
    uint8_t digest[SEK_DIGEST_MAX];
    struct sek_bytes protected_header, payload;
    uint8_t any = 0;

    if (w->status != SEK_OK || !algorithm)
        return;
    /* One byte of head before the header (its content is 12 or 13 bytes), one of empty map behind.
     */
    protected_header = (struct sek_bytes){.data = w->buf + mark.protected_begin + 1,
                                          .len = mark.payload_begin - mark.protected_begin - 2};
    payload =
        (struct sek_bytes){.data = w->buf + mark.payload_begin, .len = w->len - mark.payload_begin};
    sek_cbor_fail(
        w, sek_cose_digest(signer->alg, protected_header, (struct sek_bytes){0}, payload, digest));
    sek_cbor_end_bytes(w, mark.payload_begin);
    if (w->status != SEK_OK)
        return;
    sek_cbor_fail(w, signer->sign(signer,
                                  (struct sek_bytes){.data = digest,
                                                     .len = sek_digest_len(algorithm->sig.hash)},
                                  signature));
    for (size_t i = 0; i < algorithm->signature_len; i++)
        any |= signature[i];
    if (any == 0) /* an engine that claims success and does nothing */
        sek_cbor_fail(w, SEK_ERR_CRYPTO);
    sek_cbor_put_bytes(w, signature, algorithm->signature_len);
}

/* {1: alg, 4: kid} and nothing else. */
static const struct algorithm *read_header(struct sek_reader *r, uint8_t kid[SEK_KID_LEN])
{
    const struct algorithm *algorithm = NULL;
    struct sek_reader start = *r;
    struct sek_bytes id;

    if (sek_cbor_check(*r) != SEK_OK)
        return NULL;
    if (sek_cbor_map(r) != 2 || sek_cbor_int(r) != LABEL_ALG) {
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "protected header is not {alg, kid}");
        return NULL;
    }
    algorithm = find_algorithm(sek_cbor_int(r));
    if (!algorithm)
        sek_reader_fail(&start, SEK_ERR_UNSUPPORTED, "algorithm is neither ES256 nor ES384");
    if (sek_cbor_int(r) != LABEL_KID)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "protected header is not {alg, kid}");
    id = sek_cbor_bytes(r, SEK_KID_LEN, SEK_KID_LEN);
    if (r->fault->status != SEK_OK)
        return NULL;
    memcpy(kid, id.data, SEK_KID_LEN);
    return algorithm;
}

enum sek_status sek_cose_open(struct sek_reader r, struct sek_cose *out)
{
    struct sek_cose token = {.alg = 0};
    const struct algorithm *algorithm;
    struct sek_reader start = r, header, at;

    if (sek_cbor_tag(&r) != SEK_COSE_TAG)
        return sek_reader_fail(&start, SEK_ERR_MALFORMED, "not a tagged COSE_Sign1");
    if (sek_cbor_check(r) != SEK_OK)
        return r.fault->status;
    at = r;
    if (sek_cbor_array(&r) != 4)
        return sek_reader_fail(&at, SEK_ERR_MALFORMED, "not an array of four");
    header = sek_cbor_layer(&r);
    token.protected_header =
        (struct sek_bytes){.data = header.data + header.pos, .len = header.end - header.pos};
    algorithm = read_header(&header, token.kid);
    at = r;
    if (sek_cbor_map(&r) != 0)
        return sek_reader_fail(&at, SEK_ERR_MALFORMED, "unprotected header is not empty");
    token.payload = sek_cbor_layer(&r);
    if (!algorithm || r.fault->status != SEK_OK)
        return r.fault->status;
    token.alg = algorithm->id;
    token.signature = sek_cbor_bytes(&r, algorithm->signature_len, algorithm->signature_len);
    if (r.fault->status != SEK_OK || sek_cbor_check(token.payload) != SEK_OK)
        return r.fault->status;
    *out = token;
    return SEK_OK;
}

enum sek_status sek_cose_verify(const struct sek_cose *token, struct sek_bytes spki)
{
    const struct algorithm *algorithm = find_algorithm((int64_t)token->alg);
    struct sek_bytes payload = {.data = token->payload.data + token->payload.pos,
                                .len = token->payload.end - token->payload.pos};
    uint8_t id[SEK_KEY_ID_LEN], digest[SEK_DIGEST_MAX];
    enum sek_status status;

    if (!algorithm)
        return SEK_ERR_UNSUPPORTED;
    status = sek_key_id(spki, id);
    if (status != SEK_OK)
        return status;
    if (memcmp(id, token->kid, SEK_KID_LEN) != 0)
        return SEK_ERR_KEY;
    status = sek_cose_digest(token->alg, token->protected_header, (struct sek_bytes){0}, payload,
                             digest);
    if (status != SEK_OK)
        return status;
    return sek_verify_digest(
        &algorithm->sig, spki,
        (struct sek_bytes){.data = digest, .len = sek_digest_len(algorithm->sig.hash)},
        token->signature);
}
