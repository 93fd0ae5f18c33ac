/* What a large store costs: scale STORE.itb AUTHORITY.der prints, one line,
 *   how many times a look-up is faster than a scan of the tree by libfdt alone,
 *   the most records that a look-up reads,
 *   the time of accepting the store, as a part of what it is held to: twice its own SHA-256 and one
 *   signature check, and fdt_check_full,
 *   milliseconds of accepting it. */
#define _DEFAULT_SOURCE
#include "base/bytes.h"
#include "crypto/crypto.h"

/* The search of the index once more, its reads counted. */
static unsigned long probes;

static uint64_t counted_u64be(const uint8_t *p)
{
    probes++;
    return sek_get_u64be(p);
}
#define sek_get_u64be      counted_u64be
#define sek_store_find     counted_find
#define sek_store_next     counted_next
#define sek_store_phandle  counted_phandle
#define sek_store_offset   counted_offset
#define sek_index_load     counted_load
#define sek_index_refusal  counted_refusal
#define sek_index_complete counted_complete
#define sek_fnv1a          counted_fnv1a
#include "trust/store_index.c"
#undef sek_get_u64be
#undef sek_store_find
#undef sek_fnv1a

#include "boards/bench/files.h"
#include "trust/container.h"
#include "trust/match.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOKUPS = 20000, SCANS = 20, ROUNDS = 40, PREFIX = 3 };

struct material {
    struct sek_bytes itb, authority;
    struct sek_store store;
    uint8_t prefix[LOOKUPS][PREFIX]; /* each known to the store, in no order */
    int owner[LOOKUPS];
    uint8_t spki[91], digest[32], signature[64];
};

/* Of the processor, so that what else the machine does counts less. */
static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "scale: %s\n", what);
    exit(1);
}

static uint32_t next(uint32_t *state) /* xorshift32 */
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void choose(struct material *m)
{
    const struct sek_bytes *table = &m->store.index[SEK_INDEX_OUI24];
    uint32_t state = 42;

    for (size_t i = 0; i < LOOKUPS; i++) {
        const uint8_t *record =
            table->data + next(&state) % (table->len / SEK_INDEX_RECORD_LEN) * SEK_INDEX_RECORD_LEN;

        memcpy(m->prefix[i], record + 8 - PREFIX, PREFIX);
        m->owner[i] = (int)sek_get_u32be(record + 8);
    }
}

/* What there would be without an index: every entity, every one of its prefixes. */
static int scan(const struct sek_store *store, const uint8_t *prefix)
{
    int entity;

    fdt_for_each_subnode(entity, store->dtb, store->entities)
    {
        int len;
        const uint8_t *list = fdt_getprop(store->dtb, entity, "oui24", &len);

        for (int at = 0; list && at + PREFIX <= len; at += PREFIX) {
            if (memcmp(list + at, prefix, PREFIX) == 0)
                return entity;
        }
    }
    return -1;
}

static void look_up(const struct material *m, size_t i)
{
    const struct sek_observation seen = {.kind = SEK_KIND_OUI24,
                                         .type = SEK_VALUE_BYTES,
                                         .value = {m->prefix[i], PREFIX},
                                         .evidence = SEK_EVIDENCE_CHECKED};
    struct sek_hits hits;

    sek_match(&m->store, &seen, 1, &hits);
    if (hits.count != 1 || hits.hit[0].entity != m->owner[i])
        fail("a look-up finds somebody else");
}

/* The most reads of the index that a look-up takes. */
static unsigned long most_probes(const struct material *m)
{
    unsigned long most = 0;

    for (size_t i = 0; i < LOOKUPS; i++) {
        const uint8_t *p = m->prefix[i];
        size_t at;

        probes = 0;
        if (counted_find(&m->store, SEK_INDEX_OUI24,
                         (uint64_t)p[0] << 16 | (uint64_t)p[1] << 8 | p[2], &at) != m->owner[i])
            fail("the counted look-up finds somebody else");
        most = probes > most ? probes : most;
    }
    return most;
}

