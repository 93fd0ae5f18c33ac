#include "trust/schema.h"

#include "base/bytes.h"
#include "base/class.h"
#include "base/date.h"

#include <libfdt.h>

#include <string.h>

/* ---- Types ---- */

bool sek_schema_texts_ok(struct sek_bytes value)
{
    if (value.len < 2 || value.data[0] == '\0' || value.data[value.len - 1] != '\0')
        return false;
    for (size_t i = 1; i < value.len; i++) {
        if (value.data[i] == '\0' && value.data[i - 1] == '\0')
            return false;
    }
    return true;
}

bool sek_schema_text_ok(struct sek_bytes value)
{
    return value.len >= 2 && memchr(value.data, 0, value.len) == value.data + value.len - 1;
}

/* True if word is one of the words that a space separates. */
static bool is_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; *at; at += strcspn(at, " "), at += *at == ' ') {
        if (strcspn(at, " ") == len && memcmp(at, word, len) == 0)
            return true;
    }
    return false;
}

static const char *check_words(const struct sek_schema_property *row, struct sek_bytes value)
{
    if (!sek_schema_texts_ok(value))
        return "is not a list of texts";
    if (row->type == SEK_TYPE_WORDS && row->width == 1 && !sek_schema_text_ok(value))
        return "is not one word";
    for (const uint8_t *at = value.data; at < value.data + value.len;) {
        const char *word = (const char *)at;
        enum sek_class found;

        if (row->type == SEK_TYPE_CLASSES && sek_class_find(word, strlen(word), &found) != SEK_OK)
            return "names a class that does not exist";
        if (row->type == SEK_TYPE_WORDS && !is_word(row->detail, word))
            return "has a word that it must not have";
        at += strlen(word) + 1;
    }
    return NULL;
}

static const char *check_ouis(const struct sek_schema_property *row, struct sek_bytes value)
{
    if (value.len == 0 || value.len % row->width != 0)
        return "is not a list of prefixes of this width";
    for (size_t i = 0; i < value.len; i += row->width) {
        if (row->width > 3 && (value.data[i + row->width - 1] & 0x0f) != 0)
            return "has a prefix whose last half byte is not zero";
        if (i > 0 && memcmp(value.data + i - row->width, value.data + i, row->width) >= 0)
            return "does not ascend";
    }
    return NULL;
}

static const char *check_date(struct sek_bytes value)
{
    sek_day day;

    if (!sek_schema_text_ok(value) ||
        sek_date_parse((const char *)value.data, value.len - 1, &day) != SEK_OK)
        return "is not a date YYYY-MM-DD that exists";
    return NULL;
}

/* ---- The walk ---- */

struct walk {
    struct sek_schema_sink *sink;
    const struct sek_tree_folder *folder; /* among them those that others refer into */
    size_t folder_count;
    struct sek_schema_place place;
    enum sek_schema_node kind[SEK_SCHEMA_DEPTH];           /* by depth */
    uint32_t seen[SEK_SCHEMA_DEPTH];                       /* kinds of children, one bit each */
    const struct sek_schema_property *end;                 /* of the table */
    const struct sek_schema_property *row[SEK_NODE_COUNT]; /* the first of each kind */
};

static bool problem(struct walk *w, const char *property, const char *why)
{
    w->place.property = property;
    return w->sink->problem(w->sink, &w->place, why);
}

static bool unknown(struct walk *w, const char *property)
{
    w->place.property = property;
    return !w->sink->unknown || w->sink->unknown(w->sink, &w->place);
}

