#include "trust/ruling.h"

#include "base/bytes.h"

void sek_finding_of_ruling(const struct sek_rules_result *result, struct sek_finding *finding)
{
    switch (result->ruling) {
    case SEK_RULING_EXCLUDED:
    case SEK_RULING_OVERDUE:
        finding->supplier = SEK_SUPPLIER_EXCLUDED;
        finding->rule = SEK_RULE(VND, 2);
        break;
    case SEK_RULING_CONSULT:
        finding->supplier = SEK_SUPPLIER_CONSULT;
        finding->rule = result->look_alike ? SEK_RULE(VND, 8) : SEK_RULE(VND, 5);
        break;
    case SEK_RULING_TRANSITION:
        finding->supplier = SEK_SUPPLIER_TRANSITIONAL;
        finding->rule = SEK_RULE(VND, 3);
        break;
    case SEK_RULING_EXCEPTION:
        finding->supplier = SEK_SUPPLIER_TRANSITIONAL;
        finding->rule = SEK_RULE(VND, 4);
        break;
    case SEK_RULING_NONE:
        finding->supplier = SEK_SUPPLIER_NO_MATCH;
        finding->rule = SEK_RULE(VND, 1);
        break;
    }
    finding->policy = result->policy;
}

/* Whom the content of an image names, as a part would name its maker. More than we keep is never
 * taken for nobody. */
static void match_content(const struct sek_case *c, struct sek_hits *hits)
{
    struct sek_observation seen[SEK_CONTENTS_MAX];
    const struct sek_image_claims *claims = c->claims;
    size_t count = 0;

    for (; claims && count < claims->content_count && count < SEK_LEN(seen); count++) {
        const struct sek_content_claim *content = &claims->content[count];

        seen[count] = (struct sek_observation){
            .kind =
                content->kind == SEK_CONTENT_COMPATIBLE ? SEK_KIND_COMPATIBLE : SEK_KIND_PRODUCT,
            .type = SEK_VALUE_TEXT,
            .value = content->text,
            .evidence = SEK_EVIDENCE_SIGNED,
        };
    }
    sek_match(c->appraiser->store, seen, count, hits);
    hits->overflow = hits->overflow || (claims && claims->content_count > count);
}

bool sek_supplier_clear(const struct sek_case *c, int supplier, struct sek_finding *finding)
{
    const struct sek_store *store = c->appraiser->store;
    struct sek_bytes phandle = sek_store_bytes(store, supplier, "entity");
    int entity = phandle.len == 4 ? sek_store_phandle(store, sek_get_u32be(phandle.data)) : -1;
    struct sek_hits hits;
    const struct sek_rules_subject subject = {.hits = &hits,
                                              .component_class = c->row->component_class};
    struct sek_rules_result result;

    match_content(c, &hits);
    hits.attributed = true;
    hits.stranger = entity < 0; /* somebody of whom the store says no name */
    hits.overflow = hits.overflow || hits.count == SEK_HITS_MAX;
    if (entity >= 0 && hits.count < SEK_HITS_MAX)
        hits.hit[hits.count++] = (struct sek_hit){
            .entity = entity,
            .strength = SEK_HIT_EXACT,
            .evidence = SEK_EVIDENCE_SIGNED,
        };
    sek_rules_evaluate(store, &c->appraiser->context, &subject, &result);
    if (result.ruling == SEK_RULING_NONE)
        return true;
    sek_finding_of_ruling(&result, finding);
    return false;
}
