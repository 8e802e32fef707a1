/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key in rows of before subjects had keys. */
#include "core/reseal.h"
#include "engine/identity/identity_admin.h"
#include "engine/identity/identity_out.h"

RESEAL_COLUMN(person, "identity_account", "id", "id", "person", text)
RESEAL_COLUMN(name, "identity_account", "id", "id", "name", text)
RESEAL_COLUMN(actor, "identity_act", "id", "id", "actor", text)
RESEAL_COLUMN(seed, "identity_factor", "account", "account", "seed", text)
RESEAL_COUNT(reason, "identity_act", "reason") /* the trail has its hash */

static enum err account(struct ctx *c, const struct reseal_row *row, struct subject_wish *ret)
{
    (void)c;
    *ret = (struct subject_wish){.class = SUBJECT_ACCOUNT, .object = row->a, .kind = ""};
    return OK;
}

static enum err take_account(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

static enum err acted_on(struct ctx *c, const struct reseal_row *row, struct subject_wish *ret)
{
    bool found;
    *ret = (struct subject_wish){.class = SUBJECT_ACCOUNT, .object = "", .kind = ""};
    return db_one(c, &found, take_account, &ret->object,
                  "SELECT account FROM identity_act WHERE id = $1", P_TEXT(row->a));
}

#define PLACE(column) "identity/" column "/{1}"
static const struct reseal_column own[] = {
    RESEAL_OWNED(person, "identity_account.person", SECRET_IDENTITY, PLACE("person"), account),
    RESEAL_OWNED(name, "identity_account.name", SECRET_IDENTITY, PLACE("name"), account),
    RESEAL_OWNED(actor, "identity_act.actor", SECRET_IDENTITY, PLACE("act.actor"), acted_on),
    RESEAL_OWNED(seed, "identity_factor.seed", SECRET_IDENTITY, PLACE("factor.seed"), account),
    RESEAL_COUNTED(reason, "identity_act.reason")};

enum err identity_start(struct ctx *c)
{
    reseal_columns(own, ARRAY_LEN(own));
    identity_out_start();
    return identity_words_fill(c);
}
