/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/text.h"
#include "core/scope.h"
#include "engine/identity/identity_private.h"

#define COLUMNS "id, username, kind, person, name, assurance, phc, disabled, failures, window_us"

static struct bytes seal_text(struct ctx *c, const char *place, const char *id, const char *text)
{
    if (text_empty(text))
        return (struct bytes){NULL, 0};
    struct bytes key = key_derive(c->arena, c->node->root_key, "identity/seal");
    return seal(c->arena, key, arena_printf(c->arena, "identity/%s/%s", place, id), bytes_of(text));
}

static enum err open_text(struct ctx *c, const char *place, const char *id, struct bytes in,
                          const char **ret)
{
    struct bytes key = key_derive(c->arena, c->node->root_key, "identity/seal"), plain;
    *ret = "";
    if (!in.len)
        return OK;
    if (!seal_open(c->arena, key, arena_printf(c->arena, "identity/%s/%s", place, id), in, &plain))
        return fail(c, ERR_SEALED, "identity_account", id);
    *ret = arena_text_n(c->arena, (const char *)plain.ptr, plain.len);
    return OK;
}

enum err identity_account_add(struct ctx *c, const struct identity_account *a, const char *phc,
                              const char **ret_id)
{
    const char *id = id_new(c->arena, c->now_us),
               *username = identity_username(c->arena, a->username);
    const char *token = text_empty(a->person) ? "" : person_token(c, a->person);
    enum err e = db_exec(
        c, NULL,
        "INSERT INTO identity_account (id, username, kind, person_token, person, name, assurance,"
        " phc, disabled, failures, window_us, created_us)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9)",
        P_TEXT(id), P_TEXT(username), P_TEXT(a->kind == ACTOR_CITIZEN ? "citizen" : "official"),
        P_TEXT(token), P_BLOB(seal_text(c, "person", id, a->person)),
        P_BLOB(seal_text(c, "name", id, a->name)), P_INT(a->assurance), P_TEXT(phc ? phc : ""),
        P_INT(c->now_us));
    if (e == ERR_DB_UNIQUE) {
        ctx_clear_faults(c);
        return fail(c, ERR_USERNAME_TAKEN, "username", username);
    }
    if (!e)
        *ret_id = id;
    return e;
}

enum err identity_grant_add(struct ctx *c, const struct identity_grant *g)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_grant (id, account, role, unit, from_us, until_us)"
                   " VALUES ($1, $2, $3, $4, $5, $6)",
                   P_TEXT(id_new(c->arena, c->now_us)), P_TEXT(g->account), P_TEXT(g->role),
                   P_TEXT(g->unit), P_INT(g->from_us), P_INT(g->until_us));
}

enum err identity_grant_end(struct ctx *c, const char *grant_id)
{
    return db_exec(c, NULL,
                   "UPDATE identity_grant SET until_us = $2 WHERE id = $1 AND until_us = 0",
                   P_TEXT(grant_id), P_INT(c->now_us));
}

static enum err read_account(struct ctx *c, const struct db_row *r, void *arg)
{
    struct identity_row *w = arg;
    struct identity_account *a = &w->a;
    a->id = row_text(r, 0);
    a->username = row_text(r, 1);
    a->kind = text_eq(row_text(r, 2), "citizen") ? ACTOR_CITIZEN : ACTOR_OFFICIAL;
    a->assurance = row_int(r, 5);
    a->disabled = row_int(r, 7) != 0;
    w->phc = row_text(r, 6);
    w->failures = row_int(r, 8);
    w->window_us = row_int(r, 9);
    enum err e = open_text(c, "person", a->id, row_blob(r, 3), &a->person);
    return e ? e : open_text(c, "name", a->id, row_blob(r, 4), &a->name);
}

enum err identity_store_account(struct ctx *c, const char *id, bool *ret_found,
                                struct identity_row *ret)
{
    return db_one(c, ret_found, read_account, ret,
                  "SELECT " COLUMNS " FROM identity_account WHERE id = $1", P_TEXT(id));
}

enum err identity_store_username(struct ctx *c, const char *username, bool *ret_found,
                                 struct identity_row *ret)
{
    return db_one(c, ret_found, read_account, ret,
                  "SELECT " COLUMNS " FROM identity_account WHERE username = $1"
                  " AND username <> ''",
                  P_TEXT(username));
}

enum err identity_store_person(struct ctx *c, const char *person, bool *ret_found,
                               struct identity_row *ret)
{
    return db_one(c, ret_found, read_account, ret,
                  "SELECT " COLUMNS " FROM identity_account WHERE person_token = $1"
                  " AND person_token <> '' AND kind = 'citizen'",
                  P_TEXT(person_token(c, person)));
}

enum err identity_store_failures(struct ctx *c, const char *id, int64_t failures, int64_t window_us)
{
    return db_exec(c, NULL,
                   "UPDATE identity_account SET failures = $2, window_us = $3 WHERE id = $1",
                   P_TEXT(id), P_INT(failures), P_INT(window_us));
}

