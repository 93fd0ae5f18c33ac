/* Attacks on archives, installers and bundles: B01 and B02 (OpenBMC, maps in images), C01 and C02
 * (CMS), S01 (SONiC), R01 (RAUC), W01 (SWUpdate), O01 (OpenWrt). */
#include "base/bytes.h"
#include "tests/attack/format_lab.h"
#include "tests/unit/mcuboot_writer.h"
#include "tests/unit/openwrt_writer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char malformed[] = "unverified FMT-001", unsigned_[] = "unverified SIG-006";

/* ---- OpenBMC ---- */

static bool openbmc_is_good(void)
{
    return lab_accepts(LAB_RSA, openbmc_write(lab_folder, "", "RSA-SHA256", "", ""));
}

/* A table that says where the images lie, as Supermicro's did, ahead of code that nobody signed; it
 * points at an image that was signed. Where an image lies is the trust store's to say. */
static void b01(struct attack_result *result)
{
    enum { CODE = 4096, LEN = 16384 };
    static const char *const magics[] = {"__FMAP__", "fwmap", "sig_table"};

    for (size_t i = 0; i < SEK_LEN(magics); i++) {
        static struct mcuboot_writer image;
        struct fit_file file = {calloc(1, LEN), LEN};

        assert(file.data);
        mcuboot_sample(&image, "p256", "sha256", false);
        (void)snprintf((char *)file.data, CODE, "%s image 0x%x 0x%zx", magics[i], 2 * CODE,
                       image.len);
        memset(file.data + CODE, 0xea, CODE);
        memcpy(file.data + 2 * (size_t)CODE, image.data, image.len);
        lab_try_file(result, LAB_MCU, magics[i], file, "", "unverified FMT-003");
    }
}

static bool mcuboot_is_good(void)
{
    static struct mcuboot_writer image;

    mcuboot_sample(&image, "p256", "sha256", false);
    return lab_accepts(LAB_MCU, lab_copy(image.data, image.len));
}

static void b02(struct attack_result *result)
{
    static const struct {
        const char *name, *change, *hash, *late, *pack, *row, *expected;
    } rows[] = {
        {"a file without a signature", "", "RSA-SHA256", "echo evil >a/extra", "", "/extra",
         unsigned_},
        {"one name twice", "", "RSA-SHA256", "",
         "tar --hard-dereference --format=ustar -cf ../made.tar * MANIFEST", "", malformed},
        {"sha1 in the MANIFEST", "hash=sha1", "RSA-SHA1", "", "", "/image-kernel",
         "unverified SIG-007"},
        {"image-bmc good, image-kernel bad", "cp a/image-rofs a/image-bmc", "RSA-SHA256",
         "echo evil >>a/image-kernel", "", "/image-kernel", "unverified SIG-005"},
        {"no signature over all signatures", "", "RSA-SHA256", "rm a/image-full.sig", "",
         "/image-kernel", unsigned_},
        {"signed by the archive's own key alone",
         "openssl pkey -in $other -pubout -out a/publickey; key=$other", "RSA-SHA256", "", "",
         "/image-kernel", "unverified SIG-005"},
    };

    for (size_t i = 0; i < SEK_LEN(rows); i++)
        lab_try_file(
            result, LAB_RSA, rows[i].name,
            openbmc_write(lab_folder, rows[i].change, rows[i].hash, rows[i].late, rows[i].pack),
            rows[i].row, rows[i].expected);
}

/* ---- CMS and SONiC ---- */

static bool installer_is_good(void)
{
    return lab_accepts(LAB_CMS, sharch_write(lab_folder, SHARCH_SIZE, SHARCH_SIGN));
}

struct installer {
    const char *name, *size_line, *command, *row, *expected;
};

static void try_installers(struct attack_result *result, const struct installer *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lab_try_file(result, LAB_CMS, rows[i].name,
                     sharch_write(lab_folder, rows[i].size_line, rows[i].command), rows[i].row,
                     rows[i].expected);
}

static void c01(struct attack_result *result)
{
    static const struct installer rows[] = {
        {"a good signature over the content", SHARCH_SIZE, SHARCH_SIGN " -noattr", "", malformed},
        {"the same by PSS", SHARCH_SIZE, SHARCH_SIGN " -noattr -keyopt rsa_padding_mode:pss", "",
         malformed},
    };

    try_installers(result, rows, SEK_LEN(rows));
}

