/* The EEPROM of a module that is plugged into a network port, by the port's driver (ethtool). */
#ifndef SEK_HAL_LINUX_MODULE_H
#define SEK_HAL_LINUX_MODULE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum { LINUX_MODULE_MAX = 1024 }; /* bytes; SFF-8636 with all its pages has 640 */

/* Reads what the module in the port of this interface says of itself (SFF-8472, SFF-8636 or CMIS,
 * lower and upper page 00h first). cap 0: only asks whether there is one.
 *
 * SEK_ERR_UNSUPPORTED: no port for modules. SEK_ERR_DENIED: needs CAP_NET_ADMIN. SEK_ERR_ABSENT:
 * no module. SEK_ERR_NOT_FOUND: no such interface. SEK_ERR_NO_SPACE: more than cap or than
 * LINUX_MODULE_MAX. SEK_ERR_IO. Source: linux/ethtool.h, ETHTOOL_GMODULEINFO, _GMODULEEEPROM. */
SEK_CHECKED enum sek_status linux_module_read(const char *interface, uint8_t *buf, size_t cap,
                                              size_t *len);

#endif
