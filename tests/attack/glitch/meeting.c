#include "tests/attack/glitch/meeting.h"

#include <stdlib.h>
#include <string.h>

bool meeting_keep(struct meetings *meetings, const struct state *state, const struct memory *memory)
{
    struct meeting *meeting = &meetings->list[meetings->count];

    if (meetings->count == MEETINGS_MAX)
        return false;
    meeting->state = *state;
    for (size_t i = 0; i < memory->count; i++) {
        const struct region *region = &memory->region[i];

        if (!region->writable)
            continue;
        meeting->bytes[i] = malloc(region->size);
        if (!meeting->bytes[i])
            return false;
        memcpy(meeting->bytes[i], region->bytes, region->size);
    }
    meetings->count++;
    return true;
}

bool meeting_is(const struct meetings *meetings, size_t n, const struct state *state,
                const struct memory *memory)
{
    const struct meeting *meeting = &meetings->list[n];
    uint32_t sp = state->reg[SNAPSHOT_SP];

    if (n >= meetings->count || memcmp(&meeting->state, state, sizeof *state) != 0)
        return false;
    for (size_t i = memory->count; i > 0; i--) {
        const struct region *region = &memory->region[i - 1];
        uint32_t dead = sp - region->address < region->size ? sp - region->address : 0;

        if (region->writable &&
            memcmp(region->bytes + dead, meeting->bytes[i - 1] + dead, region->size - dead) != 0)
            return false;
    }
    return true;
}

void meetings_drop(struct meetings *meetings)
{
    for (size_t n = 0; n < meetings->count; n++)
        for (size_t i = 0; i < SNAPSHOT_REGIONS; i++)
            free(meetings->list[n].bytes[i]);
    meetings->count = 0;
}
