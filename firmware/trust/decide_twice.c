/* One row, judged twice. */
#include "trust/decide.h"

#include <string.h>

void sek_decide_signer(struct sek_row *row, const struct sek_case *c)
{
    struct sek_bytes id = sek_store_bytes(c->appraiser->store, c->signer.key, "key-id");

    if (c->signer.key < 0)
        return;
    row->signer = sek_store_node_name(c->appraiser->store, c->signer.supplier);
    row->has_key = id.len == SEK_KEY_ID_LEN;
    if (row->has_key)
        memcpy(row->key, id.data, SEK_KEY_ID_LEN);
}

void sek_decide_twice(const struct sek_check_list *list, const struct sek_case_maker *maker,
                      struct sek_row *row)
{
    static const uint32_t begin[2] = {SEK_PROOF_FIRST, SEK_PROOF_SECOND};
    struct sek_finding finding[2];
    uint32_t proof[2];
    struct sek_case c;

    for (unsigned round = 0; round < 2; round++) {
        memset(&c, 0, sizeof c);
        maker->make(maker, round, &c);
        c.row = row;
        proof[round] = sek_checks_run(list, &c, begin[round], &finding[round]);
    }
    if (list == &sek_signed_checks)
        sek_decide_signer(row, &c);
    sek_decide(row, list, proof, finding);
}
