#include "image/fit_tree.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

enum {
    HEADER_LEN = 40,
    RESERVE_ENTRY = 16,
    PRELUDE_MAX = 512, /* header and reserve map */
    WINDOW = 1024,     /* bytes read ahead at a time while walking */
};

static const char added_names[] = "data-position\0data-size";

struct header {
    uint32_t totalsize, structure, strings, reserve, structure_len, strings_len;
};

/* The walk: raw bytes as they come from the medium, and the skeleton as it grows. */
struct walk {
    struct sek_image *image;
    struct sek_fault *fault;
    const struct header *header;
    uint8_t *raw; /* what was read ahead; stays until the pass has ended */
    size_t raw_len, raw_cap, raw_pos;
    uint64_t next; /* offset in the medium of raw[raw_len] */
    uint8_t *out;  /* skeleton's structure block */
    size_t out_len, out_cap;
    const char *strings; /* strings_len bytes, then added_names */
    unsigned nodes;
};

static uint64_t walk_offset(const struct walk *w)
{
    return w->next - (w->raw_len - w->raw_pos);
}

static enum sek_status malformed(struct walk *w, const char *why)
{
    return sek_fault_set(w->fault, SEK_ERR_MALFORMED, walk_offset(w), why);
}

/* The next len bytes, borrowed and consumed; NULL after a fault. */
static const uint8_t *take(struct walk *w, size_t len)
{
    while (w->raw_len - w->raw_pos < len) {
        uint64_t end = (uint64_t)w->header->structure + w->header->structure_len;
        size_t n = WINDOW;
        enum sek_status status;

        if (n > end - w->next)
            n = (size_t)(end - w->next);
        if (n == 0) {
            (void)malformed(w, "the tree ends inside a tag");
            return NULL;
        }
        if (n > w->raw_cap - w->raw_len) {
            (void)sek_fault_set(w->fault, SEK_ERR_NO_SPACE, w->next,
                                "the tree is larger than our memory");
            return NULL;
        }
        status = sek_pass_read(&w->image->pass, w->next, w->raw + w->raw_len, n);
        if (status != SEK_OK) {
            (void)sek_fault_set(w->fault, status, w->next, "the tree cannot be read");
            return NULL;
        }
        w->raw_len += n;
        w->next += n;
    }
    w->raw_pos += len;
    return w->raw + w->raw_pos - len;
}

/* Passes over len bytes of payload, which the pass will read. */
static void skip(struct walk *w, uint64_t len)
{
    size_t held = w->raw_len - w->raw_pos;
    uint64_t end = (uint64_t)w->header->structure + w->header->structure_len;

    if (len <= held) {
        w->raw_pos += (size_t)len;
        return;
    }
    if (len - held > end - w->next) {
        (void)malformed(w, "payload is longer than the tree");
        return;
    }
    w->raw_pos = w->raw_len;
    w->next += len - held;
}

static void emit(struct walk *w, const void *data, size_t len)
{
    static const uint8_t zeros[4];
    size_t pad = (4 - len % 4) % 4;

    if (w->fault->status != SEK_OK)
        return;
    if (len + pad > w->out_cap - w->out_len) {
        (void)sek_fault_set(w->fault, SEK_ERR_NO_SPACE, walk_offset(w),
                            "the tree is larger than our memory");
        return;
    }
    if (len > 0)
        memcpy(w->out + w->out_len, data, len);
    memcpy(w->out + w->out_len + len, zeros, pad);
    w->out_len += len + pad;
}

static void emit_u32(struct walk *w, uint32_t value)
{
    uint8_t bytes[4];

    sek_put_u32be(bytes, value);
    emit(w, bytes, sizeof bytes);
}

static bool name_char(char c, const char *also)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           strchr(also, c) != NULL;
}

