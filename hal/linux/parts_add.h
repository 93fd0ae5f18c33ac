/* What the files that look for parts share. */
#ifndef SEK_HAL_LINUX_PARTS_ADD_H
#define SEK_HAL_LINUX_PARTS_ADD_H

#include "hal/linux/parts.h"

struct linux_search {
    const char *root;
    struct linux_parts *parts;
};

/* Adds a part: its name is KIND-PLACE, with a dot for each character that a name may not have. */
void linux_parts_add(struct linux_search *search, const char *kind, const char *place,
                     const struct linux_part *part);

/* True if a part of this name is there already. */
bool linux_parts_has(const struct linux_search *search, const char *kind, const char *place);

/* Texts of a part; what does not fit is an overflow of the search. */
__attribute__((format(printf, 4, 5))) void linux_parts_text(struct linux_search *search, char *out,
                                                            size_t cap, const char *format, ...);

/* EEPROMs on I2C buses, also behind multiplexers: i2c.c. */
void linux_parts_i2c(struct linux_search *search);

#endif
