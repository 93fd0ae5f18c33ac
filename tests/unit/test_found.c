/* Parts that Linux finds, in a folder that stands for the root: each channel, the way to EEPROMs
 * behind multiplexers, names that stay, what may not be read, and tables that are too small. */
/* link: -Wl,--wrap=ioctl */
#define _DEFAULT_SOURCE
#include "boards/linux/found.h"
#include "hal/linux/media.h"
#include "hal/linux/module.h"
#include "hal/linux/sysfs.h"
#include "tests/unit/root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- A driver with a module ---- */

static struct port {
    int info_errno, read_errno; /* 0: it answers */
    uint32_t eeprom_len, told_len;
} port;

static int ethtool(struct ifreq *request)
{
    struct ethtool_modinfo *info = (struct ethtool_modinfo *)request->ifr_data;
    struct ethtool_eeprom *eeprom = (struct ethtool_eeprom *)request->ifr_data;

    if (info->cmd == ETHTOOL_GMODULEINFO) {
        info->eeprom_len = port.eeprom_len;
        errno = port.info_errno;
        return port.info_errno ? -1 : 0;
    }
    assert_int_equal(eeprom->cmd, ETHTOOL_GMODULEEEPROM);
    assert_int_equal(eeprom->len, port.eeprom_len);
    for (uint32_t i = 0; i < eeprom->len; i++)
        eeprom->data[i] = (uint8_t)i;
    eeprom->len = port.told_len;
    errno = port.read_errno;
    return port.read_errno ? -1 : 0;
}

int __real_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
    return request == SIOCETHTOOL ? ethtool(argument) : __real_ioctl(fd, request, argument);
}

/* ---- A system ---- */

enum { PARTS = 32 };

static struct linux_part part[PARTS];
static struct sek_unit unit[PARTS], found[PARTS];
static struct sek_chip chip[4];

static int set_up(void **state)
{
    (void)state;
    port = (struct port){.info_errno = EOPNOTSUPP, .eeprom_len = 256, .told_len = 256};
    return root_make() ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return root_drop();
}

/* "name|path|location|format|class" of all parts, sorted as they are, a line each. */
static const char *search(void)
{
    static char lines[4096];
    struct linux_parts parts = {.part = part, .cap = PARTS};
    size_t len = 0;

    linux_parts_find(root, &parts);
    assert_false(parts.overflow);
    lines[0] = '\0';
    for (size_t i = 0; i < parts.count; i++)
        len +=
            (size_t)snprintf(lines + len, sizeof lines - len, "%s|%s|%s|%s|%s\n", part[i].name,
                             part[i].path, part[i].location, part[i].format ? part[i].format : "",
                             sek_class_name(part[i].component_class));
    return lines;
}

/* What the medium of a path says, as text without zeros. */
static enum sek_status read_path(const char *path, char text[LINUX_RECORD_MAX])
{
    struct linux_media media;
    struct sek_source *source = NULL;
    const struct hal_media_place place = {.path = path};
    enum sek_status status;

    linux_media_init(&media, root);
    status = media.base.open(&media.base, &place, &source);
    if (status != SEK_OK)
        return status;
    assert_int_equal(sek_source_read(source, 0, text, (size_t)source->size), SEK_OK);
    text[source->size] = '\0';
    media.base.close(&media.base);
    return SEK_OK;
}

/* ---- Channels ---- */

static void an_empty_system_has_no_parts(void **state)
{
    (void)state;
    assert_string_equal(search(), "");
}

static void make_cards(void)
{
    root_text("/sys/bus/pci/devices/0000:03:00.0/vendor", "0xfff0\n");
    root_text("/sys/bus/pci/devices/0000:03:00.0/device", "0x1234\n");
    root_text("/sys/bus/pci/devices/0000:03:00.0/subsystem_vendor", "0xfff1\n");
    root_text("/sys/bus/pci/devices/0000:03:00.0/subsystem_device", "0x0001\n");
    root_text("/sys/bus/pci/devices/0000:03:00.0/class", "0x020000\n");
    root_text("/sys/bus/pci/devices/0000:03:00.0/vpd", "VPD");
    root_text("/sys/bus/pci/devices/0000:00:1f.0/vendor", "0xfff0\n");
    root_text("/sys/bus/pci/devices/0000:00:1f.0/class", "0x060100\n");
}