static void c02(struct attack_result *result)
{
    static const struct installer rows[] = {
        {"attached where it has to be detached", SHARCH_SIZE, SHARCH_SIGN " -nodetach", "",
         malformed},
        {"a second signer, a stranger", SHARCH_SIZE,
         SHARCH_SIGN " -signer $K/signer-other.crt -inkey $K/signer-other.key", "", malformed},
        {"another type of content", SHARCH_SIZE, SHARCH_SIGN " -econtent_type 1.3.6.1.4.1.32473.1",
         "", malformed},
        {"indefinite lengths", SHARCH_SIZE, SHARCH_SIGN " -nodetach -stream", "", malformed},
        {"bytes behind the structure", SHARCH_SIZE,
         SHARCH_SIGN " -out pem; openssl cms -cmsout -inform PEM -in pem -outform DER -out der; "
                     "printf x >>der; (echo '-----BEGIN CMS-----'; base64 -w64 der; "
                     "echo '-----END CMS-----') >sig",
         "", malformed},
        {"the signer's certificate is not there", SHARCH_SIZE, SHARCH_SIGN " -nocerts", "",
         malformed},
        {"a stranger's CA", SHARCH_SIZE,
         "openssl cms -sign -nosmimecap -binary -signer $K/signer-other.crt -inkey "
         "$K/signer-other.key -certfile $K/other-ca.crt -outform PEM -in in -out sig",
         "/installer", "unverified SIG-005"},
        {"a signer who is no CA signs a certificate", SHARCH_SIZE,
         "openssl cms -sign -nosmimecap -binary -signer $K/signer-by-leaf.crt -inkey "
         "$K/signer-by-leaf.key -certfile $K/signer.crt -outform PEM -in in -out sig",
         "/installer", "unverified SIG-005"},
        {"other bytes than were signed", SHARCH_SIZE,
         SHARCH_SIGN "; printf x | dd of=in bs=1 "
                     "seek=300 conv=notrunc "
                     "2>/dev/null",
         "/installer", "tampered SIG-003"},
    };

    try_installers(result, rows, SEK_LEN(rows));
}

static void s01(struct attack_result *result)
{
    static const struct installer rows[] = {
        {"two sizes", "payload_image_size=600\npayload_image_size=600", SHARCH_SIGN, "", malformed},
        {"a size inside a line", "x=1 payload_image_size=600", SHARCH_SIGN, "", malformed},
        {"a size that is no decimal number", "payload_image_size=0x258", SHARCH_SIGN, "",
         malformed},
        {"a size too small", "payload_image_size=599", SHARCH_SIGN, "", malformed},
        {"a size too large", "payload_image_size=601", SHARCH_SIGN, "", malformed},
        {"a size beyond the file", "payload_image_size=99999999999", SHARCH_SIGN, "", malformed},
        {"bytes behind the PEM", SHARCH_SIZE, SHARCH_SIGN "; echo x >>sig", "", malformed},
        {"two PEMs", SHARCH_SIZE, SHARCH_SIGN "; cat sig sig >two; mv two sig", "", malformed},
        {"CR behind the marker", SHARCH_SIZE "\nexit_marker\r", SHARCH_SIGN, "", malformed},
    };

    try_installers(result, rows, SEK_LEN(rows));
}

/* ---- RAUC ---- */

enum { BLOCKS = 5 };

static struct fit_file plain(size_t len)
{
    return rauc_plain_write(lab_folder, len, RAUC_PLAIN);
}

static struct fit_file verity(const char *change, const char *command)
{
    size_t tree_len;

    return rauc_verity_write(lab_folder, BLOCKS, change, command, &tree_len);
}

static bool bundles_are_good(void)
{
    return lab_accepts(LAB_CMS, plain(BLOCKS * RAUC_BLOCK)) &&
           lab_accepts(LAB_CMS, verity("", RAUC_VERITY));
}

/* A bundle with a bit changed. */
static struct fit_file changed(struct fit_file file, size_t at)
{
    file.data[at] ^= 1;
    return file;
}

/* A bundle of more than 2 GiB (CVE-2026-34155): all of it is digested. Nothing but its begin, its
 * signature and its trailer is there; none of it is run through the digest here. */
struct large {
    struct sek_source base;
    const uint8_t *end; /* signature and trailer */
    size_t end_len;
};

static enum sek_status read_large(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    const struct large *large = (const struct large *)source;
    uint64_t end_at = source->size - large->end_len;

    for (size_t i = 0; i < len; i++) {
        uint64_t at = offset + i;

        ((uint8_t *)buf)[i] = at < 4         ? (uint8_t) "hsqs"[at]
                              : at >= end_at ? large->end[at - end_at]
                                             : 0;
    }
    return SEK_OK;
}

