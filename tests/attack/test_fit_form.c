/* Trees that two readers could see differently, and sizes that lead outside: F03, F04, F06 to F10,
 * F23, F25, F26, F29 to F31. */
#include "base/bytes.h"
#include "base/crc.h"
#include "tests/attack/fit_lab.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UIMAGE_HEADER = 64, SQUASHFS_LEN = 4096 };

/* ---- Two trees in one ---- */

static void f03(struct attack_result *result)
{
    static const char *const names[] = {"", "fake"};

    for (size_t i = 0; i < SEK_LEN(names); i++) {
        struct fit_writer w;

        lab_sample(&w);
        w.at = 0;
        fit_copy(&w, "/", names[i]);
        lab_forge_hashed(&w, LAB_KERNEL); /* in the first root */
        lab_try(result, i ? "with a name" : "without a name", &w, "", "unverified FMT-001",
                LAB_TAKEN);
    }
}

static void f04(struct attack_result *result)
{
    static const char *const names[] = {"kernel-1@evil", "kernel-1@", "@kernel-1"};

    for (size_t i = 0; i < SEK_LEN(names); i++) {
        struct fit_writer w;

        lab_sample(&w);
        fit_at_before(&w, LAB_KERNEL);
        fit_copy(&w, LAB_KERNEL, names[i]);
        lab_try(result, names[i], &w, "", "unverified FMT-001", LAB_TAKEN);
    }
}

static void f26(struct attack_result *result)
{
    struct fit_writer w;

    lab_sample(&w);
    fit_at_first(&w, LAB_KERNEL);
    fit_u32(&w, "entry", 0xdeadbeef);
    lab_try(result, "a property twice", &w, "", "unverified FMT-001", LAB_TAKEN);
    lab_sample(&w);
    fit_at_before(&w, LAB_KERNEL);
    fit_copy(&w, LAB_KERNEL, "kernel-1");
    lab_forge_hashed(&w, LAB_KERNEL);
    lab_try(result, "an image twice", &w, "", "unverified FMT-001", LAB_TAKEN);
    lab_sample(&w);
    fit_at_last(&w, "/");
    fit_copy(&w, "/configurations", "configurations");
    lab_try(result, "a folder twice", &w, "", "unverified FMT-001", LAB_TAKEN);
    lab_sample(&w);
    fit_at_first(&w, LAB_KERNEL);
    fit_tag(&w, FDT_NOP);
    lab_try(result, "a NOP that is signed", &w, "/kernel-1", "tampered SIG-004", LAB_APPROVED);
    lab_sample(&w);
    fit_at_first(&w, "/images");
    fit_tag(&w, FDT_NOP);
    lab_try(result, "a NOP that nothing covers", &w, "/kernel-1", "approved SIG-001", LAB_FORGED);
}

static void f23(struct attack_result *result)
{
    static const char *const names[] = {"conf-9", "", "conf-1/signature-1", "../images"};

    for (size_t i = 0; i < SEK_LEN(names); i++) {
        struct fit_writer w;

        lab_sample(&w);
        fit_set_text(&w, "/configurations:default", names[i]);
        lab_try(result, names[i], &w, "", "unverified FMT-001", LAB_TAKEN);
    }
}

static void f25(struct attack_result *result)
{
    static const char *const places[] = {LAB_CONF ":data", LAB_KERNEL "/hash-1:data-size",
                                         LAB_SIGNATURE ":data-position", "/:data-offset",
                                         "/images:data"};
    struct fit_writer w;

    for (size_t i = 0; i < SEK_LEN(places); i++) {
        lab_sample(&w);
        fit_set_u32(&w, places[i], 4);
        lab_try(result, places[i], &w, "", "unverified FMT-001", LAB_TAKEN);
    }
    lab_sample(&w);
    fit_set_u32(&w, LAB_KERNEL ":data-position", 0x40);
    fit_set_u32(&w, LAB_KERNEL ":data-size", 16);
    lab_try(result, "data and data-position", &w, "", "unverified FMT-001", LAB_TAKEN);
    lab_sample(&w);
    fit_make_external(&w, 8, 0);
    fit_set_u32(&w, LAB_KERNEL ":data-position", 0x1000);
    lab_try(result, "data-offset and data-position", &w, "", "unverified FMT-001", LAB_TAKEN);
}

