#include "boards/bench/store/weak_keys.h"

#include "boards/bench/store/store.h"
#include "crypto/spki.h"
#include "crypto/x509.h"

#include <libfdt.h>
#include <mbedtls/bignum.h>

#include <stdlib.h>
#include <string.h>

enum {
    FERMAT_ROUNDS = 100,
    MODULI_MAX = 1000,
    PATH_LEN = 320,
};

/* ---- One key ---- */

static unsigned remainder_of(struct sek_bytes number, unsigned by)
{
    unsigned rest = 0;

    for (size_t i = 0; i < number.len; i++)
        rest = (rest * 256 + number.data[i]) % by;
    return rest;
}

/* RSALib's primes are powers of 65537 modulo many small primes, and so are their products. By
 * chance that holds for one modulus in 2^27. Source: Nemec et al., The Return of Coppersmith's
 * Attack, CCS 2017, 2.3. */
static bool is_of_rsalib(struct sek_bytes modulus)
{
    static const uint8_t primes[] = {11, 13, 17,  19,  37,  53,  61,  71, 73,
                                     79, 97, 103, 107, 109, 127, 151, 157};

    for (size_t i = 0; i < sizeof primes; i++) {
        unsigned rest = remainder_of(modulus, primes[i]), power = 1, steps = 0;

        while (power != rest && steps++ < primes[i])
            power = power * (65537 % primes[i]) % primes[i];
        if (power != rest)
            return false;
    }
    return true;
}

/* root = the square root of n, rounded down; by Newton's method from above. */
static int square_root(mbedtls_mpi *root, const mbedtls_mpi *n)
{
    mbedtls_mpi next;
    int error;

    mbedtls_mpi_init(&next);
    error = mbedtls_mpi_lset(root, 1);
    if (error == 0)
        error = mbedtls_mpi_shift_l(root, mbedtls_mpi_bitlen(n) / 2 + 1);
    while (error == 0) {
        error = mbedtls_mpi_div_mpi(&next, NULL, n, root);
        if (error == 0)
            error = mbedtls_mpi_add_mpi(&next, &next, root);
        if (error == 0)
            error = mbedtls_mpi_shift_r(&next, 1);
        if (error != 0 || mbedtls_mpi_cmp_mpi(&next, root) >= 0)
            break;
        mbedtls_mpi_swap(root, &next);
    }
    mbedtls_mpi_free(&next);
    return error;
}

static int is_square(const mbedtls_mpi *n, bool *yes)
{
    mbedtls_mpi root;
    int error;

    mbedtls_mpi_init(&root);
    error = square_root(&root, n);
    if (error == 0)
        error = mbedtls_mpi_mul_mpi(&root, &root, &root);
    *yes = error == 0 && mbedtls_mpi_cmp_mpi(&root, n) == 0;
    mbedtls_mpi_free(&root);
    return error;
}

/* n = a^2 - b^2 for an a at or just above the root of n: then a - b and a + b are its primes. */
static int has_close_primes(const mbedtls_mpi *n, bool *yes)
{
    mbedtls_mpi a, rest;
    int error;

    mbedtls_mpi_init(&a);
    mbedtls_mpi_init(&rest);
    error = is_square(n, yes);
    if (error == 0)
        error = square_root(&a, n);
    for (int round = 0; error == 0 && !*yes && round < FERMAT_ROUNDS; round++) {
        error = mbedtls_mpi_add_int(&a, &a, 1);
        if (error == 0)
            error = mbedtls_mpi_mul_mpi(&rest, &a, &a);
        if (error == 0)
            error = mbedtls_mpi_sub_mpi(&rest, &rest, n);
        if (error == 0)
            error = is_square(&rest, yes);
    }
    mbedtls_mpi_free(&a);
    mbedtls_mpi_free(&rest);
    return error;
}

const char *store_weak_key(struct sek_bytes spki)
{
    const char *why = NULL;
    struct sek_spki key;
    mbedtls_mpi n;
    bool close = false;

    if (sek_spki_parse(spki, &key) != SEK_OK || !key.rsa)
        return NULL;
    if (is_of_rsalib(key.modulus))
        return "was made by Infineon's RSALib (ROCA, CVE-2017-15361): it can be factored";
    mbedtls_mpi_init(&n);
    if (mbedtls_mpi_read_binary(&n, key.modulus.data, key.modulus.len) != 0 ||
        has_close_primes(&n, &close) != 0)
        why = "cannot be looked at for close primes: no memory";
    else if (close)
        why = "has primes that lie close together (CVE-2022-26320): it can be factored";
    mbedtls_mpi_free(&n);
    return why;
}

