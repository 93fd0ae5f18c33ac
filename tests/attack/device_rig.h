/* A device that answers on the network, and a bench that checks it: the agent of
 * tests/unit/agent_rig behind the real server and a real socket, the real `check` before it. The
 * device may answer as a script says, call by call. */
#ifndef SEK_TESTS_ATTACK_DEVICE_RIG_H
#define SEK_TESTS_ATTACK_DEVICE_RIG_H

#include "boards/bench/check/device.h"
#include "tests/unit/agent_rig.h"

enum { DEVICE_RIG_TODAY_S = 1795824000 }; /* 2026-11-28 */

/* What one answer of a scripted device is; in a script a letter each. */
enum device_face {
    FACE_CLEAN = 'C',
    FACE_DIRTY = 'D',
    FACE_CLEAN_STALE = 'c', /* to another nonce than the one that was sent */
    FACE_DIRTY_STALE = 'd',
};

struct device_rig {
    struct rig *rig;
    /* Makes the board clean or dirty; NULL: it stays as it is. */
    void (*show)(struct rig *rig, bool dirty);
    const char *script; /* the last letter goes on; NULL: every answer is honest */
    size_t answers;     /* evidence given so far */
    struct bench_trust trust;
    struct sek_appraiser appraiser;
    struct device *device; /* after device_rig_check */
    void *itb;
};

/* Starts an agent on a rig that was made (rig_make), with a clock, measures and enrols it. The
 * bench has the store that the rig's agent has. False: the agent does not start, and says so in
 * why. */
bool device_rig_start(struct device_rig *d, struct rig *rig, const char **why);
void device_rig_stop(struct device_rig *d);

/* Lets the bench check the device over UDP; what it found is in d->device. */
enum sek_outcome device_rig_check(struct device_rig *d);

/* True if a finding of this rule was reported. */
bool device_rig_found(const struct device_rig *d, sek_rule rule);

#endif
