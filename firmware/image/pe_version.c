#include "image/pe_version.h"

#include "base/bytes.h"

#include <string.h>

enum {
    DIRECTORY_LEN = 16,
    ENTRY_LEN = 8,
    LEAF_LEN = 16,
    LEVELS = 3, /* types, names, languages */
    RT_VERSION = 16,
    TREE_MAX = 16 * 1024, /* bytes of resources in which directories and leaves have to be */
    DIRECTORIES_MAX = 64,
    VERSION_MAX = 8 * 1024, /* bytes of one version resource */
    BLOCK_HEADER = 6,
};

static const uint32_t subdirectory = UINT32_C(1) << 31;

struct resources {
    struct sek_image *image;
    struct sek_fault *fault;
    struct sek_bytes sections;
    struct sek_bytes tree;
    uint64_t tree_at;     /* in the file */
    unsigned directories; /* opened so far */
};

struct level {
    size_t entry;  /* in the tree: the next one */
    unsigned left; /* entries */
};

static enum sek_status malformed(struct resources *r, uint64_t at, const char *why)
{
    return sek_fault_set(r->fault, SEK_ERR_MALFORMED, at, why);
}

/* Where in the file an address is, and how many bytes of its section lie there. Only one section
 * may have it. */
static enum sek_status locate(struct resources *r, uint32_t rva, uint64_t *at, size_t *len)
{
    bool found = false;

    for (size_t i = 0; i + PE_SECTION_HEADER <= r->sections.len; i += PE_SECTION_HEADER) {
        const uint8_t *section = r->sections.data + i;
        uint32_t start = sek_get_u32le(section + 12), size = sek_get_u32le(section + 16);

        if (rva < start || rva - start >= size)
            continue;
        if (found)
            return malformed(r, r->tree_at, "resources that are in two sections");
        found = true;
        *at = (uint64_t)sek_get_u32le(section + 20) + (rva - start);
        *len = size - (rva - start);
    }
    return found ? SEK_OK : malformed(r, r->tree_at, "resources that are not in the file");
}

/* ---- VS_VERSIONINFO: blocks in blocks ---- */

struct block {
    struct sek_bytes key;   /* UTF-16, without its end */
    struct sek_reader body; /* behind the key; the value's bytes come first */
    uint16_t value_len;
};

static void align(struct sek_reader *in)
{
    size_t left = sek_reader_left(in), pad = (4 - in->pos % 4) % 4;

    (void)sek_reader_bytes(in, pad < left ? pad : left);
}

static struct block take_block(struct sek_reader *in)
{
    uint16_t len = sek_reader_u16le(in);
    struct block block;
    size_t start;

    if (len < BLOCK_HEADER)
        (void)sek_reader_fail(in, SEK_ERR_MALFORMED, "a version block of no length");
    block.body = sek_reader_sub(in, len - 2u);
    block.value_len = sek_reader_u16le(&block.body);
    (void)sek_reader_u16le(&block.body); /* text or binary */
    start = block.body.pos;
    while (sek_reader_u16le(&block.body) != 0)
        continue; /* a fault reads as 0, too */
    block.key = (struct sek_bytes){block.body.data + start,
                                   block.body.pos > start ? block.body.pos - start - 2 : 0};
    align(&block.body);
    align(in);
    return block;
}

/* Names of blocks are looked up without regard to case. */
static bool key_is(struct sek_bytes key, const char *word)
{
    if (key.len != 2 * strlen(word))
        return false;
    for (size_t i = 0; i < key.len / 2; i++) {
        uint16_t c = sek_get_u16le(key.data + 2 * i);
        bool upper = c >= 'A' && c <= 'Z', word_upper = word[i] >= 'A' && word[i] <= 'Z';

        if ((upper ? c + 0x20 : c) != (word_upper ? word[i] + 0x20 : word[i]))
            return false;
    }
    return true;
}

static size_t put_utf8(uint8_t *out, uint32_t c)
{
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t first[] = {0x00, 0xc0, 0xe0, 0xf0};

    out[0] = (uint8_t)(first[more] | c >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        out[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3f));
    return more + 1;
}

/* The next character of a text; 0: its end, or a fault. */
static uint32_t take_character(struct sek_reader *in)
{
    uint32_t c = sek_reader_left(in) < 2 ? 0 : sek_reader_u16le(in), low;

    if (c < 0xd800 || c > 0xdfff)
        return c;
    low = sek_reader_left(in) < 2 ? 0 : sek_reader_u16le(in);
    if (c < 0xdc00 && low >= 0xdc00 && low <= 0xdfff)
        return 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
    (void)sek_reader_fail(in, SEK_ERR_MALFORMED, "a name that is no UTF-16");
    return 0;
}

static void say(struct resources *r, struct sek_reader value)
{
    uint8_t *text = sek_image_scratch(r->image, sek_reader_left(&value) / 2 * 3);
    size_t len = 0;
    uint32_t c;

    if (!text) {
        (void)sek_reader_fail(&value, SEK_ERR_NO_SPACE, "no memory for a name");
        return;
    }
    while ((c = take_character(&value)) != 0)
        len += put_utf8(text + len, c);
    sek_image_say(r->image, SEK_CONTENT_PRODUCT, (struct sek_bytes){text, len});
}

