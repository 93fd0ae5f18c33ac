/* U05: whatever a device, an image, a store or a file's name says, what reaches a terminal is lines
 * of printable text, as many as for a harmless word. Judged by rules of its own, not by those that
 * the product cleans by. */
#define _GNU_SOURCE
#include "boards/bench/report/report.h"
#include "boards/bench/store/store.h"
#include "crypto/crypto.h"
#include "tests/attack/attack.h"
#include "tests/unit/store_source.h"

#include <libfdt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_MAX = 4096, NAMED = 16 };

static const struct report_style plain = {.colour = false, .ascii = false, .quiet = false};

static uint8_t *payload;
static struct sek_store store;

/* ---- Views ---- */

/* A subject of one row in which one place holds the text. */
struct scene {
    struct bench_trust trust;
    struct sek_context context;
    struct report_head head;
    struct report_device device;
    struct sek_row row;
    struct sek_observation said;
    enum sek_verdict advisory;
    struct report_subject subject;
};

static void scene_make(struct scene *s)
{
    memset(s, 0, sizeof *s);
    s->head = (struct report_head){&s->trust, &s->context, "none"};
    s->trust.store.authority = "authority";
    sek_row_init(&s->row);
    memcpy(s->row.name, "port1", sizeof "port1");
    s->row.kind = SEK_ROW_PART;
    s->row.observation = &s->said;
    s->row.observation_count = 1;
    s->said = (struct sek_observation){.kind = SEK_KIND_VENDOR, .type = SEK_VALUE_TEXT};
    s->advisory = SEK_VERDICT_IDENTIFIED;
    s->device.assurance = "service";
    s->subject = (struct report_subject){.name = "target",
                                         .device = &s->device,
                                         .outcome = SEK_OUTCOME_HOLD,
                                         .row = &s->row,
                                         .advisory = &s->advisory,
                                         .row_count = 1};
}

/* What a fixed field takes of a text. */
static void put(char *field, size_t cap, const char *text)
{
    size_t len = strnlen(text, cap - 1);

    memcpy(field, text, len);
    field[len] = '\0';
}

static void in_target(struct scene *s, const char *text)
{
    s->subject.name = text;
}

static void in_model(struct scene *s, const char *text)
{
    put(s->device.model, sizeof s->device.model, text);
}

static void in_serial_number(struct scene *s, const char *text)
{
    put(s->device.serial_number, sizeof s->device.serial_number, text);
}

static void in_vendor(struct scene *s, const char *text)
{
    s->said.value = (struct sek_bytes){(const uint8_t *)text, strlen(text)};
}

static void in_part_number(struct scene *s, const char *text)
{
    in_vendor(s, text);
    s->said.kind = SEK_KIND_PART_NUMBER;
}

static void in_version(struct scene *s, const char *text)
{
    put(s->row.version, sizeof s->row.version, text);
}

static void in_location(struct scene *s, const char *text)
{
    put(s->row.location, sizeof s->row.location, text);
}

static void in_format(struct scene *s, const char *text)
{
    put(s->row.format, sizeof s->row.format, text);
}

static void in_signer(struct scene *s, const char *text)
{
    s->row.signer = text;
}

static void in_policy(struct scene *s, const char *text)
{
    s->row.policy = (struct sek_policy_ref){
        .rule = text, .entity = text, .authority = text, .clause = text, .exception = text};
}

static void in_finding(struct scene *s, const char *text)
{
    report_find(&s->subject, SEK_RULE(BN, 2), "%s: %s", text, text);
}

static void in_authority(struct scene *s, const char *text)
{
    s->trust.store = store;
    s->trust.store.authority = text;
}

static const struct {
    const char *name;
    void (*place)(struct scene *s, const char *text);
} places[] = {
    {"target", in_target},
    {"model", in_model},
    {"serial number", in_serial_number},
    {"vendor", in_vendor},
    {"part number", in_part_number},
    {"version", in_version},
    {"location", in_location},
    {"format", in_format},
    {"signer", in_signer},
    {"policy", in_policy},
    {"finding", in_finding},
    {"authority", in_authority},
};

static void show_table(size_t place, const char *text, FILE *out)
{
    struct scene s;

    scene_make(&s);
    places[place].place(&s, text);
    report_table_head(out, &s.head, plain);
    report_table_subject(out, &s.head, &s.subject, plain);
}

static void show_json(size_t place, const char *text, FILE *out)
{
    struct scene s;

    scene_make(&s);
    places[place].place(&s, text);
    report_json_begin(out, &s.head);
    report_json_subject(out, &s.head, &s.subject, true);
    report_json_end(out, SEK_OUTCOME_HOLD, BENCH_EXIT_HOLD);
}

