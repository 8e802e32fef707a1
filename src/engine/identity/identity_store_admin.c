/* SPDX-License-Identifier: Apache-2.0 */
/* What administrators' pages read and keep. */
#include "base/id.h"
#include "base/text.h"
#include "core/secrets.h"
#include "engine/identity/identity_admin.h"

#define MAX_WORDS  3 /* of a question; further ones are left out */
#define FILL_AT    500
#define BEHIND_ALL "\xf4\x8f\xbf\xbf" /* the last code point: behind every longer name */

/* ---- words ---- */

static const char *token_of(struct ctx *c, const char *word)
{
    return secret_token(c, SECRET_IDENTITY_WORD, word);
}

static enum err put_words(struct ctx *c, const char *account, const char *text)
{
    size_t n;
    const char **words = text_split(c->arena, text_fold(c->arena, text), ' ', &n);
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++)
        e = db_exec(c, NULL,
                    "INSERT INTO identity_word (token, account) VALUES ($1, $2)"
                    " ON CONFLICT DO NOTHING",
                    P_TEXT(token_of(c, words[i])), P_TEXT(account));
    return e;
}

enum err identity_store_words(struct ctx *c, const char *account, const char *username,
                              const char *name)
{
    enum err e = put_words(c, account, username);
    return e ? e : put_words(c, account, name);
}

/* ---- accounts ---- */

struct listing {
    struct identity_account *out;
    size_t n, max;
};

static enum err keep(struct ctx *c, const struct db_row *r, void *arg)
{
    struct listing *l = arg;
    if (l->n == l->max)
        return OK;
    struct identity_account *a = &l->out[l->n++];
    *a = (struct identity_account){.id = row_text(r, 0),
                                   .username = row_text(r, 1),
                                   .kind = text_eq(row_text(r, 2), "citizen") ? ACTOR_CITIZEN
                                                                              : ACTOR_OFFICIAL,
                                   .person = "",
                                   .disabled = row_int(r, 4) != 0};
    return identity_open(c, "name", a->id, row_blob(r, 3), &a->name);
}

enum err identity_store_list(struct ctx *c, const struct identity_asking *q,
                             struct identity_account *ret, size_t max, size_t *ret_n)
{
    struct listing l = {ret, 0, max};
    const char *token[MAX_WORDS] = {"", "", ""}, *begin = identity_username(c->arena, q->words);
    size_t n;
    const char **words = text_split(c->arena, text_fold(c->arena, q->words), ' ', &n);
    for (size_t i = 0; i < n && i < MAX_WORDS; i++)
        token[i] = token_of(c, words[i]);
    if (!n && !text_empty(q->words)) { /* nothing but signs: found nowhere */
        *ret_n = 0;
        return OK;
    }
    enum err e =
        db_each(c, keep, &l,
                "SELECT id, username, kind, name, disabled FROM identity_account"
                " WHERE kind = $1 AND ($2 = '' OR id < $2)"
                " AND ((($3 = '' OR id IN (SELECT account FROM identity_word WHERE token = $3))"
                " AND ($4 = '' OR id IN (SELECT account FROM identity_word WHERE token = $4))"
                " AND ($5 = '' OR id IN (SELECT account FROM identity_word WHERE token = $5)))"
                " OR ($6 <> '' AND username >= $6 AND username < $7)) ORDER BY id DESC LIMIT $8",
                P_TEXT(q->kind == ACTOR_CITIZEN ? "citizen" : "official"), P_TEXT(q->before),
                P_TEXT(token[0]), P_TEXT(token[1]), P_TEXT(token[2]), P_TEXT(begin),
                P_TEXT(arena_printf(c->arena, "%s" BEHIND_ALL, begin)), P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}

enum err identity_words_fill(struct ctx *c)
{
    struct identity_account *a = ARENA_ARRAY(c->arena, FILL_AT, struct identity_account);
    const char *after = "";
    struct listing l = {a, FILL_AT, FILL_AT};
    while (l.n == FILL_AT) {
        l.n = 0;
        enum err e = db_each(c, keep, &l,
                             "SELECT id, username, kind, name, disabled FROM identity_account a"
                             " WHERE kind = 'official' AND id > $1 AND NOT EXISTS"
                             " (SELECT 1 FROM identity_word w WHERE w.account = a.id)"
                             " ORDER BY id LIMIT $2",
                             P_TEXT(after), P_INT(FILL_AT));
        for (size_t i = 0; i < l.n && !e; i++)
            e = identity_store_words(c, a[i].id, a[i].username, a[i].name);
        if (e)
            return e;
        after = l.n ? a[l.n - 1].id : after;
    }
    return OK;
}

/* ---- posts ---- */

static enum err read_grant(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct identity_grant *)arg = (struct identity_grant){.id = row_text(r, 0),
                                                            .account = row_text(r, 1),
                                                            .role = row_text(r, 2),
                                                            .unit = row_text(r, 3),
                                                            .from_us = row_int(r, 4),
                                                            .until_us = row_int(r, 5)};
    return OK;
}