/* How many times a look-up by the index is faster than a scan: of both the least of the rounds. */
static double look_up_ratio(const struct material *m)
{
    double indexed = 1e9, scanned = 1e9;

    for (unsigned round = 0; round < ROUNDS; round++) {
        double start = now_ms(), took;

        for (size_t i = 0; i < LOOKUPS; i++)
            look_up(m, i);
        took = (now_ms() - start) / LOOKUPS;
        indexed = took < indexed ? took : indexed;
        start = now_ms();
        for (size_t i = 0; i < SCANS; i++) {
            if (scan(&m->store, m->prefix[i]) != m->owner[i])
                fail("a scan finds somebody else");
        }
        took = (now_ms() - start) / SCANS;
        scanned = took < scanned ? took : scanned;
    }
    return scanned / indexed;
}

static void accept(struct material *m)
{
    static _Alignas(8) uint8_t tree[65536];
    struct sek_store_fault why;

    if (sek_store_open(&m->store, m->itb, m->authority, 0, tree, sizeof tree, &why) != SEK_OK)
        fail(why.fault.why);
}

static void digest(struct material *m)
{
    uint8_t out[SEK_DIGEST_MAX];

    if (sek_digest_of(SEK_DIGEST_SHA256, NULL, m->itb.data, m->itb.len, out) != SEK_OK)
        fail("digest");
}

static void check_full(struct material *m)
{
    if (fdt_check_full(m->store.dtb, m->store.dtb_len) != 0)
        fail("fdt_check_full");
}

/* Makes what verify() takes: a key of P-256, which is the costly kind, and a signature by it. */
static void make_signature(struct material *m)
{
    static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00}; /* RFC 5480 */
    psa_key_attributes_t kind = psa_key_attributes_init();
    psa_key_id_t key;
    size_t len;

    psa_set_key_type(&kind, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&kind, 256);
    psa_set_key_algorithm(&kind, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    psa_set_key_usage_flags(&kind, PSA_KEY_USAGE_SIGN_HASH);
    memcpy(m->spki, head, sizeof head);
    if (psa_generate_key(&kind, &key) != PSA_SUCCESS ||
        psa_export_public_key(key, m->spki + sizeof head, sizeof m->spki - sizeof head, &len) !=
            PSA_SUCCESS ||
        psa_sign_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), m->digest, sizeof m->digest,
                      m->signature, sizeof m->signature, &len) != PSA_SUCCESS)
        fail("no signature");
}

static void verify(struct material *m)
{
    const struct sek_sig_alg kind = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};

    if (sek_verify_digest(&kind, (struct sek_bytes){m->spki, sizeof m->spki},
                          (struct sek_bytes){m->digest, sizeof m->digest},
                          (struct sek_bytes){m->signature, sizeof m->signature}) != SEK_OK)
        fail("a good signature does not verify");
}

int main(int argc, char **argv)
{
    static struct material m;
    static void (*const work[])(struct material *) = {accept, digest, verify, check_full};
    double best[SEK_LEN(work)];
    uint8_t *itb, *authority;

    if (argc != 3 || sek_crypto_start(NULL) != SEK_OK ||
        bench_read_file(argv[1], BENCH_STORE_MAX, &itb, &m.itb.len) != SEK_OK ||
        bench_read_public_key(argv[2], &authority, &m.authority.len) != SEK_OK)
        return 1;
    m.itb.data = itb;
    m.authority.data = authority;
    make_signature(&m);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SEK_LEN(work); i++) {
            double start = now_ms(), took;

            work[i](&m);
            took = now_ms() - start;
            best[i] = round > 0 && best[i] < took ? best[i] : took;
        }
    }
    choose(&m);
    (void)printf("%.0f %lu %.3f %.3f\n", look_up_ratio(&m), most_probes(&m),
                 best[0] / (2 * (best[1] + best[2]) + best[3]), best[0]);
    return 0;
}
