/* Version resources of a PE program: who made it, and what it is called. Source: Microsoft, PE
 * Format, "The .rsrc Section"; Windows API, VS_VERSIONINFO and the structures in it. */
#ifndef SEK_IMAGE_PE_VERSION_H
#define SEK_IMAGE_PE_VERSION_H

#include "image/image.h"

enum {
    PE_SECTION_HEADER = 40, /* bytes of a section in the table of sections */
};

/* Says CompanyName and ProductName of every version resource as names of a product. sections: the
 * table of sections, borrowed; rva: where the directory of resources lies once loaded, 0: has none.
 * A directory that cannot be followed fails the whole, as what it hides may be what excludes it:
 * SEK_ERR_MALFORMED, SEK_ERR_NO_SPACE (more than we take), statuses of sek_image_read. claims.fault
 * is set. */
SEK_CHECKED enum sek_status pe_version_say(struct sek_image *image, struct sek_bytes sections,
                                           uint32_t rva);

#endif
