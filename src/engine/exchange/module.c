/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/text.h"
#include "core/outbox.h"
#include "engine/exchange/exchange_letter.h"
#include "engine/exchange/exchange_views.h"
#include "engine/exchange/xroad.h"

/* Each try has a head of its own, signed now. What can't ever work is an answer, not a failure. */
static enum err send_item(struct ctx *c, const struct outbox_item *item, int *ret_status,
                          struct bytes *ret_answer)
{
    struct exchange_head h = {.id = item->id,
                              .client = exchange_client_of(c, item->from),
                              .member = item->to,
                              .service = item->what,
                              .purpose = item->purpose,
                              .matter = item->matter,
                              .reader = c->node->title[LANG_VI],
                              .reader_unit = c->node->agency,
                              .reader_role = "system",
                              .reader_person = "",
                              .body_sha256 = sha256_hex(c->arena, sha256(item->body)),
                              .created_us = c->now_us};
    enum err e = exchange_deliver(c, &h, item->body, ret_status, ret_answer);
    if (!exchange_is_final(e))
        return e;
    *ret_status = err_row(e)->status;
    *ret_answer = exchange_problem(c, e);
    ctx_clear_faults(c);
    return OK;
}

/* A reply nobody waits for is kept in the message log; a refusal is told to the operator too. */
static enum err answered(struct ctx *c, const struct outbox_item *item, int status,
                         struct bytes answer)
{
    for (size_t i = 0; i < c->node->n_modules; i++) {
        const struct module *m = c->node->modules[i];
        for (size_t k = 0; k < m->n_replies; k++)
            if (text_eq(m->replies[k].service, item->what))
                return m->replies[k].answered(c, item->matter, item->id, status, answer);
    }
    if (status >= 400)
        log_warn("exchange", "%s of %s refused %s: %d", item->what, item->to, item->id, status);
    return OK;
}

static enum err start(struct ctx *c)
{
    outbox_channel("exchange", send_item, answered);
    matter_asked_by(exchange_ask_matter);
    exchange_reseal();
    return exchange_witness_start(c);
}

static enum err seal_some(struct ctx *c, void *arg)
{
    return exchange_store_seal_heads(c, arg);
}

/* What a node logged before heads were sealed: some thousand a minute. */
static enum err seal_heads(struct ctx *c)
{
    size_t n = EXCHANGE_CLEAR_AT_ONCE;
    enum err e = OK;
    for (int i = 0; i < 20 && !e && n == EXCHANGE_CLEAR_AT_ONCE; i++)
        e = db_write(c, c->node->db, seal_some, &n);
    return e;
}

static const struct service services[] = {{.code = EXCHANGE_WITNESS,
                                           .title = TX(exchange_service_witness),
                                           .member = "*",
                                           .write = true,
                                           .serve = exchange_take_letter},
                                          {.code = EXCHANGE_MATTER,
                                           .title = TX(exchange_service_matter),
                                           .member = "*",
                                           .serve = exchange_tell_matter}};
static const struct job jobs[] = {{"exchange.status", 10 * SECOND_US, exchange_status},
                                  {"exchange.witness", 10 * SECOND_US, exchange_witness},
                                  {"exchange.seal_heads", MINUTE_US, seal_heads},
                                  {"exchange.quota", 10 * SECOND_US, exchange_quota}};
static const struct setting settings[] = {
    {"exchange.witness_pause", "s", "30", 10, 3600, TX(exchange_setting_witness_pause)},
    {"exchange.client_per_minute", "/min", "180000", 60, 10000000, TX(exchange_setting_quota)}};

static const struct route routes[] = {
    {.method = "POST",
     .path = "/r1/{instance}/{class}/{member}/{subsystem}/{service}/{rest*}",
     .permission = MACHINE,
     .prepare = xroad_route,
     .flags = ROUTE_PREPARED | ROUTE_NO_CSRF,
     .max_body_bytes = EXCHANGE_MAX_BODY,
     .per_minute = 60000,
     .title = TX(exchange_xroad_title)},
    {.method = "GET",
     .path = "/kiem-chung",
     .query = "dau",
     .permission = PUBLIC,
     .handler = exchange_trail_page,
     .out = &exchange_trail_shape,
     .title = TX(exchange_trail_title)},
    {.method = "GET",
     .path = "/kiem-chung/{seq}",
     .permission = PUBLIC,
     .handler = exchange_inclusion_page,
     .out = &exchange_proof_shape,
     .title = TX(exchange_trail_proof_title)},
    {.method = "GET",
     .path = "/kiem-chung/tu/{size}",
     .permission = PUBLIC,
     .handler = exchange_consistency_page,
     .out = &exchange_proof_shape,
     .title = TX(exchange_trail_proof_title)},
};

const struct module exchange_module = {.name = "exchange",
                                       TABLE(services, services),
                                       TABLE(jobs, jobs),
                                       TABLE(settings, settings),
                                       TABLE(routes, routes),
                                       .start = start};
