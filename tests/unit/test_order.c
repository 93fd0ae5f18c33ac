/* A work order counts only as an officer of the store signed it, and only while it is valid. */
#define _DEFAULT_SOURCE
#include "boards/bench/files.h"
#include "crypto/crypto.h"
#include "tests/unit/store_source.h"
#include "trust/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS "build/keys/demo"

enum { SCRATCH = 64 * 1024 };

static const char source[] =
    "/dts-v1/;\n"
    "/ { compatible = \"sekisho,order-1\"; id = \"2026-117\"; label = \"40 leaf switches\";\n"
    " issued = \"2026-11-01\"; not-after = \"2026-12-20\"; tier = \"confidential\";\n"
    " event = \"procure\"; acquired = \"2026-11-20\"; store-serial = <42>;\n"
    " devices { d1 { serial-number = \"FJ-117\"; model = \"FUJI\"; };\n"
    "  d2 { serial-number = \"FJ-118\"; }; }; };\n";

static _Alignas(8) uint8_t scratch[SCRATCH];
static uint8_t *payload; /* of the store */
static struct sek_store store;

static sek_day day(const char *text)
{
    sek_day out = 0;

    assert_int_equal(sek_date_parse(text, strlen(text), &out), SEK_OK);
    return out;
}

static int set_up(void **state)
{
    struct sek_store_fault why;
    size_t len;

    (void)state;
    payload = store_source_payload(NULL, NULL, &len);
    return sek_store_open_payload(&store, (struct sek_bytes){payload, len}, &why) == SEK_OK ? 0
                                                                                            : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(payload);
    return 0;
}

static void test_reads_what_it_says(void **state)
{
    struct store_tree tree = source_tree(source, NULL, NULL);
    struct sek_order order;
    struct sek_store_fault why;

    (void)state;
    assert_int_equal(sek_order_open_payload(&order, tree.dtb, &why), SEK_OK);
    assert_string_equal(order.id, "2026-117");
    assert_string_equal(order.tier, "confidential");
    assert_string_equal(order.event, "procure");
    assert_int_equal(order.acquired, day("2026-11-20"));
    assert_int_equal(order.store_serial, 42);
    assert_true(sek_order_lists(&order, "FJ-117", "FUJI"));
    assert_false(sek_order_lists(&order, "FJ-117", "FUJI2"));
    assert_true(sek_order_lists(&order, "FJ-118", "anything"));
    assert_false(sek_order_lists(&order, "FJ-11", "FUJI"));
    assert_false(sek_order_lists(&order, "", "FUJI"));
    store_tree_free(&tree);
}

static void test_refuses_what_is_not_exactly_an_order(void **state)
{
    static const struct {
        const char *find, *put;
    } rows[] = {
        {"sekisho,order-1", "sekisho,order-2"},                /* another version */
        {"id = \"2026-117\";", ""},                            /* no id */
        {"id = \"2026-117\"", "id = <1>"},                     /* a number for a text */
        {"\"2026-12-20\"", "\"2026-02-30\""},                  /* no such day */
        {"\"2026-12-20\"", "\"2026-10-31\""},                  /* ends before it begins */
        {"acquired = \"2026-11-20\"", "acquired = \"soon\""},  /* no date */
        {"store-serial = <42>", "store-serial = <4 2>"},       /* two numbers */
        {"tier =", "tire ="},                                  /* misspelt: would be lost */
        {"devices {", "devises {"},                            /* misspelt */
        {"serial-number = \"FJ-118\";", ""},                   /* a device without a number */
        {"model = \"FUJI\"", "model = <1>"},                   /* a number for a text */
        {"model = \"FUJI\";", "model = \"FUJI\"; x = \"y\";"}, /* something else of it */
        {" d1 { serial-number = \"FJ-117\"; model = \"FUJI\"; };\n"
         "  d2 { serial-number = \"FJ-118\"; }; };",
         " };"}, /* no devices */
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct store_tree tree = source_tree(source, rows[i].find, rows[i].put);
        struct sek_order order;
        struct sek_store_fault why;

        if (sek_order_open_payload(&order, tree.dtb, &why) == SEK_OK)
            fail_msg("taken: %s", rows[i].put);
        assert_null(order.dtb);
        assert_int_equal(why.rule, SEK_RULE(TS, 6));
        assert_non_null(why.fault.why);
        store_tree_free(&tree);
    }
}

