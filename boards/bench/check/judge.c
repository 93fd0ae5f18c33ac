#include "boards/bench/check/judge.h"

#include "trust/contradict.h"
#include "trust/decide.h"
#include "trust/manifest.h"

#include <string.h>

/* A region that has images and nothing said of itself: they speak. */
static bool is_container(const struct device_answer *answer, size_t i)
{
    const struct sek_row *row = &answer->row[i];
    size_t len = strlen(row->name);

    return row->kind == SEK_ROW_REGION && row->integrity == SEK_INTEGRITY_NOT_EVALUATED &&
           i + 1 < answer->content.row_count &&
           strncmp(answer->row[i + 1].name, row->name, len) == 0 &&
           answer->row[i + 1].name[len] == '/';
}

/* The device's own word for a row. */
static enum sek_verdict told_verdict(const struct sek_row *row)
{
    bool listed = row->integrity == SEK_INTEGRITY_CLAIMED && row->rule == SEK_RULE(REF, 1);

    if ((row->integrity == SEK_INTEGRITY_VERIFIED || listed) &&
        row->supplier == SEK_SUPPLIER_APPROVED)
        return SEK_VERDICT_APPROVED;
    return sek_decide_word(row->integrity, row->supplier);
}

/* The device has no clock that it trusts, and so left dates open. */
static bool is_undated(const struct sek_token *claims, const struct sek_row *told)
{
    bool open_date = told->supplier == SEK_SUPPLIER_CONSULT
                         ? told->rule == SEK_RULE(TS, 3) || told->rule == SEK_RULE(SIG, 11)
                         : told->rule == SEK_RULE(REF, 4);

    return claims->time_source < HAL_TIME_CHALLENGE && open_date;
}

/* Another word, and no quarrel: the device left dates open that are good, it knows no context and
 * so gave no relief, or no determinations and so asked for one. */
static bool is_explained(bool undated, bool determined, enum sek_supplier told,
                         const struct sek_row *ours)
{
    return (undated && ours->verdict == SEK_VERDICT_APPROVED) || determined ||
           (told == SEK_SUPPLIER_EXCLUDED &&
            (ours->rule == SEK_RULE(VND, 3) || ours->rule == SEK_RULE(VND, 4)));
}

/* The good words of a device without a certificate would rest on nothing. */
static void take_back(const struct device_party *party, struct sek_row *row)
{
    if (party->have_certificate || row->verdict != SEK_VERDICT_APPROVED)
        return;
    row->verdict = SEK_VERDICT_UNVERIFIED;
    row->integrity = SEK_INTEGRITY_UNVERIFIED;
    row->supplier = SEK_SUPPLIER_NOT_EVALUATED;
    row->rule = SEK_RULE(EV, 3);
    row->signer = NULL;
}

/* The parts against the manifest of this device, whose serial number its certificate tells. Rows of
 * what is missing are the bench's own; a gate sees only what its board description names. */
static void judge_by_manifest(const struct device *device, const struct device_party *party,
                              struct device_answer *answer)
{
    const char *serial = party->have_certificate ? party->certificate.serial : "";
    const struct sek_manifest manifest =
        sek_manifest_find(device->appraiser->store, answer->content.claims.hw_model,
                          (struct sek_bytes){(const uint8_t *)serial, strlen(serial)});
    size_t told = answer->row_count;

    for (size_t i = 0; i < told; i++)
        sek_manifest_row(device->appraiser, &manifest, &answer->row[i]);
    answer->unjudged =
        party != &device->gate && !sek_manifest_missing(device->appraiser, &manifest, answer->row,
                                                        &answer->row_count, DEVICE_ROWS);
    for (size_t i = told; i < answer->row_count; i++)
        answer->told[i] = answer->row[i].verdict;
}

void judge_rows(const struct device *device, const struct device_party *party,
                struct device_answer *answer)
{
    const struct sek_store *store = device->appraiser->store;
    bool undated[DEVICE_ROWS] = {false}, asked[DEVICE_ROWS] = {false};
    enum sek_supplier supplier[DEVICE_ROWS] = {SEK_SUPPLIER_NOT_EVALUATED};
    size_t kept = 0;
    struct sek_tally tally;

