/* SKL/1: packets as printable lines, for a console that kernel log and people share.
 *
 *   "@SK1" kind mid "." idx "." last "." data "." crc CR LF      (SPEC.md, section 1)
 *
 * The encoder gives one line at a time; the decoder takes one byte at a time and finds the lines in
 * whatever else is there. A packet comes out whole and with its checksums right, or not at all. */
#ifndef SEK_CHANNEL_FRAME_H
#define SEK_CHANNEL_FRAME_H

#include "base/reader.h"

#include <stdbool.h>

enum {
    SEK_FRAME_CHUNK = 42,                               /* octets of a full line */
    SEK_FRAME_LINE_MAX = 75,                            /* characters, without CR LF */
    SEK_FRAME_LINES_MAX = 256,                          /* of one packet */
    SEK_FRAME_OVERHEAD = 4,                             /* length and CRC around the body */
    SEK_FRAME_BODY_MAX = 256 * 42 - SEK_FRAME_OVERHEAD, /* octets */
    SEK_FRAME_IDLE_MS = 12000, /* an unfinished packet is forgotten after this silence */
};

/* Who speaks, and why: the letter on the wire. */
enum sek_frame_kind {
    SEK_FRAME_REQUEST = 'q',  /* host to device */
    SEK_FRAME_RESPONSE = 'r', /* device to host */
    SEK_FRAME_BEACON = 'b',   /* device to host, after boot */
    SEK_FRAME_ALARM = 'a',    /* device to host, unasked */
};

/* One packet on its way out; set up by sek_frame_begin. */
struct sek_frame_encoder {
    struct sek_bytes body; /* borrowed until the last line is out */
    enum sek_frame_kind kind;
    uint8_t mid;
    uint16_t crc;       /* over the body */
    size_t next, count; /* lines */
};

/* Starts a packet: body is one CoAP message, mid the low byte of its message id.
 * SEK_ERR_RANGE: body empty or over SEK_FRAME_BODY_MAX. */
SEK_CHECKED enum sek_status sek_frame_begin(struct sek_frame_encoder *encoder,
                                            enum sek_frame_kind kind, uint8_t mid,
                                            struct sek_bytes body);

/* Writes the next line with its CR LF and no NUL; returns its length, 0 when all are out. The
 * sender leads each burst of lines with one CR LF of its own. */
size_t sek_frame_next_line(struct sek_frame_encoder *encoder, char line[SEK_FRAME_LINE_MAX + 2]);

/* Where one packet is put together. The caller gives data and cap, the rest is zero at first. */
struct sek_frame_slot {
    uint8_t *data; /* caller's */
    size_t cap;    /* bytes: at least the body plus SEK_FRAME_OVERHEAD */
    uint64_t touched_ms;
    size_t tail; /* octets of the last line, 0 while it is missing */
    bool used;
    uint8_t kind, mid, last;
    uint8_t have[SEK_FRAME_LINES_MAX / 8]; /* bit per line */
};

/* A decoder; set up by sek_frame_decoder_init, the fields are its own. */
struct sek_frame_decoder {
    const char *accept; /* kinds taken; others (our own echo) are skipped */
    struct sek_frame_slot *slot;
    size_t slot_count;
    bool skip; /* rest of this line is no text */
    size_t len, data_len;
    char line[SEK_FRAME_LINE_MAX];
};

/* A packet that is whole. body is borrowed from its slot until the next sek_frame_push. */
struct sek_frame_packet {
    enum sek_frame_kind kind;
    uint8_t mid;
    struct sek_bytes body;
};

enum sek_frame_event {
    SEK_FRAME_TEXT,   /* the byte belongs to no frame: it is somebody else's */
    SEK_FRAME_HELD,   /* the byte was taken */
    SEK_FRAME_PACKET, /* the byte was taken and *packet is filled */
};

/* accept: the kinds of the other side, "q" on a device, "rba" on a host (borrowed, as are the
 * slots). More slots let packets arrive interleaved; when all are in use the oldest one yields. */
void sek_frame_decoder_init(struct sek_frame_decoder *decoder, const char *accept,
                            struct sek_frame_slot *slot, size_t slot_count);

/* Takes one byte. A line is taken when its fourth CRC digit is there; what follows on the same line
 * is skipped, and "@SK1" is looked for everywhere. *packet is filled only with SEK_FRAME_PACKET.
 * now_ms: any clock that only grows. */
enum sek_frame_event sek_frame_push(struct sek_frame_decoder *decoder, uint8_t byte,
                                    uint64_t now_ms, struct sek_frame_packet *packet);

#endif
