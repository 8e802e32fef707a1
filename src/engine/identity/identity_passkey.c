/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity/identity_passkey.h"

#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/secrets.h"
#include "engine/identity/identity_notice.h"

#define RANDOM_BYTES 16 /* 128 bits */

/* ---- where ---- */

/* "https://a.vn:8443/x" gives "a.vn"; an address in brackets keeps them. */
static const char *host_of(struct ctx *c, const char *authority, size_t len)
{
    const char *end = memchr(authority, ']', len);
    const char *colon = end ? end + 1 : memchr(authority, ':', len);
    return arena_text_n(c->arena, authority, colon ? (size_t)(colon - authority) : len);
}

/* A last label with a letter: no address of four numbers. */
static bool is_name(const char *host)
{
    const char *dot = strrchr(host, '.');
    char first = dot ? dot[1] : host[0];
    return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
}

struct passkey_site passkey_site(struct ctx *c)
{
    const char *url = c->node->url, *sep = strstr(url, "://");
    const char *authority = sep ? sep + 3 : url;
    const char *path = strchr(authority, '/');
    size_t len = path ? (size_t)(path - authority) : strlen(authority);
    struct passkey_site s = {.rp = host_of(c, authority, len),
                             .origin =
                                 arena_text_n(c->arena, url, (size_t)(authority - url) + len)};
    s.offered = text_eq(s.rp, "localhost") || (text_starts(url, "https://") && is_name(s.rp));
    return s;
}

const char *identity_passkey_user(struct ctx *c, const char *account)
{
    struct sha256 h = sha256(bytes_of(arena_printf(c->arena, "passkey user %s", account)));
    struct buf b = buf_new(c->arena, 64);
    buf_base64url(&b, (struct bytes){h.b, sizeof h.b});
    return b.ptr;
}

/* ---- challenges: made at, random, our seal over what they are for ---- */

/* The session's token stays when its id changes for a proof. */
static const char *challenge_text(struct ctx *c, const struct req *r, const char *purpose,
                                  const char *account, const char *at, const char *random)
{
    const char *bound =
        r->session ? sha256_hex(c->arena, sha256(bytes_of(r->session->csrf))) : "no";
    const char *whose = text_empty(account) ? "any" : account;
    const char *seal = secret_token(
        c, SECRET_IDENTITY_ASKED,
        arena_printf(c->arena, "passkey %s %s %s %s %s", purpose, whose, bound, at, random));
    return arena_printf(c->arena, "%s.%s.%s", at, random, seal);
}

const char *identity_passkey_challenge(struct ctx *c, const struct req *r, const char *purpose,
                                       const char *account)
{
    uint8_t random[RANDOM_BYTES];
    struct buf hex = buf_new(c->arena, 2 * RANDOM_BYTES + 1), b = buf_new(c->arena, 200);
    sys_random(random, sizeof random);
    buf_hex(&hex, (struct bytes){random, sizeof random});
    const char *at = arena_printf(c->arena, "%lld", (long long)c->now_us);
    buf_base64url(&b, bytes_of(challenge_text(c, r, purpose, account, at, hex.ptr)));
    return b.ptr;
}

struct use { /* of a passkey, or a new one */
    const struct req *r;
    const char *purpose, *account;
    struct passkey_site site;
    struct passkey_answer a;
    struct passkey_data d;
    struct identity_passkey k;
    struct oidc_assertion challenge; /* that it is used once */
    bool right, back;
};

