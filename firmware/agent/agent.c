#include "agent/agent.h"

#include "base/bytes.h"
#include "crypto/crypto.h"

#include <libfdt.h>

#include <string.h>

sek_day sek_agent_today(const struct sek_agent *agent)
{
    enum hal_time_source source = HAL_TIME_NONE;
    uint64_t seconds = agent->config.clock->seconds(agent->config.clock, &source);

    if (source < HAL_TIME_CHALLENGE)
        return 0;
    return sek_store_day(&agent->trust, sek_date_from_seconds(seconds));
}

/* ---- Vault ---- */

/* A number of the vault, 0 if it was never written. */
static enum sek_status read_number(struct sek_agent *agent, enum hal_vault_record record,
                                   uint32_t *out)
{
    uint8_t bytes[4];
    size_t len = 0;
    enum sek_status status;

    *out = 0;
    if (!agent->config.vault)
        return SEK_OK;
    status = hal_vault_get(agent->config.vault, record, bytes, sizeof bytes, &len);
    if (status == SEK_ERR_NOT_FOUND)
        return SEK_OK;
    if (status == SEK_OK && len != sizeof bytes)
        status = SEK_ERR_MALFORMED;
    if (status == SEK_OK)
        *out = sek_get_u32be(bytes);
    return status;
}

static enum sek_status write_number(struct sek_agent *agent, enum hal_vault_record record,
                                    uint32_t value)
{
    uint8_t bytes[4];

    if (!agent->config.vault)
        return SEK_OK;
    sek_put_u32be(bytes, value);
    return hal_vault_put(agent->config.vault, record, bytes, sizeof bytes);
}

static enum sek_status count_boot(struct sek_agent *agent)
{
    uint32_t count;
    enum sek_status status = read_number(agent, HAL_VAULT_BOOT_COUNT, &count);

    if (status != SEK_OK || !agent->config.vault)
        return status;
    status = write_number(agent, HAL_VAULT_BOOT_COUNT, count + 1);
    if (status == SEK_OK)
        agent->boot_count = count + 1;
    return status;
}

/* ---- Trust store ---- */

/* Takes the serial's counter along; a store below it is not used. */
static void open_store(struct sek_agent *agent, size_t len)
{
    enum sek_status status = sek_store_open(
        &agent->trust, (struct sek_bytes){agent->config.store, len}, agent->config.authority,
        agent->counter, agent->config.scratch, SEK_AGENT_SCRATCH, &agent->store_why);

    if (status != SEK_OK) {
        agent->trust = (struct sek_store){0};
        return;
    }
    agent->store_len = len;
    if (agent->trust.serial > agent->counter) {
        agent->counter = agent->trust.serial;
        /* Not kept: the same store will raise it again at the next start. */
        (void)!write_number(agent, HAL_VAULT_STORE_COUNTER, agent->counter);
    }
}

static void load_store(struct sek_agent *agent)
{
    size_t len = 0;
    enum sek_status status = agent->config.slots->load(agent->config.slots, agent->config.store,
                                                       agent->config.store_cap, &len);

    agent->store_why =
        (struct sek_store_fault){.rule = SEK_RULE(TS, 1), .fault = {status, 0, "no trust store"}};
    if (status == SEK_OK)
        open_store(agent, len);
}

enum sek_status sek_agent_take_store(struct sek_agent *agent, size_t len)
{
    struct sek_store candidate;
    struct sek_store_fault why;
    enum sek_status status = sek_store_open(
        &candidate, (struct sek_bytes){agent->config.incoming, len}, agent->config.authority,
        agent->counter, agent->config.scratch, SEK_AGENT_SCRATCH, &why);

    if (status != SEK_OK)
        return status;
    /* Anybody may send the store that is in use again; that must wear no flash and stop no cycle.
     */
    if (agent->trust.dtb &&
        memcmp(candidate.digest, agent->trust.digest, sizeof candidate.digest) == 0)
        return SEK_OK;
    status = agent->config.slots->save(agent->config.slots, agent->config.incoming, len);
    if (status != SEK_OK)
        return status;
    /* Rows borrow from the old store: they go before it does. */
    agent->cycle.row_count = 0;
    agent->cycle.complete = false;
    memcpy(agent->config.store, agent->config.incoming, len);
    open_store(agent, len);
    sek_agent_measure(agent);
    return SEK_OK;
}

/* ---- Identity ---- */

/* The certificate authorities of the store. */
static size_t list_authorities(const struct sek_agent *agent,
                               struct sek_bytes authority[SEK_AGENT_AUTHORITIES_MAX])
{
    const struct sek_store *store = &agent->trust;
    size_t count = 0;
    int node;

