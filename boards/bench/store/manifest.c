/* A manifest drafted from devices that are taken for good: what each part says, for the authority
 * to read. One device may be the one that was tampered with: of several, only what all agree in is
 * drafted, and the rest is told. */
#include "boards/bench/store/manifest.h"

#include "base/text.h"
#include "trust/manifest.h"

#include <stdlib.h>
#include <string.h>

enum { NODE_LEN = 32, COMMENT_LEN = 256 };

/* ---- Source text ---- */

/* A string of the source: what could end it is escaped, and what is no text. */
static void put_string(struct sek_bytes text, FILE *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
}

/* Text inside a comment: cleaned, and unable to end it. */
static void put_comment(const char *text, FILE *out)
{
    char clean[COMMENT_LEN];

    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, clean, sizeof clean);
    for (char *at = clean; *at; at++)
        fputc(*at == '*' ? '_' : *at, out);
}

static void note(FILE *out, const char *name, const char *what)
{
    fputs("\t\t\t/* ", out);
    put_comment(name, out);
    fprintf(out, ": %s */\n", what);
}

static void node_of(const char *name, unsigned number, char out[NODE_LEN])
{
    char text[NODE_LEN];
    size_t len = 0;

    for (; name[len] && len < sizeof text - 8; len++) {
        char c = name[len];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        text[len] = (char)(fits ? c : c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : '-');
    }
    text[len] = '\0';
    /* Names that differ may look the same as nodes: a number keeps them apart. */
    if (number > 0)
        snprintf(out, NODE_LEN, "%.20s-%u", text, number % 1000);
    else
        snprintf(out, NODE_LEN, "%s", text);
}

/* ---- What units agree in ---- */

static const struct sek_row *row_named(const struct manifest_unit *unit, const char *name)
{
    for (size_t i = 0; i < unit->row_count; i++) {
        if (strcmp(unit->row[i].name, name) == 0)
            return &unit->row[i];
    }
    return NULL;
}

static bool same_value(const struct sek_observation *a, const struct sek_observation *b)
{
    if (a->kind != b->kind || a->type != b->type)
        return false;
    if (a->type == SEK_VALUE_NUMBER)
        return a->number == b->number;
    return a->value.len == b->value.len && memcmp(a->value.data, b->value.data, a->value.len) == 0;
}

/* The next observation of a kind, from *at on; NULL: no more. */
static const struct sek_observation *next_of(const struct sek_row *row, enum sek_kind kind,
                                             size_t *at)
{
    while (*at < row->observation_count) {
        const struct sek_observation *seen = &row->observation[(*at)++];

        if (seen->kind == kind)
            return seen;
    }
    return NULL;
}

/* Both rows say the same of a kind. */
static bool same_kind(const struct sek_row *a, const struct sek_row *b, enum sek_kind kind)
{
    size_t i = 0, k = 0;

    for (;;) {
        const struct sek_observation *x = next_of(a, kind, &i), *y = next_of(b, kind, &k);

        if (!x || !y)
            return !x && !y;
        if (!same_value(x, y))
            return false;
    }
}

static bool all_agree(const struct manifest_unit *unit, size_t count, const struct sek_row *row,
                      enum sek_kind kind)
{
    for (size_t i = 1; i < count; i++) {
        const struct sek_row *other = row_named(&unit[i], row->name);

        if (!other || !same_kind(row, other, kind))
            return false;
    }
    return true;
}

/* A string of the store has no zero in it. */
static bool can_be_listed(const struct sek_observation *seen)
{
    return seen->type != SEK_VALUE_TEXT || !memchr(seen->value.data, 0, seen->value.len);
}

/* ---- The draft ---- */

static void put_word(const struct sek_observation *seen, bool first, FILE *out)
{
    char hex[13];

    fprintf(out, "%s\"%s=", first ? "" : ",\n\t\t\t\t       ", sek_manifest_kind(seen->kind));
    if (seen->type == SEK_VALUE_TEXT) {
        put_string(seen->value, out);
    } else {
        sek_manifest_hex(seen, hex);
        fputs(hex, out);
    }
    fputc('"', out);
}

/* The words that all units say. False: none. */
static bool put_words(const struct manifest_unit *unit, size_t count, const struct sek_row *row,
                      FILE *out)
{
    bool any = false;

    for (size_t i = 0; i < row->observation_count; i++) {
        const struct sek_observation *seen = &row->observation[i];

        if (!sek_manifest_kind(seen->kind) || !can_be_listed(seen) ||
            !all_agree(unit, count, row, seen->kind))
            continue;
        if (!any)
            fputs("\t\t\t\tsays = ", out);
        put_word(seen, !any, out);
        any = true;
    }
    if (any)
        fputs(";\n", out);
    return any;
}

