/* A key is revoked by a piece of source that the authority reads, joins and signs. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

/* Keys of a supplier that still sign something. */
static unsigned living_keys(const void *dtb, int supplier)
{
    unsigned count = 0;
    int key;

    fdt_for_each_subnode(key, dtb, supplier)
    {
        if ((fdt_getprop(dtb, key, "public-key", NULL) ||
             fdt_getprop(dtb, key, "certificate", NULL)) &&
            !fdt_getprop(dtb, key, "revoked", NULL))
            count++;
    }
    return count;
}

/* The node of "SUPPLIER/KEY"; *supplier is its parent. -1: there is none. */
static int find_key(const void *dtb, const char *name, int *supplier)
{
    const char *slash = strchr(name, '/');
    int folder = fdt_subnode_offset(dtb, 0, "suppliers");

    if (!slash || folder < 0)
        return -1;
    *supplier = fdt_subnode_offset_namelen(dtb, folder, name, (int)(slash - name));
    return *supplier < 0 ? -1 : fdt_subnode_offset(dtb, *supplier, slash + 1);
}

/* The key that signs the store itself: revoking it would end all updates. */
static bool signs_store(const void *dtb, int key, struct sek_bytes authority)
{
    int len;
    const uint8_t *spki = fdt_getprop(dtb, key, "public-key", &len);

    return spki && authority.len == (size_t)len && memcmp(spki, authority.data, authority.len) == 0;
}

bool store_revoke(const char *path, const struct store_tree *tree, const char *name, sek_day date,
                  struct sek_bytes authority, FILE *out)
{
    const void *dtb = tree->dtb.data;
    const uint8_t *serial = fdt_getprop(dtb, 0, "serial", NULL);
    int supplier = -1, key = find_key(dtb, name, &supplier);
    char day[SEK_DATE_LEN + 1];

    if (key < 0) {
        bench_fail(false, 0, 0, "%s: no key %s (SUPPLIER/KEY, as store show names it)", path, name);
        return false;
    }
    if (fdt_getprop(dtb, key, "revoked", NULL)) {
        bench_fail(false, 0, 0, "%s: %s is revoked already", path, name);
        return false;
    }
    if (signs_store(dtb, key, authority)) {
        bench_fail(false, 0, 0,
                   "%s: %s signs this store: name a successor first, and sign with that", path,
                   name);
        return false;
    }
    if (living_keys(dtb, supplier) == 1) {
        bench_fail(false, 0, 0, "%s: %s is the supplier's last key: add its new key first", path,
                   name);
        return false;
    }
    sek_date_format(date, day);
    fprintf(out,
            "/* %s revoked. Join it behind the store's source, build, sign. */\n"
            "/ {\n\tserial = <%lu>;\n\tsuppliers {\n\t\t%.*s {\n\t\t\t%s {\n"
            "\t\t\t\trevoked = \"%s\";\n\t\t\t};\n\t\t};\n\t};\n};\n",
            name, serial ? (unsigned long)sek_get_u32be(serial) + 1 : 1,
            (int)(strchr(name, '/') - name), name, strchr(name, '/') + 1, day);
    return true;
}
