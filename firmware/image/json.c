#include "image/json.h"

#include <string.h>

struct scanner {
    struct sek_bytes in;
    size_t at;
    struct sek_fault *fault;
    struct sek_json_sink *sink;
    bool list[SEK_JSON_DEPTH + 1]; /* what is open at this depth: a list, or an object */
    unsigned depth;
    struct sek_bytes top, name;
};

static void fail(struct scanner *s, const char *why)
{
    (void)sek_fault_set(s->fault, SEK_ERR_MALFORMED, s->at, why);
}

/* The next character that is no blank, 0 at the end; it stays. */
static uint8_t peek(struct scanner *s)
{
    while (s->at < s->in.len && (s->in.data[s->at] == ' ' || s->in.data[s->at] == '\t' ||
                                 s->in.data[s->at] == '\n' || s->in.data[s->at] == '\r'))
        s->at++;
    return s->at < s->in.len ? s->in.data[s->at] : 0;
}

static bool take(struct scanner *s, uint8_t mark)
{
    if (peek(s) != mark)
        return false;
    s->at++;
    return true;
}

/* A text in quotes. Escapes are passed over, not decoded. */
static struct sek_bytes take_text(struct scanner *s, bool *plain)
{
    size_t start;

    *plain = true;
    if (!take(s, '"'))
        fail(s, "no text where one has to be");
    start = s->at;
    while (s->at < s->in.len && s->in.data[s->at] != '"' && s->in.data[s->at] >= ' ') {
        bool escape = s->in.data[s->at] == '\\';

        *plain = *plain && !escape;
        s->at += escape ? 2 : 1;
    }
    if (s->at >= s->in.len || s->in.data[s->at] != '"') {
        s->at = s->at < s->in.len ? s->at : s->in.len;
        fail(s, "a text without end, or with control characters");
        return (struct sek_bytes){0};
    }
    return (struct sek_bytes){s->in.data + start, s->at++ - start};
}

/* A number, true, false, null: what they are is nobody's concern. */
static void take_word(struct scanner *s)
{
    size_t start = s->at;

    while (s->at < s->in.len &&
           (s->in.data[s->at] == '-' || s->in.data[s->at] == '+' || s->in.data[s->at] == '.' ||
            (s->in.data[s->at] >= '0' && s->in.data[s->at] <= '9') ||
            (s->in.data[s->at] >= 'A' && s->in.data[s->at] <= 'Z') ||
            (s->in.data[s->at] >= 'a' && s->in.data[s->at] <= 'z')))
        s->at++;
    if (s->at == start)
        fail(s, "no value where one has to be");
}

static void open_level(struct scanner *s, bool list)
{
    if (s->depth == SEK_JSON_DEPTH) {
        fail(s, "too many levels");
        return;
    }
    s->list[++s->depth] = list;
    s->name = (struct sek_bytes){0};
}

/* The name ahead of a value, if it stands in an object. */
static void take_name(struct scanner *s)
{
    bool plain;

    if (s->list[s->depth])
        return;
    s->name = take_text(s, &plain);
    if (!take(s, ':'))
        fail(s, "a name without a value");
    if (s->depth == 1)
        s->top = s->name;
}

/* A value; an object or list is only opened. */
static void take_value(struct scanner *s)
{
    uint8_t c = peek(s);
    struct sek_json_text text = {.depth = s->depth, .top = s->top, .name = s->name};

    if (c == '{' || c == '[') {
        s->at++;
        open_level(s, c == '[');
    } else if (c == '"') {
        enum sek_status status;

        text.text = take_text(s, &text.plain);
        status = s->fault->status == SEK_OK ? s->sink->text(s->sink, &text) : SEK_OK;
        if (status != SEK_OK)
            (void)sek_fault_set(s->fault, status, s->at, "a text that cannot be taken");
    } else {
        take_word(s);
    }
}

/* Closes levels behind a value, up to a comma: then another value follows. False: the end. */
static bool next(struct scanner *s)
{
    while (s->depth > 0 && s->fault->status == SEK_OK) {
        if (take(s, ','))
            return true;
        if (!take(s, s->list[s->depth] ? ']' : '}'))
            fail(s, "neither another value nor an end");
        s->depth--;
        s->name = (struct sek_bytes){0};
    }
    return false;
}

enum sek_status sek_json_read(struct sek_bytes document, struct sek_json_sink *sink,
                              struct sek_fault *fault)
{
    struct scanner s = {.in = document, .fault = fault, .sink = sink};
    bool opened = take(&s, '{'), more = opened;

    if (!opened)
        fail(&s, "no object");
    else
        open_level(&s, false);
    while (more && fault->status == SEK_OK) {
        unsigned depth = s.depth;

        if (!opened || peek(&s) != (s.list[depth] ? ']' : '}')) { /* not an empty level */
            take_name(&s);
            take_value(&s);
        }
        opened = s.depth > depth;
        more = opened || next(&s);
    }
    if (fault->status == SEK_OK && peek(&s) != 0)
        fail(&s, "something behind the document");
    return fault->status;
}
