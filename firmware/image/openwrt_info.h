/* What OpenWrt's firmware says of itself: metadata in JSON. Source: OpenWrt,
 * include/image-commands.mk and scripts/json_add_image_info.py. */
#ifndef SEK_IMAGE_OPENWRT_INFO_H
#define SEK_IMAGE_OPENWRT_INFO_H

#include "image/image.h"

/* Reads the version, cleaned (empty: none). SEK_ERR_MALFORMED: fault says where. */
SEK_CHECKED enum sek_status openwrt_info_read(struct sek_bytes json,
                                              char version[SEK_VERSION_MAX + 1],
                                              struct sek_fault *fault);

#endif
