#include "trust/appraise.h"

#include "trust/checks.h"
#include "trust/contradict.h"
#include "trust/decide.h"
#include "trust/row_make.h"
#include "trust/ruling.h"

#include <libfdt.h>

#include <string.h>

static bool judged(const struct sek_appraiser *appraiser)
{
    return appraiser->store && appraiser->store->dtb;
}

/* ---- References ---- */

static bool reference_expired(const struct sek_appraiser *appraiser, const struct sek_row *row)
{
    bool expired = false;

    (void)sek_reference_find(appraiser, row, &expired);
    return expired;
}

static void name_reference(const struct sek_appraiser *appraiser, struct sek_row *row)
{
    const struct sek_store *store = appraiser->store;
    int node = sek_reference_find(appraiser, row, NULL);
    struct sek_bytes phandle = sek_store_bytes(store, node, "supplier");
    int supplier =
        phandle.len == 4 ? sek_store_phandle(store, fdt32_ld((const fdt32_t *)phandle.data)) : -1;

    if (supplier >= 0)
        row->signer = sek_store_node_name(store, supplier);
    if (!row->version[0])
        sek_row_text(row->version, sizeof row->version, sek_store_string(store, node, "version"));
}

/* ---- Images ---- */

/* Who signed each statement of a medium, found at most once in each of the two judgements: images
 * share statements, and verifying is what costs. */
struct signers {
    struct sek_signed_by by[SEK_STATEMENTS_MAX];
    uint32_t known; /* bit n: by[n] is filled */
    unsigned tries;
};

struct image_maker {
    struct sek_case_maker base;
    const struct sek_appraiser *appraiser;
    const struct sek_component *component;
    const struct sek_image_claims *claims;
    const struct sek_image_claim *image;
    struct signers *signers; /* of the first judgement and of the second */
};

static const struct sek_signed_by *signer_of(const struct image_maker *m, unsigned round,
                                             size_t statement)
{
    struct signers *signers = &m->signers[round];

    if (!(signers->known & 1u << statement))
        sek_signer_find(m->appraiser->store, m->claims, statement, &signers->tries,
                        &signers->by[statement]);
    signers->known |= 1u << statement;
    return &signers->by[statement];
}

/* The best of the statements that cover an image: one that verifies suffices, else the worst. */
static void find_signer(const struct image_maker *m, unsigned round, uint32_t statements,
                        struct sek_case *c)
{
    for (size_t i = 0; i < m->claims->statement_count; i++) {
        const struct sek_statement_claim *statement = &m->claims->statement[i];
        const struct sek_signed_by *found;

        if (!(statements & 1u << i) || statement->fault.status != SEK_OK)
            continue;
        found = signer_of(m, round, i);
        if (!sek_signer_outweighs(found, &c->signer))
            continue;
        c->signer = *found;
        c->covered = true;
        c->direct = statement->kind == SEK_STATEMENT_WHOLE && (m->image->direct_by & 1u << i) != 0;
        c->partial = found->signature->partial || statement->kind == SEK_STATEMENT_IMAGE;
    }
}

static void make_image_case(const struct sek_case_maker *maker, unsigned round, struct sek_case *c)
{
    const struct image_maker *m = (const struct image_maker *)maker;

    c->appraiser = m->appraiser;
    c->component = m->component;
    c->claims = m->claims;
    c->image = m->image;
    c->signer = (struct sek_signed_by){.state = SEK_SIGNER_NONE, .key = -1, .supplier = -1};
    find_signer(m, round, m->image->covered_by, c);
    if (c->signer.state == SEK_SIGNER_NONE)
        find_signer(m, round, m->image->data_only_by, c);
    c->signed_at_all = m->claims->signature_count > 0 && !m->image->checksum_only;
}

