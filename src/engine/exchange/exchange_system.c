/* SPDX-License-Identifier: Apache-2.0 */
/* Which of an agency's systems may speak for it: by certificate, none by default. */
#include "base/text.h"
#include "core/audit.h"
#include "engine/exchange/xroad.h"

static enum err fingerprint(struct ctx *c, struct bytes cert, const char **ret)
{
    struct cert *x;
    enum err e = cert_parse(c, cert, &x);
    if (e)
        return e;
    *ret = cert_fingerprint(c->arena, x);
    cert_end(x);
    return OK;
}

static enum err record(struct ctx *c, const char *action, const char *client, const char *print)
{
    struct audit_act act = {action, "exchange_system",
                            arena_printf(c->arena, "%s:%s", client, print), NULL};
    return audit_write(c, &act);
}

static bool is_member(const struct ctx *c, const char *client)
{
    for (const char *const *m = c->node->members; *m; m++)
        if (text_eq(*m, client))
            return true;
    return false;
}

enum err exchange_system_add(struct ctx *c, const char *client, const char *name, struct bytes cert)
{
    const char *print;
    if (!is_member(c, client))
        return fail(c, ERR_BAD_CODE, "client", client);
    enum err e = fingerprint(c, cert, &print);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO exchange_system (cert_sha256, client, name, since_us)"
                    " VALUES ($1, $2, $3, $4) ON CONFLICT (cert_sha256, client)"
                    " DO UPDATE SET name = $3",
                    P_TEXT(print), P_TEXT(client), P_TEXT(name), P_INT(c->now_us));
    return e ? e : record(c, "exchange.system_add", client, print);
}

enum err exchange_system_end(struct ctx *c, const char *client, struct bytes cert)
{
    const char *print;
    int64_t rows = 0;
    enum err e = fingerprint(c, cert, &print);
    if (!e)
        e = db_exec(c, &rows, "DELETE FROM exchange_system WHERE cert_sha256 = $1 AND client = $2",
                    P_TEXT(print), P_TEXT(client));
    if (!e && !rows)
        return fail(c, ERR_NOT_FOUND, "client", client);
    return e ? e : record(c, "exchange.system_end", client, print);
}

enum err exchange_system_may(struct ctx *c, const char *client, struct bytes cert, bool *ret_may)
{
    const char *print;
    int64_t n;
    *ret_may = false;
    if (!is_member(c, client) || fingerprint(c, cert, &print)) {
        ctx_clear_faults(c);
        return OK;
    }
    enum err e = db_int(c, &n,
                        "SELECT count(*) FROM exchange_system"
                        " WHERE cert_sha256 = $1 AND client = $2",
                        P_TEXT(print), P_TEXT(client));
    *ret_may = !e && n > 0;
    return e;
}
