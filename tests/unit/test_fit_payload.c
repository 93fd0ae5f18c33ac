/* The payloads of a FIT: each in one place, inside the medium, none in another. */
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

/* Images whose payloads are longer than what is read at once. */
static void add_payloads(struct fit_writer *w, size_t count)
{
    static const uint8_t payload[2000];

    for (size_t i = 0; i < count; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "more%zu", i);
        fit_at_last(w, "/images");
        fit_image(w, name, "flat_dt", payload, sizeof payload, "sha256");
    }
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

static const struct fit_fault_row rows[] = {
    {"a payload of 2^32-1 bytes", SEK_ERR_MALFORMED, "/images/kernel-1:data",
     "longer than the tree", .change = huge_payload},
    {"a payload that goes on behind the tree", SEK_ERR_MALFORMED, "/images/kernel-1:data",
     "longer than the tree", .change = payload_longer_than_the_tree},
    {"a payload that swallows what follows", SEK_ERR_MALFORMED, NULL, NULL,
     .change = payload_to_the_end},
    {"100 payloads inside the tree", SEK_OK, NULL, NULL, .times = add_payloads, .number = 100},
    {"140 payloads inside the tree", SEK_ERR_NO_SPACE, NULL, "than we keep apart",
     .times = add_payloads, .number = 140},
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
