/* What the tests of the gate share: a FIT in memory, the rows of a cycle over it, a store of the
 * test's own keys, a gate over all that. */
#ifndef SEK_TESTS_UNIT_GATE_RIG_H
#define SEK_TESTS_UNIT_GATE_RIG_H

#include "agent/gate.h"
#include "tests/unit/judge.h"
#include "tests/unit/signer.h"

enum {
    GATE_MEMORY = 16384,
    GATE_TODAY = 20788,
    GATE_ISSUED = 20454, /* 2026-01-01 */
    GATE_WINDOW_MS = 500,
};

struct gate_rig {
    struct fit_key maker, stranger;
    struct test_signer officer, colleague; /* may release */
    struct test_signer spare;              /* another key of the officer's */
    struct test_signer clerk;              /* may sign work orders only */
    struct judge judge;
    struct sek_agent agent;
    struct sek_gate gate;
    _Alignas(8) uint8_t memory[GATE_MEMORY];
    enum hal_time_source time_source;
};

extern struct gate_rig rig;

/* For a group of tests: keys, and a store with these properties of its policy. */
int gate_rig_open(const char *policy);
int gate_rig_close(void **state);

/* For each test: a clock, a good system in memory, a gate under "enforce". */
int gate_rig_fresh(void **state);

/* The sample, with what looks like a zImage, signed by the maker. */
void gate_rig_system(struct fit_writer *w);

/* Puts a file into the partition and measures it, as a cycle would. */
void gate_rig_load_bytes(const uint8_t *data, size_t len);
void gate_rig_load(struct fit_writer *w);
void gate_rig_load_good(void);

void gate_rig_start(enum sek_gate_mode mode, bool undated);

/* Steps to the end of the window. */
void gate_rig_run(void);

#endif
