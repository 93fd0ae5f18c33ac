#include "channel/frame.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

static const char magic[4] = {'@', 'S', 'K', '1'};
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

/* Where the fields of a line stand. */
enum {
    AT_KIND = 4,
    AT_MID = 5,
    AT_IDX = 8,
    AT_LAST = 11,
    AT_DATA = 14,
    DATA_MAX = 56, /* characters: SEK_FRAME_CHUNK octets */
    CRC_LEN = 4,   /* characters */
};

static size_t octets(const struct sek_frame_encoder *e)
{
    return e->body.len + SEK_FRAME_OVERHEAD;
}

/* Octet at of the packet: length (body and CRC), body, CRC. */
static uint8_t octet(const struct sek_frame_encoder *e, size_t at)
{
    uint8_t edge[2];

    if (at >= 2 && at - 2 < e->body.len)
        return e->body.data[at - 2];
    sek_put_u16be(edge, at < 2 ? (uint16_t)(e->body.len + 2) : e->crc);
    return edge[at < 2 ? at : at - 2 - e->body.len];
}

enum sek_status sek_frame_begin(struct sek_frame_encoder *encoder, enum sek_frame_kind kind,
                                uint8_t mid, struct sek_bytes body)
{
    if (body.len == 0 || body.len > SEK_FRAME_BODY_MAX)
        return SEK_ERR_RANGE;
    *encoder = (struct sek_frame_encoder){.body = body, .kind = kind, .mid = mid};
    encoder->crc = sek_crc16(0, body.data, body.len);
    encoder->count = (octets(encoder) + SEK_FRAME_CHUNK - 1) / SEK_FRAME_CHUNK;
    return SEK_OK;
}

static void put_hex(char *out, uint8_t value)
{
    out[0] = lower[value >> 4];
    out[1] = lower[value & 15];
}

/* Writes octets from..to as base64url without padding; returns the characters written. */
static size_t put_data(const struct sek_frame_encoder *e, size_t from, size_t to, char *out)
{
    size_t len = 0;

    for (; from < to; from += 3) {
        size_t left = to - from < 3 ? to - from : 3;
        uint32_t bits = (uint32_t)octet(e, from) << 16;

        if (left > 1)
            bits |= (uint32_t)octet(e, from + 1) << 8;
        if (left > 2)
            bits |= octet(e, from + 2);
        for (size_t i = 0; i <= left; i++)
            out[len++] = alphabet[bits >> (18 - 6 * i) & 63];
    }
    return len;
}

size_t sek_frame_next_line(struct sek_frame_encoder *encoder, char line[SEK_FRAME_LINE_MAX + 2])
{
    size_t from = encoder->next * SEK_FRAME_CHUNK;
    size_t len = AT_DATA;
    uint16_t crc;

    if (encoder->next >= encoder->count)
        return 0;
    memcpy(line, magic, sizeof magic);
    line[AT_KIND] = (char)encoder->kind;
    put_hex(line + AT_MID, encoder->mid);
    put_hex(line + AT_IDX, (uint8_t)encoder->next);
    put_hex(line + AT_LAST, (uint8_t)(encoder->count - 1));
    line[AT_IDX - 1] = line[AT_LAST - 1] = line[AT_DATA - 1] = '.';
    encoder->next++;
    len += put_data(encoder, from,
                    encoder->next < encoder->count ? from + SEK_FRAME_CHUNK : octets(encoder),
                    line + len);
    line[len++] = '.';
    crc = sek_crc16(0, line, len);
    for (int shift = 12; shift >= 0; shift -= 4)
        line[len++] = upper[crc >> shift & 15];
    line[len++] = '\r';
    line[len++] = '\n';
    return len;
}

void sek_frame_decoder_init(struct sek_frame_decoder *decoder, const char *accept,
                            struct sek_frame_slot *slot, size_t slot_count)
{
    *decoder = (struct sek_frame_decoder){.accept = accept, .slot = slot, .slot_count = slot_count};
}

/* Value of a digit in a table of count characters, or count. */
static uint8_t digit(const char *table, uint8_t count, char c)
{
    uint8_t value = 0;

    while (value < count && table[value] != c)
        value++;
    return value;
}

static uint8_t get_hex(const char *text)
{
    return (uint8_t)(digit(lower, 16, text[0]) << 4 | digit(lower, 16, text[1]));
}

/* May c stand at the decoder's position? Data ends at its first dot. */
static bool fits(const struct sek_frame_decoder *d, char c)
{
    if (d->len < sizeof magic)
        return c == magic[d->len];
    if (d->len == AT_KIND)
        return c >= 'a' && c <= 'z';
    if (d->len == AT_IDX - 1 || d->len == AT_LAST - 1 || d->len == AT_DATA - 1)
        return c == '.';
    if (d->len < AT_DATA)
        return digit(lower, 16, c) < 16;
    if (d->data_len > 0)
        return digit(upper, 16, c) < 16;
    if (c == '.')
        return d->len > AT_DATA;
    return d->len < AT_DATA + DATA_MAX && digit(alphabet, 64, c) < 64;
}

/* Decodes base64url into out (SEK_FRAME_CHUNK octets); 0 for what no encoder writes. */
static size_t get_data(const char *text, size_t count, uint8_t *out)
{
    uint32_t bits = 0;
    size_t len = 0, pending = 0;

    if (count % 4 == 1)
        return 0;
    for (size_t i = 0; i < count; i++) {
        bits = bits << 6 | digit(alphabet, 64, text[i]);
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            out[len++] = (uint8_t)(bits >> pending);
            bits &= (1u << pending) - 1;
        }
    }
    return bits == 0 ? len : 0; /* bits behind the last octet must be zero */
}

