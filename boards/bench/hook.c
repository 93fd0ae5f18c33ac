#include "boards/bench/hook.h"

#include "hal/x86/sha256_ni.h"

const struct hal_digest *bench_digest_hook(void)
{
    return hal_x86_digest();
}

const struct hal_digest *bench_digest_hook_many(void)
{
    return hal_x86_digest_many();
}
