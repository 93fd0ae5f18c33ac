#include "boards/bench/trust.h"

#include "boards/bench/files.h"
#include "boards/bench/store/determinations.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TREE_MAX = 65536 }; /* bytes of a store's container without its payload */

/* Key ids of the authorities that are made by the demo and known to the world; the build writes
 * the demo authority's SubjectPublicKeyInfo here (empty where no demo key was made). */
extern const uint8_t bench_demo_authority[];
extern const size_t bench_demo_authority_len;

sek_day bench_today(void)
{
    time_t now = time(NULL);

    return now > 0 ? sek_date_from_seconds((uint64_t)now) : 0;
}

static void unusable(struct bench_trust *trust, sek_rule rule, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(trust->why, sizeof trust->why, format, list);
    va_end(list);
    trust->rule = rule;
    trust->store = (struct sek_store){0};
}

/* The authority's key: --authority, $SEKISHO_AUTHORITY, the configuration, --demo. */
static bool authority_key(struct bench_trust *trust, const struct bench_args *args, uint8_t **der,
                          size_t *len)
{
    const char *path = bench_value(args, "authority");
    char found[BENCH_PATH_MAX];
    enum sek_status status;

    if (!path)
        path = getenv("SEKISHO_AUTHORITY");
    if ((!path || !path[0]) && bench_value(args, "demo")) {
        if (bench_demo_authority_len == 0) {
            unusable(trust, SEK_RULE(TS, 2), "this build knows no demo authority");
            return false;
        }
        *der = malloc(bench_demo_authority_len);
        if (*der)
            memcpy(*der, bench_demo_authority, bench_demo_authority_len);
        *len = bench_demo_authority_len;
        return *der != NULL;
    }
    if ((!path || !path[0]) && bench_find_config("authority.pem", found))
        path = found;
    if (!path || !path[0]) {
        unusable(trust, SEK_RULE(TS, 2),
                 "no key of the authority: give --authority FILE or put authority.pem into the "
                 "configuration");
        return false;
    }
    status = bench_read_public_key(path, der, len);
    if (status == SEK_OK)
        return true;
    unusable(trust, SEK_RULE(TS, 2), "%s: authority's key: %s", path,
             status == SEK_ERR_MALFORMED ? "not a public key in PEM or DER" : strerror(errno));
    return false;
}

static bool is_demo(struct sek_bytes der)
{
    return bench_demo_authority_len > 0 && der.len == bench_demo_authority_len &&
           memcmp(der.data, bench_demo_authority, der.len) == 0;
}

/* The store's file name: --store, or the configuration. */
static const char *path_of_store(const struct bench_args *args, char found[BENCH_PATH_MAX])
{
    const char *path = bench_value(args, "store");

    if (path)
        return path;
    return bench_find_config("store.itb", found) ? found : NULL;
}

/* What ends first is said first. */
static void warn_soon(struct bench_trust *trust, const char *what, uint32_t serial, sek_day end)
{
    sek_day left = end - trust->today;
    char until[SEK_DATE_LEN + 1];

    if (left >= BENCH_WARN_DAYS || trust->soon[0])
        return;
    sek_date_format(end, until);
    snprintf(trust->soon, sizeof trust->soon,
             "%s %lu ends in %lu day%s, on %s: ask its authority for the next", what,
             (unsigned long)serial, (unsigned long)left, left == 1 ? "" : "s", until);
}

/* A chain may lead to the demo's key, too. */
static bool is_demo_key(const struct sek_store *store)
{
    const struct sek_bytes spki = {bench_demo_authority, bench_demo_authority_len};
    uint8_t id[SEK_KEY_ID_LEN];

    return spki.len > 0 && sek_key_id(spki, id) == SEK_OK &&
           memcmp(id, store->authority_key, sizeof id) == 0;
}

static void open_store(struct bench_trust *trust, const char *path, struct sek_bytes itb,
                       struct sek_bytes authority)
{
    static _Alignas(8) uint8_t tree[TREE_MAX];
    struct sek_store_fault why = {0};
    enum sek_status status =
        sek_store_open(&trust->store, itb, authority, 0, tree, sizeof tree, &why);

