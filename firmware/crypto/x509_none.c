/* For a board whose formats carry no certificates (its SIGNATURES do not name x509): none can be
 * read. */
#include "crypto/x509.h"

const bool sek_x509_available = false;

enum sek_status sek_x509_parse(struct sek_bytes der, struct sek_x509 *out)
{
    (void)der;
    (void)out;
    return SEK_ERR_UNSUPPORTED;
}

struct sek_sig_alg sek_x509_algorithm(struct sek_bytes identifier,
                                      enum sek_digest_alg hash_of_content)
{
    (void)identifier;
    (void)hash_of_content;
    return (struct sek_sig_alg){SEK_SCHEME_NONE, SEK_DIGEST_NONE, 0};
}

enum sek_digest_alg sek_x509_digest(struct sek_bytes identifier)
{
    (void)identifier;
    return SEK_DIGEST_NONE;
}

enum sek_status sek_x509_chain(struct sek_bytes signer, const struct sek_bytes *others,
                               size_t count, struct sek_bytes anchor, sek_day *from, sek_day *until)
{
    (void)signer;
    (void)others;
    (void)count;
    (void)anchor;
    (void)from;
    (void)until;
    return SEK_ERR_KEY;
}
