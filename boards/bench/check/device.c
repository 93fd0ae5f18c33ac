#include "boards/bench/check/device.h"

#include "base/text.h"
#include "boards/bench/check/remember.h"
#include "evidence/challenge.h"
#include "evidence/claims.h"
#include "hal/linux/entropy.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

static void fault_of(const struct sek_fault *fault, char out[LINK_WHY])
{
    snprintf(out, LINK_WHY, "offset %llu: %s", (unsigned long long)fault->offset,
             fault->why ? fault->why : sek_status_text(fault->status));
}

/* A finding, and what it does to the outcome. */
static void find(struct device *device, sek_rule rule, enum sek_outcome outcome, const char *text)
{
    report_find(&device->subject, rule, "%s", text);
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

/* Fetches the device's certificate and checks it against the store. False: the device does not
 * answer. */
static bool fetch_certificate(struct device *device, sek_rule *rule, char why[LINK_WHY])
{
    const struct sek_client_request request = {
        .method = SEK_COAP_GET, .path = "sekisho/cert", .content_format = -1, .accept = -1};
    struct sek_bytes authority[16];
    size_t count = list_authorities(&device->trust->store, authority, SEK_LEN(authority));
    uint8_t der[SEK_CERTIFICATE_MAX];
    struct sek_client_answer answer;

    if (!bench_session_ask(&device->session, &request, der, sizeof der, &answer, rule, why))
        return false;
    if (answer.code != SEK_COAP_CONTENT) {
        find(device, SEK_RULE(EV, 3), SEK_OUTCOME_HOLD, "the device has no certificate yet");
        return true;
    }
    if (sek_certificate_check((struct sek_bytes){der, answer.len}, authority, count,
                              device->trust->today, &device->certificate) == SEK_OK)
        device->have_certificate = true;
    else
        find(device, SEK_RULE(EV, 3), SEK_OUTCOME_HOLD,
             "the device's certificate is issued by no authority that the trust store names, or is "
             "not valid today");
    return true;
}

/* ---- Evidence ---- */

static bool ask_evidence(struct device *device, uint8_t nonce[SEK_NONCE_LEN], sek_rule *rule,
                         char why[LINK_WHY])
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
    if (w.status != SEK_OK || !bench_session_ask(&device->session, &request, device->token,
                                                 sizeof device->token, &answer, rule, why))
        return false;
    if (answer.code != SEK_COAP_CONTENT) {
        *rule = SEK_RULE(BN, 2);
        snprintf(why, LINK_WHY, "the device gives no evidence (%u.%02u)",
                 (unsigned)answer.code >> 5, (unsigned)answer.code & 0x1f);
        return false;
    }
    device->token_len = answer.len;
    return true;
}

/* Takes the token apart and reads its claims. False: EV-005 or EV-001 was found. */
static bool read_evidence(struct device *device)
{
    struct sek_fault fault = {0};
    struct sek_cose cose;
    char text[LINK_WHY];

    if (sek_cose_open(sek_reader_make((struct sek_bytes){device->token, device->token_len}, &fault),
                      &cose) != SEK_OK) {
        fault_of(&fault, text);
        find(device, SEK_RULE(EV, 5), SEK_OUTCOME_REJECT, text);
        return false;
    }
    if (device->have_certificate &&
        sek_cose_verify(&cose, (struct sek_bytes){device->certificate.spki,
                                                  device->certificate.spki_len}) != SEK_OK) {
        find(device, SEK_RULE(EV, 1), SEK_OUTCOME_REJECT,
             "the evidence is not signed by the key of the device's certificate");
        return false;
    }
    device->content = (struct sek_token_content){
        .row = device->row,
        .row_cap = DEVICE_ROWS,
        .observation = device->observation,
        .observation_cap = DEVICE_OBSERVATIONS,
        .unknown = device->unknown,
        .unknown_cap = DEVICE_UNKNOWN,
    };
    if (sek_token_decode(cose.payload, &device->content) != SEK_OK) {
        fault_of(&fault, text);
        find(device, SEK_RULE(EV, 5), SEK_OUTCOME_REJECT, text);
        return false;
    }
    return true;
}

