/* A payload opens as it was built, and in no other way. */
#include "base/bytes.h"
#include "crypto/crypto.h"
#include "tests/unit/store_source.h"
#include "trust/names.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORD = 12 };

static enum sek_status open_bytes(struct sek_store *store, const uint8_t *dtb, size_t len)
{
    struct sek_store_fault why;
    enum sek_status status = sek_store_open_payload(store, (struct sek_bytes){dtb, len}, &why);

    if (status == SEK_OK) {
        assert_ptr_equal(store->dtb, dtb);
    } else {
        assert_null(store->dtb);
        assert_int_equal(why.fault.status, status);
        assert_non_null(why.fault.why);
        assert_true(why.rule == SEK_RULE(TS, 5));
        assert_true(why.fault.offset <= len);
    }
    return status;
}

static void a_built_payload_tells_what_its_source_says(void **state)
{
    struct sek_store store;
    size_t len;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);
    uint8_t digest[SEK_DIGEST_MAX];

    (void)state;
    assert_int_equal(len % 8, 0);
    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    assert_int_equal(store.serial, 42);
    assert_string_equal(store.label, "Test store");
    assert_string_equal(store.authority, "Test Authority");
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, dtb, len, digest), SEK_OK);
    assert_memory_equal(store.digest, digest, sizeof store.digest);
    assert_true(store.rules > 0 && store.suppliers > 0 && store.denied > 0 && store.maps > 0);
    assert_int_equal(store.reference_algs, 1u << SEK_DIGEST_SHA256);
    assert_false(sek_store_expired(&store, store.not_after));
    assert_true(sek_store_expired(&store, store.not_after + 1));
    assert_true(sek_store_expired(&store, 0));
    free(dtb);
}

static const struct lookup {
    const char *name;
    enum sek_index kind;
    const char *text; /* NULL: number counts */
    uint64_t number;
    const char *node; /* NULL: not found */
} lookups[] = {
    {"an alias is found normalised", SEK_INDEX_ALIAS, "ALPHA WORKS", 0, "alpha"},
    {"an alias is not found as it was written", SEK_INDEX_ALIAS, "Alpha Works", 0, NULL},
    {"a not-alias is not in the index", SEK_INDEX_ALIAS, "ALPHA MUSEUM", 0, NULL},
    {"a look-alike is found by its skeleton", SEK_INDEX_SKELETON, "8ETAMAX 0PTICS", 0, "beta"},
    {"another name has another skeleton", SEK_INDEX_SKELETON, "BETAMAX OPTIC", 0, NULL},
    {"a prefix of 24 bits is found", SEK_INDEX_OUI24, NULL, 0x020002, "alpha"},
    {"a prefix of 36 bits is found", SEK_INDEX_OUI36, NULL, 0x0200030010, "alpha"},
    {"a prefix is not found as another width", SEK_INDEX_OUI28, NULL, 0x020002, NULL},
    {"an enterprise number is found", SEK_INDEX_PEN, NULL, 32474, "alpha"},
    {"the number before is not found", SEK_INDEX_PEN, NULL, 32472, NULL},
    {"the number behind is not found", SEK_INDEX_PEN, NULL, 32475, NULL},
    {"a PCI vendor is found", SEK_INDEX_PCI, NULL, 0xfff0, "alpha"},
    {"a PCI vendor is no USB vendor", SEK_INDEX_USB, NULL, 0xfff0, NULL},
    {"a device-tree prefix is found", SEK_INDEX_DT_PREFIX, "alpha", 0, "alpha"},
    {"a reference's digest is found", SEK_INDEX_DIGEST, NULL, 0x1101020304050607, "spl"},
    {"a denied digest is found", SEK_INDEX_DIGEST, NULL, 0x2201020304050607, "bad-1"},
    {"a revoked key's id is found", SEK_INDEX_KEY, NULL, 0x0001020304050607, "key-3"},
};

/* The key of a number, a text, or a text's skeleton. */
static uint64_t key_of(const struct lookup *row)
{
    char out[64];
    size_t len;

    if (!row->text)
        return row->number;
    struct sek_bytes text = {(const uint8_t *)row->text, strlen(row->text)};

    if (row->kind != SEK_INDEX_SKELETON)
        return sek_fnv1a(text);
    len = sek_name_skeleton(text, out, sizeof out);
    return sek_fnv1a((struct sek_bytes){(const uint8_t *)out, len});
}

