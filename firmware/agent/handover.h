/* What the started system is told: its device tree, with the command line, the initial RAM disk and
 * the gate's signed log. */
#ifndef SEK_AGENT_HANDOVER_H
#define SEK_AGENT_HANDOVER_H

#include "base/reader.h"

struct sek_handover {
    struct sek_bytes tree;        /* as signed; borrowed */
    const char *bootargs;         /* NULL: the tree's own */
    struct sek_bytes ramdisk;     /* where it lies in memory; len 0: none */
    struct sek_bytes log;         /* evidence of this start, in memory of its own */
    struct sek_bytes certificate; /* of the key that signed it; len 0: none */
    uint32_t log_area; /* bytes of that memory: whole sections (2 MiB), or Linux stumbles */
};

/* Writes the tree with /chosen (bootargs, linux,initrd-start and -end, sekisho,log: the log itself,
 * sekisho,log-certificate) and a reserved-memory node over the log's area. Addresses are those of
 * this memory. SEK_ERR_MALFORMED: the tree is none, or has other cells than one or two;
 * SEK_ERR_NO_SPACE: over cap. */
SEK_CHECKED enum sek_status sek_handover_write(const struct sek_handover *handover, void *out,
                                               size_t cap);

#endif
