/* MCUboot images of every kind of key, signed by OpenSSL; more attacks:
 * tests/attack/test_boot_images.c. */
#include "base/bytes.h"
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "tests/unit/mcuboot_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALLOW     "\"mcu\""
#define MINIMUM_7 "minimum-1 { security-counter = <7>; version = \"1.2.2\"; };"

/* One of each; the last is used by nobody who is approved. */
static const struct kind {
    const char *key, *hash;
    bool pure;
    const char *pin, *padding;
} kinds[] = {
    {"rsa2048", "sha256", false, "sha256", "pss"}, {"rsa3072", "sha256", false, "sha256", "pss"},
    {"p256", "sha256", false, "sha256", NULL},     {"p384", "sha384", false, "sha384", NULL},
    {"ed25519", "sha256", false, "sha512", NULL},  {"ed25519", "sha512", true, "sha512", NULL},
};

enum { KEYS = 5 }; /* of kinds: the sixth has the fifth's */

static struct fit_key key[KEYS], stranger;
static struct judge judge;
static struct sek_bytes candidate[SEK_CANDIDATES_MAX];
static struct mcuboot_writer sample[SEK_LEN(kinds)];

static const struct sek_row *judge_image(const void *data, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    const struct sek_row *row;

    assert_non_null(exact);
    memcpy(exact, data, len);
    judge_bytes(&judge, exact, len);
    free(exact);
    row = judge_row(&judge, "file/image");
    return row ? row : judge_row(&judge, "file");
}

static const struct sek_row *judge_writer_image(const struct mcuboot_writer *w)
{
    return judge_image(w->data, w->len);
}

static void every_kind_of_key_is_approved(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        const struct sek_row *row = judge_writer_image(&sample[i]);

        if (row->verdict != SEK_VERDICT_APPROVED || judge.outcome != SEK_OUTCOME_ACCEPT)
            fail_msg("%s %s: rule %x, %s", kinds[i].key, kinds[i].hash, (unsigned)row->rule,
                     row->fault.why ? row->fault.why : "");
        assert_string_equal(row->format, "mcuboot");
        assert_string_equal(row->version, "1.2.3+4");
        assert_int_equal(row->component_class, SEK_CLASS_MCU);
        assert_true(row->has_counter);
        assert_int_equal(row->security_counter, MCUBOOT_COUNTER);
        assert_int_equal(row->size, MCUBOOT_HEADER + MCUBOOT_PAYLOAD + MCUBOOT_PROTECTED_LEN);
        assert_int_equal(judge.measure.image.pass.bytes_read, sample[i].len);
    }
}

/* No bit is outside: what is not signed is a digest, a key's or a signature. */
static void no_bit_can_be_flipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        struct mcuboot_writer *w = &sample[i];
        bool edwards = kinds[i].key[0] == 'e';
        size_t step = edwards ? 1 : 7; /* the others take their time */

        for (size_t bit = 0; bit < 8 * w->len; bit += step) {
            w->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)judge_writer_image(w);
            w->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (judge_approved(&judge) != 0)
                fail_msg("%s: approved with bit %zu flipped", kinds[i].key, bit);
        }
        assert_int_equal(judge_writer_image(w)->verdict, SEK_VERDICT_APPROVED);
    }
}

static void no_cut_image_is_approved(void **state)
{
    (void)state;
    for (size_t len = 0; len < sample[2].len; len++) {
        const struct sek_row *row = judge_image(sample[2].data, len);

        assert_int_equal(judge_approved(&judge), 0);
        if (len >= 4)
            assert_int_equal(row->fault.status, SEK_ERR_TRUNCATED);
    }
}

/* A whole image by p256 whose unprotected area a test writes itself. */
static void begin(struct mcuboot_writer *w)
{
    mcuboot_begin(w, MCUBOOT_PROTECTED_LEN);
    mcuboot_protect(w);
    mcuboot_area(w, false);
}

static void sign_p256(struct mcuboot_writer *w)
{
    mcuboot_digest(w, "sha256");
    mcuboot_key_hash(w, &key[2], "sha256");
    mcuboot_sign(w, "p256", &key[2], "sha256", false);
}

static void expect(const struct mcuboot_writer *w, sek_rule rule, enum sek_status status)
{
    const struct sek_row *row = judge_writer_image(w);

    assert_int_equal(judge_approved(&judge), 0);
    assert_int_equal(row->rule, rule);
    assert_int_equal(row->fault.status, status);
}

