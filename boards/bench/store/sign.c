#define _XOPEN_SOURCE 700
/* Signing of stores and work orders: mkimage does it, with the key in a folder; what comes out is
 * opened before it is kept. */
#include "boards/bench/files.h"
#include "boards/bench/store/determinations.h"
#include "boards/bench/store/signer.h"
#include "boards/bench/store/store.h"
#include "trust/container.h"
#include "trust/order.h"

#include <libfdt.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TREE_MAX = 64 * 1024, /* bytes of the container without its payload */
    ERROR_MAX = 512,
};

/* All names in it are ours: nothing that a caller chose reaches mkimage's source. */
static bool write_its(const char *path, const struct store_seal *seal,
                      const struct store_signer *signer)
{
    char text[1024];
    int len = snprintf(
        text, sizeof text,
        "/dts-v1/;\n/ {\n\tdescription = \"Sekisho %s\";\n\t#address-cells = <1>;\n"
        "\timages {\n\t\t%s {\n\t\t\tdescription = \"Sekisho %s\";\n"
        "\t\t\tdata = /incbin/(\"payload.dtb\");\n\t\t\ttype = \"flat_dt\";\n"
        "\t\t\tcompression = \"none\";\n\t\t\thash-1 { algo = \"sha256\"; };\n\t\t};\n\t};\n"
        "\tconfigurations {\n\t\tdefault = \"%s\";\n\t\t%s {\n\t\t\tfdt = \"%s\";\n"
        "\t\t\tsignature-1 {\n\t\t\t\talgo = \"%s\";\n%s"
        "\t\t\t\tkey-name-hint = \"%s\";\n\t\t\t\tsign-images = \"fdt\";\n"
        "\t\t\t};\n\t\t};\n\t};\n};\n",
        seal->name, seal->name, seal->name, seal->name, seal->name, seal->name, signer->algo,
        signer->rsa ? "\t\t\t\tpadding = \"pkcs-1.5\";\n" : "", seal->key);

    return bench_write_file(path, text, (size_t)len, 0600) == SEK_OK;
}

/* Names in the folder where mkimage works: it hands file names to a shell, so that none that the
 * caller chose may reach it. */
struct work {
    char dir[64], its[96], dtb[96], itb[96];
};

static bool make_work(struct work *work)
{
    snprintf(work->dir, sizeof work->dir, "/tmp/sekisho-sign-XXXXXX");
    if (!mkdtemp(work->dir))
        return false;
    snprintf(work->its, sizeof work->its, "%s/signed.its", work->dir);
    snprintf(work->dtb, sizeof work->dtb, "%s/payload.dtb", work->dir);
    snprintf(work->itb, sizeof work->itb, "%s/signed.itb", work->dir);
    return true;
}

static void remove_work(const struct work *work)
{
    unlink(work->its);
    unlink(work->dtb);
    unlink(work->itb);
    rmdir(work->dir);
}

static bool run_mkimage(const struct work *work, const struct store_keys *keys, const char *payload)
{
    char *argv[] = {
        (char *)"mkimage", (char *)"-E",
        (char *)"-B",      (char *)"8",
        (char *)"-f",      (char *)work->its,
        (char *)"-k",      (char *)(keys->token ? keys->token : keys->folder),
        (char *)work->itb, (char *)(keys->token ? "-N" : NULL), /* getopt takes it there, too */
        (char *)"pkcs11",  NULL};
    char error[ERROR_MAX];
    int status = store_run(argv, NULL, error, sizeof error);

    if (status != 0)
        bench_fail(false, 0, 0, "%s: mkimage (package u-boot-tools) does not sign it: %s", payload,
                   error[0] ? error : "no message");
    return status == 0;
}

/* Opens what was signed, with the key that should have signed it, and writes it to out. */
static bool keep(const struct work *work, const struct store_seal *seal,
                 const struct store_signer *signer, const char *out)
{
    static _Alignas(8) uint8_t tree[TREE_MAX];
    const struct sek_bytes spki = {signer->spki, signer->spki_len};
    struct sek_container container = {.spki = &spki, .count = 1};
    struct sek_store_fault why;
    uint8_t *itb = NULL;
    size_t len;
    bool ok;

    if (bench_read_file(work->itb, BENCH_STORE_MAX, &itb, &len) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: mkimage wrote nothing: %s", out, strerror(errno));
        return false;
    }
    ok = sek_container_open(&container, (struct sek_bytes){itb, len}, seal->name, tree, sizeof tree,
                            &why) == SEK_OK &&
         seal->check(container.payload, &why) == SEK_OK;
    if (!ok)
        bench_fail(false, 0, why.rule, "%s: what mkimage signed is refused: %s", out,
                   why.fault.why);
    if (ok && bench_write_file(out, itb, len, 0644) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: %s", out, strerror(errno));
        ok = false;
    }
    free(itb);
    return ok;
}

/* Writes a tree padded with zeros to a multiple of 8, as mkimage would pad what lies in the FIT. */
static bool write_padded(const char *path, struct sek_bytes dtb)
{
    size_t len = (dtb.len + 7) / 8 * 8;
    uint8_t *padded = calloc(1, len);
    bool ok = padded != NULL;

    if (ok) {
        memcpy(padded, dtb.data, dtb.len);
        fdt_set_totalsize(padded, (uint32_t)len);
        ok = bench_write_file(path, padded, len, 0600) == SEK_OK;
    }
    free(padded);
    return ok;
}

static bool sign_payload(const struct store_seal *seal, const struct store_keys *keys,
                         const struct store_signer *signer, struct sek_bytes dtb,
                         const char *payload, const char *out)
{
    struct sek_store_fault why;
    struct work work = {0};
    bool ok;

    if (seal->check(dtb, &why) != SEK_OK) {
        bench_fail(false, 0, why.rule, "%s: offset %llu: %s", payload,
                   (unsigned long long)why.fault.offset, why.fault.why);
        return false;
    }
    if (!make_work(&work)) {
        bench_fail(false, 0, 0, "%s: %s", work.dir, strerror(errno));
        return false;
    }
    ok = write_its(work.its, seal, signer) && write_padded(work.dtb, dtb);
    if (!ok)
        bench_fail(false, 0, 0, "%s: %s", work.dir, strerror(errno));
    ok = ok && run_mkimage(&work, keys, payload) && keep(&work, seal, signer, out);
    remove_work(&work);
    return ok;
}

static enum sek_status check_store(struct sek_bytes dtb, struct sek_store_fault *why)
{
    struct sek_store store;

    return sek_store_open_payload(&store, dtb, why);
}

static enum sek_status check_order(struct sek_bytes dtb, struct sek_store_fault *why)
{
    struct sek_order order;

    return sek_order_open_payload(&order, dtb, why);
}

const struct store_seal store_seal_store = {"store", "authority", check_store};
const struct store_seal store_seal_order = {"order", "officer", check_order};
const struct store_seal store_seal_determinations = {"determinations", "officer",
                                                     store_determinations_check};

bool store_sign(const struct store_seal *seal, const struct store_keys *keys, const char *payload,
                const char *out)
{
    struct store_signer signer = {0};
    struct store_tree tree;
    bool ok;

    if (!store_signer_read(keys, seal->key, &signer) || !store_tree_read(payload, NULL, &tree))
        return false;
    ok = !tree.wrapped;
    if (!ok)
        bench_fail(false, 0, 0, "%s: is signed already; sign what it was made from", payload);
    ok = ok && sign_payload(seal, keys, &signer, tree.dtb, payload, out);
    store_tree_free(&tree);
    return ok;
}
