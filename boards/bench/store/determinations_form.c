/* What a file of determinations must look like. */
#include "base/bytes.h"
#include "boards/bench/store/determinations.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <string.h>

enum { TEXT_MAX = STORE_DETERMINATION_TEXT };

static bool refuse(struct sek_store_fault *why, enum sek_status status, const char *text)
{
    why->rule = SEK_RULE(TS, 7);
    sek_fault_set(&why->fault, status, 0, text);
    return false;
}

static const char *const head[] = {"compatible", "label",     "authority",   "serial",
                                   "issued",     "not-after", "store-serial"};
static const char *const each[] = {"rule", "subject", "verdict", "reference", "date"};

const char *store_determinations_text(const void *dtb, int node, const char *name)
{
    int len;
    const uint8_t *value = fdt_getprop(dtb, node, name, &len);
    bool ok =
        value && len <= TEXT_MAX && sek_schema_text_ok((struct sek_bytes){value, (size_t)len});

    return ok ? (const char *)value : NULL;
}

static sek_day date_of(const void *dtb, int node, const char *name)
{
    const char *text = store_determinations_text(dtb, node, name);
    sek_day day = 0;

    return text && sek_date_parse(text, strlen(text), &day) == SEK_OK ? day : 0;
}

static bool number_of(const void *dtb, const char *name, uint32_t *out)
{
    int len;
    const uint8_t *value = fdt_getprop(dtb, 0, name, &len);

    if (!value || len != 4)
        return false;
    *out = sek_get_u32be(value);
    return true;
}

/* Exactly these properties: a word that somebody misspelt must not be lost. */
static bool has_exactly(const void *dtb, int node, const char *const *name, size_t count)
{
    size_t found = 0;
    int at;

    fdt_for_each_property_offset(at, dtb, node)
    {
        const char *property = NULL;
        bool known = false;

        if (!fdt_getprop_by_offset(dtb, at, &property, NULL) || !property)
            return false;
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(property, name[i]) == 0;
        if (!known)
            return false;
        found++;
    }
    return found == count;
}

static bool one_ok(const void *dtb, int node)
{
    const char *verdict = store_determinations_text(dtb, node, "verdict");

    return has_exactly(dtb, node, each, SEK_LEN(each)) && fdt_first_subnode(dtb, node) < 0 &&
           store_determinations_text(dtb, node, "rule") &&
           store_determinations_text(dtb, node, "subject") &&
           store_determinations_text(dtb, node, "reference") && date_of(dtb, node, "date") != 0 &&
           verdict && (strcmp(verdict, "excluded") == 0 || strcmp(verdict, "cleared") == 0);
}

enum sek_status store_determinations_check(struct sek_bytes dtb, struct sek_store_fault *why)
{
    struct store_determinations d;

    *why = (struct sek_store_fault){0};
    return store_determinations_open(dtb, &d, why) ? SEK_OK : why->fault.status;
}

bool store_determinations_open(struct sek_bytes dtb, struct store_determinations *out,
                               struct sek_store_fault *why)
{
    struct store_determinations d = {.dtb = dtb.data};
    struct sek_fault form = {0};
    const char *compatible;
    int folder, node;

    if (sek_schema_check_tree(dtb, &form) != SEK_OK)
        return refuse(why, form.status, form.why);
    compatible = store_determinations_text(d.dtb, 0, "compatible");
    if (!compatible || strcmp(compatible, "sekisho,determinations-1") != 0)
        return refuse(why, SEK_ERR_UNSUPPORTED, "not determinations of version 1");
    d.label = store_determinations_text(d.dtb, 0, "label");
    d.authority = store_determinations_text(d.dtb, 0, "authority");
    d.issued = date_of(d.dtb, 0, "issued");
    d.not_after = date_of(d.dtb, 0, "not-after");
    if (!has_exactly(d.dtb, 0, head, SEK_LEN(head)) || !d.label || !d.authority || !d.issued ||
        !d.not_after || !number_of(d.dtb, "serial", &d.serial) ||
        !number_of(d.dtb, "store-serial", &d.store_serial))
        return refuse(why, SEK_ERR_MALFORMED, "a property is missing, unknown or of a wrong type");
    if (d.issued > d.not_after)
        return refuse(why, SEK_ERR_MALFORMED, "it ends before it is issued");
    folder = fdt_subnode_offset(d.dtb, 0, "determinations");
    if (folder < 0 || fdt_next_subnode(d.dtb, folder) >= 0 ||
        fdt_first_subnode(d.dtb, 0) != folder || fdt_first_subnode(d.dtb, folder) < 0)
        return refuse(why, SEK_ERR_MALFORMED, "not one node `determinations` with nodes in it");
    fdt_for_each_subnode(node, d.dtb, folder)
    {
        if (!one_ok(d.dtb, node))
            return refuse(why, SEK_ERR_MALFORMED,
                          "a determination is not rule, subject, verdict, reference and date");
    }
    d.folder = folder;
    *out = d;
    return true;
}
