#include "boards/fuji-bmc/board.h"

#include "agent/handover.h"

#include <string.h>

/* Evidence of this start, for whoever asks the started system: its nonce is the start's own seed,
 * which is also in every other evidence of this start. */
static enum sek_status write_log(struct sek_agent *agent, size_t *len)
{
    struct sek_challenge challenge = {.request = SEK_REQUEST_INVENTORY};

    memcpy(challenge.nonce, agent->boot_seed, sizeof challenge.nonce);
    memset((void *)BOARD_LOG, 0, BOARD_LOG_SIZE);
    return sek_agent_attest(agent, &challenge, (uint8_t *)BOARD_LOG, BOARD_LOG_SIZE, len);
}

enum sek_status board_prepare(struct sek_gate *gate)
{
    struct sek_handover handover = {
        .tree = gate->boot.tree,
        .bootargs = gate->config.bootargs,
        .ramdisk = gate->boot.ramdisk,
        .log_area = BOARD_LOG_SIZE,
    };
    uint8_t certificate[SEK_CERTIFICATE_MAX];
    size_t len = 0, certificate_len = 0;
    enum sek_status status = write_log(gate->agent, &len);

    /* A device that has no serial number yet signs nothing; under "report" it starts all the same.
     */
    if (status != SEK_OK && gate->config.mode != SEK_GATE_REPORT)
        return status;
    handover.log = (struct sek_bytes){(const uint8_t *)BOARD_LOG, len};
    /* A gate that is not enrolled has none, and starts all the same. */
    if (hal_vault_get(gate->agent->config.vault, HAL_VAULT_DEVICE_CERT, certificate,
                      sizeof certificate, &certificate_len) == SEK_OK)
        handover.certificate = (struct sek_bytes){certificate, certificate_len};
    return sek_handover_write(&handover, (void *)BOARD_TREE, BOARD_TREE_SIZE);
}
