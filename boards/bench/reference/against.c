/* A dump against the store: which regions are known as good, which are not what they should be. */
#include "boards/bench/reference/reference.h"

#include "boards/bench/store/store.h"
#include "trust/checks.h"

#include <libfdt.h>

#include <string.h>

/* One region, and its digests of those kinds that the store uses. */
struct looked_at {
    const struct sek_store *store;
    struct sek_appraiser appraiser; /* of the store and the day */
    struct sek_row row;             /* its digests, as references are looked up by */
    FILE *out;
    const char *name;
    uint64_t offset, len;
    uint8_t digest[SEK_DIGEST_COUNT][SEK_DIGEST_MAX];
    unsigned algs;
};

static void say(const struct looked_at *region, const char *what)
{
    fprintf(region->out, "%s: 0x%08llx..0x%08llx %s", region->name,
            (unsigned long long)region->offset,
            (unsigned long long)(region->offset + region->len - 1), what);
}

static void put_node(const struct looked_at *region, int node)
{
    static const char *const properties[] = {"version", "source", "not-after"};

    fprintf(region->out, " %s", sek_store_node_name(region->store, node));
    for (size_t i = 0; i < SEK_LEN(properties); i++) {
        const char *text = sek_store_string(region->store, node, properties[i]);

        if (!text)
            continue;
        fprintf(region->out, ", %s ", properties[i]);
        store_print(text, strlen(text), region->out);
    }
    fputc('\n', region->out);
}

static void put_hex(const struct looked_at *region, const char *what, const uint8_t *bytes,
                    size_t len)
{
    fprintf(region->out, "  %s ", what);
    for (size_t i = 0; i < len; i++)
        fprintf(region->out, "%02x", bytes[i]);
    fputc('\n', region->out);
}

/* What the store knows of a component of this name, and what the region has instead. Returns how
 * many references there are. */
static unsigned put_expected(const struct looked_at *region)
{
    unsigned count = 0;
    int node;

    if (region->store->references < 0)
        return 0;
    fdt_for_each_subnode(node, region->store->dtb, region->store->references)
    {
        if (!sek_store_list_has(region->store, node, "component", region->name))
            continue;
        if (count++ == 0)
            say(region, "DIFFERS from what the store knows as good:\n");
        fputs(" ", region->out);
        put_node(region, node);
        for (unsigned alg = SEK_DIGEST_SHA256; alg < SEK_DIGEST_COUNT; alg++) {
            const char *kind = sek_digest_name((enum sek_digest_alg)alg);
            struct sek_bytes told = sek_store_bytes(region->store, node, kind);

            if (!told.data)
                continue;
            put_hex(region, "expected", told.data, told.len);
            put_hex(region, "found   ", region->digest[alg], told.len);
        }
    }
    return count;
}

/* True: the region is as a reference says that is good today. differs: it should be, and is not. */
static bool judge(const struct looked_at *region, bool *differs)
{
    bool expired;
    int node = sek_denied_find(&region->appraiser, &region->row);

    if (node >= 0) {
        *differs = true;
        say(region, "is DENIED: known to be bad:");
        put_node(region, node);
        return false;
    }
    node = sek_reference_find(&region->appraiser, &region->row, &expired);
    if (node >= 0) {
        say(region, "is as it should be:");
        put_node(region, node);
        return true;
    }
    *differs = *differs || expired;
    if (expired)
        say(region, "is as a reference says that is PAST its date\n");
    else if (put_expected(region) > 0)
        *differs = true;
    else
        say(region, "has no reference\n");
    return false;
}

static bool digest_region(const char *dump, struct looked_at *region)
{
    size_t count = 0;

    sek_row_init(&region->row);
    for (unsigned alg = SEK_DIGEST_SHA256; alg < SEK_DIGEST_COUNT; alg++) {
        const enum sek_digest_alg kind = (enum sek_digest_alg)alg;

        if (!(region->algs & 1u << alg))
            continue;
        if (!region_digest(dump, region->offset, region->len, kind, region->digest[alg]))
            return false;
        region->row.digest[count].alg = kind;
        memcpy(region->row.digest[count++].bytes, region->digest[alg], sek_digest_len(kind));
    }
    return true;
}

int reference_against(const struct regions *regions, const char *dump,
                      const struct sek_store *store, sek_day today, FILE *out)
{
    struct looked_at region = {.store = store,
                               .appraiser = {store, {.today = today}},
                               .out = out,
                               .algs = store->reference_algs};
    bool differs = false, good = false;
    uint64_t size;

    if (!region_size(dump, &size))
        return BENCH_EXIT_REACH;
    for (size_t i = 0; i < (regions->count > 0 ? regions->count : 1); i++) {
        region.name = regions->count > 0 ? regions->unit[i].name : "all";
        if (!regions_place(regions, i, size, &region.offset, &region.len)) {
            fprintf(out, "%s: the dump ends before it\n", region.name);
            differs = true;
            continue;
        }
        if (!digest_region(dump, &region))
            return BENCH_EXIT_REACH;
        good = judge(&region, &differs) || good;
    }
    return differs || !good ? BENCH_EXIT_REJECT : BENCH_EXIT_OK;
}
