/* Devices that answer as they like: the real agent, server and console behind a socket, and what is
 * wrong with each is a row of a table. */
#ifndef SEK_TESTS_DEVICE_WRONG_H
#define SEK_TESTS_DEVICE_WRONG_H

#include "boards/bench/check/device.h"
#include "tests/unit/agent_rig.h"

/* What the device does to the answer of its n-th challenge (from 1). */
struct wrong {
    const char *name;
    struct rig_plan plan;
    void (*prepare)(struct rig *rig);            /* before it starts to serve */
    void (*before)(struct rig *rig, unsigned n); /* before it measures for challenge n */
    void (*answer)(struct rig *rig, unsigned n, struct sek_response *response);
    bool (*nonce)(unsigned n); /* true: it answers another one */
    bool not_enrolled;
    /* The gate that started it; NULL: none. It is a device of its own on the same board, whose
     * fifth start is the one that it tells of. */
    const struct gate_wrong *gate;
    /* The bench. */
    const char *store_find, *store_put; /* in its store; NULL: the device's */
    const char *label;
    bool no_store;
    unsigned seconds;
    /* What is demanded. */
    enum sek_outcome outcome;
    sek_rule rule;       /* of a finding or row; 0: no finding at all */
    const char *finding; /* text in a finding of that rule, or NULL */
    const char *note;    /* text in a note, or NULL */
};

/* What is wrong with a gate or its log; all zero: nothing. */
struct gate_wrong {
    struct rig_plan plan;
    void (*prepare)(struct rig *gate); /* before it measures and logs */
    bool not_enrolled;
    bool service;                                   /* it reads through a system */
    bool answer;                                    /* its log answers some challenge */
    void (*log)(struct rig *rig, struct rig *gate); /* what the system makes of it */
    sek_handler serve; /* instead of the resource; NULL: the agent's own */
};

extern const struct wrong device_wrongs[], device_gates[];
extern const size_t device_wrong_count, device_gate_count;

/* Makes the gate of a row, its log and its certificate, and hands both to the rig, which has
 * started; the caller drops it. */
struct rig *device_gate(struct rig *rig, const struct gate_wrong *wrong);

/* Serves the first that connects, for a minute at most; does not return. */
void device_serve(struct rig *rig, const struct wrong *wrong, int listener);

#endif
