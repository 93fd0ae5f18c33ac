/* Mutants of valid images, stores and tokens: none may be approved for what it is not. Without
 * arguments a short round; --full N OF is part N of the campaign of `make attack`. */
/* link: -Wl,--wrap=sek_verify_digest */
#include "crypto/crypto.h"
#include "evidence/token_decode.h"
#include "tests/attack/attack.h"
#include "tests/attack/mutate.h"
#include "tests/attack/store_rig.h"
#include "tests/unit/judge.h"
#include "tests/unit/mcuboot_writer.h"
#include "tests/unit/sample.h"
#include "tests/unit/signer.h"
#include "tests/unit/store_source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKEN_CAP = 8192,
    PAYLOAD = 64,
    SHORT_STEP = 17,     /* of the short round: every 17th mutant */
    SHORT_RANDOM = 4000, /* mutants drawn of each kind, of which every 17th is tried */
    SHORT_LEAST = 1000,
    FULL_RANDOM = 2500,
    TOLD = 3, /* of the false approvals of one kind */
};

/* What became of a mutant. */
enum fate { REFUSED, SAME, FALSELY_APPROVED };

/* ---- What is mutated ---- */

struct subject {
    const char *name;
    struct mutate_pair pair;
    enum fate (*judge)(const struct subject *subject, const uint8_t *data, size_t len);
};

/* ---- Images ---- */

static struct judge judge;
static struct sek_bytes candidate[SEK_CANDIDATES_MAX];

static const struct fit_kind {
    const char *name, *file; /* of the key; NULL: made here */
    size_t bits;
    const char *hash, *padding;
    bool external;
} fit_kinds[] = {
    {"FIT rsa2048", "stranger", 0, "sha256", NULL, false},
    {"FIT rsa3072", "../attack/rsa3072", 0, "sha384", NULL, false},
    {"FIT rsa4096", "kiso", 0, "sha256", NULL, false},
    {"FIT rsa2048 pss", "../attack/pss", 0, "sha256", "pss", false},
    {"FIT ecdsa256", "hakone", 0, "sha256", NULL, false},
    {"FIT ecdsa256 -E", "officer", 0, "sha512", NULL, true},
    {"FIT ecdsa384", NULL, 384, "sha384", NULL, false},
};

static const struct mcuboot_kind {
    const char *name, *key, *hash; /* key of tests/unit/format_keys.sh */
    bool pure;
    const char *pin, *padding;
} mcuboot_kinds[] = {
    {"MCUboot rsa2048", "rsa2048", "sha256", false, "sha256", "pss"},
    {"MCUboot ecdsa256", "p256", "sha256", false, "sha256", NULL},
    {"MCUboot ed25519", "ed25519", "sha512", true, "sha512", NULL},
};

enum {
    FITS = SEK_LEN(fit_kinds),
    IMAGES = FITS + SEK_LEN(mcuboot_kinds),
    STORE = IMAGES,
    TOKEN,
    SUBJECTS,
};

static struct subject subjects[SUBJECTS];

/* Two valid ones of each kind, what is approved of them, and where their payload lies. */
static struct valid {
    struct fit_file file;
    struct sek_row row;
    size_t at, len;
} valid[IMAGES][2];
static struct fit_key image_key[IMAGES];

static struct fit_file make_fit(size_t kind, size_t which)
{
    const struct fit_kind *k = &fit_kinds[kind];
    uint8_t payload[PAYLOAD];
    struct fit_writer w;
    struct fit_file file;

    fit_init(&w);
    fit_begin(&w, "");
    fit_u32(&w, "timestamp", 1700000000 + (uint32_t)which);
    fit_text(&w, "description", which ? "Sample B" : "Sample A");
    fit_u32(&w, "#address-cells", 1);
    fit_begin(&w, "images");
    memset(payload, 0x11 + 0x22 * (int)which, sizeof payload);
    fit_image(&w, "kernel-1", "kernel", payload, sizeof payload, "sha256");
    fit_end(&w);
    fit_begin(&w, "configurations");
    fit_text(&w, "default", "conf-1");
    fit_begin(&w, "conf-1");
    fit_text(&w, "kernel", "kernel-1");
    fit_end(&w);
    fit_end(&w);
    fit_end(&w);
    fit_add_signature(&w, "/configurations/conf-1", "signature-1", k->hash, &image_key[kind],
                      k->padding, k->name);
    fit_sign(&w, "/configurations/conf-1/signature-1", &image_key[kind]);
    if (k->external)
        fit_make_external(&w, 8, 0);
    file = fit_write(&w);
    fit_free(&w);
    return file;
}

