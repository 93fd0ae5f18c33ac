/* Functions of string.h that a C library for microcontrollers has in fast versions, in small ones:
 * newlib's strcmp alone takes 732 bytes on a Cortex-M4, its memcpy 1056 on a Cortex-A7. Source:
 * C11, 7.24. */
#include <stdint.h>
#include <string.h>

/* A loop that looks like one of these functions must not become a call of itself. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

size_t strlen(const char *text)
{
    const char *end = text;

    while (*end)
        end++;
    return (size_t)(end - text);
}

char *strchr(const char *text, int c)
{
    for (; *text != (char)c; text++) {
        if (!*text)
            return NULL;
    }
    return (char *)text;
}

void *memchr(const void *bytes, int c, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++) {
        if (at[i] == (unsigned char)c)
            return (void *)(at + i);
    }
    return NULL;
}

/* By words where both sides begin at one. */
void *memcpy(void *restrict out, const void *restrict from, size_t len)
{
    unsigned char *to = out;
    const unsigned char *at = from;

    if ((((uintptr_t)to | (uintptr_t)at) & 3) == 0) {
        for (; len >= 4; len -= 4, to += 4, at += 4)
            __builtin_memcpy(__builtin_assume_aligned(to, 4), __builtin_assume_aligned(at, 4), 4);
    }
    while (len-- > 0)
        *to++ = *at++;
    return out;
}
