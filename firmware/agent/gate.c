#include "agent/gate.h"

#include "base/bytes.h"
#include "evidence/release.h"
#include "trust/signer.h"

#include <libfdt.h>

#include <string.h>

/* ---- Settings ---- */

static const char *text_of(const void *fdt, int node, const char *name)
{
    int len;
    const char *value = fdt_getprop(fdt, node, name, &len);

    return value && len > 1 && memchr(value, 0, (size_t)len) == value + len - 1 ? value : NULL;
}

/* The unit of the partition that is started: in the table of the agent that has read the same
 * description. */
static const struct sek_unit *unit_of_name(const struct sek_agent *agent, const char *name)
{
    for (size_t i = 0; i < agent->inventory.unit_count; i++) {
        if (strcmp(agent->inventory.unit[i].name, name) == 0)
            return &agent->inventory.unit[i];
    }
    return NULL;
}

enum sek_status sek_gate_configure(struct sek_bytes description, struct sek_gate_config *out)
{
    const void *fdt = description.data;
    int node = fdt_subnode_offset(fdt, 0, "gate"), len;
    const char *mode = text_of(fdt, node, "sekisho,release");
    const uint8_t *window = fdt_getprop(fdt, node, "sekisho,window-ms", &len);
    struct sek_gate_config config = {.mode = SEK_GATE_ENFORCE, .memory = out->memory};

    config.partition = node >= 0 ? text_of(fdt, node, "sekisho,boot") : NULL;
    if (!config.partition)
        return SEK_ERR_NOT_FOUND;
    if (mode && strcmp(mode, "report") == 0)
        config.mode = SEK_GATE_REPORT;
    else if (mode && strcmp(mode, "enforce") != 0)
        return SEK_ERR_MALFORMED;
    config.undated = fdt_getprop(fdt, node, "sekisho,undated", NULL) != NULL;
    config.window_ms = window && len == 4 ? sek_get_u32be(window) : 0;
    config.bootargs = text_of(fdt, node, "bootargs");
    *out = config;
    return SEK_OK;
}

void sek_gate_init(struct sek_gate *gate, struct sek_agent *agent,
                   const struct sek_gate_config *config)
{
    *gate = (struct sek_gate){
        .agent = agent,
        .config = *config,
        .state = SEK_GATE_MEASURING,
        .outcome = SEK_OUTCOME_HOLD,
        .why = "nothing is measured yet",
        .next = sek_gate_next,
        .order = sek_gate_order,
        .first_officer = -1,
    };
    gate->boot.approval = SEK_BOOT_REFUSED;
    agent->gate = gate;
}

/* ---- Judging the device ---- */

/* The day that counts: the clock's, or, where the board says so, the newest one that we know. */
static sek_day day_of(const struct sek_gate *gate)
{
    sek_day today = sek_agent_today(gate->agent);

    if (today == 0 && gate->config.undated && gate->agent->trust.dtb)
        today = gate->agent->trust.issued;
    return today;
}

static struct sek_appraiser appraiser_of(const struct sek_gate *gate)
{
    return (struct sek_appraiser){.store = &gate->agent->trust, .context = {.today = gate->as_of}};
}

static enum sek_outcome outcome_of_row(const struct sek_appraiser *appraiser,
                                       const struct sek_row *row)
{
    struct sek_tally tally;

    sek_tally_start(&tally);
    sek_tally_row(&tally, appraiser, row);
    return tally.worst;
}

/* The device as of that day, from the rows of the last cycle; worst: the first row that is at
 * fault.
 */
static enum sek_outcome judge(const struct sek_gate *gate, const struct sek_row **worst)
{
    const struct sek_cycle *cycle = &gate->agent->cycle;
    const struct sek_appraiser appraiser = appraiser_of(gate);
    struct sek_tally tally;
    bool rejected = false;

    *worst = NULL;
    if (!cycle->complete)
        return SEK_OUTCOME_HOLD;
    sek_tally_start(&tally);
    for (size_t i = 0; i < cycle->row_count; i++) {
        struct sek_row row = cycle->memory.row[i];
        enum sek_outcome outcome;

        sek_appraise_row(&appraiser, &row);
        sek_tally_row(&tally, &appraiser, &row);
        outcome = outcome_of_row(&appraiser, &row);
        if (outcome == SEK_OUTCOME_ACCEPT || rejected || (*worst && outcome != SEK_OUTCOME_REJECT))
            continue;
        *worst = &cycle->memory.row[i];
        rejected = outcome == SEK_OUTCOME_REJECT;
    }
    return sek_tally_end(&tally);
}

