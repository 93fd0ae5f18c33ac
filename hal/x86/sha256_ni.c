/* Rounds by SHA256RNDS2, schedule by SHA256MSG1/MSG2 (Intel SDM volume 2). The processor keeps the
 * state as ABEF and CDGH. One stream waits for its own results most of the time; two streams in one
 * loop fill those waits. */
#include "hal/x86/sha256_ni.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE TARGET static inline __attribute__((always_inline))

static const uint32_t k[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

struct lane {
    __m128i abef, cdgh; /* state */
    __m128i w[4];       /* sixteen words of the schedule */
    __m128i abef_save, cdgh_save;
};

INLINE void load_state(struct lane *lane, const uint32_t *state)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)state);        /* DCBA */
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(state + 4)); /* HGFE */

    low = _mm_shuffle_epi32(low, 0xb1);   /* CDAB */
    high = _mm_shuffle_epi32(high, 0x1b); /* EFGH */
    lane->abef = _mm_alignr_epi8(low, high, 8);
    lane->cdgh = _mm_blend_epi16(high, low, 0xf0);
}

INLINE void store_state(const struct lane *lane, uint32_t *state)
{
    __m128i feba = _mm_shuffle_epi32(lane->abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(lane->cdgh, 0xb1);

    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

INLINE void load_block(struct lane *lane, const uint8_t *data)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);

    for (int i = 0; i < 4; i++)
        lane->w[i] =
            _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i)), swap);
    lane->abef_save = lane->abef;
    lane->cdgh_save = lane->cdgh;
}

/* Four rounds: group g of 16. From the fourth group on, also the next words of the schedule. */
INLINE void rounds(struct lane *lane, int g)
{
    __m128i *w = lane->w;
    __m128i wk =
        _mm_add_epi32(w[g % 4], _mm_load_si128((const __m128i *)(const void *)(k + 4 * g)));

    lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, wk);
    lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(wk, 0x0e));
    if (g < 12) {
        __m128i next = _mm_sha256msg1_epu32(w[g % 4], w[(g + 1) % 4]);

        next = _mm_add_epi32(next, _mm_alignr_epi8(w[(g + 3) % 4], w[(g + 2) % 4], 4));
        w[g % 4] = _mm_sha256msg2_epu32(next, w[(g + 3) % 4]);
    }
}

INLINE void end_block(struct lane *lane)
{
    lane->abef = _mm_add_epi32(lane->abef, lane->abef_save);
    lane->cdgh = _mm_add_epi32(lane->cdgh, lane->cdgh_save);
}

TARGET static void sha256_one(const struct hal_sha256_lane *in)
{
    struct lane lane;
    const uint8_t *data = in->data;

    load_state(&lane, in->state);
    for (size_t n = in->blocks; n > 0; n--, data += 64) {
        load_block(&lane, data);
#pragma GCC unroll 16
        for (int g = 0; g < 16; g++)
            rounds(&lane, g);
        end_block(&lane);
    }
    store_state(&lane, in->state);
}

TARGET static void sha256_pair(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    size_t both = a->blocks < b->blocks ? a->blocks : b->blocks;
    const uint8_t *data_a = a->data, *data_b = b->data;
    struct lane lane_a, lane_b;

    load_state(&lane_a, a->state);
    load_state(&lane_b, b->state);
    for (size_t n = both; n > 0; n--, data_a += 64, data_b += 64) {
        load_block(&lane_a, data_a);
        load_block(&lane_b, data_b);
#pragma GCC unroll 16
        for (int g = 0; g < 16; g++) {
            rounds(&lane_a, g);
            rounds(&lane_b, g);
        }
        end_block(&lane_a);
        end_block(&lane_b);
    }
    store_state(&lane_a, a->state);
    store_state(&lane_b, b->state);
    sha256_one(&(struct hal_sha256_lane){a->state, data_a, a->blocks - both});
    sha256_one(&(struct hal_sha256_lane){b->state, data_b, b->blocks - both});
}

static const struct hal_digest hook = {
    .name = "x86 SHA extensions",
    .sha256 = sha256_one,
    .sha256_pair = sha256_pair,
};

const struct hal_digest *hal_x86_digest(void)
{
    unsigned eax, ebx, ecx, edx;

    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_SSE4_1) || !(ecx & bit_SSSE3))
        return NULL;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & bit_SHA))
        return NULL;
    return &hook;
}

#else

const struct hal_digest *hal_x86_digest(void)
{
    return NULL;
}

#endif
