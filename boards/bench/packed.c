#include "boards/bench/packed.h"

#include "boards/bench/files.h"

#include <zlib.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { GZIP_WINDOW = 15 + 16, FIRST = 64 * 1024 }; /* inflateInit2: gzip only */

/* Inflates into memory that grows with what comes out. */
static enum sek_status inflate_all(z_stream *z, size_t cap, uint8_t **out, size_t *len)
{
    uint8_t *data = NULL;
    size_t room = 0;
    int status = Z_OK;

    while (status == Z_OK) {
        size_t grown = room ? 2 * room : FIRST;
        uint8_t *more;

        if (room >= cap) {
            errno = EFBIG;
            break;
        }
        grown = grown < cap ? grown : cap;
        more = realloc(data, grown + 1);
        if (!more)
            break;
        data = more;
        z->next_out = data + room;
        z->avail_out = (uInt)(grown - room);
        room = grown;
        errno = EBADMSG;
        status = inflate(z, Z_NO_FLUSH);
        if (status == Z_OK && z->avail_out > 0)
            break; /* cut: it wants more than there is */
    }
    if (status != Z_STREAM_END) {
        free(data);
        return SEK_ERR_MALFORMED;
    }
    *out = data;
    *len = room - z->avail_out;
    return SEK_OK;
}

enum sek_status bench_read_packed(const char *path, size_t cap, uint8_t **data, size_t *len)
{
    static const uint8_t magic[] = {0x1f, 0x8b, 8}; /* deflate: RFC 1952, 2.3 */
    z_stream z = {0};
    uint8_t *packed;
    size_t packed_len;
    enum sek_status status = bench_read_file(path, cap, &packed, &packed_len);

    if (status != SEK_OK)
        return status;
    if (packed_len < sizeof magic || memcmp(packed, magic, sizeof magic) != 0) {
        *data = packed;
        *len = packed_len;
        return SEK_OK;
    }
    status = SEK_ERR_NO_SPACE;
    z.next_in = packed;
    z.avail_in = (uInt)packed_len;
    if (packed_len <= UINT32_MAX && inflateInit2(&z, GZIP_WINDOW) == Z_OK) {
        status = inflate_all(&z, cap, data, len);
        (void)inflateEnd(&z);
    }
    free(packed);
    return status;
}
