/* Makes the content of one EEPROM for the emulated switch.
 *
 *   mkeeprom SIZE FORMAT FIELD=TEXT... > part.bin
 *
 *   blank   no fields: all FF
 *   onie    product part serial mac(12 hex digits) date platform manufacturer country vendor pen
 *   fru     board-maker board-name board-serial board-part maker name part version serial
 *   sfp     vendor oui(6 hex digits) part revision serial date
 *   qsfp    the same (QSFP28, layout of SFF-8636)
 *   cmis    the same (QSFP-DD)
 *
 * What lies behind the record is FF. Sources: ONIE TlvInfo; IPMI FRU Information Storage 1.0;
 * SFF-8472, SFF-8636, CMIS 5. A record that does not fit, an unknown format or field: a message,
 * exit status 2. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_LEN 65536
#define FRU_UNIT     8 /* areas are counted in these */
#define FRU_END      0xc1
#define FRU_LATIN    0xc0 /* type/length byte: 8-bit text */
#define FRU_TEXT_MAX 62

static uint8_t image[SIZE_MAX_LEN];
static size_t size, pos;
static char **fields;
static int field_count;

_Noreturn static void fail(const char *why, const char *which)
{
    (void)fprintf(stderr, "mkeeprom: %s: %s\n", which, why);
    exit(2);
}

static void put(const void *bytes, size_t len)
{
    if (len > size - pos)
        fail("does not fit", "record");
    memcpy(image + pos, bytes, len);
    pos += len;
}

static void put_u8(unsigned value)
{
    uint8_t byte = (uint8_t)value;
    put(&byte, 1);
}

/* The text behind "name=", or NULL. */
static const char *field(const char *name)
{
    size_t len = strlen(name);

    for (int i = 0; i < field_count; i++)
        if (strncmp(fields[i], name, len) == 0 && fields[i][len] == '=')
            return fields[i] + len + 1;
    return NULL;
}

static size_t unhex(const char *name, const char *text, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        if (strlen(text) != 2 * len || sscanf(text + 2 * i, "%2x", &byte) != 1)
            fail("wants hex digits", name);
        out[i] = (uint8_t)byte;
    }
    return len;
}

static uint32_t crc32_of(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xffffffffU;

    while (len--) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
    }
    return ~crc;
}

static uint8_t sum_of(size_t from, size_t to)
{
    unsigned sum = 0;

    while (from < to)
        sum += image[from++];
    return (uint8_t)sum;
}

static void make_blank(void)
{
}

static const struct {
    const char *name;
    uint8_t code;
} onie_fields[] = {
    {"product", 0x21},      /* text */
    {"part", 0x22},         /* text */
    {"serial", 0x23},       /* text */
    {"mac", 0x24},          /* 6 bytes */
    {"date", 0x25},         /* MM/DD/YYYY hh:mm:ss */
    {"platform", 0x28},     /* text */
    {"manufacturer", 0x2b}, /* text */
    {"country", 0x2c},      /* two letters */
    {"vendor", 0x2d},       /* text */
    {"pen", 0xfd},          /* u32be IANA enterprise number */
};

static void make_onie(void)
{
    put("TlvInfo\0\1\0\0", 11);
    for (size_t i = 0; i < sizeof onie_fields / sizeof *onie_fields; i++) {
        const char *text = field(onie_fields[i].name);
        uint8_t bytes[6];

        if (!text)
            continue;
        put_u8(onie_fields[i].code);
        if (strcmp(onie_fields[i].name, "mac") == 0) {
            put_u8(6);
            put(bytes, unhex("mac", text, bytes, 6));
        } else if (strcmp(onie_fields[i].name, "pen") == 0) {
            unsigned long pen = strtoul(text, NULL, 10);
            put_u8(4);
            for (int shift = 24; shift >= 0; shift -= 8)
                put_u8(pen >> shift & 0xff);
        } else {
            if (strlen(text) > 255)
                fail("longer than 255", onie_fields[i].name);
            put_u8((unsigned)strlen(text));
            put(text, strlen(text));
        }
    }
    size_t total = pos + 6 - 11;
    image[9] = (uint8_t)(total >> 8);
    image[10] = (uint8_t)total;
    put("\xfe\4", 2);
    uint32_t crc = crc32_of(image, pos);
    for (int shift = 24; shift >= 0; shift -= 8)
        put_u8(crc >> shift & 0xff);
}

/* One FRU area of text fields; NULL ends the list. Sets the offset in the common header. */
static void fru_area(size_t header_slot, size_t date_len, const char *const *names)
{
    size_t start = pos;

    image[header_slot] = (uint8_t)(start / FRU_UNIT);
    put("\1\0\x19\0\0\0", 3 + date_len); /* version, length, English, date unspecified */
    for (; *names; names++) {
        const char *text = field(*names) ? field(*names) : "";
        size_t len = strlen(text);
        if (len > FRU_TEXT_MAX)
            fail("longer than 62", *names);
        if (len == 1)
            fail("one character reads as the end of the fields", *names);
        put_u8(FRU_LATIN | (unsigned)len);
        put(text, len);
    }
    put_u8(FRU_END);
    while ((pos + 1 - start) % FRU_UNIT != 0)
        put_u8(0);
    image[start + 1] = (uint8_t)((pos + 1 - start) / FRU_UNIT);
    put_u8(0x100u - sum_of(start, pos));
}

