/* sekisho order: an officer signs what devices are for; anyone reads it. */
#include "boards/bench/bench.h"
#include "boards/bench/store/store.h"

#include "base/text.h"
#include "crypto/crypto.h"
#include "trust/order.h"

#include <libfdt.h>

#include <stdio.h>
#include <string.h>

static const struct bench_option options[] = {
    {"output", "FILE", "sign: file to write (also -o FILE)"},
    {"keys", "FOLDER", "sign: folder with officer.pem (EC) or officer.key (RSA) (also -k)"},
    {"token", "URI", "sign: PKCS#11 token instead of -k: \"token=NAME\"; PIN in $MKIMAGE_SIGN_PIN"},
};

static int sign(const struct bench_args *args)
{
    const struct store_keys keys = {bench_value(args, "keys"), bench_value(args, "token")};
    const char *out = bench_value(args, "output");

    if (!out || !keys.folder == !keys.token)
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "order sign: -k FOLDER or --token URI, and -o FILE are needed");
    return store_sign(&store_seal_order, &keys, args->operand[1], out) ? BENCH_EXIT_OK
                                                                       : BENCH_EXIT_TRUST;
}

static void print_text(const char *words, const char *text)
{
    char clean[256];

    if (!text)
        return;
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, clean, sizeof clean);
    printf("%s%s", words, clean);
}

static void print_date(const char *words, sek_day day)
{
    char text[SEK_DATE_LEN + 1];

    if (!day)
        return;
    sek_date_format(day, text);
    printf("%s%s", words, text);
}

static void print_order(const char *path, const struct sek_order *order)
{
    int folder = fdt_subnode_offset(order->dtb, 0, "devices"), device;

    printf("%s: order ", path);
    print_text("", order->id);
    print_text("\n  ", order->label);
    fputs("\n  signature  not looked at here", stdout);
    print_date("\n  issued     ", order->issued);
    print_date("\n  not after  ", order->not_after);
    print_text("\n  tier       ", order->tier);
    print_text("\n  event      ", order->event);
    print_date("\n  acquired   ", order->acquired);
    printf("\n  store      serial %lu or later\n  devices\n", (unsigned long)order->store_serial);
    fdt_for_each_subnode(device, order->dtb, folder)
    {
        print_text("    ", fdt_getprop(order->dtb, device, "serial-number", NULL));
        print_text("  ", fdt_getprop(order->dtb, device, "model", NULL));
        putchar('\n');
    }
}

static int show(const struct bench_args *args)
{
    struct store_tree tree;
    struct sek_order order;
    struct sek_store_fault why;
    int status = BENCH_EXIT_OK;

    if (!store_tree_read(args->operand[1], NULL, &tree))
        return BENCH_EXIT_TRUST;
    if (sek_order_open_payload(&order, tree.dtb, &why) == SEK_OK)
        print_order(args->operand[1], &order);
    else
        status = bench_fail(false, BENCH_EXIT_TRUST, why.rule, "%s: offset %llu: %s",
                            args->operand[1], (unsigned long long)why.fault.offset, why.fault.why);
    store_tree_free(&tree);
    return status;
}

static int run(const struct bench_args *args)
{
    const char *verb = args->operand_count > 0 ? args->operand[0] : "";

    if (args->operand_count != 2)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "order: sign or show, and one FILE");
    if (sek_crypto_start(NULL) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0,
                          "the crypto library fails its known-answer tests");
    if (strcmp(verb, "sign") == 0)
        return sign(args);
    if (strcmp(verb, "show") == 0)
        return show(args);
    return bench_fail(false, BENCH_EXIT_USAGE, 0, "order %s: not sign or show", verb);
}

const struct bench_command bench_order = {
    .name = "order",
    .operands = "sign|show FILE",
    .help = "Signs and shows work orders: what devices are for, and which.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
