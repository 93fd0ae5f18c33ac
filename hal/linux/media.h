/* Media on Linux: a path that the board description names (a file, a block or MTD device, an EEPROM
 * of sysfs, an I2C bus of i2c-dev), else the MTD partition of that label, which must lie where the
 * description says, else the same bytes of the one MTD device that is the whole chip. Paths
 * "sysfs:GROUP:FOLDER" (sysfs.h) and "module:INTERFACE" (module.h) are records made of what
 * drivers say. */
#ifndef SEK_HAL_LINUX_MEDIA_H
#define SEK_HAL_LINUX_MEDIA_H

#include "hal/linux/file_source.h"
#include "hal/linux/i2c_source.h"
#include "hal/media.h"

enum { LINUX_RECORD_MAX = 8192 }; /* bytes of a record that is made */

struct linux_media {
    struct hal_media base;
    struct linux_file_source file;
    struct linux_i2c_source i2c;
    struct sek_memory_source made; /* of record */
    uint8_t record[LINUX_RECORD_MAX];
    const char *root; /* put in front of every path, for tests; "" in service */
};

void linux_media_init(struct linux_media *media, const char *root);

#endif
