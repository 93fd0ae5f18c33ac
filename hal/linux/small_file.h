/* Small files of the system: one line that a driver or the kernel tells. */
#ifndef SEK_HAL_LINUX_SMALL_FILE_H
#define SEK_HAL_LINUX_SMALL_FILE_H

#include "base/status.h"

#include <stddef.h>

enum { LINUX_PATH_MAX = 512 };

/* Writes root, folder, "/" and name as one path. name may be "". SEK_ERR_NO_SPACE: longer than
 * LINUX_PATH_MAX. */
SEK_CHECKED enum sek_status linux_path(char out[LINUX_PATH_MAX], const char *root,
                                       const char *folder, const char *name);

/* Reads the whole of a small file into text and ends it by a NUL; the line feed at its end goes.
 * Bytes that could be taken for another line's, or for an end (controls), become spaces. What is
 * longer than cap - 1 is cut. SEK_ERR_NOT_FOUND: no such file. SEK_ERR_DENIED: we may not.
 * SEK_ERR_IO. */
SEK_CHECKED enum sek_status linux_read_text(const char *path, char *text, size_t cap);

/* The last part of the path that a symbolic link leads to. SEK_ERR_NOT_FOUND: it is none.
 * SEK_ERR_NO_SPACE: longer than cap - 1. */
SEK_CHECKED enum sek_status linux_link_name(const char *path, char *name, size_t cap);

#endif
