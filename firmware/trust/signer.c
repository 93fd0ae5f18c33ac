#include "trust/signer.h"

#include "base/bytes.h"
#include "crypto/x509.h"

#include <libfdt.h>

#include <string.h>

int sek_signer_key(const struct sek_store *store, const uint8_t id[SEK_KEY_ID_LEN])
{
    size_t at;
    int node = sek_store_find(store, SEK_INDEX_KEY, sek_get_u64be(id), &at);
    struct sek_bytes told = sek_store_bytes(store, node, "key-id");

    return told.len == SEK_KEY_ID_LEN && memcmp(told.data, id, SEK_KEY_ID_LEN) == 0 ? node : -1;
}

struct search {
    const struct sek_store *store;
    const struct sek_signature_claim *signature;
    struct sek_signed_by *out;
    unsigned tries; /* so far, of the whole medium */
};

static bool hint_is(const struct search *s, int key)
{
    const char *hint = sek_store_string(s->store, key, "key-name-hint");

    return hint && s->signature->hint[0] && strcmp(hint, s->signature->hint) == 0;
}

static enum sek_status verify(const struct sek_signature_claim *signature, struct sek_bytes spki)
{
    struct sek_bytes digest = {signature->digest, sek_digest_len(signature->alg.hash)};

    if (signature->message.data)
        return sek_verify_message(&signature->alg, spki, signature->message, signature->value);
    return sek_verify_digest(&signature->alg, spki, digest, signature->value);
}

/* Tries a CA: do the certificates of the signature lead to it, and does it verify under the first?
 * True: they do; a signature that does not verify claims this supplier all the same. */
static bool try_certificate(struct search *s, int supplier, int key, struct sek_bytes anchor)
{
    const struct sek_signature_claim *signature = s->signature;
    struct sek_signed_by found = {
        .state = SEK_SIGNER_BAD,
        .key = key,
        .supplier = supplier,
        .signature = signature,
        .by_certificate = true,
        .dateless = sek_store_has(s->store, key, "ignore-certificate-dates"),
    };
    struct sek_x509 crt;

    if (signature->chain_count == 0 || s->tries >= SEK_SIGNER_TRIES)
        return false;
    s->tries++;
    if (sek_x509_chain(signature->chain[signature->signer], signature->chain,
                       signature->chain_count, anchor, &found.from, &found.until) != SEK_OK ||
        sek_x509_parse(signature->chain[signature->signer], &crt) != SEK_OK)
        return false;
    if (signature->digest_status == SEK_OK && verify(signature, crt.spki) == SEK_OK)
        found.state = SEK_SIGNER_GOOD;
    *s->out = found;
    return true;
}

/* Tries a key as the first of those that vouch for each other up to the one that signed. True: it
 * vouches; a signature that does not verify claims this supplier all the same. */
static bool try_delegation(struct search *s, int supplier, int key, struct sek_bytes spki)
{
    static const struct sek_sig_alg alg = {SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256};
    const struct sek_signature_claim *signature = s->signature;
    struct sek_signed_by found = {
        .state = SEK_SIGNER_BAD,
        .key = key,
        .supplier = supplier,
        .signature = signature,
        .by_certificate = true,
        .dateless = sek_store_has(s->store, key, "ignore-certificate-dates"),
    };

    for (size_t i = 0; i < signature->delegation_count; i++) {
        const struct sek_delegation *next = &signature->delegation[i];

        if (s->tries >= SEK_SIGNER_TRIES ||
            sek_verify_message(&alg, spki, next->message, next->value) != SEK_OK)
            return false;
        s->tries++;
        found.from = next->from > found.from ? next->from : found.from;
        found.until = found.until == 0 || next->until < found.until ? next->until : found.until;
        spki = next->spki;
    }
    if (signature->digest_status == SEK_OK && verify(signature, spki) == SEK_OK)
        found.state = SEK_SIGNER_GOOD;
    *s->out = found;
    return true;
}

