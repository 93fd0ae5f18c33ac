#define _DEFAULT_SOURCE
#include "tests/unit/judge.h"

#include "boards/bench/store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_supplier(FILE *out, const struct judge_supplier *s)
{
    fprintf(out, "%s { allow = %s; key-1 { public-key = [", s->name, s->allow);
    for (size_t i = 0; i < s->key->spki_len; i++)
        fprintf(out, "%02x", s->key->spki[i]);
    fprintf(out, "]; algo = \"%s,%s\";", s->hash, s->key->algo);
    if (s->padding)
        fprintf(out, " padding = \"%s\";", s->padding);
    if (s->hint)
        fprintf(out, " key-name-hint = \"%s\";", s->hint);
    fprintf(out, " %s }; %s };\n", s->key_more ? s->key_more : "", s->more ? s->more : "");
}

static void make_store(struct judge *judge, const struct judge_supplier *supplier, size_t count,
                       const char *more)
{
    char path[] = "/tmp/sekisho-test-XXXXXX.dts";
    int fd = mkstemps(path, 4);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct sek_store_fault why;
    struct store_tree tree;
    size_t len;
    bool ok;

    assert(out);
    fputs("/dts-v1/;\n/ { compatible = \"sekisho,store-1\"; label = \"Test store\";\n"
          "authority = \"Test Authority\"; serial = <1>; issued = \"2026-01-01\";\n"
          "not-after = \"2036-12-31\"; policy { }; suppliers {\n",
          out);
    for (size_t i = 0; i < count; i++)
        print_supplier(out, &supplier[i]);
    fprintf(out, "};\n%s };\n", more);
    ok = fclose(out) == 0 && store_tree_read(path, NULL, &tree);
    unlink(path);
    assert(ok);
    ok = store_build("test", tree.dtb.data, &judge->payload, &len);
    store_tree_free(&tree);
    assert(ok);
    ok = sek_store_open_payload(&judge->store, (struct sek_bytes){judge->payload, len}, &why) ==
         SEK_OK;
    assert(ok);
}

void judge_init(struct judge *judge, const struct judge_supplier *supplier, size_t count,
                const char *more)
{
    memset(judge, 0, sizeof *judge);
    make_store(judge, supplier, count, more);
    judge->context.today = 20788; /* 2026-12-01 */
    judge->component = (struct sek_component){.name = "file",
                                              .component_class = SEK_CLASS_NONE,
                                              .method = SEK_METHOD_AGENT,
                                              .location = ""};
    measure_init(&judge->measure);
}

void judge_free(struct judge *judge)
{
    measure_free(&judge->measure);
    free(judge->payload);
}

struct sink {
    struct sek_row_sink base;
    struct judge *judge;
    const struct sek_appraiser *appraiser;
    struct sek_tally tally;
};

static void keep(struct sek_row_sink *base, const struct sek_row *row)
{
    struct sink *sink = (struct sink *)base;

    assert(sink->judge->row_count < JUDGE_ROWS);
    sink->judge->row[sink->judge->row_count++] = *row;
    sek_tally_row(&sink->tally, sink->appraiser, row);
}

void judge_source(struct judge *judge, struct sek_source *source)
{
    const struct sek_appraiser appraiser = {&judge->store, judge->context};
    struct sink sink = {.base.row = keep, .judge = judge, .appraiser = &appraiser};

    judge->row_count = 0;
    sek_tally_start(&sink.tally);
    measure_source(&judge->measure, source, judge->format);
    sek_appraise_images(&appraiser, &judge->component, &judge->measure.image.claims,
                        judge->measure.status, &sink.base);
    judge->outcome = sek_tally_end(&sink.tally);
}

void judge_bytes(struct judge *judge, const void *data, size_t len)
{
    struct sek_memory_source source = sek_memory_source_make(data, len);

    judge_source(judge, &source.base);
}

enum sek_verdict judge_without_acme(const struct judge_supplier *supplier, const void *data,
                                    size_t len, const char *row)
{
    const struct sek_row *found;
    enum sek_verdict verdict;
    struct judge judge;

    judge_init(&judge, supplier, 1, JUDGE_EXCLUDES("acme"));
    judge_bytes(&judge, data, len);
    found = judge_row(&judge, row);
    assert(found);
    if (found->verdict == SEK_VERDICT_EXCLUDED)
        assert(found->rule == SEK_RULE(VND, 2));
    verdict = found->verdict;
    judge_free(&judge);
    return verdict;
}

void judge_writer(struct judge *judge, const struct fit_writer *w)
{
    struct fit_file file = fit_write(w);

    judge_bytes(judge, file.data, file.len);
    free(file.data);
}

const struct sek_row *judge_row(const struct judge *judge, const char *name)
{
    for (size_t i = 0; i < judge->row_count; i++) {
        if (strcmp(judge->row[i].name, name) == 0)
            return &judge->row[i];
    }
    return NULL;
}

size_t judge_approved(const struct judge *judge)
{
    size_t count = 0;

    for (size_t i = 0; i < judge->row_count; i++)
        count += judge->row[i].verdict == SEK_VERDICT_APPROVED;
    return count;
}
