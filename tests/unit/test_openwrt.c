/* OpenWrt's firmware: what fwtool appends and ucert signs, around images of any kind. */
#include "base/bytes.h"
#include "crypto/crypto.h"
#include "image/ucert.h"
#include "base/text.h"
#include "tests/unit/judge.h"
#include "tests/unit/openwrt_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALLOW    "\"kernel\", \"rootfs\", \"config\", \"boot\""
#define ROOT     "ed25519"
#define BUILDER  "ed25519-other"
#define FIRST    1767225600 /* 2026-01-01 */
#define LAST     2082758399 /* 2035-12-31 23:59:59 */
#define EXPIRED  1793491200 /* 2026-11-01 */
#define TOMORROW 1796169600 /* 2026-12-02 */

static struct fit_key root, builder;
static struct judge judge; /* its store has root alone */
static struct openwrt_writer w;
static const uint8_t payload[] = "firmware of no format that anybody knows, and then some";

static void make_sample(void)
{
    openwrt_sample(&w, payload, sizeof payload, ROOT, BUILDER);
}

static void run_bytes(struct judge *by, const void *data, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    memcpy(exact, data, len);
    judge_bytes(by, exact, len);
    free(exact);
}

static void run(void)
{
    run_bytes(&judge, w.data, w.len);
}

static void expect(const char *row, sek_rule rule)
{
    const struct sek_row *found;

    run();
    found = judge_row(&judge, row);
    assert_non_null(found);
    assert_int_equal(found->rule, rule);
    assert_int_equal(judge_approved(&judge), 0);
}

static void expect_malformed(const char *what)
{
    run();
    if (judge.measure.image.claims.fault.status != SEK_ERR_MALFORMED)
        fail_msg("%s is taken: %s", what, sek_status_text(judge.measure.image.claims.fault.status));
    assert_int_equal(judge_row(&judge, "file")->rule, SEK_RULE(FMT, 1));
    assert_int_equal(judge_approved(&judge), 0);
}

static void every_bit_is_guarded(void **state)
{
    const struct sek_row *row;

    (void)state;
    make_sample();
    run();
    row = judge_row(&judge, "file/firmware");
    assert_int_equal(row->verdict, SEK_VERDICT_APPROVED);
    assert_string_equal(row->format, "openwrt");
    assert_string_equal(row->version, "23.05.5");
    assert_string_equal(row->signer, "maker");
    assert_int_equal(row->size, sizeof payload);
    assert_int_equal(judge_row(&judge, "file/metadata")->verdict, SEK_VERDICT_APPROVED);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_int_equal(judge.measure.image.pass.bytes_read, w.len);
    assert_int_equal(judge.measure.image.claims.uncovered_count, 0);
    test_keep_seed("openwrt", "raw", w.data, w.len);
    for (size_t bit = 0; bit < 8 * w.len; bit++) {
        w.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        run();
        w.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (judge.outcome == SEK_OUTCOME_ACCEPT)
            fail_msg("accepted with bit %zu flipped", bit);
    }
}

/* How many bytes ahead of the key's number or behind it, in a signature's text, a place is: what
 * nobody signs and nothing decides by. */
static bool is_unsigned(const uint8_t *data, size_t len, size_t at)
{
    static const char comment[] = "untrusted comment: signed by a key\n";
    size_t span = sizeof comment - 1 + 14; /* with the base64 of "Ed" and the number */

    for (size_t start = at < span ? 0 : at - span + 1; start <= at; start++) {
        if (len - start > span && memcmp(data + start, comment, sizeof comment - 1) == 0)
            return true;
    }
    return false;
}

/* The checksums made right again: what is left is signed. */
static void no_checksum_stands_in_for_the_signature(void **state)
{
    static struct openwrt_writer good;
    size_t taken = 0;

    (void)state;
    make_sample();
    good = w;
    for (size_t bit = 0; bit < 8 * good.len; bit++) {
        w = good;
        w.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        openwrt_repair(&w);
        if (memcmp(w.data, good.data, good.len) == 0)
            continue; /* a checksum itself */
        run();
        if (judge_approved(&judge) == 0)
            continue;
        taken++;
        if (!is_unsigned(good.data, good.len, bit / 8))
            fail_msg("approved with bit %zu flipped", bit);
    }
    assert_in_range(taken, 1, 1000);
}