/* Tries one key. True: it verifies, or it settles the matter. */
static bool try_key(struct search *s, int supplier, int key)
{
    const struct sek_signature_claim *signature = s->signature;
    struct sek_bytes spki = sek_store_bytes(s->store, key, "public-key");
    struct sek_bytes anchor = sek_store_bytes(s->store, key, "certificate");

    if (anchor.data)
        return try_certificate(s, supplier, key, anchor);
    if (spki.data && signature->delegation_count > 0 && try_delegation(s, supplier, key, spki))
        return true;
    if (!spki.data || s->tries >= SEK_SIGNER_TRIES || signature->digest_status != SEK_OK ||
        !sek_key_claim_fits(&signature->key, spki))
        return false;
    s->tries++;
    if (verify(signature, spki) != SEK_OK)
        return false;
    *s->out = (struct sek_signed_by){
        .state = SEK_SIGNER_GOOD, .key = key, .supplier = supplier, .signature = signature};
    return true;
}

/* Keys whose hint is the signature's (hinted), or the others. True: one verifies. */
static bool try_keys(struct search *s, bool hinted)
{
    int supplier, key;

    fdt_for_each_subnode(supplier, s->store->dtb, s->store->suppliers)
    {
        fdt_for_each_subnode(key, s->store->dtb, supplier)
        {
            if (hint_is(s, key) == hinted && try_key(s, supplier, key))
                return true;
        }
    }
    return false;
}

/* A key of the store that the signature claims by hint or name, and algorithm. */
static bool claims_key(struct search *s)
{
    int supplier, key;

    fdt_for_each_subnode(supplier, s->store->dtb, s->store->suppliers)
    {
        fdt_for_each_subnode(key, s->store->dtb, supplier)
        {
            struct sek_bytes spki = sek_store_bytes(s->store, key, "public-key");
            bool named = !s->signature->guessed && sek_key_claim_names(&s->signature->key) &&
                         spki.data && sek_key_claim_fits(&s->signature->key, spki);

            if (!(named || hint_is(s, key)) ||
                !sek_store_list_has(s->store, key, "algo", s->signature->algo))
                continue;
            *s->out = (struct sek_signed_by){.state = SEK_SIGNER_BAD,
                                             .key = key,
                                             .supplier = supplier,
                                             .signature = s->signature};
            return true;
        }
    }
    return false;
}

static void judge(const struct sek_store *store, const struct sek_signature_claim *signature,
                  unsigned *tries, struct sek_signed_by *out)
{
    struct search s = {.store = store, .signature = signature, .out = out, .tries = *tries};

    *out = (struct sek_signed_by){
        .state = SEK_SIGNER_UNKNOWN, .key = -1, .supplier = -1, .signature = signature};
    if (store->suppliers < 0)
        return;
    if (signature->alg.scheme == SEK_SCHEME_NONE || !sek_digest_strong(signature->alg.hash)) {
        out->state = SEK_SIGNER_WEAK;
        return;
    }
    if (!try_keys(&s, true) && !try_keys(&s, false))
        (void)claims_key(&s);
    *tries = s.tries;
}

static unsigned weight(const struct sek_signed_by *found)
{
    switch (found->state) {
    case SEK_SIGNER_BAD:
        return 5;
    case SEK_SIGNER_GOOD: /* one that leaves images out counts less */
        return found->signature->partial ? 3 : 4;
    case SEK_SIGNER_UNKNOWN:
        return 2;
    case SEK_SIGNER_WEAK:
        return 1;
    case SEK_SIGNER_NONE:
        break;
    }
    return 0;
}

void sek_signer_find(const struct sek_store *store, const struct sek_image_claims *claims,
                     size_t statement, unsigned *tries, struct sek_signed_by *out)
{
    *out = (struct sek_signed_by){.state = SEK_SIGNER_NONE, .key = -1, .supplier = -1};
    for (size_t i = 0; i < claims->signature_count; i++) {
        struct sek_signed_by found;

        if (claims->signature[i].statement != statement)
            continue;
        judge(store, &claims->signature[i], tries, &found);
        if (weight(&found) > weight(out))
            *out = found;
    }
}

bool sek_signer_outweighs(const struct sek_signed_by *a, const struct sek_signed_by *b)
{
    bool a_good = a->state == SEK_SIGNER_GOOD && !a->signature->partial;
    bool b_good = b->state == SEK_SIGNER_GOOD && !b->signature->partial;

    return a_good != b_good ? a_good : weight(a) > weight(b);
}