/* The strings of one language. */
static void read_strings(struct resources *r, struct sek_reader table)
{
    while (sek_reader_left(&table) > 0) {
        struct block string = take_block(&table);

        if (key_is(string.key, "CompanyName") || key_is(string.key, "ProductName"))
            say(r, string.body);
    }
}

static void read_version(struct resources *r, struct sek_reader in)
{
    struct block whole = take_block(&in);

    if (!key_is(whole.key, "VS_VERSION_INFO"))
        (void)sek_reader_fail(&in, SEK_ERR_MALFORMED, "a version resource that is none");
    (void)sek_reader_bytes(&whole.body, whole.value_len);
    align(&whole.body);
    while (sek_reader_left(&whole.body) > 0) {
        struct block strings = take_block(&whole.body);

        while (key_is(strings.key, "StringFileInfo") && sek_reader_left(&strings.body) > 0)
            read_strings(r, take_block(&strings.body).body);
    }
}

/* ---- The directory ---- */

static enum sek_status open_directory(struct resources *r, uint32_t at, struct level *level)
{
    const uint8_t *directory;

    if (r->directories++ == DIRECTORIES_MAX)
        return sek_fault_set(r->fault, SEK_ERR_NO_SPACE, r->tree_at + at,
                             "more resources than we follow");
    if (at > r->tree.len || r->tree.len - at < DIRECTORY_LEN)
        return malformed(r, r->tree_at, "a directory of resources lies elsewhere");
    directory = r->tree.data + at;
    level->left = (unsigned)sek_get_u16le(directory + 12) + sek_get_u16le(directory + 14);
    level->entry = at + DIRECTORY_LEN;
    if (level->left > (r->tree.len - level->entry) / ENTRY_LEN)
        return malformed(r, r->tree_at + at, "more resources than there is place");
    return SEK_OK;
}

static enum sek_status take_leaf(struct resources *r, uint32_t at)
{
    struct sek_fault fault = {0};
    uint64_t version_at = 0;
    size_t room = 0, len;
    const uint8_t *bytes;

    if (at > r->tree.len || r->tree.len - at < LEAF_LEN)
        return malformed(r, r->tree_at, "a resource lies elsewhere");
    len = sek_get_u32le(r->tree.data + at + 4);
    if (locate(r, sek_get_u32le(r->tree.data + at), &version_at, &room) != SEK_OK)
        return r->fault->status;
    if (len == 0 || len > room || len > VERSION_MAX)
        return malformed(r, r->tree_at + at, "a version resource of a size that cannot be");
    if (r->directories++ == DIRECTORIES_MAX)
        return sek_fault_set(r->fault, SEK_ERR_NO_SPACE, version_at,
                             "more resources than we follow");
    if (sek_image_read(r->image, version_at, len, &bytes) != SEK_OK)
        return r->fault->status;
    read_version(r, sek_reader_make((struct sek_bytes){bytes, len}, &fault));
    return fault.status == SEK_OK
               ? SEK_OK
               : sek_fault_set(r->fault, fault.status, version_at + fault.offset, fault.why);
}

/* Types, of one of them names, of these languages: never deeper, so that no directory is inside
 * itself. */
static enum sek_status walk(struct resources *r)
{
    struct level level[LEVELS] = {{0, 0}};
    size_t depth = 0;
    enum sek_status status = open_directory(r, 0, &level[0]);

    while (status == SEK_OK) {
        struct level *at = &level[depth];
        const uint8_t *entry = r->tree.data + at->entry;
        uint32_t to;

        if (at->left == 0) {
            if (depth == 0)
                break;
            depth--;
            continue;
        }
        at->left--;
        at->entry += ENTRY_LEN;
        to = sek_get_u32le(entry + 4);
        if (depth == 0 && sek_get_u32le(entry) != RT_VERSION)
            continue;
        if (((to & subdirectory) != 0) == (depth == LEVELS - 1))
            return malformed(r, r->tree_at, "resources that are no types, names and languages");
        status = depth == LEVELS - 1 ? take_leaf(r, to)
                                     : open_directory(r, to & ~subdirectory, &level[++depth]);
    }
    return status;
}

enum sek_status pe_version_say(struct sek_image *image, struct sek_bytes sections, uint32_t rva)
{
    struct resources r = {.image = image, .fault = &image->claims.fault, .sections = sections};
    size_t len = 0;

    if (rva == 0)
        return SEK_OK;
    if (locate(&r, rva, &r.tree_at, &len) != SEK_OK)
        return r.fault->status;
    r.tree.len = len < TREE_MAX ? len : TREE_MAX;
    if (sek_image_read(image, r.tree_at, r.tree.len, &r.tree.data) != SEK_OK)
        return r.fault->status;
    return walk(&r);
}
