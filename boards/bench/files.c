#define _POSIX_C_SOURCE 200809L
#include "boards/bench/files.h"

#include "hal/linux/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/base64.h>

enum { PUBLIC_KEY_MAX = 16384 }; /* bytes of a key file */

enum sek_status bench_read_file(const char *path, size_t cap, uint8_t **data, size_t *len)
{
    struct linux_file_source file;
    enum sek_status status = linux_file_source_open(&file, path);
    uint8_t *bytes;

    if (status != SEK_OK)
        return status;
    if (file.base.size > cap) {
        linux_file_source_close(&file);
        errno = EFBIG;
        return SEK_ERR_NO_SPACE;
    }
    bytes = malloc((size_t)file.base.size + 1); /* malloc aligns to 16 */
    if (bytes)
        status = sek_source_read(&file.base, 0, bytes, (size_t)file.base.size);
    else
        status = SEK_ERR_NO_SPACE;
    linux_file_source_close(&file);
    if (status != SEK_OK) {
        free(bytes);
        return status;
    }
    *data = bytes;
    *len = (size_t)file.base.size;
    return SEK_OK;
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

enum sek_status bench_write_file(const char *path, const void *data, size_t len, unsigned mode)
{
    char temporary[BENCH_PATH_MAX + 8];
    int fd, cause;
    bool written;

    if ((size_t)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return SEK_ERR_IO;
    }
    fd = mkstemp(temporary);
    if (fd < 0)
        return SEK_ERR_IO;
    written = write_all(fd, data, len) && fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
    cause = errno;
    if (close(fd) != 0 || !written || rename(temporary, path) != 0) {
        cause = written ? errno : cause;
        unlink(temporary);
        errno = cause;
        return SEK_ERR_IO;
    }
    return SEK_OK;
}

/* Joins folder and name; true if that file can be read. */
static bool readable(const char *folder, const char *sub, const char *name,
                     char path[BENCH_PATH_MAX])
{
    if (!folder || folder[0] == '\0')
        return false;
    if (snprintf(path, BENCH_PATH_MAX, "%s%s/%s", folder, sub, name) >= BENCH_PATH_MAX)
        return false;
    return access(path, R_OK) == 0;
}

bool bench_find_config(const char *name, char path[BENCH_PATH_MAX])
{
    const char *explicit_dir = getenv("SEKISHO_CONFIG");

    if (explicit_dir && explicit_dir[0])
        return readable(explicit_dir, "", name, path);
    return readable(getenv("XDG_CONFIG_HOME"), "/sekisho", name, path) ||
           readable(getenv("HOME"), "/.config/sekisho", name, path) ||
           readable("/etc/sekisho", "", name, path);
}

/* mkdir -p with mode 0700 for what is made. */
static bool make_folders(char *path)
{
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;

        *p = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return false;
        *p = end;
        if (end == '\0')
            return true;
    }
}

bool bench_state_path(const char *explicit_dir, const char *name, char path[BENCH_PATH_MAX])
{
    const char *dir = explicit_dir ? explicit_dir : getenv("SEKISHO_STATE");
    const char *sub = "";
    size_t len;

    if (!dir || !dir[0]) {
        dir = getenv("XDG_STATE_HOME");
        sub = "/sekisho";
    }
    if (!dir || !dir[0]) {
        dir = getenv("HOME");
        sub = "/.local/state/sekisho";
    }
    if (!dir || !dir[0] || snprintf(path, BENCH_PATH_MAX, "%s%s", dir, sub) >= BENCH_PATH_MAX)
        return false;
    if (!make_folders(path))
        return false;
    len = strlen(path);
    return snprintf(path + len, BENCH_PATH_MAX - len, "/%s", name) < (int)(BENCH_PATH_MAX - len);
}

enum sek_status bench_pem_decode(struct sek_bytes text, const char *label, uint8_t **der,
                                 size_t *len)
{
    char begin[64], end[64];
    char *copy = malloc(text.len + 1);
    const char *from, *to;
    enum sek_status status = SEK_ERR_MALFORMED;
    uint8_t *out = NULL;
    size_t out_len = 0;

    if (!copy)
        return SEK_ERR_NO_SPACE;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    snprintf(end, sizeof end, "-----END %s-----", label);
    from = strstr(copy, begin);
    to = from ? strstr(from, end) : NULL;
    if (to) {
        from += strlen(begin);
        out = malloc(text.len + 1);
        if (out && mbedtls_base64_decode(out, text.len, &out_len, (const uint8_t *)from,
                                         (size_t)(to - from)) == 0)
            status = SEK_OK;
    }
    free(copy);
    if (status != SEK_OK) {
        free(out);
        return status;
    }
    *der = out;
    *len = out_len;
    return SEK_OK;
}

enum sek_status bench_read_public_key(const char *path, uint8_t **der, size_t *len)
{
    uint8_t *data;
    size_t data_len;
    enum sek_status status = bench_read_file(path, PUBLIC_KEY_MAX, &data, &data_len);

    if (status != SEK_OK)
        return status;
    if (data_len > 0 && data[0] == 0x30) { /* DER: a SEQUENCE */
        *der = data;
        *len = data_len;
        return SEK_OK;
    }
    status = bench_pem_decode((struct sek_bytes){data, data_len}, "PUBLIC KEY", der, len);
    free(data);
    return status;
}
