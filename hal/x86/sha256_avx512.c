#include "hal/x86/sha256_avx512.h"

#if defined(__x86_64__)

#include "hal/x86/sha256_constants.h"

#include <immintrin.h>
#include <sys/platform/x86.h>

#define TARGET  __attribute__((target("avx512f,avx512bw")))
#define INLINED TARGET __attribute__((always_inline)) static inline

enum {
    COLUMNS = HAL_SHA256_MANY, /* 32-bit words of a vector */
    BLOCK = 64,                /* bytes */
    STATE_WORDS = 8,
    ROUNDS = 64,
    XOR3 = 0x96,     /* truth tables of VPTERNLOGD: a ^ b ^ c, */
    CHOOSE = 0xca,   /* a ? b : c, */
    MAJORITY = 0xe8, /* what two of three say */
};

bool x86_has_avx512(void)
{
    return CPU_FEATURE_ACTIVE(AVX512F) && CPU_FEATURE_ACTIVE(AVX512BW);
}

INLINED __m512i add(__m512i a, __m512i b)
{
    return _mm512_add_epi32(a, b);
}

/* The four functions of 4.1.2 that turn and shift. */
INLINED __m512i upper_sigma0(__m512i x)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, 2), _mm512_ror_epi32(x, 13),
                                     _mm512_ror_epi32(x, 22), XOR3);
}

INLINED __m512i upper_sigma1(__m512i x)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, 6), _mm512_ror_epi32(x, 11),
                                     _mm512_ror_epi32(x, 25), XOR3);
}

INLINED __m512i lower_sigma0(__m512i x)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, 7), _mm512_ror_epi32(x, 18),
                                     _mm512_srli_epi32(x, 3), XOR3);
}

INLINED __m512i lower_sigma1(__m512i x)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, 17), _mm512_ror_epi32(x, 19),
                                     _mm512_srli_epi32(x, 10), XOR3);
}

/* Rows become columns: word j of row i goes to word i of row j. */
INLINED void transpose(__m512i r[COLUMNS])
{
    __m512i t[COLUMNS];

    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

/* One block of every stream: w holds its sixteen words. The roles a to h move by one register a
 * round, so that nothing is copied. */
INLINED void compress(__m512i state[STATE_WORDS], __m512i w[16])
{
    __m512i v[STATE_WORDS];

    for (int i = 0; i < STATE_WORDS; i++)
        v[i] = state[i];
#pragma GCC unroll 64
    for (unsigned r = 0; r < ROUNDS; r++) {
        __m512i a = v[(0 - r) % 8], b = v[(1 - r) % 8], c = v[(2 - r) % 8];
        __m512i e = v[(4 - r) % 8], f = v[(5 - r) % 8], g = v[(6 - r) % 8], h = v[(7 - r) % 8];
        __m512i input = add(w[r % 16], _mm512_set1_epi32((int)constants[r]));
        __m512i t1 =
            add(add(h, upper_sigma1(e)), add(_mm512_ternarylogic_epi32(e, f, g, CHOOSE), input));
        __m512i t2 = add(upper_sigma0(a), _mm512_ternarylogic_epi32(a, b, c, MAJORITY));

        v[(3 - r) % 8] = add(v[(3 - r) % 8], t1);
        v[(7 - r) % 8] = add(t1, t2);
        if (r < ROUNDS - 16)
            w[r % 16] = add(add(w[r % 16], lower_sigma0(w[(r + 1) % 16])),
                            add(w[(r + 9) % 16], lower_sigma1(w[(r + 14) % 16])));
    }
    for (int i = 0; i < STATE_WORDS; i++)
        state[i] = add(state[i], v[i]);
}

TARGET void x86_sha256_columns(const struct hal_sha256_lane *lane, size_t count, size_t blocks)
{
    const __m512i big_endian =
        _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    uint32_t words[STATE_WORDS][COLUMNS] __attribute__((aligned(64)));
    __m512i state[STATE_WORDS];

    for (size_t i = 0; i < COLUMNS; i++) /* columns without a stream repeat the first */
        for (size_t k = 0; k < STATE_WORDS; k++)
            words[k][i] = lane[i < count ? i : 0].state[k];
    for (size_t k = 0; k < STATE_WORDS; k++)
        state[k] = _mm512_load_si512(words[k]);
    for (size_t block = 0; block < blocks; block++) {
        __m512i w[COLUMNS];

        for (size_t i = 0; i < COLUMNS; i++)
            w[i] = _mm512_shuffle_epi8(
                _mm512_loadu_si512(lane[i < count ? i : 0].data + BLOCK * block), big_endian);
        transpose(w);
        compress(state, w);
    }
    for (size_t k = 0; k < STATE_WORDS; k++)
        _mm512_store_si512(words[k], state[k]);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < STATE_WORDS; k++)
            lane[i].state[k] = words[k][i];
}

#endif
