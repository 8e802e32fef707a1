/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/text.h"
#include "core/scope.h"
#include "core/subject.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_out.h"

#define COLUMNS "id, username, kind, person, name, assurance, phc, disabled, once_us, factor"

static const char *place(struct ctx *c, const char *column, const char *id)
{
    return arena_printf(c->arena, "identity/%s/%s", column, id);
}

enum err identity_seal(struct ctx *c, const char *account, const char *column, const char *id,
                       const char *text, struct bytes *ret_sealed)
{
    const struct subject_wish wish = {.class = SUBJECT_ACCOUNT, .object = account, .kind = ""};
    int64_t subject;
    enum err e = subject_of(c, &wish, &subject);
    return e ? e : subject_seal_text(c, subject, place(c, column, id), text, ret_sealed);
}

enum err identity_open(struct ctx *c, const char *column, const char *id, struct bytes in,
                       const char **ret)
{
    *ret = "";
    if (!subject_lives(c, subject_sealed_under(in))) /* nobody any more */
        return OK;
    return subject_open_text(c, SECRET_IDENTITY, place(c, column, id), in, ret);
}

enum err identity_account_add(struct ctx *c, const struct identity_account *a, const char *phc,
                              const char **ret_id)
{
    const char *id = id_new(c->arena, c->now_us),
               *username = identity_username(c->arena, a->username);
    const char *token = text_empty(a->person) ? "" : person_token(c, a->person);
    const struct subject_wish wish = {.class = SUBJECT_ACCOUNT,
                                      .object = id,
                                      .kind = a->kind == ACTOR_CITIZEN ? "citizen" : "official",
                                      .person = token};
    struct bytes sealed_person, sealed_name;
    int64_t subject;
    enum err e = subject_make(c, &wish, &subject);
    if (!e)
        e = identity_seal(c, id, "person", id, a->person, &sealed_person);
    if (!e)
        e = identity_seal(c, id, "name", id, a->name, &sealed_name);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO identity_account (id, username, kind, person_token, person, name, "
                    "assurance,"
                    " phc, disabled, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)",
                    P_TEXT(id), P_TEXT(username),
                    P_TEXT(a->kind == ACTOR_CITIZEN ? "citizen" : "official"), P_TEXT(token),
                    P_BLOB(sealed_person), P_BLOB(sealed_name), P_INT(a->assurance),
                    P_TEXT(phc ? phc : ""), P_INT(c->now_us));
    if (e == ERR_DB_UNIQUE) {
        bool person = c->n_faults && text_eq(c->faults[0].field, "identity_account_person");
        ctx_clear_faults(c);
        return person ? fail(c, ERR_CONFLICT, "person")
                      : fail(c, ERR_USERNAME_TAKEN, "username", username);
    }
    if (!e && a->kind == ACTOR_OFFICIAL)
        e = identity_store_words(c, id, username, a->name);
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

enum err identity_store_grant_end(struct ctx *c, const char *grant_id)
{
    return db_exec(c, NULL,
                   "UPDATE identity_grant SET until_us = $2 WHERE id = $1"
                   " AND (until_us = 0 OR until_us > $2)",
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
    w->once_us = row_int(r, 8);
    w->factor = row_int(r, 9) != 0;
    enum err e = identity_open(c, "person", a->id, row_blob(r, 3), &a->person);
    if (!subject_lives(c, subject_sealed_under(row_blob(r, 4)))) { /* it lets nobody in */
        w->phc = "";
        a->disabled = true;
    }
    return e ? e : identity_open(c, "name", a->id, row_blob(r, 4), &a->name);
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

enum err identity_store_disable(struct ctx *c, const char *id, bool disabled)
{
    int64_t n = 0;
    enum err e = db_exec(c, &n, "UPDATE identity_account SET disabled = $2 WHERE id = $1",
                         P_TEXT(id), P_BOOL(disabled));
    return e || n ? e : fail(c, ERR_NOT_FOUND, "account");
}

enum err identity_store_password(struct ctx *c, const char *id, const char *phc, int64_t once_us)
{
    int64_t n = 0;
    enum err e = db_exec(c, &n, "UPDATE identity_account SET phc = $2, once_us = $3 WHERE id = $1",
                         P_TEXT(id), P_TEXT(phc), P_INT(once_us));
    return e || n ? e : fail(c, ERR_NOT_FOUND, "account");
}

enum err identity_store_rename(struct ctx *c, const struct identity_account *a)
{
    struct bytes name;
    enum err e = identity_seal(c, a->id, "name", a->id, a->name, &name);
    return e ? e
             : db_exec(c, NULL,
                       "UPDATE identity_account SET name = $2, assurance = $3 WHERE id = $1",
                       P_TEXT(a->id), P_BLOB(name), P_INT(a->assurance));
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

/* ---- wrong passwords ---- */

static const char *try_token(struct ctx *c, const char *kind, const char *value)
{
    return secret_token(c, SECRET_IDENTITY_TRY, arena_printf(c->arena, "%s %s", kind, value));
}

static enum err read_try(struct ctx *c, const struct db_row *r, void *arg)
{
    struct identity_try *t = arg;
    (void)c;
    t->failures = row_int(r, 0);
    t->window_us = row_int(r, 1);
    t->streak = row_int(r, 2);
    return OK;
}

enum err identity_store_try(struct ctx *c, const char *kind, const char *value,
                            struct identity_try *ret)
{
    bool found = false;
    *ret = (struct identity_try){0, 0, 0};
    return db_one(c, &found, read_try, ret,
                  "SELECT failures, window_us, streak FROM identity_try WHERE subject = $1",
                  P_TEXT(try_token(c, kind, value)));
}

/* A window that began in the future was begun by a clock that was set back since. */
enum err identity_store_try_add(struct ctx *c, const char *kind, const char *value, bool streak)
{
    return db_exec(
        c, NULL,
        "INSERT INTO identity_try (subject, failures, window_us, streak) VALUES ($1, 1, $2, $4)"
        " ON CONFLICT (subject) DO UPDATE SET failures ="
        " CASE WHEN identity_try.window_us <= $3 OR identity_try.window_us > $2 THEN 1"
        " ELSE identity_try.failures + 1 END, window_us ="
        " CASE WHEN identity_try.window_us <= $3 OR identity_try.window_us > $2 THEN $2"
        " ELSE identity_try.window_us END, streak = identity_try.streak + $4",
        P_TEXT(try_token(c, kind, value)), P_INT(c->now_us), P_INT(c->now_us - IDENTITY_WINDOW_US),
        P_INT(streak));
}

enum err identity_store_try_back(struct ctx *c, const char *kind, const char *value)
{
    return db_exec(c, NULL,
                   "UPDATE identity_try SET failures = failures - 1"
                   " WHERE subject = $1 AND failures > 0",
                   P_TEXT(try_token(c, kind, value)));
}

enum err identity_store_try_ended(struct ctx *c, const char *kind, const char *value)
{
    return db_exec(c, NULL, "UPDATE identity_try SET streak = 0 WHERE subject = $1",
                   P_TEXT(try_token(c, kind, value)));
}

enum err identity_store_try_forget(struct ctx *c, const char *kind, const char *value)
{
    return db_exec(c, NULL, "DELETE FROM identity_try WHERE subject = $1",
                   P_TEXT(try_token(c, kind, value)));
}

/* ---- codes and tokens of the OpenID Provider ---- */

enum err identity_store_code(struct ctx *c, const struct identity_code *k)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_code (hash, client, redirect, account, nonce, challenge,"
                   " made_us, used_us, auth_us, jkt, sid)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)",
                   P_TEXT(k->hash), P_TEXT(k->client), P_TEXT(k->redirect), P_TEXT(k->account),
                   P_TEXT(k->nonce), P_TEXT(k->challenge), P_INT(c->now_us), P_INT(k->auth_us),
                   P_TEXT(k->jkt), P_TEXT(k->sid));
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
                                                          .used_us = row_int(r, 7),
                                                          .auth_us = row_int(r, 8),
                                                          .jkt = row_text(r, 9),
                                                          .sid = row_text(r, 10)};
    return OK;
}

/* Marks it used; ret tells whether it was before. */
enum err identity_store_code_take(struct ctx *c, const char *hash, bool *ret_found,
                                  struct identity_code *ret)
{
    enum err e = db_one(c, ret_found, read_code, ret,
                        "SELECT hash, client, redirect, account, nonce, challenge, made_us,"
                        " used_us, auth_us, jkt, sid FROM identity_code WHERE hash = $1",
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

enum err identity_store_token(struct ctx *c, const char *token, const struct identity_code *k,
                              const char *jkt)
{
    return db_exec(c, NULL,
                   "INSERT INTO identity_token (hash, code, account, until_us, jkt)"
                   " VALUES ($1, $2, $3, $4, $5)",
                   P_TEXT(hash_of(c, token)), P_TEXT(k->hash), P_TEXT(k->account),
                   P_INT(c->now_us + IDENTITY_TOKEN_US), P_TEXT(jkt));
}

enum err identity_store_revoke(struct ctx *c, const char *code)
{
    return db_exec(c, NULL, "DELETE FROM identity_token WHERE code = $1", P_TEXT(code));
}

static enum err read_token(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct identity_token *)arg = (struct identity_token){
        .account = row_text(r, 0), .client = row_text(r, 1), .jkt = row_text(r, 2)};
    return OK;
}

enum err identity_store_token_of(struct ctx *c, const char *token, bool *ret_found,
                                 struct identity_token *ret)
{
    return db_one(c, ret_found, read_token, ret,
                  "SELECT t.account, k.client, t.jkt FROM identity_token t"
                  " JOIN identity_code k ON k.hash = t.code"
                  " WHERE t.hash = $1 AND t.until_us > $2 AND t.until_us <= $3",
                  P_TEXT(hash_of(c, token)), P_INT(c->now_us),
                  P_INT(c->now_us + IDENTITY_TOKEN_US));
}

static enum err insert_assertion(struct ctx *c, void *arg)
{
    const struct oidc_assertion *a = arg;
    return db_exec(c, NULL,
                   "INSERT INTO identity_assertion (client, jti, until_us) VALUES ($1, $2, $3)",
                   P_TEXT(a->client), P_TEXT(hash_of(c, a->jti)), P_INT(a->until_us));
}

enum err identity_store_assertion(struct ctx *c, const struct oidc_assertion *a, bool *ret_fresh)
{
    struct oidc_assertion copy = *a;
    enum err e = db_part(c, insert_assertion, &copy);
    *ret_fresh = !e;
    if (e != ERR_DB_UNIQUE)
        return e;
    ctx_clear_faults(c);
    return OK;
}

enum err identity_store_clean(struct ctx *c)
{
    int64_t old = c->now_us - DAY_US;
    enum err e = db_exec(c, NULL, "DELETE FROM identity_token WHERE until_us < $1", P_INT(old));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_notice WHERE at_us < $1",
                    P_INT(c->now_us - IDENTITY_NOTICE_US));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_code WHERE made_us < $1", P_INT(old - DAY_US));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_assertion WHERE until_us < $1", P_INT(old));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_party WHERE at_us < $1",
                    P_INT(c->now_us - IDENTITY_PARTY_US));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_proof WHERE until_us < $1", P_INT(old));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_pushed WHERE until_us < $1", P_INT(c->now_us));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM identity_walk WHERE until_us < $1", P_INT(old));
    if (e)
        return e;
    return db_exec(
        c, NULL, "DELETE FROM identity_try WHERE window_us < $1 AND (streak = 0 OR window_us < $2)",
        P_INT(old), P_INT(c->now_us - IDENTITY_STREAK_US));
}
