/* The engine's answers, remembered: a mutant whose change lies elsewhere asks nothing new. For
 * programs that are linked with -Wl,--wrap=sek_verify_digest. */
#include "crypto/verify.h"
#include "trust/store.h"

#include <stdbool.h>
#include <string.h>

enum { KEPT = 256 };

enum sek_status __real_sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                         struct sek_bytes digest, struct sek_bytes signature);
enum sek_status __wrap_sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                         struct sek_bytes digest, struct sek_bytes signature);

struct answer {
    bool known;
    struct sek_sig_alg alg;
    uint8_t spki[640], digest[SEK_DIGEST_MAX], signature[SEK_SIGNATURE_MAX];
    size_t spki_len, digest_len, signature_len;
    enum sek_status status;
};

static bool equal(const uint8_t *kept, size_t kept_len, struct sek_bytes asked)
{
    return kept_len == asked.len && memcmp(kept, asked.data, asked.len) == 0;
}

static bool keep(uint8_t *kept, size_t cap, size_t *kept_len, struct sek_bytes asked)
{
    if (asked.len == 0 || asked.len > cap)
        return false;
    memcpy(kept, asked.data, asked.len);
    *kept_len = asked.len;
    return true;
}

enum sek_status __wrap_sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                         struct sek_bytes digest, struct sek_bytes signature)
{
    static struct answer answers[KEPT];
    struct answer *answer =
        &answers[(sek_fnv1a(digest) ^ sek_fnv1a(signature) ^ sek_fnv1a(spki)) % KEPT];

    if (answer->known && answer->alg.scheme == alg->scheme && answer->alg.hash == alg->hash &&
        answer->alg.key_bits == alg->key_bits && equal(answer->spki, answer->spki_len, spki) &&
        equal(answer->digest, answer->digest_len, digest) &&
        equal(answer->signature, answer->signature_len, signature))
        return answer->status;
    answer->alg = *alg;
    answer->status = __real_sek_verify_digest(alg, spki, digest, signature);
    answer->known =
        keep(answer->spki, sizeof answer->spki, &answer->spki_len, spki) &&
        keep(answer->digest, sizeof answer->digest, &answer->digest_len, digest) &&
        keep(answer->signature, sizeof answer->signature, &answer->signature_len, signature);
    return answer->status;
}
