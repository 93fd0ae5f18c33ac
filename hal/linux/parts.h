/* The parts that a Linux system lets itself be asked about, found without a list of them: buses and
 * classes of sysfs, EEPROMs behind multiplexers, modules in network ports, tables of the firmware.
 */
#ifndef SEK_HAL_LINUX_PARTS_H
#define SEK_HAL_LINUX_PARTS_H

#include "base/class.h"

#include <stdbool.h>

enum { LINUX_PART_NAME_LEN = 32, LINUX_PART_PATH_LEN = 128, LINUX_PART_LOCATION_LEN = 48 };

struct linux_part {
    char name[LINUX_PART_NAME_LEN]; /* by its place: "pci-0000.03.00.0", "i2c8-70.6-50" */
    char path[LINUX_PART_PATH_LEN]; /* for hal_media_place: a file, "sysfs:...", "module:..." */
    char location[LINUX_PART_LOCATION_LEN]; /* for people: "pci/0000:03:00.0", "i2c8/70.6:0x50" */
    const char *format;                     /* constant; NULL: by content */
    enum sek_class component_class;         /* SEK_CLASS_NONE: by content */
};

/* The table is the caller's. */
struct linux_parts {
    struct linux_part *part;
    size_t cap, count;
    bool overflow; /* more parts than the table, a name too long, or two of one name: not all are in
                      it */
};

/* Fills the table, in the order of names. root is put in front of every path. What a part says is
 * read later; that it may not be read is told then. */
void linux_parts_find(const char *root, struct linux_parts *parts);

#endif