/* Signs the order with the key KEY.pem of a folder made for it; the caller frees. */
static uint8_t *sign(const char *key, const char *find, const char *put, size_t *len)
{
    char dir[] = "/tmp/sekisho-test-XXXXXX", dtb[64], itb[64], link[64], target[256];
    struct store_tree tree = source_tree(source, find, put);
    uint8_t *out = NULL;

    assert_non_null(mkdtemp(dir));
    snprintf(dtb, sizeof dtb, "%s/order.dtb", dir);
    snprintf(itb, sizeof itb, "%s/order.itb", dir);
    snprintf(link, sizeof link, "%s/officer.pem", dir);
    assert_non_null(realpath(KEYS, target));
    strcat(strcat(strcat(target, "/"), key), ".pem");
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(bench_write_file(dtb, tree.dtb.data, tree.dtb.len, 0600), SEK_OK);
    assert_true(store_sign(&store_seal_order, &(const struct store_keys){dir, NULL}, dtb, itb));
    assert_int_equal(bench_read_file(itb, BENCH_STORE_MAX, &out, len), SEK_OK);
    unlink(dtb);
    unlink(itb);
    unlink(link);
    rmdir(dir);
    store_tree_free(&tree);
    return out;
}

static enum sek_status open_at(const uint8_t *itb, size_t len, const char *today,
                               struct sek_order *order)
{
    struct sek_store_fault why;
    enum sek_status status = sek_order_open(order, (struct sek_bytes){itb, len}, &store,
                                            today ? day(today) : 0, scratch, sizeof scratch, &why);

    if (status != SEK_OK) {
        assert_null(order->dtb);
        assert_int_equal(why.rule, SEK_RULE(TS, 6));
    }
    return status;
}

static void test_counts_only_while_it_is_valid(void **state)
{
    struct sek_order order;
    size_t len;
    uint8_t *itb = sign("officer", NULL, NULL, &len);

    (void)state;
    assert_int_equal(open_at(itb, len, "2026-11-01", &order), SEK_OK);
    assert_string_equal(order.officer, "One");
    assert_int_equal(open_at(itb, len, "2026-12-20", &order), SEK_OK);
    assert_int_equal(open_at(itb, len, "2026-12-21", &order), SEK_ERR_EXPIRED);
    assert_int_equal(open_at(itb, len, "2026-10-31", &order), SEK_ERR_EXPIRED);
    assert_int_equal(open_at(itb, len, NULL, &order), SEK_ERR_EXPIRED);
    free(itb);
    itb = sign("officer", "<42>", "<43>", &len);
    assert_int_equal(open_at(itb, len, "2026-11-01", &order), SEK_ERR_ROLLBACK);
    free(itb);
}

static void test_counts_only_from_an_officer(void **state)
{
    struct sek_order order;
    size_t len;
    uint8_t *itb = sign("authority", NULL, NULL, &len);

    (void)state;
    assert_int_equal(open_at(itb, len, "2026-11-20", &order), SEK_ERR_SIGNATURE);
    free(itb);
}

static void test_no_bit_of_it_can_change(void **state)
{
    struct sek_order order, good;
    size_t len;
    uint8_t *itb = sign("officer", NULL, NULL, &len);
    char said[256];

    (void)state;
    assert_int_equal(open_at(itb, len, "2026-11-20", &good), SEK_OK);
    snprintf(said, sizeof said, "%s %s %s %u", good.id, good.tier, good.event, good.acquired);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        itb[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (open_at(itb, len, "2026-11-20", &order) == SEK_OK) {
            char now[256];

            snprintf(now, sizeof now, "%s %s %s %u", order.id, order.tier, order.event,
                     order.acquired);
            assert_string_equal(now, said);
        }
        itb[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < len; n++)
        assert_int_not_equal(open_at(itb, n, "2026-11-20", &order), SEK_OK);
    free(itb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_it_says),
        cmocka_unit_test(test_refuses_what_is_not_exactly_an_order),
        cmocka_unit_test(test_counts_only_while_it_is_valid),
        cmocka_unit_test(test_counts_only_from_an_officer),
        cmocka_unit_test(test_no_bit_of_it_can_change),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
