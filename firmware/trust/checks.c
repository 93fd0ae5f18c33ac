#include "trust/checks.h"

#include "trust/manifest.h"

#include "base/bytes.h"
#include "crypto/x509.h"
#include "trust/published.h"
#include "trust/ruling.h"
#include "trust/version.h"

#include <libfdt.h>

#include <string.h>

/* Tokens are multiples of an odd constant: no sum of some of them is the sum of all. */
#define TOKEN(n) ((uint32_t)(UINT64_C(0x9e3779b1) * (n)))
#define PROOF(n) ((uint32_t)(MARK + UINT64_C(0x9e3779b1) * ((n) * ((n) + 1) / 2)))
#define MARK     UINT64_C(0x61c88e47) /* a list that is all zeros proves nothing */
#define NO_PROOF UINT32_C(0x96a5693c)

static const struct sek_store *store_of(const struct sek_case *c)
{
    return c->appraiser->store;
}

static uint32_t pass_if(bool good, uint32_t token)
{
    return good ? token : 0;
}

static int find_digest(const struct sek_store *store, const struct sek_row *row, int parent)
{
    static const char *const property[SEK_DIGEST_COUNT] = {
        [SEK_DIGEST_SHA256] = "sha256",
        [SEK_DIGEST_SHA384] = "sha384",
        [SEK_DIGEST_SHA512] = "sha512",
    };

    for (size_t i = 0; parent >= 0 && i < SEK_ROW_DIGESTS; i++) {
        const struct sek_digest_value *digest = &row->digest[i];
        size_t at, len = sek_digest_len(digest->alg);
        int node;

        if (!sek_digest_strong(digest->alg))
            continue;
        node = sek_store_find(store, SEK_INDEX_DIGEST, sek_get_u64be(digest->bytes), &at);
        if (node >= 0) {
            struct sek_bytes told = sek_store_bytes(store, node, property[digest->alg]);

            if (told.len == len && memcmp(told.data, digest->bytes, len) == 0 &&
                fdt_parent_offset(store->dtb, node) == parent)
                return node;
        }
    }
    return -1;
}

int sek_denied_find(const struct sek_appraiser *appraiser, const struct sek_row *row)
{
    return find_digest(appraiser->store, row, appraiser->store->denied);
}

int sek_reference_find(const struct sek_appraiser *appraiser, const struct sek_row *row,
                       bool *expired)
{
    const struct sek_store *store = appraiser->store;
    int node = find_digest(store, row, store->references);
    bool past = node >= 0 && sek_store_has(store, node, "not-after") &&
                (appraiser->context.today == 0 ||
                 appraiser->context.today > sek_store_date(store, node, "not-after"));

    if (expired)
        *expired = past;
    return past ? -1 : node;
}

/* ---- Checks of the container and the bytes ---- */

static uint32_t is_well_formed(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!c->image || c->image->fault.status == SEK_OK ||
                       c->image->fault.status == SEK_ERR_UNSUPPORTED,
                   TOKEN(1));
}

static uint32_t is_supported(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!c->image || c->image->fault.status == SEK_OK, TOKEN(2));
}

static uint32_t is_not_denied(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(sek_denied_find(c->appraiser, c->row) < 0, TOKEN(3));
}

static uint32_t has_no_bad_signature(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(c->signer.state != SEK_SIGNER_BAD, TOKEN(4));
}

static uint32_t container_is_signed(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(c->signed_at_all, TOKEN(5));
}

static uint32_t is_covered(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(c->covered && !c->partial, TOKEN(6));
}

static uint32_t algorithm_is_known(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(c->signer.state != SEK_SIGNER_WEAK, TOKEN(7));
}

static uint32_t signer_is_known(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(c->signer.state == SEK_SIGNER_GOOD && c->signer.key >= 0 &&
                       c->signer.supplier >= 0,
                   TOKEN(8));
}

/* The store's word for a padding; NULL: the scheme has none. */
static const char *padding_of(enum sek_scheme scheme)
{
    switch (scheme) {
    case SEK_SCHEME_RSA_PKCS1:
    case SEK_SCHEME_RSA_PKCS1_BARE:
        return "pkcs-1.5";
    case SEK_SCHEME_RSA_PSS:
    case SEK_SCHEME_RSA_PSS_20:
        return "pss";
    case SEK_SCHEME_NONE:
    case SEK_SCHEME_ECDSA:
    case SEK_SCHEME_ED25519:
    case SEK_SCHEME_ED25519_LONG:
        break;
    }
    return NULL;
}

