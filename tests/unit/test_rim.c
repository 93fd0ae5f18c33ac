/* Lists of vendors: what manifests in CBOR and firmware metadata in XML give, whose signature
 * holds, and that nothing cut or changed gives a value that is not there. */
#include "boards/bench/files.h"
#include "boards/bench/reference/rim.h"
#include "crypto/crypto.h"
#include "evidence/cose.h"
#include "tests/unit/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 4096, SAID_MAX = 4096 };

struct said {
    struct list_sink base;
    char text[SAID_MAX];
};

static void note(struct list_sink *sink, const struct list_value *value)
{
    struct said *said = (struct said *)sink;
    size_t len = strlen(said->text);

    (void)snprintf(said->text + len, sizeof said->text - len, "%s %s %s %02x%02x %llu;",
                   value->name, value->version ? value->version : "-", sek_digest_name(value->alg),
                   value->digest[0], value->digest[1], (unsigned long long)value->size);
}

struct file {
    uint8_t *data; /* a heap block of exact size */
    size_t len;
};

static struct file load(const char *path)
{
    struct file file;
    uint8_t *data;

    assert_int_equal(bench_read_file(path, FILE_MAX, &data, &file.len), SEK_OK);
    file.data = malloc(file.len);
    assert_non_null(file.data);
    memcpy(file.data, data, file.len);
    free(data);
    return file;
}

static enum sek_status read_all(struct sek_bytes bytes, struct said *said, sek_day *not_after)
{
    struct sek_fault fault = {0};
    struct rim rim;
    enum sek_status status;

    *said = (struct said){.base = {note}};
    *not_after = 0;
    status = rim_open(bytes, &rim, &fault);
    if (status == SEK_OK)
        status = rim_read(rim.payload, &said->base, not_after, &fault);
    assert_int_equal(status, fault.status);
    if (status != SEK_OK)
        assert_non_null(fault.why);
    return status;
}

#define COSWID "boot - sha256 e00b 11;kernel - sha256 6923 6;"
#define CORIM  "boot 4.2 sha256 e00b 0;kernel 4.2 sha256 6923 0;" COSWID

static void manifests_give_what_is_in_them(void **state)
{
    static const struct {
        const char *path, *says;
        sek_day not_after;
    } rows[] = {
        {"tests/data/rim/coswid.cbor", COSWID, 0},
        {"tests/data/rim/corim.cbor", CORIM, 20818}, /* 2026-12-31 */
        {"tests/data/rim/signed.cbor", CORIM, 20818},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct file file = load(rows[i].path);
        struct said said;
        sek_day not_after;

        assert_true(rim_probe((struct sek_bytes){file.data, file.len}));
        assert_int_equal(read_all((struct sek_bytes){file.data, file.len}, &said, &not_after),
                         SEK_OK);
        assert_string_equal(said.text, rows[i].says);
        assert_int_equal(not_after, rows[i].not_after);
        free(file.data);
    }
}

static void every_truncation_is_refused(void **state)
{
    struct file file = load("tests/data/rim/corim.cbor");

    (void)state;
    for (size_t len = 0; len < file.len; len++) {
        struct said said;
        sek_day not_after;
        uint8_t *cut = malloc(len ? len : 1);

        assert_non_null(cut);
        memcpy(cut, file.data, len);
        assert_int_not_equal(read_all((struct sek_bytes){cut, len}, &said, &not_after), SEK_OK);
        assert_string_equal(said.text, "");
        free(cut);
    }
    free(file.data);
}