static bool challenge_fits(struct ctx *c, struct use *u, const char *sent)
{
    struct bytes raw = {0};
    size_t n = 0;
    int64_t at_us = 0;
    if (!base64url_decode(c->arena, sent, &raw))
        return false;
    const char **piece =
        text_split(c->arena, arena_text_n(c->arena, (const char *)raw.ptr, raw.len), '.', &n);
    if (n != 3 || !text_to_int(piece[0], &at_us))
        return false;
    const char *ours = challenge_text(c, u->r, u->purpose, u->account, piece[0], piece[1]);
    if (!bytes_equal_secret(bytes_of(ours), raw) || c->now_us < at_us ||
        c->now_us - at_us >= IDENTITY_CHALLENGE_US)
        return false;
    u->challenge = (struct oidc_assertion){
        .client = "passkey", .jti = piece[1], .until_us = at_us + IDENTITY_CHALLENGE_US};
    return true;
}

/* What the browser says it did, and where. */
static bool client_fits(struct ctx *c, struct use *u, const char *type)
{
    struct passkey_client client;
    return passkey_client_read(c, u->a.client, &client) && text_eq(client.type, type) &&
           text_eq(client.origin, u->site.origin) && !client.cross &&
           challenge_fits(c, u, client.challenge);
}

/* What the device says: made for us, touched, and who touched it known when that is needed. */
static bool data_fits(const struct use *u, bool verified)
{
    struct sha256 rp = sha256(bytes_of(u->site.rp));
    return memcmp(u->d.rp.ptr, rp.b, sizeof rp.b) == 0 && (u->d.flags & PASSKEY_PRESENT) &&
           (!verified || (u->d.flags & PASSKEY_VERIFIED));
}

static enum err spend(struct ctx *c, const struct use *u, bool *ret_fresh)
{
    return identity_store_assertion(c, &u->challenge, ret_fresh);
}

static enum err told(struct ctx *c, const char *action, const char *account)
{
    struct audit_act act = {.action = action, .kind = "account", .object = account};
    return audit_write(c, &act);
}

/* ---- used ---- */

static enum err look(struct ctx *c, void *arg)
{
    struct use *u = arg;
    bool found = false;
    enum err e = identity_locked_source(c, u->r->http->peer);
    if (!e)
        e = identity_store_passkey(c, u->a.credential, &found, &u->k);
    u->right = found && (text_empty(u->account) || text_eq(u->k.account, u->account));
    return e;
}

/* Who isn't known yet is who the device says (7.2 step 6), whose the key is. */
static bool user_fits(struct ctx *c, const struct use *u)
{
    struct bytes user;
    if (!u->a.user.len)
        return !text_empty(u->account);
    return base64url_decode(c->arena, identity_passkey_user(c, u->k.account), &user) &&
           bytes_equal_secret(user, u->a.user);
}

static bool signature_fits(struct ctx *c, const struct use *u)
{
    struct sha256 client = sha256(u->a.client);
    struct buf said = buf_new(c->arena, PASSKEY_ANSWER_MAX + sizeof client.b);
    buf_add(&said, u->a.data.ptr, u->a.data.len);
    buf_add(&said, client.b, sizeof client.b);
    return !buf_full(&said) && cose_verify(&u->k.key, buf_bytes(&said), u->a.signature);
}

static bool use_fits(struct ctx *c, struct use *u)
{
    bool beside = text_eq(u->purpose, IDENTITY_PASSKEY_SECOND);
    return client_fits(c, u, "webauthn.get") && passkey_data_read(u->a.data, &u->d) &&
           !(u->d.flags & PASSKEY_KEY) && data_fits(u, !beside) && user_fits(c, u) &&
           signature_fits(c, u);
}

/* Two devices count for one key: it was copied (6.1.1). */
static enum err went_back(struct ctx *c, struct use *u)
{
    u->right = false;
    u->back = true;
    return identity_notice(c, u->k.account, IDENTITY_NOTICE_COPY, "");
}

static enum err settle(struct ctx *c, void *arg)
{
    struct use *u = arg;
    bool fresh = false, on = true;
    u->back = false;
    enum err e = node_clock_sound(c);
    if (!e && u->right)
        e = spend(c, u, &fresh);
    u->right = u->right && fresh;
    if (!e && u->right)
        e = identity_store_passkey_used(c, u->k.id, u->d.counter, &on);
    if (!e && !on)
        e = went_back(c, u);
    if (e || u->right)
        return e;
    e = identity_guess_source(c, u->r->http->peer);
    return e ? e : told(c, "identity.refused", u->k.account ? u->k.account : "");
}

