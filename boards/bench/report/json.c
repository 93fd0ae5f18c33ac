#define _POSIX_C_SOURCE 200809L
#include "boards/bench/report/report.h"

#include "base/text.h"

#include <jansson.h>

#include <string.h>
#include <time.h>

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

/* Text from a device, an image or a store (which is signed, its text still foreign), cleaned. */
static json_t *clean_or_null(const char *text)
{
    char clean[256];

    if (!text)
        return json_null();
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, clean, sizeof clean);
    return json_string(clean);
}

static json_t *foreign_or_null(const char *text)
{
    return text[0] ? clean_or_null(text) : json_null();
}

static json_t *date_or_null(sek_day day)
{
    char text[SEK_DATE_LEN + 1];

    if (!day)
        return json_null();
    sek_date_format(day, text);
    return json_string(text);
}

static json_t *rule_or_null(sek_rule rule)
{
    char id[SEK_RULE_TEXT_LEN + 1];

    if (!rule)
        return json_null();
    sek_rule_format(rule, id);
    return json_string(id);
}

static json_t *observed(const struct sek_row *row, enum sek_kind kind)
{
    char text[128];

    report_observed(row, kind, text, sizeof text);
    return text_or_null(text);
}

/* All that a part says of itself, in the words of manifests. */
static json_t *said(const struct sek_row *row)
{
    json_t *list = json_array();
    char word[REPORT_DETAIL];

    for (size_t i = 0; i < row->observation_count; i++) {
        report_said(&row->observation[i], word, sizeof word);
        json_array_append_new(list, json_string(word));
    }
    return list;
}

static void set_digest(json_t *object, const struct sek_digest_value *value)
{
    char hex[2 * SEK_DIGEST_MAX + 1];

    if (value->alg == SEK_DIGEST_NONE)
        return;
    sek_text_hex((struct sek_bytes){value->bytes, sek_digest_len(value->alg)}, hex);
    json_object_set_new(object, sek_digest_name(value->alg), json_string(hex));
}

static json_t *policy_object(const struct sek_policy_ref *policy)
{
    if (!policy->rule)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rule", clean_or_null(policy->rule),
                     "entity", clean_or_null(policy->entity), "authority",
                     clean_or_null(policy->authority), "clause", clean_or_null(policy->clause),
                     "effective_from", date_or_null(policy->effective_from), "ends",
                     date_or_null(policy->ends), "exception", clean_or_null(policy->exception));
}

/* Evidence tells the size of a region, not of the images in it. */
static json_t *size_of(const struct sek_row *row)
{
    bool unknown = row->size == 0 && row->kind != SEK_ROW_REGION && row->kind != SEK_ROW_PART;

    return unknown ? json_null() : json_integer((json_int_t)row->size);
}

static json_t *component(const struct report_head *head, const struct sek_row *row,
                         const enum sek_verdict *advisory)
{
    bool accepted = report_row_outcome(head, row) == SEK_OUTCOME_ACCEPT;
    json_t *object = json_object(), *digests = json_object(), *expected = NULL;
    char key[12], detail[REPORT_DETAIL];

    for (size_t i = 0; i < SEK_ROW_DIGESTS; i++)
        set_digest(digests, &row->digest[i]);
    if (row->expected.alg != SEK_DIGEST_NONE) {
        expected = json_object();
        set_digest(expected, &row->expected);
    }
    if (row->has_key)
        report_key(row->key, key);
    report_sentence(row, detail);
    json_object_set_new(object, "name", json_string(row->name));
    json_object_set_new(object, "class",
                        row->component_class == SEK_CLASS_NONE
                            ? json_null()
                            : json_string(sek_class_name(row->component_class)));
    json_object_set_new(object, "location", foreign_or_null(row->location));
    json_object_set_new(object, "format", foreign_or_null(row->format));
    json_object_set_new(object, "version", foreign_or_null(row->version));
    json_object_set_new(object, "size", size_of(row));
    json_object_set_new(object, "digests", digests);
    json_object_set_new(object, "expected", expected ? expected : json_null());
    json_object_set_new(object, "signer", clean_or_null(row->signer));
    json_object_set_new(object, "key", row->has_key ? json_string(key) : json_null());
    json_object_set_new(object, "vendor", observed(row, SEK_KIND_VENDOR));
    json_object_set_new(object, "manufacturer", observed(row, SEK_KIND_MANUFACTURER));
    json_object_set_new(object, "part_number", observed(row, SEK_KIND_PART_NUMBER));
    json_object_set_new(object, "serial_number", observed(row, SEK_KIND_SERIAL_NUMBER));
    if (row->observation_count > 0)
        json_object_set_new(object, "says", said(row));
    json_object_set_new(object, "evidence_class", json_integer(row->evidence_class));
    json_object_set_new(object, "integrity", json_string(sek_integrity_name(row->integrity)));
    json_object_set_new(object, "supplier", json_string(sek_supplier_name(row->supplier)));
    json_object_set_new(object, "verdict", json_string(sek_verdict_name(row->verdict)));
    json_object_set_new(object, "rule", rule_or_null(row->rule));
    json_object_set_new(object, "policy", policy_object(&row->policy));
    if (advisory) {
        json_object_set_new(object, "bank", json_string(report_bank_name(row->bank)));
        json_object_set_new(object, "advisory", json_string(sek_verdict_name(*advisory)));
    }
    json_object_set_new(object, "detail", json_string(detail));
    json_object_set_new(object, "next",
                        accepted ? json_null() : text_or_null(report_next(row->rule)));
    return object;
}

