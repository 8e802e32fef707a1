/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secrets.h"

#include <string.h>

#include "base/text.h"
#include "crypto/hash.h"

/* Deriving costs more than using: each thread keeps the keys of the node it last worked for. */
static _Thread_local struct {
    uint8_t root[SHA256_LEN];
    uint8_t key[SECRETS][SHA256_LEN];
    bool known[SECRETS];
} cache;

static const char *const uses[SECRETS] = {
    "person",        "access",           "outbox",       "file",          "search",
    "identity/seal", "identity/subject", "identity/try", "identity/word", "exchange",
    "casework/seal", "casework/word",    "access/look",  "root",          "onestop/seal",
    "onestop/check", "portal/seal",      "portal/live"};

static struct bytes secret_key(struct ctx *c, enum secret_use use)
{
    struct bytes root = c->node->root_key;
    ASSERT(root.len == SHA256_LEN);
    if (!bytes_equal_secret(root, (struct bytes){cache.root, SHA256_LEN})) {
        memset(&cache, 0, sizeof cache);
        memcpy(cache.root, root.ptr, SHA256_LEN);
    }
    if (!cache.known[use]) {
        struct bytes key = key_derive(c->arena, root, uses[use]);
        memcpy(cache.key[use], key.ptr, SHA256_LEN);
        cache.known[use] = true;
    }
    return (struct bytes){cache.key[use], SHA256_LEN};
}

char *secret_token(struct ctx *c, enum secret_use use, const char *text)
{
    return blind_token(c->arena, secret_key(c, use), text);
}

struct bytes secret_seal(struct ctx *c, enum secret_use use, const char *aad, struct bytes plain)
{
    return seal(c->arena, secret_key(c, use), aad, plain);
}

bool secret_opens(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                  struct bytes *ret_plain)
{
    return seal_open(c->arena, secret_key(c, use), aad, sealed, ret_plain);
}

enum err secret_open(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                     struct bytes *ret_plain)
{
    if (!secret_opens(c, use, aad, sealed, ret_plain))
        return fail(c, ERR_SEALED, aad);
    return OK;
}

static enum err keep_text(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err secret_check(struct ctx *c)
{
    const char *kept = NULL;
    const char *token =
        sha256_hex(c->arena, hmac_sha256(secret_key(c, SECRET_ROOT), bytes_of("root")));
    enum err e = db_exec(c, NULL,
                         "INSERT INTO core_key (name, token) VALUES ('root', $1)"
                         " ON CONFLICT (name) DO NOTHING",
                         P_TEXT(token));
    if (!e)
        e = db_each(c, keep_text, &kept, "SELECT token FROM core_key WHERE name = 'root'");
    if (e || text_eq(kept, token))
        return e;
    return fail(c, ERR_KEY_OTHER, "key",
                arena_printf(c->arena, "%s/keys/root.key", c->node->data_dir));
}

struct bytes secret_seal_text(struct ctx *c, enum secret_use use, const char *aad, const char *text)
{
    return text_empty(text) ? (struct bytes){NULL, 0} : secret_seal(c, use, aad, bytes_of(text));
}

enum err secret_open_text(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                          const char **ret_text)
{
    struct bytes plain = {NULL, 0};
    enum err e = sealed.len ? secret_open(c, use, aad, sealed, &plain) : OK;
    *ret_text = e || !plain.len ? "" : arena_text_n(c->arena, (const char *)plain.ptr, plain.len);
    return e;
}
