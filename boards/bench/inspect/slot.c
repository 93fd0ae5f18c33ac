#include "boards/bench/inspect/slot.h"

#include "image/detached.h"
#include "part/part.h"
#include "trust/checks.h"

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
    tables->scratch_len =
        setup->detached.len > 0 ? SLOT_SCRATCH - SEK_DETACHED_SCRATCH : SLOT_SCRATCH;
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
};

static bool accepted(const struct slot *slot, const struct sek_row *row)
{
    struct sek_tally tally;

    sek_tally_start(&tally);
    sek_tally_row(&tally, slot->setup->appraiser, row);
    return tally.worst == SEK_OUTCOME_ACCEPT;
}

/* Room for one more row; NULL: there is none. What is accepted gives way to what is not. */
static struct sek_row *room(struct slot *slot, const struct sek_row *row)
{
    if (slot->subject.row_count < slot->row_cap)
        return &slot->row[slot->subject.row_count++];
    if (slot->row_cap < REPORT_ROWS_MAX) {
        size_t cap = slot->row_cap ? 2 * slot->row_cap : 2;
        struct sek_row *grown = realloc(slot->row, cap * sizeof *grown);

        slot->row_lost = slot->row_lost || !grown;
        if (!grown)
            return NULL;
        slot->row = grown;
        slot->row_cap = cap;
        return &slot->row[slot->subject.row_count++];
    }
    slot->unlisted++;
    for (size_t i = slot->subject.row_count; !accepted(slot, row) && i > 0; i--) {
        if (accepted(slot, &slot->row[i - 1]))
            return &slot->row[i - 1];
    }
    return NULL;
}

/* Where a row's bytes are in the file: an image, or one of several parts. */
static void locate(const struct slot *slot, struct sek_row *row)
{
    const struct content *content = &slot->content;
    unsigned long long at = content->offset + row->offset;

    if (row->fault.status != SEK_OK)
        row->fault.offset += content->offset;
    if (row->kind == SEK_ROW_IMAGE || content->name[0])
        snprintf(row->location, sizeof row->location, "0x%08llx", at);
}

/* Counts a row and lists it; NULL: it is counted only. */
static struct sek_row *list(struct slot *slot, const struct sek_row *row)
{
    struct sek_row *kept;

    sek_tally_row(&slot->tally, slot->setup->appraiser, row);
    kept = row->container ? NULL : room(slot, row); /* a container's images speak */
    if (kept)
        *kept = *row;
    return kept;
}

static void keep_row(struct sek_row_sink *sink, const struct sek_row *row)
{
    struct slot *slot = ((struct slot_sink *)sink)->slot;
    struct sek_row *kept;

    if (slot->content.between && row->blank)
        return; /* nothing is there */
    kept = list(slot, row);
    if (kept)
        locate(slot, kept);
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
static void conclude(struct slot *slot)
{
    struct report_subject *subject = &slot->subject;

    subject->row = slot->row;
    if (slot->row_lost) {
        report_find(subject, SEK_RULE(BN, 5), "%s: out of memory", slot->path);
        subject->outcome = SEK_OUTCOME_ERROR;
    } else {
        subject->outcome = sek_tally_end(&slot->tally);
    }
    if (slot->unlisted > 0)
        report_note(subject, "%zu components more than are listed; the outcome counts them",
                    slot->unlisted);
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
        .name = slot->content.name[0] ? slot->content.name : slot->name,
        .component_class = slot->setup->class_word,
        .between = slot->content.between,
        .method = SEK_METHOD_AGENT,
        .location = "",
    };
}

static struct slot_sink sink_of(struct slot *slot)
{
    return (struct slot_sink){.base.row = keep_row, .slot = slot};
}

/* Something small whose bytes some part format takes. */
static bool judge_part(struct slot *slot, struct sek_bytes record)
{
    const char *forced = slot->setup->format;
    struct sek_component component = component_of(slot);
    struct slot_sink sink = sink_of(slot);
    struct sek_part_claims claims = {.item = slot->part.item + slot->observation_used,
                                     .cap = slot->part.cap - slot->observation_used,
                                     .text = slot->part.text + slot->text_used,
                                     .text_cap = slot->part.text_cap - slot->text_used};
    enum sek_status status;

    /* What is said to be firmware is judged as firmware, whatever it begins like. */
    if (forced ? !sek_part_known(forced)
               : slot->setup->class_word != SEK_CLASS_NONE &&
                     !sek_class_is_part(slot->setup->class_word))
        return false;
    status = sek_part_read(record, forced, &claims);
    if (status == SEK_ERR_NOT_THIS_FORMAT && !forced)
        return false;
    if (status == SEK_OK)
        status = sek_part_keep(&claims, record);
    if (status == SEK_OK) {
        slot->observation_used += claims.count;
        slot->text_used += claims.text_used;
    }
    if (status != SEK_OK) {
        claims.damaged = true;
        if (!claims.format)
            claims.format = forced ? forced : "";
    }
    sek_appraise_part(slot->setup->appraiser, &component, &claims, record.len, &sink.base);
    for (size_t i = 0; status != SEK_OK && slot->contents.at < slot->file.base.size &&
                       i < slot->subject.row_count;
         i++) {
        if (slot->row[i].observation == claims.item)
            slot->row[i].observation_count = 0; /* the next part will overwrite what they say */
    }
    return true;
}