/* The store pins hash, scheme and padding of a key. A row of evidence does not tell its own. */
static uint32_t algorithm_is_pinned(const struct sek_case *c, struct sek_finding *finding)
{
    const struct sek_signature_claim *signature = c->signer.signature;
    const char *padding = sek_store_string(store_of(c), c->signer.key, "padding");
    const char *used;

    (void)finding;
    if (!signature)
        return pass_if(!c->image, TOKEN(9));
    used = padding_of(signature->alg.scheme);
    if (used && (!padding || strcmp(padding, used) != 0))
        return 0;
    return pass_if(sek_store_list_has(store_of(c), c->signer.key, "algo", signature->algo),
                   TOKEN(9));
}

static uint32_t hash_is_strong(const struct sek_case *c, struct sek_finding *finding)
{
    bool strong = !c->image || c->direct;

    (void)finding;
    for (size_t i = 0; c->image && i < c->image->hash_count; i++)
        strong = strong || sek_digest_strong(c->image->hash[i].alg);
    return pass_if(strong, TOKEN(10));
}

/* Every hash that was signed and that we can compute is the hash of the bytes; a good signature
 * over the bytes themselves is as much. One that the boot loader is told to pass over covers
 * nothing, but must be right, too. */
static uint32_t bytes_are_signed_ones(const struct sek_case *c, struct sek_finding *finding)
{
    uint32_t differ = 0, equal = c->direct ? 1 : 0, strong = equal;

    if (!c->image)
        return TOKEN(11);
    for (size_t i = 0; i < c->image->hash_count; i++) {
        const struct sek_hash_claim *hash = &c->image->hash[i];
        size_t len = sek_digest_len(hash->alg);

        if (hash->alg == SEK_DIGEST_NONE)
            continue;
        if (hash->measured && hash->measured->status == SEK_OK && hash->expected.len == len &&
            memcmp(hash->expected.data, hash->measured->digest, len) == 0)
            equal++;
        else
            differ++;
        strong += sek_digest_strong(hash->alg) && !hash->optional;
    }
    if (equal > 0 && differ == 0 && strong == 0) {
        finding->rule = SEK_RULE(SIG, 6);
        finding->integrity = SEK_INTEGRITY_UNVERIFIED;
    }
    return pass_if(equal > 0 && differ == 0 && strong > 0, TOKEN(11));
}

/* ---- Checks of the key and its supplier ---- */

static bool revoked(const struct sek_case *c, int key)
{
    sek_day today = c->appraiser->context.today;

    return sek_store_bytes(store_of(c), key, "revoked").data &&
           (today == 0 || today >= sek_store_date(store_of(c), key, "revoked"));
}

static bool is_published(const struct sek_case *c, int key)
{
    struct sek_bytes id = sek_store_bytes(store_of(c), key, "key-id");

    return id.len == SEK_KEY_ID_LEN && sek_key_published(id.data) >= 0;
}

/* True if the store has a key and revokes it. */
static bool key_revoked(const struct sek_case *c, struct sek_bytes spki)
{
    uint8_t id[SEK_KEY_ID_LEN];

    return sek_key_id(spki, id) != SEK_OK || sek_key_published(id) >= 0 ||
           revoked(c, sek_signer_key(store_of(c), id));
}

/* True if a key between that of the store and the signer's own is revoked, or that one. */
static bool certified_revoked(const struct sek_case *c)
{
    const struct sek_signature_claim *signature = c->signer.signature;
    struct sek_x509 crt;

    for (size_t i = 0; i < signature->delegation_count; i++) {
        if (key_revoked(c, signature->delegation[i].spki))
            return true;
    }
    return signature->chain_count > 0 &&
           (sek_x509_parse(signature->chain[signature->signer], &crt) != SEK_OK ||
            key_revoked(c, crt.spki));
}

/* Under a certificate neither the CA's key may be, nor the signer's own. A key whose private half
 * everybody has is as good as revoked, whatever the store says. */
static uint32_t key_is_not_revoked(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!revoked(c, c->signer.key) && !is_published(c, c->signer.key) &&
                       !(c->signer.by_certificate && certified_revoked(c)),
                   TOKEN(12));
}