    if (!store->dtb || store->device_authorities < 0)
        return 0;
    fdt_for_each_subnode(node, store->dtb, store->device_authorities)
    {
        struct sek_bytes der = sek_store_bytes(store, node, "certificate");

        if (der.len > 0 && count < SEK_AGENT_AUTHORITIES_MAX)
            authority[count++] = der;
    }
    return count;
}

enum sek_status sek_agent_take_certificate(struct sek_agent *agent, struct sek_bytes der)
{
    struct sek_bytes authority[SEK_AGENT_AUTHORITIES_MAX];
    size_t count = list_authorities(agent, authority);

    if (count == 0 || !agent->serial_known || !agent->config.vault)
        return SEK_ERR_STATE;
    return sek_identity_accept(
        &agent->identity, agent->config.vault, der, authority, count, sek_agent_today(agent),
        (struct sek_bytes){(const uint8_t *)agent->serial, strlen(agent->serial)}, agent->ueid);
}

/* The serial number, once it is known, fixes the UEID. */
static void name_device(struct sek_agent *agent, struct sek_bytes serial)
{
    if (serial.len == 0 || serial.len > SEK_SERIAL_MAX)
        return;
    if (sek_ueid_make((struct sek_bytes){agent->chip_id, agent->chip_id_len}, serial,
                      agent->ueid) != SEK_OK)
        return;
    memcpy(agent->serial, serial.data, serial.len);
    agent->serial[serial.len] = '\0';
    agent->serial_known = true;
}

/* Gate and service on one chip must come to one name, so an id that cannot be read is no empty one.
 */
static enum sek_status read_chip_id(struct sek_agent *agent)
{
    struct hal_registers *registers = agent->config.registers;
    uint32_t address[SEK_CHIP_ID_WORDS];
    size_t count = sek_inventory_chip_id(agent->config.description, address, SEK_CHIP_ID_WORDS);

    if (count > SEK_CHIP_ID_WORDS || (count > 0 && !registers))
        return SEK_ERR_UNSUPPORTED;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = 0;
        enum sek_status status = registers->read(registers, address[i], &value);

        if (status != SEK_OK)
            return status;
        sek_put_u32be(agent->chip_id + 4 * i, value);
    }
    agent->chip_id_len = 4 * count;
    return SEK_OK;
}

/* The serial number that the product part tells. */
static struct sek_bytes product_serial(const struct sek_agent *agent)
{
    for (size_t i = 0; i < agent->cycle.row_count; i++) {
        const struct sek_row *row = &agent->cycle.memory.row[i];

        if (row->component_class != SEK_CLASS_PRODUCT || row->damaged)
            continue;
        for (size_t k = 0; k < row->observation_count; k++) {
            if (row->observation[k].kind == SEK_KIND_SERIAL_NUMBER)
                return row->observation[k].value;
        }
    }
    return (struct sek_bytes){0};
}

/* ---- Measuring ---- */

/* Closed only if the description says how that looks, and every register looks so. */
static enum sek_debug read_debug(const struct sek_agent *agent)
{
    struct hal_registers *registers = agent->config.registers;
    struct sek_closed_register closed[SEK_AGENT_CLOSED_MAX];
    size_t count = sek_inventory_closed(agent->config.description, closed, SEK_LEN(closed));

    if (!registers || count == 0 || count > SEK_LEN(closed))
        return SEK_DEBUG_ENABLED;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = ~closed[i].value; /* a driver that does nothing must not pass */

        if (registers->read(registers, closed[i].address, &value) != SEK_OK ||
            closed[i].mask == 0 || (value & closed[i].mask) != closed[i].value)
            return SEK_DEBUG_ENABLED;
    }
    return SEK_DEBUG_DISABLED;
}

static void read_secure_boot(struct sek_agent *agent)
{
    struct hal_registers *registers = agent->config.registers;
    struct sek_closed_register on;
    uint32_t value;

    agent->has_secure_boot = agent->secure_boot = false;
    if (!registers || !sek_inventory_secure_boot(agent->config.description, &on))
        return;
    value = ~on.value; /* a driver that does nothing must not pass */
    agent->has_secure_boot = registers->read(registers, on.address, &value) == SEK_OK;
    agent->secure_boot = agent->has_secure_boot && (value & on.mask) == on.value;
}

void sek_agent_measure(struct sek_agent *agent)
{
    const struct sek_appraiser appraiser = {
        .store = &agent->trust,
        .context = {.today = sek_agent_today(agent)},
    };

    agent->cycles++;
    agent->debug = read_debug(agent);
    read_secure_boot(agent);
    if (agent->config.finder && sek_inventory_finds(agent->config.description))
        agent->config.finder->find(agent->config.finder, &agent->inventory);
    sek_cycle_start(&agent->cycle, &appraiser);
}