/* All that a report shows of a row. */
static bool same_row(const struct sek_row *a, const struct sek_row *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
           a->component_class == b->component_class && strcmp(a->format, b->format) == 0 &&
           strcmp(a->version, b->version) == 0 && a->size == b->size &&
           a->has_timestamp == b->has_timestamp && a->timestamp == b->timestamp &&
           a->has_counter == b->has_counter && a->security_counter == b->security_counter &&
           memcmp(a->digest, b->digest, sizeof a->digest) == 0 && a->has_key == b->has_key &&
           memcmp(a->key, b->key, sizeof a->key) == 0 && a->signer == b->signer &&
           a->integrity == b->integrity && a->supplier == b->supplier && a->rule == b->rule;
}

/* The claim of the one image, or NULL. */
static const struct sek_image_claim *the_image(void)
{
    const struct sek_image_claims *claims = &judge.measure.image.claims;

    return claims->image_count == 1 ? &claims->image[0] : NULL;
}

/* True if the image's bytes, where it was found, are those of a valid one: looked at, not digested.
 */
static bool payload_is(const uint8_t *data, size_t len, const struct valid *one)
{
    const struct sek_image_claim *image = the_image();

    return image && image->size == one->len && image->offset <= len - one->len &&
           memcmp(data + image->offset, one->file.data + one->at, one->len) == 0;
}

static enum fate judge_image(const struct subject *subject, const uint8_t *data, size_t len)
{
    const struct valid *pair = valid[subject - subjects];
    size_t approved = 0;

    judge_bytes(&judge, data, len);
    for (size_t i = 0; i < judge.row_count; i++) {
        const struct sek_row *row = &judge.row[i];
        bool good = false;

        if (row->verdict != SEK_VERDICT_APPROVED)
            continue;
        approved++;
        for (size_t which = 0; which < 2; which++)
            good = good || (same_row(row, &pair[which].row) && payload_is(data, len, &pair[which]));
        if (!good)
            return FALSELY_APPROVED;
    }
    if (judge.outcome == SEK_OUTCOME_ACCEPT && approved != 1)
        return FALSELY_APPROVED;
    return approved ? SAME : REFUSED;
}

/* ---- Stores ---- */

static struct fit_key authority;
static uint8_t *store_payload[2];
static size_t store_len[2];
static struct fit_file store_file[2];

static enum fate judge_store(const struct subject *subject, const uint8_t *data, size_t len)
{
    struct fit_file file = {(uint8_t *)(uintptr_t)data, len};
    struct sek_store store;
    sek_rule rule;

    (void)subject;
    if (store_rig_open(&store, &file, &authority, 0, &rule) != SEK_OK)
        return REFUSED;
    for (size_t which = 0; which < 2; which++) {
        if (store.dtb_len == store_len[which] &&
            memcmp(store.dtb, store_payload[which], store.dtb_len) == 0)
            return SAME;
    }
    return FALSELY_APPROVED;
}

/* ---- Tokens ---- */

static struct test_signer device;
static uint8_t token[2][TOKEN_CAP];

/* No change of a token is harmless: whatever verifies has to be a valid one, byte by byte. */
static enum fate judge_token(const struct subject *subject, const uint8_t *data, size_t len)
{
    const struct mutate_pair *pair = &subject->pair;
    struct sek_fault fault = {0};
    struct sek_cose cose;

    if (sek_cose_open(sek_reader_make((struct sek_bytes){data, len}, &fault), &cose) != SEK_OK ||
        sek_cose_verify(&cose, test_signer_spki(&device)) != SEK_OK)
        return REFUSED;
    return (len == pair->a_len && memcmp(data, pair->a, len) == 0) ||
                   (len == pair->b_len && memcmp(data, pair->b, len) == 0)
               ? SAME
               : FALSELY_APPROVED;
}

/* ---- The round ---- */

static struct fit_file make_mcuboot(size_t kind, size_t which)
{
    const struct mcuboot_kind *k = &mcuboot_kinds[kind];
    static struct mcuboot_writer w;
    struct fit_file file;