/* The later of two first days, the earlier of two last ones; 0: none. */
static sek_day later(sek_day a, sek_day b)
{
    return a > b ? a : b;
}

static sek_day earlier(sek_day a, sek_day b)
{
    return a == 0 ? b : b == 0 || a < b ? a : b;
}

/* Without a trusted clock a key's first day is not judged, and its last leaves the signature good
 * and the approval open: who has a clock decides. */
static uint32_t key_is_valid_today(const struct sek_case *c, struct sek_finding *finding)
{
    sek_day today = c->appraiser->context.today;
    sek_day from = sek_store_date(store_of(c), c->signer.key, "not-before");
    sek_day until = sek_store_date(store_of(c), c->signer.key, "not-after");

    if (c->signer.by_certificate && !c->signer.dateless) {
        from = later(from, c->signer.from);
        until = earlier(until, c->signer.until);
    }
    if (today == 0) {
        finding->integrity = SEK_INTEGRITY_VERIFIED;
        finding->supplier = SEK_SUPPLIER_CONSULT;
    }
    return pass_if(today == 0 ? until == 0 : from <= today && (until == 0 || today <= until),
                   TOKEN(13));
}

static bool allows(const struct sek_case *c, int supplier)
{
    enum sek_class component_class = c->row->component_class;
    const struct sek_store *store = store_of(c);

    if (component_class == SEK_CLASS_NONE ||
        !sek_store_list_has(store, supplier, "allow", sek_class_name(component_class)))
        return false;
    return !sek_store_bytes(store, supplier, "allow-component").data ||
           !c->component->named_by_board ||
           sek_store_list_has(store, supplier, "allow-component", c->row->name) ||
           sek_store_list_has(store, supplier, "allow-component", c->component->name);
}

static uint32_t is_in_scope(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(allows(c, c->signer.supplier), TOKEN(14));
}

/* One minimum-N of the supplier: the row reaches it in everything that it names. */
static bool reaches(const struct sek_case *c, int minimum)
{
    const struct sek_store *store = store_of(c);
    const char *component = sek_store_string(store, minimum, "component");
    const char *version = sek_store_string(store, minimum, "version");
    struct sek_bytes counter = sek_store_bytes(store, minimum, "security-counter");
    struct sek_bytes timestamp = sek_store_bytes(store, minimum, "timestamp");
    int order;

    if (component && c->component->named_by_board && strcmp(component, c->row->name) != 0 &&
        strcmp(component, c->component->name) != 0)
        return true;
    if (version && (!sek_version_compare(c->row->version, version, &order) || order < 0))
        return false;
    if (counter.data && (counter.len != 4 || !c->row->has_counter ||
                         c->row->security_counter < sek_get_u32be(counter.data)))
        return false;
    return !timestamp.data || (timestamp.len == 4 && c->row->has_timestamp &&
                               c->row->timestamp >= sek_get_u32be(timestamp.data));
}

static uint32_t is_not_rolled_back(const struct sek_case *c, struct sek_finding *finding)
{
    const struct sek_store *store = store_of(c);
    bool reached = true;
    int node;

    (void)finding;
    fdt_for_each_subnode(node, store->dtb, c->signer.supplier)
    {
        if (strncmp(sek_store_node_name(store, node), "minimum-", 8) == 0)
            reached = reached && reaches(c, node);
    }
    return pass_if(reached, TOKEN(15));
}

static uint32_t supplier_is_not_excluded(const struct sek_case *c, struct sek_finding *finding)
{
    return pass_if(sek_supplier_clear(c, c->signer.supplier, finding), TOKEN(16));
}

/* The dates of certificates are not in evidence: if its agent left them open, they stay open. */
static uint32_t dates_are_judged(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!c->dates_open, TOKEN(18));
}

static uint32_t store_may_approve(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!sek_store_expired(store_of(c), c->appraiser->context.today), TOKEN(17));
}

/* ---- References ---- */

static int reference_of(const struct sek_case *c)
{
    return sek_reference_find(c->appraiser, c->row, NULL);
}

static int reference_supplier(const struct sek_case *c)
{
    struct sek_bytes phandle = sek_store_bytes(store_of(c), reference_of(c), "supplier");

    return phandle.len == 4 ? sek_store_phandle(store_of(c), sek_get_u32be(phandle.data)) : -1;
}

