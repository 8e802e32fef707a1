/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"
#include "engine/identity/identity_passkey.h"

#define COLUMNS "id, account, credential, alg, point, name, counter, made_us, used_us"

static const char *hash_of(struct ctx *c, struct bytes credential)
{
    return sha256_hex(c->arena, sha256(credential));
}

static enum err read_passkey(struct ctx *c, const struct db_row *r, void *arg)
{
    struct identity_passkey *k = arg;
    struct bytes raw = {0};
    const char *hex = "";
    *k = (struct identity_passkey){.id = row_text(r, 0),
                                   .account = row_text(r, 1),
                                   .counter = row_int(r, 6),
                                   .made_us = row_int(r, 7),
                                   .used_us = row_int(r, 8)};
    enum err e = identity_open(c, "passkey.credential", k->id, row_blob(r, 2), &k->credential);
    if (!e)
        e = identity_open(c, "passkey.point", k->id, row_blob(r, 4), &hex);
    if (!e)
        e = identity_open(c, "passkey.name", k->id, row_blob(r, 5), &k->name);
    if (!e && !(hex_decode(c->arena, hex, &raw) && cose_from_raw(row_int(r, 3), raw, &k->key)))
        e = fail(c, ERR_SEALED, "identity_passkey");
    return e;
}

enum err identity_store_passkey(struct ctx *c, struct bytes credential, bool *ret_found,
                                struct identity_passkey *ret)
{
    return db_one(c, ret_found, read_passkey, ret,
                  "SELECT " COLUMNS " FROM identity_passkey WHERE hash = $1",
                  P_TEXT(hash_of(c, credential)));
}

struct passkeys {
    struct identity_passkey *out;
    size_t n;
};

static enum err read_one(struct ctx *c, const struct db_row *r, void *arg)
{
    struct passkeys *s = arg;
    return read_passkey(c, r, &s->out[s->n++]);
}

enum err identity_store_passkeys(struct ctx *c, const char *account, struct identity_passkey *ret,
                                 size_t *ret_n)
{
    struct passkeys s = {.out = ret};
    enum err e = db_each(c, read_one, &s,
                         "SELECT " COLUMNS " FROM identity_passkey WHERE account = $1"
                         " ORDER BY id LIMIT $2",
                         P_TEXT(account), P_INT(IDENTITY_PASSKEYS));
    if (!e)
        *ret_n = s.n;
    return e;
}

struct sealed {
    struct bytes credential, point, name;
};

static enum err seal_all(struct ctx *c, const struct identity_passkey *k, const char *id,
                         struct sealed *ret)
{
    struct buf hex = buf_new(c->arena, 2 * COSE_RAW_MAX + 1);
    buf_hex(&hex, (struct bytes){k->key.raw, k->key.len});
    enum err e =
        identity_seal(c, k->account, "passkey.credential", id, k->credential, &ret->credential);
    if (!e)
        e = identity_seal(c, k->account, "passkey.point", id, hex.ptr, &ret->point);
    return e ? e : identity_seal(c, k->account, "passkey.name", id, k->name, &ret->name);
}

enum err identity_store_passkey_add(struct ctx *c, const struct identity_passkey *k)
{
    const char *id = id_new(c->arena, c->now_us);
    struct bytes credential = {0};
    struct sealed s = {0};
    if (!base64url_decode(c->arena, k->credential, &credential))
        BUG("a credential id that nobody read");
    enum err e = seal_all(c, k, id, &s);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO identity_passkey (id, account, hash, credential, alg, point, name,"
                    " counter, made_us, used_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
                    P_TEXT(id), P_TEXT(k->account), P_TEXT(hash_of(c, credential)),
                    P_BLOB(s.credential), P_INT(k->key.alg), P_BLOB(s.point), P_BLOB(s.name),
                    P_INT(k->counter), P_INT(c->now_us));
    if (e != ERR_DB_UNIQUE)
        return e;
    ctx_clear_faults(c);
    return fail(c, ERR_PASSKEY_HELD, "passkey");
}

enum err identity_store_passkey_used(struct ctx *c, const char *id, int64_t counter,
                                     bool *ret_fresh)
{
    int64_t n = 0;
    enum err e = db_exec(c, &n,
                         "UPDATE identity_passkey SET counter = $2, used_us = $3 WHERE id = $1"
                         " AND (counter < $2 OR (counter = 0 AND $2 = 0))",
                         P_TEXT(id), P_INT(counter), P_INT(c->now_us));
    if (!e)
        *ret_fresh = n > 0;
    return e;
}

enum err identity_store_passkey_drop(struct ctx *c, const char *account, const char *id)
{
    int64_t n = 0;
    enum err e = db_exec(c, &n, "DELETE FROM identity_passkey WHERE account = $1 AND id = $2",
                         P_TEXT(account), P_TEXT(id));
    return e || n ? e : fail(c, ERR_NOT_FOUND, "id", id);
}

enum err identity_store_passkeys_drop(struct ctx *c, const char *account)
{
    return db_exec(c, NULL, "DELETE FROM identity_passkey WHERE account = $1", P_TEXT(account));
}
