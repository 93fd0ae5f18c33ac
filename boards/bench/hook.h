/* The digest hook of the processor that the bench runs on. */
#ifndef SEK_BENCH_HOOK_H
#define SEK_BENCH_HOOK_H

#include "hal/digest.h"

/* The processor's SHA extensions, or NULL. */
const struct hal_digest *bench_digest_hook(void);

/* The same for who digests many streams at once. */
const struct hal_digest *bench_digest_hook_many(void);

#endif