static void cards_are_found_with_their_vital_product_data(void **state)
{
    char text[LINUX_RECORD_MAX];

    (void)state;
    make_cards();
    assert_string_equal(
        search(),
        "pci-0000.00.1f.0|sysfs:pci:/sys/bus/pci/devices/0000:00:1f.0|pci/0000:00:1f.0|linux-sysfs|"
        "asic\n"
        "pci-0000.03.00.0|sysfs:pci:/sys/bus/pci/devices/0000:03:00.0|pci/0000:03:00.0|linux-sysfs|"
        "nic\n"
        "vpd-0000.03.00.0|/sys/bus/pci/devices/0000:03:00.0/vpd|vpd/0000:03:00.0|pci-vpd|nic\n");
    assert_int_equal(read_path("sysfs:pci:/sys/bus/pci/devices/0000:03:00.0", text), SEK_OK);
    assert_string_equal(text, "linux-sysfs pci\nvendor=0xfff0\ndevice=0x1234\n"
                              "subsystem_vendor=0xfff1\nsubsystem_device=0x0001\n\n");
}

static void usb_devices_are_found_without_the_kernels_own_hubs(void **state)
{
    char text[LINUX_RECORD_MAX];

    (void)state;
    root_text("/sys/bus/usb/devices/usb1/idVendor", "1d6b\n");
    root_text("/sys/bus/usb/devices/1-1:1.0/bInterfaceClass", "03\n");
    root_text("/sys/bus/usb/devices/1-1.2/idVendor", "fff1\n");
    root_text("/sys/bus/usb/devices/1-1.2/idProduct", "0002\n");
    root_text("/sys/bus/usb/devices/1-1.2/product", "KU\nidVendor=1d6b\n");
    root_text("/sys/bus/usb/devices/1-1.2/bDeviceClass", "e0\n");
    assert_string_equal(
        search(),
        "usb-1-1.2|sysfs:usb:/sys/bus/usb/devices/1-1.2|usb/1-1.2|linux-sysfs|wireless\n");
    /* What a device calls itself cannot make a line of its own. */
    assert_int_equal(read_path("sysfs:usb:/sys/bus/usb/devices/1-1.2", text), SEK_OK);
    assert_string_equal(
        text, "linux-sysfs usb\nidVendor=fff1\nidProduct=0002\nproduct=KU idVendor=1d6b\n\n");
}

/* Adapter 11, a multiplexer at 77h, on its channel 0 one at 76h, on whose channel 5 a part is. */
static void make_multiplexers(void)
{
    root_link("/sys/bus/i2c/devices/i2c-80/mux_device", "../11-0077");
    root_link("/sys/bus/i2c/devices/11-0077/channel-0", "../../../devices/i2c-80");
    root_link("/sys/bus/i2c/devices/11-0077/channel-1", "../../../devices/i2c-81");
    root_link("/sys/bus/i2c/devices/i2c-85/mux_device", "../80-0076");
    root_link("/sys/bus/i2c/devices/80-0076/channel-5", "../../../devices/i2c-85");
    root_text("/sys/bus/i2c/devices/85-0050/eeprom", "in the port");
    root_text("/sys/bus/i2c/devices/11-0051/eeprom", "on the adapter");
}

