/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/text.h"
#include "core/audit.h"
#include "engine/identity/identity_consent.h"
#include "engine/identity/identity_out.h"

#define HOLDS " account = $1 AND client = $2 AND claims = $3 AND ended_us = 0 AND given_us > $4"

static enum err note(struct ctx *c, const char *action, const char *account, const char *client)
{
    struct audit_act act = {.action = action,
                            .kind = "account",
                            .object = account,
                            .detail = arena_printf(c->arena, "{\"client\":\"%s\"}", client)};
    return audit_write(c, &act);
}

enum err identity_consent_holds(struct ctx *c, const char *account, const char *client,
                                bool *ret_holds)
{
    int64_t n = 0;
    enum err e =
        db_int(c, &n, "SELECT count(*) FROM identity_consent WHERE" HOLDS, P_TEXT(account),
               P_TEXT(client), P_TEXT(IDENTITY_CLAIMS), P_INT(c->now_us - IDENTITY_CONSENT_US));
    if (!e)
        *ret_holds = n > 0;
    return e;
}

enum err identity_consent_told(struct ctx *c, const char *account, const char *client,
                               bool *ret_holds)
{
    int64_t n = 0;
    enum err e =
        db_exec(c, &n, "UPDATE identity_consent SET told_us = $5, times = times + 1 WHERE" HOLDS,
                P_TEXT(account), P_TEXT(client), P_TEXT(IDENTITY_CLAIMS),
                P_INT(c->now_us - IDENTITY_CONSENT_US), P_INT(c->now_us));
    if (!e)
        *ret_holds = n > 0;
    return e;
}

static enum err end(struct ctx *c, const char *account, const char *client, int64_t *ret_n)
{
    return db_exec(c, ret_n,
                   "UPDATE identity_consent SET ended_us = $3"
                   " WHERE account = $1 AND client = $2 AND ended_us = 0",
                   P_TEXT(account), P_TEXT(client), P_INT(c->now_us));
}

enum err identity_consent_give(struct ctx *c, const char *account, const char *client)
{
    enum err e = end(c, account, client, NULL);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO identity_consent (id, account, client, claims, given_us, told_us,"
                    " times, ended_us) VALUES ($1, $2, $3, $4, $5, 0, 0, 0)",
                    P_TEXT(id_new(c->arena, c->now_us)), P_TEXT(account), P_TEXT(client),
                    P_TEXT(IDENTITY_CLAIMS), P_INT(c->now_us));
    return e ? e : note(c, "identity.consent", account, client);
}

enum err identity_consent_end(struct ctx *c, const char *account, const char *client)
{
    int64_t n = 0;
    enum err e = end(c, account, client, &n);
    if (!e)
        e = identity_out_client(c, account, client);
    return e || !n ? e : note(c, "identity.consent_ended", account, client);
}

struct consents {
    struct identity_consent *out;
    size_t n, max;
};

static enum err read_consent(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct consents *s = arg;
    if (s->n < s->max)
        s->out[s->n++] = (struct identity_consent){.client = row_text(r, 0),
                                                   .claims = row_text(r, 1),
                                                   .given_us = row_int(r, 2),
                                                   .told_us = row_int(r, 3),
                                                   .times = row_int(r, 4),
                                                   .ended_us = row_int(r, 5)};
    return OK;
}

enum err identity_consents(struct ctx *c, const char *account, struct identity_consent *ret,
                           size_t max, size_t *ret_n)
{
    struct consents s = {ret, 0, max};
    enum err e = db_each(c, read_consent, &s,
                         "SELECT client, claims, given_us, told_us, times, ended_us"
                         " FROM identity_consent WHERE account = $1 ORDER BY id DESC LIMIT $2",
                         P_TEXT(account), P_INT((int64_t)max));
    if (!e)
        *ret_n = s.n;
    return e;
}