static void property(uint8_t *tree, const char *name, const char *text)
{
    (void)!fdt_property(tree, name, text, (int)strlen(text) + 1);
}

/* A store's tree with the text as a node's name, a property's name and a value. */
static void make_tree(const char *text, uint8_t tree[TREE_MAX])
{
    (void)!fdt_create(tree, TREE_MAX);
    (void)!fdt_finish_reservemap(tree);
    (void)!fdt_begin_node(tree, "");
    property(tree, "compatible", "sekisho,store-1");
    property(tree, "label", text);
    property(tree, "authority", text);
    property(tree, text, text);
    (void)!fdt_begin_node(tree, "suppliers");
    (void)!fdt_begin_node(tree, text);
    property(tree, "allow", text);
    (void)!fdt_end_node(tree);
    (void)!fdt_end_node(tree);
    (void)!fdt_begin_node(tree, "rules");
    (void)!fdt_begin_node(tree, text);
    property(tree, "label", text);
    property(tree, "clause", text);
    (void)!fdt_end_node(tree);
    (void)!fdt_end_node(tree);
    (void)!fdt_begin_node(tree, text);
    (void)!fdt_end_node(tree);
    (void)!fdt_end_node(tree);
    (void)!fdt_finish(tree);
}

static void show_lint(size_t place, const char *text, FILE *out)
{
    static _Alignas(8) uint8_t tree[TREE_MAX];

    (void)place;
    make_tree(text, tree);
    (void)store_lint(text, tree, 20788, out);
}

static void show_store(size_t place, const char *text, FILE *out)
{
    static _Alignas(8) uint8_t memory[TREE_MAX];
    struct store_tree tree = {.dtb = {memory, TREE_MAX}};

    (void)place;
    make_tree(text, memory);
    store_show(text, &tree, 0, out);
}

static void show_message(size_t place, const char *text, FILE *out)
{
    FILE *before = stderr;

    (void)place;
    stderr = out;
    (void)bench_fail(false, 0, SEK_RULE(BN, 5), "%s: cannot be read: %s", text, text);
    stderr = before;
}

static const struct {
    const char *name;
    void (*show)(size_t place, const char *text, FILE *out);
    size_t places;
} views[] = {
    {"table", show_table, SEK_LEN(places)}, {"json", show_json, SEK_LEN(places)},
    {"message", show_message, 1},           {"store lint", show_lint, 1},
    {"store show", show_store, 1},
};

/* ---- What may come out ---- */

/* One character of strict UTF-8 at *at; 0 with *at unmoved: none. */
static uint32_t character(const unsigned char *text, size_t len, size_t *at)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = text[*at];
    size_t n = first < 0x80             ? 1
               : (first & 0xe0) == 0xc0 ? 2
               : (first & 0xf0) == 0xe0 ? 3
               : (first & 0xf8) == 0xf0 ? 4
                                        : 0;
    uint32_t code = n == 1 ? first : first & (0x7fu >> n);

    if (n == 0 || n > len - *at)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((text[*at + i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[*at + i] & 0x3f);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *at += n;
    return code;
}

/* Why a terminal should not get this; NULL: it may. */
static const char *complaint(const char *text, size_t len, size_t *lines)
{
    static const uint32_t hidden[][2] = {
        {0x00, 0x09},     {0x0b, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe000, 0xf8ff}, {0xe0000, 0xe0fff},
    };

    *lines = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code = character((const unsigned char *)text, len, &at);

        if (code == 0)
            return "no UTF-8";
        for (size_t i = 0; i < SEK_LEN(hidden); i++) {
            if (code >= hidden[i][0] && code <= hidden[i][1])
                return code < 0x20 || (code >= 0x7f && code < 0xa0) ? "a control character"
                                                                    : "an invisible character";
        }
        *lines += code == '\n';
    }
    return NULL;
}

static const char *shown(size_t view, size_t place, const char *text, size_t *lines)
{
    char *out = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&out, &len);
    const char *why;

    if (!stream)
        return "no memory";
    views[view].show(place, text, stream);
    fclose(stream);
    why = complaint(out, len, lines);
    free(out);
    return why;
}

/* ---- What is said ---- */

