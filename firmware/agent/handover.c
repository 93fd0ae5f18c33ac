#include "agent/handover.h"

#include <libfdt.h>

#include <string.h>

static enum sek_status status_of(int error)
{
    return error == 0 ? SEK_OK : error == -FDT_ERR_NOSPACE ? SEK_ERR_NO_SPACE : SEK_ERR_MALFORMED;
}

static uint64_t address_of(const void *memory)
{
    return (uint64_t)(uintptr_t)memory;
}

/* The node of this name below parent, made if it is not there; negative: error. */
static int need_node(void *fdt, int parent, const char *name)
{
    int node = fdt_subnode_offset(fdt, parent, name);

    return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(fdt, parent, name) : node;
}

static int write_chosen(const struct sek_handover *handover, void *fdt)
{
    uint64_t from = address_of(handover->ramdisk.data);
    int chosen = need_node(fdt, 0, "chosen"), error = chosen < 0 ? chosen : 0;

    if (error == 0 && handover->bootargs)
        error = fdt_setprop(fdt, chosen, "bootargs", handover->bootargs,
                            (int)strlen(handover->bootargs) + 1);
    if (error == 0 && handover->ramdisk.len > 0)
        error = fdt_setprop_u64(fdt, chosen, "linux,initrd-start", from);
    if (error == 0 && handover->ramdisk.len > 0)
        error = fdt_setprop_u64(fdt, chosen, "linux,initrd-end", from + handover->ramdisk.len);
    if (error == 0)
        error = fdt_setprop(fdt, chosen, "sekisho,log", handover->log.data, (int)handover->log.len);
    if (error == 0) /* also an empty one: what the tree brought along is not ours */
        error = fdt_setprop(fdt, chosen, "sekisho,log-certificate", handover->certificate.data,
                            (int)handover->certificate.len);
    return error;
}

/* An address or a size in the tree's own number of cells. */
static int append_cells(void *fdt, int node, int cells, uint64_t value)
{
    if (cells == 2)
        return fdt_appendprop_u64(fdt, node, "reg", value);
    return cells == 1 && value <= UINT32_MAX ? fdt_appendprop_u32(fdt, node, "reg", (uint32_t)value)
                                             : -FDT_ERR_BADNCELLS;
}

/* /reserved-memory/sekisho-log: the kernel leaves it alone and maps no page of it. */
static int write_reserved(const struct sek_handover *handover, void *fdt)
{
    int address_cells = fdt_address_cells(fdt, 0), size_cells = fdt_size_cells(fdt, 0);
    int parent = need_node(fdt, 0, "reserved-memory"), node, error;

    if (parent < 0)
        return parent;
    error = fdt_setprop_u32(fdt, parent, "#address-cells", (uint32_t)address_cells);
    if (error == 0)
        error = fdt_setprop_u32(fdt, parent, "#size-cells", (uint32_t)size_cells);
    if (error == 0 && !fdt_getprop(fdt, parent, "ranges", NULL))
        error = fdt_setprop_empty(fdt, parent, "ranges");
    if (error != 0)
        return error;
    node = fdt_add_subnode(fdt, parent, "sekisho-log");
    if (node < 0)
        return node;
    error = append_cells(fdt, node, address_cells, address_of(handover->log.data));
    if (error == 0)
        error = append_cells(fdt, node, size_cells, handover->log_area);
    if (error == 0)
        error = fdt_setprop_empty(fdt, node, "no-map");
    return error == 0 ? fdt_setprop_string(fdt, node, "compatible", "sekisho,log") : error;
}

enum sek_status sek_handover_write(const struct sek_handover *handover, void *out, size_t cap)
{
    int error;

    if (handover->tree.len > INT32_MAX || handover->log.len > INT32_MAX ||
        handover->certificate.len > INT32_MAX || cap > INT32_MAX ||
        ((uintptr_t)handover->tree.data & 3) != 0)
        return SEK_ERR_MALFORMED;
    if (handover->tree.len > cap)
        return SEK_ERR_NO_SPACE;
    memcpy(out, handover->tree.data, handover->tree.len); /* its place may not be 8-aligned */
    error = fdt_check_full(out, handover->tree.len);
    if (error == 0)
        error = fdt_open_into(out, out, (int)cap);
    if (error == 0)
        error = write_chosen(handover, out);
    if (error == 0)
        error = write_reserved(handover, out);
    if (error == 0)
        error = fdt_pack(out);
    return status_of(error);
}