/* A name of 1 to FIT_NAME_MAX characters of letters, digits and also. */
static bool name_ok(const char *name, const char *also)
{
    size_t len = 0;

    for (; name[len]; len++) {
        if (len == FIT_NAME_MAX || !name_char(name[len], also))
            return false;
    }
    return len > 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* A node's name, copied to name; the tag and the name go to the skeleton as they are. */
static void take_name(struct walk *w, char name[FIT_NAME_MAX + 1])
{
    const uint8_t *part;
    size_t len = 0;

    do {
        part = take(w, 4);
        if (!part)
            return;
        for (size_t i = 0; i < 4; i++) {
            if (len + i <= FIT_NAME_MAX)
                name[len + i] = (char)part[i];
        }
        emit(w, part, 4);
        len += 4;
    } while (!memchr(part, 0, 4) && len <= FIT_NAME_MAX);
    if (!memchr(name, 0, FIT_NAME_MAX + 1)) {
        name[0] = '\0';
        (void)malformed(w, "a node's name is longer than 31 characters");
    }
}

/* A property's name, or NULL after a fault. */
static const char *property_name(struct walk *w, uint32_t at)
{
    const char *name;

    if (at >= w->header->strings_len || !memchr(w->strings + at, 0, w->header->strings_len - at)) {
        (void)malformed(w, "a property's name lies outside the strings");
        return NULL;
    }
    name = w->strings + at;
    if (name_ok(name, ",._+?#-"))
        return name;
    (void)malformed(w, "a property's name is not clean");
    return NULL;
}

static void emit_position(struct walk *w, uint64_t offset, uint32_t len)
{
    uint32_t names = w->header->strings_len;

    if (offset > UINT32_MAX) {
        (void)malformed(w, "payload lies beyond 4 GiB");
        return;
    }
    emit_u32(w, FDT_PROP);
    emit_u32(w, 4);
    emit_u32(w, names);
    emit_u32(w, (uint32_t)offset);
    emit_u32(w, FDT_PROP);
    emit_u32(w, 4);
    emit_u32(w, names + (uint32_t)sizeof "data-position");
    emit_u32(w, len);
}

/* One property; payload: this node is an image, whose `data` is left out. */
static void take_property(struct walk *w, const uint8_t *tag, bool payload)
{
    const uint8_t *head = take(w, 8), *value;
    uint32_t len, name_at;
    const char *name;

    if (!head)
        return;
    len = sek_get_u32be(head);
    name_at = sek_get_u32be(head + 4);
    name = property_name(w, name_at);
    if (!name)
        return;
    if (len > w->header->structure_len) {
        (void)malformed(w, "a property is longer than the tree");
        return;
    }
    if (strncmp(name, "data", 4) == 0 && !payload &&
        (name[4] == '\0' || strcmp(name + 4, "-size") == 0 || strcmp(name + 4, "-offset") == 0 ||
         strcmp(name + 4, "-position") == 0)) {
        (void)malformed(w, "payload property outside an image node");
        return;
    }
    if (payload && strcmp(name, "data") == 0) {
        emit_position(w, walk_offset(w), len);
        skip(w, (uint64_t)len + (4 - len % 4) % 4);
        return;
    }
    value = take(w, len + (4 - len % 4) % 4);
    if (!value)
        return;
    emit(w, tag, 4);
    emit_u32(w, len);
    emit_u32(w, name_at);
    emit(w, value, len + (4 - len % 4) % 4); /* padding is signed: as it is */
}

struct level {
    unsigned properties;
    bool has_children, is_images;
};

/* All tags from the root's BEGIN_NODE to END. */
static void walk_tree(struct walk *w)
{
    struct level level[FIT_DEPTH_MAX + 1] = {0};
    char name[FIT_NAME_MAX + 1] = "";
    unsigned depth = 0;

    while (w->fault->status == SEK_OK) {
        const uint8_t *tag = take(w, 4);
        uint32_t word = tag ? sek_get_u32be(tag) : FDT_END;
        uint8_t copy[4];

        if (!tag)
            return;
        memcpy(copy, tag, sizeof copy);
        if (word == FDT_END) {
            emit(w, copy, 4);
            if (depth != 0 || w->nodes == 0)
                (void)malformed(w, "the tree ends inside a node");
            else if (walk_offset(w) != (uint64_t)w->header->structure + w->header->structure_len)
                (void)malformed(w, "bytes behind the tree's end");
            return;
        }
        if (depth == 0 && w->nodes > 0) {
            (void)malformed(w, "a second root");
        } else if (word == FDT_NOP) {
            emit(w, copy, 4);
        } else if (word == FDT_BEGIN_NODE) {
            emit(w, copy, 4);
            take_name(w, name);
            if (w->fault->status != SEK_OK)
                return;
            if (depth == 0 ? name[0] != '\0' : !name_ok(name, ",._+-"))
                (void)malformed(w, depth ? "a node's name is not clean" : "the root has a name");
            if (depth == FIT_DEPTH_MAX || ++w->nodes > FIT_NODES_MAX) {
                (void)malformed(w, "too many nodes");
                return;
            }
            level[depth].has_children = true;
            depth++;
            level[depth] = (struct level){.is_images = depth == 2 && strcmp(name, "images") == 0};
        } else if (word == FDT_END_NODE && depth > 0) {
            emit(w, copy, 4);
            depth--;
        } else if (word == FDT_PROP && depth > 0) {
            if (level[depth].has_children || ++level[depth].properties > FIT_PROPERTIES_MAX)
                (void)malformed(w, "a property behind a subnode, or too many of them");
            else
                take_property(w, copy, depth == 3 && level[2].is_images);
        } else {
            (void)malformed(w, "no such tag here");
        }
    }
}

static enum sek_status check_header(const struct sek_image *image, const struct header *h,
                                    struct sek_fault *fault)
{
    const uint8_t *head = image->head;

    if (image->head_len < HEADER_LEN)
        return sek_fault_set(fault, SEK_ERR_TRUNCATED, image->head_len, "ends inside the header");
    if (sek_get_u32be(head + 20) != 17 || sek_get_u32be(head + 24) != 16)
        return sek_fault_set(fault, SEK_ERR_UNSUPPORTED, 20,
                             "device tree of another version than 17");
    if (h->totalsize > image->claims.size)
        return sek_fault_set(fault, SEK_ERR_TRUNCATED, 4, "announces more bytes than there are");
    if (h->reserve < HEADER_LEN || h->reserve % 8 || h->structure % 4 || h->structure_len % 4 ||
        h->structure < (uint64_t)h->reserve + RESERVE_ENTRY ||
        h->strings < (uint64_t)h->structure + h->structure_len ||
        (uint64_t)h->strings + h->strings_len > h->totalsize || h->totalsize > INT32_MAX)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 8,
                             "blocks overlap, or lie outside or out of order");
    if ((uint64_t)h->structure + h->structure_len < SEK_HEAD_LEN)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 36, "the tree is too short for a FIT");
    if (h->structure > PRELUDE_MAX)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 8, "memory reserve map is too long");
    return SEK_OK;
}

