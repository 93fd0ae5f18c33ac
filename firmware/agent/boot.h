/* What the boot partition would start, verified in the memory from which it would start. */
#ifndef SEK_AGENT_BOOT_H
#define SEK_AGENT_BOOT_H

#include "image/image.h"
#include "trust/appraise.h"

/* Far from every number that a fault makes of another. */
enum sek_boot_approval { SEK_BOOT_REFUSED = 0x2d96b1c3, SEK_BOOT_APPROVED = 0x53a94e7c };

struct sek_boot_request {
    struct sek_bytes memory; /* a copy of the partition, 8-aligned, that nobody changes any more */
    const char *partition;   /* its name in the board description, and its class there */
    enum sek_class component_class;
    const struct sek_appraiser *appraiser;
    const struct hal_digest *hook;
    const struct sek_image_memory *image; /* not in use by a cycle */
};

/* The selected configuration; all borrowed from the memory. */
struct sek_boot {
    enum sek_boot_approval approval; /* of all three by this configuration's own signature */
    char configuration[SEK_NAME_MAX + 1];
    struct sek_bytes kernel;  /* an ARM Linux zImage, 4-aligned */
    struct sek_bytes tree;    /* device tree for it */
    struct sek_bytes ramdisk; /* len 0: none */
    uint8_t digest[32];       /* SHA-256 over kernel, tree and ramdisk one after the other */
};

/* Finds and verifies the default configuration of the FIT in memory: every hash is computed there
 * and compared with what this configuration signs; signatures of other configurations do not count,
 * so that nothing signed can be combined anew. Not approved is no failure: out->approval says it.
 * SEK_ERR_NOT_FOUND: no FIT, no default configuration, no kernel or device tree in it.
 * SEK_ERR_UNSUPPORTED: compressed, or no zImage. SEK_ERR_MALFORMED. why: constant text. */
SEK_CHECKED enum sek_status sek_boot_verify(const struct sek_boot_request *request,
                                            struct sek_boot *out, const char **why);

#endif