/* ---- What would start ---- */

static enum sek_status look_at_boot(struct sek_gate *gate, const char **why)
{
    const struct sek_appraiser appraiser = appraiser_of(gate);
    const struct sek_unit *unit = unit_of_name(gate->agent, gate->config.partition);
    struct sek_boot_request request = {
        .memory = gate->config.memory,
        .partition = gate->config.partition,
        .appraiser = &appraiser,
        .hook = gate->agent->config.hook,
        .image = &gate->agent->config.cycle.image,
    };

    gate->boot = (struct sek_boot){.approval = SEK_BOOT_REFUSED};
    *why = "the boot partition is not in the board description, or larger than memory";
    if (!unit || !unit->place.partition || unit->place.len > request.memory.len)
        return SEK_ERR_NOT_FOUND;
    request.memory.len = (size_t)unit->place.len;
    request.component_class = unit->component_class;
    return sek_boot_verify(&request, &gate->boot, why);
}

static void hold(struct sek_gate *gate, const char *why)
{
    gate->state = SEK_GATE_HELD;
    gate->why = why;
    gate->first_officer = -1;
}

/* The one place that lets a system start: what is to start has just been verified in memory. Both
 * words are looked at twice. */
static void release(struct sek_gate *gate)
{
    const volatile enum sek_outcome *outcome = &gate->outcome;
    const volatile enum sek_boot_approval *approval = &gate->boot.approval;
    const struct sek_row *worst;
    const char *why = "";

    if (look_at_boot(gate, &why) != SEK_OK) {
        hold(gate, why);
        return;
    }
    if (gate->config.mode == SEK_GATE_REPORT) {
        gate->state = SEK_GATE_RELEASED;
        return;
    }
    gate->outcome = judge(gate, &worst);
    if (*outcome != SEK_OUTCOME_ACCEPT || *approval != SEK_BOOT_APPROVED) {
        hold(gate, "what would start is not approved in memory");
        return;
    }
    if (judge(gate, &worst) != SEK_OUTCOME_ACCEPT || *approval != SEK_BOOT_APPROVED ||
        *outcome != SEK_OUTCOME_ACCEPT) {
        hold(gate, "what would start is not approved in memory");
        return;
    }
    gate->state = SEK_GATE_RELEASED;
}

/* The cycle has ended: the first word. */
static void decide(struct sek_gate *gate, uint64_t now_ms)
{
    const char *why = "";

    gate->cycle = gate->agent->cycles;
    gate->as_of = day_of(gate);
    gate->outcome = judge(gate, &gate->worst);
    if (look_at_boot(gate, &why) != SEK_OK) {
        hold(gate, why);
        return;
    }
    if (gate->config.mode != SEK_GATE_REPORT && gate->outcome != SEK_OUTCOME_ACCEPT) {
        hold(gate, !gate->agent->trust.dtb               ? "there is no usable trust store"
                   : gate->outcome == SEK_OUTCOME_REJECT ? "the policy rejects this device"
                   : gate->as_of == 0 ? "the device has no clock: nothing is approved"
                                      : "the policy does not accept this device");
        return;
    }
    gate->state = SEK_GATE_WAITING;
    gate->release_at_ms = now_ms + gate->config.window_ms;
}

bool sek_gate_step(struct sek_gate *gate, uint64_t now_ms)
{
    enum sek_gate_state before = gate->state;
    const struct sek_cycle *cycle = &gate->agent->cycle;

    if (gate->state == SEK_GATE_RELEASED)
        return false;
    if (cycle->running || !cycle->complete)
        gate->state = SEK_GATE_MEASURING;
    else if (gate->state == SEK_GATE_MEASURING || gate->cycle != gate->agent->cycles)
        decide(gate, now_ms);
    else if (gate->state == SEK_GATE_WAITING && now_ms >= gate->release_at_ms)
        release(gate);
    return gate->state != before;
}

/* ---- Orders ---- */

