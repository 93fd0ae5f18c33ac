/* What Linux' drivers say of devices, as one record. */
#include "tests/unit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD(group) "linux-sysfs " group "\n"

static const struct row {
    const char *name, *data, *line;
} rows[] = {
    {"a card",
     HEAD("pci") "vendor=0xfff0\ndevice=0x1234\nsubsystem_vendor=0xfff1\n"
                 "subsystem_device=0x0001\n\n",
     "pci=4293923380 subsys=4293984257"},
    {"a card without its lower half", HEAD("pci") "vendor=0xfff0\n\n", "pci=4293918720"},
    {"a lower half alone", HEAD("pci") "device=0x1234\n\n",
     "; damaged at 16: a number that is none"},
    {"a lower half of something else", HEAD("pci") "vendor=0xfff0\nsubsystem_device=0x0001\n\n",
     "pci=4293918720; damaged at 30: a number that is none"},
    {"a lower half twice", HEAD("pci") "vendor=0xfff0\ndevice=0x0001\ndevice=0x0002\n\n",
     "pci=4293918721; damaged at 44: a number that is none"},
    {"an upper half that is too long", HEAD("pci") "vendor=0x01fff0\n\n",
     "; damaged at 16: a number that is none"},
    {"a vendor that is no number", HEAD("pci") "vendor=Kiso\n\n",
     "; damaged at 16: a number that is none"},
    {"a USB device",
     HEAD("usb") "idVendor=fff1\nidProduct=0002\nmanufacturer=Kiso\nproduct=KU 1\nserial=U1\n\n",
     "usb=4293984258 maker=Kiso product=KU 1 serial=U1"},
    {"a flash chip", HEAD("spi-nor") "jedec_id=7f4018\nmanufacturer=kiso\npartname=kf128\n\n",
     "jedec=8339480 maker=kiso part=kf128"},
    {"a solid state disk", HEAD("nvme") "model=KISO KD   \nserial= D1 \nfirmware_rev=3\n\n",
     "product=KISO KD serial=D1 rev=3"},
    {"a memory card", HEAD("mmc") "name=KM32\nserial=0x0001\nfwrev=0x1\n\n",
     "product=KM32 serial=0x0001 rev=0x1"},
    {"a disk", HEAD("scsi") "vendor=KISO    \nmodel=KD\nrev=1\n\n", "vendor=KISO product=KD rev=1"},
    {"a PHY's prefix", HEAD("phy") "phy_id=0x01410dd1\n\n", "oui=005043"},
    {"a management controller", HEAD("ipmi") "manufacturer_id=0x007ed9\nfirmware_revision=1.4\n\n",
     "pen=32473 rev=1.4"},
    {"a system on a chip",
     HEAD("soc") "machine=Kiso KX\nfamily=jep106:007f\nsoc_id=jep106:007f:1\n\n",
     "product=Kiso KX product=jep106:007f part=jep106:007f:1"},
    {"an Arm core by its register", HEAD("cpu") "midr_el1=0x00000000480fd010\n\n", "midr=72"},
    {"an Arm core by its implementer", HEAD("cpu") "CPU implementer=0x48\n\n", "midr=72"},
    {"a processor by its name", HEAD("cpu") "vendor_id=GenuineKiso\nmodel name=KP 1\n\n",
     "maker=GenuineKiso product=KP 1"},
    {"an interface", HEAD("net") "vendor=0xfff0\ndevice=0x0001\naddress=02:5a:10:00:00:01\n\n",
     "pci=4293918721 mac=025a10000001"},
    {"an address that is short", HEAD("net") "address=02:5a:10:00:00\n\n",
     "; damaged at 16: a number that is none"},
    {"names of ACPI", HEAD("acpi") "hid=KISO0001\nhid=PNP0A08\n\n", "hid=KISO0001 pnp=PNP"},
    {"a key of another group", HEAD("pci") "serial=1\n\n", ""},
    {"an unknown group", HEAD("none") "vendor=0xfff0\n\n", ""},
    {"a line without a value", HEAD("usb") "serial\nproduct=KU\n\n",
     "product=KU; damaged at 16: a line without a value"},
    {"no end", HEAD("usb") "product=KU\n", "product=KU; damaged at 27: ends before its last line"},
    {"a head alone", "linux-sysfs usb", "; damaged at 15: ends before its last line"},
    {"more behind its end", HEAD("usb") "product=KU\n\nserial=1\n\n",
     "product=KU; damaged at 28: goes on behind its end"},
    {"something else", "linux-syste usb\n\n", "another format at 0: no linux-sysfs"},
};

static void it_says(void **state)
{
    const struct row *row = *state;
    struct record_result result;

    record_read((const uint8_t *)row->data, strlen(row->data), "linux-sysfs", 8, &result);
    if (strcmp(record_line(&result), row->line) != 0)
        fail_msg("\"%s\"", record_line(&result));
    record_drop(&result);
}

static void it_is_recognised_by_content(void **state)
{
    static const char card[] = HEAD("pci") "vendor=0xfff0\n\n";
    struct record_result result;

    (void)state;
    record_read((const uint8_t *)card, sizeof card - 1, NULL, 8, &result);
    assert_string_equal(record_line(&result), "pci=4293918720");
    record_drop(&result);
    record_read((const uint8_t *)card + 1, sizeof card - 2, NULL, 8, &result);
    assert_int_equal(result.status, SEK_ERR_NOT_THIS_FORMAT);
    record_drop(&result);
}

/* A flipped key or value says something else, which no sum can notice. */
static bool behind_the_head(size_t byte)
{
    return byte >= sizeof "linux-sysfs " - 1;
}

static void every_truncation_bit_and_table(void **state)
{
    static const char device[] =
        HEAD("usb") "idVendor=fff1\nidProduct=0002\nproduct=K\nserial=U1\n\n";
    static const char address[] = HEAD("net") "address=02:5a:10:00:00:01\n\n";

    (void)state;
    record_check_all((const uint8_t *)device, sizeof device - 1, "linux-sysfs", behind_the_head);
    record_check_all((const uint8_t *)address, sizeof address - 1, "linux-sysfs", behind_the_head);
}

static void decoded_bytes_need_room(void **state)
{
    static const char address[] = HEAD("net") "address=02:5a:10:00:00:01\n\n";
    struct sek_observation item[2];
    uint8_t text[6];

    (void)state;
    for (size_t cap = 0; cap <= sizeof text; cap++) {
        struct sek_part_claims claims = {.item = item, .cap = 2, .text = text, .text_cap = cap};

        assert_int_equal(
            sek_part_read((struct sek_bytes){(const uint8_t *)address, sizeof address - 1}, NULL,
                          &claims),
            cap < sizeof text ? SEK_ERR_NO_SPACE : SEK_OK);
    }
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(it_is_recognised_by_content),
        cmocka_unit_test(every_truncation_bit_and_table),
        cmocka_unit_test(decoded_bytes_need_room),
    };
    static struct CMUnitTest tests[SEK_LEN(fixed) + SEK_LEN(rows)];
    size_t n = SEK_LEN(fixed);

    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[n++] =
            (struct CMUnitTest){rows[i].name, it_says, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
