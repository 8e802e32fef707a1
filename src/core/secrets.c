/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secrets.h"

#include <string.h>

#include "base/text.h"

static const char *const uses[SECRETS] = {
    "person",        "access",           "outbox",       "file",          "search",
    "identity/seal", "identity/subject", "identity/try", "identity/word", "exchange",
    "casework/seal", "casework/word",    "access/look",  "onestop/seal",  "onestop/check",
    "portal/seal",   "portal/live",      "subject",      "answer"};

char *secret_token(struct ctx *c, enum secret_use use, const char *text)
{
    return keeper_token(c->arena, c->node->keeper, uses[use], text);
}

struct bytes secret_seal(struct ctx *c, enum secret_use use, const char *aad, struct bytes plain)
{
    return keeper_seal(c->arena, c->node->keeper, uses[use], aad, plain);
}

bool secret_opens(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                  struct bytes *ret_plain)
{
    return keeper_unseal(c->arena, c->node->keeper, uses[use], aad, sealed, ret_plain);
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
    const char *token = sha256_hex(c->arena, keeper_mark(c->node->keeper));
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
