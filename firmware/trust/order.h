/* The work order: what a device or file is for, signed by an officer whom the store names.
 *
 * It is where the context of a verdict comes from: what is typed on a command line may only make a
 * verdict stricter. A FIT around a device tree, like the store. Source: trust/SPEC.md 4. */
#ifndef SEK_TRUST_ORDER_H
#define SEK_TRUST_ORDER_H

#include "trust/store.h"

enum { SEK_ORDER_OFFICERS = 64 }; /* of a store; a further one signs no order */

struct sek_order {
    const void *dtb; /* payload, borrowed; NULL: no order */
    const char *id, *label;
    const char *officer; /* label of who signed it, borrowed from the store */
    sek_day issued, not_after;
    const char *tier, *event; /* NULL: not said */
    sek_day acquired;         /* 0: not said */
    uint32_t store_serial;    /* the lowest store that may be used */
};

/* Opens an order.itb that lies in memory and stays there, 8-aligned. today 0 (unknown) is past its
 * end. Everything that is wrong is TS-006: SEK_ERR_SIGNATURE (no officer of the store who may sign
 * orders did), SEK_ERR_EXPIRED, SEK_ERR_ROLLBACK (it wants a newer store), SEK_ERR_MALFORMED and
 * all else. On failure order->dtb is NULL, *why says what and where. */
SEK_CHECKED enum sek_status sek_order_open(struct sek_order *order, struct sek_bytes itb,
                                           const struct sek_store *store, sek_day today,
                                           void *scratch, size_t scratch_len,
                                           struct sek_store_fault *why);

/* Checks a payload alone (before it is signed, or to show it): form, properties and dates. Statuses
 * as above, without signature, expiry and store. */
SEK_CHECKED enum sek_status sek_order_open_payload(struct sek_order *order, struct sek_bytes dtb,
                                                   struct sek_store_fault *why);

/* True if the order lists a device of this serial number and, where it says a model, this model. */
bool sek_order_lists(const struct sek_order *order, const char *serial_number, const char *model);

#endif
