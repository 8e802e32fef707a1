/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's side: right, log, service, answer - all in one write transaction. */
#include <string.h>

#include "base/text.h"
#include "core/access.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/exchange/exchange_private.h"

static const struct service *service_of(const struct ctx *c, const char *member, const char *code)
{
    for (size_t i = 0; i < c->node->n_modules; i++) {
        const struct module *m = c->node->modules[i];
        for (size_t k = 0; k < m->n_services; k++) {
            const struct service *s = &m->services[k];
            bool fits = text_eq(s->member, "*") || text_eq(s->member, member);
            if (fits && text_eq(s->code, code))
                return s;
        }
    }
    return NULL;
}

static enum err check_right(struct ctx *c, const struct exchange_head *h)
{
    bool has = node_carries(c->node, h->client);
    enum err e = has ? OK : exchange_store_right(c, h->client, h->member, h->service, &has);
    if (e || has)
        return e;
    return fail(c, ERR_EXCHANGE_DENIED, h->service, h->client);
}

static bool purpose_fits(const struct service *s, const char *purpose)
{
    for (const char *const *p = s->purposes; p && *p; p++)
        if (text_eq(*p, purpose))
            return true;
    return s->purposes == NULL;
}

/* The unit a peer names must be the client's own or one below it: purposes are given to agencies.
 */
static bool within(const char *client, const char *unit)
{
    size_t n = strlen(client);
    return strncmp(client, unit, n) == 0 && (!unit[n] || unit[n] == '.');
}

/* Who acts: the agency that asks, and the official or citizen behind it as its node names them. */
static void become_client(struct ctx *c, const struct exchange_head *h, struct actor *a)
{
    const char *unit = within(h->client, h->reader_unit) ? h->reader_unit : h->client;
    *a = (struct actor){.kind = ACTOR_AGENCY,
                        .account = h->client,
                        .person = text_empty(h->reader_person) ? "" : h->reader_person,
                        .name = text_empty(h->reader) ? h->client : h->reader,
                        .unit = unit,
                        .unit_name = country_agency_name(c->node->country, h->client, LANG_VI),
                        .role = h->reader_role};
    c->actor = a;
    c->purpose = text_empty(h->purpose) ? NULL : h->purpose;
    c->matter = text_empty(h->matter) ? NULL : h->matter;
}

struct serving {
    const struct service *service;
    struct service_call call;
};

static enum err run_service(struct ctx *c, void *arg)
{
    struct serving *s = arg;
    enum err e = s->service->serve(c, &s->call);
    return e ? e : access_commit(c);
}

enum err exchange_serve(struct ctx *c, const struct exchange_head *h, struct bytes body,
                        int *ret_status, struct bytes *ret_answer)
{
    struct serving s = {.service = service_of(c, h->member, h->service)};
    struct actor actor;
    const struct actor *before = c->actor;
    enum err e =
        node_carries(c->node, h->member) ? OK : fail(c, ERR_EXCHANGE_UNKNOWN, "member", h->member);
    if (!e)
        e = check_right(c, h);
    if (!e && !s.service)
        e = fail(c, ERR_EXCHANGE_UNKNOWN, "service", h->service);
    if (!e && !purpose_fits(s.service, h->purpose))
        e = fail(c, ERR_PURPOSE, h->service, h->purpose);
    if (!e) {
        become_client(c, h, &actor);
        s.call = (struct service_call){.client = h->client,
                                       .member = h->member,
                                       .message_id = h->id,
                                       .body = body,
                                       .status = 200,
                                       .answer = bytes_of("{}")};
        e = db_part(c, run_service, &s);
        c->actor = before;
        c->purpose = c->matter = NULL;
    }
    if (e && err_row(e)->status >= 500)
        return e; /* not an answer: they may ask again */
    *ret_status = e ? err_row(e)->status : s.call.status;
    *ret_answer = e ? exchange_problem(c, e) : s.call.answer;
    c->access = NULL;
    ctx_clear_faults(c);
    return OK;
}
