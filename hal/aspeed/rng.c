#include "hal/aspeed/rng.h"

#include "hal/aspeed/mmio.h"

/* Both cut-offs assume 4 bits of entropy in a byte, half of what the generator should give, and
 * fail a good one once in 2^30 samples. */
enum {
    REPEATED_MAX = 3, /* equal words in a row: 1 + 30 / 16 */
    WINDOW = 512,     /* bytes */
    HITS_MAX = 71,    /* binomial(512, 1/16) stays below this but for 2^-30 */
    FIRST_WORDS = 1024 / 4,
};

static void test_proportion(struct aspeed_rng *rng, uint8_t byte)
{
    if (rng->seen == 0) {
        rng->first = byte;
        rng->hit = 0;
    }
    rng->hit = (uint16_t)(rng->hit + (byte == rng->first));
    rng->seen = (uint16_t)((rng->seen + 1) % WINDOW);
    if (rng->hit >= HITS_MAX)
        rng->broken = true;
}

static uint32_t draw(struct aspeed_rng *rng)
{
    uint32_t word = aspeed_get(rng->at);

    rng->repeated = rng->started && word == rng->last ? (uint8_t)(rng->repeated + 1) : 1;
    if (rng->repeated >= REPEATED_MAX)
        rng->broken = true;
    rng->last = word;
    rng->started = true;
    for (unsigned i = 0; i < 4; i++)
        test_proportion(rng, (uint8_t)(word >> 8 * i));
    return word;
}

static enum sek_status rng_read(struct hal_entropy *base, void *buf, size_t len)
{
    struct aspeed_rng *rng = (struct aspeed_rng *)base;
    uint8_t *out = buf;

    for (size_t i = 0; i < len && !rng->broken; i += 4) {
        uint32_t word = draw(rng);

        for (size_t k = 0; k < 4 && i + k < len; k++)
            out[i + k] = (uint8_t)(word >> 8 * k);
    }
    return rng->broken ? SEK_ERR_CRYPTO : SEK_OK;
}

void aspeed_rng_start(struct aspeed_rng *rng, uintptr_t at)
{
    *rng = (struct aspeed_rng){.base = {rng_read}, .at = at};
    for (unsigned i = 0; i < FIRST_WORDS; i++)
        (void)draw(rng);
}