static void copy_text(char *out, size_t cap, struct sek_bytes text)
{
    size_t len = text.len < cap - 1 ? text.len : cap - 1;

    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

static void describe(struct device *device)
{
    static const char *const protection[] = {"file", "flash", "DICE", "secure element", "TPM"};
    const struct sek_token *claims = &device->content.claims;
    struct report_device *told = &device->told;

    if (claims->ueid.len <= SEK_UEID_MAX)
        sek_text_hex(claims->ueid, told->ueid);
    copy_text(told->model, sizeof told->model, claims->hw_model);
    if (device->have_certificate)
        snprintf(told->serial_number, sizeof told->serial_number, "%s", device->certificate.serial);
    told->enrolled = device->have_certificate;
    told->assurance = sek_mode_name(claims->mode);
    told->key_protection = (size_t)claims->key_protection < SEK_LEN(protection)
                               ? protection[claims->key_protection]
                               : "unknown";
    device->subject.device = told;
}

/* The board description that the device ran with, against the one that the store pins. */
static void check_map(struct device *device)
{
    const struct sek_store *store = &device->trust->store;
    bool known = false;
    int node;

    if (store->maps < 0)
        return;
    fdt_for_each_subnode(node, store->dtb, store->maps)
    {
        const char *model = sek_store_string(store, node, "model");
        struct sek_bytes sha256 = sek_store_bytes(store, node, "description-sha256");

        if (!model || strcmp(model, device->told.model) != 0)
            continue;
        known = true;
        if (sha256.len == 32 &&
            memcmp(sha256.data, device->content.claims.description_sha256, 32) == 0)
            return;
    }
    find(device, known ? SEK_RULE(MAP, 1) : SEK_RULE(MAP, 4), SEK_OUTCOME_HOLD,
         known ? "the device was measured by another board description than the store pins"
               : "the store pins board descriptions, and none for this model");
}

/* Identity, age and place of the evidence. */
static void check_claims(struct device *device)
{
    const struct sek_token *claims = &device->content.claims;
    const struct sek_store *store = &device->trust->store;

    if (device->have_certificate &&
        (claims->ueid.len != SEK_UEID_LEN ||
         memcmp(claims->ueid.data, device->certificate.ueid, SEK_UEID_LEN) != 0))
        find(device, SEK_RULE(ID, 2), SEK_OUTCOME_REJECT,
             "the evidence is of another device than the certificate");
    if (claims->summary)
        find(device, SEK_RULE(EV, 4), SEK_OUTCOME_HOLD,
             "the device gave a summary, not its inventory");
    if (device->have_certificate && remember_boot(device->state_dir, claims) == REMEMBER_BACK)
        find(device, SEK_RULE(EV, 6), SEK_OUTCOME_HOLD,
             "the boot count went back, or two starts share one: a copy of the device's key?");
    if (store->dtb && claims->store_serial < store->serial)
        find(device, SEK_RULE(TS, 4), SEK_OUTCOME_HOLD,
             "the device uses an older trust store than this bench");
    if (store->dtb)
        check_map(device);
    if (device->order->dtb &&
        !sek_order_lists(device->order, device->told.serial_number, device->told.model))
        find(device, SEK_RULE(ID, 3), SEK_OUTCOME_HOLD,
             "the device's serial number and model are not on the work order");
}

/* ---- Components ---- */

/* A region that has images and nothing said of itself: they speak. */
static bool is_container(const struct device *device, size_t i)
{
    const struct sek_row *row = &device->row[i];
    size_t len = strlen(row->name);

    return row->kind == SEK_ROW_REGION && row->integrity == SEK_INTEGRITY_NOT_EVALUATED &&
           i + 1 < device->content.row_count &&
           strncmp(device->row[i + 1].name, row->name, len) == 0 &&
           device->row[i + 1].name[len] == '/';
}

/* The device's own word for a row. */
static enum sek_verdict told_verdict(const struct sek_row *row)
{
    if (row->supplier == SEK_SUPPLIER_EXCLUDED)
        return SEK_VERDICT_EXCLUDED;
    switch (row->integrity) {
    case SEK_INTEGRITY_TAMPERED:
        return SEK_VERDICT_TAMPERED;
    case SEK_INTEGRITY_UNREADABLE:
        return SEK_VERDICT_UNREADABLE;
    case SEK_INTEGRITY_ABSENT:
        return SEK_VERDICT_ABSENT;
    case SEK_INTEGRITY_UNEXPECTED:
        return SEK_VERDICT_UNEXPECTED;
    case SEK_INTEGRITY_VERIFIED:
    case SEK_INTEGRITY_CLAIMED:
        break;
    default:
        return SEK_VERDICT_UNVERIFIED;
    }
    switch (row->supplier) {
    case SEK_SUPPLIER_CONSULT:
        return SEK_VERDICT_CONSULT;
    case SEK_SUPPLIER_TRANSITIONAL:
        return SEK_VERDICT_TRANSITIONAL;
    case SEK_SUPPLIER_UNATTRIBUTED:
        return SEK_VERDICT_UNATTRIBUTED;
    case SEK_SUPPLIER_APPROVED:
        return row->integrity == SEK_INTEGRITY_VERIFIED ? SEK_VERDICT_APPROVED
                                                        : SEK_VERDICT_IDENTIFIED;
    default:
        return SEK_VERDICT_IDENTIFIED;
    }
}

/* Judges every row again by this bench's store, clock and context. Rows that stay containers move
 * behind the others. True: something is tampered. */
static bool judge_rows(struct device *device)
{
    size_t kept = 0;
    bool tampered = false;

    for (size_t i = 0; i < device->content.row_count; i++) {
        struct sek_row row = device->row[i];
        enum sek_verdict told = told_verdict(&row);

        row.container = is_container(device, i);
        if (row.container)
            continue;
        if (device->have_certificate)
            sek_appraise_row(device->appraiser, &row);
        else
            row.verdict = told == SEK_VERDICT_APPROVED ? SEK_VERDICT_UNVERIFIED : told;
        tampered = tampered || row.verdict == SEK_VERDICT_TAMPERED;
        device->advisory[kept] = told;
        device->row[kept++] = row;
    }
    device->subject.row = device->row;
    device->subject.row_count = kept;
    device->subject.advisory = device->advisory;
    return tampered;
}

/* Counts the rows; a device that calls something better than we do is told. */
static void count_rows(struct device *device)
{
    for (size_t i = 0; i < device->subject.row_count; i++) {
        const struct sek_row *row = &device->row[i];
        char text[LINK_WHY];

        /* Not enrolled is HOLD: nothing it says counts for or against it. */
        if (device->have_certificate)
            sek_tally_row(&device->tally, device->appraiser, row);
        if (device->advisory[i] != SEK_VERDICT_APPROVED || row->verdict == SEK_VERDICT_APPROVED ||
            !device->have_certificate)
            continue;
        snprintf(text, sizeof text, "%s: the device says approved, this bench %s", row->name,
                 sek_verdict_name(row->verdict));
        report_find(&device->subject, SEK_RULE(EV, 4), "%s", text);
    }
}

/* One challenge: asked, verified, judged. 1: done; 0: the evidence is bad (found); -1: no answer.
 * A nonce that does not come back is asked for once more. */
static int challenge(struct device *device, bool *tampered, sek_rule *rule, char why[LINK_WHY])
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        uint8_t nonce[SEK_NONCE_LEN];

        if (!ask_evidence(device, nonce, rule, why))
            return -1;
        if (!read_evidence(device))
            return 0;
        if (memcmp(device->content.claims.nonce, nonce, SEK_NONCE_LEN) == 0) {
            *tampered = judge_rows(device);
            return 1;
        }
    }
    find(device, SEK_RULE(EV, 2), SEK_OUTCOME_REJECT, "the evidence answers another challenge");
    return 0;
}