/* An officer who may release signed it: who. */
static enum sek_status check_officer(const struct sek_store *store, const struct sek_cose *token,
                                     int *officer)
{
    int officers = fdt_subnode_offset(store->dtb, 0, "officers"), node;
    enum sek_status status = SEK_ERR_KEY;

    fdt_for_each_subnode(node, store->dtb, officers)
    {
        struct sek_bytes key = sek_store_bytes(store, node, "public-key");
        uint8_t id[SEK_KEY_ID_LEN];

        if (!key.data || !sek_store_list_has(store, node, "may", "release") ||
            sek_key_id(key, id) != SEK_OK || memcmp(id, token->kid, SEK_KID_LEN) != 0)
            continue;
        *officer = node;
        status = sek_cose_verify(token, key);
        if (status == SEK_OK)
            return sek_cose_verify(token, key); /* twice: one wrong answer releases nothing */
    }
    return status;
}

static bool is_for_us(const struct sek_gate *gate, const struct sek_release *order)
{
    const struct sek_agent *agent = gate->agent;

    return agent->serial_known && memcmp(order->ueid, agent->ueid, SEK_UEID_LEN) == 0 &&
           memcmp(order->device_nonce, agent->device_nonce, SEK_DEVICE_NONCE_LEN) == 0 &&
           memcmp(order->boot_digest, gate->boot.digest, sizeof order->boot_digest) == 0;
}

/* Two keys of one person are one officer. */
static bool same_officer(const struct sek_store *store, int a, int b)
{
    const char *one = sek_store_string(store, a, "label"),
               *other = sek_store_string(store, b, "label");

    return a == b || !one || !other || strcmp(one, other) == 0;
}

/* Is this order the one that is still missing? The gate knows no tier: a policy that wants two
 * officers in one of them wants two here. */
static enum sek_status count_order(struct sek_gate *gate, int officer, bool *last)
{
    const struct sek_store *store = &gate->agent->trust;
    const struct sek_appraiser appraiser = appraiser_of(gate);

    *last = gate->first_officer >= 0 || !sek_policy_tier(&appraiser, "release-two");
    if (gate->first_officer >= 0 && same_officer(store, gate->first_officer, officer))
        return SEK_ERR_KEY;
    gate->first_officer = officer;
    return SEK_OK;
}

enum sek_status sek_gate_order(struct sek_gate *gate, struct sek_bytes bytes)
{
    struct sek_agent *agent = gate->agent;
    struct sek_fault fault = {0};
    struct sek_release order;
    uint8_t expected[32];
    const char *why = "";
    bool last = false;
    int officer = -1;
    enum sek_status status;

    if (gate->state != SEK_GATE_HELD || gate->outcome == SEK_OUTCOME_REJECT ||
        !gate->boot.kernel.data || !agent->trust.dtb || gate->cycle != agent->cycles)
        return SEK_ERR_STATE;
    status = sek_release_decode(sek_reader_make(bytes, &fault), &order);
    if (status == SEK_OK && !is_for_us(gate, &order))
        status = SEK_ERR_MALFORMED;
    if (status == SEK_OK)
        status = check_officer(&agent->trust, &order.envelope, &officer);
    if (status == SEK_OK)
        status = count_order(gate, officer, &last);
    if (status != SEK_OK || !last)
        return status;
    /* One use: the next order needs a new nonce. */
    status = agent->config.entropy->read(agent->config.entropy, agent->device_nonce,
                                         sizeof agent->device_nonce);
    memcpy(expected, order.boot_digest, sizeof expected);
    if (status == SEK_OK)
        status = look_at_boot(gate, &why);
    if (status == SEK_OK && memcmp(gate->boot.digest, expected, sizeof expected) != 0)
        status = SEK_ERR_MALFORMED;
    if (status != SEK_OK)
        return status;
    gate->ordered = true;
    gate->state = SEK_GATE_RELEASED;
    return SEK_OK;
}

const char *sek_gate_next(const struct sek_gate *gate)
{
    if (!gate->boot.kernel.data)
        return "write a good system into the boot partition, then reset";
    if (gate->outcome == SEK_OUTCOME_REJECT)
        return "sekisho check shows all; replace what is at fault, then reset: no order releases "
               "it";
    return "sekisho check shows all; an officer may release it: sekisho release";
}
