#define _POSIX_C_SOURCE 200809L
#include "hal/linux/parts.h"

#include "hal/linux/module.h"
#include "hal/linux/parts_add.h"
#include "hal/linux/small_file.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRY_LEN = 64, NUMBER_LEN = 32 };

/* ---- The table of parts ---- */

void linux_parts_text(struct linux_search *search, char *out, size_t cap, const char *format, ...)
{
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(out, cap, format, list);
    va_end(list);
    if (n < 0 || (size_t)n >= cap)
        search->parts->overflow = true;
}

static void name_part(struct linux_search *search, const char *kind, const char *place, char *name)
{
    linux_parts_text(search, name, LINUX_PART_NAME_LEN, place[0] ? "%s-%s" : "%s", kind, place);
    for (; *name; name++) {
        char c = *name;

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              strchr(",._+-", c)))
            *name = '.';
    }
}

static size_t place_of(const struct linux_parts *parts, const char *name)
{
    size_t at = parts->count;

    while (at > 0 && strcmp(parts->part[at - 1].name, name) >= 0)
        at--;
    return at;
}

bool linux_parts_has(const struct linux_search *search, const char *kind, const char *place)
{
    struct linux_parts ignored = {.overflow = false};
    struct linux_search own = {search->root, &ignored};
    char name[LINUX_PART_NAME_LEN];
    size_t at;

    name_part(&own, kind, place, name);
    at = place_of(search->parts, name);
    return at < search->parts->count && strcmp(search->parts->part[at].name, name) == 0;
}

void linux_parts_add(struct linux_search *search, const char *kind, const char *place,
                     const struct linux_part *part)
{
    struct linux_parts *parts = search->parts;
    struct linux_part named = *part;
    size_t at;

    if (parts->count == parts->cap || linux_parts_has(search, kind, place)) {
        parts->overflow = true;
        return;
    }
    name_part(search, kind, place, named.name);
    at = place_of(parts, named.name);
    memmove(&parts->part[at + 1], &parts->part[at], (parts->count - at) * sizeof *parts->part);
    parts->part[at] = named;
    parts->count++;
}

/* ---- Classes by what drivers say ---- */

static bool read_hex(const struct linux_search *search, const char *folder, const char *file,
                     unsigned long *value)
{
    char path[LINUX_PATH_MAX], text[NUMBER_LEN], *end;

    if (linux_path(path, search->root, folder, file) != SEK_OK ||
        linux_read_text(path, text, sizeof text) != SEK_OK)
        return false;
    *value = strtoul(text, &end, 16);
    return end != text;
}

/* PCI Code and ID Assignment, 1: the upper byte of three is the base class. */
static enum sek_class pci_class(const struct linux_search *search, const char *folder)
{
    enum { STORAGE = 0x01, NETWORK = 0x02, MEMORY = 0x05, WIRELESS = 0x0d };
    unsigned long value = 0;

    if (!read_hex(search, folder, "class", &value))
        return SEK_CLASS_NONE;
    switch (value >> 16) {
    case STORAGE:
        return SEK_CLASS_STORAGE;
    case NETWORK:
        return SEK_CLASS_NIC;
    case MEMORY:
        return SEK_CLASS_MEMORY;
    case WIRELESS:
        return SEK_CLASS_WIRELESS;
    default:
        return SEK_CLASS_ASIC;
    }
}

/* USB-IF, Defined Class Codes: the class of many a device stands only in its interfaces. */
static enum sek_class usb_class(const struct linux_search *search, const char *folder)
{
    enum { WIRELESS = 0xe0 };
    unsigned long value = 0;

    return read_hex(search, folder, "bDeviceClass", &value) && value == WIRELESS
               ? SEK_CLASS_WIRELESS
               : SEK_CLASS_NONE;
}

/* ---- Folders with an entry per device ---- */

