#define _POSIX_C_SOURCE 200809L
/* U19: inputs that are made to cost. What is spent on one is held against its length: at most 64
 * times what a checksum over its bytes takes, and a constant. Time of this thread alone is
 * measured, the least of three runs. */
#include "base/bytes.h"
#include "base/crc.h"
#include "tests/attack/fit_lab.h"
#include "tests/unit/policy.h"

#include <libfdt.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FACTOR = 64,
    CONSTANT_US = 60000, /* under sanitizers: a verification of ECDSA takes 8 ms */
    RUNS = 3,
    WORDS = 20000,
    RECORD = 2048 + 4,
    ITEMS = 1024,
};

static struct policy policy;

static uint64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What a checksum over so many bytes takes, in nanoseconds a KiB: measured once. */
static uint64_t yardstick(void)
{
    static uint64_t ns_per_kib;
    static uint8_t bytes[256 * 1024];
    volatile uint32_t sum;

    for (unsigned run = 0; run < RUNS && ns_per_kib == 0; run++) {
        uint64_t start = now_us();

        for (unsigned i = 0; i < 16; i++)
            sum = sek_crc32(run + i, bytes, sizeof bytes);
        ns_per_kib = (now_us() - start) * 1000 / (16 * 256);
    }
    (void)sum;
    return ns_per_kib;
}

struct work {
    const uint8_t *data;
    size_t len;
};

static void try_cost(struct attack_result *result, const char *name,
                     void (*run)(const struct work *), const struct work *work)
{
    uint64_t least = UINT64_MAX;
    uint64_t limit = CONSTANT_US + FACTOR * yardstick() * work->len / 1024 / 1000;
    char what[96];

    for (unsigned i = 0; i < RUNS && least > limit; i++) {
        uint64_t start = now_us(), spent;

        run(work);
        spent = now_us() - start;
        if (spent < least)
            least = spent;
    }
    (void)snprintf(what, sizeof what, "%s, %zu bytes: %llu ms of %llu", name, work->len,
                   (unsigned long long)least / 1000, (unsigned long long)limit / 1000);
    attack_case(result, what, least > limit ? "too long" : "in time", "in time", least > limit);
}

/* ---- FITs ---- */

static void judge_fit(const struct work *work)
{
    judge_bytes(&lab_judge, work->data, work->len);
}

static void try_fit(struct attack_result *result, const char *name, struct fit_writer *w)
{
    struct fit_file file = fit_write(w);
    const struct work work = {file.data, file.len};

    try_cost(result, name, judge_fit, &work);
    free(file.data);
    fit_free(w);
}

/* Raw tags of many nodes: the writer, too, would take long. form: of a node's name. */
static void many_nodes(struct fit_writer *w, const char *parent, const char *form, size_t count,
                       const uint8_t *inside, size_t inside_len)
{
    size_t each = 24 + inside_len, len = 0;
    uint8_t *tags = calloc(count, each);

    assert(tags);
    for (size_t i = 0; i < count; i++) {
        int n;

        sek_put_u32be(tags + len, FDT_BEGIN_NODE);
        n = snprintf((char *)tags + len + 4, 16, form, i);
        len += 4 + ((size_t)n + 4) / 4 * 4;
        if (inside_len > 0)
            memcpy(tags + len, inside, inside_len);
        len += inside_len;
        sek_put_u32be(tags + len, FDT_END_NODE);
        len += 4;
    }
    fit_at_last(w, parent);
    fit_raw(w, tags, len);
    fit_at_end(w);
    free(tags);
}

/* An image's payload of one byte, as a property. */
static size_t small_payload(struct fit_writer *w, uint8_t out[16])
{
    memset(out, 0, 16);
    sek_put_u32be(out, FDT_PROP);
    sek_put_u32be(out + 4, 1);
    sek_put_u32be(out + 8, fit_intern(w, "data"));
    out[12] = 'x';
    return 16;
}

static void many_images(struct attack_result *result)
{
    static const size_t counts[] = {200, 900, 15000};

    for (size_t i = 0; i < SEK_LEN(counts); i++) {
        struct fit_writer w;
        uint8_t inside[16];
        char name[32];
        size_t len;

        lab_sample(&w);
        len = small_payload(&w, inside);
        many_nodes(&w, "/images", "i%zu", counts[i], inside, len);
        (void)snprintf(name, sizeof name, "%zu images", counts[i]);
        try_fit(result, name, &w);
        lab_sample(&w);
        many_nodes(&w, "/", "n%zu", counts[i], NULL, 0);
        (void)snprintf(name, sizeof name, "%zu nodes", counts[i]);
        try_fit(result, name, &w);
        lab_sample(&w);
        many_nodes(&w, "/configurations", "c%zu", counts[i], NULL, 0);
        (void)snprintf(name, sizeof name, "%zu configurations", counts[i]);
        try_fit(result, name, &w);
    }
}

