#define _DEFAULT_SOURCE
#include "tests/unit/format_writer.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_LEN = 128 };

static void write_in(const char *folder, const void *data, size_t len)
{
    char path[PATH_LEN];

    (void)snprintf(path, sizeof path, "%s/in", folder);
    test_write_file(path, data, len);
}

static struct fit_file read_back(const char *folder, const char *name)
{
    char path[PATH_LEN];
    struct fit_file file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file.data = test_read_file(path, &file.len);
    return file;
}

/* ---- ONIE's installer ---- */

struct fit_file sharch_write(const char *folder, const char *size_line, const char *command)
{
    uint8_t body[2048];
    int len =
        snprintf((char *)body, sizeof body - SHARCH_PAYLOAD,
                 "#!/bin/sh\n# installer\npayload_sha1=0123\n%s\nexit 0\nexit_marker\n", size_line);

    assert(len > 0 && (size_t)len < sizeof body - SHARCH_PAYLOAD);
    for (size_t i = 0; i < SHARCH_PAYLOAD; i++)
        body[(size_t)len + i] = (uint8_t)(i * 3);
    write_in(folder, body, (size_t)len + SHARCH_PAYLOAD);
    openssl_run("K=$PWD/build/test/keys; cd %s; : >sig; %s; cat in sig >out", folder, command);
    return read_back(folder, "out");
}

/* ---- SWUpdate's archive ---- */

struct fit_file swu_write(const char *folder, const char *describe, const char *change,
                          const char *sign, const char *late, const char *list)
{
    openssl_run("set -e; K=$PWD/build/test/keys; cd %s; rm -rf a out; mkdir a; cd a; seq 200 "
                ">rootfs; echo true >boot.sh\n%s%s\n%s\n%s\n%s | cpio -o -H crc --quiet >../out",
                folder, describe, change, sign, late, list);
    return read_back(folder, "out");
}

/* ---- OpenBMC's archive ---- */

/* Signs each file of the folder $1 that has no signature, with the key $2 and the hash $3. */
#define SIGN                                                                                       \
    "sign() { (cd $1 && for f in MANIFEST publickey image-*; do case $f in *.sig) ;; *) "          \
    "[ ! -e $f ] || openssl dgst -$3 -sign $2 -out $f.sig $f;; esac; done); }\n"
#define FULL                                                                                       \
    "full() { (cd $1 && for f in image-bmc image-hostfw image-kernel image-rofs image-rwfs "       \
    "image-u-boot MANIFEST publickey; do [ ! -e $f.sig ] || cat $f.sig; done >full; "              \
    "openssl dgst -$3 -sign $2 -out image-full.sig full; rm full); }\n"

struct fit_file openbmc_write(const char *folder, const char *change, const char *hash,
                              const char *late, const char *pack)
{
    openssl_run("set -e; key=$PWD/build/test/keys/rsa2048.pem other=$PWD/build/test/keys/"
                "rsa2048-other.pem; cd %s; rm -rf a made.tar; mkdir a\n" SIGN FULL
                "cd a; printf 'purpose=xyz.openbmc_project.Software.Version.VersionPurpose.BMC\n"
                "version=2.14.0\nMachineName=fuji\nKeyType=OpenBMC\nHashType=%s\n' >MANIFEST\n"
                "openssl pkey -in $key -pubout -out publickey\n"
                "for f in u-boot kernel rofs rwfs; do printf '%%s%%700d' $f 0 >image-$f; done\n"
                "cd ..; hash=sha256; %s\n"
                "sign a $key $hash; full a $key $hash; %s\n"
                "cd a; %s",
                folder, hash, change, late, *pack ? pack : "tar --format=ustar -cf ../made.tar *");
    return read_back(folder, "made.tar");
}

/* ---- RAUC's bundle ---- */

enum { HASH = 32, FANOUT = 128, LEVELS_MAX = 4 };

static void hash_block(const uint8_t *block, uint8_t out[HASH])
{
    uint8_t salted[HASH + RAUC_BLOCK], digest[SEK_DIGEST_MAX];
    enum sek_status status;

    memset(salted, 0x5c, HASH);
    memcpy(salted + HASH, block, RAUC_BLOCK);
    status = sek_digest_of(SEK_DIGEST_SHA256, NULL, salted, sizeof salted, digest);
    assert(status == SEK_OK);
    memcpy(out, digest, HASH);
}

static uint8_t *make_data(size_t len)
{
    uint8_t *data = malloc(len);

    assert(data);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 31 >> 3);
    memcpy(data, "hsqs", 4);
    return data;
}