/* ---- All keys of a tree ---- */

struct modulus {
    mbedtls_mpi n;
    int node;
};

struct moduli {
    struct modulus item[MODULI_MAX];
    size_t count, left_out;
};

static bool modulus_of(const void *dtb, int node, struct sek_spki *key)
{
    struct sek_x509 crt;
    int len;
    const uint8_t *data = fdt_getprop(dtb, node, "public-key", &len);

    if (data)
        return sek_spki_parse((struct sek_bytes){data, (size_t)len}, key) == SEK_OK && key->rsa;
    data = fdt_getprop(dtb, node, "certificate", &len);
    return data && sek_x509_parse((struct sek_bytes){data, (size_t)len}, &crt) == SEK_OK &&
           sek_spki_parse(crt.spki, key) == SEK_OK && key->rsa;
}

static bool collect(const void *dtb, struct moduli *all)
{
    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(dtb, node, &depth)) {
        struct sek_spki key;

        if (!modulus_of(dtb, node, &key))
            continue;
        if (all->count == MODULI_MAX) {
            all->left_out++;
            continue;
        }
        all->item[all->count].node = node;
        mbedtls_mpi_init(&all->item[all->count].n);
        if (mbedtls_mpi_read_binary(&all->item[all->count++].n, key.modulus.data,
                                    key.modulus.len) != 0)
            return false;
    }
    return true;
}

/* The product of all moduli before this one that differ from it, modulo it: its greatest common
 * divisor with it is 1 unless one of them shares a prime. */
static int product_before(const struct moduli *all, size_t own, mbedtls_mpi *product)
{
    const mbedtls_mpi *n = &all->item[own].n;
    int error = mbedtls_mpi_lset(product, 1);

    for (size_t i = 0; error == 0 && i < own; i++) {
        if (mbedtls_mpi_cmp_mpi(&all->item[i].n, n) == 0)
            continue; /* one key twice is no secret found */
        error = mbedtls_mpi_mul_mpi(product, product, &all->item[i].n);
        if (error == 0)
            error = mbedtls_mpi_mod_mpi(product, product, n);
    }
    return error;
}

static int share(const mbedtls_mpi *a, const mbedtls_mpi *b, bool *yes)
{
    mbedtls_mpi divisor;
    int error;

    mbedtls_mpi_init(&divisor);
    error = mbedtls_mpi_gcd(&divisor, a, b);
    *yes = error == 0 && mbedtls_mpi_cmp_int(&divisor, 1) != 0;
    mbedtls_mpi_free(&divisor);
    return error;
}

static size_t name_pairs(const char *file, const void *dtb, const struct moduli *all, size_t own,
                         FILE *out)
{
    char first[PATH_LEN], second[PATH_LEN];
    size_t found = 0;

    for (size_t i = 0; i < own; i++) {
        bool yes;

        if (mbedtls_mpi_cmp_mpi(&all->item[i].n, &all->item[own].n) == 0 ||
            share(&all->item[i].n, &all->item[own].n, &yes) != 0 || !yes)
            continue;
        fprintf(out, "%s: %s and %s: their keys share a prime: both can be factored\n", file,
                store_path(dtb, all->item[i].node, first, sizeof first),
                store_path(dtb, all->item[own].node, second, sizeof second));
        found++;
    }
    return found;
}

size_t store_shared_primes(const char *file, const void *dtb, FILE *out)
{
    struct moduli *all = calloc(1, sizeof *all);
    size_t found = 0;
    mbedtls_mpi product;
    bool whole = all && collect(dtb, all), yes;

    mbedtls_mpi_init(&product);
    for (size_t own = 1; whole && own < all->count; own++) {
        whole = product_before(all, own, &product) == 0 &&
                share(&product, &all->item[own].n, &yes) == 0;
        if (whole && yes)
            found += name_pairs(file, dtb, all, own, out);
    }
    mbedtls_mpi_free(&product);
    if (!whole) {
        fprintf(out, "%s: /: keys cannot be held against each other: no memory\n", file);
        found++;
    } else if (all->left_out > 0) {
        fprintf(out, "%s: warning: /: %zu RSA keys more than are looked at for shared primes\n",
                file, all->left_out);
    }
    for (size_t i = 0; all && i < all->count; i++)
        mbedtls_mpi_free(&all->item[i].n);
    free(all);
    return found;
}
