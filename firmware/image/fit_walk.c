#include "image/fit_walk.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

enum { WINDOW = 1024 }; /* bytes read ahead at a time while walking */

const char fit_added_names[FIT_ADDED_LEN] = "data-position\0data-size";

static uint64_t walk_offset(const struct fit_walk *w)
{
    return w->next - (w->raw_len - w->raw_pos);
}

static enum sek_status malformed(struct fit_walk *w, const char *why)
{
    return sek_fault_set(w->fault, SEK_ERR_MALFORMED, w->tag_at, why);
}

static enum sek_status no_space(struct sek_fault *fault, uint64_t offset)
{
    return sek_fault_set(fault, SEK_ERR_NO_SPACE, offset, "the tree is larger than our memory");
}

/* The next len bytes, borrowed and consumed; NULL after a fault. */
static const uint8_t *take(struct fit_walk *w, size_t len)
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
            (void)no_space(w->fault, w->next);
            return NULL;
        }
        status = sek_image_read_into(w->image, w->next, w->raw + w->raw_len, n);
        if (status != SEK_OK) {
            (void)sek_fault_set(w->fault, status, w->next,
                                status == SEK_ERR_NO_SPACE
                                    ? "more payloads inside the tree than we keep apart"
                                    : "the tree cannot be read");
            return NULL;
        }
        w->raw_len += n;
        w->next += n;
    }
    w->raw_pos += len;
    return w->raw + w->raw_pos - len;
}

/* Passes over len bytes of payload, which the pass will read. */
static void skip(struct fit_walk *w, uint64_t len)
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

static void emit(struct fit_walk *w, const void *data, size_t len)
{
    static const uint8_t zeros[4];
    size_t pad = (4 - len % 4) % 4;

    if (w->fault->status != SEK_OK)
        return;
    if (len + pad > w->out_cap - w->out_len) {
        (void)no_space(w->fault, w->tag_at);
        return;
    }
    if (len > 0)
        memcpy(w->out + w->out_len, data, len);
    memcpy(w->out + w->out_len + len, zeros, pad);
    w->out_len += len + pad;
}

static void emit_u32(struct fit_walk *w, uint32_t value)
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
static void take_name(struct fit_walk *w, char name[FIT_NAME_MAX + 1])
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
static const char *property_name(struct fit_walk *w, uint32_t at)
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

static void emit_position(struct fit_walk *w, uint64_t offset, uint32_t len)
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

/* Notes a property's name; no two of a node have the same. */
static void note_name(struct fit_walk *w, const char *name)
{
    for (size_t i = 0; i < w->seen_count; i++) {
        if (strcmp(w->seen[i], name) == 0)
            (void)malformed(w, "two properties of one name, or a payload in two places");
    }
    if (w->seen_count == SEK_LEN(w->seen))
        (void)malformed(w, "a node with too many properties");
    else
        w->seen[w->seen_count++] = name;
}

bool fit_is_payload_name(const char *name)
{
    return strcmp(name, "data") == 0 || strcmp(name, "data-size") == 0 ||
           strcmp(name, "data-offset") == 0 || strcmp(name, "data-position") == 0;
}