enum begun { AT_WORK, DONE, FAILED };

static enum begun failed(struct slot *slot, const char *otherwise)
{
    cannot_read(slot, errno ? strerror(errno) : otherwise);
    return FAILED;
}

/* Reads something small whole; AT_WORK: it is no part, *source is its bytes. */
static enum begun open_small(struct slot *slot, struct sek_source **source)
{
    size_t len = (size_t)slot->window.base.size;

    errno = 0;
    if (sek_source_read(&slot->window.base, 0, slot->record, len) != SEK_OK)
        return failed(slot, "the file ends early");
    if (judge_part(slot, (struct sek_bytes){slot->record, len}))
        return DONE;
    slot->memory = sek_memory_source_make(slot->record, len);
    *source = &slot->memory.base;
    return AT_WORK;
}

static enum sek_status read_window(struct sek_source *base, uint64_t offset, void *buf, size_t len)
{
    struct slot_window *window = (struct slot_window *)base;

    return sek_source_read(window->whole, window->offset + offset, buf, len);
}

/* An archive that goes on in no way that we know. */
static void judge_broken(struct slot *slot)
{
    const struct sek_image_claims claims = {
        .format = slot->content.format,
        .fault = {slot->content.fault.status, 0, slot->content.fault.why}};
    struct sek_component component = component_of(slot);
    struct slot_sink sink = sink_of(slot);

    sek_appraise_images(slot->setup->appraiser, &component, &claims, SEK_OK, &sink.base);
}

/* An image inside a dump ends where it says; one that is not well formed is shown by its head. */
static void cut(struct slot *slot)
{
    enum { HEAD = 4096 };
    uint64_t end = slot->image.claims.fault.status == SEK_OK ? sek_image_end(&slot->image) : 0;

    if (end == 0)
        end = slot->content.size < HEAD ? slot->content.size : HEAD;
    sek_image_cut(&slot->image, end);
    contents_end(&slot->contents, &slot->content, end);
}

/* May a file be looked into? Not where somebody says what it is, or signed it as it is. */
static bool splits(const struct slot *slot)
{
    return !slot->setup->format && slot->setup->detached.len == 0;
}

/* Begins with what the walk over the file came to. */
static enum begun begin(struct slot *slot)
{
    const struct content *content = &slot->content;
    bool whole = slot->contents.kind == CONTENTS_WHOLE;
    const char *format = content->between ? "raw" : content->format;
    struct sek_source *source = &slot->window.base;
    enum sek_status status;

    if (content->fault.status != SEK_OK) {
        judge_broken(slot);
        return DONE;
    }
    slot->window =
        (struct slot_window){{read_window, content->size}, &slot->file.base, content->offset};
    if (slot->contents.kind != CONTENTS_DUMP && !content->between && source->size > 0 &&
        source->size <= SEK_PART_MAX && slot->setup->detached.len == 0) {
        enum begun begun = open_small(slot, &source);

        if (begun != AT_WORK)
            return begun;
    }
    errno = 0;
    status = sek_image_open(&slot->image, source, slot->setup->hook,
                            whole ? slot->setup->format : format, slot->setup->whole_algs,
                            &slot->tables);
    if (status != SEK_OK)
        return failed(slot, sek_status_text(status));
    if (slot->setup->detached.len > 0) {
        slot->image.scratch_len += SEK_DETACHED_SCRATCH;
        (void)!sek_detached_add(&slot->image, slot->setup->detached); /* a fault is told */
    }
    if (whole && splits(slot) && slot->setup->whole_algs == 0 &&
        contents_split(&slot->contents, &slot->image))
        return DONE; /* no reference can speak for the whole */
    if (content->open_end)
        cut(slot);
    if (!slot->image.pass.tap && slot->image.pass.memory.chunk_len > SLOT_CHUNK)
        slot->image.pass.memory.chunk_len = SLOT_CHUNK;
    return AT_WORK;
}

/* Goes on to what has to be stepped. False: there is nothing more, the subject is complete. */
static bool go_on(struct slot *slot)
{
    while (contents_next(&slot->contents, &slot->content)) {
        enum begun begun = begin(slot);

        if (begun != DONE)
            return begun == AT_WORK;
    }
    conclude(slot);
    return false;
}

