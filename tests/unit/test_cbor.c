/* One encoding per value is taken, all others are refused: RFC 8949, appendix A and section 4.2.1.
 */
#include "evidence/cbor.h"
#include "evidence/cbor_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/hex.h"

static enum sek_status check(const uint8_t *data, size_t len, struct sek_fault *fault)
{
    uint8_t *exact = malloc(len ? len : 1); /* so that a read beyond it is seen */
    enum sek_status status;

    assert_non_null(exact);
    memcpy(exact, data, len);
    *fault = (struct sek_fault){.status = SEK_OK};
    status = sek_cbor_check(sek_reader_make((struct sek_bytes){.data = exact, .len = len}, fault));
    free(exact);
    return status;
}

static void test_takes_one_encoding(void **state)
{
    static const struct {
        const char *name, *hex;
        enum sek_status status;
        uint64_t offset;
    } rows[] = {
        {"0", "00", SEK_OK, 0},
        {"23", "17", SEK_OK, 0},
        {"24", "1818", SEK_OK, 0},
        {"1000000000000", "1b000000e8d4a51000", SEK_OK, 0},
        {"the largest unsigned integer", "1bffffffffffffffff", SEK_OK, 0},
        {"the smallest negative integer", "3bffffffffffffffff", SEK_OK, 0},
        {"-1", "20", SEK_OK, 0},
        {"-1000", "3903e7", SEK_OK, 0},
        {"false", "f4", SEK_OK, 0},
        {"true", "f5", SEK_OK, 0},
        {"null", "f6", SEK_OK, 0},
        {"no bytes", "40", SEK_OK, 0},
        {"four bytes", "4401020304", SEK_OK, 0},
        {"text of two-byte letters", "62c3bc", SEK_OK, 0},
        {"text of a four-byte letter", "64f0908591", SEK_OK, 0},
        {"an empty array", "80", SEK_OK, 0},
        {"nested arrays", "8301820203820405", SEK_OK, 0},
        {"25 elements", "98190102030405060708090a0b0c0d0e0f101112131415161718181819", SEK_OK, 0},
        {"an empty map", "a0", SEK_OK, 0},
        {"a map of integers", "a201020304", SEK_OK, 0},
        {"a map of texts", "a26161016162820203", SEK_OK, 0},
        {"10 before 100 before -1 before text", "a40a011864022003617a04", SEK_OK, 0},
        {"six deep", "818181818181", SEK_ERR_TRUNCATED, 5},
        {"six deep and whole", "81818181818100", SEK_OK, 0},
        {"seven deep", "8181818181818100", SEK_ERR_MALFORMED, 7},
        {"seven deep with maps", "a100a100a100a100a100a100a10000", SEK_ERR_MALFORMED, 13},
        {"nothing", "", SEK_ERR_TRUNCATED, 0},
        {"a second item", "0000", SEK_ERR_MALFORMED, 1},
        {"23 in two bytes", "1817", SEK_ERR_MALFORMED, 0},
        {"255 in three bytes", "1900ff", SEK_ERR_MALFORMED, 0},
        {"65535 in five bytes", "1a0000ffff", SEK_ERR_MALFORMED, 0},
        {"2^32 - 1 in nine bytes", "1b00000000ffffffff", SEK_ERR_MALFORMED, 0},
        {"-24 in two bytes", "3817", SEK_ERR_MALFORMED, 0},
        {"a long length of bytes", "580100", SEK_ERR_MALFORMED, 0},
        {"a long length of an array", "980100", SEK_ERR_MALFORMED, 0},
        {"a long length of a map", "b8010000", SEK_ERR_MALFORMED, 0},
        {"indefinite bytes", "5f42010243030405ff", SEK_ERR_MALFORMED, 0},
        {"indefinite text", "7f657374726561646d696e67ff", SEK_ERR_MALFORMED, 0},
        {"an indefinite array", "9fff", SEK_ERR_MALFORMED, 0},
        {"an indefinite map", "bfff", SEK_ERR_MALFORMED, 0},
        {"a break alone", "ff", SEK_ERR_MALFORMED, 0},
        {"reserved length 28", "1c", SEK_ERR_MALFORMED, 0},
        {"reserved length 30", "5e", SEK_ERR_MALFORMED, 0},
        {"undefined", "f7", SEK_ERR_MALFORMED, 0},
        {"an unassigned simple value", "f0", SEK_ERR_MALFORMED, 0},
        {"a simple value of two bytes", "f8ff", SEK_ERR_MALFORMED, 0},
        {"false in two bytes", "f814", SEK_ERR_MALFORMED, 0},
        {"a half float", "f90000", SEK_ERR_MALFORMED, 0},
        {"a single float", "fa47c35000", SEK_ERR_MALFORMED, 0},
        {"a double float", "fb3ff199999999999a", SEK_ERR_MALFORMED, 0},
        {"a tag", "c11a514b67b0", SEK_ERR_MALFORMED, 0},
        {"a tag inside", "81d28400", SEK_ERR_MALFORMED, 1},
        {"a key twice", "a201020103", SEK_ERR_MALFORMED, 3},
        {"keys out of order", "a203040102", SEK_ERR_MALFORMED, 3},
        {"the length-first order of RFC 7049", "a420030a01186402617a04", SEK_ERR_MALFORMED, 3},
        {"-1 before 100", "a22003186402", SEK_ERR_MALFORMED, 3},
        {"an array as key", "a18000", SEK_ERR_MALFORMED, 1},
        {"true as key", "a1f500", SEK_ERR_MALFORMED, 1},
        {"overlong UTF-8", "62c080", SEK_ERR_MALFORMED, 0},
        {"a surrogate", "63eda080", SEK_ERR_MALFORMED, 0},
        {"half a letter", "61c3", SEK_ERR_MALFORMED, 0},
        {"bytes beyond the end", "4201", SEK_ERR_TRUNCATED, 0},
        {"bytes of 2^64 - 1", "5bffffffffffffffff", SEK_ERR_TRUNCATED, 0},
        {"an array of 2^64 - 1", "9bffffffffffffffff00", SEK_ERR_TRUNCATED, 0},
        {"a map of 2^63", "bb80000000000000000000", SEK_ERR_TRUNCATED, 0},
        {"an array that ends early", "8200", SEK_ERR_TRUNCATED, 0},
        {"a head that ends early", "19ff", SEK_ERR_TRUNCATED, 2},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t data[64];
        size_t len = from_hex(rows[i].hex, data, sizeof data);
        struct sek_fault fault;
        enum sek_status status = check(data, len, &fault);

        if (status != rows[i].status || (status != SEK_OK && fault.offset != rows[i].offset))
            fail_msg("%s: %s at %u", rows[i].name, sek_status_text(status), (unsigned)fault.offset);
        for (size_t cut = 0; status == SEK_OK && cut < len; cut++)
            if (check(data, cut, &fault) != SEK_ERR_TRUNCATED)
                fail_msg("%s: cut to %u bytes it is %s", rows[i].name, (unsigned)cut,
                         sek_status_text(fault.status));
    }
}