static void note_differences(const struct manifest_unit *unit, size_t count,
                             const struct sek_row *row, FILE *out)
{
    for (enum sek_kind kind = SEK_KIND_VENDOR; kind <= SEK_KIND_MAC; kind++) {
        if (all_agree(unit, count, row, kind))
            continue;
        fprintf(out, "\t\t\t\t/* %s differs between these units: not listed */\n",
                sek_manifest_kind(kind));
    }
}

static void put_part(const struct manifest_unit *unit, size_t count, size_t at, FILE *out)
{
    const struct sek_row *row = &unit->row[at];
    char node[NODE_LEN], other[NODE_LEN], sentence[REPORT_DETAIL];
    unsigned number = 0;

    for (size_t i = 0; i < at; i++) {
        node_of(unit->row[i].name, 0, other);
        node_of(row->name, 0, node);
        number += strcmp(node, other) == 0;
    }
    node_of(row->name, number, node);
    report_sentence(row, sentence);
    fputs("\t\t\t/* ", out);
    put_comment(row->location, out);
    fputs(": ", out);
    put_comment(sentence, out);
    fprintf(out, " */\n\t\t\t%s {\n\t\t\t\tunreviewed;\n\t\t\t\tcomponent = \"%s\";\n", node,
            row->name);
    if (row->component_class != SEK_CLASS_NONE)
        fprintf(out, "\t\t\t\tclass = \"%s\";\n", sek_class_name(row->component_class));
    note_differences(unit, count, row, out);
    if (row->observation_count == 0)
        fprintf(out, "\t\t\t\tsays = \"%s\";\n", SEK_MANIFEST_NOTHING);
    else if (!put_words(unit, count, row, out))
        fputs(
            "\t\t\t\t/* nothing that all units say: lint refuses it until you list something */\n",
            out);
    fputs("\t\t\t};\n", out);
}

/* Why a row is no part of the draft; NULL: it is one. */
static const char *left_out(const struct manifest_unit *unit, size_t count,
                            const struct sek_row *row)
{
    if (row->integrity == SEK_INTEGRITY_ABSENT)
        return "an empty bay";
    if (row->integrity == SEK_INTEGRITY_UNREADABLE)
        return "COULD NOT BE READ: not listed";
    if (row->kind != SEK_ROW_PART)
        return "no part, but bytes: a reference or a signature speaks for them";
    if (row->verdict == SEK_VERDICT_EXCLUDED)
        return "EXCLUDED by a rule: not listed";
    for (size_t i = 1; i < count; i++) {
        const struct sek_row *other = row_named(&unit[i], row->name);

        if (!other || other->kind != SEK_ROW_PART)
            return "NOT IN ALL of these units: not listed";
    }
    return NULL;
}

static void put_head(const struct manifest_unit *unit, size_t count, FILE *out)
{
    char node[NODE_LEN];

    fprintf(out, "/* Draft: the parts of %s",
            count > 1 ? "a model, in which these units agree:" : "");
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : " ", out);
        put_comment(unit[i].serial, out);
    }
    fputs(".\n", out);
    if (count == 1)
        fputs(" * ONE UNIT ALONE may be the one that was tampered with: compare it with what its "
              "maker\n"
              " * says (a platform certificate), or with other units.\n",
              out);
    fputs(" * Read each part, then delete its line `unreviewed`: lint refuses it until then. */\n"
          "/ {\n\tmanifests {\n\t\t",
          out);
    node_of(count > 1 ? unit->model : unit->serial, 0, node);
    fprintf(out, "%s {\n\t\t\tmodel = \"", node);
    put_string((struct sek_bytes){(const uint8_t *)unit->model, strlen(unit->model)}, out);
    fputs("\";\n", out);
    if (count == 1) {
        fputs("\t\t\tserial-number = \"", out);
        put_string((struct sek_bytes){(const uint8_t *)unit->serial, strlen(unit->serial)}, out);
        fputs("\";\n", out);
    }
    fputc('\n', out);
}

void manifest_draft(const struct manifest_unit *unit, size_t count, FILE *out)
{
    put_head(unit, count, out);
    for (size_t i = 0; i < unit->row_count; i++) {
        const char *why = left_out(unit, count, &unit->row[i]);

        if (!why)
            put_part(unit, count, i, out);
        else if (unit->row[i].kind == SEK_ROW_PART ||
                 unit->row[i].integrity != SEK_INTEGRITY_VERIFIED)
            note(out, unit->row[i].name, why);
    }
    for (size_t k = 1; k < count; k++) {
        for (size_t i = 0; i < unit[k].row_count; i++) {
            if (unit[k].row[i].kind == SEK_ROW_PART && !row_named(unit, unit[k].row[i].name))
                note(out, unit[k].row[i].name, "NOT IN ALL of these units: not listed");
        }
    }
    fputs("\t\t};\n\t};\n};\n", out);
}
