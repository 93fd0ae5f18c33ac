#define _POSIX_C_SOURCE 200809L
#include "hal/linux/sysfs.h"

#include "hal/linux/small_file.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_LEN = 256, FILES_MAX = 5 };

/* A file's key in the record is the last part of its path. */
static const struct group {
    const char *name;
    const char *file[FILES_MAX];
    bool each;         /* of each entry of the folder */
    const char *lines; /* a file of "KEY : VALUE" lines besides; NULL: none */
} groups[] = {
    {"pci", {"vendor", "device", "subsystem_vendor", "subsystem_device"}, false, NULL},
    {"usb", {"idVendor", "idProduct", "manufacturer", "product", "serial"}, false, NULL},
    {"spi-nor", {"jedec_id", "manufacturer", "partname"}, false, NULL},
    {"nvme", {"model", "serial", "firmware_rev"}, false, NULL},
    {"mmc", {"name", "serial", "fwrev"}, false, NULL},
    {"scsi", {"vendor", "model", "rev"}, false, NULL},
    {"phy", {"phy_id"}, false, NULL},
    {"ipmi", {"manufacturer_id", "firmware_revision"}, false, NULL},
    {"soc", {"machine", "family", "soc_id", "revision", "serial_number"}, false, NULL},
    {"net", {"device/vendor", "device/device", "address"}, false, NULL},
    {"cpu", {"regs/identification/midr_el1"}, true, "/proc/cpuinfo"},
    {"acpi", {"hid"}, true, NULL},
};

/* Of a "KEY : VALUE" file only these: it has numbers that change, too. */
static const char *const line_keys[] = {"CPU implementer", "vendor_id", "model name"};

struct record {
    char *text;
    size_t cap, len, lines;
};

static enum sek_status put(struct record *record, const char *key, const char *value)
{
    char line[VALUE_LEN + 32];
    int n = snprintf(line, sizeof line, "\n%s=%s\n", key, value);

    if (n < 0 || (size_t)n >= sizeof line)
        return SEK_ERR_NO_SPACE;
    record->lines++;
    record->text[record->len] = '\0';
    if (strstr(record->text, line)) /* said already */
        return SEK_OK;
    if ((size_t)n > record->cap - record->len)
        return SEK_ERR_NO_SPACE;
    memcpy(record->text + record->len, line + 1, (size_t)n - 1);
    record->len += (size_t)n - 1;
    return SEK_OK;
}

static enum sek_status put_file(struct record *record, const char *folder, const char *file)
{
    char path[LINUX_PATH_MAX], value[VALUE_LEN];
    const char *slash = strrchr(file, '/');
    enum sek_status status = linux_path(path, "", folder, file);

    if (status == SEK_OK)
        status = linux_read_text(path, value, sizeof value);
    if (status == SEK_ERR_NOT_FOUND)
        return SEK_OK;
    return status == SEK_OK ? put(record, slash ? slash + 1 : file, value) : status;
}

static enum sek_status put_files(struct record *record, const struct group *group,
                                 const char *folder)
{
    enum sek_status status = SEK_OK;

    for (size_t i = 0; status == SEK_OK && i < FILES_MAX && group->file[i]; i++)
        status = put_file(record, folder, group->file[i]);
    return status;
}

static enum sek_status put_each(struct record *record, const struct group *group,
                                const char *folder)
{
    DIR *entries = opendir(folder);
    enum sek_status status = entries ? SEK_OK : SEK_ERR_NOT_FOUND;
    const struct dirent *entry;
    char path[LINUX_PATH_MAX];

    while (status == SEK_OK && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        status = linux_path(path, "", folder, entry->d_name);
        if (status == SEK_OK)
            status = put_files(record, group, path);
    }
    if (entries)
        closedir(entries);
    return status;
}

/* "KEY\t: VALUE"; other lines say nothing. */
static enum sek_status put_line(struct record *record, char *line)
{
    char *colon = strchr(line, ':'), *value;
    size_t len;

    if (!colon || strlen(colon) > VALUE_LEN)
        return SEK_OK;
    for (len = (size_t)(colon - line); len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t');)
        len--;
    line[len] = '\0';
    value = colon + 1 + strspn(colon + 1, " \t");
    value[strcspn(value, "\n")] = '\0';
    for (size_t i = 0; i < SEK_LEN(line_keys); i++) {
        if (strcmp(line, line_keys[i]) == 0)
            return put(record, line, value);
    }
    return SEK_OK;
}

static enum sek_status put_lines(struct record *record, const char *root, const char *file)
{
    char path[LINUX_PATH_MAX], line[2 * VALUE_LEN];
    enum sek_status status = linux_path(path, root, file, "");
    FILE *lines = status == SEK_OK ? fopen(path, "re") : NULL;

    while (lines && status == SEK_OK && fgets(line, sizeof line, lines))
        status = put_line(record, line);
    if (lines)
        fclose(lines);
    return status;
}

static enum sek_status fill(struct record *record, const struct group *group, const char *root,
                            const char *folder)
{
    char path[LINUX_PATH_MAX];
    enum sek_status status = linux_path(path, root, folder, "");

    if (status == SEK_OK)
        status = group->each ? put_each(record, group, path) : put_files(record, group, path);
    if (status == SEK_OK && group->lines)
        status = put_lines(record, root, group->lines);
    if (status == SEK_OK && record->lines == 0)
        status = SEK_ERR_NOT_FOUND;
    return status;
}

enum sek_status linux_sysfs_record(const char *root, const char *group, const char *folder,
                                   char *record, size_t cap, size_t *len)
{
    for (size_t i = 0; i < SEK_LEN(groups); i++) {
        struct record made = {.text = record, .cap = cap};
        enum sek_status status;
        int n;

        if (strcmp(groups[i].name, group) != 0)
            continue;
        n = snprintf(record, cap, "linux-sysfs %s\n", group);
        if (n < 0 || (size_t)n >= cap)
            return SEK_ERR_NO_SPACE;
        made.len = (size_t)n;
        made.cap = cap - 1; /* for its end */
        status = fill(&made, &groups[i], root, folder);
        if (status != SEK_OK)
            return status;
        record[made.len++] = '\n';
        *len = made.len;
        return SEK_OK;
    }
    return SEK_ERR_UNSUPPORTED;
}
