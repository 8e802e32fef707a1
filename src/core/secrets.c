/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secrets.h"

#include <string.h>

#include "base/text.h"

static const char *const uses[SECRETS] = {
    "person",        "access",           "outbox",        "file",          "search",
    "identity/seal", "identity/subject", "identity/try",  "identity/word", "identity/asked",
    "exchange",      "casework/seal",    "casework/word", "access/look",   "onestop/seal",
    "onestop/check", "portal/seal",      "portal/live",   "subject",       "answer"};

/* Names: tokens that stand where nothing can be written anew. */
static bool names(enum secret_use use)
{
    static const enum secret_use all[] = {
        SECRET_PERSON,        SECRET_SEARCH,         SECRET_IDENTITY_SUBJECT, SECRET_IDENTITY_TRY,
        SECRET_IDENTITY_WORD, SECRET_IDENTITY_ASKED, SECRET_CASE_WORD,        SECRET_LOOK,
        SECRET_ONESTOP_CHECK, SECRET_PORTAL_LIVE,    SECRET_SUBJECT};
    size_t i = 0;
    while (i < ARRAY_LEN(all) && all[i] != use)
        i++;
    return i < ARRAY_LEN(all);
}

const char *const *secret_names(struct arena *a, const char *const *more, size_t n_more,
                                size_t *ret_n)
{
    const char **list = ARENA_ARRAY(a, SECRETS + n_more, const char *);
    size_t n = 0;
    for (size_t i = 0; i < SECRETS; i++)
        if (names((enum secret_use)i))
            list[n++] = uses[i];
    for (size_t i = 0; i < n_more; i++)
        list[n++] = more[i];
    *ret_n = n;
    return list;
}

char *secret_token(struct ctx *c, enum secret_use use, const char *text)
{
    ASSERT(names(use));
    return keeper_token(c->arena, c->node->keeper, uses[use], text);
}

struct bytes secret_seal(struct ctx *c, enum secret_use use, const char *aad, struct bytes plain)
{
    return keeper_seal(c->arena, c->node->keeper, uses[use], aad, plain);
}

bool secret_seal_at(struct ctx *c, uint32_t number, enum secret_use use, const char *aad,
                    struct bytes plain, struct bytes *ret_sealed)
{
    return keeper_seal_at(c->arena, c->node->keeper, number, uses[use], aad, plain, ret_sealed);
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

/* ---- the database's root keys ---- */

struct known {
    struct keeper_root roots[KEEPER_ROOTS];
    size_t n;
    uint32_t newest; /* that the database knows; 0: none */
    bool other;      /* it knows one that we don't */
};

static const char *name_of(struct ctx *c, uint32_t number)
{
    return number == 1 ? "root" : arena_printf(c->arena, "root/%u", number);
}

static const struct keeper_root *of_number(const struct known *k, int64_t number)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->roots[i].number == number)
            return &k->roots[i];
    return NULL;
}

static enum err take_known(struct ctx *c, const struct db_row *r, void *arg)
{
    struct known *k = arg;
    const char *name = row_text(r, 0);
    int64_t number = 1;
    if (!text_eq(name, "root") && !text_to_int(name + strlen("root/"), &number))
        number = 0;
    const struct keeper_root *x = of_number(k, number);
    if (!x && number > 0 && number < k->roots[k->n - 1].number)
        return OK; /* so long ago that its mark is forgotten */
    if (!x || !text_eq(row_text(r, 1), sha256_hex(c->arena, x->mark)))
        k->other = true;
    else if (x->number > k->newest)
        k->newest = x->number;
    return OK;
}

/* A database that stopped at a root key which is destroyed since reads nothing any more. */
static bool goes_on(const struct known *k)
{
    const struct keeper_root *x = of_number(k, k->newest);
    return !k->other && (!k->newest || (x && !x->gone));
}

enum err secret_check(struct ctx *c)
{
    struct known k = {.n = keeper_roots(c->node->keeper, k.roots)};
    enum err e = db_each(c, take_known, &k,
                         "SELECT name, token FROM core_key WHERE name LIKE 'root%' ORDER BY name");
    if (e)
        return e;
    if (!goes_on(&k))
        return fail(c, ERR_KEY_OTHER, "key",
                    arena_printf(c->arena, "%s/keys/root.key", c->node->data_dir));
    if (k.newest == k.roots[0].number)
        return OK;
    return db_exec(c, NULL,
                   "INSERT INTO core_key (name, token) VALUES ($1, $2)"
                   " ON CONFLICT (name) DO NOTHING",
                   P_TEXT(name_of(c, k.roots[0].number)),
                   P_TEXT(sha256_hex(c->arena, k.roots[0].mark)));
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
