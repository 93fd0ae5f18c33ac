#include "boards/bench/inspect/slot.h"

#include "part/part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool slot_init(struct slot *slot, const struct slot_setup *setup, size_t together)
{
    struct sek_image_memory *tables = &slot->tables;
    size_t chunk_len = together * SLOT_TREE > SLOT_CHUNKS
                           ? SLOT_CHUNKS / together / SLOT_PAGE * SLOT_PAGE
                           : SLOT_TREE;

    slot->setup = setup;
    slot->file.fd = -1;
    tables->candidate = setup->candidate;
    tables->candidate_count = setup->candidate_count;
    tables->pass.chunk = aligned_alloc(64, 2 * chunk_len);
    tables->pass.chunk_len = chunk_len;
    tables->pass.extent = malloc(SLOT_EXTENTS * sizeof *tables->pass.extent);
    tables->pass.extent_cap = SLOT_EXTENTS;
    slot->record = malloc(SEK_PART_MAX);
    tables->scratch = aligned_alloc(64, SLOT_SCRATCH);
    tables->scratch_len = SLOT_SCRATCH;
    tables->image = malloc(SLOT_IMAGES * sizeof *tables->image);
    tables->image_cap = SLOT_IMAGES;
    tables->statement = malloc(SEK_STATEMENTS_MAX * sizeof *tables->statement);
    tables->statement_cap = SEK_STATEMENTS_MAX;
    tables->signature = malloc(SLOT_SIGNATURES * sizeof *tables->signature);
    tables->signature_cap = SLOT_SIGNATURES;
    slot->part.item = malloc(SLOT_OBSERVATIONS * sizeof *slot->part.item);
    slot->part.cap = SLOT_OBSERVATIONS;
    slot->part.text = malloc(SLOT_TEXT);
    slot->part.text_cap = SLOT_TEXT;
    return tables->pass.chunk && tables->pass.extent && tables->scratch && tables->image &&
           tables->statement && tables->signature && slot->record && slot->part.item &&
           slot->part.text;
}

void slot_free(struct slot *slot)
{
    free(slot->tables.pass.chunk);
    free(slot->tables.pass.extent);
    free(slot->tables.scratch);
    free(slot->tables.image);
    free(slot->tables.statement);
    free(slot->tables.signature);
    free(slot->record);
    free(slot->part.item);
    free(slot->part.text);
    free(slot->row);
}

struct slot_sink {
    struct sek_row_sink base;
    struct slot *slot;
    struct sek_tally tally;
};

static void keep_row(struct sek_row_sink *sink, const struct sek_row *row)
{
    struct slot_sink *self = (struct slot_sink *)sink;
    struct slot *slot = self->slot;

    sek_tally_row(&self->tally, slot->setup->appraiser, row);
    if (row->container)
        return; /* its images speak */
    if (slot->subject.row_count == slot->row_cap) {
        size_t cap = slot->row_cap ? 2 * slot->row_cap : 2;
        struct sek_row *grown = realloc(slot->row, cap * sizeof *grown);

        if (!grown) {
            slot->row_lost = true;
            return;
        }
        slot->row = grown;
        slot->row_cap = cap;
    }
    slot->row[slot->subject.row_count++] = *row;
}

/* The file's base name in the alphabet of component names: what else is in it becomes '_'. */
static void component_name(const char *path, char out[SEK_NAME_MAX + 1])
{
    static const char also[] = ",._+-";
    const char *slash = strrchr(path, '/');
    const char *base = slash && slash[1] ? slash + 1 : path;
    size_t len = 0;

    for (; base[len] && len < SEK_NAME_MAX; len++) {
        char c = base[len];
        bool fits = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    strchr(also, c);

        out[len] = fits ? c : '_';
    }
    out[len] = '\0';
}

/* Ends a subject: its outcome and what it does to the exit status. */
static void conclude(struct slot *slot, const struct slot_sink *sink)
{
    struct report_subject *subject = &slot->subject;

    subject->row = slot->row;
    if (slot->row_lost) {
        report_find(subject, SEK_RULE(BN, 5), "%s: out of memory", slot->path);
        subject->outcome = SEK_OUTCOME_ERROR;
    } else {
        subject->outcome = sek_tally_end(&sink->tally);
    }
    subject->exit_status = report_exit(subject->outcome);
    linux_file_source_close(&slot->file);
}

static void cannot_read(struct slot *slot, const char *cause)
{
    report_find(&slot->subject, SEK_RULE(BN, 5), "%s: %s", slot->path, cause);
    slot->subject.row = slot->row;
    slot->subject.row_count = 0;
    slot->subject.outcome = SEK_OUTCOME_ERROR;
    slot->subject.exit_status = BENCH_EXIT_REACH;
    linux_file_source_close(&slot->file);
}