static void eeproms_are_named_by_the_way_through_multiplexers(void **state)
{
    (void)state;
    make_multiplexers();
    root_text("/sys/bus/i2c/devices/i2c-PRP0001:00/eeprom", "by ACPI");
    root_text("/sys/bus/i2c/devices/0-0052/eeprom", "DIMM");
    root_link("/sys/bus/i2c/devices/0-0052/driver", "../../drivers/spd5118");
    assert_string_equal(
        search(),
        "i2c-0-52|/sys/bus/i2c/devices/0-0052/eeprom|i2c0:0x52||memory\n"
        "i2c-11-51|/sys/bus/i2c/devices/11-0051/eeprom|i2c11:0x51||none\n"
        "i2c-11-77.0-76.5-50|/sys/bus/i2c/devices/85-0050/eeprom|i2c11/77.0/76.5:0x50||none\n"
        "i2c-i2c-PRP0001.00|/sys/bus/i2c/devices/i2c-PRP0001:00/eeprom|i2c/i2c-PRP0001:00||none\n");
}

static void the_rest_of_the_channels(void **state)
{
    char text[LINUX_RECORD_MAX];

    (void)state;
    root_text("/sys/firmware/dmi/tables/DMI", "tables");
    root_put("/proc/device-tree/compatible", "kiso,kx\0", 8);
    root_text("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x480fd010\n");
    root_text("/sys/devices/system/cpu/cpu1/regs/identification/midr_el1", "0x480fd010\n");
    root_text("/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 2.0\nCPU implementer\t: 0x48\n"
                               "\nprocessor\t: 1\nCPU implementer\t: 0x48\n");
    root_text("/sys/bus/acpi/devices/KISO0001:00/hid", "KISO0001\n");
    root_text("/sys/bus/acpi/devices/PNP0A08:00/hid", "PNP0A08\n");
    root_text("/sys/bus/acpi/devices/PNP0A08:01/hid", "PNP0A08\n");
    root_text("/sys/bus/spi/devices/spi0.0/spi-nor/jedec_id", "7f4018\n");
    root_text("/sys/bus/spi/devices/spi1.0/eeprom", "on SPI");
    root_text("/sys/class/nvme/nvme0/model", "KISO KD\n");
    root_text("/sys/bus/mmc/devices/mmc0:0001/cid", "00\n");
    root_text("/sys/bus/scsi/devices/0:0:0:0/model", "KD\n");
    root_text("/sys/bus/mdio_bus/devices/1e650000.mdio-1:0d/phy_id", "0x01410dd1\n");
    root_text("/sys/bus/platform/devices/ipmi_bmc.0/manufacturer_id", "0x007ed9\n");
    root_text("/sys/bus/soc/devices/soc0/soc_id", "jep106:007f:1\n");
    root_text("/sys/class/mtd/mtd3/name", "TLV\n");
    root_text("/sys/class/mtd/mtd3ro/name", "TLV\n");
    root_text("/sys/class/mtd/mtd4/name", "rootfs\n");
    assert_string_equal(
        search(),
        "acpi|sysfs:acpi:/sys/bus/acpi/devices|/sys/bus/acpi/devices|linux-sysfs|none\n"
        "bmc-ipmi_bmc.0|sysfs:ipmi:/sys/bus/platform/devices/ipmi_bmc.0|bmc/ipmi_bmc.0|linux-sysfs|"
        "mcu\n"
        "cpu|sysfs:cpu:/sys/devices/system/cpu|/sys/devices/system/cpu|linux-sysfs|none\n"
        "device-tree|/proc/device-tree/compatible|/proc/device-tree/compatible|dt-compatible|none\n"
        "mmc-mmc0.0001|sysfs:mmc:/sys/bus/mmc/devices/mmc0:0001|mmc/mmc0:0001|linux-sysfs|storage\n"
        "mtd-TLV|/dev/mtd3ro|mtd/mtd3||none\n"
        "nor-spi0.0|sysfs:spi-nor:/sys/bus/spi/devices/spi0.0/spi-nor|nor/spi0.0|linux-sysfs|"
        "flash\n"
        "nvme-nvme0|sysfs:nvme:/sys/class/nvme/nvme0|nvme/nvme0|linux-sysfs|storage\n"
        "phy-1e650000.mdio-1.0d|sysfs:phy:/sys/bus/mdio_bus/devices/1e650000.mdio-1:0d|"
        "phy/1e650000.mdio-1:0d|linux-sysfs|phy\n"
        "scsi-0.0.0.0|sysfs:scsi:/sys/bus/scsi/devices/0:0:0:0|scsi/0:0:0:0|linux-sysfs|storage\n"
        "smbios|/sys/firmware/dmi/tables/DMI|/sys/firmware/dmi/tables/DMI|smbios|product\n"
        "soc-soc0|sysfs:soc:/sys/bus/soc/devices/soc0|soc/soc0|linux-sysfs|asic\n"
        "spi-spi1.0|/sys/bus/spi/devices/spi1.0/eeprom|spi/spi1.0||none\n");
    assert_int_equal(read_path("sysfs:cpu:/sys/devices/system/cpu", text), SEK_OK);
    assert_string_equal(text, "linux-sysfs cpu\nmidr_el1=0x480fd010\nCPU implementer=0x48\n\n");
    assert_int_equal(read_path("sysfs:acpi:/sys/bus/acpi/devices", text), SEK_OK);
    assert_non_null(strstr(text, "hid=KISO0001\n"));
    assert_int_equal(strlen(text), strlen("linux-sysfs acpi\nhid=KISO0001\nhid=PNP0A08\n\n"));
}

