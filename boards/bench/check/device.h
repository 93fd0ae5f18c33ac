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
    DEVICE_CHALLENGES = 3,
};

/* Everything that is known of one device; large: one, and reused. */
struct device {
    const struct bench_trust *trust;
    const struct sek_appraiser *appraiser;
    const struct sek_order *order; /* dtb NULL: none */
    const char *state_dir;         /* --state, or NULL */
    struct bench_session session;
    struct report_subject subject;
    struct report_device told;
    struct sek_tally tally;
    bool have_certificate;
    struct sek_certificate certificate;
    uint8_t token[SEK_TOKEN_MAX];
    size_t token_len;
    struct sek_token_content content;
    struct sek_row row[DEVICE_ROWS];
    enum sek_verdict advisory[DEVICE_ROWS];
    struct sek_observation observation[DEVICE_OBSERVATIONS];
    struct sek_token_unknown unknown[DEVICE_UNKNOWN];
    uint64_t bytes_out, bytes_in; /* on the wire */
};

/* Checks the device behind a target; its subject is complete afterwards, whatever happened. What
 * the subject shows lives in *device. */
void device_check(struct device *device, const char *target);

#endif
