/* From findings to one word; the approving word is earned by both runs, or not at all. */
#include "base/status.h"
#include "trust/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ANY = -1 };

/* First row that fits; what no row has is unverified. The approving word is not among them: what
 * is verified and approved needs a proof. */
static const struct {
    int integrity, supplier;
    enum sek_verdict verdict;
} order[] = {
    {ANY, SEK_SUPPLIER_EXCLUDED, SEK_VERDICT_EXCLUDED},
    {SEK_INTEGRITY_TAMPERED, ANY, SEK_VERDICT_TAMPERED},
    {SEK_INTEGRITY_UNVERIFIED, ANY, SEK_VERDICT_UNVERIFIED},
    {SEK_INTEGRITY_UNREADABLE, ANY, SEK_VERDICT_UNREADABLE},
    {SEK_INTEGRITY_ABSENT, ANY, SEK_VERDICT_ABSENT},
    {SEK_INTEGRITY_UNEXPECTED, ANY, SEK_VERDICT_UNEXPECTED},
    {ANY, SEK_SUPPLIER_CONSULT, SEK_VERDICT_CONSULT},
    {ANY, SEK_SUPPLIER_TRANSITIONAL, SEK_VERDICT_TRANSITIONAL},
    {ANY, SEK_SUPPLIER_UNATTRIBUTED, SEK_VERDICT_UNATTRIBUTED},
    {SEK_INTEGRITY_CLAIMED, SEK_SUPPLIER_NO_MATCH, SEK_VERDICT_IDENTIFIED},
};

static enum sek_verdict word_of(int integrity, int supplier)
{
    for (size_t i = 0; i < SEK_LEN(order); i++) {
        if ((order[i].integrity == ANY || order[i].integrity == integrity) &&
            (order[i].supplier == ANY || order[i].supplier == supplier))
            return order[i].verdict;
    }
    return SEK_VERDICT_UNVERIFIED;
}

static void every_pair_has_its_word(void **state)
{
    (void)state;
    for (int integrity = 0; integrity <= 8; integrity++) {
        for (int supplier = 0; supplier <= 7; supplier++) {
            const struct sek_finding finding = {.rule = SEK_RULE(VND, 1),
                                                .integrity = (enum sek_integrity)integrity,
                                                .supplier = (enum sek_supplier)supplier,
                                                .policy.rule = "r"};
            struct sek_row row;

            sek_row_init(&row);
            sek_decide_unproven(&row, &finding);
            assert_int_equal(row.verdict, word_of(integrity, supplier));
            assert_int_equal(row.integrity, integrity);
            assert_int_equal(row.supplier, supplier);
            assert_int_equal(row.rule, SEK_RULE(VND, 1));
            assert_string_equal(row.policy.rule, "r");
        }
    }
}

static void a_row_begins_unverified(void **state)
{
    struct sek_row row;

    (void)state;
    memset(&row, 0xff, sizeof row);
    sek_row_init(&row);
    assert_int_equal(row.verdict, SEK_VERDICT_UNVERIFIED);
    assert_int_equal(row.integrity, SEK_INTEGRITY_NOT_EVALUATED);
    assert_int_equal(row.supplier, SEK_SUPPLIER_NOT_EVALUATED);
    assert_int_equal(row.component_class, SEK_CLASS_NONE);
}

static const struct sek_finding good = {.rule = SEK_RULE(SIG, 1),
                                        .integrity = SEK_INTEGRITY_VERIFIED,
                                        .supplier = SEK_SUPPLIER_APPROVED};

/* first, second: how far the judgements came from where they began. */
static enum sek_verdict decide(uint32_t first, uint32_t second, const struct sek_finding *a,
                               const struct sek_finding *b)
{
    const struct sek_finding finding[2] = {*a, *b};
    const uint32_t proof[2] = {SEK_PROOF_FIRST + first, SEK_PROOF_SECOND + second};
    struct sek_row row;

    sek_row_init(&row);
    sek_decide(&row, &sek_signed_checks, proof, finding);
    return row.verdict;
}

static uint32_t passes(const struct sek_case *c, struct sek_finding *finding)
{
    (void)c;
    (void)finding;
    return 1;
}

static uint32_t fails(const struct sek_case *c, struct sek_finding *finding)
{
    (void)c;
    (void)finding;
    return 0;
}

