/* Determinations that are taken have every text that joining them to a store takes for granted. */
#include "boards/bench/store/determinations.h"

#include <libfdt.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"rule", "subject", "verdict", "reference", "date"};
    struct store_determinations d;
    struct sek_store_fault why = {0};
    uint8_t *copy = aligned_alloc(8, (size + 7) / 8 * 8 + 8);
    int node;

    assert(copy);
    memcpy(copy, data, size);
    if (store_determinations_open((struct sek_bytes){copy, size}, &d, &why)) {
        assert(d.label && d.authority && d.issued <= d.not_after);
        fdt_for_each_subnode(node, d.dtb, d.folder)
        {
            for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                assert(store_determinations_text(d.dtb, node, names[i]));
        }
    } else {
        assert(why.fault.why && why.rule == SEK_RULE(TS, 7));
    }
    free(copy);
    return 0;
}