enum err identity_passkey_prove(struct ctx *c, const struct req *r, const char *purpose,
                                const char *account, const char *typed, const char **ret_account)
{
    struct use *u = ARENA_NEW(c->arena, struct use);
    *u = (struct use){.r = r, .purpose = purpose, .account = account, .site = passkey_site(c)};
    bool read = passkey_answer_read(c, typed, &u->a);
    enum err e = read ? db_read(c, c->node->db, look, u) : OK;
    if (e)
        return e;
    u->right = u->right && use_fits(c, u);
    e = db_write(c, c->node->db, settle, u);
    if (!e && u->right)
        *ret_account = u->k.account;
    if (e || u->right)
        return e;
    return fail(c, u->back ? ERR_PASSKEY_COPY : ERR_PASSKEY_WRONG, "passkey");
}

/* ---- added, removed ---- */

static bool new_fits(struct ctx *c, struct use *u, const char *typed)
{
    struct bytes data;
    return passkey_answer_read(c, typed, &u->a) && client_fits(c, u, "webauthn.create") &&
           passkey_attested_read(u->a.attestation, &data) && passkey_data_read(data, &u->d) &&
           (u->d.flags & PASSKEY_KEY) && data_fits(u, true) &&
           u->d.credential.len == u->a.credential.len &&
           memcmp(u->d.credential.ptr, u->a.credential.ptr, u->a.credential.len) == 0;
}

static enum err room(struct ctx *c, const char *account)
{
    struct identity_passkey held[IDENTITY_PASSKEYS];
    size_t n = 0;
    enum err e = identity_store_passkeys(c, account, held, &n);
    if (!e && n >= IDENTITY_PASSKEYS)
        e = fail(c, ERR_PASSKEY_MANY, "passkey", arena_printf(c->arena, "%d", IDENTITY_PASSKEYS));
    return e;
}

enum err identity_passkey_add(struct ctx *c, const struct req *r, const char *name,
                              const char *typed)
{
    struct use u = {.r = r,
                    .purpose = IDENTITY_PASSKEY_ADD,
                    .account = c->actor->account,
                    .site = passkey_site(c)};
    bool fresh = false;
    if (!new_fits(c, &u, typed))
        return fail(c, ERR_PASSKEY_WRONG, "passkey");
    enum err e = spend(c, &u, &fresh);
    if (!e && !fresh)
        e = fail(c, ERR_PASSKEY_WRONG, "passkey");
    if (!e)
        e = room(c, u.account);
    u.k = (struct identity_passkey){.account = u.account,
                                    .name = name,
                                    .credential = u.a.id,
                                    .key = u.d.key,
                                    .counter = u.d.counter};
    if (!e)
        e = identity_store_passkey_add(c, &u.k);
    if (!e)
        e = identity_store_factor_settle(c, u.account);
    if (!e)
        e = identity_notice(c, u.account, "passkey", "");
    return e ? e : told(c, "identity.passkey", u.account);
}

/* The password stays to everybody; where the role needs more than that, so does the last of what
   is more. */
enum err identity_passkey_remove(struct ctx *c, const char *id)
{
    const char *account = c->actor->account;
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_passkey_drop(c, account, id);
    if (!e)
        e = identity_store_factor_settle(c, account);
    if (!e)
        e = identity_store_account(c, account, &found, &w);
    if (!e && identity_factor_owed(c, &w, c->actor->role))
        e = fail(c, ERR_PASSKEY_LAST, "passkey");
    if (!e)
        e = identity_notice(c, account, "unpasskey", "");
    return e ? e : told(c, "identity.passkey_removed", account);
}