/* The tree over blocks of data, appended to them (*data grows): each level hashes the one below,
 * the top one stands first. Returns the tree's length. */
static size_t add_tree(uint8_t **data, size_t blocks, uint8_t root[HASH])
{
    uint8_t *level[LEVELS_MAX], *at;
    const uint8_t *below = *data;
    size_t count[LEVELS_MAX], levels = 0, below_blocks = blocks, tree_len = 0;

    while (below_blocks > 1) {
        assert(levels < LEVELS_MAX);
        count[levels] = (below_blocks + FANOUT - 1) / FANOUT;
        level[levels] = calloc(count[levels], RAUC_BLOCK);
        assert(level[levels]);
        for (size_t i = 0; i < below_blocks; i++)
            hash_block(below + i * RAUC_BLOCK, level[levels] + i * HASH);
        below = level[levels];
        below_blocks = count[levels];
        tree_len += count[levels++] * RAUC_BLOCK;
    }
    hash_block(below, root);
    *data = realloc(*data, blocks * RAUC_BLOCK + tree_len);
    assert(*data);
    at = *data + blocks * RAUC_BLOCK;
    while (levels-- > 0) {
        memcpy(at, level[levels], count[levels] * RAUC_BLOCK);
        at += count[levels] * RAUC_BLOCK;
        free(level[levels]);
    }
    return tree_len;
}

/* body, what the command makes of the file "in", and its length. Takes body. */
static struct fit_file pack_bundle(const char *folder, uint8_t *body, size_t body_len,
                                   const char *command)
{
    struct fit_file cms, file;

    openssl_run("K=$PWD/build/test/keys; cd %s; %s", folder, command);
    cms = read_back(folder, "cms");
    file.len = body_len + cms.len + 8;
    file.data = realloc(body, file.len);
    assert(file.data);
    memcpy(file.data + body_len, cms.data, cms.len);
    sek_put_u64be(file.data + body_len + cms.len, cms.len);
    free(cms.data);
    return file;
}

struct fit_file rauc_plain_write(const char *folder, size_t len, const char *command)
{
    uint8_t *data = make_data(len);

    write_in(folder, data, len);
    return pack_bundle(folder, data, len, command);
}

struct fit_file rauc_verity_write(const char *folder, size_t blocks, const char *change,
                                  const char *command, size_t *tree_len)
{
    uint8_t *data = make_data(blocks * RAUC_BLOCK), root[HASH], salt[HASH];
    char root_hex[2 * HASH + 1], salt_hex[2 * HASH + 1], manifest[512], words[512];

    *tree_len = add_tree(&data, blocks, root);
    memset(salt, 0x5c, sizeof salt);
    sek_text_hex((struct sek_bytes){root, HASH}, root_hex);
    sek_text_hex((struct sek_bytes){salt, HASH}, salt_hex);
    (void)snprintf(manifest, sizeof manifest,
                   "[update]\ncompatible=fuji\nversion=7.1\n\n[bundle]\nformat=verity\n"
                   "verity-hash=%s\nverity-salt=%s\nverity-size=%zu\n\n[image.rootfs]\n"
                   "sha256=00\nfilename=rootfs.img\n",
                   root_hex, salt_hex, *tree_len);
    write_in(folder, manifest, strlen(manifest));
    (void)snprintf(words, sizeof words, "sed -i '%s' in; %s", change, command);
    return pack_bundle(folder, data, blocks * RAUC_BLOCK + *tree_len, words);
}

/* ---- PE ---- */

enum { PE_AT = 0x80, OPTIONAL_LEN = 240 }; /* PE32+, 16 directories */

static void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value & 0xffff);
    put16(p + 2, value >> 16);
}

/* A small EFI program of two sections, of no use. */
static void write_program(uint8_t *p)
{
    memset(p, 0, PE_LEN);
    memcpy(p, "MZ", 2);
    put32(p + 0x3c, PE_AT);
    memcpy(p + PE_AT, "PE\0\0\x64\x86", 6);
    put16(p + PE_AT + 6, 2);
    put16(p + PE_AT + 20, OPTIONAL_LEN);
    put16(p + PE_AT + 22, 0x206);
    put16(p + PE_OPTIONAL, 0x20b);
    put32(p + PE_OPTIONAL + 16, 0x1000); /* entry */
    put32(p + PE_OPTIONAL + 32, 0x1000); /* alignments */
    put32(p + PE_OPTIONAL + 36, 0x200);
    put32(p + PE_OPTIONAL + 56, 0x3000);
    put32(p + PE_OPTIONAL + 60, PE_HEADERS);
    put16(p + PE_OPTIONAL + 68, 10); /* EFI application */
    put32(p + PE_OPTIONAL + 108, 16);
    for (size_t i = 0; i < 2; i++) {
        uint8_t *s = p + PE_SECTIONS + 40 * i;

        memcpy(s, i == 0 ? ".text" : ".data", 5);
        put32(s + 8, PE_SECTION);
        put32(s + 12, (uint32_t)(0x1000 * (i + 1)));
        put32(s + 16, PE_SECTION);
        put32(s + 20, (uint32_t)(PE_HEADERS + PE_SECTION * i));
    }
    for (size_t i = PE_HEADERS; i < PE_LEN; i++)
        p[i] = (uint8_t)(i * 11);
}