/* A version that stands elsewhere in the medium counts only if that is signed, too. */
static void check_version(const struct image_maker *m, struct sek_row *row)
{
    for (size_t i = 0; i < m->claims->statement_count; i++)
        if (m->image->version_by & 1u << i && signer_of(m, 0, i)->state != SEK_SIGNER_GOOD)
            row->version[0] = '\0';
}

static void appraise_image(const struct image_maker *m, struct sek_row_sink *sink)
{
    const struct sek_image_claim *image = m->image;
    struct sek_row row;

    sek_row_start(&row, SEK_ROW_IMAGE, m->component);
    sek_row_name(&row, m->component->name, image->name);
    if (row.component_class == SEK_CLASS_NONE)
        row.component_class = image->class_hint;
    sek_row_text(row.format, sizeof row.format, image->format);
    sek_row_text(row.version, sizeof row.version, image->version);
    row.size = image->size;
    row.offset = image->offset;
    row.has_timestamp = image->has_timestamp;
    row.timestamp = image->timestamp;
    row.has_counter = image->has_counter;
    row.security_counter = image->security_counter;
    row.evidence_class = SEK_EVIDENCE_SIGNED;
    row.fault = image->fault;
    sek_row_digests(&row, image);
    sek_row_mismatch(&row, image);
    if (judged(m->appraiser)) {
        check_version(m, &row);
        if (sek_reference_find(m->appraiser, &row, NULL) >= 0) {
            sek_decide_twice(&sek_reference_checks, &m->base, &row);
            name_reference(m->appraiser, &row);
        } else {
            sek_decide_twice(&sek_signed_checks, &m->base, &row);
        }
    }
    sink->row(sink, &row);
}

/* ---- Configurations ---- */

/* True if somebody whom the store knows signed all of a statement, with what is around it. */
static bool wrapped_well(const struct image_maker *m, const struct sek_statement_claim *statement)
{
    for (size_t i = 0; i < m->claims->statement_count; i++)
        if (statement->covered_by & 1u << i && signer_of(m, 0, i)->state == SEK_SIGNER_GOOD)
            return true;
    return false;
}

/* A configuration that fails, or that cannot be read, has a row of its own; others have none. */
static void appraise_configuration(const struct image_maker *m, size_t index,
                                   struct sek_row_sink *sink)
{
    const struct sek_statement_claim *statement = &m->claims->statement[index];
    struct sek_finding finding = {.integrity = SEK_INTEGRITY_UNVERIFIED};
    struct sek_case c = {.appraiser = m->appraiser};
    struct sek_row row;

    if (statement->kind == SEK_STATEMENT_WHOLE && statement->fault.status == SEK_OK)
        return; /* the rows of its images say it */
    c.signer = *signer_of(m, 0, index);
    if (statement->fault.status != SEK_OK)
        finding.rule = SEK_RULE(FMT, 1);
    else if (c.signer.state == SEK_SIGNER_BAD) {
        finding.rule = SEK_RULE(SIG, 4);
        finding.integrity = SEK_INTEGRITY_TAMPERED;
    } else if (m->claims->signature_count > 0 && statement->kind == SEK_STATEMENT_CONFIGURATION &&
               c.signer.state != SEK_SIGNER_GOOD && !wrapped_well(m, statement))
        finding.rule = c.signer.state == SEK_SIGNER_NONE   ? SEK_RULE(SIG, 2)
                       : c.signer.state == SEK_SIGNER_WEAK ? SEK_RULE(SIG, 7)
                                                           : SEK_RULE(SIG, 5);
    else
        return;
    sek_row_start(&row, SEK_ROW_CONFIGURATION, m->component);
    sek_row_name(&row, m->component->name, statement->name);
    if (row.component_class == SEK_CLASS_NONE)
        row.component_class = SEK_CLASS_KERNEL;
    sek_row_text(row.format, sizeof row.format, m->claims->format);
    row.fault = statement->fault;
    sek_decide_signer(&row, &c);
    sek_decide_unproven(&row, &finding);
    sink->row(sink, &row);
}

