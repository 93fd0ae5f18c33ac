/* RSA keys that others can find the private half of, by their modulus alone. */
#ifndef SEK_BENCH_STORE_WEAK_KEYS_H
#define SEK_BENCH_STORE_WEAK_KEYS_H

#include "base/reader.h"

#include <stdio.h>

/* What is to be said of a key by itself, or NULL: primes of Infineon's RSALib (ROCA,
 * CVE-2017-15361, by its fingerprint) or primes so close together that Fermat's method finds them
 * (CVE-2022-26320). Of keys other than RSA nothing is said. */
const char *store_weak_key(struct sek_bytes spki);

/* Prints a line for every two keys of a tree (public-key, or a certificate's) whose moduli have one
 * prime in common, named by file; returns how many. At most 1,000 moduli are held against each
 * other: a note says so if there are more. */
size_t store_shared_primes(const char *file, const void *dtb, FILE *out);

#endif
