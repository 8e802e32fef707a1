/* SPDX-License-Identifier: Apache-2.0 */
/* Pushed authorization requests: few, short-lived, each good for one visit. */
#include "base/text.h"
#include "engine/identity/oidc_request.h"

/* Those that are over, and those that a clock since set back has made too long. */
static enum err forget_old(struct ctx *c, const char *client)
{
    return db_exec(c, NULL,
                   "DELETE FROM identity_pushed WHERE client = $1"
                   " AND (until_us <= $2 OR until_us > $3)",
                   P_TEXT(client), P_INT(c->now_us), P_INT(c->now_us + OIDC_PUSHED_S * SECOND_US));
}

/* The oldest give way, not the new one: whoever has a client push without end crowds out what was
   pushed and not visited long before, never a person who has just been sent here. */
static enum err make_room(struct ctx *c, const char *client)
{
    int64_t n = 0;
    enum err e =
        db_int(c, &n, "SELECT count(*) FROM identity_pushed WHERE client = $1", P_TEXT(client));
    if (e || n < OIDC_PUSHED_MAX)
        return e;
    return db_exec(c, NULL,
                   "DELETE FROM identity_pushed WHERE hash IN (SELECT hash FROM identity_pushed"
                   " WHERE client = $1 ORDER BY until_us, hash LIMIT $2)",
                   P_TEXT(client), P_INT(n - OIDC_PUSHED_MAX + 1));
}

enum err identity_store_pushed(struct ctx *c, const char *hash, const struct oidc_request *q)
{
    enum err e = forget_old(c, q->client);
    if (!e)
        e = make_room(c, q->client);
    if (e)
        return e;
    return db_exec(c, NULL,
                   "INSERT INTO identity_pushed (hash, client, state, nonce, challenge, prompt,"
                   " max_age_s, until_us, jkt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   P_TEXT(hash), P_TEXT(q->client), P_TEXT(q->state), P_TEXT(q->nonce),
                   P_TEXT(q->challenge), P_TEXT(q->prompt), P_INT(q->max_age_s),
                   P_INT(c->now_us + OIDC_PUSHED_S * SECOND_US), P_TEXT(q->jkt));
}

static enum err read_pushed(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct oidc_request *)arg = (struct oidc_request){.state = row_text(r, 0),
                                                        .nonce = row_text(r, 1),
                                                        .challenge = row_text(r, 2),
                                                        .prompt = row_text(r, 3),
                                                        .max_age_s = row_int(r, 4),
                                                        .jkt = row_text(r, 5)};
    return OK;
}

enum err identity_store_pushed_take(struct ctx *c, const char *hash, const char *client,
                                    bool *ret_found, struct oidc_request *ret)
{
    enum err e =
        db_one(c, ret_found, read_pushed, ret,
               "SELECT state, nonce, challenge, prompt, max_age_s, jkt FROM identity_pushed"
               " WHERE hash = $1 AND client = $2 AND until_us > $3 AND until_us <= $4",
               P_TEXT(hash), P_TEXT(client), P_INT(c->now_us),
               P_INT(c->now_us + OIDC_PUSHED_S * SECOND_US));
    if (e || !*ret_found)
        return e;
    return db_exec(c, NULL, "DELETE FROM identity_pushed WHERE hash = $1", P_TEXT(hash));
}

/* ---- walks that have had their code ---- */

static enum err insert_walk(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "INSERT INTO identity_walk (hash, until_us) VALUES ($1, $2)",
                   P_TEXT(arg), P_INT(c->now_us + OIDC_WALK_US));
}

enum err identity_store_walk(struct ctx *c, const char *walk, bool *ret_fresh)
{
    *ret_fresh = true;
    if (text_empty(walk))
        return OK;
    enum err e = db_part(c, insert_walk, arena_text(c->arena, walk));
    *ret_fresh = !e;
    if (e != ERR_DB_UNIQUE)
        return e;
    ctx_clear_faults(c);
    return OK;
}

/* ---- proofs of a key, each good once ---- */

static enum err insert_holder(struct ctx *c, void *arg)
{
    const struct oidc_holder *h = arg;
    return db_exec(c, NULL, "INSERT INTO identity_proof (jkt, jti, until_us) VALUES ($1, $2, $3)",
                   P_TEXT(h->jkt), P_TEXT(sha256_hex(c->arena, sha256(bytes_of(h->jti)))),
                   P_INT(h->until_us));
}

enum err identity_store_holder(struct ctx *c, const struct oidc_holder *h, bool *ret_fresh)
{
    struct oidc_holder copy = *h;
    *ret_fresh = true;
    if (text_empty(h->jkt))
        return OK;
    enum err e = db_part(c, insert_holder, &copy);
    *ret_fresh = !e;
    if (e != ERR_DB_UNIQUE)
        return e;
    ctx_clear_faults(c);
    return OK;
}
