/* Two dumps side by side: which bytes of which region differ. */
#include "boards/bench/reference/reference.h"

#include "hal/linux/file_source.h"

#include <errno.h>
#include <string.h>

enum { CHUNK = 64 * 1024, SHOWN = 16, GAP = 64 };

struct comparison {
    struct linux_file_source a, b;
    FILE *out;
    uint64_t start, end; /* of the run of differences under way; end 0: none */
    uint64_t bytes;      /* that differ */
    unsigned runs;
};

static void close_run(struct comparison *c)
{
    if (c->end == 0)
        return;
    if (++c->runs <= SHOWN)
        fprintf(c->out, "  0x%08llx..0x%08llx\n", (unsigned long long)c->start,
                (unsigned long long)c->end - 1);
    c->end = 0;
}

/* Differences less than GAP bytes apart are one run. */
static void differs_at(struct comparison *c, uint64_t offset)
{
    if (c->end > 0 && offset - c->end >= GAP)
        close_run(c);
    if (c->end == 0)
        c->start = offset;
    c->end = offset + 1;
    c->bytes++;
}

static bool compare_range(struct comparison *c, uint64_t offset, uint64_t len)
{
    static uint8_t x[CHUNK], y[CHUNK];

    for (uint64_t end = offset + len; offset < end;) {
        size_t n = end - offset < CHUNK ? (size_t)(end - offset) : CHUNK;

        if (sek_source_read(&c->a.base, offset, x, n) != SEK_OK ||
            sek_source_read(&c->b.base, offset, y, n) != SEK_OK)
            return false;
        for (size_t i = 0; memcmp(x, y, n) != 0 && i < n; i++) {
            if (x[i] != y[i])
                differs_at(c, offset + i);
        }
        offset += n;
    }
    close_run(c);
    return true;
}

static bool compare_region(struct comparison *c, const struct regions *regions, size_t i,
                           bool *differ)
{
    uint64_t offset, len, other_offset, other_len;
    const char *name = regions->count > 0 ? regions->unit[i].name : "all";
    bool in_a = regions_place(regions, i, c->a.base.size, &offset, &len);
    bool in_b = regions_place(regions, i, c->b.base.size, &other_offset, &other_len);

    if (!in_a && !in_b)
        return true;
    if (in_a != in_b || len != other_len) {
        *differ = true;
        fprintf(c->out, "%s: %llu bytes against %llu\n", name, in_a ? (unsigned long long)len : 0,
                in_b ? (unsigned long long)other_len : 0);
        len = !in_a || !in_b ? 0 : len < other_len ? len : other_len;
    }
    c->bytes = c->runs = 0;
    if (!compare_range(c, in_a ? offset : other_offset, len))
        return false;
    if (c->bytes > 0)
        fprintf(c->out, "%s: %llu bytes differ, in %u places%s\n", name,
                (unsigned long long)c->bytes, c->runs, c->runs > SHOWN ? ", the first shown" : "");
    else
        fprintf(c->out, "%s: the same\n", name);
    *differ = *differ || c->bytes > 0;
    return true;
}

int reference_diff(const struct regions *regions, const char *a, const char *b, FILE *out)
{
    struct comparison c = {.out = out};
    bool differ = false, ok = true;

    if (linux_file_source_open(&c.a, a) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5), "%s: %s", a, strerror(errno));
    if (linux_file_source_open(&c.b, b) != SEK_OK) {
        linux_file_source_close(&c.a);
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5), "%s: %s", b, strerror(errno));
    }
    for (size_t i = 0; ok && i < (regions->count > 0 ? regions->count : 1); i++)
        ok = compare_region(&c, regions, i, &differ);
    linux_file_source_close(&c.a);
    linux_file_source_close(&c.b);
    if (!ok)
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5), "%s, %s: cannot be read", a, b);
    return differ ? BENCH_EXIT_REJECT : BENCH_EXIT_OK;
}