static void expect_malformed(const struct mcuboot_writer *w)
{
    expect(w, SEK_RULE(FMT, 1), SEK_ERR_MALFORMED);
}

static void m02_areas_and_lengths_that_do_not_add_up_are_malformed(void **state)
{
    static const size_t protected_at = MCUBOOT_HEADER + MCUBOOT_PAYLOAD,
                        area_at = MCUBOOT_HEADER + MCUBOOT_PAYLOAD + MCUBOOT_PROTECTED_LEN;
    const struct {
        const char *name;
        size_t at;
        uint8_t byte;
    } rows[] = {
        {"a protected area without its magic", protected_at, 0x07},
        {"a protected area of another length", protected_at + 2, MCUBOOT_PROTECTED_LEN - 4},
        {"a protected tag longer than its area", protected_at + 4 + 2, 0xff},
        {"an unprotected area without its magic", area_at, 0x08},
        {"an area shorter than its own head", area_at + 2, 3},
        {"an area that ends inside a tag", area_at + 2, 0x30},
        {"a tag longer than the area", area_at + 4 + 3, 0x01},
        {"no protected area where the header says one", 10, 0},
        {"a header of fewer than 32 bytes", 8, 31},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct mcuboot_writer w = sample[2];

        w.data[rows[i].at] = rows[i].byte;
        if (rows[i].at == area_at + 2)
            w.data[rows[i].at + 1] = 0;
        (void)judge_writer_image(&w);
        if (judge.measure.image.claims.fault.status != SEK_ERR_MALFORMED)
            fail_msg("%s is taken", rows[i].name);
    }
}

static void m04_sizes_beyond_the_medium_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t bytes[4];
        size_t len;
    } rows[] = {
        {12, {0xff, 0xff, 0xff, 0xff}, 4},
        {12, {0x00, 0x08, 0x00, 0x00}, 4},
        {8, {0xff, 0xff}, 2},
        {10, {0xff, 0xff}, 2},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct mcuboot_writer w = sample[2];

        memcpy(w.data + rows[i].at, rows[i].bytes, rows[i].len);
        (void)judge_writer_image(&w);
        assert_int_equal(judge.measure.image.claims.fault.status, SEK_ERR_TRUNCATED);
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static void m05_encrypted_pure_and_mixed_images_are_told_apart(void **state)
{
    static const uint8_t mark = 1, wrapped[24] = {0};
    struct mcuboot_writer w = sample[2];

    (void)state;
    w.data[16] = 0x04;
    expect(&w, SEK_RULE(FMT, 2), SEK_ERR_UNSUPPORTED);
    begin(&w);
    sign_p256(&w);
    mcuboot_tag(&w, 0x31, wrapped, sizeof wrapped);
    mcuboot_area_end(&w);
    expect(&w, SEK_RULE(FMT, 2), SEK_ERR_UNSUPPORTED);
    begin(&w); /* pure, of a key that cannot */
    sign_p256(&w);
    mcuboot_tag(&w, 0x25, &mark, 1);
    mcuboot_area_end(&w);
    expect_malformed(&w);
    begin(&w); /* a signature over the digest, said to be over the bytes */
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, &key[4], "sha256");
    mcuboot_tag(&w, 0x25, &mark, 1);
    mcuboot_sign(&w, "ed25519", &key[4], "sha256", false);
    mcuboot_area_end(&w);
    expect(&w, SEK_RULE(SIG, 4), SEK_OK);
    begin(&w); /* RSA with a digest that does not go with it */
    mcuboot_digest(&w, "sha384");
    mcuboot_key_hash(&w, &key[0], "sha384");
    mcuboot_sign(&w, "rsa2048", &key[0], "sha256", false);
    mcuboot_area_end(&w);
    expect_malformed(&w);
    w = sample[2];
    w.data[0] = 0x3c; /* the magic of the first layout */
    expect(&w, SEK_RULE(FMT, 2), SEK_ERR_UNSUPPORTED);
}