/* The rows of a whole cycle, once it is known which device this is. */
static void judge_parts(struct sek_agent *agent)
{
    const char *model = sek_inventory_model(agent->config.description);
    struct sek_cycle *cycle = &agent->cycle;

    if (!agent->config.judge_parts || !cycle->complete ||
        agent->config.judge_parts(
            &cycle->appraiser, (struct sek_bytes){(const uint8_t *)model, strlen(model)},
            (struct sek_bytes){(const uint8_t *)agent->serial, strlen(agent->serial)},
            cycle->memory.row, &cycle->row_count, cycle->memory.row_cap))
        return;
    cycle->overflow = true;
    cycle->complete = false;
}

bool sek_agent_step(struct sek_agent *agent)
{
    if (!agent->cycle.running)
        return false;
    if (sek_cycle_step(&agent->cycle))
        return true;
    agent->measured_at_ms = agent->config.clock->uptime_ms(agent->config.clock);
    if (!agent->serial_known)
        name_device(agent, product_serial(agent));
    judge_parts(agent);
    for (size_t i = 0; i < SEK_AGENT_FRESH_MAX; i++) {
        if (agent->fresh[i].cycle > agent->cycles) { /* asked while this one ran */
            sek_agent_measure(agent);
            return true;
        }
    }
    return false;
}

/* ---- Evidence ---- */

/* True if the last cycle began after this nonce was first heard of; sees to it that one does. A
 * cycle under way is not dropped: two verifiers that ask at once must both get their answer. */
static bool measured_for(struct sek_agent *agent, const uint8_t nonce[SEK_NONCE_LEN])
{
    struct sek_fresh *fresh = NULL;

    for (size_t i = 0; i < SEK_AGENT_FRESH_MAX; i++) {
        if (agent->fresh[i].cycle > 0 && memcmp(agent->fresh[i].nonce, nonce, SEK_NONCE_LEN) == 0)
            fresh = &agent->fresh[i];
    }
    if (fresh)
        return !agent->cycle.running && agent->cycles >= fresh->cycle;
    fresh = &agent->fresh[agent->fresh_next++ % SEK_AGENT_FRESH_MAX];
    memcpy(fresh->nonce, nonce, SEK_NONCE_LEN);
    fresh->cycle = agent->cycles + 1;
    if (!agent->cycle.running)
        sek_agent_measure(agent);
    return false;
}

static void fill_token(struct sek_agent *agent, const struct sek_challenge *challenge,
                       struct sek_token *token)
{
    const struct sek_agent_config *config = &agent->config;
    const char *model = sek_inventory_model(config->description);
    enum hal_time_source source = HAL_TIME_NONE;
    uint64_t seconds = config->clock->seconds(config->clock, &source);

    *token = (struct sek_token){
        .ueid = {agent->ueid, SEK_UEID_LEN},
        .oem_pen = 32473, /* documentation arc, as the profile's */
        .hw_model = {(const uint8_t *)model, strlen(model)},
        .uptime = config->clock->uptime_ms(config->clock) / 1000,
        .has_oem_boot = agent->has_secure_boot,
        .oem_boot = agent->secure_boot,
        .debug = agent->debug,
        .boot_count = agent->boot_count,
        .boot_seed = {agent->boot_seed, SEK_SEED_LEN},
        .sw_name = {(const uint8_t *)SEK_AGENT_NAME, strlen(SEK_AGENT_NAME)},
        .sw_version = {(const uint8_t *)SEK_AGENT_VERSION, strlen(SEK_AGENT_VERSION)},
        .time_source = source,
        .now = source > HAL_TIME_FLOOR ? seconds : 0,
        .issued_at = source >= HAL_TIME_CHALLENGE ? seconds : 0,
        .store_serial = agent->trust.serial,
        .has_measured_at = true,
        .measured_at = agent->measured_at_ms / 1000,
        .key_protection = config->vault ? config->vault->protection : HAL_KEY_FILE,
        .has_reset_reason = config->has_reset_reason,
        .reset_reason = config->reset_reason,
    };
    if (config->gate_log.len > 0)
        token->log_head = (struct sek_bytes){agent->gate_log_sha256, 32};
    if (token->hw_model.len > SEK_MODEL_MAX)
        token->hw_model.len = SEK_MODEL_MAX;
    memcpy(token->nonce, challenge->nonce, SEK_NONCE_LEN);
    memcpy(token->store_authority, agent->trust.authority_key, SEK_KID_LEN);
    memcpy(token->store_sha256, agent->trust.digest, sizeof token->store_sha256);
    memcpy(token->description_sha256, agent->description_sha256, sizeof token->description_sha256);
}