static void try_large(struct attack_result *result)
{
    static struct measure m;
    struct fit_file small = plain(RAUC_BLOCK);
    struct large large = {.base = {.read = read_large, .size = UINT64_C(3) << 30},
                          .end = small.data + RAUC_BLOCK,
                          .end_len = small.len - RAUC_BLOCK};
    const struct sek_image_claim *claim;
    enum sek_status status;
    bool all;

    large.base.size += large.end_len;
    measure_init(&m);
    status = sek_image_open(&m.image, &large.base, NULL, NULL, 0, &m.memory);
    claim = m.image.claims.image;
    all = status == SEK_OK && m.image.claims.image_count == 1 && claim->hash_count == 1 &&
          claim->hash[0].measured->offset == 0 && claim->hash[0].measured->len == UINT64_C(3) << 30;
    attack_case(result, "more than 2 GiB", all ? "covered whole" : "covered in part",
                "covered whole", !all);
    measure_free(&m);
    free(small.data);
}

static void r01(struct attack_result *result)
{
    static const struct {
        const char *name, *change, *command, *row, *expected;
    } rows[] = {
        {"a detached signature over a manifest", "", RAUC_PLAIN, "/bundle", "tampered SIG-003"},
        {"plain in an attached manifest", "s/verity$/plain/", RAUC_VERITY, "", malformed},
        {"two roots", "s/^verity-hash.*/&\\n&/", RAUC_VERITY, "", malformed},
        {"a tree of another size", "s/size=4096/size=8192/", RAUC_VERITY, "", malformed},
        {"encrypted", "s/verity$/crypt/", RAUC_VERITY, "", "unverified FMT-002"},
    };
    static const size_t tree = BLOCKS * RAUC_BLOCK;
    struct fit_file file;

    for (size_t i = 0; i < SEK_LEN(rows); i++)
        lab_try_file(result, LAB_CMS, rows[i].name, verity(rows[i].change, rows[i].command),
                     rows[i].row, rows[i].expected);
    lab_try_file(result, LAB_CMS, "a byte of the data", changed(verity("", RAUC_VERITY), tree - 1),
                 "/bundle", "tampered SIG-003");
    lab_try_file(result, LAB_CMS, "a byte of the hash tree",
                 changed(verity("", RAUC_VERITY), tree + 9), "/bundle", "tampered SIG-003");
    lab_try_file(result, LAB_CMS, "what fills the hash tree is not zero",
                 changed(verity("", RAUC_VERITY), tree + RAUC_BLOCK - 1), "/bundle",
                 "tampered SIG-003");
    lab_try_file(result, LAB_CMS, "the signature does not begin at a block", plain(tree - 8), "",
                 malformed);
    file = plain(tree);
    memset(file.data + file.len - 8, 0, 8);
    lab_try_file(result, LAB_CMS, "a trailer that says nothing", file, "", "unverified FMT-003");
    file = plain(tree);
    file.data[file.len - 8] = 0xff;
    lab_try_file(result, LAB_CMS, "a trailer longer than the file", file, "", "unverified FMT-003");
    try_large(result);
}

/* ---- SWUpdate ---- */

static bool archive_is_good(void)
{
    return lab_accepts(LAB_CMS, swu_write(lab_folder, SWU_LIBCONFIG, "", SWU_CMS, "", SWU_PACK)) &&
           lab_accepts(LAB_RSA, swu_write(lab_folder, SWU_JSON, "", SWU_RSA, "", SWU_PACK));
}

static void w01(struct attack_result *result)
{
    static const struct {
        const char *name, *change, *late, *list, *row, *expected;
    } rows[] = {
        {"a file without sha256", "sed -i 's/sha256 = [^;]*;//' sw-description", "", SWU_PACK, "",
         malformed},
        {"a file that the manifest does not name", "", "cp boot.sh extra", SWU_PACK " extra",
         "/extra", unsigned_},
        {"a file with other bytes", "", "echo 1 >>rootfs", SWU_PACK, "/rootfs", "tampered SIG-003"},
        {"a name with ../", "", "cp boot.sh ../up", SWU_PACK " ../up", "", malformed},
        {"a name with a leading /", "", "", SWU_PACK " /etc/hostname", "", malformed},
        {"the signature third", "", "",
         "printf '%s\\n' sw-description rootfs sw-description.sig boot.sh", "", malformed},
        {"two manifests", "", "",
         "printf '%s\\n' sw-description sw-description.sig rootfs boot.sh sw-description", "",
         malformed},
        {"two sha256 of one file", "sed -i 's/sha256 =/sha256 = \"00\"; sha256 =/' sw-description",
         "", SWU_PACK, "", malformed},
        {"a manifest changed behind its signature", "", "echo '# x' >>sw-description", SWU_PACK,
         "/rootfs", "tampered SIG-004"},
        {"a stranger's signature", "",
         "openssl dgst -sha256 -sign $K/rsa2048-other.pem -out sw-description.sig sw-description",
         SWU_PACK, "/rootfs", "unverified SIG-005"},
    };

    for (size_t i = 0; i < SEK_LEN(rows); i++)
        lab_try_file(result, LAB_CMS, rows[i].name,
                     swu_write(lab_folder, SWU_LIBCONFIG, rows[i].change, SWU_CMS, rows[i].late,
                               rows[i].list),
                     rows[i].row, rows[i].expected);
}