static const struct folder {
    const char *kind; /* how its parts' names begin */
    const char *path;
    const char *proof;          /* a file that an entry has, if it is such a part */
    const char *before, *after; /* around the entry's path: what is to be read */
    const char *format;
    enum sek_class component_class;
    enum sek_class (*class_of)(const struct linux_search *search, const char *folder);
} folders[] = {
    {"pci", "/sys/bus/pci/devices", "vendor", "sysfs:pci:", "", "linux-sysfs", SEK_CLASS_NONE,
     pci_class},
    {"vpd", "/sys/bus/pci/devices", "vpd", "", "/vpd", "pci-vpd", SEK_CLASS_NONE, pci_class},
    {"usb", "/sys/bus/usb/devices", "idVendor", "sysfs:usb:", "", "linux-sysfs", SEK_CLASS_NONE,
     usb_class},
    {"nor", "/sys/bus/spi/devices", "spi-nor/jedec_id", "sysfs:spi-nor:", "/spi-nor", "linux-sysfs",
     SEK_CLASS_FLASH, NULL},
    {"spi", "/sys/bus/spi/devices", "eeprom", "", "/eeprom", NULL, SEK_CLASS_NONE, NULL},
    {"nvme", "/sys/class/nvme", "model", "sysfs:nvme:", "", "linux-sysfs", SEK_CLASS_STORAGE, NULL},
    {"mmc", "/sys/bus/mmc/devices", "cid", "sysfs:mmc:", "", "linux-sysfs", SEK_CLASS_STORAGE,
     NULL},
    {"scsi", "/sys/bus/scsi/devices", "model", "sysfs:scsi:", "", "linux-sysfs", SEK_CLASS_STORAGE,
     NULL},
    {"phy", "/sys/bus/mdio_bus/devices", "phy_id", "sysfs:phy:", "", "linux-sysfs", SEK_CLASS_PHY,
     NULL},
    {"bmc", "/sys/bus/platform/devices", "manufacturer_id", "sysfs:ipmi:", "", "linux-sysfs",
     SEK_CLASS_MCU, NULL},
    {"soc", "/sys/bus/soc/devices", "soc_id", "sysfs:soc:", "", "linux-sysfs", SEK_CLASS_ASIC,
     NULL},
};

/* A hub that the kernel makes of a USB controller is no part: it tells the kernel's own name. */
static bool is_root_hub(const char *entry)
{
    return strncmp(entry, "usb", 3) == 0;
}

static void add_entry(struct linux_search *search, const struct folder *folder, const char *entry)
{
    struct linux_part part = {.format = folder->format, .component_class = folder->component_class};
    char own[LINUX_PATH_MAX], path[LINUX_PATH_MAX];

    if (linux_path(own, "", folder->path, entry) != SEK_OK ||
        linux_path(path, search->root, own, folder->proof) != SEK_OK) {
        search->parts->overflow = true;
        return;
    }
    if (access(path, F_OK) != 0 || (strcmp(folder->kind, "usb") == 0 && is_root_hub(entry)))
        return;
    if (folder->class_of)
        part.component_class = folder->class_of(search, own);
    linux_parts_text(search, part.path, sizeof part.path, "%s%s%s", folder->before, own,
                     folder->after);
    linux_parts_text(search, part.location, sizeof part.location, "%s/%s", folder->kind, entry);
    linux_parts_add(search, folder->kind, entry, &part);
}

static void search_folder(struct linux_search *search, const struct folder *folder)
{
    char path[LINUX_PATH_MAX];
    DIR *entries;
    const struct dirent *entry;

    if (linux_path(path, search->root, folder->path, "") != SEK_OK)
        return;
    entries = opendir(path);
    while (entries && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.')
            add_entry(search, folder, entry->d_name);
    }
    if (entries)
        closedir(entries);
}

/* ---- Things of which there is one ---- */

static const struct single {
    const char *name;
    const char *proof; /* a file or folder that is there, if there is such a part */
    const char *path;
    const char *format;
    enum sek_class component_class;
} singles[] = {
    {"smbios", "/sys/firmware/dmi/tables/DMI", "/sys/firmware/dmi/tables/DMI", "smbios",
     SEK_CLASS_PRODUCT},
    {"device-tree", "/proc/device-tree/compatible", "/proc/device-tree/compatible", "dt-compatible",
     SEK_CLASS_NONE},
    {"cpu", "/sys/devices/system/cpu", "sysfs:cpu:/sys/devices/system/cpu", "linux-sysfs",
     SEK_CLASS_NONE},
    {"acpi", "/sys/bus/acpi/devices", "sysfs:acpi:/sys/bus/acpi/devices", "linux-sysfs",
     SEK_CLASS_NONE},
};

static void search_singles(struct linux_search *search)
{
    char path[LINUX_PATH_MAX];

    for (size_t i = 0; i < SEK_LEN(singles); i++) {
        struct linux_part part = {.format = singles[i].format,
                                  .component_class = singles[i].component_class};

        if (linux_path(path, search->root, singles[i].proof, "") != SEK_OK ||
            access(path, F_OK) != 0)
            continue;
        linux_parts_text(search, part.path, sizeof part.path, "%s", singles[i].path);
        linux_parts_text(search, part.location, sizeof part.location, "%s", singles[i].proof);
        linux_parts_add(search, singles[i].name, "", &part);
    }
}