/* ---- The region itself ---- */

static void make_region_case(const struct sek_case_maker *maker, unsigned round, struct sek_case *c)
{
    const struct image_maker *m = (const struct image_maker *)maker;

    (void)round;
    c->appraiser = m->appraiser;
    c->component = m->component;
    c->signer = (struct sek_signed_by){.state = SEK_SIGNER_NONE, .key = -1, .supplier = -1};
}

/* True if the store has a reference for a component of this name. */
static bool expects_reference(const struct image_maker *m)
{
    const struct sek_store *store = m->appraiser->store;
    int node;

    if (!m->component->named_by_board || store->references < 0)
        return false;
    fdt_for_each_subnode(node, store->dtb, store->references)
    {
        if (sek_store_list_has(store, node, "component", m->component->name))
            return true;
    }
    return false;
}

/* True if only a reference vouches for an image, and nobody for what stands around it in the region
 * and says what becomes of it: where it is loaded and entered, and beside what. */
static bool has_loose_image(const struct image_maker *m)
{
    struct image_maker each = *m;

    for (size_t i = 0; i < m->claims->image_count; i++) {
        struct sek_case c = {0};
        struct sek_row row;

        each.image = &m->claims->image[i];
        sek_row_init(&row);
        sek_row_digests(&row, each.image);
        if (each.image->offset == 0 || sek_reference_find(m->appraiser, &row, NULL) < 0)
            continue;
        make_image_case(&each.base, 0, &c);
        if (c.signer.state != SEK_SIGNER_GOOD || c.partial)
            return true;
    }
    return false;
}

static void not_covered(struct sek_row *row, struct sek_finding *finding,
                        const struct sek_range *range)
{
    finding->rule = SEK_RULE(SIG, 12);
    finding->integrity = SEK_INTEGRITY_UNEXPECTED;
    row->fault = (struct sek_fault){SEK_ERR_MALFORMED, range->offset,
                                    "bytes here belong to no image and are not blank"};
    row->fault_len = range->len;
}

/* What is found on a region that no reference vouches for. False: nothing, its images speak. */
static bool region_finding(const struct image_maker *m, struct sek_row *row,
                           struct sek_finding *finding)
{
    const struct sek_image_claims *claims = m->claims;

    *finding = (struct sek_finding){.integrity = SEK_INTEGRITY_UNVERIFIED};
    if (sek_denied_find(m->appraiser, row) >= 0) {
        finding->rule = SEK_RULE(REF, 3);
        finding->integrity = SEK_INTEGRITY_TAMPERED;
    } else if (claims->fault.status != SEK_OK) {
        finding->rule =
            claims->fault.status == SEK_ERR_UNSUPPORTED ? SEK_RULE(FMT, 2) : SEK_RULE(FMT, 1);
    } else if (m->component->between) {
        if (claims->blank)
            return false;
        not_covered(row, finding, &(struct sek_range){0, claims->size});
    } else if (claims->image_count == 0) {
        bool mutable_class =
            row->component_class == SEK_CLASS_DATA || row->component_class == SEK_CLASS_CONFIG;

        finding->rule = reference_expired(m->appraiser, row) ? SEK_RULE(REF, 4)
                        : expects_reference(m)               ? SEK_RULE(REF, 2)
                        : mutable_class                      ? SEK_RULE(SIG, 2)
                                                             : SEK_RULE(FMT, 3);
    } else if (claims->uncovered_count > 0) {
        not_covered(row, finding, &claims->uncovered[0]);
    } else if (has_loose_image(m)) {
        finding->rule = SEK_RULE(SIG, 6);
        row->fault = (struct sek_fault){SEK_ERR_SIGNATURE, 0,
                                        "its images are vouched for, what is around them is not"};
    } else {
        return false;
    }
    return true;
}