    if (status != SEK_OK)
        unusable(trust, why.rule ? why.rule : SEK_RULE(TS, 5), "%s: offset %llu: %s", path,
                 (unsigned long long)why.fault.offset,
                 why.fault.why ? why.fault.why : sek_status_text(status));
    trust->today = sek_store_day(&trust->store, trust->today);
    if (!trust->store.dtb)
        return;
    if (sek_store_expired(&trust->store, trust->today))
        trust->rule = SEK_RULE(TS, 3);
    else
        warn_soon(trust, "trust store", trust->store.serial, trust->store.not_after);
}

/* Those of the command line or the configuration. What is given and cannot be used is as bad as a
 * store that cannot: it may exclude somebody. */
static void load_determinations(struct bench_trust *trust, const struct bench_args *args,
                                const char *store)
{
    const char *path = bench_value(args, "determinations");
    char found[BENCH_PATH_MAX];
    struct store_determinations d;
    struct sek_store_fault why;
    uint8_t *itb, *payload;
    size_t len;

    if (!path && !bench_find_config("determinations.itb", found))
        return;
    path = path ? path : found;
    if (bench_read_file(path, BENCH_STORE_MAX, &itb, &len) != SEK_OK) {
        unusable(trust, SEK_RULE(TS, 7), "%s: determinations: %s", path, strerror(errno));
        return;
    }
    if (store_determinations_join(store, (struct sek_bytes){itb, len}, &trust->store, trust->today,
                                  &d, &payload, &why)) {
        free(trust->memory);
        trust->memory = payload;
        trust->determined = true;
        trust->determinations = d.serial;
        warn_soon(trust, "determinations", d.serial, d.not_after);
    } else {
        unusable(trust, SEK_RULE(TS, 7), "%s: determinations: offset %llu: %s", path,
                 (unsigned long long)why.fault.offset,
                 why.fault.why ? why.fault.why : sek_status_text(why.fault.status));
    }
    free(itb);
}

void bench_trust_load(struct bench_trust *trust, const struct bench_args *args)
{
    char found[BENCH_PATH_MAX];
    const char *path = path_of_store(args, found);
    uint8_t *itb = NULL, *der = NULL;
    size_t itb_len = 0, der_len = 0;
    enum sek_status status;

    *trust = (struct bench_trust){.today = bench_today()};
    if (!path) {
        unusable(trust, SEK_RULE(TS, 1),
                 "no trust store: give --store FILE or put store.itb into the configuration");
        return;
    }
    status = bench_read_file(path, BENCH_STORE_MAX, &itb, &itb_len);
    if (status != SEK_OK) {
        unusable(trust, SEK_RULE(TS, 1), "%s: trust store: %s", path, strerror(errno));
        return;
    }
    trust->memory = itb;
    if (!authority_key(trust, args, &der, &der_len))
        return;
    trust->demo = is_demo((struct sek_bytes){der, der_len});
    if (trust->demo && !bench_value(args, "demo"))
        unusable(trust, SEK_RULE(TS, 2),
                 "%s: signed by the demo authority, whose key the world knows: only with --demo",
                 path);
    else
        open_store(trust, path, (struct sek_bytes){itb, itb_len}, (struct sek_bytes){der, der_len});
    if (trust->store.dtb && !trust->demo && is_demo_key(&trust->store))
        unusable(trust, SEK_RULE(TS, 2), "%s: hands over to the demo authority's key", path);
    if (trust->store.dtb)
        load_determinations(trust, args, path);
    free(der);
}

void bench_trust_free(struct bench_trust *trust)
{
    free(trust->memory);
    *trust = (struct bench_trust){0};
}

void bench_trust_warn(const struct bench_trust *trust)
{
    char until[SEK_DATE_LEN + 1];

    if (trust->soon[0])
        bench_fail(false, 0, 0, "%s", trust->soon);
    if (!trust->rule)
        return;
    if (!trust->store.dtb) {
        bench_fail(false, 0, trust->rule, "%s", trust->why);
        return;
    }
    sek_date_format(trust->today ? trust->store.not_after : trust->store.issued, until);
    bench_fail(false, 0, trust->rule,
               trust->today
                   ? "trust store %lu: valid until %s: it approves nothing now"
                   : "trust store %lu: issued on %s, which this clock says is yet to come: "
                     "the date is unknown, it approves nothing",
               (unsigned long)trust->store.serial, until);
}
