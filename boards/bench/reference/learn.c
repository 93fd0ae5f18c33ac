/* Golden units: what several dumps of one product agree in. One unit proves nothing: it may be the
 * one that was tampered with. */
#include "boards/bench/reference/reference.h"

#include <string.h>
#include <sys/stat.h>

enum { DUMPS_MAX = 16 };

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

static const char *component_of(const struct reference_origin *origin,
                                const struct regions *regions, size_t i, const char *path)
{
    if (regions->count > 0)
        return regions->unit[i].name;
    return origin->component ? origin->component : base_name(path);
}

/* A region that is meant to change: no digest of it is ever known good. */
static bool mutable_region(const struct regions *regions, size_t i)
{
    return regions->count > 0 && (regions->unit[i].component_class == SEK_CLASS_DATA ||
                                  regions->unit[i].component_class == SEK_CLASS_CONFIG);
}

/* What one region is in all dumps. 1: the same, 0: it differs, -1: cannot be read. */
static int agree(const struct regions *regions, size_t i, char *const *dump, size_t count,
                 uint8_t digest[SEK_DIGEST_MAX], uint64_t *len)
{
    for (size_t k = 0; k < count; k++) {
        uint64_t size, offset, n = 0;
        uint8_t other[SEK_DIGEST_MAX] = {0};

        if (!region_size(dump[k], &size))
            return -1;
        if (!regions_place(regions, i, size, &offset, &n))
            return 0;
        if (!region_digest(dump[k], offset, n, SEK_DIGEST_SHA256, other))
            return -1;
        if (k > 0 && (n != *len || memcmp(other, digest, sizeof other) != 0))
            return 0;
        memcpy(digest, other, sizeof other);
        *len = n;
    }
    return 1;
}

static bool learn_region(const struct reference_origin *origin, const struct regions *regions,
                         size_t i, char *const *dump, size_t count, FILE *out)
{
    const char *component = component_of(origin, regions, i, dump[0]);
    uint8_t digest[SEK_DIGEST_MAX];
    uint64_t len = 0;
    char source[96];
    int same = agree(regions, i, dump, count, digest, &len);

    if (same < 0)
        return false;
    if (mutable_region(regions, i)) {
        fprintf(out, "\t\t/* %s: class %s, %s in these units: it may change, no reference */\n",
                component, sek_class_name(regions->unit[i].component_class),
                same ? "the same" : "different");
    } else if (!same) {
        fprintf(out,
                "\t\t/* %s: DIFFERS between these units: find out why before you trust any */\n",
                component);
    } else {
        const struct reference_value value = {.component = component,
                                              .source = source,
                                              .alg = SEK_DIGEST_SHA256,
                                              .digest = digest,
                                              .size = len,
                                              .not_after = origin->not_after};

        snprintf(source, sizeof source, "%.50s: the same in %zu units",
                 origin->source ? origin->source : "learned", count);
        reference_draft(origin, &value, out);
    }
    return true;
}

/* One file under two names is one unit. A file that is not there is told when it is read. */
static bool given_twice(char *const *dump, size_t count)
{
    struct stat a, b;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            if (stat(dump[i], &a) == 0 && stat(dump[k], &b) == 0 && a.st_dev == b.st_dev &&
                a.st_ino == b.st_ino)
                return true;
        }
    }
    return false;
}

int reference_learn(const struct reference_origin *origin, const struct regions *regions,
                    char *const *dump, size_t count, FILE *out)
{
    bool ok = true;

    if (count < 2 || count > DUMPS_MAX)
        return bench_fail(
            false, BENCH_EXIT_USAGE, 0,
            "reference learn: dumps of 2 to %d units are needed: one alone may be the "
            "one that was tampered with",
            DUMPS_MAX);
    if (given_twice(dump, count))
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "reference learn: one file is given twice: that is one unit");
    reference_begin(origin, out);
    for (size_t i = 0; ok && i < (regions->count > 0 ? regions->count : 1); i++)
        ok = learn_region(origin, regions, i, dump, count, out);
    reference_end(out);
    return ok ? BENCH_EXIT_OK : BENCH_EXIT_REACH;
}
