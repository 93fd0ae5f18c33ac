/* The skeleton of a FIT: what is no clean tree is refused, with its place. */
#include "crypto/crypto.h"
#include "tests/unit/fit_writer.h"
#include "tests/unit/measure.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct measure m;

/* ---- Changes of the tree ---- */

static void huge_property(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:type")].told_len = 0xffffffff;
}

static void huge_payload(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:data")].told_len = 0xffffffff;
}

static void payload_longer_than_the_tree(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:data")].told_len = 0x10000;
}

static void payload_to_the_end(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/ramdisk-1:data")].told_len += 600;
}

static void end_tag_early(struct fit_writer *w)
{
    fit_at_before(w, "/configurations");
    fit_tag(w, FDT_END);
}

static void bytes_behind_the_end(struct fit_writer *w)
{
    fit_at_end(w);
    fit_tag(w, FDT_END);
    fit_tag(w, 0);
}

static void two_roots(struct fit_writer *w)
{
    fit_at_end(w);
    fit_copy(w, "/", "");
}

/* This tag and nothing behind it: so no FDT_END, either. */
static void tag_at_end(struct fit_writer *w, size_t tag)
{
    fit_at_end(w);
    fit_tag(w, (uint32_t)tag);
}

static void tag_in_images(struct fit_writer *w, size_t tag)
{
    fit_at_first(w, "/images");
    fit_tag(w, (uint32_t)tag);
}

static void tag_in_front(struct fit_writer *w, size_t tag)
{
    w->at = 0;
    fit_tag(w, (uint32_t)tag);
}

static void no_end_tag(struct fit_writer *w)
{
    fit_at_end(w);
    fit_raw(w, "", 0);
}

static void name_root(struct fit_writer *w, const char *name)
{
    fit_rename(w, "/", name);
}

static void named_root_in_front(struct fit_writer *w)
{
    w->at = 0;
    fit_begin(w, "fake");
    fit_end(w);
}

static void property_before_the_root(struct fit_writer *w)
{
    w->at = 0;
    fit_u32(w, "timestamp", 1);
}

static void property_behind_subnode(struct fit_writer *w)
{
    fit_at_last(w, "/images/kernel-1");
    fit_text(w, "os", "plan9");
}

static void unit_address(struct fit_writer *w)
{
    fit_at_before(w, "/images/kernel-1");
    fit_copy(w, "/images/kernel-1", "kernel-1@evil");
}

static void node_name(struct fit_writer *w, const char *name)
{
    fit_at_before(w, "/images/fdt-1");
    fit_begin(w, name);
    fit_end(w);
}