/* ---- Interfaces and modules ---- */

static void make_interface(const char *name, const char *device, const char *file, const char *says)
{
    char path[128];

    snprintf(path, sizeof path, "/sys/class/net/%s/device", name);
    root_link(path, device);
    snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, file);
    root_text(path, says);
}

static void interfaces_are_named_by_their_device(void **state)
{
    char text[LINUX_RECORD_MAX];

    (void)state;
    make_cards();
    root_run("rm -r sys/bus/pci/devices/0000:00:1f.0 sys/bus/pci/devices/0000:03:00.0/vpd");
    root_text("/sys/class/net/lo/address", "00:00:00:00:00:00\n");
    make_interface("eth0", "../../../bus/pci/devices/0000:03:00.0", "address",
                   "02:5a:10:00:00:01\n");
    make_interface("swp1", "../../../devices/dsa0", "phys_port_name", "p1\n");
    make_interface("eth1", "../../../devices/many", "dev_port", "1\n");
    assert_string_equal(
        search(),
        "net-0000.03.00.0|sysfs:net:/sys/class/net/eth0|net/eth0|linux-sysfs|nic\n"
        "net-dsa0-p1|sysfs:net:/sys/class/net/swp1|net/swp1|linux-sysfs|nic\n"
        "net-many-1|sysfs:net:/sys/class/net/eth1|net/eth1|linux-sysfs|nic\n"
        "pci-0000.03.00.0|sysfs:pci:/sys/bus/pci/devices/0000:03:00.0|pci/0000:03:00.0|linux-sysfs|"
        "nic\n");
    assert_int_equal(read_path("sysfs:net:/sys/class/net/eth0", text), SEK_OK);
    assert_string_equal(text, "linux-sysfs net\nvendor=0xfff0\ndevice=0x1234\n"
                              "address=02:5a:10:00:00:01\n\n");
}

static void ports_that_no_driver_numbers_have_names_of_their_own(void **state)
{
    struct linux_parts parts = {.part = part, .cap = PARTS};

    (void)state;
    make_interface("eth0", "../../../devices/many", "dev_port", "0\n");
    make_interface("eth1", "../../../devices/many", "dev_port", "0\n");
    linux_parts_find(root, &parts);
    assert_false(parts.overflow);
    assert_int_equal(parts.count, 2);
    assert_string_equal(part[0].name, "net-many");
    assert_int_equal(strncmp(part[1].name, "net-many-eth", 12), 0);
}