static void test_reads_what_it_is_asked_for(void **state)
{
    uint8_t data[64];
    size_t len =
        from_hex("8a 1903e8 3903e7 f5 f6 43010203 62c3bc 8100 a10001 4101 3bffffffffffffffff", data,
                 sizeof data);
    struct sek_fault fault = {.status = SEK_OK};
    struct sek_reader r = sek_reader_make((struct sek_bytes){.data = data, .len = len}, &fault);
    struct sek_reader layer;

    (void)state;
    assert_int_equal(sek_cbor_array(&r), 10);
    assert_int_equal(sek_cbor_peek(&r), SEK_CBOR_UINT);
    assert_int_equal(sek_cbor_uint(&r, 1000), 1000);
    assert_int_equal(sek_cbor_int(&r), -1000);
    assert_true(sek_cbor_bool(&r));
    assert_true(sek_cbor_null(&r));
    assert_int_equal(sek_cbor_bytes(&r, 3, 3).len, 3);
    assert_false(sek_cbor_null(&r));
    assert_int_equal(sek_cbor_text(&r, 0, 2).len, 2);
    sek_cbor_skip(&r);
    assert_int_equal(sek_cbor_map(&r), 1);
    assert_int_equal(sek_cbor_int(&r), 0);
    assert_int_equal(sek_cbor_uint(&r, 1), 1);
    layer = sek_cbor_layer(&r);
    assert_int_equal(sek_cbor_uint(&layer, 1), 1);
    assert_int_equal(sek_reader_left(&layer), 0);
    assert_int_equal(fault.status, SEK_OK);
    assert_int_equal(sek_cbor_int(&r), 0); /* below 64 signed bits */
    assert_int_equal(fault.status, SEK_ERR_MALFORMED);
    assert_int_equal(sek_reader_left(&r), 0); /* the first fault stops all */
}

