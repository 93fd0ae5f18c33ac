#include "trust/order.h"

#include "base/bytes.h"
#include "trust/container.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <string.h>

static enum sek_status fault(struct sek_store_fault *why, enum sek_status status, uint64_t offset,
                             const char *text)
{
    why->rule = SEK_RULE(TS, 6);
    return sek_fault_set(&why->fault, status, offset, text);
}

/* ---- Payload ---- */

enum type { TEXT, DATE, NUMBER };

/* The order's properties; one that is not here is refused: a word that an officer misspelt must not
 * be lost. */
static const struct {
    const char *name;
    enum type type;
    bool required;
} properties[] = {
    {"compatible", TEXT, true}, /* "sekisho,order-1" */
    {"id", TEXT, true},         /* printed with every verdict */
    {"label", TEXT, true},      /* for people */
    {"issued", DATE, true},     /* first day */
    {"not-after", DATE, true},  /* last day, still valid */
    {"tier", TEXT, false},      /* of the system it is for */
    {"event", TEXT, false},     /* procure, deploy, keep, ... */
    {"acquired", DATE, false},  /* day of acquisition */
    {"store-serial", NUMBER, true},
};

static const char *text_of(const void *dtb, int node, const char *name)
{
    int len;
    const uint8_t *value = fdt_getprop(dtb, node, name, &len);

    return value && sek_schema_text_ok((struct sek_bytes){value, (size_t)len}) ? (const char *)value
                                                                               : NULL;
}

static sek_day date_of(const void *dtb, const char *name)
{
    const char *text = text_of(dtb, 0, name);
    sek_day day = 0;

    return text && sek_date_parse(text, strlen(text), &day) == SEK_OK ? day : 0;
}

static bool value_ok(const void *dtb, const char *name, enum type type)
{
    int len = 0;

    switch (type) {
    case TEXT:
        return text_of(dtb, 0, name) != NULL;
    case DATE:
        return date_of(dtb, name) != 0;
    case NUMBER:
        return fdt_getprop(dtb, 0, name, &len) && len == 4;
    }
    return false;
}

static enum sek_status check_properties(const void *dtb, struct sek_store_fault *why)
{
    int at;

    for (size_t i = 0; i < SEK_LEN(properties); i++) {
        bool there = fdt_getprop(dtb, 0, properties[i].name, NULL) != NULL;

        if ((there && !value_ok(dtb, properties[i].name, properties[i].type)) ||
            (!there && properties[i].required))
            return fault(why, SEK_ERR_MALFORMED, 0, "a property is missing or of a wrong type");
    }
    fdt_for_each_property_offset(at, dtb, 0)
    {
        const char *name = NULL;
        bool known = false;

        if (!fdt_getprop_by_offset(dtb, at, &name, NULL) || !name)
            return fault(why, SEK_ERR_MALFORMED, 0, "a property without a name");
        for (size_t i = 0; i < SEK_LEN(properties); i++)
            known = known || strcmp(name, properties[i].name) == 0;
        if (!known)
            return fault(why, SEK_ERR_MALFORMED, 0, "a property that no order has");
    }
    return SEK_OK;
}

static bool device_ok(const void *dtb, int device)
{
    bool has_model = fdt_getprop(dtb, device, "model", NULL) != NULL;
    int at, count = 0;

    fdt_for_each_property_offset(at, dtb, device) count++;
    return text_of(dtb, device, "serial-number") && count == 1 + has_model &&
           (!has_model || text_of(dtb, device, "model")) && fdt_first_subnode(dtb, device) < 0;
}

/* devices/ID { serial-number; model (optional) } and no other node. */
static enum sek_status check_devices(const void *dtb, struct sek_store_fault *why)
{
    int folder, device, count = 0;

    fdt_for_each_subnode(folder, dtb, 0)
    {
        const char *name = fdt_get_name(dtb, folder, NULL);

        if (!name || strcmp(name, "devices") != 0)
            return fault(why, SEK_ERR_MALFORMED, 0, "a node that no order has");
        fdt_for_each_subnode(device, dtb, folder)
        {
            if (!device_ok(dtb, device))
                return fault(why, SEK_ERR_MALFORMED, 0,
                             "a device is a serial-number and perhaps a model, both text");
            count++;
        }
    }
    return count > 0 ? SEK_OK : fault(why, SEK_ERR_MALFORMED, 0, "no devices are listed");
}