static const char *const sequences[] = {
    /* clipboard, titles and their reports, links, notifications, colours */
    "\x1b]52;c;cm0gLXJmIH4K\x07",
    "\x1b]0;title\x07",
    "\x1b]2;title\x1b\\",
    "\x1b[21t",
    "\x1b[20t",
    "\x1b]8;;http://evil.example\x1b\\ok\x1b]8;;\x1b\\",
    "\x1b]9;note\x07",
    "\x1b]777;notify;a;b\x07",
    "\x1b]10;?\x07",
    "\x1b]11;?\x07",
    "\x1b]4;0;?\x07",
    "\x1b]50;font\x07",
    "\x1b]1337;File=:AAAA\x07",
    /* answerback, device attributes, reports that are typed into the shell */
    "\x05",
    "\x1b[c",
    "\x1b[>c",
    "\x1b[5n",
    "\x1b[6n",
    "\x1bZ",
    "\x1bP$q\"p\x1b\\",
    "\x1bP+q544e\x1b\\",
    /* cursor, erasing, scrolling: repaint the verdict */
    "\x1b[A",
    "\x1b[2A\x1b[32mACCEPT",
    "\x1b[H\x1b[2J",
    "\x1b[1K",
    "\x1b[s\x1b[u",
    "\x1b[99;99H",
    "\x1b[?1049h",
    "\x1b[?25l",
    "\x1b[3J",
    "\x1b"
    "c",
    "\x1b#8",
    "\x1b(0",
    "\x1b)0",
    "\x0e",
    "\x0f",
    "\x1b[8m",
    "\x1b[7m",
    "\x1b[0;1;31;5m",
    "\x1b[4i",
    "\x1b[5i",
    "\r",
    "\b\b\b\b\b",
    "\x0b",
    "\x0c",
    /* a prompt, a table, a line of our own */
    "\nroot@bench:~# ",
    "\r\nACCEPT  target   3 approved\r\n",
    "\n\xe2\x9c\x94 fit  approved  SIG-001",
    "a\nb",
    "a\x85"
    "b",
    "\xe2\x80\xa8",
    "\xe2\x80\xa9",
    /* C1 as bytes and as UTF-8, overlong, surrogates, cut, beyond the end */
    "\x9b"
    "31m",
    "\x9d"
    "52;c;eA==\x9c",
    "\x90q\x9c",
    "\xc2\x9b"
    "31m",
    "\xc2\x9d"
    "0;t\xc2\x9c",
    "\xc0\x9b",
    "\xe0\x80\x9b",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xf8\x88\x80\x80\x80",
    "\xe2\x80",
    "\xff\xfe",
    "\xc1\xbf",
    /* bidirectional, zero width, tags, private use, byte order mark */
    "\xe2\x80\xae"
    "TPECCA",
    "\xe2\x81\xa6"
    "x\xe2\x81\xa9",
    "\xe2\x80\x8b",
    "\xe2\x80\x8d",
    "\xef\xbb\xbf",
    "\xd8\x9c",
    "\xf3\xa0\x81\x81",
    "\xee\x80\x80",
    "\xc2\xad",
    "\xef\xb8\x8f",
    "\xe1\xa0\x8e",
    "\xef\xbf\xb9",
};

static void try_text(struct attack_result *result, const char *text, const char *name)
{
    for (size_t v = 0; v < SEK_LEN(views); v++)
        for (size_t p = 0; p < views[v].places; p++) {
            size_t lines, usual;
            const char *why = shown(v, p, text, &lines);
            char at[64];

            (void)shown(v, p, "Harm less", &usual); /* no name of a node, either */
            if (!why && lines != usual)
                why = "another number of lines";
            (void)snprintf(at, sizeof at, "%s, %s, %s", name, views[v].name,
                           views[v].places > 1 ? places[p].name : "text");
            attack_case(result, at, why ? why : "clean", "clean", why != NULL);
        }
}

static void u05(struct attack_result *result)
{
    char name[NAMED];

    for (unsigned byte = 1; byte < 256; byte++) {
        const char text[] = {'A', (char)byte, 'Z', '\0'};

        (void)snprintf(name, sizeof name, "byte %02x", byte);
        try_text(result, text, name);
    }
    for (size_t i = 0; i < SEK_LEN(sequences); i++) {
        (void)snprintf(name, sizeof name, "sequence %zu", i);
        try_text(result, sequences[i], name);
    }
}

/* Text in any script that is only text comes through as it is. */
static bool text_is_shown(void)
{
    static const char word[] = "\xe9\x96\xa2\xe6\x89\x80 \xc3\xa9\xc3\xa0 \xd0\x96 ok";
    char *out = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&out, &len);
    bool found;

    if (!stream)
        return false;
    show_table(0, word, stream);
    fclose(stream);
    found = strstr(out, word) != NULL;
    free(out);
    return found;
}

static bool set_up(void)
{
    struct sek_store_fault why;
    size_t len;

    if (sek_crypto_start(NULL) != SEK_OK)
        return false;
    payload = store_source_payload(NULL, NULL, &len);
    return sek_store_open_payload(&store, (struct sek_bytes){payload, len}, &why) == SEK_OK;
}

static void tear_down(void)
{
    free(payload);
}

static const struct attack attacks[] = {
    {"U05", "254 bytes and 76 sequences for terminals, in each view and message",
     "printable text, no more lines", text_is_shown, u05},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), set_up, tear_down);
}
