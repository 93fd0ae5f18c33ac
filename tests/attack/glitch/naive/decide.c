/* The control of `make glitch`: the same interface, and a decision as one would write it who has
 * never heard of faults. */
#include "trust/decide.h"

void sek_decide_unproven(struct sek_row *row, const struct sek_finding *finding)
{
    row->integrity = finding->integrity;
    row->supplier = finding->supplier;
    row->rule = finding->rule;
    row->policy = finding->policy;
    row->verdict = finding->integrity == SEK_INTEGRITY_TAMPERED ? SEK_VERDICT_TAMPERED
                                                                : SEK_VERDICT_UNVERIFIED;
}

void sek_decide(struct sek_row *row, const struct sek_check_list *list, const uint32_t proof[2],
                const struct sek_finding finding[2])
{
    sek_decide_unproven(row, &finding[0]);
    if (proof[0] == list->proof)
        row->verdict = SEK_VERDICT_APPROVED;
}