static json_t *context_object(const struct report_head *head)
{
    const struct sek_context *context = head->context;

    return json_pack("{s:o, s:o, s:o, s:s}", "tier", clean_or_null(context->tier), "event",
                     clean_or_null(context->event), "acquired", date_or_null(context->acquired),
                     "source", head->context_source);
}

static json_t *device_object(const struct report_device *device)
{
    return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o}", "ueid", device->ueid, "model",
                     clean_or_null(device->model), "serial_number",
                     clean_or_null(device->serial_number), "enrolled", device->enrolled,
                     "key_protection", text_or_null(device->key_protection), "secure_boot",
                     device->tells_secure_boot ? json_boolean(device->secure_boot) : json_null());
}

static json_t *bank_list(const struct report_head *head, const struct report_subject *subject)
{
    json_t *list = json_array();
    enum sek_outcome outcome;

    for (enum sek_bank bank = SEK_BANK_ACTIVE; bank <= SEK_BANK_RECOVERY; bank++) {
        if (report_bank(head, subject, bank, &outcome))
            json_array_append_new(list, json_pack("{s:s, s:b, s:s}", "bank", report_bank_name(bank),
                                                  "boots", bank == SEK_BANK_ACTIVE, "outcome",
                                                  sek_outcome_name(outcome)));
    }
    return list;
}

static json_t *component_list(const struct report_head *head, const struct sek_row *row,
                              const enum sek_verdict *advisory, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, component(head, &row[i], advisory ? &advisory[i] : NULL));
    return list;
}

static json_t *gate_object(const struct report_head *head, const struct report_gate *gate)
{
    json_t *object = device_object(gate->device);

    json_object_set_new(object, "assurance", json_string(gate->device->assurance));
    json_object_set_new(object, "boot_count", json_integer((json_int_t)gate->boot_count));
    json_object_set_new(object, "store_serial", json_integer(gate->store_serial));
    json_object_set_new(object, "components",
                        component_list(head, gate->row, gate->advisory, gate->row_count));
    return object;
}

static void print_name(FILE *out, const char *name)
{
    json_t *value = clean_or_null(name);

    json_dumpf(value, out, JSON_ENCODE_ANY);
    json_decref(value);
}

void report_json_begin(FILE *out, const struct report_head *head)
{
    const struct bench_trust *trust = head->trust;
    char when[32];
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(out, "{\"schema\":\"sekisho/report-1\",\"time\":\"%s\",\"store\":", when);
    if (trust->store.dtb) {
        fprintf(out, "{\"serial\":%lu,\"authority\":", (unsigned long)trust->store.serial);
        print_name(out, trust->store.authority);
        if (trust->determined)
            fprintf(out, ",\"determinations\":%lu", (unsigned long)trust->determinations);
        fprintf(out, ",\"demo\":%s}", trust->demo ? "true" : "false");
    } else {
        fputs("null", out);
    }
    fputs(",\"subjects\":[", out);
}

static json_t *finding(sek_rule rule, const char *detail)
{
    return json_pack("{s:o, s:s, s:o}", "rule", rule_or_null(rule), "detail", detail, "next",
                     text_or_null(report_next(rule)));
}

/* What is wrong with the store concerns every subject. */
static json_t *finding_list(const struct report_head *head, const struct report_subject *subject)
{
    json_t *list = json_array();

    if (head->trust->rule)
        json_array_append_new(
            list, finding(head->trust->rule, report_rule_find(head->trust->rule)->title));
    for (size_t i = 0; i < subject->finding_count; i++)
        json_array_append_new(list, finding(subject->finding[i].rule, subject->finding[i].detail));
    return list;
}

static json_t *note_list(const struct report_head *head, const struct report_subject *subject)
{
    json_t *list = json_array();

    if (head->trust->soon[0])
        json_array_append_new(list, json_string(head->trust->soon));
    for (size_t i = 0; i < subject->note_count; i++)
        json_array_append_new(list, json_string(subject->note[i]));
    return list;
}

void report_json_subject(FILE *out, const struct report_head *head,
                         const struct report_subject *subject, bool first)
{
    json_t *object = json_object();

    json_object_set_new(object, subject->is_file ? "file" : "target", clean_or_null(subject->name));
    json_object_set_new(object, "outcome", json_string(sek_outcome_name(subject->outcome)));
    json_object_set_new(object, "assurance",
                        subject->is_file  ? json_string("read")
                        : subject->device ? text_or_null(subject->device->assurance)
                                          : json_null());
    json_object_set_new(object, "context", context_object(head));
    if (!subject->is_file) {
        json_object_set_new(object, "device",
                            subject->device ? device_object(subject->device) : json_null());
        json_object_set_new(object, "gate",
                            subject->gate ? gate_object(head, subject->gate) : json_null());
        json_object_set_new(object, "banks", bank_list(head, subject));
    }
    json_object_set_new(object, "components",
                        component_list(head, subject->row, subject->advisory, subject->row_count));
    json_object_set_new(object, "findings", finding_list(head, subject));
    json_object_set_new(object, "notes", note_list(head, subject));
    if (!first)
        fputc(',', out);
    json_dumpf(object, out, JSON_COMPACT);
    json_decref(object);
}

void report_json_end(FILE *out, enum sek_outcome outcome, int exit_status)
{
    fprintf(out, "],\"outcome\":\"%s\",\"exit\":%d}\n", sek_outcome_name(outcome), exit_status);
}