bool pe_can(void)
{
    return system("command -v sbsign >/dev/null") == 0;
}

/* Writes one block of a version resource's header and key; returns where its value stands. */
static size_t put_block(uint8_t *p, size_t at, size_t value_len, unsigned kind, const char *key)
{
    put16(p + at + 2, (unsigned)value_len);
    put16(p + at + 4, kind);
    at += 6;
    for (size_t i = 0; i <= strlen(key); i++, at += 2)
        put16(p + at, (uint8_t)key[i]);
    return (at + 3) & ~(size_t)3;
}

static size_t put_string(uint8_t *p, size_t at, const char *key, const char *value)
{
    size_t end = put_block(p, at, strlen(value) + 1, 1, key);

    for (size_t i = 0; i <= strlen(value); i++, end += 2)
        put16(p + end, (uint8_t)value[i]);
    put16(p + at, (unsigned)(end - at));
    return (end + 3) & ~(size_t)3;
}

static void write_version(uint8_t *program, const char *company, const char *product)
{
    uint8_t *p = program + PE_RESOURCES;
    size_t at = PE_VERSION, fixed, strings, table;

    memset(p, 0, PE_SECTION);
    put32(program + PE_OPTIONAL + 112 + 16, PE_RESOURCES_RVA);
    put32(program + PE_OPTIONAL + 112 + 20, PE_SECTION);
    for (uint32_t i = 0; i < 3; i++) {
        static const uint16_t id[] = {16, 1, 0x409};
        uint32_t next = 24 * (i + 1);

        put16(p + 24 * i + 14, 1);
        put32(p + 24 * i + 16, id[i]);
        put32(p + 24 * i + 20, i < 2 ? UINT32_C(0x80000000) | next : next);
    }
    fixed = put_block(p, at, 52, 0, "VS_VERSION_INFO");
    put32(p + fixed, 0xfeef04bd);
    strings = fixed + 52;
    table = put_block(p, strings, 0, 1, "StringFileInfo");
    at = put_block(p, table, 0, 1, "040904b0");
    at = put_string(p, at, "CompanyName", company);
    at = put_string(p, at, "FileVersion", "1.0");
    at = put_string(p, at, "ProductName", product);
    put16(p + table, (unsigned)(at - table));
    put16(p + strings, (unsigned)(at - strings));
    put16(p + PE_VERSION, (unsigned)(at - PE_VERSION));
    put32(p + PE_LEAF, PE_RESOURCES_RVA + PE_VERSION);
    put32(p + PE_LEAF + 4, (uint32_t)(at - PE_VERSION));
    assert(at <= PE_SECTION);
}

static struct fit_file sign_program(const char *folder, const uint8_t *program, const char *signer)
{
    write_in(folder, program, PE_LEN);
    if (!signer)
        return read_back(folder, "in");
    openssl_run("sbsign --key build/test/keys/%s.key --cert build/test/keys/%s.crt --output %s/out "
                "%s/in 2>/dev/null",
                signer, signer, folder, folder);
    return read_back(folder, "out");
}

struct fit_file pe_write(const char *folder, const char *signer)
{
    uint8_t program[PE_LEN];

    write_program(program);
    return sign_program(folder, program, signer);
}

struct fit_file pe_write_version(const char *folder, const char *signer, const char *company,
                                 const char *product)
{
    uint8_t program[PE_LEN];

    write_program(program);
    write_version(program, company, product);
    return sign_program(folder, program, signer);
}

/* ---- SWI ---- */

struct fit_file swi_write(const char *folder, const char *signer, const char *change)
{
    openssl_run("tests/unit/swi.py %s/out build/test/keys/%s.crt build/test/keys/%s.key %s", folder,
                signer, signer, change);
    return read_back(folder, "out");
}