static void no_cut_firmware_is_accepted(void **state)
{
    (void)state;
    make_sample();
    for (size_t len = 0; len < w.len; len++) {
        run_bytes(&judge, w.data, len);
        assert_int_not_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static const struct inner {
    const char *file, *format, *row, *unsigned_row;
    sek_rule unsigned_rule;
} inners[] = {
    {"uimage/single.img", "uimage", "file/image", "file/image", SEK_RULE(FMT, 4)},
    {"uimage/multi.img", "uimage", "file/part-b", "file/part-b", SEK_RULE(FMT, 4)},
    {"router/trx", "trx", "file/part-b", "file/part-b", SEK_RULE(FMT, 4)},
    {"fit/hash.itb", "fit", NULL, NULL, SEK_RULE(FMT, 4)},
    {"fit/external.itb", "fit", NULL, NULL, SEK_RULE(SIG, 5)}, /* signed by a stranger */
};

/* The wrapper's signature covers what is in it; without it, that is what it would be alone. */
static void what_is_wrapped_is_reported_and_covered(void **state)
{
    const struct inner *inner = *state;
    char path[96];
    size_t len;
    uint8_t *data;

    (void)snprintf(path, sizeof path, "tests/data/%s", inner->file);
    data = test_read_file(path, &len);
    openwrt_sample(&w, data, len, ROOT, BUILDER);
    run();
    for (size_t i = 0; i < judge.row_count; i++) {
        if (judge.row[i].verdict != SEK_VERDICT_APPROVED && !judge.row[i].container)
            fail_msg("%s: rule %x, %s", judge.row[i].name, (unsigned)judge.row[i].rule,
                     judge.row[i].fault.why ? judge.row[i].fault.why : "");
    }
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_string_equal(judge.measure.image.claims.image[0].format, inner->format);
    assert_string_equal(judge_row(&judge, "file")->format, "openwrt");
    assert_string_equal(judge_row(&judge, "file/metadata")->format, "openwrt");
    assert_int_equal(judge.measure.image.pass.bytes_read, w.len);
    if (inner->row)
        assert_int_equal(judge_row(&judge, inner->row)->verdict, SEK_VERDICT_APPROVED);
    test_keep_seed("openwrt", inner->format, w.data, w.len);
    openwrt_begin(&w, data, len); /* the control */
    openwrt_info(&w, "{}");
    run();
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    assert_int_equal(judge_approved(&judge), 0);
    assert_int_equal(judge.row[1].rule, inner->unsigned_rule);
    free(data);
}

static void o01_without_a_signature_nobody_signed(void **state)
{
    (void)state;
    openwrt_begin(&w, payload, sizeof payload);
    openwrt_info(&w, "{}");
    expect("file/firmware", SEK_RULE(FMT, 4));
    expect("file/metadata", SEK_RULE(FMT, 4));
    w.data[0] ^= 1; /* nor is the checksum right */
    expect("file/firmware", SEK_RULE(FMT, 4));
    assert_int_equal(judge_row(&judge, "file/metadata")->expected.alg, SEK_DIGEST_CRC32);
}

static void begin_signed(void)
{
    openwrt_begin(&w, payload, sizeof payload);
    openwrt_info(&w, "{}");
}

static void certify(uint32_t type, uint64_t from, uint64_t until, unsigned without)
{
    const struct openwrt_certificate certificate = {BUILDER, ROOT, type, from, until, without};

    openwrt_certify(&w, &certificate);
}

static void end_signed(const char *key)
{
    openwrt_sign(&w, key);
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
}

static void o01_chunks_stand_once_and_in_order(void **state)
{
    (void)state;
    begin_signed(); /* two signatures */
    certify(1, FIRST, LAST, 0);
    end_signed(BUILDER);
    certify(1, FIRST, LAST, 0);
    end_signed(BUILDER);
    expect_malformed("a second signature");
    openwrt_begin(&w, payload, sizeof payload); /* metadata behind the signature */
    certify(1, FIRST, LAST, 0);
    end_signed(BUILDER);
    openwrt_info(&w, "{}");
    expect_malformed("metadata behind the signature");
    begin_signed();
    openwrt_info(&w, "{}");
    expect_malformed("metadata twice");
    openwrt_begin(&w, payload, sizeof payload);
    openwrt_chunk_end(&w, 2);
    expect_malformed("a chunk of another kind");
}

static void o01_a_chain_is_whole_and_authorises(void **state)
{
    static const uint8_t zeros[4];

    (void)state;
    begin_signed();
    certify(1, FIRST, LAST, 0);
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
    run();
    assert_int_equal(judge.measure.image.claims.fault.status, SEK_ERR_TRUNCATED);
    for (unsigned without = 1; without <= 4; without++) {
        begin_signed();
        certify(1, FIRST, LAST, without);
        end_signed(BUILDER);
        expect_malformed("a certificate without a field");
    }
    begin_signed();
    certify(2, FIRST, LAST, 0);
    end_signed(BUILDER);
    expect_malformed("a revocation");
    begin_signed();
    certify(1, 0, LAST, 0);
    end_signed(BUILDER);
    expect_malformed("a certificate without a first day");
    begin_signed();
    certify(1, FIRST, UINT64_MAX, 0);
    end_signed(BUILDER);
    expect_malformed("a certificate of endless life");
    begin_signed();
    certify(1, FIRST, LAST, 0);
    openwrt_sign(&w, BUILDER);
    openwrt_sign(&w, BUILDER);
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
    expect_malformed("two signatures in a chain");
    begin_signed();
    certify(1, FIRST, LAST, 0);
    openwrt_sign(&w, BUILDER);
    openwrt_bytes(&w, zeros, sizeof zeros);
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
    expect_malformed("something behind a chain");
}

static void o01_certificates_have_days(void **state)
{
    static const struct {
        uint64_t from, until;
        sek_rule rule;
    } rows[] = {
        {FIRST, LAST, SEK_RULE(SIG, 1)},
        {FIRST, EXPIRED, SEK_RULE(SIG, 11)},
        {TOMORROW, LAST, SEK_RULE(SIG, 11)},
        {FIRST, TOMORROW, SEK_RULE(SIG, 1)},      /* today is its last whole day */
        {FIRST, TOMORROW - 1, SEK_RULE(SIG, 11)}, /* and now it ends in the course of today */
    };
    const struct sek_appraiser bench = {&judge.store, {.today = 20788}};
    struct sek_row row;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        begin_signed();
        certify(1, rows[i].from, rows[i].until, 0);
        end_signed(BUILDER);
        run();
        assert_int_equal(judge_row(&judge, "file/firmware")->rule, rows[i].rule);
    }
    make_sample();
    judge.context.today = 0; /* without a clock it is for somebody else to judge */
    run();
    row = *judge_row(&judge, "file/firmware");
    judge.context.today = 20788;
    assert_int_equal(row.verdict, SEK_VERDICT_CONSULT);
    sek_appraise_row(&bench, &row); /* who does not see the certificate */
    assert_int_equal(row.verdict, SEK_VERDICT_CONSULT);
    run();
    row = *judge_row(&judge, "file/firmware");
    sek_appraise_row(&bench, &row);
    assert_int_equal(row.verdict, SEK_VERDICT_APPROVED);
}

/* A store of these suppliers judges the sample. */
static sek_rule rule_of(const struct judge_supplier *supplier, size_t count)
{
    struct judge other;
    sek_rule rule;

    judge_init(&other, supplier, count, "");
    run_bytes(&other, w.data, w.len);
    rule = judge_row(&other, "file/firmware")->rule;
    judge_free(&other);
    return rule;
}

static void o01_a_revoked_key_signs_nothing(void **state)
{
    char node[256], hex[2 * SEK_KEY_ID_LEN + 1];
    uint8_t id[SEK_KEY_ID_LEN];
    enum sek_status status = sek_key_id((struct sek_bytes){builder.spki, builder.spki_len}, id);
    const struct judge_supplier revoked_root = {
        "maker", &root, "sha512", NULL, NULL, ALLOW, "revoked = \"2026-06-01\";", ""};
    struct judge_supplier revoked_builder = {"maker", &root, "sha512", NULL, NULL, ALLOW, "", node};

    (void)state;
    assert_int_equal(status, SEK_OK);
    sek_text_hex((struct sek_bytes){id, sizeof id}, hex);
    (void)snprintf(node, sizeof node, "gone { key-id = [%s]; revoked = \"2026-06-01\"; };", hex);
    make_sample();
    assert_int_equal(rule_of(&revoked_root, 1), SEK_RULE(SIG, 8));
    assert_int_equal(rule_of(&revoked_builder, 1), SEK_RULE(SIG, 8));
}

static void a_stranger_s_signature_is_unknown_and_a_wrong_one_bad(void **state)
{
    const struct judge_supplier only_builder = {"maker", &builder, "sha512", NULL,
                                                NULL,    ALLOW,    "",       ""};
    char hint[17];
    struct judge_supplier hinted = {"maker", &root, "sha512", NULL, hint, ALLOW, "", ""};
    static const struct openwrt_certificate strange = {ROOT, BUILDER, 1, FIRST, LAST, 0};

    (void)state;
    openwrt_sample(&w, payload, sizeof payload, BUILDER, BUILDER); /* by itself, of nobody */
    expect("file/firmware", SEK_RULE(SIG, 5));
    begin_signed(); /* certified, and then signed by another */
    certify(1, FIRST, LAST, 0);
    end_signed(ROOT);
    expect("file/firmware", SEK_RULE(SIG, 4));
    begin_signed(); /* the store's key may be named by a stranger: it signs, all the same */
    openwrt_certify(&w, &strange);
    end_signed(ROOT);
    run();
    assert_int_equal(judge_row(&judge, "file/firmware")->rule, SEK_RULE(SIG, 1));
    make_sample(); /* the same of a store that has the builder's key */
    assert_int_equal(rule_of(&only_builder, 1), SEK_RULE(SIG, 1));
    sek_text_hex((struct sek_bytes){root.spki + 12, 8}, hint);
    w.data[0] ^= 1; /* a known hint, other bytes */
    openwrt_repair(&w);
    assert_int_equal(rule_of(&hinted, 1), SEK_RULE(SIG, 4));
}

static void a_chain_may_be_longer_or_missing(void **state)
{
    static const struct openwrt_certificate back = {ROOT, BUILDER, 1, FIRST, LAST, 0};
    struct sek_bytes candidate[SEK_CANDIDATES_MAX];

    (void)state;
    begin_signed(); /* root names builder, who names root, who signs */
    certify(1, FIRST, LAST, 0);
    openwrt_certify(&w, &back);
    end_signed(ROOT);
    run();
    assert_int_equal(judge_row(&judge, "file/firmware")->rule, SEK_RULE(SIG, 1));
    begin_signed();
    for (unsigned i = 0; i <= SEK_UCERT_DELEGATIONS; i++)
        openwrt_certify(&w, i % 2 == 0
                                ? &(struct openwrt_certificate){BUILDER, ROOT, 1, FIRST, LAST, 0}
                                : &back);
    openwrt_sign(&w, BUILDER);
    assert_true(w.len - w.chunk > 1024); /* more than fwtool takes in one chunk */
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
    expect_malformed("a chain of five");
    begin_signed(); /* none: under the keys of the store, if there are any */
    end_signed(ROOT);
    expect("file/firmware", SEK_RULE(SIG, 5));
    judge.measure.memory.candidate = candidate;
    judge.measure.memory.candidate_count =
        sek_store_candidates(&judge.store, candidate, SEK_LEN(candidate));
    run();
    assert_int_equal(judge_row(&judge, "file/firmware")->rule, SEK_RULE(SIG, 1));
    judge.measure.memory.candidate_count = 0;
}

/* Without certificates nothing says whose signature it is: a key that it is not of is not wronged.
 */
static void a_key_that_is_only_tried_is_not_claimed(void **state)
{
    const struct judge_supplier both[] = {
        {"first", &builder, "sha512", NULL, NULL, ALLOW, "", ""},
        {"second", &root, "sha512", NULL, NULL, ALLOW, "", ""},
    };
    struct sek_bytes candidate[SEK_CANDIDATES_MAX];
    struct judge other;

    (void)state;
    begin_signed();
    end_signed(ROOT);
    judge_init(&other, both, SEK_LEN(both), "");
    other.measure.memory.candidate = candidate;
    other.measure.memory.candidate_count =
        sek_store_candidates(&other.store, candidate, SEK_LEN(candidate));
    run_bytes(&other, w.data, w.len);
    assert_int_equal(judge_row(&other, "file/firmware")->rule, SEK_RULE(SIG, 1));
    assert_string_equal(judge_row(&other, "file/firmware")->signer, "second");
    w.data[0] ^= 1;
    run_bytes(&other, w.data, w.len);
    assert_int_equal(judge_approved(&other), 0);
    judge_free(&other);
}

static void trailers_and_metadata_that_cannot_be_are_malformed(void **state)
{
    static const char *const bad_info[] = {
        "",
        "[]",
        "{",
        "{}}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":\"b}",
        "{\"version\":{\"version\":\"1\",\"version\":\"2\"}}",
        "{\"version\":{\"version\":\"\\u0031\"}}",
        "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}",
    };
    static const struct {
        const char *what;
        size_t back; /* from the end */
        uint8_t byte;
    } bad_trailer[] = {
        {"a size below the trailer's", 1, 15},
        {"a size beyond the file", 3, 1},
        {"padding that is not zero", 5, 1},
        {"metadata of another version", 16 + 2 + 5, 1},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(bad_info); i++) {
        openwrt_begin(&w, payload, sizeof payload);
        openwrt_info(&w, bad_info[i]);
        expect_malformed(bad_info[i]);
    }
    for (size_t i = 0; i < SEK_LEN(bad_trailer); i++) {
        begin_signed();
        w.data[w.len - bad_trailer[i].back] = bad_trailer[i].byte;
        expect_malformed(bad_trailer[i].what);
    }
}

/* Well signed by an approved supplier, for a board of one who is excluded. */
static void signed_is_not_yet_permitted(void **state)
{
    static const struct {
        const char *prefix;
        enum sek_verdict verdict;
    } rows[] = {{"maker", SEK_VERDICT_EXCLUDED}, {"other", SEK_VERDICT_APPROVED}};
    const struct judge_supplier supplier = {"maker", &root, "sha512", NULL, NULL, ALLOW, "", ""};

    (void)state;
    make_sample();
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char more[1024];
        struct judge other;

        (void)snprintf(more, sizeof more, JUDGE_EXCLUDES("%s"), rows[i].prefix);
        judge_init(&other, &supplier, 1, more);
        run_bytes(&other, w.data, w.len);
        assert_int_equal(judge_row(&other, "file/firmware")->verdict, rows[i].verdict);
        if (rows[i].verdict == SEK_VERDICT_EXCLUDED)
            assert_int_equal(judge_row(&other, "file/firmware")->rule, SEK_RULE(VND, 2));
        judge_free(&other);
    }
}