static void make_fru(void)
{
    static const char *const board[] = {"board-maker", "board-name", "board-serial",
                                        "board-part",  "board-file", NULL};
    static const char *const product[] = {"maker",  "name",  "part", "version",
                                          "serial", "asset", "file", NULL};

    put("\1\0\0\0\0\0\0\0", 8);
    if (field("board-maker"))
        fru_area(3, 3, board);
    fru_area(4, 0, product);
    image[7] = (uint8_t)(0x100u - sum_of(0, 7));
}

static void sfp_text(size_t at, size_t len, const char *name)
{
    const char *text = field(name) ? field(name) : "";

    if (strlen(text) > len)
        fail("too long", name);
    memset(image + at, ' ', len);
    memcpy(image + at, text, strlen(text));
}

static void make_sfp(void)
{
    /* SFP, identified by its serial id; LC; 10GBASE-SR; 64b/66b; 10.3 Gb/s; 80 m OM2, 300 m OM3 */
    static const uint8_t base[20] = {3, 4, 7,   16, 0, 0, 0, 0, 0, 0,
                                     0, 6, 103, 0,  0, 0, 8, 3, 0, 30};

    if (size < 256)
        fail("wants 256 bytes or more", "sfp");
    memset(image, 0, 256);
    put(base, sizeof base);
    sfp_text(20, 16, "vendor");
    if (field("oui"))
        (void)unhex("oui", field("oui"), image + 37, 3);
    sfp_text(40, 16, "part");
    sfp_text(56, 4, "revision");
    image[60] = 0x03; /* 850 nm */
    image[61] = 0x52;
    image[63] = sum_of(0, 63);
    sfp_text(68, 16, "serial");
    sfp_text(84, 8, "date");
    image[95] = sum_of(64, 95);
}

/* Lower page and upper page 00h, the fields still empty. */
static void module_pages(uint8_t identifier)
{
    if (size < 256)
        fail("wants 256 bytes or more", "qsfp and cmis");
    memset(image, 0, 256);
    image[0] = image[128] = identifier;
}

static void make_qsfp(void)
{
    module_pages(0x11);
    sfp_text(148, 16, "vendor");
    if (field("oui"))
        (void)unhex("oui", field("oui"), image + 165, 3);
    sfp_text(168, 16, "part");
    sfp_text(184, 2, "revision");
    image[191] = sum_of(128, 191);
    sfp_text(196, 16, "serial");
    sfp_text(212, 8, "date");
    image[223] = sum_of(192, 223);
}

static void make_cmis(void)
{
    module_pages(0x18);
    image[1] = 0x50; /* revision 5.0 */
    sfp_text(129, 16, "vendor");
    if (field("oui"))
        (void)unhex("oui", field("oui"), image + 145, 3);
    sfp_text(148, 16, "part");
    sfp_text(164, 2, "revision");
    sfp_text(166, 16, "serial");
    sfp_text(182, 8, "date");
    image[222] = sum_of(128, 222);
}

static const struct {
    const char *name;
    void (*make)(void);
    const char *fields; /* all it knows, each between spaces */
} formats[] = {
    {"blank", make_blank, ""},
    {"onie", make_onie, " product part serial mac date platform manufacturer country vendor pen "},
    {"fru", make_fru,
     " board-maker board-name board-serial board-part board-file maker name part version serial "
     "asset file "},
    {"sfp", make_sfp, " vendor oui part revision serial date "},
    {"qsfp", make_qsfp, " vendor oui part revision serial date "},
    {"cmis", make_cmis, " vendor oui part revision serial date "},
};

static void check_fields(const char *known)
{
    for (int i = 0; i < field_count; i++) {
        char word[64];
        if (snprintf(word, sizeof word, " %.*s ", (int)strcspn(fields[i], "="), fields[i]) >=
                (int)sizeof word ||
            !strchr(fields[i], '=') || !strstr(known, word))
            fail("no such field", fields[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        fail("SIZE FORMAT FIELD=TEXT...", "usage");
    size = strtoul(argv[1], NULL, 10);
    if (size == 0 || size > sizeof image)
        fail("not 1 to 65536", argv[1]);
    fields = argv + 3;
    field_count = argc - 3;
    memset(image, 0xff, sizeof image);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(argv[2], formats[i].name) != 0)
            continue;
        check_fields(formats[i].fields);
        formats[i].make();
        return fwrite(image, 1, size, stdout) == size && fflush(stdout) == 0 ? 0 : 1;
    }
    fail("no such format", argv[2]);
}
