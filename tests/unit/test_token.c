/* What the agent writes, the bench reads; every other byte is refused and named. */
#include "crypto/crypto.h"
#include "evidence/token.h"
#include "evidence/token_decode.h"

#include "tests/unit/hex.h"
#include "tests/unit/sample.h"
#include "tests/unit/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { TOKEN_CAP = 8192, ROWS = 32, OBSERVATIONS = 32, UNKNOWN = 4, CONFIGURATION = 8 };

/* Tables of a reader. */
struct bench {
    struct sek_token_content content;
    struct sek_row row[ROWS];
    struct sek_observation observation[OBSERVATIONS];
    struct sek_token_unknown unknown[UNKNOWN];
    struct sek_fault fault;
    struct sek_cose cose;
};

static struct test_signer signer;

static enum sek_status decode(struct bench *b, const uint8_t *data, size_t len)
{
    enum sek_status status;

    memset(b, 0, sizeof *b);
    b->content.row = b->row;
    b->content.row_cap = ROWS;
    b->content.observation = b->observation;
    b->content.observation_cap = OBSERVATIONS;
    b->content.unknown = b->unknown;
    b->content.unknown_cap = UNKNOWN;
    status = sek_cose_open(sek_reader_make((struct sek_bytes){.data = data, .len = len}, &b->fault),
                           &b->cose);
    return status == SEK_OK ? sek_token_decode(b->cose.payload, &b->content) : status;
}

static size_t encode(const struct sample *s, uint8_t *buf, size_t cap, enum sek_status *status)
{
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, cap);

    sek_token_write(&w, &s->token, s->row, s->row_count, &signer.base);
    *status = w.status;
    return w.len;
}

/* A token over a payload that a test has written itself. */
static size_t wrap(const uint8_t *payload, size_t len, uint8_t *buf, size_t cap)
{
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, cap);
    struct sek_cose_mark mark = sek_cose_begin(&w, &signer.base);

    assert_true(len <= cap - w.len);
    memcpy(w.buf + w.len, payload, len);
    w.len += len;
    sek_cose_end(&w, &signer.base, mark);
    assert_int_equal(w.status, SEK_OK);
    return w.len;
}

static const struct sek_row *find(const struct sek_row *row, size_t count, const struct sek_row *as)
{
    for (size_t i = 0; i < count; i++)
        if (row[i].kind == as->kind && strcmp(row[i].name, as->name) == 0)
            return &row[i];
    return NULL;
}

static void same_bytes(struct sek_bytes a, struct sek_bytes b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
}

static void same_row(const struct sek_row *in, const struct sek_row *out)
{
    assert_int_equal(in->component_class, out->component_class);
    assert_int_equal(in->bank, out->bank);
    assert_int_equal(in->method, out->method);
    assert_int_equal(in->integrity, out->integrity);
    assert_int_equal(in->supplier, out->supplier);
    assert_int_equal(in->rule, out->rule);
    assert_int_equal(out->verdict, SEK_VERDICT_UNVERIFIED);
    assert_int_equal(in->optional, out->optional);
    assert_int_equal(in->damaged, out->damaged);
    assert_int_equal(in->blank, out->blank);
    assert_int_equal(in->container, out->container);
    if (in->kind == SEK_ROW_REGION || in->kind == SEK_ROW_PART)
        assert_int_equal(in->size, out->size);
    assert_int_equal(in->evidence_class, out->evidence_class);
    assert_string_equal(in->version, out->version);
    assert_memory_equal(in->digest, out->digest, sizeof in->digest);
    assert_int_equal(in->has_key, out->has_key);
    assert_memory_equal(in->key, out->key, sizeof in->key);
    assert_int_equal(in->has_counter, out->has_counter);
    assert_int_equal(in->security_counter, out->security_counter);
    assert_int_equal(in->has_timestamp, out->has_timestamp);
    assert_int_equal(in->timestamp, out->timestamp);
    assert_int_equal(in->observation_count, out->observation_count);
    for (size_t i = 0; i < in->observation_count; i++) {
        assert_int_equal(in->observation[i].kind, out->observation[i].kind);
        assert_int_equal(in->observation[i].type, out->observation[i].type);
        assert_int_equal(in->observation[i].evidence, out->observation[i].evidence);
        assert_int_equal(in->observation[i].flags, out->observation[i].flags);
        assert_int_equal(in->observation[i].number, out->observation[i].number);
        if (in->observation[i].type != SEK_VALUE_NUMBER)
            same_bytes(in->observation[i].value, out->observation[i].value);
    }
}