enum sek_status sek_order_open_payload(struct sek_order *out, struct sek_bytes dtb,
                                       struct sek_store_fault *why)
{
    struct sek_order order = {.dtb = dtb.data};
    struct sek_fault form = {0};
    enum sek_status status;

    *out = (struct sek_order){0};
    *why = (struct sek_store_fault){0};
    status = sek_schema_check_tree(dtb, &form);
    if (status != SEK_OK)
        return fault(why, status, form.offset, form.why);
    status = check_properties(order.dtb, why);
    if (status == SEK_OK)
        status = check_devices(order.dtb, why);
    if (status != SEK_OK)
        return status;
    if (strcmp(text_of(order.dtb, 0, "compatible"), "sekisho,order-1") != 0)
        return fault(why, SEK_ERR_UNSUPPORTED, 0, "not a work order of version 1");
    order.id = text_of(order.dtb, 0, "id");
    order.label = text_of(order.dtb, 0, "label");
    order.issued = date_of(order.dtb, "issued");
    order.not_after = date_of(order.dtb, "not-after");
    order.tier = text_of(order.dtb, 0, "tier");
    order.event = text_of(order.dtb, 0, "event");
    order.acquired = date_of(order.dtb, "acquired");
    order.store_serial = sek_get_u32be(fdt_getprop(order.dtb, 0, "store-serial", NULL));
    if (order.issued > order.not_after)
        return fault(why, SEK_ERR_MALFORMED, 0, "it ends before it is issued");
    *out = order;
    return SEK_OK;
}

bool sek_order_lists(const struct sek_order *order, const char *serial_number, const char *model)
{
    int folder = order->dtb ? fdt_subnode_offset(order->dtb, 0, "devices") : -1, device;

    if (folder < 0 || !serial_number[0])
        return false;
    fdt_for_each_subnode(device, order->dtb, folder)
    {
        const char *serial = text_of(order->dtb, device, "serial-number");
        bool any_model = !fdt_getprop(order->dtb, device, "model", NULL);
        const char *wanted = text_of(order->dtb, device, "model");

        if (serial && strcmp(serial, serial_number) == 0 &&
            (any_model || (wanted && strcmp(wanted, model) == 0)))
            return true;
    }
    return false;
}

/* ---- Who signed it, and may it be used ---- */

/* Officers who may sign orders: their keys and nodes. */
static size_t list_officers(const struct sek_store *store,
                            struct sek_bytes spki[SEK_ORDER_OFFICERS], int node[SEK_ORDER_OFFICERS])
{
    int folder = fdt_subnode_offset(store->dtb, 0, "officers"), officer;
    size_t count = 0;

    if (folder < 0)
        return 0;
    fdt_for_each_subnode(officer, store->dtb, folder)
    {
        struct sek_bytes key = sek_store_bytes(store, officer, "public-key");

        if (count == SEK_ORDER_OFFICERS || key.len == 0 ||
            !sek_store_list_has(store, officer, "may", "order"))
            continue;
        spki[count] = key;
        node[count++] = officer;
    }
    return count;
}

enum sek_status sek_order_open(struct sek_order *order, struct sek_bytes itb,
                               const struct sek_store *store, sek_day today, void *scratch,
                               size_t scratch_len, struct sek_store_fault *why)
{
    struct sek_bytes spki[SEK_ORDER_OFFICERS];
    int node[SEK_ORDER_OFFICERS];
    struct sek_container container = {.spki = spki};
    enum sek_status status;

    *order = (struct sek_order){0};
    *why = (struct sek_store_fault){0};
    if (!store || !store->dtb)
        return fault(why, SEK_ERR_STATE, 0, "no usable trust store says who may sign it");
    container.count = list_officers(store, spki, node);
    status = sek_container_open(&container, itb, "order", scratch, scratch_len, why);
    if (status == SEK_OK)
        status = sek_order_open_payload(order, container.payload, why);
    if (status == SEK_OK && order->store_serial > store->serial)
        status = fault(why, SEK_ERR_ROLLBACK, 0, "it wants a newer trust store");
    else if (status == SEK_OK && (today == 0 || today > order->not_after || today < order->issued))
        status = fault(why, SEK_ERR_EXPIRED, 0, "it is not valid today");
    if (status != SEK_OK) {
        if (status == SEK_ERR_SIGNATURE)
            why->fault.why = "not signed by an officer who may sign orders";
        why->rule = SEK_RULE(TS, 6);
        *order = (struct sek_order){0};
        return status;
    }
    order->officer = sek_store_string(store, node[container.signer], "label");
    return SEK_OK;
}