static enum sek_status attest(struct sek_agent *agent, const struct sek_challenge *challenge,
                              bool summary, uint8_t *buf, size_t cap, size_t *len)
{
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, cap);
    struct sek_token token;

    if (challenge->request & SEK_REQUEST_MEASURE && !measured_for(agent, challenge->nonce))
        return SEK_ERR_BUSY;
    if (agent->cycle.running)
        return SEK_ERR_BUSY;
    if (!agent->cycle.complete || !agent->serial_known)
        return SEK_ERR_STATE;
    fill_token(agent, challenge, &token);
    token.summary = summary;
    sek_token_write(&w, &token, agent->cycle.memory.row, agent->cycle.row_count,
                    &agent->identity.signer);
    if (w.status != SEK_OK)
        return w.status;
    *len = w.len;
    return SEK_OK;
}

enum sek_status sek_agent_attest(struct sek_agent *agent, const struct sek_challenge *challenge,
                                 uint8_t *buf, size_t cap, size_t *len)
{
    return attest(agent, challenge, false, buf, cap, len);
}

enum sek_status sek_agent_attest_summary(struct sek_agent *agent,
                                         const struct sek_challenge *challenge, uint8_t *buf,
                                         size_t cap, size_t *len)
{
    return attest(agent, challenge, true, buf, cap, len);
}

/* ---- Start ---- */

static enum sek_status start_cycle_memory(struct sek_agent *agent)
{
    agent->cycle = (struct sek_cycle){
        .inventory = &agent->inventory,
        .media = agent->config.media,
        .hook = agent->config.hook,
        .method = agent->config.method,
        .memory = agent->config.cycle,
    };
    return SEK_OK;
}

static enum sek_status digest_of(const struct sek_agent *agent, struct sek_bytes bytes,
                                 uint8_t out[32])
{
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status =
        sek_digest_of(SEK_DIGEST_SHA256, agent->config.hook, bytes.data, bytes.len, digest);

    if (status == SEK_OK)
        memcpy(out, digest, 32);
    return status;
}

/* One step of the start after the other; *why names the one that failed. */
static enum sek_status start_steps(struct sek_agent *agent, const char **why)
{
    const struct sek_agent_config *config = &agent->config;
    struct sek_fault fault = {0};
    enum sek_status status = sek_crypto_start(config->hook);

    *why = "the crypto library fails its known-answer tests";
    if (status == SEK_OK)
        status = sek_crypto_test_signatures();
    if (status != SEK_OK)
        return status;
    *why = "the board description cannot be used";
    agent->inventory = (struct sek_inventory){.unit = agent->unit,
                                              .unit_cap = SEK_AGENT_UNITS_MAX,
                                              .chip = agent->chip,
                                              .chip_cap = SEK_AGENT_CHIPS_MAX,
                                              .found = config->found,
                                              .found_cap = config->found_cap};
    status = sek_inventory_read(config->description, &agent->inventory, &fault);
    if (status != SEK_OK) {
        *why = fault.why;
        return status;
    }
    *why = "the description wants parts to be found, which this board cannot";
    if (!config->finder && sek_inventory_finds(config->description))
        return SEK_ERR_UNSUPPORTED;
    status = digest_of(agent, config->description, agent->description_sha256);
    if (status == SEK_OK)
        status = digest_of(agent, config->gate_log, agent->gate_log_sha256);
    if (status != SEK_OK)
        return status;
    *why = "the chip's id cannot be read";
    status = read_chip_id(agent);
    if (status != SEK_OK)
        return status;
    *why = "no random numbers";
    status = config->entropy->read(config->entropy, agent->boot_seed, sizeof agent->boot_seed);
    if (status == SEK_OK)
        status =
            config->entropy->read(config->entropy, agent->device_nonce, sizeof agent->device_nonce);
    if (status == SEK_OK)
        status = config->entropy->read(config->entropy, agent->tag_key, sizeof agent->tag_key);
    if (status != SEK_OK)
        return status;
    *why = "the vault cannot be used";
    status = sek_identity_open(&agent->identity, config->vault, config->entropy);
    if (status == SEK_OK)
        status = count_boot(agent);
    if (status == SEK_OK)
        status = read_number(agent, HAL_VAULT_STORE_COUNTER, &agent->counter);
    return status;
}

enum sek_status sek_agent_start(struct sek_agent *agent, const struct sek_agent_config *config,
                                const char **why)
{
    enum sek_status status;

    memset(agent, 0, sizeof *agent);
    agent->config = *config;
    status = start_steps(agent, why);
    if (status != SEK_OK)
        return status;
    load_store(agent);
    name_device(agent, config->serial);
    status = start_cycle_memory(agent);
    if (status == SEK_OK)
        sek_agent_measure(agent);
    return status;
}