/* A signature over all of it: no bit of header, payload or signature can change. */
static void no_bit_of_a_signed_manifest_changes_unnoticed(void **state)
{
    struct file file = load("tests/data/rim/signed.cbor"),
                key = load("tests/data/rim/signer.spki.der");
    struct sek_bytes spki = {key.data, key.len};
    struct sek_fault fault = {0};
    struct rim rim;

    (void)state;
    assert_int_equal(rim_open((struct sek_bytes){file.data, file.len}, &rim, &fault), SEK_OK);
    assert_true(rim.is_signed);
    assert_int_equal(rim_verify(&rim, spki), SEK_OK);
    for (size_t bit = 0; bit < 8 * file.len; bit += 3) { /* coprime to 8: every byte is met */
        fault = (struct sek_fault){0};
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (rim_open((struct sek_bytes){file.data, file.len}, &rim, &fault) == SEK_OK &&
            rim.is_signed)
            assert_int_not_equal(rim_verify(&rim, spki), SEK_OK);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(key.data);
    free(file.data);
}

static void what_is_malformed_is_refused(void **state)
{
    static const struct {
        const char *name, *hex;
        enum sek_status status;
    } rows[] = {
        {"nothing in it", "a0", SEK_OK},
        {"a number", "01", SEK_ERR_MALFORMED},
        {"an array", "80", SEK_ERR_MALFORMED},
        {"bytes behind it", "a000", SEK_ERR_MALFORMED},
        {"an indefinite length", "bf00ff", SEK_ERR_UNSUPPORTED},
        {"a reserved length", "bc", SEK_ERR_UNSUPPORTED},
        {"more pairs than bytes", "bb0fffffffffffffff", SEK_ERR_TRUNCATED},
        {"a key twice", "a2 01 80 01 80", SEK_ERR_MALFORMED},
        {"a digest that is cut", "a1 06 a1 11 a2 18 18 61 61 07 82 01 41 00", SEK_ERR_MALFORMED},
        {"a digest that is a number", "a1 06 a1 11 a2 18 18 61 61 07 82 01 00", SEK_ERR_MALFORMED},
        {"a weak digest is passed over", "a1 06 a1 11 a2 18 18 61 61 07 82 06 44 00000000", SEK_OK},
        {"a tag that is no byte string", "a1 01 81 d901fa a0", SEK_ERR_MALFORMED},
        {"an empty byte string", "a1 01 81 d901fa 40", SEK_ERR_MALFORMED},
        {"a triple of one", "a1 01 81 d901fa 47 a1 04 a1 00 81 81 00", SEK_ERR_MALFORMED},
        {"a validity in text", "a2 01 80 04 a1 01 61 61", SEK_ERR_UNSUPPORTED},
        {"a COSE of three", "d2 83 40 a0 40", SEK_ERR_MALFORMED},
        {"a COSE without an algorithm", "d2 84 41 a0 a0 41 a0 41 00", SEK_ERR_MALFORMED},
        {"a COSE without a payload", "d2 84 43 a1 01 26 a0 f6 41 00", SEK_ERR_MALFORMED},
        {"a COSE and more", "d2 84 43 a1 01 26 a0 41 a0 41 00 00", SEK_ERR_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t bytes[64];
        struct said said;
        sek_day not_after;
        size_t len = from_hex(rows[i].hex, bytes, sizeof bytes);
        enum sek_status status = read_all((struct sek_bytes){bytes, len}, &said, &not_after);

        if (status != rows[i].status)
            fail_msg("%s: %s", rows[i].name, sek_status_text(status));
        assert_string_equal(said.text, "");
    }
}

static void another_algorithm_verifies_nothing(void **state)
{
    static const int64_t algs[] = {0, -8, -36, -37, -257, 7};
    struct file key = load("tests/data/rim/signer.spki.der");
    const uint8_t some[96] = {1};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(algs); i++) {
        const struct rim rim = {true, algs[i], {some, 3}, {some, 3}, {some, 64}};

        assert_int_equal(rim_verify(&rim, (struct sek_bytes){key.data, key.len}),
                         SEK_ERR_UNSUPPORTED);
    }
    free(key.data);
}

static void metadata_gives_the_files_that_it_names(void **state)
{
    struct file file = load("tests/data/lvfs/firmware.xml");
    struct said said = {.base = {note}};
    struct sek_fault fault = {0};

    (void)state;
    assert_int_equal(lvfs_read((struct sek_bytes){file.data, file.len}, &said.base, &fault),
                     SEK_OK);
    assert_string_equal(said.text,
                        "ex1-4.2.1.cab 4.2.1 sha256 1111 0;ex1.bin 4.2.1 sha256 2222 0;");
    for (size_t len = 0; len < file.len - 1; len++) { /* the last byte is a line's end */
        fault = (struct sek_fault){0};
        assert_int_equal(lvfs_read((struct sek_bytes){file.data, len}, &said.base, &fault),
                         SEK_ERR_MALFORMED);
        assert_in_range(fault.offset, 0, len);
        said.text[0] = '\0';
    }
    free(file.data);
}

static void metadata_that_defines_entities_is_refused(void **state)
{
    static const char bomb[] = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><components>&a;</components>";
    struct said said = {.base = {note}};
    struct sek_fault fault = {0};

    (void)state;
    assert_int_equal(
        lvfs_read((struct sek_bytes){(const uint8_t *)bomb, sizeof bomb - 1}, &said.base, &fault),
        SEK_ERR_MALFORMED);
    assert_string_equal(fault.why, "XML with a document type");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests_give_what_is_in_them),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(no_bit_of_a_signed_manifest_changes_unnoticed),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(another_algorithm_verifies_nothing),
        cmocka_unit_test(metadata_gives_the_files_that_it_names),
        cmocka_unit_test(metadata_that_defines_entities_is_refused),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