static void many_words(struct attack_result *result)
{
    static const char *const places[] = {LAB_CONF ":loadables", LAB_CONF ":compatible",
                                         LAB_SIGNATURE ":hashed-nodes",
                                         LAB_SIGNATURE ":sign-images"};
    char *words = malloc(WORDS * 9);

    assert(words);
    for (size_t i = 0; i < WORDS; i++)
        memcpy(words + i * 9, "kernel-1", 9);
    for (size_t i = 0; i < SEK_LEN(places); i++) {
        struct fit_writer w;

        lab_sample(&w);
        fit_set(&w, places[i], words, WORDS * 9);
        try_fit(result, places[i], &w);
    }
    free(words);
}

static void many_signatures(struct attack_result *result)
{
    struct fit_writer w;

    lab_sample(&w);
    for (unsigned i = 2; i < 120; i++) {
        char name[24];

        (void)snprintf(name, sizeof name, "signature-%u", i);
        fit_at_last(&w, LAB_CONF);
        fit_copy(&w, LAB_SIGNATURE, name);
        (void)snprintf(name, sizeof name, "x%u", i);
    }
    for (unsigned i = 2; i < 120; i++) {
        char path[FIT_PATH_MAX];

        (void)snprintf(path, sizeof path, LAB_CONF "/signature-%u:algo", i);
        fit_set_text(&w, path, "sha512,rsa3072"); /* no key is of this kind */
    }
    try_fit(result, "120 signatures", &w);
}

static void many_properties(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    for (unsigned i = 0; i < 2000; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "p%u", i);
        fit_at_first(&w, LAB_KERNEL);
        fit_text(&w, name, "v");
    }
    fit_at_end(&w);
    try_fit(result, "2,000 properties", &w);
}

/* ---- Records ---- */

struct sink {
    struct sek_row_sink base;
};

static void drop(struct sek_row_sink *base, const struct sek_row *row)
{
    (void)base;
    (void)row;
}

static void judge_record(const struct work *work)
{
    static struct sek_observation item[ITEMS];
    static uint8_t text[3 * RECORD];
    const struct sek_appraiser appraiser = {&policy.store, {.today = policy_day("2026-11-23")}};
    const struct sek_component component = {.name = "part", .location = ""};
    struct sek_part_claims claims = {
        .item = item, .cap = ITEMS, .text = text, .text_cap = sizeof text};
    struct sink sink = {{drop}};

    if (sek_part_read((struct sek_bytes){work->data, work->len}, NULL, &claims) == SEK_OK)
        sek_appraise_part(&appraiser, &component, &claims, work->len, &sink.base);
}

/* A TlvInfo record full of vendors of len bytes, each made of this piece. */
static void try_record(struct attack_result *result, const char *name, const char *piece,
                       size_t len)
{
    uint8_t record[RECORD];
    size_t at = 11, piece_len = strlen(piece);
    const struct work work = {record, RECORD};

    memset(record, 0xff, sizeof record);
    memcpy(record, "TlvInfo\0\x01", 9);
    while (at + 2 + len + 6 <= 11 + 2037) {
        record[at++] = 0x2d;
        record[at++] = (uint8_t)len;
        for (size_t i = 0; i < len; i++)
            record[at++] = (uint8_t)piece[i % piece_len];
    }
    record[at++] = 0xfe;
    record[at++] = 4;
    sek_put_u16be(record + 9, (uint16_t)(at + 4 - 11));
    sek_put_u32be(record + at, sek_crc32(0, record, at));
    try_cost(result, name, judge_record, &work);
}

static void records(struct attack_result *result)
{
    try_record(result, "vendors of one letter", "A", 1);
    try_record(result, "a name of 127 words", "A ", 254);
    try_record(result, "a name of words of an alias", "AA ", 255);
    try_record(result, "letters of many looks", "I1L|", 252);
    try_record(result, "words of many looks", "I1LI1 ", 252);
    try_record(result, "Cyrillic letters", "\xd0\x90\xd0\x95", 252);
    try_record(result, "what is no UTF-8", "\xff\xc3", 252);
}

static void u19(struct attack_result *result)
{
    many_images(result);
    many_words(result);
    many_signatures(result);
    many_properties(result);
    records(result);
}

static bool set_up(void)
{
    char body[40000] = "entities { e: e { label = \"l\"; alias = \"AA AA AA AA AA AB\"";

    if (!lab_start())
        return false;
    for (unsigned i = 0; i < 1000; i++)
        (void)snprintf(body + strlen(body), 32, ", \"AA AA AA %u\"", i);
    (void)snprintf(body + strlen(body), 300, "; }; }; rules { %s };", RULE("r", "subject = <&e>;"));
    policy_open(&policy, body);
    return yardstick() > 0;
}

static void tear_down(void)
{
    policy_close(&policy);
    lab_stop();
}

static const struct attack attacks[] = {
    {"U19", "images, configurations, words, names that are made to cost", "in time",
     lab_sample_is_good, u19},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), set_up, tear_down);
}
