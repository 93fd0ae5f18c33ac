#include "image/sw_description.h"

#include <stdbool.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

static const char hardware[] = "hardware-compatibility";

enum kind { END, TEXT, WORD, MARK };

struct token {
    enum kind kind;
    struct sek_bytes text; /* of TEXT without its quotes; of MARK one character */
    bool plain;            /* TEXT: no escapes in it */
};

/* What an open group has told so far. */
struct group {
    struct sek_bytes filename, sha256;
    bool software; /* the outermost one that holds everything */
    bool hardware; /* a list of texts: `hardware-compatibility` */
};

struct scanner {
    struct sek_bytes text;
    size_t at;
    struct sek_fault *fault;
    struct sw_description_sink *sink;
    struct group group[DEPTH_MAX];
    unsigned depth;
    struct token key;  /* the last word or text, which a value may follow */
    bool value;        /* a ':' or '=' stands behind it */
    bool version_told; /* of `software` */
};

static enum sek_status fail(struct scanner *s, const char *why)
{
    return sek_fault_set(s->fault, SEK_ERR_MALFORMED, s->at, why);
}

static bool is(struct sek_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static uint8_t peek(const struct scanner *s, size_t ahead)
{
    return s->text.len - s->at > ahead ? s->text.data[s->at + ahead] : 0;
}

/* Moves to just behind an ending, or to the end. */
static void skip_to(struct scanner *s, const char *ending)
{
    size_t len = strlen(ending);

    while (s->text.len - s->at >= len && memcmp(s->text.data + s->at, ending, len) != 0)
        s->at++;
    s->at = s->text.len - s->at >= len ? s->at + len : s->text.len;
}

/* Blanks and libconfig's comments. */
static void skip_blanks(struct scanner *s)
{
    for (;;) {
        uint8_t c = peek(s, 0);

        if (s->at == s->text.len)
            return;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            s->at++;
        else if (c == '#' || (c == '/' && peek(s, 1) == '/'))
            skip_to(s, "\n");
        else if (c == '/' && peek(s, 1) == '*')
            skip_to(s, "*/");
        else
            return;
    }
}

static bool is_mark(uint8_t c)
{
    return c != 0 && strchr("{}()[],;:=", c);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void take_text(struct scanner *s, struct token *token)
{
    size_t start = ++s->at;

    token->kind = TEXT;
    token->plain = true;
    while (s->at < s->text.len && s->text.data[s->at] != '"') {
        bool escape = s->text.data[s->at] == '\\';

        token->plain = token->plain && !escape;
        s->at += escape ? 2 : 1;
    }
    if (s->at >= s->text.len) {
        s->at = s->text.len;
        (void)fail(s, "a text without end");
        return;
    }
    token->text = (struct sek_bytes){s->text.data + start, s->at++ - start};
}

static struct token next(struct scanner *s)
{
    struct token token = {.kind = END};
    size_t start;

    skip_blanks(s);
    start = s->at;
    if (s->at == s->text.len)
        return token;
    if (is_mark(peek(s, 0))) {
        token.kind = MARK;
        s->at++;
    } else if (peek(s, 0) == '"') {
        take_text(s, &token);
        return token;
    } else if (peek(s, 0) == '@') {
        (void)fail(s, "something is included from elsewhere");
        return token;
    } else {
        token.kind = WORD;
        while (s->at < s->text.len && !is_mark(peek(s, 0)) && !is_blank(peek(s, 0)) &&
               peek(s, 0) != '"')
            s->at++;
    }
    token.text = (struct sek_bytes){s->text.data + start, s->at - start};
    return token;
}

static bool is_sha256(struct sek_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return text.len == SEK_SHA256_HEX;
}

static void take_hardware(struct scanner *s, const struct token *value)
{
    if (value->kind != TEXT || !value->plain)
        (void)fail(s, "hardware that is not a plain text");
    else
        s->sink->hardware(s->sink, value->text);
}

/* A value of a key that says something to us. */
static void take_value(struct scanner *s, const struct token *value)
{
    struct group *group = &s->group[s->depth];
    struct sek_bytes *field = is(s->key.text, "filename") ? &group->filename
                              : is(s->key.text, "sha256") ? &group->sha256
                                                          : NULL;

    if (field) {
        if (field->data || value->kind != TEXT || !value->plain || value->text.len == 0)
            (void)fail(s, "a filename or sha256 twice, or not as a plain text");
        *field = value->text;
        if (field == &group->sha256 && !is_sha256(value->text))
            (void)fail(s, "a sha256 that is none");
    } else if (group->software && is(s->key.text, "version")) {
        if (s->version_told || value->kind != TEXT || !value->plain)
            (void)fail(s, "two versions, or one that is no plain text");
        s->version_told = true;
        s->sink->version(s->sink, value->text);
    } else if (is(s->key.text, hardware)) {
        take_hardware(s, value);
    }
}

static void open_group(struct scanner *s, bool braces)
{
    if (s->depth + 1 == DEPTH_MAX) {
        (void)fail(s, "too many groups inside each other");
        return;
    }
    if (s->group[s->depth].hardware || (braces && s->value && is(s->key.text, hardware))) {
        (void)fail(s, "hardware that is no list of texts");
        return;
    }
    s->depth++;
    s->group[s->depth] = (struct group){.software = braces && s->value &&
                                                    is(s->key.text, "software") && s->depth <= 2,
                                        .hardware = s->value && is(s->key.text, hardware)};
}

static void close_group(struct scanner *s)
{
    const struct group *group = &s->group[s->depth];
    enum sek_status status;

    if (s->depth == 0) {
        (void)fail(s, "a group that nobody opened ends");
        return;
    }
    s->depth--;
    if (!group->filename.data)
        return;
    if (!group->sha256.data) {
        (void)fail(s, "a file without its sha256");
        return;
    }
    status = s->sink->file(s->sink, group->filename, group->sha256);
    if (status != SEK_OK)
        (void)sek_fault_set(s->fault, status, s->at, "a file that cannot be named so");
}

/* One mark: groups open and close, a value is announced or is over. */
static void take_mark(struct scanner *s, uint8_t mark)
{
    if (mark == ':' || mark == '=') {
        if (s->value || s->key.kind == END)
            (void)fail(s, "a value of nothing");
        if (s->key.kind == TEXT && !s->key.plain)
            (void)fail(s, "a name with an escape");
        s->value = true;
        return;
    }
    if (mark == '{' || mark == '(' || mark == '[')
        open_group(s, mark == '{');
    else if (mark == '}' || mark == ')' || mark == ']')
        close_group(s);
    s->value = false;
    s->key = (struct token){.kind = END};
}

enum sek_status sw_description_read(struct sek_bytes text, struct sw_description_sink *sink,
                                    struct sek_fault *fault)
{
    struct scanner s = {.text = text, .fault = fault, .sink = sink};

    while (fault->status == SEK_OK) {
        struct token token = next(&s);

        if (token.kind == END)
            break;
        if (token.kind == MARK) {
            take_mark(&s, token.text.data[0]);
        } else if (s.value) {
            take_value(&s, &token);
            s.value = false;
            s.key = token;
        } else {
            if (s.key.kind == TEXT && token.kind == TEXT)
                (void)fail(&s, "two texts side by side");
            if (s.group[s.depth].hardware)
                take_hardware(&s, &token);
            s.key = token;
        }
    }
    if (fault->status == SEK_OK && s.depth > 0)
        (void)fail(&s, "ends inside a group");
    return fault->status;
}
