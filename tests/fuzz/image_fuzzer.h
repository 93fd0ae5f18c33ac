/* What every fuzzer of an image format does: any bytes as that format, and what must hold of the
 * claims whatever they are. */
#ifndef SEK_TESTS_FUZZ_IMAGE_FUZZER_H
#define SEK_TESTS_FUZZ_IMAGE_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/* Measures the bytes as a format of this name and as whatever they begin like. */
void image_fuzz(const char *format, const uint8_t *data, size_t size);

#endif