/* ---- OpenWrt ---- */

static const uint8_t firmware[] = "firmware of no format that anybody knows, and then some";
static struct openwrt_writer w;

static struct fit_file openwrt_file(void)
{
    return lab_copy(w.data, w.len);
}

static bool openwrt_is_good(void)
{
    openwrt_sample(&w, firmware, sizeof firmware, "ed25519", "ed25519-other");
    return lab_accepts(LAB_USIGN, openwrt_file());
}

/* Firmware with a chain of one certificate, of these days and type, and a signature by key (NULL:
 * none). */
static void make_openwrt(uint32_t type, uint64_t until, const char *key)
{
    const struct openwrt_certificate certificate = {"ed25519-other", "ed25519", type,
                                                    1767225600,      until,     0};

    openwrt_begin(&w, firmware, sizeof firmware);
    openwrt_info(&w, "{}");
    openwrt_certify(&w, &certificate);
    if (key)
        openwrt_sign(&w, key);
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
}

static void o01(struct attack_result *result)
{
    static const uint64_t valid = 2082758399, expired = 1793491200;

    openwrt_begin(&w, firmware, sizeof firmware);
    openwrt_info(&w, "{}");
    lab_try_file(result, LAB_USIGN, "no signature", openwrt_file(), "/firmware",
                 "unverified FMT-004");
    make_openwrt(1, valid, "ed25519-other");
    openwrt_sign(&w, "ed25519-other");
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
    lab_try_file(result, LAB_USIGN, "two chunks that sign", openwrt_file(), "", malformed);
    make_openwrt(1, valid, NULL);
    lab_try_file(result, LAB_USIGN, "a chain that signs nothing", openwrt_file(), "", malformed);
    make_openwrt(2, valid, "ed25519-other");
    lab_try_file(result, LAB_USIGN, "a certificate that revokes", openwrt_file(), "", malformed);
    make_openwrt(1, expired, "ed25519-other");
    lab_try_file(result, LAB_USIGN, "a certificate that has expired", openwrt_file(), "/firmware",
                 "unverified SIG-011");
    make_openwrt(1, valid, "ed25519");
    lab_try_file(result, LAB_USIGN, "signed by another key than certified", openwrt_file(),
                 "/firmware", "tampered SIG-004");
    openwrt_sample(&w, firmware, sizeof firmware, NULL, "ed25519-other");
    lab_try_file(result, LAB_USIGN, "signed by nobody", openwrt_file(), "/firmware",
                 "tampered SIG-004");
    openwrt_sample(&w, firmware, sizeof firmware, "ed25519", "ed25519-other");
    w.data[3] ^= 1;
    openwrt_repair(&w);
    lab_try_file(result, LAB_USIGN, "other bytes, their checksums right", openwrt_file(),
                 "/firmware", "tampered SIG-004");
}

static const struct attack attacks[] = {
    {"B01", "maps inside images (CVE-2024-10237, CVE-2025-7937, CVE-2025-6198)",
     "unverified FMT-003", mcuboot_is_good, b01},
    {"B02", "OpenBMC: files that are not signed, twice, weakly or by the archive's key",
     "SIG-006, SIG-005, SIG-007, FMT-001", openbmc_is_good, b02},
    {"C01", "CMS without signed attributes (EUF-CMA)", malformed, installer_is_good, c01},
    {"C02", "CMS: types, signers, lengths and certificates that a lax reader takes",
     "FMT-001, SIG-005, SIG-003", installer_is_good, c02},
    {"S01", "SONiC: sizes, markers and signatures that can be read in two ways", malformed,
     installer_is_good, s01},
    {"R01", "RAUC: manifests, trees and trailers that do not fit (CVE-2026-34155)",
     "SIG-003, FMT-001, FMT-003", bundles_are_good, r01},
    {"W01", "SWUpdate: files, names and hashes that swupdate passes over (CVE-2023-7216)",
     "FMT-001, SIG-006, SIG-003", archive_is_good, w01},
    {"O01", "OpenWrt: no signature, a chain that is not whole, expired or revoked",
     "FMT-001, FMT-004, SIG-011", openwrt_is_good, o01},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), format_lab_start, format_lab_stop);
}