static void endless_name(struct fit_writer *w)
{
    fit_at_before(w, "/images/fdt-1");
    fit_raw(w, "\0\0\0\1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 64);
}

static void property_name(struct fit_writer *w, const char *name)
{
    fit_at_first(w, "/images/kernel-1");
    fit_text(w, name, "x");
}

static void name_outside(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:os")].name_at = (uint32_t)w->strings_len;
}

static void name_far_outside(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:os")].name_at = 0xffffffff;
}

/* The names that we add behind the strings cannot be referred to. */
static void name_of_ours(struct fit_writer *w)
{
    struct fit_token *token = &w->token[fit_find(w, "/images/kernel-1:load")];

    token->name_at = (uint32_t)w->strings_len;
}

static void second_name_of_ours(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:load")].name_at = (uint32_t)w->strings_len + 14;
}

static void strings_without_end(struct fit_writer *w)
{
    property_name(w, "last-of-all");
    w->strings_len--;
}

static void nest(struct fit_writer *w, size_t levels)
{
    fit_at_last(w, "/images/kernel-1/hash-1");
    for (size_t i = 0; i < levels; i++)
        fit_begin(w, "n");
    for (size_t i = 0; i < levels; i++)
        fit_end(w);
}

static void long_path(struct fit_writer *w, const char *last)
{
    fit_at_last(w, "/images/kernel-1/hash-1"); /* 23 characters */
    for (unsigned i = 0; i < 5; i++)           /* 32 each */
        fit_begin(w, "a234567890123456789012345678901");
    fit_begin(w, last);
    for (unsigned i = 0; i < 6; i++)
        fit_end(w);
}

static void add_nodes(struct fit_writer *w, size_t count)
{
    fit_at_last(w, "/");
    fit_begin(w, "more");
    for (size_t i = 0; i < count; i++) {
        char name[24];

        (void)snprintf(name, sizeof name, "n%zu", i);
        fit_begin(w, name);
        fit_end(w);
    }
    fit_end(w);
}

static void add_properties(struct fit_writer *w, size_t count)
{
    fit_at_first(w, "/images/kernel-1/hash-1");
    for (size_t i = 0; i < count; i++) {
        char name[24];

        (void)snprintf(name, sizeof name, "p%zu", i);
        fit_u32(w, name, 0);
    }
}

static void same_name_elsewhere(struct fit_writer *w)
{
    fit_at_last(w, "/images/kernel-1");
    fit_copy(w, "/images/fdt-1/hash-1", "kernel-1");
}

/* Two entries of the strings that spell the same name. */
static void duplicate_property_under_another_string(struct fit_writer *w)
{
    struct fit_token *token;

    property_name(w, "xs");
    token = &w->token[fit_find(w, "/images/kernel-1:xs")];
    w->strings[token->name_at] = 'o';
}

static void data_twice(struct fit_writer *w)
{
    fit_at_first(w, "/images/kernel-1");
    fit_prop(w, "data", "evil", 4);
}

static void before_data(struct fit_writer *w, const char *name)
{
    fit_at_first(w, "/images/kernel-1");
    fit_u32(w, name, 4);
}

static void behind_data(struct fit_writer *w, const char *name)
{
    w->at = fit_find(w, "/images/kernel-1:type");
    fit_u32(w, name, 4);
}

static void position_in_signature(struct fit_writer *w)
{
    fit_at_last(w, "/configurations/conf-1");
    fit_begin(w, "signature-1");
    fit_u32(w, "data-position", 4);
    fit_end(w);
}

/* "/node:property" */
static void payload_in(struct fit_writer *w, const char *path)
{
    fit_set_u32(w, path, 4);
}

static void copy_node(struct fit_writer *w, const char *path)
{
    w->at = fit_find(w, path);
    fit_copy(w, path, strrchr(path, '/') + 1);
}

/* Payloads behind the tree, kernel-1's at this offset; or at this position. */
static void external_at(struct fit_writer *w, size_t offset)
{
    fit_make_external(w, 4, 0);
    fit_set_u32(w, "/images/kernel-1:data-offset", (uint32_t)offset);
}

static void external_position(struct fit_writer *w, size_t position)
{
    fit_make_external(w, 4, 0x2000);
    fit_set_u32(w, "/images/kernel-1:data-position", (uint32_t)position);
}

static void external_size(struct fit_writer *w, size_t size)
{
    fit_make_external(w, 4, 0);
    fit_set_u32(w, "/images/ramdisk-1:data-size", (uint32_t)size);
}

static void external_empty(struct fit_writer *w, size_t position)
{
    external_position(w, position);
    fit_set_u32(w, "/images/kernel-1:data-size", 0);
}

static void no_external_size(struct fit_writer *w)
{
    fit_make_external(w, 4, 0);
    fit_remove(w, "/images/kernel-1:data-size");
}

static void short_external_size(struct fit_writer *w)
{
    fit_make_external(w, 4, 0);
    fit_set(w, "/images/kernel-1:data-size", "\1", 1);
}

static void offset_and_position(struct fit_writer *w)
{
    fit_make_external(w, 4, 0);
    fit_set_u32(w, "/images/kernel-1:data-position", 0x2000);
}

static void images_elsewhere(struct fit_writer *w)
{
    fit_at_last(w, "/configurations");
    fit_begin(w, "images");
    fit_begin(w, "kernel-1");
    fit_prop(w, "data", "evil", 4);
    fit_end(w);
    fit_end(w);
}

static void like_data(struct fit_writer *w)
{
    fit_at_first(w, "/configurations/conf-1");
    fit_u32(w, "data-size-unciphered", 4);
    fit_u32(w, "data-block-size", 4);
    fit_u32(w, "dat", 4);
}

static void nops_everywhere(struct fit_writer *w)
{
    for (size_t i = w->count; i > 1; i--) {
        w->at = i - 1;
        fit_tag(w, FDT_NOP);
    }
    fit_at_end(w);
}

static void no_images(struct fit_writer *w)
{
    fit_rename(w, "/images", "pictures");
    fit_set(w, "/pictures/kernel-1:data", "", 0);
    fit_remove(w, "/pictures/kernel-1:data");
    fit_remove(w, "/pictures/fdt-1:data");
    fit_remove(w, "/pictures/ramdisk-1:data");
}

static void empty_images(struct fit_writer *w)
{
    fit_remove(w, "/images/kernel-1");
    fit_remove(w, "/images/fdt-1");
    fit_remove(w, "/images/ramdisk-1");
}

static void nothing_at_all(struct fit_writer *w)
{
    fit_remove(w, "/");
    fit_tag(w, FDT_END);
    fit_tag(w, FDT_END);
}

static void default_is(struct fit_writer *w, const char *text)
{
    fit_set_text(w, "/configurations:default", text);
}

static void default_has_no_end(struct fit_writer *w)
{
    fit_set(w, "/configurations:default", "conf-1", 6);
}

static void default_is_two(struct fit_writer *w)
{
    fit_set(w, "/configurations:default", "conf-1\0conf-1", 14);
}

static void no_default(struct fit_writer *w)
{
    fit_remove(w, "/configurations:default");
}

static const struct tree_row {
    const char *name;
    enum sek_status status;
    const char *where; /* node or property at whose place the fault is; NULL: not asked */
    const char *why;
    /* What is changed: by one of these. */
    void (*change)(struct fit_writer *w);
    void (*with)(struct fit_writer *w, const char *text);
    const char *text;
    void (*times)(struct fit_writer *w, size_t number);
    size_t number;
} tree_rows[] = {
    {"the sample is taken", SEK_OK, NULL, NULL, .number = 0},
    {"a property of 2^32-1 bytes", SEK_ERR_MALFORMED, "/images/kernel-1:type",
     "longer than the tree", .change = huge_property},
    {"a payload of 2^32-1 bytes", SEK_ERR_MALFORMED, "/images/kernel-1:data",
     "longer than the tree", .change = huge_payload},
    {"a payload that goes on behind the tree", SEK_ERR_MALFORMED, "/images/kernel-1:data",
     "longer than the tree", .change = payload_longer_than_the_tree},
    {"a payload that swallows what follows", SEK_ERR_MALFORMED, NULL, NULL,
     .change = payload_to_the_end},
    {"FDT_END inside a node", SEK_ERR_MALFORMED, NULL, "ends inside a node",
     .change = end_tag_early},
    {"bytes behind FDT_END", SEK_ERR_MALFORMED, NULL, "behind the tree",
     .change = bytes_behind_the_end},
    {"no FDT_END", SEK_ERR_MALFORMED, NULL, "inside a tag", .change = no_end_tag},
    {"a tag that the block's end cuts", SEK_ERR_MALFORMED, NULL, "outside the root",
     .times = tag_at_end, .number = FDT_PROP},
    {"a tag that does not exist", SEK_ERR_MALFORMED, NULL, "no such tag", .times = tag_in_images,
     .number = 5},
    {"an END_NODE too many", SEK_ERR_MALFORMED, NULL, "outside the root", .times = tag_at_end,
     .number = FDT_END_NODE},
    {"two roots", SEK_ERR_MALFORMED, NULL, "second root", .change = two_roots},
    {"a root with a name", SEK_ERR_MALFORMED, "/", "root has a name", .with = name_root,
     .text = "fake"},
    {"a named root in front of the real one", SEK_ERR_MALFORMED, "/", "root has a name",
     .change = named_root_in_front},
    {"a NOP before the root", SEK_ERR_MALFORMED, NULL, "outside the root", .times = tag_in_front,
     .number = FDT_NOP},
    {"a property before the root", SEK_ERR_MALFORMED, NULL, "outside the root",
     .change = property_before_the_root},
    {"a NOP behind the root", SEK_ERR_MALFORMED, NULL, "outside the root", .times = tag_at_end,
     .number = FDT_NOP},
    {"a property behind a subnode", SEK_ERR_MALFORMED, NULL, "behind a subnode",
     .change = property_behind_subnode},
    {"a unit address", SEK_ERR_MALFORMED, NULL, "not clean", .change = unit_address},
    {"a node without a name", SEK_ERR_MALFORMED, NULL, "not clean", .with = node_name, .text = ""},
    {"a node named .", SEK_ERR_MALFORMED, NULL, "not clean", .with = node_name, .text = "."},
    {"a node named ..", SEK_ERR_MALFORMED, NULL, "not clean", .with = node_name, .text = ".."},
    {"a node with a slash in its name", SEK_ERR_MALFORMED, NULL, "not clean", .with = node_name,
     .text = "a/b"},
    {"a node with a control sequence in its name", SEK_ERR_MALFORMED, NULL, "not clean",
     .with = node_name, .text = "a\x1b[2J"},
    {"a node with letters outside ASCII", SEK_ERR_MALFORMED, NULL, "not clean", .with = node_name,
     .text = "k\xc3\xa4se"},
    {"a node's name of 32 characters", SEK_ERR_MALFORMED, NULL, "31 characters", .with = node_name,
     .text = "a2345678901234567890123456789012"},
    {"a node's name without end", SEK_ERR_MALFORMED, NULL, "31 characters", .change = endless_name},
    {"a property without a name", SEK_ERR_MALFORMED, NULL, "not clean", .with = property_name,
     .text = ""},
    {"a property's name of 32 characters", SEK_ERR_MALFORMED, NULL, "not clean",
     .with = property_name, .text = "a2345678901234567890123456789012"},
    {"a property's name with a line feed", SEK_ERR_MALFORMED, NULL, "not clean",
     .with = property_name, .text = "load\n"},
    {"a property's name behind the strings", SEK_ERR_MALFORMED, "/images/kernel-1:os",
     "outside the strings", .change = name_outside},
    {"a property's name at 2^32-1", SEK_ERR_MALFORMED, "/images/kernel-1:os", "outside the strings",
     .change = name_far_outside},
    {"a property's name that only we have", SEK_ERR_MALFORMED, "/images/kernel-1:load",
     "outside the strings", .change = name_of_ours},
    {"another name that only we have", SEK_ERR_MALFORMED, "/images/kernel-1:load",
     "outside the strings", .change = second_name_of_ours},
    {"strings without an end", SEK_ERR_MALFORMED, "/images/kernel-1:last-of-all",
     "outside the strings", .change = strings_without_end},
    {"32 levels", SEK_OK, NULL, NULL, .times = nest, .number = 28},
    {"33 levels", SEK_ERR_MALFORMED, NULL, "too deep", .times = nest, .number = 29},
    {"10,000 levels", SEK_ERR_MALFORMED, NULL, "too deep", .times = nest, .number = 10000},
    {"a path of 200 characters", SEK_OK, NULL, NULL, .with = long_path, .text = "b234567890123456"},
    {"a path of 201 characters", SEK_ERR_MALFORMED, NULL, "200 characters", .with = long_path,
     .text = "b2345678901234567"},
    {"1024 nodes", SEK_OK, NULL, NULL, .times = add_nodes, .number = 1024 - 11},
    {"1025 nodes", SEK_ERR_NO_SPACE, NULL, "more nodes", .times = add_nodes, .number = 1024 - 10},
    {"64 properties of one node", SEK_OK, NULL, NULL, .times = add_properties, .number = 62},
    {"65 properties of one node", SEK_ERR_MALFORMED, NULL, "too many", .times = add_properties,
     .number = 63},
    {"two nodes of one name", SEK_ERR_MALFORMED, NULL, "two nodes", .with = copy_node,
     .text = "/images/kernel-1"},
    {"two /images", SEK_ERR_MALFORMED, NULL, "two nodes", .with = copy_node, .text = "/images"},
    {"one name at two levels is no duplicate", SEK_OK, NULL, NULL, .change = same_name_elsewhere},
    {"two properties of one name", SEK_ERR_MALFORMED, NULL, "two properties", .with = property_name,
     .text = "os"},
    {"two of one name under two strings", SEK_ERR_MALFORMED, NULL, "two properties",
     .change = duplicate_property_under_another_string},
    {"data twice", SEK_ERR_MALFORMED, NULL, "two properties", .change = data_twice},
    {"data, then data-position", SEK_ERR_MALFORMED, NULL, "two places", .with = behind_data,
     .text = "data-position"},
    {"data-position, then data", SEK_ERR_MALFORMED, NULL, "two places", .with = before_data,
     .text = "data-position"},
    {"data, then data-size", SEK_ERR_MALFORMED, NULL, "two places", .with = behind_data,
     .text = "data-size"},
    {"data-size, then data", SEK_ERR_MALFORMED, NULL, "two places", .with = before_data,
     .text = "data-size"},
    {"data, then data-offset", SEK_ERR_MALFORMED, "/images/kernel-1", "two ways",
     .with = behind_data, .text = "data-offset"},
    {"payloads behind the tree", SEK_OK, NULL, NULL, .times = external_at, .number = 0},
    {"an offset that makes two overlap", SEK_ERR_MALFORMED, "/images/fdt-1", "overlap",
     .times = external_at, .number = 1},
    {"an offset behind the medium", SEK_ERR_TRUNCATED, NULL, "outside the medium",
     .times = external_at, .number = 600000},
    {"a negative offset", SEK_ERR_MALFORMED, "/images/kernel-1", "2 GiB", .times = external_at,
     .number = 0xfffffff0},
    {"an offset of 2^31", SEK_ERR_MALFORMED, "/images/kernel-1", "2 GiB", .times = external_at,
     .number = 0x80000000},
    {"an offset of 2^31-1", SEK_ERR_TRUNCATED, NULL, "outside the medium", .times = external_at,
     .number = 0x7fffffff},
    {"payloads at a position", SEK_OK, NULL, NULL, .times = external_position, .number = 0x2000},
    {"a position in the tree", SEK_ERR_MALFORMED, "/images/kernel-1", "inside the tree",
     .times = external_position, .number = 100},
    {"a position of 0", SEK_ERR_MALFORMED, "/images/kernel-1", "inside the tree",
     .times = external_position, .number = 0},
    {"a payload of nothing in the tree", SEK_ERR_MALFORMED, "/images/kernel-1", "inside the tree",
     .times = external_empty, .number = 100},
    {"a payload of nothing at the end of another", SEK_OK, NULL, NULL, .times = external_empty,
     .number = 0x2000 + 1200},
    {"a negative position", SEK_ERR_MALFORMED, "/images/kernel-1", "2 GiB",
     .times = external_position, .number = 0xfffffff0},
    {"a payload that goes on behind the medium", SEK_ERR_TRUNCATED, NULL, "outside the medium",
     .times = external_size, .number = 421},
    {"the last payload one byte shorter", SEK_OK, NULL, NULL, .times = external_size,
     .number = 419},
    {"a payload of 2^32-1 bytes behind the tree", SEK_ERR_MALFORMED, "/images/ramdisk-1", "2 GiB",
     .times = external_size, .number = 0xffffffff},
    {"a payload without its size", SEK_ERR_MALFORMED, "/images/kernel-1", "no payload",
     .change = no_external_size},
    {"a size of one byte", SEK_ERR_MALFORMED, "/images/kernel-1", "no payload",
     .change = short_external_size},
    {"an offset and a position", SEK_ERR_MALFORMED, "/images/kernel-1", "two ways",
     .change = offset_and_position},
    {"data in a configuration", SEK_ERR_MALFORMED, "/configurations/conf-1:data",
     "outside an image", .with = payload_in, .text = "/configurations/conf-1:data"},
    {"data in a hash", SEK_ERR_MALFORMED, "/images/kernel-1/hash-1:data", "outside an image",
     .with = payload_in, .text = "/images/kernel-1/hash-1:data"},
    {"data in the root", SEK_ERR_MALFORMED, "/:data", "outside an image", .with = payload_in,
     .text = "/:data"},
    {"data-size in /configurations", SEK_ERR_MALFORMED, NULL, "outside an image",
     .with = payload_in, .text = "/configurations:data-size"},
    {"data-position in a signature", SEK_ERR_MALFORMED, NULL, "outside an image",
     .change = position_in_signature},
    {"data below another images", SEK_ERR_MALFORMED, NULL, "outside an image",
     .change = images_elsewhere},
    {"properties that only look like data", SEK_OK, NULL, NULL, .change = like_data},
    {"NOPs between all tags", SEK_OK, NULL, NULL, .change = nops_everywhere},
    {"no /images", SEK_ERR_MALFORMED, "/", "without /images", .change = no_images},
    {"no image in /images", SEK_ERR_MALFORMED, "/images", "no image", .change = empty_images},
    {"no node at all", SEK_ERR_MALFORMED, NULL, NULL, .change = nothing_at_all},
    {"a default that does not exist", SEK_ERR_MALFORMED, "/configurations", "default",
     .with = default_is, .text = "conf-2"},
    {"a default without an end", SEK_ERR_MALFORMED, "/configurations", "default",
     .change = default_has_no_end},
    {"a default of two words", SEK_ERR_MALFORMED, "/configurations", "default",
     .change = default_is_two},
    {"a default of nothing", SEK_ERR_MALFORMED, "/configurations", "default", .with = default_is,
     .text = ""},
    {"no default", SEK_OK, NULL, NULL, .change = no_default},
};

static void check_tree(void **state)
{
    const struct tree_row *row = *state;
    const struct sek_fault *fault = &m.image.claims.fault;
    struct fit_writer w;
    struct fit_file file;

    fit_sample(&w, "sha256");
    if (row->change)
        row->change(&w);
    if (row->with)
        row->with(&w, row->text);
    if (row->times)
        row->times(&w, row->number);
    file = fit_write(&w);
    measure_fit(&m, file.data, file.len, row->status);
    if (row->why && !strstr(fault->why, row->why))
        fail_msg("\"%s\", not \"%s\"", fault->why, row->why);
    if (row->where)
        assert_int_equal(fault->offset, fit_place(&w, fit_find(&w, row->where)));
    if (row->status != SEK_OK)
        assert_true(fault->offset <= file.len);
    fit_free(&w);
    free(file.data);
}

static int set_up(void **state)
{
    (void)state;
    measure_init(&m);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    measure_free(&m);
    return 0;
}

int main(void)
{
    static struct CMUnitTest tests[SEK_LEN(tree_rows)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(tree_rows); i++)
        tests[i] = (struct CMUnitTest){tree_rows[i].name, check_tree, NULL, NULL,
                                       (void *)(uintptr_t)&tree_rows[i]};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