/* More boards than are kept: the one that a rule names may be among them. */
static void more_boards_than_are_kept_are_consulted(void **state)
{
    const struct judge_supplier supplier = {"maker", &root, "sha512", NULL, NULL, ALLOW, "", ""};
    char json[1024] = "{\"supported_devices\":[\"a,b\"", more[1024];
    struct judge other;

    (void)state;
    for (size_t i = 0; i < SEK_CONTENTS_MAX; i++)
        strcat(json, ",\"a,b\"");
    strcat(json, "]}");
    openwrt_begin(&w, payload, sizeof payload);
    openwrt_info(&w, json);
    certify(1, FIRST, LAST, 0);
    end_signed(BUILDER);
    (void)snprintf(more, sizeof more, JUDGE_EXCLUDES("%s"), "other");
    judge_init(&other, &supplier, 1, more);
    run_bytes(&other, w.data, w.len);
    assert_int_equal(judge_row(&other, "file/firmware")->verdict, SEK_VERDICT_CONSULT);
    judge_free(&other);
}

static int set_up(void **state)
{
    struct judge_supplier supplier = {"maker", &root, "sha512", NULL, NULL, ALLOW, "", ""};

    (void)state;
    openssl_keys();
    openssl_key_load(&root, ROOT);
    openssl_key_load(&builder, BUILDER);
    judge_init(&judge, &supplier, 1, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_free(&judge);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(every_bit_is_guarded),
        cmocka_unit_test(no_checksum_stands_in_for_the_signature),
        cmocka_unit_test(no_cut_firmware_is_accepted),
        cmocka_unit_test(o01_without_a_signature_nobody_signed),
        cmocka_unit_test(o01_chunks_stand_once_and_in_order),
        cmocka_unit_test(o01_a_chain_is_whole_and_authorises),
        cmocka_unit_test(o01_certificates_have_days),
        cmocka_unit_test(o01_a_revoked_key_signs_nothing),
        cmocka_unit_test(a_stranger_s_signature_is_unknown_and_a_wrong_one_bad),
        cmocka_unit_test(a_chain_may_be_longer_or_missing),
        cmocka_unit_test(a_key_that_is_only_tried_is_not_claimed),
        cmocka_unit_test(signed_is_not_yet_permitted),
        cmocka_unit_test(more_boards_than_are_kept_are_consulted),
        cmocka_unit_test(trailers_and_metadata_that_cannot_be_are_malformed),
    };
    struct CMUnitTest tests[SEK_LEN(inners) + SEK_LEN(others)];
    size_t count = SEK_LEN(others);

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    memcpy(tests, others, sizeof others);
    for (size_t i = 0; i < SEK_LEN(inners); i++)
        tests[count++] =
            (struct CMUnitTest){inners[i].file, what_is_wrapped_is_reported_and_covered, NULL, NULL,
                                (void *)(uintptr_t)&inners[i]};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
