/* The tags and names of a FIT: what is no clean tree is refused, with its place. */
#include "crypto/crypto.h"
#include "tests/unit/fit_faults.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void huge_property(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:type")].told_len = 0xffffffff;
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

static void copy_node(struct fit_writer *w, const char *path)
{
    w->at = fit_find(w, path);
    fit_copy(w, path, strrchr(path, '/') + 1);
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

static const struct fit_fault_row rows[] = {
    {"the sample is taken", SEK_OK, NULL, NULL, .number = 0},
    {"a property of 2^32-1 bytes", SEK_ERR_MALFORMED, "/images/kernel-1:type",
     "longer than the tree", .change = huge_property},
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

int main(void)
{
    static struct CMUnitTest tests[SEK_LEN(rows)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[i] = (struct CMUnitTest){rows[i].name, fit_check_fault, NULL, NULL,
                                       (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests(tests, fit_faults_set_up, fit_faults_tear_down);
}
