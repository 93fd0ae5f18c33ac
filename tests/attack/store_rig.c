#include "tests/attack/store_rig.h"

#include <stdlib.h>

enum { SCRATCH = 64 * 1024, PAYLOAD_AT = 0x800 };

struct fit_file store_rig_wrap(const uint8_t *payload, size_t len, const struct fit_key *key)
{
    struct fit_writer w;
    struct fit_file file;

    fit_init(&w);
    fit_begin(&w, "");
    fit_text(&w, "description", "Sekisho trust store");
    fit_u32(&w, "#address-cells", 1);
    fit_begin(&w, "images");
    fit_image(&w, "store", "flat_dt", payload, len, "sha256");
    fit_end(&w);
    fit_begin(&w, "configurations");
    fit_text(&w, "default", "store");
    fit_begin(&w, "store");
    fit_text(&w, "fdt", "store");
    fit_end(&w);
    fit_end(&w);
    fit_end(&w);
    if (key) {
        fit_add_signature(&w, "/configurations/store", "signature-1", "sha256", key, NULL,
                          "authority");
        fit_sign(&w, "/configurations/store/signature-1", key);
    }
    fit_make_external(&w, 8, PAYLOAD_AT);
    file = fit_write(&w);
    fit_free(&w);
    return file;
}

enum sek_status store_rig_open(struct sek_store *store, const struct fit_file *itb,
                               const struct fit_key *authority, uint32_t counter, sek_rule *rule)
{
    static _Alignas(8) uint8_t scratch[SCRATCH];
    struct sek_store_fault why;
    enum sek_status status =
        sek_store_open(store, (struct sek_bytes){itb->data, itb->len},
                       (struct sek_bytes){authority->spki, authority->spki_len}, counter, scratch,
                       sizeof scratch, &why);

    *rule = why.rule;
    return status;
}