/* A dump of a chip whose board is described, all at once. */
static void judge_board(struct slot *slot)
{
    const struct board *board = slot->setup->board;
    struct sek_cycle_memory memory = {
        .image = slot->tables,
        .record = slot->record,
        .record_cap = SEK_PART_MAX,
        .row = malloc(REPORT_ROWS_MAX * sizeof *memory.row),
        .row_cap = REPORT_ROWS_MAX,
        .observation = slot->part.item,
        .observation_cap = slot->part.cap,
        .text = slot->part.text,
        .text_cap = slot->part.text_cap,
    };
    size_t count = 0;

    slot->row_lost = !memory.row || board_judge(board, &slot->file.base, slot->setup->hook,
                                                slot->setup->appraiser, &memory, &count) != SEK_OK;
    for (size_t i = 0; i < count; i++)
        (void)list(slot, &memory.row[i]);
    free(memory.row);
    if (board->elsewhere > 0)
        report_note(&slot->subject, "%zu components of the description are not on this chip",
                    board->elsewhere);
    conclude(slot);
}

bool slot_open(struct slot *slot, size_t index, const char *path)
{
    enum sek_status status;

    slot->index = index;
    slot->path = path;
    slot->row_lost = false;
    slot->unlisted = 0;
    slot->observation_used = 0;
    slot->text_used = 0;
    slot->cause = 0;
    slot->subject.name = path;
    slot->subject.is_file = true;
    slot->subject.row_count = 0;
    slot->subject.finding_count = 0; /* the tables stay as they are: most never touch them */
    slot->subject.note_count = 0;
    sek_tally_start(&slot->tally);
    component_name(path, slot->name);
    status = linux_file_source_open(&slot->file, path);
    if (status != SEK_OK) {
        slot->file.fd = -1;
        cannot_read(slot, strerror(errno));
        return false;
    }
    if (slot->setup->board) {
        judge_board(slot);
        return false;
    }
    slot->contents = contents_whole(&slot->file.base);
    return go_on(slot);
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

/* Does the store vouch for the whole of a file, or deny it? */
static bool is_known(const struct slot *slot)
{
    const struct sek_store *store = slot->setup->appraiser->store;
    struct sek_row row;
    size_t count = 0;

    sek_row_init(&row);
    for (unsigned alg = SEK_DIGEST_SHA256; alg < SEK_DIGEST_COUNT; alg++) {
        const struct sek_extent *whole = slot->image.claims.whole[alg];

        if (!whole || whole->status != SEK_OK || count == SEK_ROW_DIGESTS)
            continue;
        row.digest[count].alg = whole->alg;
        memcpy(row.digest[count++].bytes, whole->digest, SEK_DIGEST_MAX);
    }
    return store && store->dtb &&
           (sek_reference_find(slot->setup->appraiser, &row, NULL) >= 0 ||
            sek_denied_find(slot->setup->appraiser, &row) >= 0);
}

/* What else nothing covers: the first range stands in the region's row. */
static void note_uncovered(struct slot *slot)
{
    const struct sek_image_claims *claims = &slot->image.claims;

    for (size_t i = 1; i < claims->uncovered_count && i < SEK_PASS_UNCOVERED; i++) {
        uint64_t from = slot->content.offset + claims->uncovered[i].offset;

        report_note(&slot->subject, "not covered: 0x%llx..0x%llx, not blank",
                    (unsigned long long)from,
                    (unsigned long long)(from + claims->uncovered[i].len - 1));
    }
    if (claims->uncovered_count > SEK_PASS_UNCOVERED)
        report_note(&slot->subject, "not covered: %zu ranges more",
                    claims->uncovered_count - SEK_PASS_UNCOVERED);
}

bool slot_close(struct slot *slot)
{
    struct sek_component component = component_of(slot);
    struct slot_sink sink = sink_of(slot);

    sek_image_finish(&slot->image);
    if (slot->image.pass.fault.status != SEK_OK) {
        unsigned long long at = slot->content.offset + slot->image.pass.fault.offset;
        char text[96];

        snprintf(text, sizeof text, "offset %llu: %s", at,
                 slot->cause ? strerror(slot->cause) : "the file ends early");
        cannot_read(slot, text);
        return false;
    }
    if (splits(slot) && !is_known(slot) && contents_split(&slot->contents, &slot->image))
        return go_on(slot);
    if (slot->content.between)
        slot->image.claims.blank = slot->image.pass.uncovered_count == 0;
    sek_appraise_images(slot->setup->appraiser, &component, &slot->image.claims, SEK_OK,
                        &sink.base);
    note_uncovered(slot);
    return go_on(slot);
}
