#define _GNU_SOURCE
#include "hal/linux/module.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the driver says to a question of ethtool. */
static enum sek_status ask(int fd, const char *interface, void *question, enum sek_status otherwise)
{
    struct ifreq request = {.ifr_data = question};

    memcpy(request.ifr_name, interface, strlen(interface));
    if (ioctl(fd, SIOCETHTOOL, &request) == 0)
        return SEK_OK;
    return errno == EOPNOTSUPP                 ? SEK_ERR_UNSUPPORTED
           : errno == EPERM || errno == EACCES ? SEK_ERR_DENIED
           : errno == ENODEV                   ? SEK_ERR_NOT_FOUND
                                               : otherwise;
}

static enum sek_status read_module(int fd, const char *interface, uint8_t *buf, size_t cap,
                                   size_t *len)
{
    struct ethtool_modinfo info = {.cmd = ETHTOOL_GMODULEINFO};
    union {
        struct ethtool_eeprom head;
        uint8_t room[sizeof(struct ethtool_eeprom) + LINUX_MODULE_MAX];
    } eeprom;
    enum sek_status status = ask(fd, interface, &info, SEK_ERR_ABSENT);

    if (status != SEK_OK || cap == 0)
        return status;
    if (info.eeprom_len == 0)
        return SEK_ERR_IO;
    if (info.eeprom_len > cap || info.eeprom_len > LINUX_MODULE_MAX)
        return SEK_ERR_NO_SPACE;
    memset(&eeprom, 0, sizeof eeprom);
    eeprom.head.cmd = ETHTOOL_GMODULEEEPROM;
    eeprom.head.len = info.eeprom_len;
    status = ask(fd, interface, &eeprom, SEK_ERR_IO);
    if (status == SEK_OK && eeprom.head.len != info.eeprom_len)
        status = SEK_ERR_IO;
    if (status != SEK_OK)
        return status;
    memcpy(buf, eeprom.room + sizeof eeprom.head, info.eeprom_len);
    *len = info.eeprom_len;
    return SEK_OK;
}

enum sek_status linux_module_read(const char *interface, uint8_t *buf, size_t cap, size_t *len)
{
    enum sek_status status;
    int fd;

    if (strlen(interface) >= IFNAMSIZ)
        return SEK_ERR_NOT_FOUND;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return SEK_ERR_IO;
    status = read_module(fd, interface, buf, cap, len);
    close(fd);
    return status;
}