static void m07_a_key_that_nobody_approved_is_unknown(void **state)
{
    struct mcuboot_writer w;

    (void)state;
    mcuboot_sample(&w, "rsa2048-other", "sha256", false);
    expect(&w, SEK_RULE(SIG, 5), SEK_OK);
    mcuboot_sample(&w, "ed25519-other", "sha256", false);
    expect(&w, SEK_RULE(SIG, 5), SEK_OK);
    mcuboot_sample(&w, "ed25519-other", "sha512", true);
    expect(&w, SEK_RULE(SIG, 5), SEK_OK);
    begin(&w); /* the stranger's, under the name of an approved key */
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, &key[0], "sha256");
    mcuboot_sign(&w, "rsa2048-other", &stranger, "sha256", false);
    mcuboot_area_end(&w);
    expect(&w, SEK_RULE(SIG, 4), SEK_OK);
    begin(&w); /* an approved key's, under the name of a stranger */
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, &stranger, "sha256");
    mcuboot_sign(&w, "p256", &key[2], "sha256", false);
    mcuboot_area_end(&w);
    expect(&w, SEK_RULE(SIG, 5), SEK_OK);
}

static void a_digest_of_other_bytes_is_tampered(void **state)
{
    struct mcuboot_writer w = sample[2];
    const struct sek_row *row;

    (void)state;
    w.data[MCUBOOT_HEADER] ^= 1;
    row = judge_writer_image(&w);
    assert_int_equal(row->rule, SEK_RULE(SIG, 3));
    assert_int_equal(row->verdict, SEK_VERDICT_TAMPERED);
    assert_int_equal(row->expected.alg, SEK_DIGEST_SHA256);
}

static void the_key_itself_may_stand_there_instead_of_its_hash(void **state)
{
    struct mcuboot_writer w;

    (void)state;
    begin(&w);
    mcuboot_digest(&w, "sha512");
    mcuboot_tag(&w, 0x02, key[4].spki, key[4].spki_len);
    mcuboot_sign(&w, "ed25519", &key[4], "sha512", true);
    mcuboot_area_end(&w);
    assert_int_equal(judge_writer_image(&w)->verdict, SEK_VERDICT_APPROVED);
    begin(&w);
    mcuboot_digest(&w, "sha512");
    mcuboot_tag(&w, 0x02, stranger.spki, stranger.spki_len);
    mcuboot_sign(&w, "ed25519", &key[4], "sha512", true);
    mcuboot_area_end(&w);
    expect(&w, SEK_RULE(SIG, 5), SEK_OK);
}

/* Of two signatures one by a stranger: one that verifies is enough. */
static void a_second_signature_by_a_stranger_changes_nothing(void **state)
{
    struct mcuboot_writer w;

    (void)state;
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, &stranger, "sha256");
    mcuboot_sign(&w, "rsa2048-other", &stranger, "sha256", false);
    mcuboot_key_hash(&w, &key[2], "sha256");
    mcuboot_sign(&w, "p256", &key[2], "sha256", false);
    mcuboot_area_end(&w);
    assert_int_equal(judge_writer_image(&w)->verdict, SEK_VERDICT_APPROVED);
}

static int set_up(void **state)
{
    struct judge_supplier supplier[KEYS];
    static const char *const names[KEYS] = {"a", "b", "c", "d", "e"};

    (void)state;
    openssl_keys();
    for (size_t i = 0; i < KEYS; i++) {
        openssl_key_load(&key[i], kinds[i].key);
        supplier[i] = (struct judge_supplier){names[i], &key[i], kinds[i].pin, kinds[i].padding,
                                              NULL,     ALLOW,   "",           MINIMUM_7};
    }
    openssl_key_load(&stranger, "rsa2048-other");
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        mcuboot_sample(&sample[i], kinds[i].key, kinds[i].hash, kinds[i].pure);
        test_keep_seed("mcuboot", kinds[i].pure ? "pure" : kinds[i].key, sample[i].data,
                       sample[i].len);
    }
    judge_init(&judge, supplier, KEYS, "");
    judge.measure.memory.candidate = candidate;
    judge.measure.memory.candidate_count =
        sek_store_candidates(&judge.store, candidate, SEK_LEN(candidate));
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
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key_is_approved),
        cmocka_unit_test(no_bit_can_be_flipped),
        cmocka_unit_test(no_cut_image_is_approved),
        cmocka_unit_test(a_digest_of_other_bytes_is_tampered),
        cmocka_unit_test(the_key_itself_may_stand_there_instead_of_its_hash),
        cmocka_unit_test(a_second_signature_by_a_stranger_changes_nothing),
        cmocka_unit_test(m02_areas_and_lengths_that_do_not_add_up_are_malformed),
        cmocka_unit_test(m04_sizes_beyond_the_medium_are_refused),
        cmocka_unit_test(m05_encrypted_pure_and_mixed_images_are_told_apart),
        cmocka_unit_test(m07_a_key_that_nobody_approved_is_unknown),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
