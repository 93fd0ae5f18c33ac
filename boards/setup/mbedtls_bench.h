/* Mbed TLS 3.6 on the technician's workstation and in the tests: all that a device has, and
 *   threads, the C library's malloc (unless a pool is handed over), PEM, private keys,
 *   requests read and certificates written, texts for errors. */
#ifndef SEK_SETUP_MBEDTLS_BENCH_H
#define SEK_SETUP_MBEDTLS_BENCH_H

#include "boards/setup/mbedtls_device.h"

#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD

/* Mbed TLS's own readers of keys and certificates, RSA's among them. */
#define PSA_WANT_ALG_RSA_PKCS1V15_SIGN        1
#define PSA_WANT_ALG_RSA_PSS                  1
#define PSA_WANT_KEY_TYPE_RSA_PUBLIC_KEY      1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_BASIC  1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_IMPORT 1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_EXPORT 1

#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CSR_WRITE_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_PEM_WRITE_C
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_X509_CSR_PARSE_C
#define MBEDTLS_X509_CRT_WRITE_C
#define MBEDTLS_ERROR_C

#endif