static void test_the_bench_reads_what_the_agent_wrote(void **state)
{
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    static struct bench b;
    enum sek_status status;
    size_t len;

    (void)state;
    sample_make(&s);
    s.row[1].has_counter = s.row[1].has_timestamp = true;
    s.row[1].security_counter = 7;
    s.row[1].timestamp = 1790000000;
    s.row[1].digest[1].alg = SEK_DIGEST_SHA512;
    memset(s.row[1].digest[1].bytes, 0x99, 64);
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    assert_int_equal(decode(&b, buf, len), SEK_OK);
    assert_int_equal(sek_cose_verify(&b.cose, test_signer_spki(&signer)), SEK_OK);
    assert_int_equal(b.content.row_count, s.row_count);
    assert_int_equal(b.content.unknown_count, 0);
    for (size_t i = 0; i < s.row_count; i++) {
        const struct sek_row *row = find(b.row, b.content.row_count, &s.row[i]);

        assert_non_null(row);
        same_row(&s.row[i], row);
    }
    assert_memory_equal(b.content.claims.nonce, s.token.nonce, 32);
    same_bytes(b.content.claims.ueid, s.token.ueid);
    same_bytes(b.content.claims.hw_model, s.token.hw_model);
    same_bytes(b.content.claims.sw_name, s.token.sw_name);
    same_bytes(b.content.claims.sw_version, s.token.sw_version);
    same_bytes(b.content.claims.boot_seed, s.token.boot_seed);
    assert_null(b.content.claims.hw_version.data);
    assert_null(b.content.claims.oemid.data);
    assert_int_equal(b.content.claims.oem_pen, 32473);
    assert_int_equal(b.content.claims.boot_count, 42);
    assert_int_equal(b.content.claims.floor, s.token.floor);
    assert_int_equal(b.content.claims.store_serial, 42);
    assert_memory_equal(b.content.claims.description_sha256, s.token.description_sha256, 32);
}

static void test_every_claim_comes_back(void **state)
{
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    static struct bench b;
    enum sek_status status;
    size_t len;

    (void)state;
    sample_make(&s);
    s.token.oemid = (struct sek_bytes){(const uint8_t *)"\x02\xac\x3e", 3};
    s.token.hw_version = (struct sek_bytes){(const uint8_t *)"R2", 2};
    s.token.has_oem_boot = s.token.oem_boot = true;
    s.token.time_source = HAL_TIME_CHALLENGE_BOUND;
    s.token.now = s.token.issued_at = 1795000001;
    s.token.binding = s.token.log_head = (struct sek_bytes){s.token.description_sha256, 32};
    s.token.has_measured_at = true;
    s.token.measured_at = 4700;
    s.token.has_reset_reason = true;
    s.token.reset_reason = 3;
    s.token.key_protection = HAL_KEY_TPM;
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    assert_int_equal(decode(&b, buf, len), SEK_OK);
    same_bytes(b.content.claims.oemid, s.token.oemid);
    same_bytes(b.content.claims.hw_version, s.token.hw_version);
    assert_true(b.content.claims.has_oem_boot && b.content.claims.oem_boot);
    assert_int_equal(b.content.claims.time_source, HAL_TIME_CHALLENGE_BOUND);
    assert_int_equal(b.content.claims.now, 1795000001);
    assert_int_equal(b.content.claims.issued_at, 1795000001);
    same_bytes(b.content.claims.binding, s.token.binding);
    same_bytes(b.content.claims.log_head, s.token.log_head);
    assert_true(b.content.claims.has_reset_reason);
    assert_int_equal(b.content.claims.reset_reason, 3);
    assert_true(b.content.claims.has_measured_at);
    assert_int_equal(b.content.claims.measured_at, 4700);
    assert_int_equal(b.content.claims.key_protection, HAL_KEY_TPM);

    s.token.summary = true;
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    assert_int_equal(decode(&b, buf, len), SEK_OK);
    assert_true(b.content.claims.summary);
    assert_int_equal(b.content.row_count, 0);
    assert_int_equal(b.content.summary.integrity[SEK_INTEGRITY_TAMPERED], 2);
    assert_int_equal(b.content.summary.integrity[SEK_INTEGRITY_CLAIMED], 3);
    assert_int_equal(b.content.summary.supplier[SEK_SUPPLIER_APPROVED], 7);
}

