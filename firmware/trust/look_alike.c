#include "trust/look_alike.h"

#include "base/text.h"
#include "trust/letters.h"

#include <string.h>

enum { SHORT_LETTERS = SEK_SKELETON_LETTERS - 1 }; /* of the longest alias without skeleton */

struct search {
    const struct sek_store *store;
    const struct sek_observation *seen;
    struct sek_hits *hits;
    struct sek_bytes name;
    struct sek_tokens tokens; /* single letters that stand alone in a row are one of them */
    unsigned tries;
};

/* One run of tokens, growing. */
struct run {
    char skeleton[SEK_NORMAL_MAX]; /* without spaces */
    size_t len, letters;
    char spaced[4 * SHORT_LETTERS + SHORT_LETTERS]; /* with one space between tokens */
    size_t spaced_len;
    bool known; /* all tokens are taken for what they say */
};

static void find(struct search *s, enum sek_index kind, const char *text, size_t len)
{
    if (s->tries == SEK_LOOK_ALIKE_TRIES) {
        s->hits->overflow = true;
        return;
    }
    s->tries++;
    sek_hits_find(s->store, kind, (struct sek_bytes){(const uint8_t *)text, len},
                  SEK_HIT_LOOK_ALIKE, s->seen, s->hits);
}

/* The letters that one letter of a skeleton may stand for; it itself is the first. */
static const char *spellings(char letter)
{
    switch (letter) {
    case 'O':
        return "O0";
    case 'I':
        return "I1L";
    case 'S':
        return "S5";
    case 'B':
        return "B8";
    default:
        return "";
    }
}

/* Aliases too short for a skeleton: each way to write this one is looked up as an alias. */
static void find_short(struct search *s, const struct run *run)
{
    char text[sizeof run->spaced];
    size_t choice[sizeof run->spaced] = {0}, at;

    memcpy(text, run->spaced, run->spaced_len);
    do {
        find(s, SEK_INDEX_ALIAS, text, run->spaced_len);
        for (at = 0; at < run->spaced_len; at++) { /* count up */
            const char *other = spellings(run->spaced[at]);

            if (other[0] && other[++choice[at]]) {
                text[at] = other[choice[at]];
                break;
            }
            choice[at] = 0;
            text[at] = run->spaced[at];
        }
    } while (at < run->spaced_len && !s->hits->overflow);
}

static void add_token(struct search *s, struct run *run, const struct sek_token *token)
{
    struct sek_bytes text = {s->name.data + token->start, (size_t)(token->end - token->start)};
    size_t len = sek_name_skeleton(text, run->skeleton + run->len, sizeof run->skeleton - run->len);
    struct sek_bytes added = {(const uint8_t *)run->skeleton + run->len, len};

    run->len += len;
    run->letters += sek_name_letters(added);
    run->known = run->known && token->known;
    if (run->letters > SHORT_LETTERS)
        return;
    if (run->spaced_len > 0 && len > 0)
        run->spaced[run->spaced_len++] = ' ';
    memcpy(run->spaced + run->spaced_len, added.data, len);
    run->spaced_len += len;
}

static void match_runs(struct search *s)
{
    struct run run;

    for (size_t i = 0; i < s->tokens.count; i++) {
        run.len = run.letters = run.spaced_len = 0;
        run.known = true;
        for (size_t k = i; k < s->tokens.count && run.letters < SEK_LOOK_ALIKE_LETTERS; k++) {
            add_token(s, &run, &s->tokens.token[k]);
            if (run.known || run.letters < 2)
                continue;
            if (run.letters <= SHORT_LETTERS)
                find_short(s, &run);
            else
                find(s, SEK_INDEX_SKELETON, run.skeleton, run.len);
        }
    }
}

static size_t letters_of(const struct search *s, const struct sek_token *token)
{
    return sek_name_letters(
        (struct sek_bytes){s->name.data + token->start, (size_t)(token->end - token->start)});
}

static void join_letters(struct search *s)
{
    struct sek_tokens *tokens = &s->tokens;
    size_t kept = 0;
    bool row = false;

    for (size_t i = 0; i < tokens->count; i++) {
        const struct sek_token token = tokens->token[i];
        bool single = letters_of(s, &token) == 1;

        if (single && row) {
            tokens->token[kept - 1].end = token.end;
            tokens->token[kept - 1].known = tokens->token[kept - 1].known && token.known;
        } else {
            tokens->token[kept++] = token;
        }
        row = single;
    }
    tokens->count = kept;
}

/* In one word with Latin letters, letters of an alphabet that we do not compare with Latin. */
static bool mixes_alphabets(const struct search *s, const struct sek_token *token)
{
    struct sek_bytes text = {s->name.data + token->start, (size_t)(token->end - token->start)};
    bool latin = false, foreign = false;

    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = sek_utf8_next(text, &pos);

        latin = latin || (c >= 'A' && c <= 'Z');
        foreign = foreign || sek_letter_foreign(c);
    }
    return latin && foreign;
}

void sek_look_alikes(const struct sek_store *store, struct sek_bytes name,
                     const struct sek_tokens *tokens, const struct sek_observation *seen,
                     struct sek_hits *hits)
{
    struct search s = {.store = store, .seen = seen, .hits = hits, .name = name, .tokens = *tokens};
    char imitated[SEK_NORMAL_MAX];
    bool cut;
    size_t len = sek_name_imitated(seen->value, imitated, sizeof imitated, &cut);

    for (size_t i = 0; i < s.tokens.count; i++)
        hits->overflow = hits->overflow || mixes_alphabets(&s, &s.tokens.token[i]);
    join_letters(&s);
    match_runs(&s);
    hits->overflow = hits->overflow || cut;
    if (len == name.len && memcmp(imitated, name.data, len) == 0)
        return;
    s.name = (struct sek_bytes){(const uint8_t *)imitated, len};
    sek_name_split(s.name, &s.tokens);
    hits->overflow = hits->overflow || s.tokens.overflow;
    join_letters(&s);
    match_runs(&s);
}
