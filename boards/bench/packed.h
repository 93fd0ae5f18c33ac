/* Files that may be packed by gzip, as vendors publish lists. */
#ifndef SEK_BENCH_PACKED_H
#define SEK_BENCH_PACKED_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Reads a file whole, unpacked if it begins as gzip does (RFC 1952), at most cap bytes either way;
 * bytes behind the first member are not looked at. The caller frees. Statuses and errno as
 * bench_read_file; EBADMSG: damaged; EFBIG: longer than cap, packed or not. */
SEK_CHECKED enum sek_status bench_read_packed(const char *path, size_t cap, uint8_t **data,
                                              size_t *len);

#endif
