#include "tests/unit/fit_writer.h"

#include "base/bytes.h"

#include <assert.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

enum { RESERVE_LEN = 16, PATH_MAX_LEN = 512 };

void fit_init(struct fit_writer *w)
{
    memset(w, 0, sizeof *w);
}

void fit_free(struct fit_writer *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->token[i].value);
    free(w->token);
    free(w->strings);
    free(w->tail);
    fit_init(w);
}

static void *grown(void *block, size_t len)
{
    void *more = realloc(block, len);

    assert(more);
    return more;
}

static uint8_t *copy_of(const void *bytes, size_t len)
{
    uint8_t *copy = grown(NULL, len + 1);

    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

/* ---- Tokens ---- */

static struct fit_token *add(struct fit_writer *w, struct fit_token token)
{
    if (w->count == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->token = grown(w->token, w->cap * sizeof w->token[0]);
    }
    assert(w->at <= w->count);
    memmove(&w->token[w->at + 1], &w->token[w->at], (w->count - w->at) * sizeof w->token[0]);
    w->token[w->at] = token;
    w->count++;
    return &w->token[w->at++];
}

static void set_name(struct fit_token *token, const char *name)
{
    assert(strlen(name) <= FIT_TOKEN_NAME_MAX);
    strcpy(token->name, name);
}

uint32_t fit_intern(struct fit_writer *w, const char *name)
{
    size_t len = strlen(name) + 1;

    for (size_t at = 0; at < w->strings_len; at += strlen(w->strings + at) + 1) {
        if (strcmp(w->strings + at, name) == 0)
            return (uint32_t)at;
    }
    w->strings = grown(w->strings, w->strings_len + len);
    memcpy(w->strings + w->strings_len, name, len);
    w->strings_len += len;
    return (uint32_t)(w->strings_len - len);
}

void fit_begin(struct fit_writer *w, const char *name)
{
    struct fit_token token = {.tag = FDT_BEGIN_NODE};

    set_name(&token, name);
    add(w, token);
}

void fit_tag(struct fit_writer *w, uint32_t tag)
{
    add(w, (struct fit_token){.tag = tag});
}

void fit_end(struct fit_writer *w)
{
    fit_tag(w, FDT_END_NODE);
}

void fit_raw(struct fit_writer *w, const void *bytes, size_t len)
{
    add(w, (struct fit_token){.raw = true, .value = copy_of(bytes, len), .len = len});
}

struct fit_token *fit_prop(struct fit_writer *w, const char *name, const void *value, size_t len)
{
    struct fit_token token = {.tag = FDT_PROP,
                              .value = copy_of(value, len),
                              .len = len,
                              .told_len = (uint32_t)len,
                              .name_at = fit_intern(w, name)};

    set_name(&token, name);
    return add(w, token);
}

void fit_text(struct fit_writer *w, const char *name, const char *text)
{
    fit_prop(w, name, text, strlen(text) + 1);
}

void fit_u32(struct fit_writer *w, const char *name, uint32_t value)
{
    uint8_t bytes[4];

    sek_put_u32be(bytes, value);
    fit_prop(w, name, bytes, sizeof bytes);
}

/* ---- Finding and changing ---- */

size_t fit_end_of(const struct fit_writer *w, size_t begin)
{
    size_t depth = 0;

    for (size_t i = begin; i < w->count; i++) {
        if (w->token[i].raw)
            continue;
        if (w->token[i].tag == FDT_BEGIN_NODE)
            depth++;
        else if (w->token[i].tag == FDT_END_NODE && --depth == 0)
            return i;
    }
    abort(); /* a node without an end: the test is wrong */
}

/* Index of the child or property of a node, or count. */
static size_t member(const struct fit_writer *w, size_t node, uint32_t tag, const char *name,
                     size_t len)
{
    size_t end = fit_end_of(w, node);

    for (size_t i = node + 1; i < end; i++) {
        const struct fit_token *token = &w->token[i];

        if (!token->raw && token->tag == tag && strlen(token->name) == len &&
            memcmp(token->name, name, len) == 0)
            return i;
        if (!token->raw && token->tag == FDT_BEGIN_NODE)
            i = fit_end_of(w, i);
    }
    return w->count;
}

static size_t look_up(const struct fit_writer *w, const char *path)
{
    size_t at = 0;

    while (at < w->count && (w->token[at].raw || w->token[at].tag != FDT_BEGIN_NODE))
        at++;
    while (at < w->count && *path) {
        size_t len;

        if (*path == ':')
            return member(w, at, FDT_PROP, path + 1, strlen(path + 1));
        path++; /* '/' */
        len = strcspn(path, "/:");
        if (len > 0)
            at = member(w, at, FDT_BEGIN_NODE, path, len);
        path += len;
    }
    return at;
}

size_t fit_find(const struct fit_writer *w, const char *path)
{
    size_t at = look_up(w, path);

    assert(at < w->count);
    return at;
}

bool fit_has(const struct fit_writer *w, const char *path)
{
    return look_up(w, path) < w->count;
}

void fit_at_first(struct fit_writer *w, const char *node)
{
    w->at = fit_find(w, node) + 1;
}

void fit_at_last(struct fit_writer *w, const char *node)
{
    w->at = fit_end_of(w, fit_find(w, node));
}

void fit_at_before(struct fit_writer *w, const char *node)
{
    w->at = fit_find(w, node);
}

void fit_at_end(struct fit_writer *w)
{
    w->at = w->count;
}

/* The last place for a property: before the first subnode. */
static size_t behind_properties(const struct fit_writer *w, size_t node)
{
    size_t at = node + 1;

    while (w->token[at].raw ||
           (w->token[at].tag != FDT_BEGIN_NODE && w->token[at].tag != FDT_END_NODE))
        at++;
    return at;
}

void fit_set(struct fit_writer *w, const char *path, const void *value, size_t len)
{
    char node[PATH_MAX_LEN];
    const char *colon = strchr(path, ':');

    assert(colon && (size_t)(colon - path) < sizeof node);
    memcpy(node, path, (size_t)(colon - path));
    node[colon - path] = '\0';
    if (fit_has(w, path)) {
        struct fit_token *token = &w->token[fit_find(w, path)];

        free(token->value);
        token->value = copy_of(value, len);
        token->len = len;
        token->told_len = (uint32_t)len;
    } else {
        size_t at = w->at, place = behind_properties(w, fit_find(w, node));

        w->at = place;
        fit_prop(w, colon + 1, value, len);
        w->at = at > place ? at + 1 : at;
    }
}

void fit_set_text(struct fit_writer *w, const char *path, const char *text)
{
    fit_set(w, path, text, strlen(text) + 1);
}

void fit_set_u32(struct fit_writer *w, const char *path, uint32_t value)
{
    uint8_t bytes[4];

    sek_put_u32be(bytes, value);
    fit_set(w, path, bytes, sizeof bytes);
}

void fit_remove(struct fit_writer *w, const char *path)
{
    size_t from = fit_find(w, path);
    size_t to = w->token[from].tag == FDT_BEGIN_NODE ? fit_end_of(w, from) : from;

    for (size_t i = from; i <= to; i++)
        free(w->token[i].value);
    memmove(&w->token[from], &w->token[to + 1], (w->count - to - 1) * sizeof w->token[0]);
    w->count -= to + 1 - from;
    w->at = w->count;
}

void fit_copy(struct fit_writer *w, const char *node, const char *name)
{
    size_t from = fit_find(w, node), count = fit_end_of(w, from) + 1 - from;
    struct fit_token *copy = grown(NULL, count * sizeof *copy);

    memcpy(copy, &w->token[from], count * sizeof *copy);
    set_name(&copy[0], name);
    for (size_t i = 0; i < count; i++) {
        if (copy[i].value)
            copy[i].value = copy_of(copy[i].value, copy[i].len);
        add(w, copy[i]);
    }
    free(copy);
}

void fit_rename(struct fit_writer *w, const char *node, const char *name)
{
    set_name(&w->token[fit_find(w, node)], name);
}

/* ---- Whole FITs ---- */

void fit_image(struct fit_writer *w, const char *name, const char *type, const void *data,
               size_t len, const char *hash)
{
    fit_begin(w, name);
    fit_text(w, "description", name);
    fit_prop(w, "data", data, len);
    fit_text(w, "type", type);
    fit_text(w, "arch", "arm");
    fit_text(w, "os", "linux");
    fit_text(w, "compression", "none");
    if (strcmp(type, "kernel") == 0) {
        fit_u32(w, "load", 0x80008000);
        fit_u32(w, "entry", 0x80008000);
    }
    if (hash[0])
        fit_hash(w, "hash-1", hash, data, len);
    fit_end(w);
}

void fit_sample(struct fit_writer *w, const char *hash)
{
    static const struct {
        const char *name, *type;
        size_t len;
    } images[] = {
        {"kernel-1", "kernel", 1200}, {"fdt-1", "flat_dt", 129}, {"ramdisk-1", "ramdisk", 420}};
    uint8_t payload[1200];

    fit_init(w);
    fit_begin(w, "");
    fit_u32(w, "timestamp", 1700000000);
    fit_text(w, "description", "Sample");
    fit_u32(w, "#address-cells", 1);
    fit_begin(w, "images");
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        for (size_t k = 0; k < images[i].len; k++)
            payload[k] = (uint8_t)(k * 7 + i * 31 + k / 251);
        fit_image(w, images[i].name, images[i].type, payload, images[i].len, hash);
    }
    fit_end(w);
    fit_begin(w, "configurations");
    fit_text(w, "default", "conf-1");
    fit_begin(w, "conf-1");
    fit_text(w, "description", "the only one");
    fit_text(w, "kernel", "kernel-1");
    fit_text(w, "fdt", "fdt-1");
    fit_text(w, "ramdisk", "ramdisk-1");
    fit_end(w);
    fit_end(w);
    fit_end(w);
}

