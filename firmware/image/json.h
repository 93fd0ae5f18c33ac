/* Texts of a JSON document (RFC 8259), one after the other: who wants to know something of it says
 * what it looks for. */
#ifndef SEK_IMAGE_JSON_H
#define SEK_IMAGE_JSON_H

#include "base/reader.h"

#include <stdbool.h>

enum { SEK_JSON_DEPTH = 16 };

/* A text that is a value. All of it is borrowed, without quotes, escapes as they stand. */
struct sek_json_text {
    unsigned depth;        /* of the object or list it stands in; the outermost is 1 */
    struct sek_bytes top;  /* name of the outermost member that it belongs to */
    struct sek_bytes name; /* its own name; in a list none */
    struct sek_bytes text;
    bool plain; /* no escapes in it */
};

struct sek_json_sink {
    enum sek_status (*text)(struct sek_json_sink *sink, const struct sek_json_text *text);
};

/* Reads a whole document, an object. Strict grammar; one member twice in an object is not noticed:
 * a sink that must not see two asks for none. SEK_ERR_MALFORMED: fault says where; else the sink's
 * own status. */
SEK_CHECKED enum sek_status sek_json_read(struct sek_bytes document, struct sek_json_sink *sink,
                                          struct sek_fault *fault);

#endif
