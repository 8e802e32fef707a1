/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "engine/identity/identity_out.h"

#define OF " account = $1 AND ($2 = '' OR sid = $2) AND ($3 = '' OR client = $3)"

enum err identity_store_party(struct ctx *c, const struct identity_code *k)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_party (sid, client, account, at_us)"
                   " VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (sid, client, account) DO UPDATE SET at_us = $4",
                   P_TEXT(k->sid), P_TEXT(k->client), P_TEXT(k->account), P_INT(c->now_us));
}

struct parties {
    struct identity_ending *out;
    size_t n, max;
    const char *account;
};

static enum err read_party(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct parties *p = arg;
    if (p->n < p->max)
        p->out[p->n++] = (struct identity_ending){p->account, row_text(r, 0), row_text(r, 1)};
    return OK;
}

enum err identity_store_parties(struct ctx *c, const struct identity_ending *x,
                                struct identity_ending *ret, size_t max, size_t *ret_n)
{
    struct parties p = {ret, 0, max, x->account};
    enum err e =
        db_each(c, read_party, &p,
                "SELECT sid, client FROM identity_party WHERE" OF " ORDER BY sid, client LIMIT $4",
                P_TEXT(x->account), P_TEXT(x->sid), P_TEXT(x->client), P_INT((int64_t)max));
    if (!e)
        *ret_n = p.n;
    return e;
}

enum err identity_store_party_gone(struct ctx *c, const struct identity_ending *one)
{
    return db_exec(c, NULL,
                   "DELETE FROM identity_party WHERE account = $1 AND sid = $2 AND client = $3",
                   P_TEXT(one->account), P_TEXT(one->sid), P_TEXT(one->client));
}

static enum err read_text(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err identity_store_party_oldest(struct ctx *c, const char *account, const char *client,
                                     const char **ret_sid)
{
    int64_t n = 0;
    bool found = false;
    *ret_sid = "";
    enum err e =
        db_int(c, &n, "SELECT count(*) FROM identity_party WHERE account = $1 AND client = $2",
               P_TEXT(account), P_TEXT(client));
    if (e || n <= IDENTITY_PARTIES)
        return e;
    return db_one(c, &found, read_text, ret_sid,
                  "SELECT sid FROM identity_party WHERE account = $1 AND client = $2"
                  " ORDER BY at_us, sid LIMIT 1",
                  P_TEXT(account), P_TEXT(client));
}

enum err identity_store_party_other(struct ctx *c, const char *sid, const char *account,
                                    const char **ret_account)
{
    bool found = false;
    *ret_account = "";
    return db_one(c, &found, read_text, ret_account,
                  "SELECT account FROM identity_party WHERE sid = $1 AND account <> $2 LIMIT 1",
                  P_TEXT(sid), P_TEXT(account));
}

/* A used code stays: who uses it again must still be seen (RFC 9700 4.5). */
enum err identity_store_codes_end(struct ctx *c, const struct identity_ending *x)
{
    enum err e = db_exec(c, NULL,
                         "DELETE FROM identity_token WHERE account = $1 AND code IN"
                         " (SELECT hash FROM identity_code WHERE" OF ")",
                         P_TEXT(x->account), P_TEXT(x->sid), P_TEXT(x->client));
    return e ? e
             : db_exec(c, NULL, "UPDATE identity_code SET used_us = $4 WHERE" OF " AND used_us = 0",
                       P_TEXT(x->account), P_TEXT(x->sid), P_TEXT(x->client), P_INT(c->now_us));
}

/* ---- at the relying party ---- */

enum err identity_store_subject(struct ctx *c, const struct identity_account *a)
{
    return db_exec(c, NULL,
                   "UPDATE identity_account SET subject = $2 WHERE id = $1 AND subject <> $2",
                   P_TEXT(a->id), P_TEXT(a->subject));
}

enum err identity_store_of_subject(struct ctx *c, const char *subject, const char **ret_account)
{
    bool found = false;
    *ret_account = "";
    return db_one(c, &found, read_text, ret_account,
                  "SELECT id FROM identity_account WHERE subject = $1 AND subject <> ''"
                  " ORDER BY id DESC LIMIT 1",
                  P_TEXT(subject));
}