/* ---- Sizes and offsets that lie ---- */

/* The sample with one word of its header changed; totalsize stands for the true one. */
static void try_header(struct attack_result *result, const char *name, enum fit_header_word word,
                       uint32_t value, const char *expected)
{
    struct fit_writer w;
    struct fit_file file;

    lab_sample(&w);
    file = fit_write(&w);
    sek_put_u32be(file.data + word, value);
    lab_try_bytes(result, name, file.data, file.len, "", expected, LAB_TAKEN);
    free(file.data);
    fit_free(&w);
}

static uint32_t sample_word(enum fit_header_word word)
{
    struct fit_writer w;
    struct fit_file file;
    uint32_t value;

    lab_sample(&w);
    file = fit_write(&w);
    value = sek_get_u32be(file.data + word);
    free(file.data);
    fit_free(&w);
    return value;
}

static void f06(struct attack_result *result)
{
    static const enum fit_header_word words[] = {FIT_HEADER_TOTALSIZE,    FIT_HEADER_STRUCT,
                                                 FIT_HEADER_STRINGS,      FIT_HEADER_RESERVE,
                                                 FIT_HEADER_STRINGS_SIZE, FIT_HEADER_STRUCT_SIZE};
    uint32_t total = sample_word(FIT_HEADER_TOTALSIZE);
    uint32_t strings = sample_word(FIT_HEADER_STRINGS);

    for (size_t i = 0; i < SEK_LEN(words); i++) {
        const uint32_t values[] = {total + 1, 0x7fffffff, 0x80000000, 0xffffffff};
        char name[32];

        for (size_t k = 0; k < SEK_LEN(values); k++) {
            (void)snprintf(name, sizeof name, "word %d is %x", (int)words[i], values[k]);
            try_header(result, name, words[i], values[k], "unverified FMT-001");
        }
    }
    try_header(result, "totalsize inside the strings", FIT_HEADER_TOTALSIZE, strings + 8,
               "unverified FMT-001");
}

static void f07(struct attack_result *result)
{
    static const struct {
        const char *name;
        uint8_t value[12];
        size_t len;
    } rows[] = {
        {"huge", {0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff}, 8},
        {"negative", {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 8},
        {"none", {0}, 8},
        {"4 bytes", {0, 0, 0, 0x40}, 4},
        {"12 bytes", {0, 0, 0, 0, 0, 0, 0, 0x40}, 12},
        {"an offset", {0, 0, 0, 8, 0, 0, 0, 0x40}, 8},
        {"inside a name", {0, 0, 0, 0, 0, 0, 0, 0x0d}, 8},
    };
    struct fit_writer w;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        lab_sample(&w);
        fit_set(&w, LAB_SIGNATURE ":hashed-strings", rows[i].value, rows[i].len);
        lab_try(result, rows[i].name, &w, "/conf-1", "unverified FMT-001", LAB_APPROVED);
    }
    lab_sample(&w);
    fit_remove(&w, LAB_SIGNATURE ":hashed-strings");
    lab_try(result, "absent", &w, "/conf-1", "unverified FMT-001", LAB_APPROVED);
}

static void f08(struct attack_result *result)
{
    static const uint32_t versions[] = {0, 1, 2, 3, 15, 16, 18, 0xffffffff};
    static const char *const names[] = {
        "",         "a b",
        "kernel/1", "kernel\x1b[1m",
        "\xff",     "a-name-that-is-longer-than-thirty-one-characters",
        ".."};

    for (size_t i = 0; i < SEK_LEN(versions); i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "version %x", versions[i]);
        try_header(result, name, FIT_HEADER_VERSION, versions[i], "unverified FMT-002");
    }
    for (size_t i = 0; i < SEK_LEN(names); i++) {
        struct fit_writer w;

        lab_sample(&w);
        fit_rename(&w, LAB_KERNEL, names[i]);
        lab_try(result, names[i], &w, "", "unverified FMT-001", LAB_TAKEN);
    }
}