/* Replaces one image's `data`; its payload begins at this offset of the tail. */
static void move_out(struct fit_writer *w, size_t data, uint32_t start, bool position)
{
    struct fit_token token = w->token[data];
    uint8_t size[4], at[4];

    w->tail = grown(w->tail, w->tail_len + token.len + 1);
    memcpy(w->tail + w->tail_len, token.value, token.len);
    w->tail_len += token.len;
    free(token.value);
    memmove(&w->token[data], &w->token[data + 1], (w->count - data - 1) * sizeof w->token[0]);
    w->count--;
    w->at = data;
    sek_put_u32be(size, (uint32_t)token.len);
    sek_put_u32be(at, start);
    fit_prop(w, "data-size", size, sizeof size);
    fit_prop(w, position ? "data-position" : "data-offset", at, sizeof at);
}

void fit_make_external(struct fit_writer *w, size_t align, uint32_t position)
{
    size_t image = fit_find(w, "/images") + 1;

    w->tail_at = position;
    for (; w->token[image].tag != FDT_END_NODE; image++) {
        size_t data = member(w, image, FDT_PROP, "data", 4), padded;

        if (w->token[image].tag != FDT_BEGIN_NODE)
            continue;
        if (data < w->count) {
            padded = (w->tail_len + align - 1) / align * align;
            w->tail = grown(w->tail, padded + 1);
            memset(w->tail + w->tail_len, 0, padded - w->tail_len);
            w->tail_len = padded;
            move_out(w, data, position + (uint32_t)padded, position != 0);
        }
        image = fit_end_of(w, image);
    }
    w->at = w->count;
}

