/* Mbed TLS 3.6 on a device: what the agent needs, through PSA, and nothing else. Serves as
 * MBEDTLS_CONFIG_FILE and as MBEDTLS_PSA_CRYPTO_CONFIG_FILE (the second inclusion is empty).
 *
 * Verify: ECDSA P-256 and P-384, SHA-256/384/512. Sign: ECDSA with the device key. RSA, keys and
 * certificates are read by our own code: firmware/crypto/rsa.h, spki.h, x509.h.
 * Memory: one static pool, which main.c hands to mbedtls_memory_buffer_alloc_init before anything
 * else; without it every allocation fails, and so does every verification. 4 KiB hold one P-384
 * verification, 8 KiB one beside a parsed chain.
 * Randomness: mbedtls_psa_external_get_random, which the board defines over hal/entropy.h. */
#ifndef SEK_SETUP_MBEDTLS_DEVICE_H
#define SEK_SETUP_MBEDTLS_DEVICE_H

/* Platform: no files, no time, no stdio, no malloc. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#ifndef SEK_SETUP_MBEDTLS_BENCH_H
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_EXIT_MACRO(status) __builtin_trap() /* the heap is damaged: stop here */
#endif

/* PSA. Without ASSUME_EXCLUSIVE_BUFFERS it copies each input into the heap first. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8

#define PSA_WANT_ALG_SHA_256                    1
#define PSA_WANT_ALG_SHA_384                    1
#define PSA_WANT_ALG_SHA_512                    1
#define PSA_WANT_ALG_ECDSA                      1
#define PSA_WANT_ECC_SECP_R1_256                1
#define PSA_WANT_ECC_SECP_R1_384                1
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY        1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_BASIC    1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_IMPORT   1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_EXPORT   1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_GENERATE 1

#define MBEDTLS_ECP_NIST_OPTIM

/* Beside PSA: what it is made of, and the writer of a request's DER. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_MD_C

/* ARMv8 has SHA instructions; Mbed TLS asks the processor at run time. Thumb boards save flash. */
#if defined(__aarch64__)
#define MBEDTLS_SHA256_USE_ARMV8_A_CRYPTO_IF_PRESENT
#define MBEDTLS_SHA512_USE_A64_CRYPTO_IF_PRESENT
#elif defined(__thumb__) && !defined(__linux__)
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_ECP_WINDOW_SIZE       2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#endif

#endif
