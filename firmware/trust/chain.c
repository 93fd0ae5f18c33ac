/* A store whose authority changed: links, each signed by a key that was trusted before, lead to the
 * key that signed the store. */
#include "base/bytes.h"
#include "trust/container.h"

#include <libfdt.h>

#include <string.h>

enum { LINKS_MAX = 4, PART_HEAD = 8, ALIGN = 8 };

static const uint8_t magic[] = {'s', 'e', 'k', 'c', 'h', 'a', 'i', 'n'};

static enum sek_status refuse(struct sek_store *store, struct sek_store_fault *why, sek_rule rule,
                              size_t offset, const char *text)
{
    *store = (struct sek_store){0};
    why->rule = rule;
    return sek_fault_set(
        &why->fault, rule == SEK_RULE(TS, 2) ? SEK_ERR_SIGNATURE : SEK_ERR_MALFORMED, offset, text);
}

/* Takes the next part: u32be length, four zeros, the bytes, zeros up to a multiple of eight. */
static struct sek_bytes next_part(struct sek_bytes chain, size_t *at)
{
    const uint8_t *head = chain.data + *at;
    size_t left = chain.len - *at, len, padded;

    if (left < PART_HEAD || sek_get_u32be(head + 4) != 0)
        return (struct sek_bytes){0};
    len = sek_get_u32be(head);
    if (len == 0 || len > left - PART_HEAD)
        return (struct sek_bytes){0};
    padded = len + (ALIGN - len % ALIGN) % ALIGN;
    if (padded > left - PART_HEAD)
        return (struct sek_bytes){0};
    for (size_t i = len; i < padded; i++) {
        if (head[PART_HEAD + i] != 0)
            return (struct sek_bytes){0};
    }
    *at += PART_HEAD + padded;
    return (struct sek_bytes){head + PART_HEAD, len};
}

struct sek_bytes sek_store_last_part(struct sek_bytes itb)
{
    struct sek_bytes part = itb;
    size_t at = sizeof magic;

    if (itb.len < sizeof magic || memcmp(itb.data, magic, sizeof magic) != 0)
        return itb;
    while (part.data && at < itb.len)
        part = next_part(itb, &at);
    return part;
}

static bool same_key(struct sek_bytes a, struct sek_bytes b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* The key that a link hands on to: one that the chain has not met. NULL, or what is wrong. */
static const char *successor(const struct sek_store *link, struct sek_bytes *key, size_t count)
{
    int node = fdt_subnode_offset(link->dtb, 0, "successor");
    struct sek_bytes spki = sek_store_bytes(link, node, "public-key");

    if (spki.len == 0)
        return "a link that names no successor";
    for (size_t i = 0; i < count; i++) {
        if (same_key(key[i], spki))
            return "a successor that was there before";
    }
    key[count] = spki;
    return NULL;
}

static enum sek_status open_chain(struct sek_store *store, struct sek_bytes chain,
                                  struct sek_bytes authority, uint32_t counter, void *scratch,
                                  size_t scratch_len, struct sek_store_fault *why)
{
    struct sek_bytes key[LINKS_MAX + 1] = {authority};
    size_t links = 0, at = sizeof magic;
    sek_day until = UINT32_MAX;

    *why = (struct sek_store_fault){0};
    for (;;) {
        size_t start = at;
        struct sek_bytes part = next_part(chain, &at);
        bool last = at == chain.len;
        const char *wrong;
        enum sek_status status;

        if (!part.data || (last && links == 0))
            return refuse(store, why, SEK_RULE(TS, 5), start, "a chain that is cut or has no link");
        status = sek_store_open_one(store, part, key[links], last ? counter : 0, scratch,
                                    scratch_len, why);
        if (status != SEK_OK) {
            why->fault.offset += start + PART_HEAD;
            return status;
        }
        until = store->not_after < until ? store->not_after : until;
        if (last)
            break;
        wrong = links == LINKS_MAX ? "more than four links" : successor(store, key, links + 1);
        if (wrong)
            return refuse(store, why, SEK_RULE(TS, 2), start, wrong);
        links++;
    }
    store->not_after = until; /* past a link's last day it leads nowhere: nothing is approved */
    return SEK_OK;
}

enum sek_status sek_store_open(struct sek_store *store, struct sek_bytes itb,
                               struct sek_bytes authority, uint32_t counter, void *scratch,
                               size_t scratch_len, struct sek_store_fault *why)
{
    *store = (struct sek_store){0};
    if (itb.len < sizeof magic || memcmp(itb.data, magic, sizeof magic) != 0)
        return sek_store_open_one(store, itb, authority, counter, scratch, scratch_len, why);
    return open_chain(store, itb, authority, counter, scratch, scratch_len, why);
}
