#include "boards/bench/check/device.h"

#include "boards/bench/check/claims.h"
#include "boards/bench/check/gate.h"
#include "boards/bench/check/judge.h"
#include "evidence/challenge.h"
#include "evidence/claims.h"
#include "hal/linux/entropy.h"

#include <libfdt.h>

#include <string.h>

/* How a challenge ended. */
enum challenged { CHALLENGED_WELL, CHALLENGED_BADLY /* found */, CHALLENGED_IN_VAIN };

static void fault_of(const struct sek_fault *fault, char out[LINK_WHY])
{
    snprintf(out, LINK_WHY, "offset %llu: %s", (unsigned long long)fault->offset,
             fault->why ? fault->why : sek_status_text(fault->status));
}

void device_find(struct device *device, const struct device_party *party, sek_rule rule,
                 enum sek_outcome outcome, const char *text)
{
    report_find(&device->subject, rule, "%s%s", party->prefix, text);
    sek_tally_finding(&device->tally, outcome);
}

/* ---- Certificate ---- */

static size_t list_authorities(const struct sek_store *store, struct sek_bytes *authority,
                               size_t cap)
{
    size_t count = 0;
    int node;

    if (!store->dtb || store->device_authorities < 0)
        return 0;
    fdt_for_each_subnode(node, store->dtb, store->device_authorities)
    {
        struct sek_bytes der = sek_store_bytes(store, node, "certificate");

        if (der.len > 0 && count < cap)
            authority[count++] = der;
    }
    return count;
}

bool device_fetch_certificate(struct device *device, struct device_party *party, const char *path,
                              sek_rule *rule, char why[LINK_WHY])
{
    const struct sek_client_request request = {
        .method = SEK_COAP_GET, .path = path, .content_format = -1, .accept = -1};
    struct sek_bytes authority[16];
    size_t count = list_authorities(&device->trust->store, authority, SEK_LEN(authority));
    uint8_t der[SEK_CERTIFICATE_MAX];
    struct sek_client_answer answer;

    if (!bench_session_ask(&device->session, &request, der, sizeof der, &answer, rule, why))
        return false;
    if (!device->trust->store.dtb) {
        return true; /* nobody says whose certificates count: nothing will be judged */
    } else if (answer.code != SEK_COAP_CONTENT) {
        device_find(device, party, SEK_RULE(EV, 3), SEK_OUTCOME_HOLD, "no certificate yet");
    } else if (sek_certificate_check((struct sek_bytes){der, answer.len}, authority, count,
                                     device->trust->today, &party->certificate) == SEK_OK) {
        party->have_certificate = true;
    } else {
        device_find(device, party, SEK_RULE(EV, 3), SEK_OUTCOME_HOLD,
                    "the certificate is issued by no authority that the trust store names, or is "
                    "not valid today");
    }
    return true;
}

/* ---- Evidence ---- */

