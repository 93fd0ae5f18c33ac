/* The memory of a board's agent and server: one struct of arrays, named as here, so that no board
 * lists them twice. */
#ifndef SEK_AGENT_MEMORY_H
#define SEK_AGENT_MEMORY_H

#include "agent/agent.h"
#include "channel/server.h"

/* Members of struct sek_agent_config, from a struct m with the arrays
 *
 *   chunk (64-aligned), extent, tree (8-aligned), image, statement, signature   of a cycle's images
 *   record, row, observation, text                                              of its results
 *   store, incoming (8-aligned, of one size)                                    trust stores
 *   scratch (8-aligned, SEK_AGENT_SCRATCH bytes)                                for opening one */
#define SEK_AGENT_MEMORY(m)                                                                        \
    .cycle = {.image = {.pass = {(m).chunk, sizeof(m).chunk, (m).extent, SEK_LEN((m).extent)},     \
                        .scratch = (m).tree,                                                       \
                        .scratch_len = sizeof(m).tree,                                             \
                        .image = (m).image,                                                        \
                        .image_cap = SEK_LEN((m).image),                                           \
                        .statement = (m).statement,                                                \
                        .statement_cap = SEK_LEN((m).statement),                                   \
                        .signature = (m).signature,                                                \
                        .signature_cap = SEK_LEN((m).signature)},                                  \
              .record = (m).record,                                                                \
              .record_cap = sizeof(m).record,                                                      \
              .row = (m).row,                                                                      \
              .row_cap = SEK_LEN((m).row),                                                         \
              .observation = (m).observation,                                                      \
              .observation_cap = SEK_LEN((m).observation),                                         \
              .text = (m).text,                                                                    \
              .text_cap = sizeof(m).text},                                                         \
    .store = (m).store, .incoming = (m).incoming, .store_cap = sizeof(m).store,                    \
    .scratch = (m).scratch

/* A struct sek_agent_buffers from the same struct's arrays answer, answer_buf (one row of bytes for
 * each answer), exchange, verified and upload. */
#define SEK_AGENT_BUFFERS(m)                                                                       \
    {                                                                                              \
        .answer = (m).answer, .answer_count = SEK_LEN((m).answer),                                 \
        .answer_bytes = (m).answer_buf[0], .answer_len = sizeof(m).answer_buf[0],                  \
        .exchange = (m).exchange, .exchange_count = SEK_LEN((m).exchange),                         \
        .verified = (m).verified, .verified_count = SEK_LEN((m).verified), .upload = (m).upload,   \
        .upload_cap = sizeof(m).upload                                                             \
    }

/* What the server that answers for an agent works in; the board's. */
struct sek_agent_buffers {
    struct sek_answer *answer; /* at least 2 */
    size_t answer_count;
    uint8_t *answer_bytes; /* answer_count times answer_len; each holds a request and a token */
    size_t answer_len;
    struct sek_exchange *exchange;
    size_t exchange_count;
    struct sek_verified *verified; /* peers of the network */
    size_t verified_count;
    uint8_t *upload;
    size_t upload_cap;
};

/* Gets the server ready to answer for an agent that has started. The buffers are borrowed. */
void sek_agent_serve(struct sek_agent *agent, struct sek_server *server,
                     const struct sek_agent_buffers *buffers);

#endif