/* One property; payload: this node is an image, whose `data` is left out. */
static void take_property(struct fit_walk *w, const uint8_t *tag, bool payload)
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
    note_name(w, name);
    if (len > w->header->structure_len) {
        (void)malformed(w, "a property is longer than the tree");
        return;
    }
    if (fit_is_payload_name(name) && !payload) {
        (void)malformed(w, "payload property outside an image node");
        return;
    }
    if (payload && strcmp(name, "data") == 0) {
        note_name(w, fit_added_names); /* both stand in its place, and nowhere else */
        note_name(w, fit_added_names + sizeof "data-position");
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

/* One level of the tree above the present tag. */
struct level {
    uint32_t at;              /* of the node, in the skeleton */
    size_t first_child, last; /* indices of its children so far; 0: none */
    size_t path_len;
    unsigned properties;
    bool has_children, is_images;
};

/* Makes the next node the last child of a level, unless that has one of this name. */
static void link_child(struct fit_walk *w, struct level *parent, const char *name)
{
    for (size_t i = parent->first_child; i != 0; i = w->node[i].next) {
        if (strcmp((const char *)w->out + w->node[i].at + 4, name) == 0)
            (void)malformed(w, "two nodes of one name");
    }
    if (parent->last != 0)
        w->node[parent->last].next = (uint32_t)w->node_count;
    else
        parent->first_child = w->node_count;
    parent->last = w->node_count;
}

/* A node at this depth (the root: 0), whose parent is the level above. */
static void take_node(struct fit_walk *w, const uint8_t *tag, struct level *levels, unsigned depth)
{
    struct fit_node node = {.at = (uint32_t)w->out_len, .place = (uint32_t)w->tag_at};
    char name[FIT_NAME_MAX + 1] = "";

    emit(w, tag, 4);
    take_name(w, name);
    if (w->fault->status != SEK_OK)
        return;
    if (depth == 0 ? name[0] != '\0' : !name_ok(name, ",._+-"))
        (void)malformed(w, depth ? "a node's name is not clean" : "the root has a name");
    struct level *level = &levels[depth];

    *level = (struct level){.at = node.at, .is_images = depth == 1 && strcmp(name, "images") == 0};
    node.parent = depth > 0 ? levels[depth - 1].at : node.at;
    if (depth > 0) {
        levels[depth - 1].has_children = true;
        level->path_len = levels[depth - 1].path_len + 1 + strlen(name);
    }
    if (level->path_len > FIT_PATH_MAX)
        (void)malformed(w, "a node's path is longer than 200 characters");
    if (w->node_count == w->node_cap)
        (void)sek_fault_set(w->fault, SEK_ERR_NO_SPACE, w->tag_at, "more nodes than our table");
    else if (depth > 0)
        link_child(w, &levels[depth - 1], name);
    if (w->fault->status == SEK_OK)
        w->node[w->node_count++] = node;
    w->seen_count = 0;
}

/* FDT_END, which ends the block, too. */
static void take_end(struct fit_walk *w, const uint8_t *tag, unsigned depth)
{
    emit(w, tag, 4);
    if (depth != 0 || w->node_count == 0)
        (void)malformed(w, "the tree ends inside a node");
    else if (walk_offset(w) != (uint64_t)w->header->structure + w->header->structure_len)
        (void)malformed(w, "bytes behind the tree's end");
}

void fit_walk(struct fit_walk *w)
{
    struct level level[FIT_DEPTH_MAX] = {0};
    unsigned depth = 0; /* how many nodes are open */

    while (w->fault->status == SEK_OK) {
        const uint8_t *next;
        uint8_t tag[4];
        uint32_t word;

        w->tag_at = walk_offset(w);
        next = take(w, 4);
        if (!next)
            return;
        memcpy(tag, next, sizeof tag);
        word = sek_get_u32be(tag);
        if (word == FDT_END) {
            take_end(w, tag, depth);
            return;
        }
        if (depth == 0 && (w->node_count > 0 || word != FDT_BEGIN_NODE)) {
            (void)malformed(w, "a second root, or a tag outside the root");
        } else if (word == FDT_NOP) {
            emit(w, tag, 4);
        } else if (word == FDT_BEGIN_NODE && depth < FIT_DEPTH_MAX) {
            take_node(w, tag, level, depth);
            depth++;
        } else if (word == FDT_END_NODE) {
            emit(w, tag, 4);
            depth--;
        } else if (word == FDT_PROP) {
            struct level *node = &level[depth - 1];

            if (node->has_children || ++node->properties > FIT_PROPERTIES_MAX)
                (void)malformed(w, "a property behind a subnode, or too many of them");
            else
                take_property(w, tag, depth == 3 && level[1].is_images);
        } else {
            (void)malformed(w, word == FDT_BEGIN_NODE ? "nodes nested too deep" : "no such tag");
        }
    }
}
