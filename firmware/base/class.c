#include "base/class.h"

#include <string.h>

static const char *const names[SEK_CLASS_COUNT] = {
    [SEK_CLASS_AGENT] = "agent",       [SEK_CLASS_BOOT] = "boot",
    [SEK_CLASS_KERNEL] = "kernel",     [SEK_CLASS_ROOTFS] = "rootfs",
    [SEK_CLASS_CONFIG] = "config",     [SEK_CLASS_FPGA] = "fpga",
    [SEK_CLASS_CPLD] = "cpld",         [SEK_CLASS_ASIC] = "asic",
    [SEK_CLASS_PHY] = "phy",           [SEK_CLASS_TRANSCEIVER] = "transceiver",
    [SEK_CLASS_PSU] = "psu",           [SEK_CLASS_FAN] = "fan",
    [SEK_CLASS_SENSOR] = "sensor",     [SEK_CLASS_BOARD] = "board",
    [SEK_CLASS_CHASSIS] = "chassis",   [SEK_CLASS_PRODUCT] = "product",
    [SEK_CLASS_NIC] = "nic",           [SEK_CLASS_FLASH] = "flash",
    [SEK_CLASS_MEMORY] = "memory",     [SEK_CLASS_STORAGE] = "storage",
    [SEK_CLASS_WIRELESS] = "wireless", [SEK_CLASS_MCU] = "mcu",
    [SEK_CLASS_DATA] = "data",
};

const char *sek_class_name(enum sek_class component_class)
{
    return (unsigned)component_class < SEK_CLASS_COUNT ? names[component_class] : "none";
}

enum sek_status sek_class_find(const char *word, size_t len, enum sek_class *out)
{
    for (unsigned i = 0; i < SEK_CLASS_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], word, len) == 0) {
            *out = (enum sek_class)i;
            return SEK_OK;
        }
    }
    return SEK_ERR_NOT_FOUND;
}

bool sek_class_is_part(enum sek_class component_class)
{
    switch (component_class) {
    case SEK_CLASS_TRANSCEIVER:
    case SEK_CLASS_PSU:
    case SEK_CLASS_FAN:
    case SEK_CLASS_SENSOR:
    case SEK_CLASS_BOARD:
    case SEK_CLASS_CHASSIS:
    case SEK_CLASS_PRODUCT:
        return true;
    default:
        return false;
    }
}
