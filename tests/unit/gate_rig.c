#include "tests/unit/gate_rig.h"

#include "crypto/crypto.h"
#include "hal/linux/entropy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gate_rig rig;

static struct hal_clock clock_of_test;

static uint64_t uptime_ms(struct hal_clock *clock)
{
    (void)clock;
    return 1000;
}

static uint64_t seconds(struct hal_clock *clock, enum hal_time_source *source)
{
    (void)clock;
    *source = rig.time_source;
    return (uint64_t)GATE_TODAY * 86400;
}

/* ---- A system in memory ---- */

void gate_rig_system(struct fit_writer *w)
{
    uint8_t kernel[1200];

    fit_sample(w, "sha256");
    for (size_t i = 0; i < sizeof kernel; i++)
        kernel[i] = (uint8_t)(i * 11);
    memcpy(kernel + 0x24, "\x18\x28\x6f\x01", 4);
    fit_set(w, "/images/kernel-1:data", kernel, sizeof kernel);
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_add_signature(w, "/configurations/conf-1", "signature-1", "sha256", &rig.maker, NULL,
                      "maker");
    fit_sign(w, "/configurations/conf-1/signature-1", &rig.maker);
}

void gate_rig_load_bytes(const uint8_t *data, size_t len)
{
    assert_true(len <= GATE_MEMORY);
    memset(rig.memory, 0xff, GATE_MEMORY);
    memcpy(rig.memory, data, len);
    judge_bytes(&rig.judge, rig.memory, GATE_MEMORY);
    rig.agent.cycle.memory.row = rig.judge.row;
    rig.agent.cycle.row_count = rig.judge.row_count;
    rig.agent.cycle.running = false;
    rig.agent.cycle.complete = true;
}

void gate_rig_load(struct fit_writer *w)
{
    struct fit_file file = fit_write(w);

    gate_rig_load_bytes(file.data, file.len);
    free(file.data);
    fit_free(w);
}

void gate_rig_load_good(void)
{
    struct fit_writer w;

    gate_rig_system(&w);
    gate_rig_load(&w);
}

void gate_rig_start(enum sek_gate_mode mode, bool undated)
{
    const struct sek_gate_config config = {
        .mode = mode,
        .undated = undated,
        .window_ms = GATE_WINDOW_MS,
        .partition = "file",
        .memory = {rig.memory, GATE_MEMORY},
    };

    sek_gate_init(&rig.gate, &rig.agent, &config);
}

void gate_rig_run(void)
{
    for (uint64_t ms = 0; ms <= 3 * GATE_WINDOW_MS; ms += GATE_WINDOW_MS / 4)
        (void)sek_gate_step(&rig.gate, ms);
}

/* The officers, and what else the store says, as source of its root's end. */
static char *officer_nodes(const char *policy)
{
    static char text[4096];
    size_t len = 0;
    const struct {
        const char *name, *label, *may;
        const struct test_signer *signer;
    } people[] = {
        {"officer", "A", "\"release\"", &rig.officer},
        {"colleague", "B", "\"release\"", &rig.colleague},
        {"spare", "A", "\"release\"", &rig.spare},
        {"clerk", "C", "\"order\"", &rig.clerk},
    };

    len += (size_t)snprintf(text, sizeof text, "officers {\n");
    for (size_t i = 0; i < SEK_LEN(people); i++) {
        struct sek_bytes spki = test_signer_spki(people[i].signer);

        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%s { label = \"%s\"; may = %s; public-key = [", people[i].name,
                                people[i].label, people[i].may);
        for (size_t k = 0; k < spki.len; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%02x", spki.data[k]);
        len += (size_t)snprintf(text + len, sizeof text - len, "]; };\n");
    }
    (void)snprintf(text + len, sizeof text - len, "};\n}; / { policy { %s };\n", policy);
    return text;
}

int gate_rig_open(const char *policy)
{
    static struct sek_unit unit;
    const struct judge_supplier suppliers[] = {
        {"maker", &rig.maker, "sha256", NULL, "maker", "\"kernel\", \"rootfs\"", NULL, NULL},
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return -1;
    fit_key_make(&rig.maker, 256);
    fit_key_make(&rig.stranger, 256);
    test_signer_make(&rig.officer, SEK_COSE_ES256);
    test_signer_make(&rig.colleague, SEK_COSE_ES256);
    test_signer_make(&rig.spare, SEK_COSE_ES256);
    test_signer_make(&rig.clerk, SEK_COSE_ES256);
    judge_init(&rig.judge, suppliers, SEK_LEN(suppliers), officer_nodes(policy));
    clock_of_test = (struct hal_clock){uptime_ms, seconds};
    unit = (struct sek_unit){.name = "file",
                             .component_class = SEK_CLASS_NONE,
                             .place = {.partition = true, .len = GATE_MEMORY}};
    rig.agent.inventory.unit = &unit;
    rig.agent.inventory.unit_count = 1;
    return 0;
}

int gate_rig_close(void **state)
{
    (void)state;
    judge_free(&rig.judge);
    fit_key_drop(&rig.maker);
    fit_key_drop(&rig.stranger);
    test_signer_drop(&rig.officer);
    test_signer_drop(&rig.colleague);
    test_signer_drop(&rig.spare);
    test_signer_drop(&rig.clerk);
    return 0;
}

int gate_rig_fresh(void **state)
{
    (void)state;
    rig.time_source = HAL_TIME_AUTHENTICATED;
    rig.judge.context.today = GATE_TODAY;
    rig.agent.trust = rig.judge.store;
    rig.agent.config.clock = &clock_of_test;
    rig.agent.config.entropy = &linux_entropy;
    rig.agent.config.cycle.image = rig.judge.measure.memory;
    rig.agent.serial_known = true;
    memset(rig.agent.ueid, 0x11, sizeof rig.agent.ueid);
    memset(rig.agent.device_nonce, 0x22, sizeof rig.agent.device_nonce);
    gate_rig_start(SEK_GATE_ENFORCE, false);
    gate_rig_load_good();
    return 0;
}