enum err identity_store_rename(struct ctx *c, const struct identity_account *a)
{
    return db_exec(c, NULL, "UPDATE identity_account SET name = $2, assurance = $3 WHERE id = $1",
                   P_TEXT(a->id), P_BLOB(seal_text(c, "name", a->id, a->name)),
                   P_INT(a->assurance));
}

struct posts {
    struct identity_grant *out;
    size_t n, max;
};

static enum err read_post(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct posts *p = arg;
    if (p->n < p->max)
        p->out[p->n++] = (struct identity_grant){.id = row_text(r, 0),
                                                 .account = row_text(r, 1),
                                                 .role = row_text(r, 2),
                                                 .unit = row_text(r, 3)};
    return OK;
}

enum err identity_store_posts(struct ctx *c, const char *account, struct identity_grant *ret,
                              size_t max, size_t *ret_n)
{
    struct posts p = {ret, 0, max};
    enum err e = db_each(c, read_post, &p,
                         "SELECT id, account, role, unit FROM identity_grant WHERE account = $1"
                         " AND from_us <= $2 AND (until_us = 0 OR until_us > $2)"
                         " ORDER BY id LIMIT $3",
                         P_TEXT(account), P_INT(c->now_us), P_INT((int64_t)max));
    if (!e)
        *ret_n = p.n;
    return e;
}

enum err identity_store_holds(struct ctx *c, const char *account, const char *role,
                              const char *unit, bool *ret_holds)
{
    int64_t n;
    enum err e = db_int(c, &n,
                        "SELECT count(*) FROM identity_grant WHERE account = $1 AND role = $2"
                        " AND unit = $3 AND from_us <= $4 AND (until_us = 0 OR until_us > $4)",
                        P_TEXT(account), P_TEXT(role), P_TEXT(unit), P_INT(c->now_us));
    if (!e)
        *ret_holds = n > 0;
    return e;
}

/* ---- codes and tokens of the OpenID Provider ---- */

enum err identity_store_code(struct ctx *c, const struct identity_code *k)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_code (hash, client, redirect, account, nonce, challenge,"
                   " made_us, used_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
                   P_TEXT(k->hash), P_TEXT(k->client), P_TEXT(k->redirect), P_TEXT(k->account),
                   P_TEXT(k->nonce), P_TEXT(k->challenge), P_INT(c->now_us));
}

static enum err read_code(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct identity_code *)arg = (struct identity_code){.hash = row_text(r, 0),
                                                          .client = row_text(r, 1),
                                                          .redirect = row_text(r, 2),
                                                          .account = row_text(r, 3),
                                                          .nonce = row_text(r, 4),
                                                          .challenge = row_text(r, 5),
                                                          .made_us = row_int(r, 6),
                                                          .used_us = row_int(r, 7)};
    return OK;
}

/* Marks it used; ret tells whether it was before. */
enum err identity_store_code_take(struct ctx *c, const char *hash, bool *ret_found,
                                  struct identity_code *ret)
{
    enum err e = db_one(c, ret_found, read_code, ret,
                        "SELECT hash, client, redirect, account, nonce, challenge, made_us,"
                        " used_us FROM identity_code WHERE hash = $1",
                        P_TEXT(hash));
    if (e || !*ret_found)
        return e;
    return db_exec(c, NULL, "UPDATE identity_code SET used_us = $2 WHERE hash = $1 AND used_us = 0",
                   P_TEXT(hash), P_INT(c->now_us));
}

static const char *hash_of(struct ctx *c, const char *secret)
{
    return sha256_hex(c->arena, sha256(bytes_of(secret)));
}

enum err identity_store_token(struct ctx *c, const char *token, const char *code,
                              const char *account)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_token (hash, code, account, until_us)"
                   " VALUES ($1, $2, $3, $4)",
                   P_TEXT(hash_of(c, token)), P_TEXT(code), P_TEXT(account),
                   P_INT(c->now_us + IDENTITY_TOKEN_US));
}

enum err identity_store_revoke(struct ctx *c, const char *code)
{
    return db_exec(c, NULL, "DELETE FROM identity_token WHERE code = $1", P_TEXT(code));
}

static enum err read_token(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err identity_store_token_account(struct ctx *c, const char *token, bool *ret_found,
                                      const char **ret_account)
{
    return db_one(c, ret_found, read_token, ret_account,
                  "SELECT account FROM identity_token WHERE hash = $1 AND until_us > $2",
                  P_TEXT(hash_of(c, token)), P_INT(c->now_us));
}

enum err identity_store_clean(struct ctx *c)
{
    int64_t old = c->now_us - DAY_US;
    enum err e = db_exec(c, NULL, "DELETE FROM identity_code WHERE made_us < $1", P_INT(old));
    return e ? e : db_exec(c, NULL, "DELETE FROM identity_token WHERE until_us < $1", P_INT(old));
}