static void test_eight_components_fit_in_1800_bytes(void **state)
{
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    enum sek_status status;
    size_t len;

    (void)state;
    sample_make(&s);
    s.row[CONFIGURATION] =
        s.row[--s.row_count]; /* as the specification counts: 8 measured, 3 described */
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    print_message("8 components, %u rows: %u bytes\n", (unsigned)s.row_count, (unsigned)len);
    assert_true(len < 1800);
}

static void test_no_bit_and_no_truncation_of_a_token_verifies(void **state)
{
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    static struct bench b;
    enum sek_status status;
    size_t len, shapes = 0;

    (void)state;
    sample_make(&s);
    s.row_count = 2; /* every kind of byte is there; a signature check costs milliseconds */
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (decode(&b, buf, len) == SEK_OK) {
            shapes++;
            assert_int_not_equal(sek_cose_verify(&b.cose, test_signer_spki(&signer)), SEK_OK);
        }
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    print_message("%u bits, %u left a readable token, 0 verified\n", (unsigned)(8 * len),
                  (unsigned)shapes);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);

        memcpy(exact, buf, cut);
        assert_int_equal(decode(&b, exact, cut), SEK_ERR_TRUNCATED);
        free(exact);
    }
    assert_int_equal(decode(&b, buf, len), SEK_OK);
    assert_int_equal(sek_cose_verify(&b.cose, test_signer_spki(&signer)), SEK_OK);
}

/* Replaces one run of bytes of a payload, found by its hex, by another; lengths may differ only
 * where no head counts them. */
static void test_malformed_claims_are_named(void **state)
{
    static const struct {
        const char *name, *find, *put, *why;
    } rows[] = {
        {"a nonce of 32 of another key", "0a5820", "0b5820", "no nonce (10)"},
        {"no UEID", "190100", "190101", "no UEID (256)"},
        {"a debug status of 5", "19010701", "19010705", "no unsigned integer of this range"},
        {"no debug status", "190107", "190108", "no debug status (263)"},
        {"evidence of version 2", "65766964656e63652331", "65766964656e63652332",
         "profile of another kind of token"},
        {"no board description", "3a0001405f", "3a00014060", "no board description (-82016)"},
        {"a trust store id under another key", "3a00014052", "3a00014051", NULL},
        {"time without a source", "3a0001405183 01f6", "3a0001405183 02f6",
         "time without a source, or none with one"},
        {"a protection of 5", "3a0001405c00", "3a0001405c05", "no unsigned integer of this range"},
        {"integrity 8", "480202090002000501", "480802090002000501",
         "flags hold a number that is none of ours"},
        {"supplier 7", "480202090002000501", "480207090002000501",
         "flags hold a number that is none of ours"},
        {"class 24", "480202090002000501", "480202180002000501",
         "flags hold a number that is none of ours"},
        {"bank 3", "480202090002000501", "480202090302000501",
         "flags hold a number that is none of ours"},
        {"method 0", "480202090002000501", "480202090000000501",
         "flags hold a number that is none of ours"},
        {"a counter in the flags", "480202090002000501", "480202090002010501",
         "flags hold a number that is none of ours"},
        {"a rule family of 12", "480202090002000501", "480202090002000c01",
         "flags hold a number that is none of ours"},
        {"self-reported and verified", "480202090002000501", "480102090003000501",
         "verified, but self-reported"},
        {"verified by nobody", "480202090002000501", "480102090002000501",
         "verified, but nobody says by whom"},
        {"digest id 2", "0282015820", "0282025820", "a digest is not [1, 7 or 8, bytes]"},
        {"another content format", "82190127", "82190128",
         "a measurement of another content format"},
        {"a name with a quote", "63666974a4", "63662274a4", "a name with letters that no name has"},
        {"an image of another region", "6c6669742f6b65726e656c2d31", "6c6661742f6b65726e656c2d31",
         "an image of another region's name"},
        {"a control character in a location", "71737069302e303a30783030313030303030",
         "71737069302e303a3078303031303030301b", "control character in a text"},
        {"an OUI of 2 bytes and more", "4302ac3e", "4202ac3e", NULL},
        {"an observation of an evidence class of 6", "4302ac3e03", "4302ac3e06",
         "no unsigned integer of this range"},
        {"an observation of another type", "83074302ac3e", "83014302ac3e",
         "no text of this length"},
        {"no location", "3a00014055", "3a00014054", NULL},
        {"marks of 0", "3a0001405810", "3a0001405800", "marks of 0 are left out"},
    };
    static uint8_t good[TOKEN_CAP], payload[TOKEN_CAP], token[TOKEN_CAP];
    static struct sample s;
    static struct bench b;
    enum sek_status status;
    size_t len, tried = 0;

    (void)state;
    sample_make(&s);
    len = encode(&s, good, sizeof good, &status);
    assert_int_equal(status, SEK_OK);
    assert_int_equal(decode(&b, good, len), SEK_OK);
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t from[64], to[64];
        size_t start = b.cose.payload.pos, end = b.cose.payload.end, at, from_len, to_len;

        from_len = from_hex(rows[i].find, from, sizeof from);
        to_len = from_hex(rows[i].put, to, sizeof to);
        assert_int_equal(from_len, to_len);
        memcpy(payload, good + start, end - start);
        for (at = 0; at + from_len <= end - start; at++)
            if (memcmp(payload + at, from, from_len) == 0)
                break;
        if (at + from_len > end - start)
            fail_msg("%s: the token holds no such bytes", rows[i].name);
        memcpy(payload + at, to, to_len);
        {
            static struct bench bad;
            size_t bad_len = wrap(payload, end - start, token, sizeof token);

            status = decode(&bad, token, bad_len);
            if (status == SEK_OK || (rows[i].why && strcmp(bad.fault.why, rows[i].why) != 0))
                fail_msg("%s: %s, %s", rows[i].name, sek_status_text(status), bad.fault.why);
            assert_int_equal(bad.content.row_count, 0); /* untouched */
            assert_true(bad.fault.offset < bad_len);
            tried++;
        }
    }
    assert_true(tried > 25);
}

