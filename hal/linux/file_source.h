/* A file, block device, MTD character device or sysfs EEPROM as a source: read by pread, so nothing
 * is mapped and nothing grows with its size. */
#ifndef SEK_HAL_LINUX_FILE_SOURCE_H
#define SEK_HAL_LINUX_FILE_SOURCE_H

#include "base/source.h"

struct linux_file_source {
    struct sek_source base;
    int fd;        /* -1: closed */
    uint64_t from; /* bytes of it that lie in front of the source; 0 after opening */
};

/* Opens path read-only and finds its size (file, block device, MTD: the device's; sysfs EEPROM: the
 * file's). On failure errno tells the cause: SEK_ERR_NOT_FOUND (does not exist),
 * SEK_ERR_UNSUPPORTED (a directory, a pipe, a socket), SEK_ERR_DENIED (no privilege), SEK_ERR_IO.
 */
SEK_CHECKED enum sek_status linux_file_source_open(struct linux_file_source *file,
                                                   const char *path);

void linux_file_source_close(struct linux_file_source *file);

#endif
