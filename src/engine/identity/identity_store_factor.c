/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/text.h"
#include "engine/identity/identity_factor.h"

static enum err read_factor(struct ctx *c, const struct db_row *r, void *arg)
{
    struct identity_factor *f = arg;
    const char *hex;
    enum err e = identity_open(c, "factor.seed", row_text(r, 0), row_blob(r, 1), &hex);
    if (!e && !hex_bytes(hex, f->seed, sizeof f->seed))
        e = fail(c, ERR_SEALED, "identity_factor");
    f->step = row_int(r, 2);
    f->made_us = row_int(r, 3);
    f->confirmed_us = row_int(r, 4);
    return e;
}

enum err identity_store_factor(struct ctx *c, const char *account, bool *ret_found,
                               struct identity_factor *ret)
{
    return db_one(c, ret_found, read_factor, ret,
                  "SELECT account, seed, step, made_us, confirmed_us FROM identity_factor"
                  " WHERE account = $1",
                  P_TEXT(account));
}

enum err identity_store_factor_put(struct ctx *c, const char *account,
                                   const uint8_t seed[TOTP_SEED_BYTES])
{
    struct bytes sealed;
    struct buf hex = buf_new(c->arena, 2 * TOTP_SEED_BYTES + 1);
    int64_t n = 0;
    buf_hex(&hex, (struct bytes){seed, TOTP_SEED_BYTES});
    enum err e = identity_seal(c, account, "factor.seed", account, hex.ptr, &sealed);
    if (!e)
        e = db_exec(c, &n,
                    "INSERT INTO identity_factor (account, seed, step, made_us, confirmed_us)"
                    " VALUES ($1, $2, 0, $3, 0) ON CONFLICT (account) DO UPDATE"
                    " SET seed = $2, step = 0, made_us = $3"
                    " WHERE identity_factor.confirmed_us = 0",
                    P_TEXT(account), P_BLOB(sealed), P_INT(c->now_us));
    return e || n ? e : fail(c, ERR_FACTOR_HELD, "password");
}

enum err identity_store_factor_step(struct ctx *c, const char *account, int64_t step,
                                    bool *ret_fresh)
{
    int64_t n = 0;
    enum err e =
        db_exec(c, &n, "UPDATE identity_factor SET step = $2 WHERE account = $1 AND step < $2",
                P_TEXT(account), P_INT(step));
    if (!e)
        *ret_fresh = n > 0;
    return e;
}

static enum err drop_codes(struct ctx *c, const char *account)
{
    return db_exec(c, NULL, "DELETE FROM identity_recovery WHERE account = $1", P_TEXT(account));
}

enum err identity_store_factor_settle(struct ctx *c, const char *account)
{
    int64_t n = 0;
    enum err e = db_int(c, &n,
                        "SELECT (SELECT count(*) FROM identity_factor WHERE account = $1"
                        " AND confirmed_us > 0)"
                        " + (SELECT count(*) FROM identity_passkey WHERE account = $1)",
                        P_TEXT(account));
    if (!e)
        e = db_exec(c, NULL, "UPDATE identity_account SET factor = $2 WHERE id = $1",
                    P_TEXT(account), P_BOOL(n > 0));
    return e || n ? e : drop_codes(c, account);
}

enum err identity_store_factor_confirm(struct ctx *c, const char *account)
{
    enum err e = db_exec(c, NULL, "UPDATE identity_factor SET confirmed_us = $2 WHERE account = $1",
                         P_TEXT(account), P_INT(c->now_us));
    return e ? e : identity_store_factor_settle(c, account);
}

enum err identity_store_factor_drop(struct ctx *c, const char *account)
{
    enum err e =
        db_exec(c, NULL, "DELETE FROM identity_factor WHERE account = $1", P_TEXT(account));
    return e ? e : identity_store_factor_settle(c, account);
}

static const char *hash_of(struct ctx *c, const char *code)
{
    return sha256_hex(c->arena, sha256(bytes_of(code)));
}

enum err identity_store_recovery(struct ctx *c, const char *account, const char *const *codes,
                                 size_t n)
{
    enum err e = drop_codes(c, account);
    for (size_t i = 0; i < n && !e; i++)
        e = db_exec(c, NULL,
                    "INSERT INTO identity_recovery (hash, account, made_us, used_us)"
                    " VALUES ($1, $2, $3, 0)",
                    P_TEXT(hash_of(c, codes[i])), P_TEXT(account), P_INT(c->now_us));
    return e;
}

enum err identity_store_recovery_take(struct ctx *c, const char *account, const char *code,
                                      bool *ret_fresh)
{
    int64_t n = 0;
    enum err e = db_exec(c, &n,
                         "UPDATE identity_recovery SET used_us = $3 WHERE hash = $1"
                         " AND account = $2 AND used_us = 0",
                         P_TEXT(hash_of(c, code)), P_TEXT(account), P_INT(c->now_us));
    if (!e)
        *ret_fresh = n > 0;
    return e;
}

enum err identity_store_recovery_left(struct ctx *c, const char *account, int64_t *ret_n)
{
    return db_int(c, ret_n,
                  "SELECT count(*) FROM identity_recovery WHERE account = $1 AND used_us = 0",
                  P_TEXT(account));
}
