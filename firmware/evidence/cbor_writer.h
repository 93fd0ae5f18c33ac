/* CBOR writer: the deterministic encoding that sek_cbor_check accepts, provided that the caller
 * writes the keys of a map in order. */
#ifndef SEK_EVIDENCE_CBOR_WRITER_H
#define SEK_EVIDENCE_CBOR_WRITER_H

#include "base/reader.h"

#include <stdbool.h>

/* Writes into the caller's buffer. What does not fit records SEK_ERR_NO_SPACE; from then on nothing
 * is written, so that a caller writes straight through and asks once. */
struct sek_cbor_writer {
    uint8_t *buf; /* caller's */
    size_t len, cap;
    enum sek_status status; /* SEK_OK, or the first failure */
};

struct sek_cbor_writer sek_cbor_writer_make(void *buf, size_t cap);

/* Records a failure unless one is there already. */
void sek_cbor_fail(struct sek_cbor_writer *w, enum sek_status status);

void sek_cbor_put_uint(struct sek_cbor_writer *w, uint64_t value);
void sek_cbor_put_int(struct sek_cbor_writer *w, int64_t value);
void sek_cbor_put_bool(struct sek_cbor_writer *w, bool value);
void sek_cbor_put_null(struct sek_cbor_writer *w);
void sek_cbor_put_bytes(struct sek_cbor_writer *w, const void *data, size_t len);
/* The head of len bytes that are not written here: to digest a byte string where it stands. */
void sek_cbor_put_bytes_head(struct sek_cbor_writer *w, size_t len);

void sek_cbor_put_text(struct sek_cbor_writer *w, const char *text); /* ends in NUL */
void sek_cbor_put_text_bytes(struct sek_cbor_writer *w, struct sek_bytes text);
void sek_cbor_put_tag(struct sek_cbor_writer *w, uint64_t tag);
void sek_cbor_put_array(struct sek_cbor_writer *w, size_t count);
void sek_cbor_put_map(struct sek_cbor_writer *w, size_t count);

/* Something whose size is known only once it is written: begin, write, end. The content moves up by
 * the length of the head (at most 9 bytes). */
size_t sek_cbor_begin(const struct sek_cbor_writer *w);
void sek_cbor_end_bytes(struct sek_cbor_writer *w, size_t begin); /* all since begin */
void sek_cbor_end_array(struct sek_cbor_writer *w, size_t begin, size_t count);
void sek_cbor_end_map(struct sek_cbor_writer *w, size_t begin, size_t pairs);

#endif