static bool crc_right(const char *line, size_t len)
{
    uint16_t crc = sek_crc16(0, line, len - CRC_LEN);

    for (size_t i = 0; i < CRC_LEN; i++)
        if (line[len - CRC_LEN + i] != upper[crc >> (12 - 4 * i) & 15])
            return false;
    return true;
}

/* The slot that collects (kind, mid): the one that does, else a free one, else the oldest. */
static struct sek_frame_slot *find_slot(struct sek_frame_decoder *d, uint8_t kind, uint8_t mid)
{
    struct sek_frame_slot *best = NULL;

    for (size_t i = 0; i < d->slot_count; i++) {
        struct sek_frame_slot *slot = &d->slot[i];

        if (slot->used && slot->kind == kind && slot->mid == mid)
            return slot;
        if (!best || (best->used && (!slot->used || slot->touched_ms < best->touched_ms)))
            best = slot;
    }
    return best;
}

/* Makes the slot ready for one more line of its packet; starts over if that is another packet. */
static void open_slot(struct sek_frame_slot *slot, uint8_t kind, uint8_t mid, uint8_t last,
                      uint64_t now_ms)
{
    bool same = slot->used && slot->kind == kind && slot->mid == mid && slot->last == last &&
                now_ms - slot->touched_ms <= SEK_FRAME_IDLE_MS;

    if (!same) {
        memset(slot->have, 0, sizeof slot->have);
        slot->tail = 0;
        slot->kind = kind;
        slot->mid = mid;
        slot->last = last;
        slot->used = true;
    }
    slot->touched_ms = now_ms;
}

static bool have(const struct sek_frame_slot *slot, size_t idx)
{
    return slot->have[idx / 8] >> idx % 8 & 1;
}

/* All lines there: is it the packet that was sent? */
static bool finish(struct sek_frame_slot *slot, struct sek_frame_packet *packet)
{
    size_t total = (size_t)slot->last * SEK_FRAME_CHUNK + slot->tail;
    struct sek_bytes body = {.data = slot->data + 2, .len = total - SEK_FRAME_OVERHEAD};

    for (size_t i = 0; i <= slot->last; i++)
        if (!have(slot, i))
            return false;
    slot->used = false;
    if (total <= SEK_FRAME_OVERHEAD || sek_get_u16be(slot->data) != total - 2 ||
        sek_get_u16be(slot->data + total - 2) != sek_crc16(0, body.data, body.len))
        return false;
    *packet = (struct sek_frame_packet){
        .kind = (enum sek_frame_kind)slot->kind, .mid = slot->mid, .body = body};
    return true;
}

/* A line whose characters are all in place: checks it and puts its octets where they belong. */
static bool take_line(struct sek_frame_decoder *d, uint64_t now_ms, struct sek_frame_packet *packet)
{
    uint8_t kind = (uint8_t)d->line[AT_KIND], mid = get_hex(d->line + AT_MID);
    uint8_t idx = get_hex(d->line + AT_IDX), last = get_hex(d->line + AT_LAST);
    uint8_t data[SEK_FRAME_CHUNK];
    size_t len = get_data(d->line + AT_DATA, d->data_len, data);
    size_t at = (size_t)idx * SEK_FRAME_CHUNK;
    struct sek_frame_slot *slot;

    if (!crc_right(d->line, d->len) || !strchr(d->accept, kind) || idx > last || len == 0 ||
        (idx < last && len != SEK_FRAME_CHUNK))
        return false;
    slot = find_slot(d, kind, mid);
    if (!slot || slot->cap < len || at > slot->cap - len)
        return false;
    open_slot(slot, kind, mid, last, now_ms);
    if (have(slot, idx) &&
        (memcmp(slot->data + at, data, len) != 0 || (idx == last && slot->tail != len))) {
        slot->used = false; /* the same id, but another packet: nothing of the old one may stay */
        open_slot(slot, kind, mid, last, now_ms);
    }
    memcpy(slot->data + at, data, len);
    slot->have[idx / 8] |= (uint8_t)(1u << idx % 8);
    if (idx == last)
        slot->tail = len;
    return finish(slot, packet);
}

enum sek_frame_event sek_frame_push(struct sek_frame_decoder *decoder, uint8_t byte,
                                    uint64_t now_ms, struct sek_frame_packet *packet)
{
    struct sek_frame_decoder *d = decoder;
    char c = (char)byte;
    bool whole;

    if (!fits(d, c)) {
        d->skip = d->skip || d->len >= sizeof magic;
        d->len = d->data_len = 0;
        if (c == '\r' || c == '\n') {
            bool was = d->skip;

            d->skip = false;
            return was ? SEK_FRAME_HELD : SEK_FRAME_TEXT;
        }
        if (!fits(d, c))
            return d->skip ? SEK_FRAME_HELD : SEK_FRAME_TEXT;
    }
    if (d->len >= AT_DATA && c == '.')
        d->data_len = d->len - AT_DATA;
    d->line[d->len++] = c;
    if (d->data_len == 0 || d->len < AT_DATA + d->data_len + 1 + CRC_LEN)
        return SEK_FRAME_HELD;
    whole = take_line(d, now_ms, packet);
    d->skip = true;
    d->len = d->data_len = 0;
    return whole ? SEK_FRAME_PACKET : SEK_FRAME_HELD;
}
