/* A token that opens gives rows within their bounds, whoever signed it; a payload by itself, too.
 */
#include "evidence/token_decode.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct sek_reader payload)
{
    static struct sek_row row[64];
    static struct sek_observation observation[128];
    struct sek_token_unknown unknown[4];
    struct sek_token_content content = {.row = row,
                                        .row_cap = 64,
                                        .observation = observation,
                                        .observation_cap = 128,
                                        .unknown = unknown,
                                        .unknown_cap = 4};

    if (sek_token_decode(payload, &content) != SEK_OK) {
        assert(payload.fault->offset <= payload.end && payload.fault->why);
        assert(content.row_count == 0);
        return;
    }
    assert(content.row_count > 0 || content.claims.summary);
    for (size_t i = 0; i < content.row_count; i++) {
        const struct sek_row *r = &row[i];

        assert(strlen(r->name) <= SEK_ROW_NAME_MAX && r->verdict == SEK_VERDICT_UNVERIFIED);
        assert(r->component_class <= SEK_CLASS_NONE && r->bank <= SEK_BANK_RECOVERY);
        assert(r->observation_count == 0 ||
               (r->observation >= observation &&
                r->observation + r->observation_count <= observation + content.observation_count));
        assert(r->integrity != SEK_INTEGRITY_VERIFIED || r->has_key || r->rule == SEK_RULE(REF, 1));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sek_fault fault = {.status = SEK_OK};
    struct sek_reader r = sek_reader_make((struct sek_bytes){.data = data, .len = size}, &fault);
    struct sek_cose token;

    if (size == 0 || data[0] != SEK_COSE_FIRST_BYTE)
        look(r); /* mutants reach deeper without the wrapping */
    else if (sek_cose_open(r, &token) == SEK_OK)
        look(token.payload);
    return 0;
}
