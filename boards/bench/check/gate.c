#include "boards/bench/check/gate.h"

#include "boards/bench/check/claims.h"
#include "boards/bench/check/judge.h"
#include "crypto/digest.h"

#include <string.h>

/* ---- The log ---- */

/* False: none came, which is found. */
static bool fetch(struct device *device)
{
    const struct sek_client_request request = {
        .method = SEK_COAP_GET, .path = "sekisho/log", .content_format = -1, .accept = SEK_CF_EAT};
    struct device_answer *log = &device->gate_log;
    struct sek_client_answer answer;
    char why[LINK_WHY], text[2 * LINK_WHY];
    sek_rule rule;

    if (!bench_session_ask(&device->session, &request, log->token, sizeof log->token, &answer,
                           &rule, why)) {
        snprintf(text, sizeof text, "the evidence names a log, and none comes: %s", why);
    } else if (answer.code != SEK_COAP_CONTENT || answer.content_format != SEK_CF_EAT) {
        snprintf(text, sizeof text, "the evidence names a log, and the device shows none (%u.%02u)",
                 (unsigned)answer.code >> 5, (unsigned)answer.code & 0x1f);
    } else {
        log->token_len = answer.len;
        return true;
    }
    device_find(device, &device->gate, SEK_RULE(EV, 4), SEK_OUTCOME_HOLD, text);
    return false;
}

/* The gate's own key, confirmed for this very device; a system that it started has another one. */
static bool is_of_this_device(struct device *device)
{
    const struct sek_certificate *gate = &device->gate.certificate;
    const struct sek_certificate *self = &device->self.certificate;

    if (memcmp(gate->ueid, self->ueid, sizeof gate->ueid) != 0 ||
        strcmp(gate->serial, self->serial) != 0) {
        device_find(device, &device->gate, SEK_RULE(ID, 2), SEK_OUTCOME_REJECT,
                    "the log's certificate is of another device than the one that was asked");
        return false;
    }
    if (memcmp(gate->key_id, self->key_id, sizeof gate->key_id) == 0) {
        device_find(device, &device->gate, SEK_RULE(EV, 1), SEK_OUTCOME_REJECT,
                    "the system that was started signed the log itself");
        return false;
    }
    return true;
}

static bool is_named(const struct device_answer *log, const struct sek_bytes *head)
{
    uint8_t digest[SEK_DIGEST_MAX];

    return sek_digest_of(SEK_DIGEST_SHA256, NULL, log->token, log->token_len, digest) == SEK_OK &&
           memcmp(digest, head->data, head->len) == 0;
}

/* What a log is, besides evidence: the nonce is the seed of the start that it tells of, and a gate
 * reads for itself. */
static bool is_log(struct device *device)
{
    const struct sek_token *claims = &device->gate_log.content.claims;

    if (claims->boot_seed.len != SEK_NONCE_LEN ||
        memcmp(claims->boot_seed.data, claims->nonce, SEK_NONCE_LEN) != 0) {
        device_find(device, &device->gate, SEK_RULE(EV, 2), SEK_OUTCOME_REJECT,
                    "the log is an answer to some challenge, not a record of a start");
        return false;
    }
    if (claims->summary || strcmp(device->gate.told.assurance, "gate") != 0) {
        device_find(device, &device->gate, SEK_RULE(EV, 4), SEK_OUTCOME_HOLD,
                    "the log is not the inventory of an agent that started as a gate");
        return false;
    }
    return true;
}

static void show(struct device *device)
{
    const struct device_answer *log = &device->gate_log;

    device->gate_shown = (struct report_gate){
        .device = &device->gate.told,
        .row = log->row,
        .advisory = log->told,
        .row_count = log->row_count,
        .boot_count = log->content.claims.boot_count,
        .store_serial = log->content.claims.store_serial,
    };
    device->subject.gate = &device->gate_shown;
}

void gate_ask(struct device *device, const struct device_answer *shown)
{
    const struct sek_bytes *head = &shown->content.claims.log_head;
    struct device_answer *log = &device->gate_log;
    struct device_party *gate = &device->gate;
    char why[LINK_WHY];
    sek_rule rule;

    if (!head->data || !device->self.have_certificate || !fetch(device))
        return;
    if (!device_fetch_certificate(device, gate, "sekisho/log-cert", &rule, why))
        device_find(device, gate, SEK_RULE(EV, 3), SEK_OUTCOME_HOLD, why);
    if (!gate->have_certificate || !device_read_evidence(device, gate, log) ||
        !is_of_this_device(device))
        return;
    if (!is_named(log, head)) {
        device_find(device, gate, SEK_RULE(EV, 8), SEK_OUTCOME_HOLD,
                    "the log is not the one that the evidence names");
        return;
    }
    judge_rows(device, gate, log);
    claims_describe(gate, log);
    if (!is_log(device))
        return;
    log->there = true;
    show(device);
    claims_check(device, gate, log);
}

/* ---- Beside the running system ---- */

