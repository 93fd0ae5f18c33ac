/* Who signed a vendor's list: asked of the tools that the vendors themselves use. */
#ifndef SEK_BENCH_REFERENCE_SIGNATURE_H
#define SEK_BENCH_REFERENCE_SIGNATURE_H

#include <stdio.h>

/* File names, at most one of the three signatures; key: what it is verified with. NULL: not given.
 */
struct list_signature {
    const char *usign, *openpgp, *cms, *key;
};

enum list_signed {
    LIST_UNSIGNED, /* no signature was given: the draft says so */
    LIST_SIGNED,
    LIST_BAD,   /* after a message: it does not verify, or the tool is not there */
    LIST_USAGE, /* after a message */
};

/* Verifies the list with signify-openbsd, gpgv or openssl; writes a comment on it into the draft.
 */
enum list_signed list_signature_check(const struct list_signature *signature, const char *list,
                                      FILE *out);

#endif
