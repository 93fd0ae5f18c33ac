#include "agent/cycle.h"

#include "part/part.h"
#include "trust/contradict.h"

#include <string.h>

void sek_cycle_start(struct sek_cycle *cycle, const struct sek_appraiser *appraiser)
{
    if (cycle->open)
        cycle->media->close(cycle->media);
    cycle->appraiser = *appraiser;
    cycle->memory.image.candidate = cycle->candidate;
    cycle->memory.image.candidate_count =
        appraiser->store
            ? sek_store_candidates(appraiser->store, cycle->candidate, SEK_CANDIDATES_MAX)
            : 0;
    cycle->running = true;
    cycle->complete = false;
    cycle->open = false;
    cycle->next = 0;
    cycle->row_count = 0;
    cycle->observation_used = 0;
    cycle->text_used = 0;
    cycle->overflow = cycle->inventory->found_count > cycle->inventory->found_cap;
    cycle->bytes_read = 0;
}

struct sink {
    struct sek_row_sink base;
    struct sek_cycle *cycle;
};

static void keep(struct sek_row_sink *base, const struct sek_row *row)
{
    struct sek_cycle *cycle = ((struct sink *)base)->cycle;

    if (cycle->row_count == cycle->memory.row_cap) {
        cycle->overflow = true;
        return;
    }
    cycle->memory.row[cycle->row_count++] = *row;
}

static struct sek_component component_of(const struct sek_cycle *cycle, const struct sek_unit *unit)
{
    return (struct sek_component){
        .name = unit->name,
        .component_class = unit->component_class,
        .named_by_board = true,
        .optional = unit->optional,
        .bank = unit->bank == SEK_UNIT_BACKUP     ? SEK_BANK_BACKUP
                : unit->bank == SEK_UNIT_RECOVERY ? SEK_BANK_RECOVERY
                                                  : SEK_BANK_ACTIVE,
        .method = cycle->method,
        .location = unit->location,
    };
}

static void unread(struct sek_cycle *cycle, const struct sek_unit *unit, enum sek_status status)
{
    struct sek_component component = component_of(cycle, unit);
    struct sink sink = {{keep}, cycle};

    sek_appraise_unread(&cycle->appraiser, &component, status, &sink.base);
}

/* An identity record: its observations go into what is left of the tables. False: no part format
 * takes it, and nothing says that it is one. */
static bool judge_part(struct sek_cycle *cycle, const struct sek_unit *unit,
                       struct sek_bytes record)
{
    struct sek_component component = component_of(cycle, unit);
    struct sink sink = {{keep}, cycle};
    struct sek_part_claims claims = {
        .item = cycle->memory.observation + cycle->observation_used,
        .cap = cycle->memory.observation_cap - cycle->observation_used,
        .text = cycle->memory.text + cycle->text_used,
        .text_cap = cycle->memory.text_cap - cycle->text_used,
    };
    enum sek_status status =
        sek_part_read(record, sek_part_known(unit->format) ? unit->format : NULL, &claims);

    if (status == SEK_ERR_NOT_THIS_FORMAT && !unit->found && !unit->format &&
        !sek_class_is_part(unit->component_class))
        return false;
    if (status == SEK_OK)
        status = sek_part_keep(&claims, record);
    if (status == SEK_OK) {
        cycle->observation_used += claims.count;
        cycle->text_used += claims.text_used;
    }
    if (status == SEK_ERR_NO_SPACE)
        cycle->overflow = true;
    if (status != SEK_OK) {
        claims.damaged = true;
        claims.count = 0;
        (void)sek_fault_set(&claims.fault, status, 0, "no record that we can read");
        if (!claims.format)
            claims.format = unit->format;
    }
    sek_appraise_part(&cycle->appraiser, &component, &claims, record.len, &sink.base);
    return true;
}

/* What a record's memory holds until it is read, and how much of that in a row no record holds: a
 * driver that claims success and wrote less must not hide a maker behind what was there before. */