/* The reserve map ends in a zero entry just before the structure block. */
static enum sek_status check_reserve(const struct header *h, const uint8_t *prelude,
                                     struct sek_fault *fault)
{
    static const uint8_t zero[RESERVE_ENTRY];

    for (uint32_t at = h->reserve; at + RESERVE_ENTRY <= h->structure; at += RESERVE_ENTRY) {
        if (memcmp(prelude + at, zero, sizeof zero) == 0)
            return SEK_OK;
    }
    return sek_fault_set(fault, SEK_ERR_MALFORMED, h->reserve, "memory reserve map has no end");
}

/* Reads what stands before the structure block; the head is there already. */
static enum sek_status read_prelude(struct walk *w)
{
    const struct header *h = w->header;
    size_t head_len = w->image->head_len;
    enum sek_status status;

    memcpy(w->raw, w->image->head, head_len);
    w->raw_len = head_len;
    w->next = head_len;
    if (h->structure > head_len) {
        status =
            sek_pass_read(&w->image->pass, head_len, w->raw + head_len, h->structure - head_len);
        if (status != SEK_OK)
            return sek_fault_set(w->fault, status, head_len, "the header cannot be read");
        w->raw_len = h->structure;
        w->next = h->structure;
    }
    w->raw_pos = h->structure;
    return check_reserve(h, w->raw, w->fault);
}

