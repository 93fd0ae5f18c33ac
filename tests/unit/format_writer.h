/* Files of formats that real tools make and sign, good ones and bad ones: the tools are run in a
 * folder of the test's, where their files stay until the next call. Commands find the keys of
 * format_keys.sh in $K. Nothing here uses code of firmware/image. */
#ifndef SEK_TESTS_UNIT_FORMAT_WRITER_H
#define SEK_TESTS_UNIT_FORMAT_WRITER_H

#include "tests/unit/openssl_signer.h"

/* ---- ONIE's installer: script, payload, and what a command makes of both (in) in the file sig ---
 */
enum { SHARCH_PAYLOAD = 600 };
#define SHARCH_SIZE "payload_image_size=600"
#define SHARCH_SIGN                                                                                \
    "openssl cms -sign -nosmimecap -binary -signer $K/signer.crt -inkey $K/signer.key -outform "   \
    "PEM -in in -out sig"
struct fit_file sharch_write(const char *folder, const char *size_line, const char *command);

/* ---- SWUpdate's archive: the manifest is written, changed and signed, what is packed is changed
 * and packed ---- */
#define SWU_CMS                                                                                    \
    "openssl cms -sign -nosmimecap -binary -signer $K/signer.crt -inkey $K/signer.key "            \
    "-outform DER -in sw-description -out sw-description.sig"
#define SWU_RSA "openssl dgst -sha256 -sign $K/rsa2048.pem -out sw-description.sig sw-description"
#define SWU_PSS                                                                                    \
    "openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-2 "                \
    "-sign $K/rsa3072.pem -out sw-description.sig sw-description"
#define SWU_PACK "printf '%s\\n' sw-description sw-description.sig rootfs boot.sh"
/* How the manifest is written: libconfig as SWUpdate's own examples have it, JSON. */
#define SWU_LIBCONFIG                                                                              \
    "cat >sw-description <<END\n"                                                                  \
    "software =\n{\n\tversion = \"2.1.0\"; // comment { \"\n\t/* } */ hardware-compatibility: [ "  \
    "\"1.0\", "                                                                                    \
    "\"1.2\" ];\n\timages: (\n\t\t{ filename = \"rootfs\"; device = \"/dev/mmcblk0p2\"; sha256 = " \
    "\"$(sha256sum <rootfs | cut -c 1-64)\"; }\n\t);\n\tscripts: ( { filename = \"boot.sh\"; "     \
    "type = "                                                                                      \
    "\"shellscript\"; sha256 = \"$(sha256sum <boot.sh | cut -c 1-64)\"; } );\n}\nEND\n"
#define SWU_JSON                                                                                   \
    "cat >sw-description <<END\n{ \"software\": { \"version\": \"2.1.0\", \"images\": [ { "        \
    "\"filename\": \"rootfs\", \"sha256\": \"$(sha256sum <rootfs | cut -c 1-64)\" }, { "           \
    "\"sha256\": \"$(sha256sum <boot.sh | cut -c 1-64)\", \"filename\": \"boot.sh\" } ] } "        \
    "}\nEND\n"
struct fit_file swu_write(const char *folder, const char *describe, const char *change,
                          const char *sign, const char *late, const char *list);

/* ---- OpenBMC's archive: change runs before its files are signed, late before they are packed;
 * pack runs in the folder of the files, "" for all of them. The shell has $key, $other and $hash.
 * ---- */
struct fit_file openbmc_write(const char *folder, const char *change, const char *hash,
                              const char *late, const char *pack);

/* ---- RAUC's bundle: so many bytes, or blocks with their tree; the command signs the file in into
 * the file cms; change: sed's words for the manifest ---- */
enum { RAUC_BLOCK = 4096 };
#define RAUC_PLAIN                                                                                 \
    "openssl cms -sign -nosmimecap -binary -signer $K/signer.crt -inkey $K/signer.key "            \
    "-outform DER -in in -out cms"
#define RAUC_VERITY RAUC_PLAIN " -nodetach"
struct fit_file rauc_plain_write(const char *folder, size_t len, const char *command);
struct fit_file rauc_verity_write(const char *folder, size_t blocks, const char *change,
                                  const char *command, size_t *tree_len);

/* ---- A PE of two sections, signed by sbsign unless signer is NULL ---- */
enum {
    PE_HEADERS = 0x200,
    PE_SECTION = 0x200,
    PE_LEN = PE_HEADERS + 2 * PE_SECTION, /* without its signature */
    PE_OPTIONAL = 0x98,                   /* where the optional header begins */
    PE_CHECKSUM = PE_OPTIONAL + 64,
    PE_ENTRY = PE_OPTIONAL + 112 + 32, /* of the table of certificates */
    PE_SECTIONS = PE_OPTIONAL + 240,
    PE_RESOURCES = PE_HEADERS + PE_SECTION, /* the second section, if it has a version */
    PE_RESOURCES_RVA = 0x2000,
    PE_LEAF = 3 * 24, /* in it: behind three directories with one entry each */
    PE_VERSION = PE_LEAF + 16,
};
bool pe_can(void); /* sbsign is installed */
struct fit_file pe_write(const char *folder, const char *signer);
/* The same with a version resource of these two strings (BMP only), each at most 30 characters. */
struct fit_file pe_write_version(const char *folder, const char *signer, const char *company,
                                 const char *product);

/* ---- Arista's SWI, by tests/unit/swi.py: its changes ---- */
struct fit_file swi_write(const char *folder, const char *signer, const char *change);

#endif