static void it_is_looked_up(void **state)
{
    const struct lookup *row = *state;
    struct sek_store store;
    size_t len, at;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);
    int node;

    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    node = sek_store_find(&store, row->kind, key_of(row), &at);
    if (row->node)
        assert_string_equal(sek_store_node_name(&store, node), row->node);
    else
        assert_int_equal(node, -1);
    if (node >= 0)
        assert_int_equal(sek_store_next(&store, row->kind, key_of(row), &at), -1);
    free(dtb);
}

static void the_builder_writes_names_as_they_are_matched(void **state)
{
    struct sek_store store;
    size_t len, at;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);
    struct sek_bytes alias;
    int node;

    (void)state;
    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    node = sek_store_find(&store, SEK_INDEX_PEN, 32473, &at);
    alias = sek_store_bytes(&store, node, "alias"); /* two spellings of one name: once */
    assert_int_equal(alias.len, sizeof "ALPHA WORKS");
    assert_string_equal((const char *)alias.data, "ALPHA WORKS");
    assert_string_equal(sek_store_string(&store, node, "not-alias"), "ALPHA MUSEUM");
    assert_true(sek_store_list_has(&store, store.policy, "generic-name", "N A"));
    assert_true(sek_store_list_has(&store, store.policy, "generic-name", "NO NAME"));
    assert_false(sek_store_list_has(&store, store.policy, "generic-name", "NO"));
    free(dtb);
}

static void a_skeleton_may_have_two_owners(void **state)
{
    struct sek_store store;
    size_t len, at;
    uint8_t *dtb = store_source_payload("\"Betamax Optics\"", "\"A1pha W0rks\"", &len);
    char out[64];
    struct sek_bytes name = {(const uint8_t *)"ALPHA WORKS", 11}, skeleton = {(uint8_t *)out, 0};

    (void)state;
    skeleton.len = sek_name_skeleton(name, out, sizeof out);
    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    int first = sek_store_find(&store, SEK_INDEX_SKELETON, sek_fnv1a(skeleton), &at);
    int second = sek_store_next(&store, SEK_INDEX_SKELETON, sek_fnv1a(skeleton), &at);

    assert_true(first >= 0 && second > first);
    assert_int_equal(sek_store_next(&store, SEK_INDEX_SKELETON, sek_fnv1a(skeleton), &at), -1);
    free(dtb);
}

/* ---- What is broken ---- */

static void no_truncation_opens(void **state)
{
    struct sek_store store;
    size_t len;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *part = malloc(cut ? cut : 1); /* malloc aligns to 16 */

        assert_non_null(part);
        memcpy(part, dtb, cut);
        assert_int_not_equal(open_bytes(&store, part, cut), SEK_OK);
        free(part);
    }
    free(dtb);
}

