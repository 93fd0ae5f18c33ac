/* What a policy costs: policy STORE.dtb prints the milliseconds that 100 parts take against it (the
 * least of many rounds), and the bytes of stack that the deepest of them takes. */
#define _DEFAULT_SOURCE
#include "crypto/crypto.h"
#include "trust/appraise.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { PARTS = 100, ROUNDS = 200, FIELDS = 5, STACK = 256 * 1024, PATTERN = 0xa5 };

static struct sek_appraiser appraiser;
static struct sek_observation item[PARTS][FIELDS];
static char text[PARTS][FIELDS][32];
static unsigned rows;

static void count(struct sek_row_sink *sink, const struct sek_row *row)
{
    (void)sink;
    rows += row->verdict == SEK_VERDICT_IDENTIFIED || row->verdict == SEK_VERDICT_CONSULT;
}

static void make_part(int n)
{
    static const char *const makers[] = {"Kiso Networks K.K.", "Hakone Systems Inc.",
                                         "Yamabiko Optics Ltd", "Example Corp of somewhere"};
    static const enum sek_kind kinds[FIELDS - 1] = {SEK_KIND_VENDOR, SEK_KIND_PRODUCT,
                                                    SEK_KIND_PART_NUMBER, SEK_KIND_SERIAL_NUMBER};
    static const uint8_t oui[] = {0x02, 0x5a, 0x10};

    (void)snprintf(text[n][0], sizeof text[n][0], "%s", makers[n % 4]);
    (void)snprintf(text[n][1], sizeof text[n][1], "KX-%d-10G-SR", n);
    (void)snprintf(text[n][2], sizeof text[n][2], "P%d0001", n);
    (void)snprintf(text[n][3], sizeof text[n][3], "SN%08d", n);
    for (int i = 0; i < FIELDS - 1; i++)
        item[n][i] = (struct sek_observation){
            .kind = kinds[i],
            .type = SEK_VALUE_TEXT,
            .value = {(const uint8_t *)text[n][i], strlen(text[n][i])},
            .evidence = SEK_EVIDENCE_CHECKED,
        };
    item[n][FIELDS - 1] = (struct sek_observation){.kind = SEK_KIND_OUI24,
                                                   .type = SEK_VALUE_BYTES,
                                                   .value = {oui, sizeof oui},
                                                   .evidence = SEK_EVIDENCE_CHECKED};
}

static void *judge_all(void *unused)
{
    struct sek_row_sink sink = {count};
    const struct sek_component component = {.name = "part", .component_class = SEK_CLASS_PRODUCT};

    for (int i = 0; i < PARTS; i++) {
        const struct sek_part_claims claims = {
            .format = "onie-tlv", .item = item[i], .count = FIELDS, .cap = FIELDS};

        sek_appraise_part(&appraiser, &component, &claims, 256, &sink);
    }
    return unused;
}

static void *judge_nothing(void *unused)
{
    return unused;
}

/* Bytes of a painted stack that a thread has written. */
static size_t stack_of(void *(*work)(void *))
{
    uint8_t *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_t attributes;
    pthread_t thread;
    size_t untouched = 0;

    if (stack == MAP_FAILED)
        exit(1);
    memset(stack, PATTERN, STACK);
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstack(&attributes, stack, STACK) != 0 ||
        pthread_create(&thread, &attributes, work, NULL) != 0 || pthread_join(thread, NULL) != 0)
        exit(1);
    while (untouched < STACK && stack[untouched] == PATTERN)
        untouched++;
    (void)munmap(stack, STACK);
    return STACK - untouched;
}

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    static _Alignas(8) uint8_t dtb[1 << 20];
    struct sek_store store;
    struct sek_store_fault why;
    double best = 1e9;
    FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
    size_t len = in ? fread(dtb, 1, sizeof dtb, in) : 0;

    if (sek_crypto_start(NULL) != SEK_OK ||
        sek_store_open_payload(&store, (struct sek_bytes){dtb, len}, &why) != SEK_OK)
        return 1;
    appraiser =
        (struct sek_appraiser){&store, {.today = 20780, .tier = "office", .event = "procure"}};
    for (int i = 0; i < PARTS; i++)
        make_part(i);
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ms(), took;

        (void)judge_all(NULL);
        took = now_ms() - start;
        best = took < best ? took : best;
    }
    if (rows != PARTS * ROUNDS) /* nobody of them is excluded: all was evaluated */
        return 1;
    (void)printf("%.3f %zu\n", best, stack_of(judge_all) - stack_of(judge_nothing));
    return 0;
}