static void test_refuses_another_type(void **state)
{
    static const struct {
        const char *name, *hex;
    } rows[] = {
        {"bytes", "4101"}, {"text", "6161"}, {"array", "8100"},
        {"map", "a10000"}, {"null", "f6"},   {"negative", "20"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t data[8];
        size_t len = from_hex(rows[i].hex, data, sizeof data);
        struct sek_fault fault[7] = {{.status = SEK_OK}};
        struct sek_reader r[7];

        for (size_t k = 0; k < SEK_LEN(r); k++)
            r[k] = sek_reader_make((struct sek_bytes){.data = data, .len = len}, &fault[k]);
        assert_int_equal(sek_cbor_uint(&r[0], UINT64_MAX), 0);
        assert_int_equal(fault[0].status, SEK_ERR_MALFORMED);
        assert_false(sek_cbor_bool(&r[1]));
        assert_int_equal(fault[1].status, SEK_ERR_MALFORMED);
        assert_int_equal(sek_cbor_tag(&r[2]), 0);
        assert_int_equal(fault[2].status, SEK_ERR_MALFORMED);
        assert_int_equal(sek_cbor_bytes(&r[3], 2, 2).len, 0);
        assert_int_equal(fault[3].status, SEK_ERR_MALFORMED);
        assert_int_equal(sek_cbor_text(&r[4], 2, 2).len, 0);
        assert_int_equal(fault[4].status, SEK_ERR_MALFORMED);
        (void)sek_cbor_array(&r[5]);
        assert_int_equal(fault[5].status, i == 2 ? SEK_OK : SEK_ERR_MALFORMED);
        (void)sek_cbor_map(&r[6]);
        assert_int_equal(fault[6].status, i == 3 ? SEK_OK : SEK_ERR_MALFORMED);
    }
}

static void write_all(struct sek_cbor_writer *w)
{
    static const uint64_t edges[] = {0,     23,    24,         255,        256,
                                     65535, 65536, UINT32_MAX, 1ull << 32, UINT64_MAX};
    size_t array = sek_cbor_begin(w), bytes;

    for (size_t i = 0; i < SEK_LEN(edges); i++)
        sek_cbor_put_uint(w, edges[i]);
    sek_cbor_put_int(w, -1);
    sek_cbor_put_int(w, INT64_MIN);
    sek_cbor_put_int(w, INT64_MAX);
    sek_cbor_put_bool(w, true);
    sek_cbor_put_null(w);
    sek_cbor_put_text(w, "text");
    bytes = sek_cbor_begin(w);
    for (unsigned i = 0; i < 300; i++)
        sek_cbor_put_null(w);
    sek_cbor_end_bytes(w, bytes);
    bytes = sek_cbor_begin(w);
    sek_cbor_put_uint(w, 1);
    sek_cbor_put_bytes(w, "\1\2", 2);
    sek_cbor_end_map(w, bytes, 1);
    sek_cbor_end_array(w, array, SEK_LEN(edges) + 8);
}

static void test_writes_what_it_takes(void **state)
{
    uint8_t buf[512];
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, sizeof buf);
    struct sek_fault fault;

    (void)state;
    write_all(&w);
    assert_int_equal(w.status, SEK_OK);
    assert_int_equal(check(buf, w.len, &fault), SEK_OK);
    for (size_t cap = 0; cap < w.len; cap++) {
        uint8_t *exact = malloc(cap ? cap : 1);
        struct sek_cbor_writer small = sek_cbor_writer_make(exact, cap);

        write_all(&small);
        assert_int_equal(small.status, SEK_ERR_NO_SPACE);
        free(exact);
    }
    w = sek_cbor_writer_make(buf, sizeof buf);
    sek_cbor_put_text(&w, "\xc3");
    assert_int_equal(w.status, SEK_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_one_encoding),
        cmocka_unit_test(test_reads_what_it_is_asked_for),
        cmocka_unit_test(test_refuses_another_type),
        cmocka_unit_test(test_writes_what_it_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