/* Header of the skeleton; its blocks follow each other. */
static void put_header(uint8_t *fdt, size_t structure_len, size_t strings_len)
{
    const uint32_t words[] = {
        FDT_MAGIC,
        (uint32_t)(HEADER_LEN + RESERVE_ENTRY + structure_len + strings_len),
        HEADER_LEN + RESERVE_ENTRY,
        (uint32_t)(HEADER_LEN + RESERVE_ENTRY + structure_len),
        HEADER_LEN,
        17,
        16,
        0,
        (uint32_t)strings_len,
        (uint32_t)structure_len,
    };

    for (size_t i = 0; i < SEK_LEN(words); i++)
        sek_put_u32be(fdt + 4 * i, words[i]);
    memset(fdt + HEADER_LEN, 0, RESERVE_ENTRY);
}

/* No two properties or subnodes of a node have one name. */
static bool duplicates(const void *fdt)
{
    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(fdt, node, &depth)) {
        int at, other;

        fdt_for_each_property_offset(at, fdt, node)
        {
            const char *name, *second;

            fdt_getprop_by_offset(fdt, at, &name, NULL);
            for (other = fdt_next_property_offset(fdt, at); other >= 0;
                 other = fdt_next_property_offset(fdt, other)) {
                fdt_getprop_by_offset(fdt, other, &second, NULL);
                if (strcmp(name, second) == 0)
                    return true;
            }
        }
        fdt_for_each_subnode(at, fdt, node)
        {
            const char *name = fdt_get_name(fdt, at, NULL);

            for (other = fdt_next_subnode(fdt, at); other >= 0;
                 other = fdt_next_subnode(fdt, other)) {
                if (strcmp(name, fdt_get_name(fdt, other, NULL)) == 0)
                    return true;
            }
        }
    }
    return false;
}

enum sek_status fit_tree_read(struct sek_image *image, struct fit_tree *tree,
                              struct sek_fault *fault)
{
    const uint8_t *head = image->head;
    struct header h = {0};
    struct walk w = {.image = image, .fault = fault, .header = &h};
    size_t strings_len, half;
    uint8_t *strings;
    enum sek_status status;

    if (image->head_len >= HEADER_LEN)
        h = (struct header){sek_get_u32be(head + 4),  sek_get_u32be(head + 8),
                            sek_get_u32be(head + 12), sek_get_u32be(head + 16),
                            sek_get_u32be(head + 36), sek_get_u32be(head + 32)};
    status = check_header(image, &h, fault);
    if (status != SEK_OK)
        return status;
    strings_len = h.strings_len + sizeof added_names;
    half = image->scratch_len - image->scratch_used;
    if (half < 4 * PRELUDE_MAX + strings_len)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, h.strings,
                             "the tree is larger than our memory");
    /* One half for what is read, one for the skeleton, at whose end the strings stand. */
    half = (half - strings_len - 64) / 2 & ~(size_t)7;
    w.raw_cap = half;
    w.raw = sek_image_scratch(image, half);
    strings = sek_image_scratch(image, strings_len);
    status = sek_pass_read(&image->pass, h.strings, strings, h.strings_len);
    if (status != SEK_OK)
        return sek_fault_set(fault, status, h.strings, "the strings cannot be read");
    memcpy(strings + h.strings_len, added_names, sizeof added_names);
    w.strings = (const char *)strings;
    if (read_prelude(&w) != SEK_OK)
        return fault->status;
    w.out_cap = half - HEADER_LEN - RESERVE_ENTRY - strings_len;
    if (w.out_cap > half)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, h.strings,
                             "the tree is larger than our memory");
    uint8_t *fdt = sek_image_scratch(image, half);

    if (!fdt)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, 0, "the tree is larger than our memory");
    w.out = fdt + HEADER_LEN + RESERVE_ENTRY;
    walk_tree(&w);
    if (fault->status != SEK_OK)
        return fault->status;
    memcpy(w.out + w.out_len, strings, strings_len);
    put_header(fdt, w.out_len, strings_len);
    if (fdt_check_full(fdt, HEADER_LEN + RESERVE_ENTRY + w.out_len + strings_len) != 0 ||
        duplicates(fdt))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, h.structure,
                             "two nodes or properties of one name, or not a device tree");
    *tree = (struct fit_tree){
        .fdt = fdt,
        .structure = w.out,
        .structure_len = w.out_len,
        .strings = (const char *)w.out + w.out_len,
        .strings_len = h.strings_len,
        .totalsize = h.totalsize,
    };
    return SEK_OK;
}