/* Most names that differ do so at once. */
static bool same(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

/* The rows of one kind stand together: where they begin. */
static void find_rows(struct walk *w)
{
    size_t count;
    const struct sek_schema_property *row = sek_schema_properties(&count);

    w->end = row + count;
    for (size_t kind = 0; kind < SEK_NODE_COUNT; kind++)
        w->row[kind] = w->end;
    while (row < w->end) {
        w->row[row->node] = row;
        for (enum sek_schema_node kind = row->node; row < w->end && row->node == kind;)
            row++;
    }
}

/* The next row of a kind, from a first one on; NULL: no more. */
static const struct sek_schema_property *row_of(const struct walk *w,
                                                const struct sek_schema_property *row)
{
    return row < w->end && row->node == w->place.kind ? row : NULL;
}

/* True if a node lies directly in the folder: only nodes at depth 2 have phandles, so what lies
 * inside lies directly inside. */
static bool in_folder(const struct walk *w, const char *name, int node)
{
    for (size_t i = 0; i < w->folder_count; i++) {
        if (strcmp(w->folder[i].name, name) == 0)
            return node > w->folder[i].start && node < w->folder[i].end;
    }
    return false;
}

static const char *check_nodes(const struct walk *w, const struct sek_schema_property *row,
                               struct sek_bytes value)
{
    if (value.len == 0 || value.len % 4 != 0 || (row->type == SEK_TYPE_NODE && value.len != 4))
        return "is not a reference to a node";
    for (size_t i = 0; i < value.len; i += 4) {
        int target = w->sink->phandle(w->sink, sek_get_u32be(value.data + i));

        if (target < 0)
            return "refers to no node";
        if (!in_folder(w, row->detail, target))
            return "refers to a node of another kind";
    }
    return NULL;
}

static const char *check_value(const struct walk *w, const struct sek_schema_property *row,
                               struct sek_bytes value)
{
    switch (row->type) {
    case SEK_TYPE_TEXT:
        return sek_schema_text_ok(value) ? NULL : "is not one text";
    case SEK_TYPE_TEXTS:
        return sek_schema_texts_ok(value) ? NULL : "is not a list of texts";
    case SEK_TYPE_WORDS:
    case SEK_TYPE_CLASSES:
        return check_words(row, value);
    case SEK_TYPE_DATE:
        return check_date(value);
    case SEK_TYPE_FLAG:
        return value.len == 0 ? NULL : "has a value; it is a flag";
    case SEK_TYPE_U32:
        return value.len == 4 ? NULL : "is not one number";
    case SEK_TYPE_U32S:
        return value.len > 0 && value.len % 4 == 0 ? NULL : "is not a list of numbers";
    case SEK_TYPE_BYTES:
        if (row->width == 0)
            return value.len > 0 ? NULL : "is empty";
        return value.len == row->width ? NULL : "does not have the length that it must have";
    case SEK_TYPE_OUIS:
        return check_ouis(row, value);
    case SEK_TYPE_NODE:
    case SEK_TYPE_NODES:
        return check_nodes(w, row, value);
    }
    return "has no known type";
}

static bool walk_property(struct walk *w, const char *name, struct sek_bytes value)
{
    const struct sek_schema_property *row = w->row[w->place.kind];

    if (same(name, "phandle") || same(name, "linux,phandle")) {
        if (w->place.depth == 2 && value.len == 4)
            return true;
        return problem(w, name, "stands where nothing may be referred to");
    }
    for (; (row = row_of(w, row)); row++) {
        if (same(row->name, name)) {
            const char *why = check_value(w, row, value);

            return !why || problem(w, name, why);
        }
    }
    return unknown(w, name);
}

struct sek_bytes sek_schema_value(const struct sek_schema_place *place, const char *name)
{
    for (unsigned i = 0; i < place->value_count; i++) {
        if (same(place->value[i].name, name))
            return place->value[i].value;
    }
    return (struct sek_bytes){0};
}

static bool has(const struct walk *w, const char *name)
{
    return sek_schema_value(&w->place, name).data != NULL;
}

/* What the rows cannot say: one of several, or one if another. */
static bool check_together(struct walk *w)
{
    struct sek_bytes basis;

    switch ((unsigned)w->place.kind) { /* few of all kinds */
    case SEK_NODE_KEY:
        if (has(w, "public-key") + has(w, "certificate") > 1)
            return problem(w, NULL, "has both a public-key and a certificate");
        if (!has(w, "public-key") && !has(w, "certificate") && !has(w, "key-id"))
            return problem(w, NULL, "has no public-key, certificate or key-id");
        if ((has(w, "public-key") || has(w, "certificate")) && !has(w, "algo"))
            return problem(w, "algo", "is missing: it pins the algorithm");
        return true;
    case SEK_NODE_MINIMUM:
        if (!has(w, "version") && !has(w, "security-counter") && !has(w, "timestamp"))
            return problem(w, NULL, "has no version, security-counter or timestamp");
        return true;
    case SEK_NODE_REFERENCE:
    case SEK_NODE_DENIED_DIGEST:
        if (!has(w, "sha256") && !has(w, "sha384") && !has(w, "sha512"))
            return problem(w, NULL, "has no sha256, sha384 or sha512");
        return true;
    case SEK_NODE_RULE:
        basis = sek_schema_value(&w->place, "basis");
        if (basis.len == sizeof "named" && memcmp(basis.data, "named", sizeof "named") == 0 &&
            !has(w, "subject"))
            return problem(w, "subject", "is missing: the rule names somebody");
        return true;
    default:
        return true;
    }
}

static bool check_required(struct walk *w)
{
    const struct sek_schema_property *row = w->row[w->place.kind];

    for (; (row = row_of(w, row)); row++) {
        if (row->required && !has(w, row->name) && !problem(w, row->name, "is missing"))
            return false;
    }
    return true;
}

static bool name_ok(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return len > 0 && len <= SEK_SCHEMA_NAME_MAX && name[len] == '\0';
}

/* Finds the node's kind. A node that may stand once stands once: libfdt would take the first. */
static bool enter(struct walk *w)
{
    struct sek_schema_place *place = &w->place;
    unsigned depth = place->depth;

    w->seen[depth] = 0;
    place->kind = SEK_NODE_ROOT;
    if (depth > 0) {
        place->kind = sek_schema_child(w->kind[depth - 1], place->name[depth]);
        if (!name_ok(place->name[depth]) &&
            !problem(w, NULL, "a node's name is 1 to 31 of a-z, 0-9 and -"))
            return false;
        if (sek_schema_once(place->kind)) {
            if ((w->seen[depth - 1] & 1u << place->kind) && !problem(w, NULL, "stands twice"))
                return false;
            w->seen[depth - 1] |= 1u << place->kind;
        }
    }
    w->kind[depth] = place->kind;
    return true;
}

static bool walk_node(struct walk *w)
{
    if (!enter(w))
        return false;
    if (w->place.kind == SEK_NODE_UNKNOWN) /* said once, not again of what is inside */
        return w->kind[w->place.depth - 1] == SEK_NODE_UNKNOWN || unknown(w, NULL);
    if (w->place.kind == SEK_NODE_INDEX) /* has a check of its own */
        return true;
    for (unsigned i = 0; i < w->place.value_count; i++) {
        if (!walk_property(w, w->place.value[i].name, w->place.value[i].value))
            return false;
    }
    if (!check_required(w) || !check_together(w))
        return false;
    w->place.property = NULL;
    return !w->sink->node || w->sink->node(w->sink, &w->place);
}

/* Collects the properties of the node that a tag begins. Returns the tag behind them. */
static struct sek_tree_tag open_node(struct walk *w, const struct sek_tree_tag *begin)
{
    struct sek_schema_place *place = &w->place;
    struct sek_tree_tag tag = sek_tree_tag(place->dtb, begin->next);

    place->node = begin->offset;
    place->name[place->depth] = begin->name;
    place->value_count = 0;
    for (; tag.tag == FDT_PROP || tag.tag == FDT_NOP; tag = sek_tree_tag(place->dtb, tag.next)) {
        if (tag.tag == FDT_PROP && place->value_count < SEK_SCHEMA_PROPERTIES)
            place->value[place->value_count++] = tag;
    }
    return tag;
}

bool sek_schema_walk(const void *dtb, struct sek_schema_sink *sink)
{
    struct sek_tree_folder own[] = {{.name = "entities"}, {.name = "suppliers"}, {.name = "rules"}};
    struct walk w = {.sink = sink,
                     .folder = sink->folder ? sink->folder : own,
                     .folder_count = sink->folder ? sink->folder_count : SEK_LEN(own),
                     .place.dtb = dtb};
    struct sek_tree_tag tag = sek_tree_tag(dtb, 0);
    unsigned open = 0; /* levels */

    _Static_assert(SEK_NODE_PACKS < 32, "one bit of seen for each that stands once");
    if (!sink->folder)
        sek_tree_folders(dtb, own, SEK_LEN(own));
    find_rows(&w);
    while (tag.tag != FDT_END) {
        if (tag.tag == FDT_BEGIN_NODE && open < SEK_SCHEMA_DEPTH) {
            w.place.depth = open++;
            tag = open_node(&w, &tag);
            if (!walk_node(&w))
                return false;
            continue;
        }
        open -= tag.tag == FDT_END_NODE;
        tag = sek_tree_tag(dtb, tag.next);
    }
    return true;
}