    sek_tally_start(&tally);
    answer->tampered = false;
    for (size_t i = 0; i < answer->content.row_count; i++) {
        const struct sek_row told = answer->row[i];
        struct sek_row row = told;

        row.container = is_container(answer, i);
        sek_appraise_row(device->appraiser, &row);
        if (row.container)
            continue;
        answer->tampered = answer->tampered || row.verdict == SEK_VERDICT_TAMPERED;
        answer->told[kept] = told_verdict(&told);
        undated[kept] = is_undated(&answer->content.claims, &told);
        asked[kept] = told.rule == SEK_RULE(VND, 5);
        supplier[kept] = told.supplier;
        answer->row[kept++] = row;
    }
    answer->row_count = kept;
    sek_contradict_rows(answer->row, kept);
    judge_by_manifest(device, party, answer);
    for (size_t i = 0; i < answer->row_count; i++) {
        take_back(party, &answer->row[i]);
        answer->explained[i] =
            i >= kept ||
            is_explained(undated[i], asked[i] && store->dtb && store->determinations >= 0,
                         supplier[i], &answer->row[i]);
        sek_tally_row(&tally, device->appraiser, &answer->row[i]);
    }
    if (answer->unjudged)
        sek_tally_finding(&tally, SEK_OUTCOME_HOLD);
    answer->outcome = sek_tally_end(&tally);
}

static bool is_good(enum sek_verdict verdict)
{
    return verdict == SEK_VERDICT_APPROVED || verdict == SEK_VERDICT_IDENTIFIED;
}

static void find_disagreement(struct device *device, const struct device_party *party,
                              const struct device_answer *answer, size_t i)
{
    const struct sek_row *row = &answer->row[i];
    char text[REPORT_DETAIL];

    if (answer->told[i] == row->verdict || answer->explained[i])
        return;
    snprintf(text, sizeof text, "%s: the device says %s, this bench %s", row->name,
             sek_verdict_name(answer->told[i]), sek_verdict_name(row->verdict));
    device_find(device, party, SEK_RULE(EV, 4),
                is_good(answer->told[i]) && !is_good(row->verdict) ? SEK_OUTCOME_HOLD
                                                                   : SEK_OUTCOME_ACCEPT,
                text);
}

void judge_count(struct device *device, const struct device_party *party,
                 const struct device_answer *answer)
{
    /* Not enrolled is HOLD: nothing that it says counts for or against it. */
    if (!party->have_certificate)
        return;
    if (answer->unjudged)
        device_find(device, party, SEK_RULE(RD, 3), SEK_OUTCOME_HOLD,
                    "the manifest lists parts that are missing and cannot be shown: others have "
                    "their names, or there are too many");
    for (size_t i = 0; i < answer->row_count; i++) {
        sek_tally_row(&device->tally, device->appraiser, &answer->row[i]);
        if (device->trust->store.dtb)
            find_disagreement(device, party, answer, i);
    }
}

/* Data is written while a system runs: only other bytes of it are no contradiction. */
bool judge_same_bytes(const struct sek_row *a, const struct sek_row *b)
{
    return (a->component_class == SEK_CLASS_DATA && b->component_class == SEK_CLASS_DATA) ||
           memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

const char *judge_difference(const struct device_answer *a, const struct device_answer *b)
{
    for (size_t i = 0; i < a->row_count && i < b->row_count; i++) {
        if (strcmp(a->row[i].name, b->row[i].name) != 0 || a->told[i] != b->told[i] ||
            a->row[i].verdict != b->row[i].verdict || a->row[i].size != b->row[i].size ||
            !judge_same_bytes(&a->row[i], &b->row[i]))
            return a->row[i].name;
    }
    if (a->row_count != b->row_count)
        return a->row_count > b->row_count ? a->row[b->row_count].name : b->row[a->row_count].name;
    return NULL;
}
