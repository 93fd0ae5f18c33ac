/* What a component is to us: the class of the report, the `allow` of a supplier and the `role` of a
 * rule are one list (its order is the number on the wire). */
#ifndef SEK_BASE_CLASS_H
#define SEK_BASE_CLASS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum sek_class {
    SEK_CLASS_AGENT,
    SEK_CLASS_BOOT,
    SEK_CLASS_KERNEL,
    SEK_CLASS_ROOTFS,
    SEK_CLASS_CONFIG, /* selects what runs: boot environment, scripts, slot flags */
    SEK_CLASS_FPGA,
    SEK_CLASS_CPLD,
    SEK_CLASS_ASIC,
    SEK_CLASS_PHY,
    SEK_CLASS_TRANSCEIVER,
    SEK_CLASS_PSU,
    SEK_CLASS_FAN,
    SEK_CLASS_SENSOR,
    SEK_CLASS_BOARD,
    SEK_CLASS_CHASSIS,
    SEK_CLASS_PRODUCT,
    SEK_CLASS_NIC,
    SEK_CLASS_FLASH,
    SEK_CLASS_MEMORY,
    SEK_CLASS_STORAGE,
    SEK_CLASS_WIRELESS,
    SEK_CLASS_MCU,
    SEK_CLASS_DATA, /* cannot select what runs: logs, user files */
    SEK_CLASS_COUNT,
    SEK_CLASS_NONE = SEK_CLASS_COUNT, /* nobody said: every role fits */
};

/* The class's word, or "none"; never NULL. */
const char *sek_class_name(enum sek_class component_class);

/* Finds a class by its exact word of len bytes. SEK_ERR_NOT_FOUND: no such word. */
SEK_CHECKED enum sek_status sek_class_find(const char *word, size_t len, enum sek_class *out);

/* True for things that have an identity record and no firmware that we could read. */
bool sek_class_is_part(enum sek_class component_class);

#endif
