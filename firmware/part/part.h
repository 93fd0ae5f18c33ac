/* Parts: what an identity record says of who made it. Every observation is the part's own word: it
 * can exclude a part, never approve it. */
#ifndef SEK_PART_PART_H
#define SEK_PART_PART_H

#include "base/class.h"
#include "base/reader.h"

#include <stdbool.h>

/* Observation kinds; the numbers are those of the evidence (claim -82001). */
enum sek_kind {
    SEK_KIND_VENDOR = 1, /* text: whose name is on it */
    SEK_KIND_MANUFACTURER = 2,
    SEK_KIND_PRODUCT = 3,
    SEK_KIND_PART_NUMBER = 4,
    SEK_KIND_SERIAL_NUMBER = 5,
    SEK_KIND_REVISION = 6,
    SEK_KIND_OUI24 = 7,          /* 3 bytes */
    SEK_KIND_OUI28 = 8,          /* 4 bytes, left-aligned nibbles */
    SEK_KIND_OUI36 = 9,          /* 5 bytes, left-aligned nibbles */
    SEK_KIND_PEN = 10,           /* number: IANA private enterprise number */
    SEK_KIND_PCI = 11,           /* number: vendor << 16 | device */
    SEK_KIND_PCI_SUBSYSTEM = 12, /* number: vendor << 16 | device */
    SEK_KIND_USB = 13,           /* number: vendor << 16 | product */
    SEK_KIND_JEDEC = 14,      /* number: manufacturer << 16 | device, or the manufacturer alone */
    SEK_KIND_COMPATIBLE = 15, /* text: device tree */
    SEK_KIND_MIDR = 16,       /* number: Arm implementer */
    SEK_KIND_GPON = 17,       /* text: 4 characters */
    SEK_KIND_COUNTRY = 18,    /* text: ISO 3166-1 alpha-2 */
    SEK_KIND_ACPI_HID = 19,
    SEK_KIND_PNP = 20,
    SEK_KIND_DATE = 21, /* text, as found */
    SEK_KIND_MAC = 22,  /* 6 bytes */
};

/* How much an observation is worth (identity classes E1 to E5). */
enum sek_evidence_class {
    SEK_EVIDENCE_HEURISTIC = 1,
    SEK_EVIDENCE_PLAIN = 2,   /* a field without integrity */
    SEK_EVIDENCE_CHECKED = 3, /* a factory record with a good checksum; writable */
    SEK_EVIDENCE_SILICON = 4, /* fixed in silicon */
    SEK_EVIDENCE_SIGNED = 5,
};

enum { SEK_OBSERVATION_DAMAGED = 1, SEK_OBSERVATION_BLANK = 2 }; /* flags */

enum sek_value_type { SEK_VALUE_TEXT, SEK_VALUE_BYTES, SEK_VALUE_NUMBER };

/* One thing that a part says of itself. Text is decoded to UTF-8, trailing NUL and spaces trimmed,
 * not cleaned: it is matched as it is and cleaned only for display. */
struct sek_observation {
    enum sek_kind kind;
    enum sek_value_type type;
    struct sek_bytes value; /* text and bytes: borrowed from the input or from claims.text */
    uint32_t number;
    enum sek_evidence_class evidence;
    uint8_t flags;
};

/* What one record says, in its order, duplicates included. The caller sets item, cap, text and
 * text_cap; sek_part_read sets all else. */
struct sek_part_claims {
    const char *format;        /* constant: "onie-tlv", "sff-8472"; NULL: none takes it */
    enum sek_class class_hint; /* by the format; SEK_CLASS_NONE: not said */
    bool blank;                /* the bytes that the parser needs first are all 00 or all FF */
    bool damaged;           /* checksum wrong, end missing, a field cut: can exclude, never vouch */
    struct sek_fault fault; /* why it is damaged */
    struct sek_observation *item; /* caller's table */
    size_t count, cap;
    uint8_t *text; /* caller's: text that had to be decoded */
    size_t text_used, text_cap;
};

/* One identity format: a file under part/ that defines `const struct sek_part_format
 * sek_part_NAME`. */
