/* SPDX-License-Identifier: Apache-2.0 */
/* The relying party's side: the provider says that a sign-in is over. Whoever else says so is
   believed in nothing, and leaves nothing behind. */
#include "base/text.h"
#include "core/audit.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/oidc_request.h"

struct hearing {
    struct oidc_out t;
    bool good;
};

enum err oidc_out_prepare(struct ctx *c, struct req *r)
{
    static const char *const once[] = {"logout_token", NULL};
    struct hearing *h = ARENA_NEW(c->arena, struct hearing);
    const struct node_peer *provider = c->node->identity_url ? oidc_provider(c) : NULL;
    struct oidc_expected x = {.issuer = c->node->identity_url, .client = c->node->agency};
    *h = (struct hearing){.good = false};
    r->kept = h;
    if (!provider || oidc_says_twice(r, once) ||
        !oidc_key_of(c, provider, req_form(r, "logout_token"), &x.point))
        return OK;
    h->good = oidc_read_out(c, req_form(r, "logout_token"), &x, &h->t);
    return OK;
}

static enum err end_sessions(struct ctx *c, const struct oidc_out *t)
{
    int64_t n = 0;
    const char *account = "";
    enum err e = text_empty(t->sub) ? OK : identity_store_of_subject(c, t->sub, &account);
    if (e || (!text_empty(t->sub) && text_empty(account))) /* nobody who was ever here */
        return e;
    e = session_end_named(c, account, t->sid, &n);
    struct audit_act act = {.action = "identity.out_heard",
                            .kind = "account",
                            .object = account,
                            .detail = arena_printf(c->arena, "{\"by\":\"%s\",\"sessions\":%lld}",
                                                   oidc_provider(c)->agency, (long long)n)};
    return e ? e : audit_write(c, &act);
}

enum err oidc_out_hear(struct ctx *c, struct req *r)
{
    const struct hearing *h = r->kept;
    bool fresh = false;
    if (!h->good)
        return oidc_refuse(c, r, 400, "invalid_request");
    struct oidc_assertion once = {.client = oidc_provider(c)->agency,
                                  .jti = arena_printf(c->arena, "logout_token %s", h->t.jti),
                                  .until_us = h->t.until_us};
    enum err e = identity_store_assertion(c, &once, &fresh);
    if (e || !fresh)
        return e ? e : oidc_refuse(c, r, 400, "invalid_request");
    if ((e = end_sessions(c, &h->t)))
        return e;
    answer_header(r, "Cache-Control", "no-store");
    return answer_json(c, r, 200, bytes_of("{}"));
}