/* ---- MTD partitions that hold a TlvInfo record by custom ---- */

static void search_mtd(struct linux_search *search)
{
    static const char *const names[] = {"TLV", "tlv", "hwinfo", "onie-tlv"};
    char path[LINUX_PATH_MAX], name[ENTRY_LEN];
    DIR *entries;
    const struct dirent *entry;

    if (linux_path(path, search->root, "/sys/class/mtd", "") != SEK_OK)
        return;
    entries = opendir(path);
    while (entries && (entry = readdir(entries)) != NULL) {
        struct linux_part part = {.component_class = SEK_CLASS_NONE};
        char own[LINUX_PATH_MAX];

        if (strncmp(entry->d_name, "mtd", 3) != 0 ||
            linux_path(own, "", "/sys/class/mtd", entry->d_name) != SEK_OK ||
            linux_path(path, search->root, own, "name") != SEK_OK ||
            linux_read_text(path, name, sizeof name) != SEK_OK)
            continue;
        for (size_t i = 0; i < SEK_LEN(names); i++) {
            if (strcmp(name, names[i]) != 0 || strstr(entry->d_name, "ro"))
                continue;
            linux_parts_text(search, part.path, sizeof part.path, "/dev/%sro", entry->d_name);
            linux_parts_text(search, part.location, sizeof part.location, "mtd/%s", entry->d_name);
            linux_parts_add(search, "mtd", name, &part);
        }
    }
    if (entries)
        closedir(entries);
}

/* ---- Network interfaces, and the modules in them ---- */

/* The port's number on its device: what the driver calls it, else its number if it is not the
 * first; "" for the first. */
static void port_of(const struct linux_search *search, const char *folder, char port[NUMBER_LEN])
{
    char path[LINUX_PATH_MAX];

    if (linux_path(path, search->root, folder, "phys_port_name") == SEK_OK &&
        linux_read_text(path, port, NUMBER_LEN) == SEK_OK && port[0])
        return;
    if (linux_path(path, search->root, folder, "dev_port") == SEK_OK &&
        linux_read_text(path, port, NUMBER_LEN) == SEK_OK && strcmp(port, "0") != 0)
        return;
    port[0] = '\0';
}

static void add_interface(struct linux_search *search, const char *interface)
{
    struct linux_part part = {.format = "linux-sysfs", .component_class = SEK_CLASS_NIC};
    char folder[LINUX_PATH_MAX], path[LINUX_PATH_MAX], device[ENTRY_LEN], port[NUMBER_LEN],
        place[ENTRY_LEN + NUMBER_LEN + 2];

    if (linux_path(folder, "", "/sys/class/net", interface) != SEK_OK ||
        linux_path(path, search->root, folder, "device") != SEK_OK ||
        linux_link_name(path, device, sizeof device) != SEK_OK)
        return; /* made by the kernel alone */
    port_of(search, folder, port);
    snprintf(place, sizeof place, port[0] ? "%s-%s" : "%s", device, port);
    if (linux_parts_has(search, "net", place)) /* drivers that number no ports */
        snprintf(place, sizeof place, "%s-%.*s", device, NUMBER_LEN, interface);
    linux_parts_text(search, part.path, sizeof part.path, "sysfs:net:%s", folder);
    linux_parts_text(search, part.location, sizeof part.location, "net/%s", interface);
    linux_parts_add(search, "net", place, &part);
    if (linux_module_read(interface, NULL, 0, NULL) == SEK_ERR_UNSUPPORTED)
        return;
    part.format = NULL;
    part.component_class = SEK_CLASS_TRANSCEIVER;
    linux_parts_text(search, part.path, sizeof part.path, "module:%s", interface);
    linux_parts_add(search, "module", place, &part);
}

static void search_interfaces(struct linux_search *search)
{
    char path[LINUX_PATH_MAX];
    DIR *entries;
    const struct dirent *entry;

    if (linux_path(path, search->root, "/sys/class/net", "") != SEK_OK)
        return;
    entries = opendir(path);
    while (entries && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.')
            add_interface(search, entry->d_name);
    }
    if (entries)
        closedir(entries);
}

void linux_parts_find(const char *root, struct linux_parts *parts)
{
    struct linux_search search = {root, parts};

    parts->count = 0;
    parts->overflow = false;
    for (size_t i = 0; i < SEK_LEN(folders); i++)
        search_folder(&search, &folders[i]);
    search_singles(&search);
    search_mtd(&search);
    search_interfaces(&search);
    linux_parts_i2c(&search);
}