struct sek_part_format {
    const char *name;               /* as in sekisho,format: "onie-tlv", "sff-8472", "ipmi-fru" */
    enum sek_class component_class; /* of its parts where nobody says; SEK_CLASS_NONE */
    size_t blank_len;               /* bytes that must be blank for a blank part */
    /* Is this record of this format, sure enough to take it without being told? By its magic, or by
     * its identifier and good checksums. */
    bool (*probe)(struct sek_bytes record);
    /* Lists what the record claims. Damage that leaves something readable is SEK_OK with
     * out->damaged: what could be read is listed with the evidence class that it would have whole.
     * NOT_THIS_FORMAT (no magic), TRUNCATED (ends before the first field), NO_SPACE (more than the
     * caller's tables hold): out->fault says where and why. */
    enum sek_status (*parse)(struct sek_bytes record, struct sek_part_claims *out);
};

/* The part formats of this build, NULL at the end; made by make from the board's PARTS. */
extern const struct sek_part_format *const sek_parts[];

enum { SEK_PART_MAX = 65536 }; /* bytes: a longer medium is never taken for a part by content */

/* Finds the format of a record and lists its claims, each marked if the record is damaged. forced:
 * the board's or user's word for the format, or NULL to recognise it by content; a transceiver that
 * shows itself to be of another format than forced is read as what it is.
 * SEK_ERR_NOT_THIS_FORMAT: no part format takes it. A blank record gives SEK_OK with out->blank and
 * no claims: the first bytes of a forced one, all bytes (at least 128, at most SEK_PART_MAX) of
 * another. Other statuses: those of the format's parse; what was listed before stays. */
SEK_CHECKED enum sek_status sek_part_read(struct sek_bytes record, const char *forced,
                                          struct sek_part_claims *out);

/* True if a format of this build has this name; NULL: none has. */
bool sek_part_known(const char *name);

/* Copies what was read from the record behind the text that the claims have, before the record's
 * memory is used for another. SEK_ERR_NO_SPACE: it does not fit; what does still points to the
 * record. */
SEK_CHECKED enum sek_status sek_part_keep(struct sek_part_claims *claims, struct sek_bytes record);

/* Records why a record is damaged; the first cause stays. For the parsers, as all below. */
void sek_part_damage(struct sek_part_claims *claims, enum sek_status status, uint64_t offset,
                     const char *why);

/* Adds an observation; SEK_ERR_NO_SPACE over the table's end. Text is trimmed of NULs and spaces at
 * both ends (an empty one is no observation) and decoded: valid UTF-8 stays, else each byte of 80h
 * and more becomes U+FFFD. */
SEK_CHECKED enum sek_status sek_part_add_text(struct sek_part_claims *claims, enum sek_kind kind,
                                              struct sek_bytes raw,
                                              enum sek_evidence_class evidence);
SEK_CHECKED enum sek_status sek_part_add_bytes(struct sek_part_claims *claims, enum sek_kind kind,
                                               struct sek_bytes value,
                                               enum sek_evidence_class evidence);
SEK_CHECKED enum sek_status sek_part_add_number(struct sek_part_claims *claims, enum sek_kind kind,
                                                uint32_t number, enum sek_evidence_class evidence);

/* A text that is decoded character by character: put appends one to the text memory (NO_SPACE: it
 * is full), end makes what was put since text_used was start an observation, trimmed as above. */
SEK_CHECKED enum sek_status sek_part_put(struct sek_part_claims *claims, uint32_t code_point);
SEK_CHECKED enum sek_status sek_part_end(struct sek_part_claims *claims, size_t start,
                                         enum sek_kind kind, enum sek_evidence_class evidence);

/* Reads a number as hexadecimal text ("0x12ab", "12:ab", perhaps with a line feed at the end) into
 * as many bytes as there are digits for; *len is set. False: something else, or more than cap
 * bytes. */
bool sek_part_hex(struct sek_bytes text, uint8_t *out, size_t cap, size_t *len);

/* A field at a fixed place: text, or an OUI (kind SEK_KIND_OUI24, three zeros: not said). */
struct sek_part_field {
    enum sek_kind kind;
    uint16_t at, len; /* bytes */
};

/* Adds fixed fields; what of them lies behind the record's end is cut. Their evidence class is that
 * of a checked record. SEK_ERR_NO_SPACE. */
SEK_CHECKED enum sek_status sek_part_add_fields(struct sek_part_claims *claims,
                                                struct sek_bytes record,
                                                const struct sek_part_field *field, size_t count);

#endif