enum { UNREAD_RUN = 16 };

static uint8_t unread_byte(size_t at)
{
    return (uint8_t)(at * 0x9d ^ at >> 8 ^ 0x5c);
}

static bool left_unread(struct sek_bytes record)
{
    size_t run = 0;

    for (size_t i = 0; i < record.len && run < UNREAD_RUN; i++)
        run = record.data[i] == unread_byte(i) ? run + 1 : 0;
    return run == UNREAD_RUN;
}

/* Reads a small medium whole. True: judged as a part, or not readable; false: *source is an image
 * in memory. */
static bool take_record(struct sek_cycle *cycle, const struct sek_unit *unit,
                        struct sek_source **source)
{
    struct sek_bytes record = {cycle->memory.record, (size_t)(*source)->size};
    enum sek_status status;

    for (size_t i = 0; i < record.len; i++)
        cycle->memory.record[i] = unread_byte(i);
    status = sek_source_read(*source, 0, cycle->memory.record, record.len);
    if (status == SEK_OK && left_unread(record))
        status = SEK_ERR_IO;
    cycle->bytes_read += record.len;
    if (status != SEK_OK) {
        unread(cycle, unit, status);
        return true;
    }
    if (judge_part(cycle, unit, record))
        return true;
    cycle->memory_source = sek_memory_source_make(record.data, record.len);
    *source = &cycle->memory_source.base;
    return false;
}

static bool fits_record(const struct sek_cycle *cycle, const struct sek_source *source)
{
    return source->size > 0 && source->size <= cycle->memory.record_cap;
}

static bool wants_record(const struct sek_cycle *cycle, const struct sek_unit *unit,
                         const struct sek_source *source)
{
    return !unit->place.partition && fits_record(cycle, source) &&
           (unit->found || sek_part_known(unit->format) ||
            sek_class_is_part(unit->component_class));
}

/* ---- The map ---- */

static void tell_chip(struct sek_cycle *cycle, const struct sek_chip *chip, uint64_t size,
                      const char *why)
{
    const struct sek_component component = {
        .name = chip->name,
        .component_class = SEK_CLASS_FLASH,
        .named_by_board = true,
        .method = cycle->method,
        .location = chip->place.chip_name,
    };
    struct sink sink = {{keep}, cycle};

    sek_appraise_map(&cycle->appraiser, &component, SEK_RULE(MAP, 2), size, why, &sink.base);
}

/* Every byte that a chip says it has must be one that the map names. */
static void judge_chip(struct sek_cycle *cycle, const struct sek_chip *chip)
{
    uint64_t size = 0;
    enum sek_status status = SEK_ERR_UNSUPPORTED;

    if (cycle->media->chip_size)
        status = cycle->media->chip_size(cycle->media, &chip->place, &size);
    if (status != SEK_OK)
        tell_chip(cycle, chip, 0, "the chip does not say how many bytes it holds");
    else if (size > chip->end)
        tell_chip(cycle, chip, size, "the chip holds more bytes than the description names");
    else if (size < chip->end)
        tell_chip(cycle, chip, size, "the chip holds fewer bytes than the description names");
    else if (chip->has_gap)
        tell_chip(cycle, chip, size, "the description leaves out bytes of the chip");
}

/* ---- Components ---- */

/* Two names for the same bytes: one clean copy could stand for both, so neither is looked at. */
static bool tell_shared(struct sek_cycle *cycle, const struct sek_unit *unit)
{
    const struct sek_component component = component_of(cycle, unit);
    struct sink sink = {{keep}, cycle};

    if (unit->shared)
        sek_appraise_map(&cycle->appraiser, &component, SEK_RULE(MAP, 3), 0,
                         "other names of the description mean the same bytes", &sink.base);
    return unit->shared;
}