static void modules_are_read_by_the_ports_driver(void **state)
{
    static const struct {
        const char *name;
        struct port port;
        bool found;
        enum sek_status status;
    } rows[] = {
        {"a module", {0, 0, 256, 256}, true, SEK_OK},
        {"one with all its pages", {0, 0, 640, 640}, true, SEK_OK},
        {"an empty port", {EIO, 0, 256, 256}, true, SEK_ERR_ABSENT},
        {"no port for modules", {EOPNOTSUPP, 0, 256, 256}, false, SEK_ERR_UNSUPPORTED},
        {"not allowed", {EPERM, 0, 256, 256}, true, SEK_ERR_DENIED},
        {"an interface that is gone", {ENODEV, 0, 256, 256}, true, SEK_ERR_NOT_FOUND},
        {"a module that fails", {0, EIO, 256, 256}, true, SEK_ERR_IO},
        {"a module that ends early", {0, 0, 256, 128}, true, SEK_ERR_IO},
        {"a module without bytes", {0, 0, 0, 0}, true, SEK_ERR_IO},
        {"a module that is too large", {0, 0, LINUX_MODULE_MAX + 1, 0}, true, SEK_ERR_NO_SPACE},
    };
    char text[LINUX_RECORD_MAX];

    (void)state;
    make_interface("eth0", "../../../devices/one", "dev_port", "0\n");
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        port = rows[i].port;
        if ((strstr(search(), "module-one|module:eth0|net/eth0||transceiver\n") != NULL) !=
            rows[i].found)
            fail_msg("%s: %s", rows[i].name, search());
        if (read_path("module:eth0", text) != rows[i].status)
            fail_msg("%s", rows[i].name);
    }
    port = rows[0].port;
    assert_int_equal(read_path("module:eth0", text), SEK_OK);
    assert_int_equal((uint8_t)text[255], 255);
    assert_int_equal(read_path("module:name-that-is-too-long", text), SEK_ERR_NOT_FOUND);
}

/* ---- What cannot be read, or not held ---- */

static void records_that_cannot_be_made(void **state)
{
    char text[64];
    size_t len = 0;

    (void)state;
    make_cards();
    assert_int_equal(linux_sysfs_record(root, "none", "/sys/bus/pci/devices/0000:03:00.0", text,
                                        sizeof text, &len),
                     SEK_ERR_UNSUPPORTED);
    assert_int_equal(
        linux_sysfs_record(root, "pci", "/sys/bus/pci/devices/none", text, sizeof text, &len),
        SEK_ERR_NOT_FOUND);
    assert_int_equal(
        linux_sysfs_record(root, "acpi", "/sys/bus/acpi/devices", text, sizeof text, &len),
        SEK_ERR_NOT_FOUND);
    for (size_t cap = 1; cap < 63; cap++) {
        char *exact = malloc(cap);

        assert_non_null(exact);
        assert_int_equal(
            linux_sysfs_record(root, "pci", "/sys/bus/pci/devices/0000:00:1f.0", exact, cap, &len),
            cap < sizeof "linux-sysfs pci\nvendor=0xfff0\n\n" ? SEK_ERR_NO_SPACE : SEK_OK);
        free(exact);
    }
}

static void a_file_that_may_not_be_read_is_told(void **state)
{
    bool is_root = geteuid() == 0; /* who may read everything cannot be refused */
    char text[LINUX_RECORD_MAX];

    (void)state;
    root_text("/sys/firmware/dmi/tables/DMI", "tables");
    make_cards();
    root_run("chmod 711 . && chmod 0400 sys/firmware/dmi/tables/DMI && "
             "chmod 0400 sys/bus/pci/devices/0000:03:00.0/vendor");
    assert_int_equal(is_root ? seteuid(65534) : 0, 0);
    assert_int_equal(read_path("/sys/firmware/dmi/tables/DMI", text), SEK_ERR_DENIED);
    assert_int_equal(read_path("sysfs:pci:/sys/bus/pci/devices/0000:03:00.0", text),
                     SEK_ERR_DENIED);
    assert_non_null(strstr(search(), "smbios|")); /* it is there all the same */
    assert_int_equal(is_root ? seteuid(0) : 0, 0);
}

