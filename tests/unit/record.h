/* Identity records under test: built field by field, read in heap blocks of exact size, and what
 * they say as one line of text. */
#ifndef SEK_TESTS_UNIT_RECORD_H
#define SEK_TESTS_UNIT_RECORD_H

#include "part/part.h"

#include <jansson.h>

enum { RECORD_CAP = 4096, RECORD_ITEMS = 1024, RECORD_LINE = 4096 };

/* A record that grows. */
struct record {
    uint8_t data[RECORD_CAP];
    size_t len;
};

void record_put(struct record *record, const void *bytes, size_t len);
void record_u8(struct record *record, unsigned byte);

/* What sek_part_read says of it: claims point into memory of this struct. */
struct record_result {
    enum sek_status status;
    struct sek_part_claims claims;
    struct sek_observation item[RECORD_ITEMS];
    uint8_t text[RECORD_CAP * 3];
    uint8_t *copy; /* the record, in a block of exact size */
};

/* Reads len bytes with a table of cap items; record_drop releases what claims borrow. */
void record_read(const uint8_t *data, size_t len, const char *forced, size_t cap,
                 struct record_result *result);
void record_drop(struct record_result *result);

/* "vendor=ACME pen=2011 mac=020000000001; damaged at 34: its checksum is wrong", or the status. */
const char *record_line(const struct record_result *result);

/* The usual loops of a parser's test, over a good record of a format:
 * - every truncation, forced: an error, or damaged, and never more claims than the whole has;
 * - every bit flipped, forced: never blank, all claims inside the record, and either an error or
 *   damaged, or (bit_may_pass true of the byte) whole;
 * - every table that is too small by one: NO_SPACE. */
void record_check_all(const uint8_t *data, size_t len, const char *format,
                      bool (*bit_may_pass)(size_t byte));

/* True if one of the claims is of this kind and this text (NULs and spaces at its ends apart). */
bool record_has(const struct record_result *result, enum sek_kind kind, const char *text);

/* Reads every record of the collection of real ones whose MANIFEST.json has an entry under key, or
 * whose name begins with key (if there is a '/' in it), as format (NULL: by content), and hands it
 * to check. The collection is not kept here: SEKISHO_EEPROM names its folder, else
 * ../shared/data/eeprom beside the repository is taken. Returns the number of records: 0 where it
 * is not there. */
size_t record_collection(const char *key, const char *format,
                         void (*check)(const json_t *told, const struct record_result *result));

/* A check for modules: vendor, oui, pn, rev, sn, date, and whether all sums are right. */
void record_check_module(const json_t *told, const struct record_result *result);

#endif