size_t fit_token_bytes(const struct fit_token *token, uint8_t *out)
{
    size_t head = token->raw ? 0 : token->tag == FDT_PROP ? 12 : 4;
    size_t body =
        token->tag == FDT_BEGIN_NODE && !token->raw ? strlen(token->name) + 1 : token->len;
    size_t len = token->raw ? body : (head + body + 3) / 4 * 4;

    if (!out)
        return len;
    memset(out, 0, len);
    if (!token->raw)
        sek_put_u32be(out, token->tag);
    if (head == 12) {
        sek_put_u32be(out + 4, token->told_len);
        sek_put_u32be(out + 8, token->name_at);
    }
    if (body > 0)
        memcpy(out + head,
               token->tag == FDT_BEGIN_NODE && !token->raw ? (const void *)token->name
                                                           : token->value,
               body);
    return len;
}

size_t fit_place(const struct fit_writer *w, size_t index)
{
    size_t place = FIT_HEADER_LEN + RESERVE_LEN;

    for (size_t i = 0; i < index; i++)
        place += fit_token_bytes(&w->token[i], NULL);
    return place;
}

struct fit_file fit_write(const struct fit_writer *w)
{
    static const struct fit_token end = {.tag = FDT_END};
    const struct fit_token *last = w->count ? &w->token[w->count - 1] : &end;
    bool ends = !last->raw && last->tag == FDT_END_NODE;
    size_t structure = FIT_HEADER_LEN + RESERVE_LEN, strings, total, at, tail;
    struct fit_file file;

    strings = structure + (ends ? 4 : 0);
    for (size_t i = 0; i < w->count; i++)
        strings += fit_token_bytes(&w->token[i], NULL);
    total = strings + w->strings_len + w->slack;
    tail = (total + 3) / 4 * 4;
    if (tail < w->tail_at)
        tail = (size_t)w->tail_at;
    file.len = w->tail_len > 0 ? tail + w->tail_len : total;
    file.data = calloc(1, file.len);
    assert(file.data);
    const uint32_t header[] = {FDT_MAGIC,
                               (uint32_t)total,
                               (uint32_t)structure,
                               (uint32_t)strings,
                               FIT_HEADER_LEN,
                               17,
                               16,
                               0,
                               (uint32_t)w->strings_len,
                               (uint32_t)(strings - structure)};

    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
        sek_put_u32be(file.data + 4 * i, header[i]);
    at = structure;
    for (size_t i = 0; i < w->count; i++)
        at += fit_token_bytes(&w->token[i], file.data + at);
    if (ends)
        sek_put_u32be(file.data + at, FDT_END);
    if (w->strings_len > 0)
        memcpy(file.data + strings, w->strings, w->strings_len);
    if (w->tail_len > 0)
        memcpy(file.data + tail, w->tail, w->tail_len);
    return file;
}
