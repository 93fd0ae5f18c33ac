/* Writes FITs token by token, so that every good and every malformed one can be made.
 *
 * A writer holds the tags of a tree in order; what is added goes to `at`, the end unless a test
 * sets it. fit_write makes a file of them, whose bytes the test may still change: its header is not
 * signed. Signing: tests/unit/fit_signer.h. Nothing here uses code of firmware/image. */
#ifndef SEK_TESTS_UNIT_FIT_WRITER_H
#define SEK_TESTS_UNIT_FIT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIT_TOKEN_NAME_MAX = 95 };

/* Offsets of the header's words, for tests that change them. */
enum fit_header_word {
    FIT_HEADER_MAGIC = 0,
    FIT_HEADER_TOTALSIZE = 4,
    FIT_HEADER_STRUCT = 8,
    FIT_HEADER_STRINGS = 12,
    FIT_HEADER_RESERVE = 16,
    FIT_HEADER_VERSION = 20,
    FIT_HEADER_LAST_COMPATIBLE = 24,
    FIT_HEADER_BOOT_CPU = 28,
    FIT_HEADER_STRINGS_SIZE = 32,
    FIT_HEADER_STRUCT_SIZE = 36,
    FIT_HEADER_LEN = 40,
};

struct fit_token {
    uint32_t tag;                      /* FDT_BEGIN_NODE, ..., or whatever a test wants */
    char name[FIT_TOKEN_NAME_MAX + 1]; /* of a node or property */
    uint8_t *value;                    /* owned: a property's, or the bytes of a raw token */
    size_t len;
    uint32_t told_len; /* what the tag says of len: the same unless a test sets it */
    uint32_t name_at;  /* a property's name in the strings: as interned unless a test sets it */
    bool raw;          /* value alone is written, without tag and padding */
};

struct fit_writer {
    struct fit_token *token; /* owned */
    size_t count, cap;
    size_t at;     /* where the next token goes */
    char *strings; /* owned */
    size_t strings_len;
    size_t signed_strings; /* how many of them a signature covers; 0: all that are there then */
    uint8_t *tail;         /* owned: external payloads, behind totalsize rounded up to 4 */
    size_t tail_len;
    uint64_t tail_at; /* where it begins, if that is further behind */
    size_t slack;     /* zeros inside totalsize, behind the strings */
};

/* A file in a heap block of exact size; free(data) releases it. */
struct fit_file {
    uint8_t *data;
    size_t len;
};

void fit_init(struct fit_writer *w);
void fit_free(struct fit_writer *w);

/* ---- Tokens ---- */

void fit_begin(struct fit_writer *w, const char *name);
void fit_end(struct fit_writer *w);
void fit_tag(struct fit_writer *w, uint32_t tag); /* any word: FDT_NOP, FDT_END, 5, ... */
void fit_raw(struct fit_writer *w, const void *bytes, size_t len);

/* A property; the pointer is good until the next token is added. A list of strings: their bytes
 * with a NUL between, fit_prop(w, "sign-images", "kernel\0fdt", sizeof "kernel\0fdt"). */
struct fit_token *fit_prop(struct fit_writer *w, const char *name, const void *value, size_t len);
void fit_text(struct fit_writer *w, const char *name, const char *text);
void fit_u32(struct fit_writer *w, const char *name, uint32_t value);

/* ---- Finding and changing ---- */

/* Index of a node's BEGIN_NODE ("/images/kernel-1"; "/" is the root) or of a property
 * ("/images/kernel-1:data"). fit_find wants it to be there; fit_has asks. */
size_t fit_find(const struct fit_writer *w, const char *path);
bool fit_has(const struct fit_writer *w, const char *path);

/* Index of the END_NODE of the node that begins there. */
size_t fit_end_of(const struct fit_writer *w, size_t begin);

/* The next tokens go: first into a node, last into it, before it. fit_at_end: behind everything. */
void fit_at_first(struct fit_writer *w, const char *node);
void fit_at_last(struct fit_writer *w, const char *node);
void fit_at_before(struct fit_writer *w, const char *node);
void fit_at_end(struct fit_writer *w);

/* Gives a property (path with ':') another value; adds it as the last one if it is not there. */
void fit_set(struct fit_writer *w, const char *path, const void *value, size_t len);
void fit_set_text(struct fit_writer *w, const char *path, const char *text);
void fit_set_u32(struct fit_writer *w, const char *path, uint32_t value);

/* Takes a node with all that is in it, or a property, away. */
void fit_remove(struct fit_writer *w, const char *path);

/* Copies a node, with all that is in it, to `at` under another name. */
void fit_copy(struct fit_writer *w, const char *node, const char *name);

void fit_rename(struct fit_writer *w, const char *node, const char *name);

/* Offset of a name in the strings; appended if it is not there yet. */
uint32_t fit_intern(struct fit_writer *w, const char *name);

/* ---- Whole FITs ---- */

/* A node with payload and one hash, right as mkimage makes it; hash "": none. */
void fit_image(struct fit_writer *w, const char *name, const char *type, const void *data,
               size_t len, const char *hash);

/* A hash node: the algorithm's own value of data (crc32, sha1, md5, sha256, sha384, sha512). */
void fit_hash(struct fit_writer *w, const char *name, const char *algo, const void *data,
              size_t len);

/* A FIT of kernel-1 (1200 bytes), fdt-1 (129) and ramdisk-1 (420) under conf-1, unsigned, complete
 * but for what a test changes. hash: of each image. */
void fit_sample(struct fit_writer *w, const char *hash);

/* Moves the payload of every image behind the tree, as mkimage -E does, each aligned to align;
 * position 0: `data-offset`, else `data-position` counting from there (mkimage -p). Signatures stay
 * good. */
void fit_make_external(struct fit_writer *w, size_t align, uint32_t position);

/* The file as it stands: header, empty reserve map, tags, strings, slack, tail. Writes no FDT_END
 * by itself unless the last token is the root's END_NODE. */
struct fit_file fit_write(const struct fit_writer *w);

/* Where a token (fit_find) stands in the file. */
size_t fit_place(const struct fit_writer *w, size_t index);

/* One token as it stands in the structure block, appended at out; returns its length. out NULL: the
 * length only. */
size_t fit_token_bytes(const struct fit_token *token, uint8_t *out);

#endif
