/* Lists of known-good values as vendors publish them: what every form of list comes down to. */
#ifndef SEK_BENCH_REFERENCE_LIST_H
#define SEK_BENCH_REFERENCE_LIST_H

#include "base/date.h"
#include "base/reader.h"
#include "crypto/digest.h"

#include <stdbool.h>

enum { LIST_NAME_MAX = 255 }; /* bytes of a file's name in a list */

/* One value of a list; all borrowed for the call. */
struct list_value {
    const char *name;    /* of the file or component; not cleaned */
    const char *version; /* NULL: not said */
    enum sek_digest_alg alg;
    const uint8_t *digest; /* sek_digest_len(alg) of them */
    uint64_t size;         /* 0: not said */
};

struct list_sink {
    void (*value)(struct list_sink *sink, const struct list_value *value);
};

/* The algorithm whose digest has so many bytes; SEK_DIGEST_NONE: none that is strong. */
enum sek_digest_alg list_digest_by_len(size_t len);

/* Reads hexadecimal digits of exactly one strong digest. False: they are none. */
bool list_unhex(const char *text, size_t len, enum sek_digest_alg *alg,
                uint8_t out[SEK_DIGEST_MAX]);

/* Checksums of the Linux Vendor Firmware Service's metadata: AppStream XML, <release> with
 * <checksum type filename>. Text: the file, unpacked. A document type is refused: it could define
 * entities. SEK_ERR_MALFORMED: fault has the offset. Source: AppStream 1.0, 2.9 Firmware. */
SEK_CHECKED enum sek_status lvfs_read(struct sek_bytes text, struct list_sink *sink,
                                      struct sek_fault *fault);

#endif
