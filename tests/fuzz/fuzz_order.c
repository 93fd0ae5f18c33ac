/* Whatever bytes come as a work order's payload: no fault, and what opens says what it must. */
#include "trust/order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1); /* aligned to 16, of exact size but for one */
    struct sek_store_fault why;
    struct sek_order order;

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    if (sek_order_open_payload(&order, (struct sek_bytes){copy, size}, &why) == SEK_OK) {
        assert(order.id && order.label && order.issued <= order.not_after);
        assert(!sek_order_lists(&order, "", ""));
        (void)sek_order_lists(&order, "FJ-117", "FUJI");
    } else {
        assert(!order.dtb && why.fault.why && why.rule == SEK_RULE(TS, 6));
    }
    free(copy);
    return 0;
}
