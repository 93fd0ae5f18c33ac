/* U19: what the costliest FITs cost. Compiled with a counter in every basic block of firmware/image
 * and libfdt (tests/attack/test_cost.sh): a step is one block. Each medium must be refused or
 * measured within 64 steps a byte and a constant, and never needs more reads than its bytes ask
 * for. */
#include "crypto/crypto.h"
#include "tests/unit/counting_source.h"
#include "tests/unit/fit_writer.h"
#include "tests/unit/measure.h"

#include <libfdt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fixed part is what full tables cost: 32 configurations of 128 words over 256 images. */
enum { STEPS_PER_BYTE = 64, STEPS_FIXED = 3000000 };

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

static void number(char out[32], const char *word, size_t n)
{
    (void)snprintf(out, 32, "%s%zu", word, n);
}

static void open_images(struct fit_writer *w)
{
    fit_init(w);
    fit_begin(w, "");
    fit_begin(w, "images");
}

static void images(struct fit_writer *w, size_t count, size_t len)
{
    static const uint8_t payload[4096];
    char name[32];

    for (size_t i = 0; i < count; i++) {
        number(name, "i", i);
        fit_image(w, name, "firmware", payload, len, "sha256");
    }
}

static void close_tree(struct fit_writer *w)
{
    fit_end(w);
    fit_end(w);
}

static void many_images(struct fit_writer *w)
{
    open_images(w);
    images(w, 10000, 8);
    close_tree(w);
}

static void most_images(struct fit_writer *w)
{
    open_images(w);
    images(w, 250, 8);
    close_tree(w);
}

static void external_images(struct fit_writer *w)
{
    open_images(w);
    images(w, 250, 2000);
    close_tree(w);
    fit_make_external(w, 4, 0);
}

static void many_nodes(struct fit_writer *w)
{
    char name[32];

    open_images(w);
    images(w, 1, 8);
    fit_end(w);
    fit_begin(w, "more");
    for (size_t i = 0; i < 10000; i++) {
        number(name, "n", i);
        fit_begin(w, name);
        fit_end(w);
    }
    close_tree(w);
}

static void siblings_with_properties(struct fit_writer *w)
{
    char name[32];

    open_images(w);
    images(w, 1, 8);
    fit_end(w);
    fit_begin(w, "more");
    for (size_t i = 0; i < 900; i++) {
        number(name, "n", i);
        fit_begin(w, name);
        for (size_t k = 0; k < 30; k++) {
            number(name, "p", k);
            fit_prop(w, name, "", 0);
        }
        fit_end(w);
    }
    close_tree(w);
}

static void deep(struct fit_writer *w)
{
    open_images(w);
    for (size_t i = 0; i < 10000; i++)
        fit_begin(w, "d");
    for (size_t i = 0; i < 10000; i++)
        fit_end(w);
    close_tree(w);
}

static void nops(struct fit_writer *w)
{
    open_images(w);
    images(w, 1, 8);
    for (size_t i = 0; i < 50000; i++)
        fit_tag(w, FDT_NOP);
    close_tree(w);
}

/* Configurations as many as can be, each with as many words as can be, behind a tree that is long.
 */
static void configurations(struct fit_writer *w, size_t confs, size_t words, size_t signatures)
{
    static char list[1 << 17];
    static char nodes[1 << 15];
    char name[32];
    size_t len = 0, nodes_len = 0;

    open_images(w);
    images(w, 200, 8);
    fit_end(w);
    for (size_t i = 0; i < words; i++) {
        number(name, "i", i % 64 * 3);
        memcpy(list + len, name, strlen(name) + 1);
        len += strlen(name) + 1;
    }
    for (size_t i = 0; i < 129; i++) { /* no two alike */
        number(name, "/images/n", i);
        memcpy(nodes + nodes_len, name, strlen(name) + 1);
        nodes_len += strlen(name) + 1;
    }
    fit_begin(w, "configurations");
    for (size_t i = 0; i < confs; i++) {
        number(name, "c", i);
        fit_begin(w, name);
        fit_prop(w, "loadables", list, len);
        for (size_t k = 0; k < signatures; k++) {
            number(name, "signature-", k);
            fit_begin(w, name);
            fit_text(w, "algo", "sha256,ecdsa256");
            fit_prop(w, "value", "value", 5);
            fit_prop(w, "hashed-nodes", nodes, nodes_len);
            fit_prop(w, "hashed-strings", "\0\0\0\0\0\0\0\x0c", 8);
            fit_end(w);
        }
        fit_end(w);
    }
    close_tree(w);
}