static bool ask_evidence(struct device *device, struct device_answer *to,
                         uint8_t nonce[SEK_NONCE_LEN], sek_rule *rule, char why[LINK_WHY])
{
    struct sek_challenge challenge = {.request = SEK_REQUEST_MEASURE | SEK_REQUEST_INVENTORY};
    uint8_t bytes[SEK_CHALLENGE_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(bytes, sizeof bytes);
    struct sek_client_request request = {.method = SEK_COAP_FETCH,
                                         .path = "sekisho/attest",
                                         .content_format = SEK_CF_CBOR,
                                         .accept = SEK_CF_EAT};
    struct sek_client_answer answer;

    *rule = SEK_RULE(BN, 2);
    snprintf(why, LINK_WHY, "no random numbers on this machine");
    if (linux_entropy.read(&linux_entropy, nonce, SEK_NONCE_LEN) != SEK_OK)
        return false;
    memcpy(challenge.nonce, nonce, SEK_NONCE_LEN);
    sek_challenge_write(&w, &challenge, NULL);
    request.payload = (struct sek_bytes){bytes, w.len};
    device->challenges++;
    if (w.status != SEK_OK || !bench_session_ask(&device->session, &request, to->token,
                                                 sizeof to->token, &answer, rule, why))
        return false;
    if (answer.code != SEK_COAP_CONTENT || answer.content_format != SEK_CF_EAT) {
        *rule = SEK_RULE(BN, 2);
        snprintf(why, LINK_WHY, "the device gives no evidence (%u.%02u)",
                 (unsigned)answer.code >> 5, (unsigned)answer.code & 0x1f);
        return false;
    }
    to->token_len = answer.len;
    to->wire = device->session.wire;
    return true;
}

bool device_read_evidence(struct device *device, const struct device_party *party,
                          struct device_answer *answer)
{
    struct sek_fault fault = {0};
    struct sek_cose cose;
    char text[LINK_WHY];

    if (sek_cose_open(sek_reader_make((struct sek_bytes){answer->token, answer->token_len}, &fault),
                      &cose) != SEK_OK) {
        fault_of(&fault, text);
        device_find(device, party, SEK_RULE(EV, 5), SEK_OUTCOME_REJECT, text);
        return false;
    }
    if (party->have_certificate &&
        sek_cose_verify(&cose, (struct sek_bytes){party->certificate.spki,
                                                  party->certificate.spki_len}) != SEK_OK) {
        device_find(device, party, SEK_RULE(EV, 1), SEK_OUTCOME_REJECT,
                    "the evidence is not signed by the key of the certificate");
        return false;
    }
    answer->content = (struct sek_token_content){
        .row = answer->row,
        .row_cap = DEVICE_ROWS,
        .observation = answer->observation,
        .observation_cap = DEVICE_OBSERVATIONS,
        .unknown = answer->unknown,
        .unknown_cap = DEVICE_UNKNOWN,
    };
    if (sek_token_decode(cose.payload, &answer->content) != SEK_OK) {
        fault_of(&fault, text);
        device_find(device, party, SEK_RULE(EV, 5), SEK_OUTCOME_REJECT, text);
        return false;
    }
    return true;
}

/* One challenge: asked, verified, judged. *fresh: it answers the nonce that was sent. */
static enum challenged challenge(struct device *device, struct device_answer *answer, bool *fresh,
                                 sek_rule *rule, char why[LINK_WHY])
{
    uint8_t nonce[SEK_NONCE_LEN];

    answer->there = false;
    if (!ask_evidence(device, answer, nonce, rule, why))
        return CHALLENGED_IN_VAIN;
    if (!device_read_evidence(device, &device->self, answer))
        return CHALLENGED_BADLY;
    *fresh = memcmp(answer->content.claims.nonce, nonce, SEK_NONCE_LEN) == 0;
    judge_rows(device, &device->self, answer);
    answer->there = true;
    return CHALLENGED_WELL;
}

/* Two answers of one device must tell the same; if not, the worse one stands. */
static void hold_against(struct device *device, const struct device_answer *shown,
                         const struct device_answer *other)
{
    const char *name = other->there ? judge_difference(shown, other) : NULL;
    char text[LINK_WHY];

    if (!name)
        return;
    snprintf(text, sizeof text, "%s: asked twice, the device answered differently", name);
    device_find(device, &device->self, SEK_RULE(EV, 8), SEK_OUTCOME_HOLD, text);
    if (device->self.have_certificate)
        sek_tally_finding(&device->tally, other->outcome);
}

/* The first answer goes into answer[0]. One that answers another nonce is asked for once more; what
 * it said is kept in answer[1]. */
static enum challenged first_answer(struct device *device, sek_rule *rule, char why[LINK_WHY])
{
    bool fresh = false;
    enum challenged ended = challenge(device, &device->answer[0], &fresh, rule, why);

    if (ended != CHALLENGED_WELL || fresh)
        return ended;
    ended = challenge(device, &device->answer[1], &fresh, rule, why);
    if (ended != CHALLENGED_WELL)
        return ended;
    if (!fresh) {
        device_find(device, &device->self, SEK_RULE(EV, 2), SEK_OUTCOME_REJECT,
                    "the evidence answers another challenge, twice");
        return CHALLENGED_BADLY;
    }
    report_note(&device->subject, "the first answer was to another challenge; asked again, the "
                                  "device answered this one");
    return CHALLENGED_WELL;
}

/* Something is tampered: the device measures once more, and never gets a second chance by it. */
static void measure_again(struct device *device, const struct device_answer *first,
                          struct device_answer *second)
{
    bool fresh = false;
    sek_rule rule;
    char why[LINK_WHY];

    if (device->challenges == DEVICE_CHALLENGES)
        return;
    switch (challenge(device, second, &fresh, &rule, why)) {
    case CHALLENGED_IN_VAIN:
        report_note(&device->subject, "asked to measure again; no answer came (%s)", why);
        return;
    case CHALLENGED_BADLY:
        return;
    case CHALLENGED_WELL:
        break;
    }
    if (!fresh)
        device_find(device, &device->self, SEK_RULE(EV, 2), SEK_OUTCOME_REJECT,
                    "measured again, the evidence answers another challenge");
    else if (!judge_difference(first, second))
        report_note(&device->subject, "measured twice, with the same result");
}

static void show(struct device *device, const struct device_answer *answer)
{
    claims_describe(&device->self, answer);
    device->subject.device = &device->self.told;
    device->subject.row = answer->row;
    device->subject.row_count = answer->row_count;
    device->subject.advisory = answer->told;
    device->subject.explained = answer->explained;
}

static void run(struct device *device, sek_rule *rule, char why[LINK_WHY])
{
    struct device_answer *shown = &device->answer[0], *other = &device->answer[1];

    *rule = SEK_RULE(BN, 1);
    snprintf(why, LINK_WHY, "the connection is gone");
    if (!bench_session_start(&device->session, device->session.link, device->seconds) ||
        !device_fetch_certificate(device, &device->self, "sekisho/cert", rule, why))
        return;
    switch (first_answer(device, rule, why)) {
    case CHALLENGED_IN_VAIN:
        return;
    case CHALLENGED_BADLY:
        *rule = 0;
        return;
    case CHALLENGED_WELL:
        break;
    }
    *rule = 0;
    if (other->there) { /* the second one is fresh, the first was not */
        shown = &device->answer[1];
        other = &device->answer[0];
    }
    show(device, shown);
    gate_ask(device, shown);
    claims_check(device, &device->self, shown);
    hold_against(device, shown, other);
    if (shown->tampered && device->self.have_certificate) {
        measure_again(device, shown, other);
        hold_against(device, shown, other);
    }
    judge_count(device, &device->self, shown);
    gate_compare(device, shown);
}

static void start(struct device *device, const char *target)
{
    device->subject = (struct report_subject){.name = target};
    device->self = (struct device_party){.prefix = ""};
    device->gate = (struct device_party){.prefix = "gate: "};
    device->gate_log.there = false;
    device->challenges = 0;
    for (size_t i = 0; i < DEVICE_ANSWERS; i++)
        device->answer[i].there = false;
    sek_tally_start(&device->tally);
}

void device_check(struct device *device, const char *target)
{
    struct report_subject *subject = &device->subject;
    struct bench_link link;
    sek_rule rule;
    char why[LINK_WHY];

    start(device, target);
    if (bench_link_open(&link, target, &rule, why)) {
        device->session.link = &link;
        run(device, &rule, why);
        device->bytes_out = link.bytes_out;
        device->bytes_in = link.bytes_in;
        bench_link_close(&link);
    }
    if (rule) {
        report_find(subject, rule, "%s: %s", target, why);
        subject->outcome = SEK_OUTCOME_ERROR;
    } else {
        subject->outcome = sek_tally_end(&device->tally);
        if (!device->trust->store.dtb)
            subject->outcome = report_worse(subject->outcome, SEK_OUTCOME_HOLD);
    }
    subject->exit_status = report_exit(subject->outcome);
}