static struct sek_component component_of(const struct slot *slot)
{
    return (struct sek_component){
        .name = slot->name,
        .component_class = slot->setup->class_word,
        .method = SEK_METHOD_AGENT,
        .location = "",
    };
}

static struct slot_sink sink_of(struct slot *slot)
{
    struct slot_sink sink = {.base.row = keep_row, .slot = slot};

    sek_tally_start(&sink.tally);
    return sink;
}

static bool is_part_format(const char *name)
{
    for (const struct sek_part_format *const *format = sek_parts; *format; format++) {
        if (strcmp((*format)->name, name) == 0)
            return true;
    }
    return false;
}

/* A small file whose bytes some part format takes. */
static bool judge_part(struct slot *slot, struct sek_bytes record)
{
    const char *forced = slot->setup->format;
    struct sek_component component = component_of(slot);
    struct slot_sink sink = sink_of(slot);
    enum sek_status status;

    if (forced && !is_part_format(forced))
        return false;
    status = sek_part_read(record, forced, &slot->part);
    if (status == SEK_ERR_NOT_THIS_FORMAT && !forced)
        return false;
    if (status != SEK_OK) {
        slot->part.damaged = true;
        if (!slot->part.format)
            slot->part.format = forced ? forced : "";
    }
    sek_appraise_part(slot->setup->appraiser, &component, &slot->part, record.len, &sink.base);
    conclude(slot, &sink);
    return true;
}

/* Reads a small file whole; false: judged as a part, or not readable. */
static bool open_small(struct slot *slot, struct sek_source **source)
{
    size_t len = (size_t)slot->file.base.size;

    errno = 0;
    if (sek_source_read(&slot->file.base, 0, slot->record, len) != SEK_OK) {
        cannot_read(slot, errno ? strerror(errno) : "the file ends early");
        return false;
    }
    if (judge_part(slot, (struct sek_bytes){slot->record, len}))
        return false;
    slot->memory = sek_memory_source_make(slot->record, len);
    *source = &slot->memory.base;
    return true;
}

bool slot_open(struct slot *slot, size_t index, const char *path)
{
    struct sek_source *source = &slot->file.base;
    enum sek_status status;

    slot->index = index;
    slot->path = path;
    slot->row_lost = false;
    slot->cause = 0;
    slot->subject.name = path;
    slot->subject.is_file = true;
    slot->subject.row_count = 0;
    slot->subject.finding_count = 0; /* the table stays as it is: most never touch it */
    component_name(path, slot->name);
    status = linux_file_source_open(&slot->file, path);
    if (status != SEK_OK) {
        slot->file.fd = -1;
        cannot_read(slot, strerror(errno));
        return false;
    }
    if (source->size > 0 && source->size <= SEK_PART_MAX && !open_small(slot, &source))
        return false;
    errno = 0;
    status = sek_image_open(&slot->image, source, slot->setup->hook, slot->setup->format,
                            slot->setup->whole_algs, &slot->tables);
    if (status != SEK_OK) {
        cannot_read(slot, errno ? strerror(errno) : sek_status_text(status));
        return false;
    }
    if (!slot->image.pass.tap && slot->image.pass.memory.chunk_len > SLOT_CHUNK)
        slot->image.pass.memory.chunk_len = SLOT_CHUNK;
    return true;
}

void slot_fill(struct slot *slot, unsigned half)
{
    struct sek_pass *pass = &slot->image.pass;

    errno = 0;
    pass->memory.chunk = slot->tables.pass.chunk + half * slot->tables.pass.chunk_len;
    if (pass->fault.status == SEK_OK && sek_pass_fill(pass) != SEK_OK)
        slot->cause = errno;
}

bool slot_jobs(struct slot *slot, struct sek_digest_job *job, size_t *count)
{
    bool done = false;

    return sek_pass_jobs(&slot->image.pass, job, count, &done) == SEK_OK && !done;
}

bool slot_step(struct slot *slot, struct sek_digest_job *job, size_t *count)
{
    slot_fill(slot, 0);
    return slot_jobs(slot, job, count);
}

void slot_close(struct slot *slot)
{
    struct sek_component component = component_of(slot);
    struct slot_sink sink = sink_of(slot);

    sek_image_finish(&slot->image);
    if (slot->image.pass.fault.status != SEK_OK) {
        char text[96];

        snprintf(text, sizeof text, "offset %llu: %s",
                 (unsigned long long)slot->image.pass.fault.offset,
                 slot->cause ? strerror(slot->cause) : "the file ends early");
        cannot_read(slot, text);
        return;
    }
    sek_appraise_images(slot->setup->appraiser, &component, &slot->image.claims, SEK_OK,
                        &sink.base);
    conclude(slot, &sink);
}