    mcuboot_begin(&w, MCUBOOT_PROTECTED_LEN);
    w.data[MCUBOOT_HEADER] = (uint8_t)which;
    mcuboot_protect(&w);
    mcuboot_area(&w, false);
    mcuboot_digest(&w, k->hash);
    mcuboot_key_hash(&w, &image_key[FITS + kind], k->hash);
    mcuboot_sign(&w, k->key, &image_key[FITS + kind], k->hash, k->pure);
    mcuboot_area_end(&w);
    file = (struct fit_file){malloc(w.len), w.len};
    assert(file.data);
    memcpy(file.data, w.data, w.len);
    return file;
}

static void load_keys(struct judge_supplier supplier[IMAGES])
{
    static char names[IMAGES][8];

    openssl_keys();
    for (size_t i = 0; i < IMAGES; i++) {
        const struct mcuboot_kind *m = i < FITS ? NULL : &mcuboot_kinds[i - FITS];
        const struct fit_kind *f = m ? NULL : &fit_kinds[i];

        if (m)
            openssl_key_load(&image_key[i], m->key);
        else if (f->file)
            fit_key_load(&image_key[i], f->file);
        else
            fit_key_make(&image_key[i], f->bits);
        (void)snprintf(names[i], sizeof names[i], "s%zu", i);
        supplier[i] = (struct judge_supplier){
            .name = names[i],
            .key = &image_key[i],
            .hash = m ? m->pin : f->hash,
            .padding = m                  ? m->padding
                       : f->padding       ? f->padding
                       : image_key[i].rsa ? "pkcs-1.5"
                                          : NULL,
            .hint = f ? f->name : NULL,
            .allow = "\"kernel\", \"mcu\"",
        };
    }
}

static void make_images(void)
{
    struct judge_supplier supplier[IMAGES];

    load_keys(supplier);
    judge_init(&judge, supplier, IMAGES, "");
    judge.measure.memory.candidate = candidate;
    judge.measure.memory.candidate_count =
        sek_store_candidates(&judge.store, candidate, SEK_LEN(candidate));
    for (size_t i = 0; i < IMAGES; i++) {
        for (size_t which = 0; which < 2; which++) {
            struct valid *one = &valid[i][which];
            const struct sek_row *row;

            one->file = i < FITS ? make_fit(i, which) : make_mcuboot(i - FITS, which);
            judge_bytes(&judge, one->file.data, one->file.len);
            row = judge_row(&judge, i < FITS ? "file/kernel-1" : "file/image");
            if (!row || !the_image())
                continue; /* the control will say so */
            one->row = *row;
            one->at = (size_t)the_image()->offset;
            one->len = (size_t)the_image()->size;
        }
        if (i < FITS)
            fit_key_drop(&image_key[i]); /* few may be open at once; its public half stays */
        subjects[i] = (struct subject){i < FITS ? fit_kinds[i].name : mcuboot_kinds[i - FITS].name,
                                       {valid[i][0].file.data, valid[i][1].file.data,
                                        valid[i][0].file.len, valid[i][1].file.len},
                                       judge_image};
    }
}

static void make_stores(void)
{
    fit_key_load(&authority, "authority");
    store_payload[0] = store_source_payload(NULL, NULL, &store_len[0]);
    store_payload[1] = store_source_payload("serial = <42>", "serial = <43>", &store_len[1]);
    for (size_t which = 0; which < 2; which++)
        store_file[which] = store_rig_wrap(store_payload[which], store_len[which], &authority);
    subjects[STORE] = (struct subject){
        "trust store",
        {store_file[0].data, store_file[1].data, store_file[0].len, store_file[1].len},
        judge_store};
}

static void make_tokens(void)
{
    static struct sample sample;
    size_t len[2];

    test_signer_make(&device, SEK_COSE_ES256);
    sample_make(&sample);
    for (size_t which = 0; which < 2; which++) {
        struct sek_cbor_writer w = sek_cbor_writer_make(token[which], TOKEN_CAP);

        memset(sample.token.nonce, 0xa5 + (int)which, sizeof sample.token.nonce);
        sample.row[1].digest[0].bytes[0] ^= (uint8_t)which;
        sek_token_write(&w, &sample.token, sample.row, sample.row_count, &device.base);
        assert(w.status == SEK_OK);
        len[which] = w.len;
    }
    subjects[TOKEN] =
        (struct subject){"evidence token", {token[0], token[1], len[0], len[1]}, judge_token};
}

static bool make_all(void)
{
    if (sek_crypto_start(NULL) != SEK_OK)
        return false;
    make_images();
    make_stores();
    make_tokens();
    return true;
}

