#include "boards/bench/reference/list.h"

enum sek_digest_alg list_digest_by_len(size_t len)
{
    static const enum sek_digest_alg algs[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                               SEK_DIGEST_SHA512};

    for (size_t i = 0; i < SEK_LEN(algs); i++) {
        if (sek_digest_len(algs[i]) == len)
            return algs[i];
    }
    return SEK_DIGEST_NONE;
}

bool list_unhex(const char *text, size_t len, enum sek_digest_alg *alg, uint8_t out[SEK_DIGEST_MAX])
{
    *alg = len % 2 == 0 ? list_digest_by_len(len / 2) : SEK_DIGEST_NONE;
    for (size_t i = 0; *alg != SEK_DIGEST_NONE && i < len; i++) {
        char c = text[i];
        int nibble = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'a' && c <= 'f' ? c - 'a' + 10
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                            : -1;

        if (nibble < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 == 0 ? nibble << 4 : out[i / 2] | nibble);
    }
    return *alg != SEK_DIGEST_NONE;
}