static void test_what_it_does_not_know_is_listed(void **state)
{
    static uint8_t good[TOKEN_CAP], payload[TOKEN_CAP], token[TOKEN_CAP];
    static struct sample s;
    static struct bench b, more;
    enum sek_status status;
    size_t len, start;

    (void)state;
    sample_make(&s);
    len = encode(&s, good, sizeof good, &status);
    assert_int_equal(decode(&b, good, len), SEK_OK);
    start = b.cose.payload.pos;
    len = b.cose.payload.end - start;
    memcpy(payload, good + start, len);
    assert_int_equal(payload[0] & 0xe0, 0xa0);
    payload[0]++; /* one pair more; text keys come last */
    memcpy(payload + len, "\x63new\x81\x01", 6);
    len = wrap(payload, len + 6, token, sizeof token);
    assert_int_equal(decode(&more, token, len), SEK_OK);
    assert_int_equal(more.content.unknown_count, 1);
    assert_int_equal(more.unknown[0].key, 0);
    assert_int_equal(token[more.unknown[0].offset], 0x63);
    assert_int_equal(more.content.row_count, s.row_count);
}

static void test_the_agent_writes_nothing_that_the_bench_refuses(void **state)
{
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    enum sek_status status;
    size_t len;

    (void)state;
    for (unsigned what = 0; what < 9; what++) {
        sample_make(&s);
        switch (what) {
        case 0:
            s.token.ueid.len = 6;
            break;
        case 1:
            s.token.hw_model.len = 0;
            break;
        case 2:
            s.token.issued_at = 1; /* the clock is only a floor */
            break;
        case 3:
            s.row_count = 0;
            break;
        case 4:
            s.row[0].name[0] = '"';
            break;
        case 5:
            s.row[0].name[0] = 'x'; /* its images have lost their region */
            break;
        case 6:
            memcpy(s.row[13].name, s.row[12].name, 6); /* two components of one name */
            break;
        case 7:
            s.observation[0].type = SEK_VALUE_NUMBER;
            break;
        case 8:
            s.observation[0].value = (struct sek_bytes){(const uint8_t *)"\xff", 1};
            break;
        }
        encode(&s, buf, sizeof buf, &status);
        if (status != SEK_ERR_RANGE && status != SEK_ERR_MALFORMED)
            fail_msg("%u: %s", what, sek_status_text(status));
    }
    sample_make(&s);
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(status, SEK_OK);
    for (size_t cap = 0; cap < len; cap++) {
        encode(&s, buf, cap, &status);
        assert_int_equal(status, SEK_ERR_NO_SPACE);
    }
}

