/* Mbed TLS as the agent uses it: digests, signature verification, one P-256 device key, requests
 * and certificates. Random numbers come from the board (mbedtls_psa_external_get_random). */
#ifndef SEK_SETUP_MBEDTLS_DEVICE_H
#define SEK_SETUP_MBEDTLS_DEVICE_H

#include "boards/setup/mbedtls_common.h"

#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C /* one static pool, handed in at the composition root */
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_MPI_MAX_SIZE 512 /* bytes: RSA-4096 */

#if defined(__arm__) && defined(__thumb__)
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#endif

#endif