/* True: a reference vouches for all bytes of the region, so that its images need no rows. */
static bool appraise_region(const struct image_maker *m, struct sek_row_sink *sink)
{
    const struct sek_image_claims *claims = m->claims;
    struct sek_finding finding;
    struct sek_row row;
    bool vouched = false;

    sek_row_start(&row, SEK_ROW_REGION, m->component);
    sek_row_text(row.format, sizeof row.format, claims->format ? claims->format : "raw");
    row.size = claims->size;
    row.blank = claims->blank;
    row.fault = claims->fault;
    row.evidence_class = SEK_EVIDENCE_SIGNED;
    for (unsigned alg = SEK_DIGEST_SHA256; alg < SEK_DIGEST_COUNT; alg++)
        sek_row_digest(&row, claims->whole[alg]);
    if (!judged(m->appraiser)) {
        row.container = claims->image_count > 0;
    } else if (sek_reference_find(m->appraiser, &row, NULL) >= 0) {
        const struct image_maker region = {.base.make = make_region_case,
                                           .appraiser = m->appraiser,
                                           .component = m->component,
                                           .claims = claims};

        sek_decide_twice(&sek_reference_checks, &region.base, &row);
        name_reference(m->appraiser, &row);
        vouched = true;
    } else if (region_finding(m, &row, &finding)) {
        sek_decide_unproven(&row, &finding);
    } else {
        row.container = true;
    }
    sink->row(sink, &row);
    return vouched;
}

void sek_appraise_images(const struct sek_appraiser *appraiser,
                         const struct sek_component *component,
                         const struct sek_image_claims *claims, enum sek_status read_status,
                         struct sek_row_sink *sink)
{
    struct signers signers[2] = {{.known = 0}, {.known = 0}};
    struct image_maker m = {.base.make = make_image_case,
                            .appraiser = appraiser,
                            .component = component,
                            .claims = claims,
                            .signers = signers};

    if (read_status != SEK_OK) {
        sek_appraise_unread(appraiser, component, read_status, sink);
        return;
    }
    if (appraise_region(&m, sink))
        return;
    for (size_t i = 0; i < claims->image_count; i++) {
        m.image = &claims->image[i];
        appraise_image(&m, sink);
    }
    for (size_t i = 0; judged(appraiser) && i < claims->statement_count; i++)
        appraise_configuration(&m, i, sink);
}

void sek_appraise_unread(const struct sek_appraiser *appraiser,
                         const struct sek_component *component, enum sek_status status,
                         struct sek_row_sink *sink)
{
    struct sek_finding finding = {.integrity = SEK_INTEGRITY_UNREADABLE, .rule = SEK_RULE(RD, 2)};
    struct sek_row row;

    sek_row_start(&row, SEK_ROW_REGION, component);
    row.fault.status = status;
    row.fault.why = sek_status_text(status);
    if (status == SEK_ERR_ABSENT)
        finding.rule = SEK_RULE(RD, 1);
    if (status == SEK_ERR_DENIED)
        finding.rule = SEK_RULE(RD, 6);
    if (status == SEK_ERR_NOT_FOUND || (status == SEK_ERR_ABSENT && component->optional)) {
        finding.integrity = SEK_INTEGRITY_ABSENT;
        finding.rule = component->optional ? SEK_RULE(RD, 4) : SEK_RULE(RD, 3);
    }
    if (judged(appraiser))
        sek_decide_unproven(&row, &finding);
    sink->row(sink, &row);
}

void sek_appraise_map(const struct sek_appraiser *appraiser, const struct sek_component *component,
                      sek_rule rule, uint64_t size, const char *why, struct sek_row_sink *sink)
{
    const struct sek_finding finding = {.integrity = SEK_INTEGRITY_UNEXPECTED, .rule = rule};
    struct sek_row row;

    sek_row_start(&row, SEK_ROW_REGION, component);
    row.size = size;
    row.fault = (struct sek_fault){SEK_ERR_RANGE, 0, why};
    sek_decide_unproven(&row, &finding);
    if (!judged(appraiser))
        row.verdict = SEK_VERDICT_UNVERIFIED;
    sink->row(sink, &row);
}

