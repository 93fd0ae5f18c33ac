/* Numbers of the claims on the wire; what they mean stands in SPEC.md. Writer and reader share
 * them. */
#ifndef SEK_EVIDENCE_CLAIMS_H
#define SEK_EVIDENCE_CLAIMS_H

#include "crypto/digest.h"
#include "trust/row.h"

/* IANA "CBOR Web Token Claims" (RFC 8392, RFC 9711). */
enum {
    SEK_CLAIM_IAT = 6,
    SEK_CLAIM_NONCE = 10,
    SEK_CLAIM_UEID = 256,
    SEK_CLAIM_OEMID = 258,
    SEK_CLAIM_HWMODEL = 259,
    SEK_CLAIM_HWVERSION = 260,
    SEK_CLAIM_UPTIME = 261,
    SEK_CLAIM_OEMBOOT = 262,
    SEK_CLAIM_DEBUG = 263,
    SEK_CLAIM_PROFILE = 265,
    SEK_CLAIM_SUBMODS = 266,
    SEK_CLAIM_BOOT_COUNT = 267,
    SEK_CLAIM_BOOT_SEED = 268,
    SEK_CLAIM_SWNAME = 270,
    SEK_CLAIM_SWVERSION = 271,
    SEK_CLAIM_MEASUREMENTS = 273,
};

/* Private claims: integers below -65536, ours -82000 to -82099. */
enum {
    SEK_CLAIM_OBSERVATIONS = -82001,
    SEK_CLAIM_TIME_STATUS = -82002,
    SEK_CLAIM_STORE_ID = -82003,
    SEK_CLAIM_MEASURED_AT = -82004,
    SEK_CLAIM_FLAGS = -82005,
    SEK_CLAIM_LOCATION = -82006,
    SEK_CLAIM_FORMAT_SIZE = -82007,
    SEK_CLAIM_SECURITY_COUNTER = -82008, /* in a measured component, as -82017 and -82018 */
    SEK_CLAIM_MARKS = -82009,            /* in a component, or in what stands in -82022 */
    SEK_CLAIM_DEVICE_NONCE = -82010,     /* in a challenge */
    SEK_CLAIM_REQUEST = -82011,          /* in a challenge */
    SEK_CLAIM_BINDING = -82012,
    SEK_CLAIM_KEY_PROTECTION = -82013,
    SEK_CLAIM_RESET_REASON = -82014,
    SEK_CLAIM_LOG_HEAD = -82015,
    SEK_CLAIM_DESCRIPTION = -82016,
    SEK_CLAIM_SECOND_DIGEST = -82017,
    SEK_CLAIM_TIMESTAMP = -82018,
    SEK_CLAIM_SUMMARY = -82021,
    SEK_CLAIM_UNMEASURED = -82022,  /* in a component */
    SEK_CLAIM_BOOT_DIGEST = -82024, /* in a release order */
};

/* A measured component, RFC 10013. */
enum {
    SEK_MC_CONTENT_FORMAT = 295, /* application/measured-component+cbor */
    SEK_MC_ID = 1,
    SEK_MC_DIGEST = 2,
    SEK_MC_AUTHORITIES = 3,
    SEK_MC_FLAGS = 4,
    SEK_MC_RAW = 5,
};

/* Claim -82009: what the bench must know of a row and nothing else says; absent if 0. */
enum {
    SEK_MARK_PART =
        1, /* a component that says who made it, but nothing comes of it; else: a region */
    SEK_MARK_CONFIGURATION = 2, /* in -82022; without: an image */
    SEK_MARK_DAMAGED = 4,       /* and no observation is marked so */
    SEK_MARK_BLANK = 8,
    SEK_MARK_OPTIONAL = 16,
    SEK_MARK_ALL = 31,
};

enum { SEK_FLAGS_LEN = 8 };

#define SEK_PROFILE_EVIDENCE  "tag:sekisho.example,2026:evidence#1"
#define SEK_PROFILE_SUMMARY   "tag:sekisho.example,2026:summary#1"
#define SEK_PROFILE_CHALLENGE "tag:sekisho.example,2026:challenge#1"
#define SEK_PROFILE_RELEASE   "tag:sekisho.example,2026:release#1"

/* Digest ids: IANA "Named Information Hash Algorithm"; 0 for those that evidence never names. */
static inline unsigned sek_digest_ni(enum sek_digest_alg alg)
{
    switch (alg) {
    case SEK_DIGEST_SHA256:
        return 1;
    case SEK_DIGEST_SHA384:
        return 7;
    case SEK_DIGEST_SHA512:
        return 8;
    case SEK_DIGEST_NONE:
    case SEK_DIGEST_CRC32:
    case SEK_DIGEST_COUNT:
        break;
    }
    return 0;
}

/* Which type an observation's value has, by its kind; false: a kind that we do not know. len is
 * that of bytes, or 0. */
static inline bool sek_kind_type(uint64_t kind, enum sek_value_type *type, size_t *len)
{
    static const struct {
        uint8_t type, len;
    } kinds[] = {
        [SEK_KIND_VENDOR] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_MANUFACTURER] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_PRODUCT] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_PART_NUMBER] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_SERIAL_NUMBER] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_REVISION] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_OUI24] = {SEK_VALUE_BYTES, 3},
        [SEK_KIND_OUI28] = {SEK_VALUE_BYTES, 4},
        [SEK_KIND_OUI36] = {SEK_VALUE_BYTES, 5},
        [SEK_KIND_PEN] = {SEK_VALUE_NUMBER, 0},
        [SEK_KIND_PCI] = {SEK_VALUE_NUMBER, 0},
        [SEK_KIND_PCI_SUBSYSTEM] = {SEK_VALUE_NUMBER, 0},
        [SEK_KIND_USB] = {SEK_VALUE_NUMBER, 0},
        [SEK_KIND_JEDEC] = {SEK_VALUE_NUMBER, 0},
        [SEK_KIND_COMPATIBLE] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_MIDR] = {SEK_VALUE_NUMBER, 0},
        [SEK_KIND_GPON] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_COUNTRY] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_ACPI_HID] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_PNP] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_DATE] = {SEK_VALUE_TEXT, 0},
        [SEK_KIND_MAC] = {SEK_VALUE_BYTES, 6},
    };

    if (kind < SEK_KIND_VENDOR || kind >= SEK_LEN(kinds))
        return false;
    *type = (enum sek_value_type)kinds[kind].type;
    *len = kinds[kind].len;
    return true;
}

#endif
