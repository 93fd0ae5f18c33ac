/* The widest word that this processor multiplies in one go, and the word that holds the product. */
#ifndef SEK_HAL_WORD_H
#define SEK_HAL_WORD_H

#include <stdint.h>

#ifdef __SIZEOF_INT128__
typedef uint64_t hal_word;
typedef unsigned __int128 hal_product;
#else
typedef uint32_t hal_word;
typedef uint64_t hal_product;
#endif

#endif
