/* Who signed a vendor's list: asked of the tools that the vendors themselves use. */
#ifndef SEK_BENCH_REFERENCE_SIGNATURE_H
#define SEK_BENCH_REFERENCE_SIGNATURE_H

#include <stdbool.h>
#include <stdio.h>

enum { LIST_SIGNATURE_PATH = 64 };

/* File names, at most one of the four signatures; key: what it is verified with. NULL: not given.
 */
struct list_signature {
    const char *usign, *openpgp, *cms, *jcat, *key;
};

enum list_signed {
    LIST_UNSIGNED, /* no signature was given: the draft says so */
    LIST_SIGNED,
    LIST_INSIDE, /* the list is one that may carry its signature: the importer verifies it */
    LIST_BAD,    /* after a message: it does not verify, or the tool is not there */
    LIST_USAGE,  /* after a message */
};

/* Verifies the list with signify-openbsd, gpgv or openssl; writes a comment on it into the draft.
 */
enum list_signed list_signature_check(const struct list_signature *signature, const char *list,
                                      FILE *out);

/* Takes the signature of a list out of its Jcat file into a temporary one, which the caller
 * removes. False after a message. */
bool list_signature_of_jcat(const char *jcat, const char *list, char path[LIST_SIGNATURE_PATH]);

#endif