static void every_bit_of_an_index_counts(void **state)
{
    struct sek_store store;
    size_t len, bits = 0;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);

    (void)state;
    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    const struct sek_store good = store;

    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        uint8_t *table = dtb + (good.index[kind].data - dtb);

        for (size_t bit = 0; bit < 8 * good.index[kind].len; bit++, bits++) {
            table[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(open_bytes(&store, dtb, len), SEK_ERR_MALFORMED);
            table[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    assert_true(bits > 1000);
    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    free(dtb);
}

/* Any bit may be flipped: no crash, and what opens still has an index that finds what is there. */
static void every_bit_flipped_is_survived(void **state)
{
    struct sek_store store;
    size_t len, opened = 0;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);

    (void)state;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        dtb[bit / 8] ^= (uint8_t)(1u << bit % 8);
        opened += open_bytes(&store, dtb, len) == SEK_OK;
        dtb[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(opened > 0); /* a letter of a label, say: that is the signature's affair */
    free(dtb);
}

/* Changes that keep the tree well formed. */
struct tamper {
    const char *name;
    void (*change)(uint8_t *dtb, const struct sek_store *good);
};

static uint8_t *table_of(uint8_t *dtb, const struct sek_store *good, enum sek_index kind)
{
    return dtb + (good->index[kind].data - (const uint8_t *)good->dtb);
}

static void swap_records(uint8_t *dtb, const struct sek_store *good)
{
    uint8_t *table = table_of(dtb, good, SEK_INDEX_PEN), first[RECORD];

    memcpy(first, table, RECORD);
    memcpy(table, table + RECORD, RECORD);
    memcpy(table + RECORD, first, RECORD);
}

static void double_record(uint8_t *dtb, const struct sek_store *good)
{
    uint8_t *table = table_of(dtb, good, SEK_INDEX_PEN);

    memcpy(table + RECORD, table, RECORD);
}

static void point_elsewhere(uint8_t *dtb, const struct sek_store *good)
{
    size_t at;
    int beta = sek_store_find(good, SEK_INDEX_USB, 0xfff1, &at);

    sek_put_u32be(table_of(dtb, good, SEK_INDEX_PEN) + 8, (uint32_t)beta);
}

static void drop_record(uint8_t *dtb, const struct sek_store *good)
{
    uint8_t *table = table_of(dtb, good, SEK_INDEX_PEN);

    /* One record less: the length becomes 12, three NOP tags take the place of the last. */
    sek_put_u32be(table - 8, RECORD);
    for (int i = 0; i < 3; i++)
        sek_put_u32be(table + RECORD + 4 * i, FDT_NOP);
}

/* The value itself goes: its property is cut to one number, a NOP tag takes the other's place. */
static void drop_value(uint8_t *dtb, const struct sek_store *good)
{
    size_t at;
    int alpha = sek_store_find(good, SEK_INDEX_PEN, 32474, &at);
    uint8_t *pen = dtb + (sek_store_bytes(good, alpha, "pen").data - dtb);

    sek_put_u32be(pen - 8, 4);
    sek_put_u32be(pen + 4, FDT_NOP);
}

/* The class list that may stay unverified gets the name of another property of its node. */
static void double_property(uint8_t *dtb, const struct sek_store *good)
{
    uint8_t *hold = dtb + (sek_store_bytes(good, good->policy, "unverified-hold").data - dtb);
    uint8_t *accept = dtb + (sek_store_bytes(good, good->policy, "unverified-accept").data - dtb);

    memcpy(accept - 4, hold - 4, 4);
}

static void block_too_long(uint8_t *dtb, const struct sek_store *good)
{
    (void)good;
    fdt_set_size_dt_struct(dtb, fdt_size_dt_struct(dtb) + 4);
}

static void hide_index(uint8_t *dtb, const struct sek_store *good)
{
    int node = fdt_subnode_offset(dtb, 0, "index");

    (void)good;
    memcpy(dtb + fdt_off_dt_struct(dtb) + (size_t)node + 4, "undex", 5);
}

static void wrong_key_id(uint8_t *dtb, const struct sek_store *good)
{
    int supplier = fdt_first_subnode(dtb, good->suppliers), key = fdt_first_subnode(dtb, supplier);
    const uint8_t *id = fdt_getprop(dtb, key, "key-id", NULL);

    dtb[id + SEK_KEY_ID_LEN - 1 - dtb] ^= 1; /* the index holds only the first eight bytes */
}

static void bytes_behind(uint8_t *dtb, const struct sek_store *good)
{
    (void)good;
    fdt_set_totalsize(dtb, fdt_totalsize(dtb) - 8);
}

static void old_version(uint8_t *dtb, const struct sek_store *good)
{
    (void)good;
    fdt_set_version(dtb, 16);
}

static void two_folders(uint8_t *dtb, const struct sek_store *good)
{
    memcpy(dtb + fdt_off_dt_struct(dtb) + (size_t)good->maps + 4, "rules\0\0", 8);
}

static const struct tamper tampers[] = {
    {"records out of order are refused", swap_records},
    {"a record that stands twice is refused", double_record},
    {"a record that points at another node is refused", point_elsewhere},
    {"a record that is left out is refused", drop_record},
    {"a record whose value is gone is refused", drop_value},
    {"a property that stands twice is refused", double_property},
    {"a structure block that is too long is refused", block_too_long},
    {"a payload without an index is refused", hide_index},
    {"a key id that is not its key's is refused", wrong_key_id},
    {"bytes behind the tree are refused", bytes_behind},
    {"a tree of version 16 is refused", old_version},
    {"a folder that stands twice is refused", two_folders},
};

static void it_is_refused(void **state)
{
    const struct tamper *row = *state;
    struct sek_store store;
    size_t len;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len);

    assert_int_equal(open_bytes(&store, dtb, len), SEK_OK);
    const struct sek_store good = store;

    row->change(dtb, &good);
    assert_int_equal(open_bytes(&store, dtb, len), SEK_ERR_MALFORMED);
    free(dtb);
}

static void a_payload_at_an_odd_place_is_refused(void **state)
{
    struct sek_store store;
    size_t len;
    uint8_t *dtb = store_source_payload(NULL, NULL, &len), *odd = malloc(len + 4);

    (void)state;
    assert_non_null(odd);
    memcpy(odd + 4, dtb, len);
    assert_int_equal(open_bytes(&store, odd + 4, len), SEK_ERR_MALFORMED);
    assert_int_equal(open_bytes(&store, NULL, 0), SEK_ERR_MALFORMED);
    free(odd);
    free(dtb);
}

static void put_text(void *tree, const char *name, const char *text)
{
    assert_int_equal(fdt_property(tree, name, text, (int)strlen(text) + 1), 0);
}

static void a_store_of_ten_thousand_entities_opens(void **state)
{
    enum { ENTITIES = 10000, ROOM = 4 * 1024 * 1024 };
    size_t len, at;
    uint8_t *tree = malloc(ROOM), *built;
    struct sek_store store;
    char name[32];

    (void)state;
    assert_non_null(tree);
    fdt_create(tree, ROOM);
    fdt_finish_reservemap(tree);
    fdt_begin_node(tree, "");
    put_text(tree, "compatible", "sekisho,store-1");
    fdt_property_u32(tree, "serial", 1);
    put_text(tree, "label", "l");
    put_text(tree, "authority", "a");
    put_text(tree, "issued", "2026-01-01");
    put_text(tree, "not-after", "2026-12-31");
    fdt_begin_node(tree, "entities");
    for (unsigned i = 0; i < ENTITIES; i++) {
        snprintf(name, sizeof name, "entity-%u", i);
        fdt_begin_node(tree, name);
        put_text(tree, "label", name);
        snprintf(name, sizeof name, "Maker number %u", i);
        put_text(tree, "alias", name);
        fdt_property_u32(tree, "pen", i + 1);
        fdt_end_node(tree);
    }
    fdt_end_node(tree);
    fdt_end_node(tree);
    assert_int_equal(fdt_finish(tree), 0);
    assert_int_equal(store_lint("f", tree, 0, stderr), 0);
    assert_true(store_build("test", tree, &built, &len));
    assert_int_equal(open_bytes(&store, built, len), SEK_OK);
    int node = sek_store_find(&store, SEK_INDEX_PEN, ENTITIES, &at);

    assert_string_equal(sek_store_node_name(&store, node), "entity-9999");
    free(built);
    free(tree);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(a_built_payload_tells_what_its_source_says),
        cmocka_unit_test(the_builder_writes_names_as_they_are_matched),
        cmocka_unit_test(a_skeleton_may_have_two_owners),
        cmocka_unit_test(no_truncation_opens),
        cmocka_unit_test(every_bit_of_an_index_counts),
        cmocka_unit_test(every_bit_flipped_is_survived),
        cmocka_unit_test(a_payload_at_an_odd_place_is_refused),
        cmocka_unit_test(a_store_of_ten_thousand_entities_opens),
    };
    static struct CMUnitTest tests[SEK_LEN(fixed) + SEK_LEN(lookups) + SEK_LEN(tampers)];
    size_t n = SEK_LEN(fixed);

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < SEK_LEN(lookups); i++)
        tests[n++] = (struct CMUnitTest){lookups[i].name, it_is_looked_up, NULL, NULL,
                                         (void *)(uintptr_t)&lookups[i]};
    for (size_t i = 0; i < SEK_LEN(tampers); i++)
        tests[n++] = (struct CMUnitTest){tampers[i].name, it_is_refused, NULL, NULL,
                                         (void *)(uintptr_t)&tampers[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