static const struct sek_unit *unit_at_work(const struct sek_cycle *cycle)
{
    const struct sek_inventory *inventory = cycle->inventory;
    size_t at = cycle->next - inventory->chip_count;

    return at < inventory->unit_count ? &inventory->unit[at]
                                      : &inventory->found[at - inventory->unit_count];
}

/* Opens the next unit. Parts are judged at once; images are left open for the steps. */
static void begin_unit(struct sek_cycle *cycle)
{
    const struct sek_unit *unit = unit_at_work(cycle);
    struct sek_source *source = NULL;
    const struct sek_store *store = cycle->appraiser.store;
    enum sek_status status;

    if (tell_shared(cycle, unit)) {
        cycle->next++;
        return;
    }
    status = cycle->media->open(cycle->media, &unit->place, &source);
    if (status == SEK_OK && !source)
        status = SEK_ERR_IO; /* a driver that says so and has opened nothing */
    if (status == SEK_OK && unit->found && !fits_record(cycle, source)) {
        cycle->media->close(cycle->media);
        status = SEK_ERR_NO_SPACE;
    }
    if (status != SEK_OK) {
        unread(cycle, unit, status);
        cycle->next++;
        return;
    }
    if (wants_record(cycle, unit, source) && take_record(cycle, unit, &source)) {
        cycle->media->close(cycle->media);
        cycle->next++;
        return;
    }
    status = sek_image_open(&cycle->image, source, cycle->hook,
                            sek_part_known(unit->format) ? "raw" : unit->format,
                            store && store->dtb ? store->reference_algs : 0, &cycle->memory.image);
    if (status != SEK_OK) {
        unread(cycle, unit, status);
        cycle->media->close(cycle->media);
        cycle->next++;
        return;
    }
    cycle->open = true;
}

/* Judges the image that has been read to its end. */
static void end_unit(struct sek_cycle *cycle)
{
    const struct sek_unit *unit = unit_at_work(cycle);
    struct sek_component component = component_of(cycle, unit);
    struct sink sink = {{keep}, cycle};

    sek_image_finish(&cycle->image);
    if (cycle->image.pass.source != &cycle->memory_source.base)
        cycle->bytes_read += cycle->image.pass.bytes_read;
    sek_appraise_images(&cycle->appraiser, &component, &cycle->image.claims,
                        cycle->image.pass.fault.status, &sink.base);
    cycle->media->close(cycle->media);
    cycle->open = false;
    cycle->next++;
}

/* One chunk of the image that is open. */
static void read_on(struct sek_cycle *cycle)
{
    struct sek_digest_job job[SEK_PASS_ACTIVE];
    size_t count = 0;
    bool done = false;

    if (sek_pass_step(&cycle->image.pass, job, &count, &done) != SEK_OK)
        done = true;
    sek_digest_run(job, count);
    if (done)
        end_unit(cycle);
}

bool sek_cycle_step(struct sek_cycle *cycle)
{
    const struct sek_inventory *inventory = cycle->inventory;
    size_t found = inventory->found_count <= inventory->found_cap ? inventory->found_count : 0;
    size_t end = inventory->chip_count + inventory->unit_count + found;

    if (!cycle->running)
        return false;
    if (cycle->open)
        read_on(cycle);
    else if (cycle->next < inventory->chip_count)
        judge_chip(cycle, &inventory->chip[cycle->next++]);
    else if (cycle->next < end)
        begin_unit(cycle);
    if (cycle->open || cycle->next < end)
        return true;
    sek_contradict_rows(cycle->memory.row, cycle->row_count);
    cycle->running = false;
    cycle->complete = !cycle->overflow;
    return false;
}

enum sek_outcome sek_cycle_outcome(const struct sek_cycle *cycle)
{
    struct sek_tally tally;

    if (!cycle->complete)
        return SEK_OUTCOME_HOLD;
    sek_tally_start(&tally);
    for (size_t i = 0; i < cycle->row_count; i++)
        sek_tally_row(&tally, &cycle->appraiser, &cycle->memory.row[i]);
    return sek_tally_end(&tally);
}
