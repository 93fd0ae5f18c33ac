#include "boards/bench/inspect/board.h"

#include <stdlib.h>
#include <string.h>

void board_free(struct board *board)
{
    store_tree_free(&board->tree);
}

static bool is_chip(const struct sek_chip *chip, const char *name)
{
    return !name || strcmp(chip->name, name) == 0 || strcmp(chip->place.chip_name, name) == 0;
}

/* Leaves only what is on one chip. False: there is no such chip. */
static bool choose(struct board *board, const char *name)
{
    struct sek_inventory *inventory = &board->inventory;
    size_t kept = 0, at = 0;

    while (at < inventory->chip_count && !is_chip(&inventory->chip[at], name))
        at++;
    if (at == inventory->chip_count)
        return false;
    board->chips[0] = board->chips[at];
    for (size_t i = 0; i < inventory->unit_count; i++) {
        const struct hal_media_place *place = &inventory->unit[i].place;

        if (place->partition && place->controller == board->chips[0].place.controller &&
            place->chip == board->chips[0].place.chip)
            inventory->unit[kept++] = inventory->unit[i];
    }
    board->elsewhere = inventory->unit_count - kept;
    inventory->unit_count = kept;
    inventory->chip_count = 1;
    return true;
}

bool board_read(struct board *board, const char *path, const char *chip)
{
    struct sek_fault fault = {0};

    memset(board, 0, sizeof *board);
    board->inventory = (struct sek_inventory){.unit = board->unit,
                                              .unit_cap = BOARD_UNITS,
                                              .chip = board->chips,
                                              .chip_cap = BOARD_CHIPS};
    if (!store_tree_read(path, NULL, &board->tree))
        return false;
    if (sek_inventory_read(board->tree.dtb, &board->inventory, &fault) != SEK_OK)
        bench_fail(false, 0, 0, "%s: offset %llu: %s", path, (unsigned long long)fault.offset,
                   fault.why);
    else if (!choose(board, chip))
        bench_fail(false, 0, 0, "%s: describes no chip%s%s", path, chip ? " " : "",
                   chip ? chip : "");
    else
        return true;
    board_free(board);
    return false;
}

/* The dump as the chip that the description speaks of. */
struct media {
    struct hal_media base;
    struct sek_source window;
    struct sek_source *dump;
    uint64_t offset; /* of the window */
};

static enum sek_status read_window(struct sek_source *source, uint64_t offset, void *buf,
                                   size_t len)
{
    struct media *media = (struct media *)((char *)source - offsetof(struct media, window));

    return sek_source_read(media->dump, media->offset + offset, buf, len);
}

static enum sek_status open_place(struct hal_media *base, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    struct media *media = (struct media *)base;

    if (place->len > media->dump->size || place->offset > media->dump->size - place->len)
        return SEK_ERR_IO; /* the dump ends ahead of it, or in it */
    media->window = (struct sek_source){read_window, place->len};
    media->offset = place->offset;
    *source = &media->window;
    return SEK_OK;
}

static void close_place(struct hal_media *base)
{
    (void)base;
}

static enum sek_status chip_size(struct hal_media *base, const struct hal_media_place *place,
                                 uint64_t *size)
{
    (void)place;
    *size = ((struct media *)base)->dump->size;
    return SEK_OK;
}

enum sek_status board_judge(const struct board *board, struct sek_source *dump,
                            const struct hal_digest *hook, const struct sek_appraiser *appraiser,
                            const struct sek_cycle_memory *memory, size_t *count)
{
    struct media media = {.base = {open_place, close_place, chip_size}, .dump = dump};
    struct sek_cycle *cycle = calloc(1, sizeof *cycle);
    enum sek_status status;

    *count = 0;
    if (!cycle)
        return SEK_ERR_NO_SPACE;
    cycle->inventory = &board->inventory;
    cycle->media = &media.base;
    cycle->hook = hook;
    cycle->method = SEK_METHOD_AGENT;
    cycle->memory = *memory;
    sek_cycle_start(cycle, appraiser);
    while (sek_cycle_step(cycle))
        continue;
    *count = cycle->row_count;
    status = cycle->complete ? SEK_OK : SEK_ERR_NO_SPACE;
    free(cycle);
    return status;
}