static uint32_t reference_is_not_denied(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(sek_denied_find(c->appraiser, c->row) < 0, TOKEN(1));
}

static uint32_t matches_reference(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(reference_of(c) >= 0 && reference_supplier(c) >= 0, TOKEN(2));
}

static uint32_t reference_is_in_scope(const struct sek_case *c, struct sek_finding *finding)
{
    int node = reference_of(c);
    const struct sek_store *store = store_of(c);
    bool named = !c->component->named_by_board || !sek_store_bytes(store, node, "component").data ||
                 sek_store_list_has(store, node, "component", c->row->name);

    (void)finding;
    return pass_if(named && allows(c, reference_supplier(c)), TOKEN(3));
}

static uint32_t reference_supplier_is_not_excluded(const struct sek_case *c,
                                                   struct sek_finding *finding)
{
    return pass_if(sek_supplier_clear(c, reference_supplier(c), finding), TOKEN(4));
}

static uint32_t reference_store_may_approve(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!sek_store_expired(store_of(c), c->appraiser->context.today), TOKEN(5));
}

/* ---- Manifests ---- */

static uint32_t part_is_as_listed(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(c->row->kind == SEK_ROW_PART && c->row->observation_count > 0 &&
                       !c->row->blank && !c->row->damaged &&
                       sek_manifest_fits(store_of(c), c->entry, c->row, false),
                   TOKEN(1));
}

static uint32_t part_is_not_excluded(const struct sek_case *c, struct sek_finding *finding)
{
    const struct sek_row *row = c->row;
    struct sek_hits hits;
    const struct sek_rules_subject subject = {&hits, row->component_class, row->observation,
                                              row->observation_count};
    struct sek_rules_result result;

    sek_match(store_of(c), row->observation, row->observation_count, &hits);
    sek_rules_evaluate(store_of(c), &c->appraiser->context, &subject, &result);
    if (result.ruling == SEK_RULING_NONE)
        return TOKEN(2);
    sek_finding_of_ruling(&result, finding);
    return 0;
}

static uint32_t manifest_store_may_approve(const struct sek_case *c, struct sek_finding *finding)
{
    (void)finding;
    return pass_if(!sek_store_expired(store_of(c), c->appraiser->context.today), TOKEN(3));
}

/* ---- The lists ---- */

#define UNVERIFIED  SEK_INTEGRITY_UNVERIFIED
#define TAMPERED    SEK_INTEGRITY_TAMPERED
#define VERIFIED    SEK_INTEGRITY_VERIFIED
#define CLAIMED     SEK_INTEGRITY_CLAIMED
#define NO_SUPPLIER SEK_SUPPLIER_NOT_EVALUATED

static const struct sek_check signed_checks[] = {
    {SEK_RULE(FMT, 1), UNVERIFIED, NO_SUPPLIER, is_well_formed, TOKEN(1)},
    {SEK_RULE(FMT, 2), UNVERIFIED, NO_SUPPLIER, is_supported, TOKEN(2)},
    {SEK_RULE(REF, 3), TAMPERED, NO_SUPPLIER, is_not_denied, TOKEN(3)},
    {SEK_RULE(SIG, 4), TAMPERED, NO_SUPPLIER, has_no_bad_signature, TOKEN(4)},
    {SEK_RULE(FMT, 4), UNVERIFIED, NO_SUPPLIER, container_is_signed, TOKEN(5)},
    {SEK_RULE(SIG, 6), UNVERIFIED, NO_SUPPLIER, is_covered, TOKEN(6)},
    {SEK_RULE(SIG, 7), UNVERIFIED, NO_SUPPLIER, algorithm_is_known, TOKEN(7)},
    {SEK_RULE(SIG, 5), UNVERIFIED, NO_SUPPLIER, signer_is_known, TOKEN(8)},
    {SEK_RULE(SIG, 7), UNVERIFIED, NO_SUPPLIER, algorithm_is_pinned, TOKEN(9)},
    {SEK_RULE(SIG, 7), UNVERIFIED, NO_SUPPLIER, hash_is_strong, TOKEN(10)},
    {SEK_RULE(SIG, 3), TAMPERED, NO_SUPPLIER, bytes_are_signed_ones, TOKEN(11)},
    {SEK_RULE(SIG, 8), TAMPERED, NO_SUPPLIER, key_is_not_revoked, TOKEN(12)},
    {SEK_RULE(SIG, 11), UNVERIFIED, NO_SUPPLIER, key_is_valid_today, TOKEN(13)},
    {SEK_RULE(SIG, 10), UNVERIFIED, NO_SUPPLIER, is_in_scope, TOKEN(14)},
    {SEK_RULE(SIG, 9), TAMPERED, NO_SUPPLIER, is_not_rolled_back, TOKEN(15)},
    {SEK_RULE(VND, 2), VERIFIED, SEK_SUPPLIER_EXCLUDED, supplier_is_not_excluded, TOKEN(16)},
    {SEK_RULE(SIG, 11), VERIFIED, SEK_SUPPLIER_CONSULT, dates_are_judged, TOKEN(18)},
    {SEK_RULE(TS, 3), VERIFIED, SEK_SUPPLIER_CONSULT, store_may_approve, TOKEN(17)},
};