static void many_words(struct fit_writer *w)
{
    configurations(w, 1, 20000, 0);
}

static void most_words(struct fit_writer *w)
{
    configurations(w, 32, 128, 0);
}

static void most_signatures(struct fit_writer *w)
{
    configurations(w, 16, 128, 8);
}

static void many_configurations(struct fit_writer *w)
{
    configurations(w, 800, 4, 0);
}

static void empty_words(struct fit_writer *w)
{
    static const uint8_t zeros[200000];

    open_images(w);
    images(w, 1, 8);
    fit_end(w);
    fit_begin(w, "configurations");
    fit_begin(w, "c");
    fit_prop(w, "loadables", zeros, sizeof zeros);
    fit_end(w);
    close_tree(w);
}

static void long_list_of_nodes(struct fit_writer *w)
{
    static char list[200000];

    for (size_t i = 0; i < sizeof list; i += 2)
        list[i] = '/';
    open_images(w);
    images(w, 1, 8);
    fit_end(w);
    fit_begin(w, "configurations");
    fit_begin(w, "c");
    fit_text(w, "firmware", "i0");
    fit_begin(w, "signature-1");
    fit_text(w, "algo", "sha256,ecdsa256");
    fit_prop(w, "value", "value", 5);
    fit_prop(w, "hashed-nodes", list, sizeof list);
    fit_end(w);
    fit_end(w);
    close_tree(w);
}

static void many_hashes(struct fit_writer *w)
{
    char name[32];

    open_images(w);
    for (size_t i = 0; i < 10; i++) {
        number(name, "i", i);
        fit_image(w, name, "firmware", "12345678", 8, "");
        w->at--; /* into it */
        for (size_t k = 0; k < 90; k++) {
            number(name, "hash-", k);
            fit_hash(w, name, "crc32", "12345678", 8);
        }
        fit_at_end(w);
    }
    close_tree(w);
}

static const struct {
    const char *name;
    void (*make)(struct fit_writer *w);
} media[] = {
    {"10,000 images", many_images},
    {"250 images", most_images},
    {"250 images behind the tree", external_images},
    {"10,000 nodes", many_nodes},
    {"900 siblings of 30 properties", siblings_with_properties},
    {"10,000 levels", deep},
    {"50,000 NOPs", nops},
    {"20,000 words in one configuration", many_words},
    {"128 words in each of 32 configurations", most_words},
    {"128 signatures over 129 nodes each", most_signatures},
    {"800 configurations", many_configurations},
    {"200,000 empty words", empty_words},
    {"100,000 paths in a signature's list", long_list_of_nodes},
    {"90 hashes of each image", many_hashes},
};

int main(void)
{
    static struct measure m;
    unsigned passed = 0, failed = 0;

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    measure_init(&m);
    for (size_t i = 0; i < SEK_LEN(media); i++) {
        struct fit_writer w;
        struct fit_file file;
        struct counting_source source;
        bool good;

        media[i].make(&w);
        file = fit_write(&w);
        fit_free(&w);
        source = counting_source_make(file.data, file.len);
        steps = 0;
        measure_source(&m, &source.base, NULL);
        good = m.status == SEK_OK && counting_source_all(&source, 1) && steps > file.len / 64 &&
               steps <= (uint64_t)STEPS_PER_BYTE * file.len + STEPS_FIXED &&
               source.calls <= file.len / 512 + 2 * SEK_PASS_PIECES + MEASURE_IMAGES;
        printf("%s %-40s %8zu bytes %6.1f steps a byte %5zu reads  %s\n", good ? "     " : "  FAIL",
               media[i].name, file.len, (double)steps / (double)file.len, source.calls,
               m.image.claims.fault.why ? m.image.claims.fault.why : "measured");
        good ? passed++ : failed++;
        counting_source_free(&source);
        free(file.data);
    }
    measure_free(&m);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