/* Something is tampered: the device measures once more. The worse of both answers stands. */
static void measure_again(struct device *device)
{
    struct device *second = calloc(1, sizeof *second);
    sek_rule rule;
    char why[LINK_WHY];
    bool tampered = true;

    if (!second)
        return;
    second->trust = device->trust;
    second->appraiser = device->appraiser;
    second->order = device->order;
    second->session = device->session;
    second->have_certificate = device->have_certificate;
    second->certificate = device->certificate;
    sek_tally_start(&second->tally);
    if (challenge(second, &tampered, &rule, why) == 1 && !tampered)
        report_find(&device->subject, SEK_RULE(EV, 8),
                    "measured twice: the second answer had nothing tampered; the first stands");
    else
        report_find(&device->subject, 0, "measured twice, with the same result");
    device->session.deadline_ms = second->session.deadline_ms;
    free(second);
}

static void run(struct device *device, sek_rule *rule, char why[LINK_WHY])
{
    bool tampered = false;
    int status;

    *rule = SEK_RULE(BN, 1);
    snprintf(why, LINK_WHY, "the connection is gone");
    if (!bench_session_start(&device->session, device->session.link) ||
        !fetch_certificate(device, rule, why))
        return;
    status = challenge(device, &tampered, rule, why);
    if (status < 0)
        return;
    *rule = 0;
    if (status == 0)
        return;
    describe(device);
    check_claims(device);
    if (tampered && device->have_certificate)
        measure_again(device);
    count_rows(device);
}

void device_check(struct device *device, const char *target)
{
    struct report_subject *subject = &device->subject;
    struct bench_link link;
    sek_rule rule;
    char why[LINK_WHY];

    *subject = (struct report_subject){.name = target};
    device->told = (struct report_device){0};
    device->have_certificate = false;
    device->content.row_count = 0;
    sek_tally_start(&device->tally);
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