/* What a list proves besides its tokens. */
static uint32_t mark(const struct sek_check_list *list)
{
    uint32_t rest = list->proof;

    for (size_t i = 0; i < list->count; i++)
        rest -= list->check[i].token;
    return rest;
}

static void two_right_proofs_approve(void **state)
{
    uint32_t proof = sek_signed_checks.proof;

    (void)state;
    assert_int_equal(decide(proof, proof, &good, &good), SEK_VERDICT_APPROVED);
}

static void one_wrong_bit_of_a_proof_does_not(void **state)
{
    uint32_t proof = sek_signed_checks.proof;

    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t wrong = proof ^ 1u << bit;

        assert_int_equal(decide(wrong, proof, &good, &good), SEK_VERDICT_UNVERIFIED);
        assert_int_equal(decide(proof, wrong, &good, &good), SEK_VERDICT_UNVERIFIED);
        assert_int_equal(decide(wrong, wrong, &good, &good), SEK_VERDICT_UNVERIFIED);
        assert_int_equal(decide(wrong, proof ^ 1u << (bit + 1) % 32, &good, &good),
                         SEK_VERDICT_UNVERIFIED);
    }
    assert_int_equal(decide(0, 0, &good, &good), SEK_VERDICT_UNVERIFIED);
    assert_int_equal(decide(UINT32_MAX, UINT32_MAX, &good, &good), SEK_VERDICT_UNVERIFIED);
    assert_int_equal(decide(sek_reference_checks.proof, sek_reference_checks.proof, &good, &good),
                     SEK_VERDICT_UNVERIFIED);
}

static void runs_that_differ_do_not_approve(void **state)
{
    uint32_t proof = sek_signed_checks.proof;
    struct sek_finding other = good;

    (void)state;
    other.rule = SEK_RULE(REF, 1);
    assert_int_equal(decide(proof, proof, &good, &other), SEK_VERDICT_UNVERIFIED);
    assert_int_equal(decide(proof, proof, &other, &good), SEK_VERDICT_UNVERIFIED);
}

/* Whatever a register holds instead of a list's proof: two failures look alike, their beginnings do
 * not. */
static void no_one_number_makes_proofs_of_two_failures(void **state)
{
    const struct sek_finding finding[2] = {good, good};
    const struct sek_case c = {.row = NULL};
    const struct sek_check never = {.check = fails, .token = 1};
    struct sek_finding told;
    struct sek_row row;
    uint32_t proof[2];

    (void)state;
    for (unsigned n = 0; n < 2; n++) {
        /* n 0: nothing to check, nothing proved */
        const struct sek_check_list list = {.check = &never, .count = n};

        proof[0] = sek_checks_run(&list, &c, SEK_PROOF_FIRST, &told);
        proof[1] = sek_checks_run(&list, &c, SEK_PROOF_SECOND, &told);
        for (unsigned i = 0; i < 4; i++) {
            const uint32_t whole[] = {0, proof[0], proof[0] - SEK_PROOF_FIRST,
                                      proof[1] - SEK_PROOF_SECOND};
            const struct sek_check_list wrong = {.proof = n == 0 ? 0 : whole[i]};

            sek_row_init(&row);
            sek_decide(&row, &wrong, proof, finding);
            assert_int_not_equal(row.verdict, SEK_VERDICT_APPROVED);
        }
    }
}

/* The finding of the run that failed is the one that is told, whichever it was. */
static void the_run_that_failed_speaks(void **state)
{
    const struct sek_finding bad = {.rule = SEK_RULE(SIG, 3), .integrity = SEK_INTEGRITY_TAMPERED};
    uint32_t proof = sek_signed_checks.proof;

    (void)state;
    assert_int_equal(decide(0, proof, &bad, &good), SEK_VERDICT_TAMPERED);
    assert_int_equal(decide(proof, 0, &good, &bad), SEK_VERDICT_TAMPERED);
    assert_int_equal(decide(0, 0, &bad, &bad), SEK_VERDICT_TAMPERED);
}

/* No sum of some tokens of a list is the sum of all: what skips checks cannot prove. */
static void no_part_of_a_list_is_its_proof(void **state)
{
    const struct sek_check_list *const lists[] = {&sek_signed_checks, &sek_reference_checks};

    (void)state;
    for (size_t n = 0; n < SEK_LEN(lists); n++) {
        assert_int_not_equal(mark(lists[n]), 0); /* a list of zeros proves nothing */
        for (uint32_t some = 0; some < 1u << lists[n]->count; some++) {
            uint32_t sum = mark(lists[n]);

            for (size_t i = 0; i < lists[n]->count; i++)
                sum += some & 1u << i ? lists[n]->check[i].token : 0;
            assert_int_equal(sum == lists[n]->proof, some == (1u << lists[n]->count) - 1);
        }
    }
}