/* ---- Parts ---- */

/* A part that contradicts itself or its place is consulted, whatever relieves it. */
static void contradict(const struct sek_appraiser *appraiser, const struct sek_row *row,
                       const struct sek_hits *hits, struct sek_finding *finding)
{
    int entity;

    if (row->rule == SEK_RULE(CX, 2)) { /* other rows showed it, and those are not here */
        finding->rule = row->rule;
        finding->supplier = SEK_SUPPLIER_CONSULT;
    } else if (sek_contradict_class(row)) {
        finding->rule = SEK_RULE(CX, 3);
        finding->supplier = SEK_SUPPLIER_CONSULT;
    } else if (sek_contradict_number(appraiser->store, hits, &entity)) {
        finding->rule = SEK_RULE(CX, 1);
        finding->supplier = SEK_SUPPLIER_CONSULT;
        finding->policy.entity = sek_store_node_name(appraiser->store, entity);
    }
}

static void judge_part(const struct sek_appraiser *appraiser, struct sek_row *row)
{
    struct sek_hits hits;
    const struct sek_rules_subject subject = {&hits, row->component_class, row->observation,
                                              row->observation_count};
    struct sek_rules_result result;
    struct sek_finding finding = {.integrity = SEK_INTEGRITY_CLAIMED};

    sek_match(appraiser->store, row->observation, row->observation_count, &hits);
    sek_rules_evaluate(appraiser->store, &appraiser->context, &subject, &result);
    sek_finding_of_ruling(&result, &finding);
    if (result.ruling == SEK_RULING_NONE && (row->blank || row->damaged || !hits.attributed)) {
        finding.rule = SEK_RULE(VND, 6);
        finding.supplier = sek_policy_tier(appraiser, "unattributed-consult")
                               ? SEK_SUPPLIER_CONSULT
                               : SEK_SUPPLIER_UNATTRIBUTED;
    }
    if (finding.supplier < SEK_SUPPLIER_CONSULT)
        contradict(appraiser, row, &hits, &finding);
    sek_decide_unproven(row, &finding);
}

void sek_appraise_part(const struct sek_appraiser *appraiser, const struct sek_component *component,
                       const struct sek_part_claims *claims, uint64_t size,
                       struct sek_row_sink *sink)
{
    struct sek_row row;

    sek_row_start(&row, SEK_ROW_PART, component);
    if (row.component_class == SEK_CLASS_NONE)
        row.component_class = claims->class_hint;
    sek_row_text(row.format, sizeof row.format, claims->format);
    row.size = size;
    row.observation = claims->item;
    row.observation_count = claims->count;
    row.blank = claims->blank;
    row.damaged = claims->damaged;
    row.fault = claims->fault;
    for (size_t i = 0; i < claims->count; i++)
        if (claims->item[i].evidence > row.evidence_class)
            row.evidence_class = claims->item[i].evidence;
    if (judged(appraiser))
        judge_part(appraiser, &row);
    sink->row(sink, &row);
}

/* ---- Rows that came as evidence ---- */

struct told_maker {
    struct sek_case_maker base;
    const struct sek_appraiser *appraiser;
    const struct sek_component *component;
    const struct sek_row *told;
};

