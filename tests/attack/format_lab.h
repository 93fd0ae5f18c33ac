/* Attacks on formats other than FITs: stores that approve their signers, and a way to judge one
 * file.
 */
#ifndef SEK_TESTS_ATTACK_FORMAT_LAB_H
#define SEK_TESTS_ATTACK_FORMAT_LAB_H

#include "tests/attack/attack.h"
#include "tests/unit/format_writer.h"
#include "tests/unit/judge.h"

/* Who is approved: keys of tests/unit/format_keys.sh, each format's as its makers sign. */
enum lab_store {
    LAB_MCU,   /* one key of each kind, for MCUs; counters from 7 on */
    LAB_SPL,   /* RSA-2048, RSA-3072 and P-384, for boot loaders, as ASPEED's ROM takes them */
    LAB_CMS,   /* the CA */
    LAB_RSA,   /* RSA-2048, and RSA-3072 with PSS */
    LAB_USIGN, /* Ed25519 */
    LAB_STORES,
};

enum { LAB_MCU_KEYS = 5 };
extern const char *const lab_mcu_key[LAB_MCU_KEYS]; /* names of format_keys.sh */

/* The public half of one of them; what the tools work in. */
const struct fit_key *lab_key(const char *name);
extern char lab_folder[];

bool format_lab_start(void);
void format_lab_stop(void);

/* Lets the judges digest by this hook; NULL, as they start: none. */
void lab_hook(const struct hal_digest *hook);

/* Judges a file, which is freed, in a block of exact size. */
const struct judge *lab_judge_file(enum lab_store store, struct fit_file file);

/* True if it is accepted: the control of an attack. */
bool lab_accepts(enum lab_store store, struct fit_file file);

/* Judges one case: the row ("" : the file; "/image") must read as expected: "tampered SIG-003".
 * Through if the whole is accepted. */
void lab_try_file(struct attack_result *result, enum lab_store store, const char *name,
                  struct fit_file file, const char *row, const char *expected);

/* A copy that such a call may free. */
struct fit_file lab_copy(const void *data, size_t len);

#endif
