/* CBOR (RFC 8949), one encoding only: the core deterministic one of its section 4.2.1.
 *
 * Foreign bytes are first checked whole by sek_cbor_check; then they are read straight through with
 * the calls below, which work on a bounded reader: the first fault stops all further reads, and the
 * parser asks once, before it acts. */
#ifndef SEK_EVIDENCE_CBOR_H
#define SEK_EVIDENCE_CBOR_H

#include "base/reader.h"

#include <stdbool.h>

enum { SEK_CBOR_DEPTH = 6 }; /* arrays and maps that may be open at once, per layer of bytes */

/* Major types, RFC 8949, section 3.1. */
enum sek_cbor_type {
    SEK_CBOR_UINT = 0,
    SEK_CBOR_NINT = 1,
    SEK_CBOR_BYTES = 2,
    SEK_CBOR_TEXT = 3,
    SEK_CBOR_ARRAY = 4,
    SEK_CBOR_MAP = 5,
    SEK_CBOR_TAG = 6,
    SEK_CBOR_SIMPLE = 7,
};

enum { SEK_CBOR_FALSE = 20, SEK_CBOR_TRUE = 21, SEK_CBOR_NULL = 22 }; /* simple values */

/* True if all that r has left is exactly one item in deterministic encoding: shortest heads,
 * definite lengths, map keys (integers, text or bytes) strictly ascending by their encoded bytes,
 * valid UTF-8, at most SEK_CBOR_DEPTH deep, of the simple values false, true and null only, no tag,
 * nothing behind it. SEK_ERR_MALFORMED, SEK_ERR_TRUNCATED: r's fault says where and why. */
SEK_CHECKED enum sek_status sek_cbor_check(struct sek_reader r);

/* The type of the next item, which is not consumed; SEK_CBOR_SIMPLE at the end or after a fault. */
enum sek_cbor_type sek_cbor_peek(const struct sek_reader *r);

/* Each takes the next item; another type, a long form or a value above max records
 * SEK_ERR_MALFORMED at the item and gives 0, false or no bytes. Bytes and text are borrowed. */
uint64_t sek_cbor_uint(struct sek_reader *r, uint64_t max);
int64_t sek_cbor_int(struct sek_reader *r); /* of 64 signed bits */
bool sek_cbor_bool(struct sek_reader *r);
struct sek_bytes sek_cbor_bytes(struct sek_reader *r, size_t min, size_t max);
struct sek_bytes sek_cbor_text(struct sek_reader *r, size_t min, size_t max);
uint64_t sek_cbor_tag(struct sek_reader *r);

/* Head of an array or map: elements, or pairs. Never more than there are bytes left. */
size_t sek_cbor_array(struct sek_reader *r);
size_t sek_cbor_map(struct sek_reader *r);

/* A byte string as a reader of its own over the same input, so that offsets stay those of the
 * whole. */
struct sek_reader sek_cbor_layer(struct sek_reader *r);

/* Takes null if that is next; false and nothing taken if it is not. */
bool sek_cbor_null(struct sek_reader *r);

/* Passes over one item of checked input, whatever it holds. */
void sek_cbor_skip(struct sek_reader *r);

#endif
