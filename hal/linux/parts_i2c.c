/* EEPROMs on I2C buses. Linux numbers the channels of multiplexers as it finds them; a part's name
 * is the way to it instead: adapter, then address and channel of each multiplexer. */
#define _POSIX_C_SOURCE 200809L
#include "hal/linux/parts_add.h"
#include "hal/linux/small_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOPS = 8, NAME_LEN = 64 };

#define DEVICES "/sys/bus/i2c/devices"

struct hop {
    unsigned address, channel;
};

static bool path_of(const struct linux_search *search, const char *device, const char *file,
                    char path[LINUX_PATH_MAX])
{
    char own[LINUX_PATH_MAX];

    return linux_path(own, "", DEVICES, device) == SEK_OK &&
           linux_path(path, search->root, own, file) == SEK_OK;
}

/* The channel of a multiplexer ("11-0077") that is this bus ("i2c-80"). */
static bool find_channel(const struct linux_search *search, const char *mux, const char *bus,
                         unsigned *channel)
{
    char path[LINUX_PATH_MAX], file[32], name[NAME_LEN];

    for (unsigned i = 0; i < 32; i++) { /* as many as the largest has, twice */
        snprintf(file, sizeof file, "channel-%u", i);
        if (path_of(search, mux, file, path) &&
            linux_link_name(path, name, sizeof name) == SEK_OK && strcmp(name, bus) == 0) {
            *channel = i;
            return true;
        }
    }
    return false;
}

/* "11-0077": bus and address. */
static bool split(const char *device, unsigned long *bus, unsigned *address)
{
    char *end;

    *bus = strtoul(device, &end, 10);
    if (end == device || *end != '-')
        return false;
    device = end + 1;
    *address = (unsigned)strtoul(device, &end, 16);
    return end == device + 4 && *end == '\0' && *address <= 0x7f;
}

/* From a bus back to its adapter: *bus becomes the adapter's, hop[0] is the last multiplexer.
 * False: a multiplexer that does not say which of its channels this is, or more of them than HOPS.
 */
static bool way_to(const struct linux_search *search, unsigned long *bus, struct hop hop[HOPS],
                   size_t *count)
{
    char path[LINUX_PATH_MAX], name[NAME_LEN], mux[NAME_LEN];

    *count = 0;
    for (;;) {
        snprintf(name, sizeof name, "i2c-%lu", *bus);
        if (!path_of(search, name, "mux_device", path) ||
            linux_link_name(path, mux, sizeof mux) != SEK_OK)
            return true;
        if (*count == HOPS || !split(mux, bus, &hop[*count].address) ||
            !find_channel(search, mux, name, &hop[*count].channel))
            return false;
        ++*count;
    }
}

static enum sek_class class_of(const struct linux_search *search, const char *device)
{
    static const char *const memory[] = {"ee1004", "spd5118"};
    char path[LINUX_PATH_MAX], driver[NAME_LEN];

    if (!path_of(search, device, "driver", path) ||
        linux_link_name(path, driver, sizeof driver) != SEK_OK)
        return SEK_CLASS_NONE;
    for (size_t i = 0; i < SEK_LEN(memory); i++) {
        if (strcmp(driver, memory[i]) == 0)
            return SEK_CLASS_MEMORY;
    }
    return SEK_CLASS_NONE;
}

/* Name and location by the way: "8-70.6-50" and "i2c8/70.6:0x50". */
static void add_by_way(struct linux_search *search, struct linux_part *part, unsigned long bus,
                       const struct hop *hop, size_t count, unsigned address)
{
    char place[LINUX_PART_LOCATION_LEN];
    size_t at, told;

    linux_parts_text(search, part->location, sizeof part->location, "i2c%lu", bus);
    linux_parts_text(search, place, sizeof place, "%lu", bus);
    for (size_t i = count; i > 0; i--) {
        at = strlen(place);
        told = strlen(part->location);
        linux_parts_text(search, place + at, sizeof place - at, "-%02x.%u", hop[i - 1].address,
                         hop[i - 1].channel);
        linux_parts_text(search, part->location + told, sizeof part->location - told, "/%02x.%u",
                         hop[i - 1].address, hop[i - 1].channel);
    }
    at = strlen(place);
    told = strlen(part->location);
    linux_parts_text(search, place + at, sizeof place - at, "-%02x", address);
    linux_parts_text(search, part->location + told, sizeof part->location - told, ":0x%02x",
                     address);
    linux_parts_add(search, "i2c", place, part);
}

static void add_eeprom(struct linux_search *search, const char *device)
{
    struct linux_part part = {.component_class = class_of(search, device)};
    struct hop hop[HOPS];
    unsigned long bus;
    unsigned address;
    size_t count;

    linux_parts_text(search, part.path, sizeof part.path, DEVICES "/%s/eeprom", device);
    if (!split(device, &bus, &address)) { /* named by the firmware's tables, not by its place */
        linux_parts_text(search, part.location, sizeof part.location, "i2c/%s", device);
        linux_parts_add(search, "i2c", device, &part);
    } else if (way_to(search, &bus, hop, &count)) {
        add_by_way(search, &part, bus, hop, count, address);
    } else {
        search->parts->overflow = true; /* without the way it has no name that stays */
    }
}

void linux_parts_i2c(struct linux_search *search)
{
    char path[LINUX_PATH_MAX];
    DIR *devices;
    const struct dirent *device;

    if (linux_path(path, search->root, DEVICES, "") != SEK_OK)
        return;
    devices = opendir(path);
    while (devices && (device = readdir(devices)) != NULL) {
        if (path_of(search, device->d_name, "eeprom", path) && access(path, F_OK) == 0)
            add_eeprom(search, device->d_name);
    }
    if (devices)
        closedir(devices);
}
