/* CBOR (RFC 8949) as others write it: tags, any length of head, keys in any order. Definite lengths
 * only. Everything is bounded by the reader; the first fault stops all further reads. */
#ifndef SEK_BENCH_REFERENCE_CBOR_ITEM_H
#define SEK_BENCH_REFERENCE_CBOR_ITEM_H

#include "evidence/cbor.h"

/* The head of one item, and the bytes of a string. */
struct cbor_item {
    enum sek_cbor_type type; /* SEK_CBOR_SIMPLE also after a fault */
    uint64_t value;          /* number, length, count, tag */
    struct sek_bytes bytes;  /* of a byte or text string; borrowed */
};

/* Takes the next head, and the content of a string. */
struct cbor_item cbor_item_take(struct sek_reader *r);

/* Takes tags as long as there are some. Returns the last one, 0: none. */
uint64_t cbor_item_tags(struct sek_reader *r);

/* Passes over one item, whatever it holds. */
void cbor_item_skip(struct sek_reader *r);

/* Where the value of an integer key stands in the map that r is at; false: not there, or r is at no
 * map. A key that stands twice is a fault. */
bool cbor_item_find(struct sek_reader r, uint64_t key, struct sek_reader *out);

/* Elements of what r is at: an array's, which is taken, or the one item that it is instead. */
size_t cbor_item_elements(struct sek_reader *r);

#endif
