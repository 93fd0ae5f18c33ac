/* One device, asked and judged: evidence is fetched, verified in order, and appraised again. */
#ifndef SEK_BENCH_CHECK_DEVICE_H
#define SEK_BENCH_CHECK_DEVICE_H

#include "boards/bench/link/session.h"
#include "boards/bench/report/report.h"
#include "evidence/certificate.h"
#include "evidence/token_decode.h"
#include "trust/order.h"

enum {
    DEVICE_ROWS = SEK_TOKEN_ROWS,
    DEVICE_OBSERVATIONS = 4096,
    DEVICE_UNKNOWN = 16,
    DEVICE_CHALLENGES = 3, /* at most, to one target */
    DEVICE_ANSWERS = 2, /* that are kept: the one that is shown, and the one it is held against */
};

/* Who signs: the agent that was asked, or the gate that started its system. */
struct device_party {
    const char *prefix; /* of what is found about it: "" or "gate: " */
    struct report_device told;
    bool have_certificate;
    struct sek_certificate certificate;
};

/* One answer, whole: a token, its claims, its rows as told and as judged. */
struct device_answer {
    bool there;
    uint8_t token[SEK_TOKEN_MAX];
    size_t token_len;
    uint64_t wire; /* bytes that it and the request for it took, both ways */
    struct sek_token_content content;
    struct sek_row row[DEVICE_ROWS]; /* judged by this bench */
    size_t row_count;                /* those that count: regions that leave all to images do not */
    enum sek_verdict told[DEVICE_ROWS]; /* the device's own words */
    bool explained[DEVICE_ROWS]; /* another word than ours for want of a clock or of a context */
    struct sek_observation observation[DEVICE_OBSERVATIONS];
    struct sek_token_unknown unknown[DEVICE_UNKNOWN];
    bool tampered;
    bool unjudged;            /* parts that a manifest lists are missing, and could not be shown */
    enum sek_outcome outcome; /* of the rows alone */
};

/* Everything that is known of one device; large: one, and reused. */
struct device {
    const struct bench_trust *trust;
    const struct sek_appraiser *appraiser;
    const struct sek_order *order; /* dtb NULL: none */
    const char *state_dir;         /* --state, or NULL */
    const char *label;             /* serial number as it stands on the device, or NULL */
    unsigned seconds;              /* for everything with it; 0: SESSION_SECONDS */
    struct bench_session session;
    unsigned challenges; /* sent */
    struct report_subject subject;
    struct report_gate gate_shown;
    struct sek_tally tally;
    struct device_party self, gate;
    struct device_answer answer[DEVICE_ANSWERS];
    struct device_answer gate_log;
    uint64_t bytes_out, bytes_in; /* on the wire */
};

/* Checks the device behind a target; its subject is complete afterwards, whatever happened. What
 * the subject shows lives in *device. */
void device_check(struct device *device, const char *target);

/* ---- Between the files of this folder ---- */

/* A finding about a party, and what it does to the outcome. */
void device_find(struct device *device, const struct device_party *party, sek_rule rule,
                 enum sek_outcome outcome, const char *text);

/* Fetches a party's certificate from this path and checks it against the store. False: the device
 * does not answer; *rule and why as bench_session_ask. */
bool device_fetch_certificate(struct device *device, struct device_party *party, const char *path,
                              sek_rule *rule, char why[LINK_WHY]);

/* Takes the token of an answer apart, verifies it and reads its claims: strict encoding of all
 * layers, exactly our headers, the key of the party's certificate, the profile. False: EV-005 or
 * EV-001 was found. */
bool device_read_evidence(struct device *device, const struct device_party *party,
                          struct device_answer *answer);

#endif