static void f09(struct attack_result *result)
{
    static const size_t depths[] = {31, 32, 40, 1000, 10000};

    for (size_t i = 0; i < SEK_LEN(depths); i++) {
        size_t depth = depths[i];
        uint8_t *begin = calloc(depth, 8), *end = calloc(depth, 4);
        struct fit_writer w;
        char name[32];

        for (size_t k = 0; begin && end && k < depth; k++) {
            sek_put_u32be(begin + 8 * k, FDT_BEGIN_NODE);
            begin[8 * k + 4] = 'n';
            sek_put_u32be(end + 4 * k, FDT_END_NODE);
        }
        (void)snprintf(name, sizeof name, "%zu levels", depth);
        lab_sample(&w);
        fit_at_last(&w, LAB_KERNEL);
        fit_raw(&w, begin, 8 * depth);
        fit_raw(&w, end, 4 * depth);
        lab_try(result, name, &w, "", "unverified FMT-001", LAB_TAKEN);
        free(begin);
        free(end);
    }
}

static void f10(struct attack_result *result)
{
    static const struct {
        const char *name, *property;
        uint32_t position, value;
    } rows[] = {
        {"a negative offset", LAB_KERNEL ":data-offset", 0, 0xfffffff0},
        {"a huge offset", LAB_KERNEL ":data-offset", 0, 0x7ffffff0},
        {"a negative size", LAB_KERNEL ":data-size", 0, 0xffffffff},
        {"a huge size", LAB_KERNEL ":data-size", 0, 0x7fffffff},
        {"a size over the end", LAB_KERNEL ":data-size", 0, 4096},
        {"the offset of another", "/images/fdt-1:data-offset", 0, 0},
        {"a position inside the tree", "/images/ramdisk-1:data-position", 0x2000, 0x40},
        {"a position in the header", "/images/ramdisk-1:data-position", 0x2000, 0},
        {"a position over the end", LAB_KERNEL ":data-position", 0x2000, 0x7ffffff0},
    };
    struct fit_writer w;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        lab_sample(&w);
        fit_make_external(&w, 8, rows[i].position);
        fit_set_u32(&w, rows[i].property, rows[i].value);
        lab_try(result, rows[i].name, &w, "", "unverified FMT-001", LAB_TAKEN);
    }
    lab_sample(&w);
    fit_make_external(&w, 8, 0);
    fit_set(&w, LAB_KERNEL ":data-size", "\0\0\4", 3);
    lab_try(result, "a size of 3 bytes", &w, "", "unverified FMT-001", LAB_TAKEN);
}

static void f31(struct attack_result *result)
{
    struct fit_writer w;

    try_header(result, "a tree of 2 GiB", FIT_HEADER_TOTALSIZE, 0x7ffffff8, "unverified FMT-001");
    lab_sample(&w);
    w.token[fit_find(&w, LAB_KERNEL ":data")].told_len = 0x7ffffffc;
    lab_try(result, "a property of 2 GiB", &w, "", "unverified FMT-001", LAB_TAKEN);
    lab_sample(&w);
    w.token[fit_find(&w, LAB_KERNEL ":type")].told_len = 0xffffffff;
    lab_try(result, "a property of -1 bytes", &w, "", "unverified FMT-001", LAB_TAKEN);
    lab_sample(&w);
    fit_make_external(&w, 8, 0);
    fit_set_u32(&w, "/images/ramdisk-1:data-size", 0x7fffffff);
    lab_try(result, "a payload of 2 GiB", &w, "", "unverified FMT-001", LAB_TAKEN);
}

/* ---- Other things in the FIT's place ---- */

