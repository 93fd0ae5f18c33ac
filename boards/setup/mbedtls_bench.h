/* Mbed TLS as the bench uses it: what the agent has, several threads, and what an enrolling CA
 * needs (reading PEM keys and requests, writing certificates). */
#ifndef SEK_SETUP_MBEDTLS_BENCH_H
#define SEK_SETUP_MBEDTLS_BENCH_H

#include "boards/setup/mbedtls_common.h"

#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_X509_CSR_PARSE_C
#define MBEDTLS_X509_CRT_WRITE_C

#endif
