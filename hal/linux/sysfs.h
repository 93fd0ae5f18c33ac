/* What a driver says of a device in the small files of one folder, as a record that the part format
 * linux-sysfs reads. */
#ifndef SEK_HAL_LINUX_SYSFS_H
#define SEK_HAL_LINUX_SYSFS_H

#include "base/status.h"

#include <stddef.h>

/* Puts the files of a group ("pci", "usb", ...) in folder into a record: those that are there, each
 * line once. root is put in front of every path. A file whose text holds controls cannot make a
 * line of its own.
 *
 * SEK_ERR_UNSUPPORTED: no such group. SEK_ERR_NOT_FOUND: none of the files is there, or no folder.
 * SEK_ERR_DENIED: one of them may not be read. SEK_ERR_NO_SPACE: more than cap. SEK_ERR_IO. */
SEK_CHECKED enum sek_status linux_sysfs_record(const char *root, const char *group,
                                               const char *folder, char *record, size_t cap,
                                               size_t *len);

#endif