static void free_all(void)
{
    judge_free(&judge);
    for (size_t i = 0; i < IMAGES; i++) {
        free(valid[i][0].file.data);
        free(valid[i][1].file.data);
    }
    for (size_t which = 0; which < 2; which++) {
        free(store_payload[which]);
        free(store_file[which].data);
    }
    fit_key_drop(&authority);
    test_signer_drop(&device);
}

struct tally {
    size_t tried, same, approved_falsely;
};

/* Tries every step-th mutant of one kind, in blocks of exact size. */
static void try_kind(const struct subject *subject, enum mutation kind, size_t random, size_t step,
                     struct tally *tally)
{
    const struct mutate_pair *pair = &subject->pair;
    size_t count = mutate_count(pair, kind, random);
    uint8_t *out = malloc(pair->a_len + pair->b_len + MUTATE_MORE);

    assert(out);
    for (size_t n = 0; n < count; n += step) {
        size_t len = mutate(pair, kind, n, out);
        uint8_t *exact = malloc(len ? len : 1);
        enum fate fate;

        assert(exact);
        memcpy(exact, out, len);
        fate = subject->judge(subject, exact, len);
        tally->tried++;
        tally->same += fate == SAME;
        if (fate == FALSELY_APPROVED) {
            if (tally->approved_falsely++ < TOLD)
                (void)fprintf(stderr, "%s: %s %zu is approved\n", subject->name,
                              mutation_name(kind), n);
        }
        free(exact);
    }
    free(out);
}

/* A short round over some subjects. */
static void try_some(struct attack_result *result, size_t first, size_t end)
{
    for (size_t s = first; s < end; s++) {
        struct tally tally = {0};
        char seen[48];

        for (int kind = 0; kind < MUTATIONS; kind++)
            try_kind(&subjects[s], (enum mutation)kind, SHORT_RANDOM, SHORT_STEP, &tally);
        (void)snprintf(seen, sizeof seen, "%zu of %zu approved", tally.approved_falsely,
                       tally.tried);
        attack_case(result, subjects[s].name, tally.approved_falsely ? seen : "0 approved",
                    tally.tried > SHORT_LEAST ? "0 approved" : "a round of some length",
                    tally.approved_falsely > 0);
    }
}

static void mu1(struct attack_result *result)
{
    try_some(result, 0, IMAGES);
}

static void mu2(struct attack_result *result)
{
    try_some(result, STORE, STORE + 1);
}

static void mu3(struct attack_result *result)
{
    try_some(result, TOKEN, TOKEN + 1);
}

static bool the_valid_ones_are_good(void)
{
    for (size_t s = 0; s < SUBJECTS; s++) {
        const struct mutate_pair *pair = &subjects[s].pair;

        if (subjects[s].judge(&subjects[s], pair->a, pair->a_len) != SAME ||
            subjects[s].judge(&subjects[s], pair->b, pair->b_len) != SAME)
            return false;
    }
    return true;
}

static void print_full(const char *what, const struct tally *tally)
{
    printf("%s\t%zu\t%zu\t%zu\n", what, tally->tried, tally->same, tally->approved_falsely);
}

/* Part of the campaign: every of-th subject from this one on; several processes share it. */
static int campaign(size_t part, size_t of)
{
    size_t falsely = 0;

    for (size_t s = part; s < SUBJECTS; s += of) {
        struct tally sum = {0};

        for (int kind = 0; kind < MUTATIONS; kind++) {
            struct tally one = {0};

            try_kind(&subjects[s], (enum mutation)kind, FULL_RANDOM, 1, &one);
            print_full(mutation_name((enum mutation)kind), &one);
            sum.tried += one.tried;
            sum.same += one.same;
            sum.approved_falsely += one.approved_falsely;
        }
        print_full(subjects[s].name, &sum);
        falsely += sum.approved_falsely;
    }
    return falsely > 0;
}

static const struct attack attacks[] = {
    {"MU1", "mutants of signed FITs and MCUboot images of every type of key", "0 approved",
     the_valid_ones_are_good, mu1},
    {"MU2", "mutants of a signed trust store", "0 approved", the_valid_ones_are_good, mu2},
    {"MU3", "mutants of an evidence token", "0 approved", the_valid_ones_are_good, mu3},
};

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--full") == 0) {
        size_t part = strtoul(argv[2], NULL, 10), of = strtoul(argv[3], NULL, 10);
        bool ready = of > 0 && make_all() && the_valid_ones_are_good();
        int status = ready ? campaign(part, of) : 2;

        free_all();
        return status;
    }
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), make_all, free_all);
}
