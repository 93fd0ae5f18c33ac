/* A chain: how who knows only an authority's old key comes to a store that its new one signed. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"
#include "boards/bench/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 8, ALIGN = 8, TREE_MAX = 64 * 1024 }; /* bytes */

/* Appends one file to what is there. */
static bool append(const char *path, uint8_t **chain, size_t *len)
{
    uint8_t *part, *grown;
    size_t part_len, padded;

    if (bench_read_file(path, BENCH_STORE_MAX, &part, &part_len) != SEK_OK) {
        bench_fail(false, 0, SEK_RULE(TS, 1), "%s: %s", path, strerror(errno));
        return false;
    }
    padded = HEAD + (part_len + ALIGN - 1) / ALIGN * ALIGN;
    grown = realloc(*chain, *len + padded);
    if (grown) {
        *chain = grown;
        memset(grown + *len, 0, padded);
        sek_put_u32be(grown + *len, (uint32_t)part_len);
        memcpy(grown + *len + HEAD, part, part_len);
        *len += padded;
    }
    free(part);
    return grown != NULL;
}

bool store_chain(struct sek_bytes authority, char *const *part, size_t count, const char *out)
{
    static _Alignas(8) uint8_t tree[TREE_MAX];
    static const char magic[] = "sekchain";
    size_t len = sizeof magic - 1;
    uint8_t *chain = malloc(len);
    struct sek_store store;
    struct sek_store_fault why;
    bool ok = chain != NULL;

    if (ok)
        memcpy(chain, magic, len);
    for (size_t i = 0; ok && i < count; i++)
        ok = append(part[i], &chain, &len);
    if (ok && sek_store_open(&store, (struct sek_bytes){chain, len}, authority, 0, tree,
                             sizeof tree, &why) != SEK_OK) {
        bench_fail(false, 0, why.rule, "%s: offset %llu of the chain: %s", out,
                   (unsigned long long)why.fault.offset, why.fault.why);
        ok = false;
    }
    if (ok && bench_write_file(out, chain, len, 0644) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: %s", out, strerror(errno));
        ok = false;
    }
    free(chain);
    return ok;
}