static void test_full_tables_are_said(void **state)
{
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    static struct bench b;
    enum sek_status status;
    size_t len;

    (void)state;
    sample_make(&s);
    len = encode(&s, buf, sizeof buf, &status);
    assert_int_equal(decode(&b, buf, len), SEK_OK);
    b.content.row_cap = s.row_count - 1;
    assert_int_equal(sek_token_decode(b.cose.payload, &b.content), SEK_ERR_NO_SPACE);
    b.fault = (struct sek_fault){.status = SEK_OK};
    b.content.row_cap = s.row_count;
    b.content.observation_cap = SAMPLE_OBSERVATIONS - 1;
    assert_int_equal(sek_token_decode(b.cose.payload, &b.content), SEK_ERR_NO_SPACE);
    b.fault = (struct sek_fault){.status = SEK_OK};
    b.content.observation_cap = SAMPLE_OBSERVATIONS;
    assert_int_equal(sek_token_decode(b.cose.payload, &b.content), SEK_OK);
}

/* Files for the fuzzers, which start from them, and for peers of ours, which must take them. */
static void leave(const char *folder, const char *name, const void *data, size_t len)
{
    char path[128];
    FILE *file;

    (void)mkdir("build/test/data", 0777);
    (void)snprintf(path, sizeof path, "build/test/data/%s", folder);
    (void)mkdir(path, 0777);
    (void)snprintf(path, sizeof path, "build/test/data/%s/%s", folder, name);
    file = fopen(path, "wb");
    if (!file) /* run from elsewhere: nobody waits for them */
        return;
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void test_seeds_are_left_for_fuzzers_and_peers(void **state)
{
    static const char challenge[] = "\xa2\x0a\x58\x20"
                                    "0123456789abcdef0123456789abcdef"
                                    "\x3a\x00\x01\x40\x5a\x02";
    static uint8_t buf[TOKEN_CAP];
    static struct sample s;
    static struct bench b;
    enum sek_status status;

    (void)state;
    sample_make(&s);
    for (unsigned summary = 0; summary < 2; summary++) {
        size_t len;
        const uint8_t *payload;

        s.token.summary = summary;
        len = encode(&s, buf, sizeof buf, &status);
        assert_int_equal(decode(&b, buf, len), SEK_OK);
        payload = buf + b.cose.payload.pos;
        leave("token", summary ? "summary" : "evidence", buf, len);
        leave("token", summary ? "summary-payload" : "evidence-payload", payload,
              b.cose.payload.end - b.cose.payload.pos);
        leave("cbor", summary ? "summary" : "evidence", payload,
              b.cose.payload.end - b.cose.payload.pos);
        leave("peer", summary ? "summary.cbor" : "evidence.cbor", buf, len);
    }
    leave("peer", "key.der", signer.spki, signer.spki_len);
    leave("challenge", "plain", challenge, sizeof challenge - 1);
    leave("cbor", "challenge", challenge, sizeof challenge - 1);
}

static int start(void **state)
{
    (void)state;
    if (sek_crypto_start(NULL) != SEK_OK)
        return -1;
    test_signer_make(&signer, SEK_COSE_ES256);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_signer_drop(&signer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bench_reads_what_the_agent_wrote),
        cmocka_unit_test(test_every_claim_comes_back),
        cmocka_unit_test(test_eight_components_fit_in_1800_bytes),
        cmocka_unit_test(test_no_bit_and_no_truncation_of_a_token_verifies),
        cmocka_unit_test(test_malformed_claims_are_named),
        cmocka_unit_test(test_what_it_does_not_know_is_listed),
        cmocka_unit_test(test_the_agent_writes_nothing_that_the_bench_refuses),
        cmocka_unit_test(test_full_tables_are_said),
        cmocka_unit_test(test_seeds_are_left_for_fuzzers_and_peers),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
