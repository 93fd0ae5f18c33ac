#include "hal/x86/sha256_ni.h"

#if defined(__x86_64__)

#include "hal/x86/sha256_avx512.h"
#include "hal/x86/sha256_constants.h"

#include <immintrin.h>
#include <string.h>
#include <sys/platform/x86.h>

#define TARGET  __attribute__((target("sha,sse4.1,ssse3")))
#define INLINED TARGET __attribute__((always_inline)) static inline

enum {
    BLOCK = 64,    /* bytes */
    MANY_FROM = 11 /* streams: 16 columns cost as much as 10 streams two by two */
};

/* A stream in registers, its words in the order that SHA256RNDS2 wants them. */
struct stream {
    __m128i abef, cdgh;
    __m128i w[4]; /* the last 16 words of the message schedule, 4 a vector */
};

INLINED __m128i load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

INLINED void load_state(struct stream *s, const uint32_t *state)
{
    __m128i cdab = _mm_shuffle_epi32(load(state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(load(state + 4), 0x1b);

    s->abef = _mm_alignr_epi8(cdab, efgh, 8);
    s->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

INLINED void store_state(const struct stream *s, uint32_t *state)
{
    __m128i feba = _mm_shuffle_epi32(s->abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(s->cdgh, 0xb1);

    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

INLINED void load_block(struct stream *s, const uint8_t *data)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    for (int i = 0; i < 4; i++)
        s->w[i] = _mm_shuffle_epi8(load(data + 16 * i), big_endian);
}

/* Rounds 4 * quad to 4 * quad + 3. */
INLINED void rounds(struct stream *s, int quad)
{
    __m128i sum = _mm_add_epi32(s->w[quad % 4], load(constants + 4 * quad));

    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

/* Replaces the words of a quad by those of four quads later. */
INLINED void schedule(struct stream *s, int quad)
{
    __m128i w1 = s->w[(quad + 1) % 4], w2 = s->w[(quad + 2) % 4], w3 = s->w[(quad + 3) % 4];
    __m128i sum =
        _mm_add_epi32(_mm_sha256msg1_epu32(s->w[quad % 4], w1), _mm_alignr_epi8(w3, w2, 4));

    s->w[quad % 4] = _mm_sha256msg2_epu32(sum, w3);
}

INLINED void quad_one(struct stream *s, int quad)
{
    rounds(s, quad);
    if (quad < 12)
        schedule(s, quad);
}

INLINED void quad_two(struct stream *a, struct stream *b, int quad)
{
    rounds(a, quad);
    rounds(b, quad);
    if (quad < 12) {
        schedule(a, quad);
        schedule(b, quad);
    }
}

TARGET static void sha256(const struct hal_sha256_lane *lane)
{
    struct stream s;

    load_state(&s, lane->state);
    for (size_t i = 0; i < lane->blocks; i++) {
        __m128i abef = s.abef, cdgh = s.cdgh;

        load_block(&s, lane->data + BLOCK * i);
#pragma GCC unroll 16
        for (int quad = 0; quad < 16; quad++)
            quad_one(&s, quad);
        s.abef = _mm_add_epi32(s.abef, abef);
        s.cdgh = _mm_add_epi32(s.cdgh, cdgh);
    }
    store_state(&s, lane->state);
}

/* The rest of a lane behind its first blocks. */
static struct hal_sha256_lane rest(const struct hal_sha256_lane *lane, size_t blocks)
{
    return (struct hal_sha256_lane){
        .state = lane->state, .data = lane->data + BLOCK * blocks, .blocks = lane->blocks - blocks};
}

/* SHA256RNDS2 takes 4 cycles and each waits for the one before; a second stream fills the gaps. */
TARGET static void sha256_pair(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    size_t common = a->blocks < b->blocks ? a->blocks : b->blocks;
    struct hal_sha256_lane rest_a = rest(a, common), rest_b = rest(b, common);
    struct stream s, t;

    load_state(&s, a->state);
    load_state(&t, b->state);
    for (size_t i = 0; i < common; i++) {
        __m128i s_abef = s.abef, s_cdgh = s.cdgh, t_abef = t.abef, t_cdgh = t.cdgh;

        load_block(&s, a->data + BLOCK * i);
        load_block(&t, b->data + BLOCK * i);
#pragma GCC unroll 16
        for (int quad = 0; quad < 16; quad++)
            quad_two(&s, &t, quad);
        s.abef = _mm_add_epi32(s.abef, s_abef);
        s.cdgh = _mm_add_epi32(s.cdgh, s_cdgh);
        t.abef = _mm_add_epi32(t.abef, t_abef);
        t.cdgh = _mm_add_epi32(t.cdgh, t_cdgh);
    }
    store_state(&s, a->state);
    store_state(&t, b->state);
    if (rest_a.blocks > 0)
        sha256(&rest_a);
    if (rest_b.blocks > 0)
        sha256(&rest_b);
}

/* Columns while there are enough streams that go on, then two by two. */
static void sha256_many(const struct hal_sha256_lane *lanes, size_t count)
{
    struct hal_sha256_lane lane[HAL_SHA256_MANY];

    memcpy(lane, lanes, count * sizeof *lane);
    for (;;) {
        size_t live = 0, common = SIZE_MAX;

        for (size_t i = 0; i < count; i++)
            if (lane[i].blocks > 0)
                lane[live++] = lane[i];
        count = live;
        if (count < MANY_FROM)
            break;
        for (size_t i = 0; i < count; i++)
            common = lane[i].blocks < common ? lane[i].blocks : common;
        x86_sha256_columns(lane, count, common);
        for (size_t i = 0; i < count; i++)
            lane[i] = rest(&lane[i], common);
    }
    for (size_t i = 0; i + 1 < count; i += 2)
        sha256_pair(&lane[i], &lane[i + 1]);
    if (count % 2)
        sha256(&lane[count - 1]);
}

/* glibc has asked the processor already, and each CPUID costs microseconds in a virtual machine. */
const struct hal_digest *hal_x86_digest(void)
{
    static const struct hal_digest hook = {
        .name = "x86 SHA extensions",
        .sha256 = sha256,
        .sha256_pair = sha256_pair,
    };
    bool has = CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSSE3) && CPU_FEATURE_ACTIVE(SSE4_1);

    return has ? &hook : NULL;
}

const struct hal_digest *hal_x86_digest_many(void)
{
    static const struct hal_digest hook = {
        .name = "x86 SHA extensions and AVX-512",
        .sha256 = sha256,
        .sha256_pair = sha256_pair,
        .many_from = MANY_FROM,
        .sha256_many = sha256_many,
    };

    return hal_x86_digest() && x86_has_avx512() ? &hook : hal_x86_digest();
}

#else

const struct hal_digest *hal_x86_digest(void)
{
    return NULL;
}

const struct hal_digest *hal_x86_digest_many(void)
{
    return NULL;
}

#endif
