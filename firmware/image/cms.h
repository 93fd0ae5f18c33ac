/* CMS SignedData (RFC 5652), as image formats carry it: one signer, signed attributes, certificates
 * that lead to a supplier's CA. Strict DER; whatever a lax reader would pass over is malformed.
 *
 * What the signer signs is the list of attributes, and one of them is the digest of the content: so
 * a format makes the content an image whose hash is that digest. */
#ifndef SEK_IMAGE_CMS_H
#define SEK_IMAGE_CMS_H

#include "image/image.h"

enum {
    SEK_CMS_MAX = 65535,     /* bytes: what our DER reader takes */
    SEK_CMS_CERTIFICATES = 8 /* carried along by the signer */
};

enum sek_cms_content {
    SEK_CMS_DETACHED,     /* id-data; the content is elsewhere */
    SEK_CMS_ATTACHED,     /* id-data; an OCTET STRING */
    SEK_CMS_AUTHENTICODE, /* SpcIndirectDataContent */
};

struct sek_cms {
    struct sek_bytes content; /* attached: what the digest is over; borrowed from der */
    enum sek_digest_alg hash;
    struct sek_bytes digest; /* of the content, as signed; borrowed from der */
};

/* Reads a SignedData and adds its signature to a statement. der must be in the image's memory,
 * where it stays; it must end where it ends. On failure a fault of the claims is set, where offset
 * counts from at (where der lies in the medium): SEK_ERR_MALFORMED; SEK_ERR_UNSUPPORTED (another
 * content type than SignedData: encrypted); SEK_ERR_NO_SPACE.
 *
 * Exactly one signer, found among the certificates; signedAttrs there, each attribute once, content
 * type and message digest among them; content as wanted. Unsigned attributes, CRLs and signing time
 * are passed over. */
SEK_CHECKED enum sek_status sek_cms_add(struct sek_image *image, struct sek_bytes der, uint64_t at,
                                        enum sek_cms_content want, size_t statement,
                                        struct sek_cms *out);

/* True if a SignedData carries its content. False also of what is none. */
bool sek_cms_is_attached(struct sek_bytes der);

/* For content that lies in memory and that the format acts upon: unless it is what was signed, the
 * last signature added verifies under no key. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_cms_bind(struct sek_image *image, const struct sek_cms *cms,
                                         struct sek_bytes content);

/* Makes [offset, offset + size) of the medium an image that a CMS signature covers by its digest.
 */
SEK_CHECKED enum sek_status sek_cms_cover(struct sek_image *image, const struct sek_cms *cms,
                                          struct sek_image_claim *claim, size_t statement);

#endif