static size_t make_uimage(uint8_t *out, const void *payload, size_t len)
{
    memset(out, 0, UIMAGE_HEADER);
    sek_put_u32be(out, 0x27051956);
    sek_put_u32be(out + 12, (uint32_t)len);
    sek_put_u32be(out + 24, sek_crc32(0, payload, len));
    memcpy(out + 28, "\x05\x02\x02\x00", 4); /* Linux, ARM, kernel, not compressed */
    memcpy(out + 32, "evil", 5);
    sek_put_u32be(out + 4, sek_crc32(0, out, UIMAGE_HEADER));
    memcpy(out + UIMAGE_HEADER, payload, len);
    return UIMAGE_HEADER + len;
}

static void f29(struct attack_result *result)
{
    uint8_t image[UIMAGE_HEADER + 256], payload[256];
    struct fit_writer w;
    size_t len;

    memset(payload, 0xee, sizeof payload);
    len = make_uimage(image, payload, sizeof payload);
    lab_try_bytes(result, "a uImage", image, len, "/image", "unverified FMT-004", LAB_ACCEPT);
    lab_sample(&w);
    fit_rename(&w, "/images", "imagos");
    lab_try(result, "a device tree", &w, "", "unverified FMT-001", LAB_ACCEPT);
}

/* A file system is bytes to us: hostile metadata is never parsed, and changes the digest. */
static void f30(struct attack_result *result)
{
    static const struct {
        const char *name;
        size_t at, len;
    } rows[] = {
        {"inode count", 4, 4},         {"block size", 12, 4}, {"block log", 22, 2},
        {"root inode", 32, 8},         {"bytes used", 40, 8}, {"id table", 48, 8},
        {"inode table", 64, 8},        {"directory", 72, 8},  {"fragments", 80, 8},
        {"a symbolic link", 1024, 16},
    };
    uint8_t image[SQUASHFS_LEN] = {'h', 's', 'q', 's'};

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        memset(image + rows[i].at, 0xff, rows[i].len);
        lab_try_bytes(result, rows[i].name, image, sizeof image, "", "unverified FMT-003",
                      LAB_ACCEPT);
        if (lab_judge.measure.image.pass.bytes_read != sizeof image)
            attack_case(result, rows[i].name, "bytes read twice", "each byte once", true);
        memset(image + rows[i].at, 0, rows[i].len);
    }
}

static const struct attack attacks[] = {
    {"F03", "a second root in front of the real one (CVE-2021-27097)", "unverified FMT-001",
     lab_sample_is_good, f03},
    {"F04", "a node with a unit address in front (CVE-2021-27138)", "unverified FMT-001",
     lab_sample_is_good, f04},
    {"F06", "offsets and sizes of the header lead outside (CVE-2018-1000205)", "unverified FMT-001",
     lab_sample_is_good, f06},
    {"F07", "hashed-strings is huge, short or absent", "unverified FMT-001", lab_sample_is_good,
     f07},
    {"F08", "old versions of the tree, bad names of nodes", "unverified FMT-001, -002",
     lab_sample_is_good, f08},
    {"F09", "nodes in nodes, 10,000 deep", "unverified FMT-001", lab_sample_is_good, f09},
    {"F10", "external payloads outside, inside the tree, over each other", "unverified FMT-001",
     lab_sample_is_good, f10},
    {"F23", "a default configuration that does not exist", "unverified FMT-001", lab_sample_is_good,
     f23},
    {"F25", "payload properties where none belong", "unverified FMT-001", lab_sample_is_good, f25},
    {"F26", "names twice, and NOPs", "unverified FMT-001, tampered SIG-004", lab_sample_is_good,
     f26},
    {"F29", "a uImage or a bare device tree in the FIT's place (CVE-2018-3968)",
     "unverified FMT-001, -004", lab_sample_is_good, f29},
    {"F30", "a file system with hostile metadata", "unverified FMT-003", lab_sample_is_good, f30},
    {"F31", "hostile sizes come first (CVE-2018-18439)", "unverified FMT-001", lab_sample_is_good,
     f31},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), lab_start, lab_stop);
}
