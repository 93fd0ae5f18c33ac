/* Files of the bench: where things are looked for, and reading and writing them whole. */
#ifndef SEK_BENCH_FILES_H
#define SEK_BENCH_FILES_H

#include "base/reader.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    BENCH_PATH_MAX = 1024,
    BENCH_STORE_MAX = 16 * 1024 * 1024, /* bytes of a trust store that we read */
};

/* Reads a whole file of at most cap bytes into memory that the caller frees (8-aligned). On failure
 * errno tells the cause: SEK_ERR_NOT_FOUND, SEK_ERR_UNSUPPORTED (directory, pipe), SEK_ERR_NO_SPACE
 * (longer than cap), SEK_ERR_IO. */
SEK_CHECKED enum sek_status bench_read_file(const char *path, size_t cap, uint8_t **data,
                                            size_t *len);

/* Replaces a file whole: written beside it, synced, renamed. mode as for open(2). SEK_ERR_IO. */
SEK_CHECKED enum sek_status bench_write_file(const char *path, const void *data, size_t len,
                                             unsigned mode);

/* Finds a file of the configuration: $SEKISHO_CONFIG, else $XDG_CONFIG_HOME/sekisho,
 * ~/.config/sekisho, /etc/sekisho: the first folder that has it. False: nowhere. */
bool bench_find_config(const char *name, char path[BENCH_PATH_MAX]);

/* Path of a file in the state folder, which is made if need be (mode 0700): explicit, else
 * $SEKISHO_STATE, else $XDG_STATE_HOME/sekisho, else ~/.local/state/sekisho. False: cannot be made.
 */
bool bench_state_path(const char *explicit_dir, const char *name, char path[BENCH_PATH_MAX]);

/* Reads a public key file, PEM (SubjectPublicKeyInfo) or its DER, as DER; caller frees.
 * SEK_ERR_MALFORMED beside the statuses of bench_read_file. */
SEK_CHECKED enum sek_status bench_read_public_key(const char *path, uint8_t **der, size_t *len);

/* Writes raw bytes from PEM text between the lines BEGIN/END label; caller frees. */
SEK_CHECKED enum sek_status bench_pem_decode(struct sek_bytes text, const char *label,
                                             uint8_t **der, size_t *len);

#endif
