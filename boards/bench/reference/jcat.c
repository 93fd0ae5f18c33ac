#define _DEFAULT_SOURCE
/* Jcat, the catalogue of signatures beside LVFS metadata: JSON, packed by gzip, in which items
 * (files) have blobs (signatures). Source: libjcat 0.1, README and jcat-blob.h. */
#include "boards/bench/bench.h"
#include "boards/bench/packed.h"
#include "boards/bench/reference/signature.h"

#include <jansson.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JCAT_MAX = 1024 * 1024, KIND_PKCS7 = 3 };

/* The signature of the item of this file name: PKCS#7 in PEM. NULL: there is none. */
static const char *find_blob(const json_t *document, const char *name)
{
    const json_t *items = json_object_get(document, "Items");

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i), *blobs = json_object_get(item, "Blobs");
        const char *id = json_string_value(json_object_get(item, "Id"));

        if (!id || strcmp(id, name) != 0)
            continue;
        for (size_t k = 0; k < json_array_size(blobs); k++) {
            const json_t *blob = json_array_get(blobs, k);

            if (json_integer_value(json_object_get(blob, "Kind")) == KIND_PKCS7)
                return json_string_value(json_object_get(blob, "Data"));
        }
    }
    return NULL;
}

static bool write_blob(const char *blob, char path[LIST_SIGNATURE_PATH])
{
    int fd;
    size_t len = strlen(blob);
    bool ok;

    snprintf(path, LIST_SIGNATURE_PATH, "/tmp/sekisho-jcat-XXXXXX.pem");
    fd = mkstemps(path, (int)strlen(".pem"));
    if (fd < 0)
        return false;
    ok = write(fd, blob, len) == (ssize_t)len;
    ok = close(fd) == 0 && ok;
    if (!ok)
        unlink(path);
    return ok;
}

bool list_signature_of_jcat(const char *jcat, const char *list, char path[LIST_SIGNATURE_PATH])
{
    const char *slash = strrchr(list, '/'), *blob;
    uint8_t *text;
    size_t len;
    json_t *document;
    bool ok;

    if (bench_read_packed(jcat, JCAT_MAX, &text, &len) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: %s", jcat, strerror(errno));
        return false;
    }
    document =
        json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);
    free(text);
    blob = find_blob(document, slash ? slash + 1 : list);
    ok = blob && write_blob(blob, path);
    if (!ok)
        bench_fail(false, 0, 0, "%s: no PKCS#7 signature in it of %s", jcat,
                   slash ? slash + 1 : list);
    json_decref(document);
    return ok;
}
