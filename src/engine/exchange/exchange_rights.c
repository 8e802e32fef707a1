/* SPDX-License-Identifier: Apache-2.0 */
/* Who may call what: the provider's word, with its record in the trail. */
#include "core/audit.h"
#include "engine/exchange/exchange_private.h"

static enum err record(struct ctx *c, const char *action, const char *client, const char *member,
                       const char *service)
{
    struct buf b = buf_new(c->arena, 1024);
    buf_text(&b, "{\"client\":");
    buf_json(&b, client);
    buf_text(&b, ",\"member\":");
    buf_json(&b, member);
    buf_text(&b, ",\"service\":");
    buf_json(&b, service);
    buf_char(&b, '}');
    struct audit_act act = {.action = action,
                            .kind = "exchange_right",
                            .object = arena_printf(c->arena, "%s:%s:%s", client, member, service),
                            .detail = b.ptr};
    return audit_write(c, &act);
}

enum err exchange_allow(struct ctx *c, const char *client, const char *member, const char *service)
{
    bool changed;
    enum err e = exchange_store_allow(c, client, member, service, &changed);
    return e || !changed ? e : record(c, "exchange.allow", client, member, service);
}

enum err exchange_deny(struct ctx *c, const char *client, const char *member, const char *service)
{
    bool changed;
    enum err e = exchange_store_deny(c, client, member, service, &changed);
    return e || !changed ? e : record(c, "exchange.deny", client, member, service);
}
