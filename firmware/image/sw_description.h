/* The manifest of an SWUpdate archive, in libconfig's or JSON's clothes: which files, with which
 * SHA-256, for which hardware. Source: SWUpdate, doc/source/sw-description.rst. */
#ifndef SEK_IMAGE_SW_DESCRIPTION_H
#define SEK_IMAGE_SW_DESCRIPTION_H

#include "base/reader.h"

enum { SEK_SHA256_HEX = 64 };

struct sw_description_sink {
    /* A file that is named. Both texts are borrowed from the manifest; sha256 has 64 hex digits. */
    enum sek_status (*file)(struct sw_description_sink *sink, struct sek_bytes name,
                            struct sek_bytes sha256);
    /* `version` of `software`; at most once. */
    void (*version)(struct sw_description_sink *sink, struct sek_bytes text);
    /* A text of a `hardware-compatibility`, of whatever board. Borrowed from the manifest. */
    void (*hardware)(struct sw_description_sink *sink, struct sek_bytes text);
};

/* Reads a manifest and tells what it names. Strict, since two readers must not see two things: a
 * group has one filename and one sha256, as plain texts without escapes, hardware is a plain text
 * or a list of them, no name has an escape, and nothing is included from elsewhere. A group with a
 * filename and without a sha256 fails the whole. SEK_ERR_MALFORMED: fault says where; else the
 * sink's own status. */
SEK_CHECKED enum sek_status sw_description_read(struct sek_bytes text,
                                                struct sw_description_sink *sink,
                                                struct sek_fault *fault);

#endif