enum err identity_store_grant(struct ctx *c, const char *id, bool *ret_found,
                              struct identity_grant *ret)
{
    return db_one(c, ret_found, read_grant, ret,
                  "SELECT id, account, role, unit, from_us, until_us FROM identity_grant"
                  " WHERE id = $1 AND (until_us = 0 OR until_us > $2)",
                  P_TEXT(id), P_INT(c->now_us));
}

enum err identity_store_holders(struct ctx *c, const char *role, const char *not_account,
                                const char *not_grant, int64_t *ret_n)
{
    return db_int(c, ret_n,
                  "SELECT count(*) FROM identity_grant g JOIN identity_account a"
                  " ON a.id = g.account WHERE g.role = $1 AND g.account <> $2 AND g.id <> $3"
                  " AND a.disabled = 0 AND g.from_us <= $4"
                  " AND (g.until_us = 0 OR g.until_us > $4)",
                  P_TEXT(role), P_TEXT(not_account), P_TEXT(not_grant), P_INT(c->now_us));
}

/* ---- acts ---- */

enum err identity_store_act(struct ctx *c, const struct identity_act *a, const char **ret_sha256)
{
    struct bytes reason, actor;
    enum err e = identity_seal(c, a->account, "act.reason", a->id, a->reason, &reason);
    if (!e)
        e = identity_seal(c, a->account, "act.actor", a->id, a->actor, &actor);
    if (e)
        return e;
    *ret_sha256 = sha256_hex(c->arena, sha256(reason));
    return db_exec(c, NULL,
                   "INSERT INTO identity_act (id, account, action, about, actor, reason, at_us)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   P_TEXT(a->id), P_TEXT(a->account), P_TEXT(a->action), P_TEXT(a->about),
                   P_BLOB(actor), P_BLOB(reason), P_INT(a->at_us));
}

struct history {
    struct identity_act *out;
    size_t n, max;
};

static enum err read_act(struct ctx *c, const struct db_row *r, void *arg)
{
    struct history *h = arg;
    if (h->n == h->max)
        return OK;
    struct identity_act *a = &h->out[h->n++];
    *a = (struct identity_act){.id = row_text(r, 0),
                               .account = row_text(r, 1),
                               .action = row_text(r, 2),
                               .about = row_text(r, 3),
                               .at_us = row_int(r, 6)};
    enum err e = identity_open(c, "act.actor", a->id, row_blob(r, 4), &a->actor);
    return e ? e : identity_open(c, "act.reason", a->id, row_blob(r, 5), &a->reason);
}

enum err identity_store_acts(struct ctx *c, const char *account, struct identity_act *ret,
                             size_t max, size_t *ret_n)
{
    struct history h = {ret, 0, max};
    enum err e = db_each(c, read_act, &h,
                         "SELECT id, account, action, about, actor, reason, at_us"
                         " FROM identity_act WHERE account = $1 ORDER BY id DESC LIMIT $2",
                         P_TEXT(account), P_INT((int64_t)max));
    if (!e)
        *ret_n = h.n;
    return e;
}