/* What the device verified counts as verified if this store knows the key. */
static void make_told_case(const struct sek_case_maker *maker, unsigned round, struct sek_case *c)
{
    const struct told_maker *m = (const struct told_maker *)maker;
    const struct sek_store *store = m->appraiser->store;
    int key = m->told->has_key ? sek_signer_key(store, m->told->key) : -1;

    (void)round;
    c->appraiser = m->appraiser;
    c->component = m->component;
    c->signer = (struct sek_signed_by){.state = SEK_SIGNER_UNKNOWN, .key = -1, .supplier = -1};
    c->covered = true;
    c->signed_at_all = true;
    if (m->told->integrity == SEK_INTEGRITY_VERIFIED && key >= 0)
        c->signer = (struct sek_signed_by){
            .state = SEK_SIGNER_GOOD, .key = key, .supplier = fdt_parent_offset(store->dtb, key)};
    /* Dates that are not in evidence, left open by who had no clock: those of certificates. */
    c->dates_open =
        key >= 0 && m->told->supplier != SEK_SUPPLIER_APPROVED &&
        !sek_store_has(store, key, "ignore-certificate-dates") &&
        (sek_store_has(store, key, "certificate") ||
         (m->told->rule == SEK_RULE(SIG, 11) && !sek_store_has(store, key, "not-after")));
}

/* The component that a row belongs to: of "REGION/NAME" the region, in whose name no '/' stands. */
static void name_component(const struct sek_row *row, char name[SEK_ROW_NAME_MAX + 1])
{
    sek_row_text(name, SEK_ROW_NAME_MAX + 1, row->name);
    if (row->kind == SEK_ROW_IMAGE || row->kind == SEK_ROW_CONFIGURATION)
        name[strcspn(name, "/")] = '\0';
}

/* Whoever measured had a manifest that does not list it: it stays so, unless it is worse. */
static void judge_told_part(const struct sek_appraiser *appraiser, struct sek_row *row)
{
    struct sek_finding kept = {.rule = row->rule, .integrity = row->integrity};

    judge_part(appraiser, row);
    if (kept.integrity != SEK_INTEGRITY_UNEXPECTED || row->supplier == SEK_SUPPLIER_EXCLUDED)
        return;
    kept.supplier = row->supplier;
    kept.policy = row->policy;
    sek_decide_unproven(row, &kept);
}

void sek_appraise_row(const struct sek_appraiser *appraiser, struct sek_row *row)
{
    char name[SEK_ROW_NAME_MAX + 1];
    const struct sek_component component = {.name = name, .named_by_board = true};
    const struct sek_row told = *row;
    const struct told_maker m = {{make_told_case}, appraiser, &component, &told};
    struct sek_finding kept = {
        .rule = row->rule, .integrity = row->integrity, .supplier = SEK_SUPPLIER_NOT_EVALUATED};
    bool good = row->integrity == SEK_INTEGRITY_VERIFIED || row->integrity == SEK_INTEGRITY_CLAIMED;

    row->verdict = SEK_VERDICT_UNVERIFIED;
    row->supplier = SEK_SUPPLIER_NOT_EVALUATED;
    row->signer = NULL;
    if (!judged(appraiser))
        return;
    /* Its images speak for it, unless its bytes as a whole are known to be bad. */
    row->container = row->container && sek_denied_find(appraiser, row) < 0;
    if (row->container)
        return;
    name_component(row, name);
    if (row->kind == SEK_ROW_PART &&
        (row->integrity == SEK_INTEGRITY_CLAIMED || row->integrity == SEK_INTEGRITY_UNEXPECTED))
        judge_told_part(appraiser, row);
    else if (sek_reference_find(appraiser, row, NULL) >= 0) {
        sek_decide_twice(&sek_reference_checks, &m.base, row);
        name_reference(appraiser, row);
    } else if ((row->integrity == SEK_INTEGRITY_VERIFIED && row->has_key) ||
               sek_denied_find(appraiser, row) >= 0)
        sek_decide_twice(&sek_signed_checks, &m.base, row);
    else {
        if (good) /* only the device's own store vouches: to this one nobody signed the bytes */
            kept = (struct sek_finding){
                .rule = reference_expired(appraiser, row) ? SEK_RULE(REF, 4) : SEK_RULE(SIG, 2),
                .integrity = SEK_INTEGRITY_UNVERIFIED};
        sek_decide_unproven(row, &kept);
    }
}