/* That of a part is its medium's, which a kernel may round up. */
static bool same_size(const struct sek_row *a, const struct sek_row *b)
{
    return a->size == b->size || a->kind == SEK_ROW_PART || b->kind == SEK_ROW_PART;
}

static bool same_version(const struct sek_row *a, const struct sek_row *b)
{
    return strcmp(a->version, b->version) == 0;
}

static bool same_signer(const struct sek_row *a, const struct sek_row *b)
{
    return a->has_key == b->has_key && (!a->has_key || memcmp(a->key, b->key, sizeof a->key) == 0);
}

/* What a part says of itself. */
static bool same_words(const struct sek_row *a, const struct sek_row *b)
{
    if (a->observation_count != b->observation_count)
        return false;
    for (size_t i = 0; i < a->observation_count; i++) {
        const struct sek_observation *x = &a->observation[i], *y = &b->observation[i];

        if (x->kind != y->kind || x->number != y->number || x->value.len != y->value.len ||
            (x->value.len > 0 && memcmp(x->value.data, y->value.data, x->value.len) != 0))
            return false;
    }
    return true;
}

static bool same_verdict(const struct sek_row *a, const struct sek_row *b)
{
    return a->verdict == b->verdict;
}

static const struct aspect {
    const char *name;
    bool (*same)(const struct sek_row *a, const struct sek_row *b);
} aspects[] = {
    {"bytes", judge_same_bytes}, {"size", same_size},      {"version", same_version},
    {"signer", same_signer},     {"identity", same_words}, /* */
    {"verdict", same_verdict},
};

/* A part that may be pulled and plugged while the system runs: told, and no contradiction. */
static bool may_change(const struct sek_row *gate, const struct sek_row *now)
{
    return gate->optional && now->optional &&
           (gate->kind == SEK_ROW_PART || now->kind == SEK_ROW_PART);
}

static void compare_rows(struct device *device, const struct sek_row *gate,
                         const struct sek_row *now)
{
    char text[REPORT_DETAIL];
    int len = snprintf(text, sizeof text, "%s: not as at the start:", now->name);
    const char *separator = " ";

    for (size_t i = 0; i < SEK_LEN(aspects); i++) {
        if (aspects[i].same(gate, now))
            continue;
        len += snprintf(text + len, sizeof text - (size_t)len, "%s%s", separator, aspects[i].name);
        separator = ", ";
    }
    if (separator[0] == ' ')
        return;
    if (gate->verdict != now->verdict)
        snprintf(text + len, sizeof text - (size_t)len, " (%s, now %s)",
                 sek_verdict_name(gate->verdict), sek_verdict_name(now->verdict));
    device_find(device, &device->gate, SEK_RULE(EV, 4),
                may_change(gate, now) ? SEK_OUTCOME_ACCEPT : SEK_OUTCOME_HOLD, text);
}

static const struct sek_row *row_of_name(const struct device_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->row_count; i++) {
        if (strcmp(answer->row[i].name, name) == 0)
            return &answer->row[i];
    }
    return NULL;
}

static void only_on(struct device *device, const char *name, const char *what,
                    enum sek_outcome outcome)
{
    char text[REPORT_DETAIL];

    snprintf(text, sizeof text, "%s: %s", name, what);
    device_find(device, &device->gate, SEK_RULE(EV, 4), outcome, text);
}

/* A system may show more than its gate could reach, and nothing less. */
static void compare_components(struct device *device, const struct device_answer *now)
{
    const struct device_answer *log = &device->gate_log;

    for (size_t i = 0; i < log->row_count; i++) {
        const struct sek_row *row = row_of_name(now, log->row[i].name);

        if (row)
            compare_rows(device, &log->row[i], row);
        else
            only_on(device, log->row[i].name, "measured at the start, and the system shows none",
                    SEK_OUTCOME_HOLD);
    }
    for (size_t i = 0; i < now->row_count; i++) {
        if (!row_of_name(log, now->row[i].name))
            only_on(device, now->row[i].name, "not measured at the start", SEK_OUTCOME_ACCEPT);
    }
}

static void compare_claims(struct device *device, const struct sek_token *now)
{
    const struct sek_token *then = &device->gate_log.content.claims;

    if (then->hw_model.len != now->hw_model.len ||
        memcmp(then->hw_model.data, now->hw_model.data, now->hw_model.len) != 0)
        device_find(device, &device->gate, SEK_RULE(EV, 4), SEK_OUTCOME_HOLD,
                    "it started another model than the system says");
    if (then->store_serial != now->store_serial) {
        char text[REPORT_DETAIL];

        snprintf(text, sizeof text, "it judged by trust store %lu, the system judges by %lu",
                 (unsigned long)then->store_serial, (unsigned long)now->store_serial);
        device_find(device, &device->gate, SEK_RULE(EV, 4), SEK_OUTCOME_ACCEPT, text);
    }
}

void gate_compare(struct device *device, const struct device_answer *shown)
{
    if (!device->gate_log.there)
        return;
    judge_count(device, &device->gate, &device->gate_log);
    compare_claims(device, &shown->content.claims);
    compare_components(device, shown);
}