static void more_parts_than_the_table_are_told(void **state)
{
    (void)state;
    make_cards();
    for (size_t cap = 0; cap < 4; cap++) {
        struct linux_parts parts = {.part = part, .cap = cap};

        linux_parts_find(root, &parts);
        assert_int_equal(parts.overflow, cap < 3);
    }
}

static void a_place_without_a_name_is_told(void **state)
{
    static const struct {
        const char *name, *command;
    } rows[] = {
        {"a multiplexer that names no channel", "rm sys/bus/i2c/devices/80-0076/channel-5"},
        {"a loop of multiplexers", "rm sys/bus/i2c/devices/i2c-80/mux_device && "
                                   "ln -s ../85-0077 sys/bus/i2c/devices/i2c-80/mux_device && "
                                   "mkdir sys/bus/i2c/devices/85-0077 && "
                                   "ln -s ../i2c-80 sys/bus/i2c/devices/85-0077/channel-0"},
        {"names that are the same when they are cleaned",
         "mkdir -p 'sys/class/nvme/a:b' 'sys/class/nvme/a;b' && echo K > sys/class/nvme/a:b/model "
         "&& echo K > 'sys/class/nvme/a;b/model'"},
        {"a name that is too long",
         "mkdir sys/class/nvme/nvme-with-a-name-that-is-too-long && "
         "echo K > sys/class/nvme/nvme-with-a-name-that-is-too-long/model"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct linux_parts parts = {.part = part, .cap = PARTS};

        make_multiplexers();
        root_text("/sys/class/nvme/none/serial", "");
        linux_parts_find(root, &parts);
        assert_false(parts.overflow);
        root_run(rows[i].command);
        linux_parts_find(root, &parts);
        if (!parts.overflow)
            fail_msg("%s", rows[i].name);
        assert_int_equal(root_drop(), 0);
        assert_true(root_make());
    }
}

/* ---- Beside a description ---- */

static void what_the_description_names_is_not_found_again(void **state)
{
    struct linux_parts parts = {.part = part, .cap = PARTS};
    const struct linux_finder finder = {.root = root, .found = &parts};
    struct sek_inventory inventory = {
        .unit = unit, .unit_count = 3, .chip = chip, .found = found, .found_cap = 3};

    (void)state;
    make_cards();
    make_multiplexers();
    root_text("/sys/class/mtd/mtd3/name", "TLV\n");
    unit[0] = (struct sek_unit){
        .name = "port1",
        .place = {.path = "/dev/i2c-85", .eeprom = true, .address = 0x50},
    };
    unit[1] =
        (struct sek_unit){.name = "psu1", .place = {.path = "/sys/bus/i2c/devices/11-0051/eeprom"}};
    unit[2] = (struct sek_unit){.name = "TLV", .place = {.partition = true}};
    linux_find(&finder.base, &inventory);
    assert_int_equal(inventory.found_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(found[i].found && found[i].optional);
        assert_ptr_equal(found[i].name, part[i + 3].name);
    }
    inventory.unit_count = 2; /* now TLV is one more than fits */
    linux_find(&finder.base, &inventory);
    assert_int_equal(inventory.found_count, 4);
    inventory.unit_count = 3;
    unit[1].name = "pci-0000.00.1f.0"; /* a name that a found part has */
    linux_find(&finder.base, &inventory);
    assert_int_equal(inventory.found_count, 4);
    unit[1].name = "psu1";
    chip[0] = (struct sek_chip){.name = "vpd-0000.03.00.0"};
    inventory.chip_count = 1;
    linux_find(&finder.base, &inventory);
    assert_int_equal(inventory.found_count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_system_has_no_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cards_are_found_with_their_vital_product_data, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(usb_devices_are_found_without_the_kernels_own_hubs, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(eeproms_are_named_by_the_way_through_multiplexers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_rest_of_the_channels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(interfaces_are_named_by_their_device, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ports_that_no_driver_numbers_have_names_of_their_own,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(modules_are_read_by_the_ports_driver, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_that_cannot_be_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_may_not_be_read_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_parts_than_the_table_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_without_a_name_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_description_names_is_not_found_again, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
