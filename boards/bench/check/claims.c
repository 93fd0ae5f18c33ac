#include "boards/bench/check/claims.h"

#include "base/text.h"
#include "boards/bench/check/remember.h"

#include <libfdt.h>

#include <string.h>

static void copy_text(char *out, size_t cap, struct sek_bytes text)
{
    size_t len = text.len < cap - 1 ? text.len : cap - 1;

    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

/* How the agent stands on the device, by what it says of how it read and what it keeps. */
static const char *assurance_of(const struct device_answer *answer)
{
    enum sek_method worst = SEK_METHOD_AGENT;

    for (size_t i = 0; i < answer->row_count; i++) {
        if (answer->row[i].method > worst)
            worst = answer->row[i].method;
    }
    switch (worst) {
    case SEK_METHOD_AGENT:
        return answer->content.claims.boot_count > 0 ? "gate" : "visit";
    case SEK_METHOD_OS:
        return "service";
    case SEK_METHOD_SELF_REPORTED:
        break;
    }
    return "self-reported";
}

void claims_describe(struct device_party *party, const struct device_answer *answer)
{
    static const char *const protection[] = {"file", "flash", "DICE", "secure element", "TPM"};
    const struct sek_token *claims = &answer->content.claims;
    struct report_device *told = &party->told;

    if (claims->ueid.len <= SEK_UEID_MAX)
        sek_text_hex(claims->ueid, told->ueid);
    copy_text(told->model, sizeof told->model, claims->hw_model);
    if (party->have_certificate)
        snprintf(told->serial_number, sizeof told->serial_number, "%s", party->certificate.serial);
    told->enrolled = party->have_certificate;
    told->assurance = assurance_of(answer);
    told->tells_secure_boot = claims->has_oem_boot;
    told->secure_boot = claims->oem_boot;
    told->key_protection = (size_t)claims->key_protection < SEK_LEN(protection)
                               ? protection[claims->key_protection]
                               : "unknown";
}

/* The board description that a party ran with, against the one that the store pins. */
static void check_map(struct device *device, const struct device_party *party,
                      const struct sek_token *claims)
{
    const struct sek_store *store = &device->trust->store;
    bool known = false;
    int node;

    for (node = store->maps < 0 ? -1 : fdt_first_subnode(store->dtb, store->maps); node >= 0;
         node = fdt_next_subnode(store->dtb, node)) {
        const char *model = sek_store_string(store, node, "model");
        struct sek_bytes sha256 = sek_store_bytes(store, node, "description-sha256");

        if (!model || strlen(model) != claims->hw_model.len ||
            memcmp(model, claims->hw_model.data, claims->hw_model.len) != 0)
            continue;
        known = true;
        if (sha256.len != sizeof claims->description_sha256 ||
            memcmp(sha256.data, claims->description_sha256, sha256.len) != 0)
            continue;
        if (sek_store_bytes(store, node, "independent").data &&
            strcmp(party->told.assurance, "gate") != 0 &&
            strcmp(party->told.assurance, "visit") != 0 && !device->gate_log.there)
            device_find(device, party, 0, SEK_OUTCOME_HOLD,
                        "the store wants this model measured independently of the system under "
                        "test; the agent read through it");
        return;
    }
    device_find(device, party, known ? SEK_RULE(MAP, 1) : SEK_RULE(MAP, 4), SEK_OUTCOME_HOLD,
                known ? "measured by another board description than the store pins"
                      : "the store pins no board description for this model");
}

/* The serial numbers that are at hand: certificate, product record, label. */
static void check_serial(struct device *device, const struct device_party *party,
                         const struct device_answer *answer)
{
    const char *known = party->certificate.serial;

    if (device->label && strcmp(device->label, known) != 0)
        device_find(device, party, SEK_RULE(ID, 1), SEK_OUTCOME_HOLD,
                    "the label's serial number is not that of the device's certificate");
    for (size_t i = 0; i < answer->row_count; i++) {
        const struct sek_row *row = &answer->row[i];

        for (size_t k = 0; row->component_class == SEK_CLASS_PRODUCT && k < row->observation_count;
             k++) {
            const struct sek_observation *seen = &row->observation[k];

            if (seen->kind == SEK_KIND_SERIAL_NUMBER && !row->damaged &&
                (seen->value.len != strlen(known) ||
                 memcmp(seen->value.data, known, seen->value.len) != 0))
                device_find(device, party, SEK_RULE(ID, 1), SEK_OUTCOME_HOLD,
                            "the product record's serial number is not that of the device's "
                            "certificate");
        }
    }
}

static void check_starts(struct device *device, const struct device_party *party,
                         const struct sek_token *claims)
{
    switch (remember_boot(device->state_dir, party->certificate.key_id, claims)) {
    case REMEMBER_NEW:
    case REMEMBER_FORWARD:
        break;
    case REMEMBER_BACK:
        device_find(device, party, SEK_RULE(EV, 6), SEK_OUTCOME_HOLD,
                    "the boot count went back, or two starts share one: a copy of the device's "
                    "key?");
        break;
    case REMEMBER_LOST:
        report_note(&device->subject,
                    "the state folder cannot be used: a copy of this device would not be noticed");
        break;
    }
}

/* What this bench did not see for itself is said. */
static void note_limits(struct device *device, const struct device_answer *answer)
{
    size_t signatures = 0;

    for (size_t i = 0; i < answer->row_count; i++)
        signatures += answer->row[i].verdict == SEK_VERDICT_APPROVED &&
                      answer->row[i].rule == SEK_RULE(SIG, 1);
    if (signatures > 0)
        report_note(&device->subject,
                    "%zu signature%s checked by the device alone: this bench re-checked digests, "
                    "keys, dates and rules, not bytes that it never saw",
                    signatures, signatures == 1 ? " was" : "s were");
    if (answer->content.claims.time_source < HAL_TIME_CHALLENGE)
        report_note(
            &device->subject,
            "the device has no clock that it trusts: dates were judged by this bench alone");
    if (answer->content.claims.has_oem_boot && !answer->content.claims.oem_boot)
        report_note(&device->subject, "the chip says that its secure boot is off: nothing checks "
                                      "what is at its reset vector");
    if (answer->content.unknown_count > 0)
        report_note(&device->subject, "%zu claim%s that this bench does not know",
                    answer->content.unknown_count, answer->content.unknown_count == 1 ? "" : "s");
}

void claims_check(struct device *device, const struct device_party *party,
                  const struct device_answer *answer)
{
    const struct sek_token *claims = &answer->content.claims;
    const struct sek_store *store = &device->trust->store;

    if (claims->summary)
        device_find(device, party, SEK_RULE(EV, 4), SEK_OUTCOME_HOLD,
                    "the device gave a summary, not its inventory");
    if (device->order->dtb &&
        !sek_order_lists(device->order, party->told.serial_number, party->told.model))
        device_find(device, party, SEK_RULE(ID, 3), SEK_OUTCOME_HOLD,
                    "the device's serial number and model are not on the work order");
    if (!party->have_certificate)
        return;
    if (claims->ueid.len != SEK_UEID_LEN ||
        memcmp(claims->ueid.data, party->certificate.ueid, SEK_UEID_LEN) != 0) {
        device_find(device, party, SEK_RULE(ID, 2), SEK_OUTCOME_REJECT,
                    "the evidence is of another device than the certificate");
        return; /* whose starts and serial number would these be? */
    }
    check_serial(device, party, answer);
    if (claims->debug == SEK_DEBUG_ENABLED)
        device_find(device, party, SEK_RULE(EV, 7), SEK_OUTCOME_HOLD,
                    "debug access or a host bridge is open, or nobody can tell that it is closed");
    check_starts(device, party, claims);
    if (claims->store_serial < store->serial)
        device_find(device, party, SEK_RULE(TS, 4), SEK_OUTCOME_HOLD,
                    "its trust store is older than this bench's");
    check_map(device, party, claims);
    if (party == &device->self)
        note_limits(device, answer);
}
