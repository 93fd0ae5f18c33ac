/* Appraisal: from claims to one word, by the signed store and its policy.
 *
 * An ordered table of checks decides (trust/checks.c); the approving word is stored in one place
 * only, after every check has passed, twice. */
#ifndef SEK_TRUST_APPRAISE_H
#define SEK_TRUST_APPRAISE_H

#include "image/image.h"
#include "trust/row.h"
#include "trust/store.h"

/* Where and when: NULL and 0 mean "unknown", which never makes a verdict better. */
struct sek_context {
    sek_day today;     /* evaluation date; 0: no trusted clock */
    const char *tier;  /* "confidential", ... */
    const char *event; /* "procure", ... */
    const char *product_class;
    sek_day acquired;
    /* A second evaluation, whose result stands if it is worse; NULL: none. Values typed on a
     * command line may only make the result stricter: beside them stands the context that a signed
     * order gives, or the unknown one. Its own `also` is not looked at. */
    const struct sek_context *also;
};

struct sek_appraiser {
    const struct sek_store *store; /* NULL or dtb NULL: nothing is judged, all not evaluated */
    struct sek_context context;
};

/* What the board description (or the command line) says of a component. */
struct sek_component {
    const char *name;
    enum sek_class component_class; /* SEK_CLASS_NONE: by content */
    bool named_by_board;            /* name and class come from a board description: scopes and
                                     * references that name components hold */
    bool optional;
    bool between; /* bytes between images that nothing describes: they have to be blank */
    enum sek_bank bank;
    enum sek_method method;
    const char *location;
};

/* Takes each finished row; row is valid during the call only (what it borrows lives longer). */
struct sek_row_sink {
    void (*row)(struct sek_row_sink *sink, const struct sek_row *row);
};

/* Appraises a measured medium: first the region's own row (always, also when it has images; its
 * verdict covers findings on the region and bytes that nothing covers), then one row per image,
 * then one per configuration that fails. read_status: SEK_OK, or why the medium could not be read.
 */
void sek_appraise_images(const struct sek_appraiser *appraiser,
                         const struct sek_component *component,
                         const struct sek_image_claims *claims, enum sek_status read_status,
                         struct sek_row_sink *sink);

/* Appraises what a part says of itself. */
void sek_appraise_part(const struct sek_appraiser *appraiser, const struct sek_component *component,
                       const struct sek_part_claims *claims, uint64_t size,
                       struct sek_row_sink *sink);

/* A component that could not be read: status SEK_ERR_ABSENT (nobody answers), SEK_ERR_IO (short or
 * failing), SEK_ERR_DENIED (the agent may not), SEK_ERR_NOT_FOUND (not there). An absent optional
 * one is no finding. */
void sek_appraise_unread(const struct sek_appraiser *appraiser,
                         const struct sek_component *component, enum sek_status status,
                         struct sek_row_sink *sink);

/* Something that the board description says wrongly: there, and not as described (MAP-002,
 * MAP-003). size: bytes that it really has; why: constant text. */
void sek_appraise_map(const struct sek_appraiser *appraiser, const struct sek_component *component,
                      sek_rule rule, uint64_t size, const char *why, struct sek_row_sink *sink);

/* Appraises rows again that came as evidence from elsewhere: what their agent says of integrity is
 * kept or lowered by this store's keys, references, rules and dates; only a reference raises it.
 * In: row with integrity, key, digests, observations, class as told. Out: the same row judged; a
 * container stays one, without a word, unless its bytes are denied. */
void sek_appraise_row(const struct sek_appraiser *appraiser, struct sek_row *row);

/* True if a policy's list of tiers holds: of the context's tier, or of its second evaluation's; an
 * unknown tier is in every list. A list that the store does not have holds for none. */
bool sek_policy_tier(const struct sek_appraiser *appraiser, const char *property);

/* The outcome of one more row, together with what the rows before it came to. Start with
 * sek_tally_start; sek_tally_end turns "nothing approved" into HOLD. */
struct sek_tally {
    enum sek_outcome worst; /* of the rows so far */
    uint32_t approved;      /* rows */
    uint32_t count;         /* rows that count (absent optional ones do not) */
};
void sek_tally_start(struct sek_tally *tally);
void sek_tally_row(struct sek_tally *tally, const struct sek_appraiser *appraiser,
                   const struct sek_row *row);
void sek_tally_finding(struct sek_tally *tally, enum sek_outcome outcome);
enum sek_outcome sek_tally_end(const struct sek_tally *tally);

#endif