/* A row's integrity goes into evidence: it is not called verified by a walk that ended early. */
static void a_list_that_is_cut_short_finds_nothing_good(void **state)
{
    const struct sek_check check[] = {
        {SEK_RULE(VND, 2), SEK_INTEGRITY_VERIFIED, SEK_SUPPLIER_EXCLUDED, passes, 1},
        {SEK_RULE(SIG, 3), SEK_INTEGRITY_TAMPERED, SEK_SUPPLIER_NOT_EVALUATED, fails, 2},
    };
    const struct sek_case c = {.row = NULL};

    (void)state;
    for (size_t count = 0; count < 2; count++) {
        const struct sek_check_list list = {check, count, sek_signed_checks.proof, SEK_RULE(SIG, 1),
                                            SEK_INTEGRITY_VERIFIED};
        struct sek_finding told = good;
        uint32_t proof = sek_checks_run(&list, &c, SEK_PROOF_FIRST, &told);

        assert_int_not_equal(proof, SEK_PROOF_FIRST + list.proof);
        assert_int_equal(told.integrity, SEK_INTEGRITY_UNVERIFIED);
        assert_int_equal(told.supplier, SEK_SUPPLIER_NOT_EVALUATED);
    }
}

/* Nor is anything else whose rule says otherwise. */
static void integrity_is_held_to_its_rule(void **state)
{
    static const struct {
        sek_rule rule;
        bool verified;
    } rows[] = {
        {SEK_RULE(VND, 2), true},  {SEK_RULE(VND, 5), true},  {SEK_RULE(SIG, 11), true},
        {SEK_RULE(TS, 3), true},   {SEK_RULE(SIG, 3), false}, {SEK_RULE(SIG, 4), false},
        {SEK_RULE(REF, 3), false}, {SEK_RULE(FMT, 1), false}, {0, false},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_finding finding = {.rule = rows[i].rule,
                                            .integrity = SEK_INTEGRITY_VERIFIED,
                                            .supplier = SEK_SUPPLIER_CONSULT};
        struct sek_row row;

        sek_row_init(&row);
        sek_decide_unproven(&row, &finding);
        assert_int_equal(row.integrity,
                         rows[i].verified ? SEK_INTEGRITY_VERIFIED : SEK_INTEGRITY_UNVERIFIED);
        assert_int_equal(row.verdict,
                         rows[i].verified ? SEK_VERDICT_CONSULT : SEK_VERDICT_UNVERIFIED);
    }
}

/* Numbers of words lie at least 12 bits apart. */
static void words_lie_far_apart(void **state)
{
    static const uint32_t verdicts[] = {
        SEK_VERDICT_UNVERIFIED, SEK_VERDICT_EXCLUDED,     SEK_VERDICT_TAMPERED,
        SEK_VERDICT_UNREADABLE, SEK_VERDICT_ABSENT,       SEK_VERDICT_UNEXPECTED,
        SEK_VERDICT_CONSULT,    SEK_VERDICT_TRANSITIONAL, SEK_VERDICT_UNATTRIBUTED,
        SEK_VERDICT_IDENTIFIED, SEK_VERDICT_APPROVED,
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(verdicts); i++) {
        for (size_t k = 0; k < i; k++)
            assert_true(__builtin_popcount(verdicts[i] ^ verdicts[k]) >= 12);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_has_its_word),
        cmocka_unit_test(a_row_begins_unverified),
        cmocka_unit_test(two_right_proofs_approve),
        cmocka_unit_test(one_wrong_bit_of_a_proof_does_not),
        cmocka_unit_test(runs_that_differ_do_not_approve),
        cmocka_unit_test(no_one_number_makes_proofs_of_two_failures),
        cmocka_unit_test(the_run_that_failed_speaks),
        cmocka_unit_test(no_part_of_a_list_is_its_proof),
        cmocka_unit_test(a_list_that_is_cut_short_finds_nothing_good),
        cmocka_unit_test(integrity_is_held_to_its_rule),
        cmocka_unit_test(words_lie_far_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