static const struct sek_check reference_checks[] = {
    {SEK_RULE(REF, 3), TAMPERED, NO_SUPPLIER, reference_is_not_denied, TOKEN(1)},
    {SEK_RULE(REF, 2), UNVERIFIED, NO_SUPPLIER, matches_reference, TOKEN(2)},
    {SEK_RULE(SIG, 10), UNVERIFIED, NO_SUPPLIER, reference_is_in_scope, TOKEN(3)},
    /* Without a signature in them, bytes are verified only where the reference may approve. */
    {SEK_RULE(VND, 2), CLAIMED, SEK_SUPPLIER_EXCLUDED, reference_supplier_is_not_excluded,
     TOKEN(4)},
    {SEK_RULE(TS, 3), CLAIMED, SEK_SUPPLIER_CONSULT, reference_store_may_approve, TOKEN(5)},
};

/* What a part says is its own word: the authority vouches for who has it, not for its bytes. */
static const struct sek_check manifest_checks[] = {
    {SEK_RULE(REF, 2), SEK_INTEGRITY_UNEXPECTED, NO_SUPPLIER, part_is_as_listed, TOKEN(1)},
    {SEK_RULE(VND, 2), CLAIMED, SEK_SUPPLIER_EXCLUDED, part_is_not_excluded, TOKEN(2)},
    {SEK_RULE(TS, 3), CLAIMED, SEK_SUPPLIER_CONSULT, manifest_store_may_approve, TOKEN(3)},
};

const struct sek_check_list sek_signed_checks = {signed_checks, SEK_LEN(signed_checks),
                                                 PROOF(SEK_LEN(signed_checks)), SEK_RULE(SIG, 1),
                                                 VERIFIED};
const struct sek_check_list sek_reference_checks = {reference_checks, SEK_LEN(reference_checks),
                                                    PROOF(SEK_LEN(reference_checks)),
                                                    SEK_RULE(REF, 1), VERIFIED};
const struct sek_check_list sek_manifest_checks = {manifest_checks, SEK_LEN(manifest_checks),
                                                   PROOF(SEK_LEN(manifest_checks)),
                                                   SEK_RULE(REF, 1), CLAIMED};

__attribute__((noinline)) uint32_t sek_checks_run(const struct sek_check_list *list,
                                                  const struct sek_case *c, uint32_t begin,
                                                  struct sek_finding *finding)
{
    uint32_t proof = (uint32_t)(begin + MARK);

    for (size_t i = 0; i < list->count; i++) {
        const struct sek_check *check = &list->check[i];
        volatile uint32_t passed; /* what was returned is added, not what should have been */

        *finding = (struct sek_finding){check->rule, check->integrity, check->supplier, {0}};
        passed = check->check(c, finding);
        if (passed != check->token)
            return NO_PROOF;
        proof += passed;
    }
    /* A walk that ended early has passed nothing. What a row says of integrity goes into evidence.
     */
    if (proof != begin + list->proof) {
        *finding = (struct sek_finding){SEK_RULE(FMT, 1), UNVERIFIED, NO_SUPPLIER, {0}};
        return NO_PROOF;
    }
    *finding = (struct sek_finding){
        .rule = list->rule,
        .integrity = list->integrity,
        .supplier = SEK_SUPPLIER_APPROVED,
    };
    return proof;
}
