/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key, some only in rows of before subjects had keys. */
#include "core/reseal.h"
#include "engine/identity/identity_admin.h"
#include "engine/identity/identity_out.h"

RESEAL_COLUMN(person, "identity_account", "id", "id", "person", text)
RESEAL_COLUMN(name, "identity_account", "id", "id", "name", text)
RESEAL_COLUMN(actor, "identity_act", "id", "id", "actor", text)
RESEAL_COLUMN(seed, "identity_factor", "account", "account", "seed", text)
RESEAL_COUNT(reason, "identity_act", "reason") /* the trail has its hash */

static const struct reseal_column own[] = {
    RESEAL_ROW(person, "identity_account.person", SECRET_IDENTITY, "identity/person/{1}"),
    RESEAL_ROW(name, "identity_account.name", SECRET_IDENTITY, "identity/name/{1}"),
    RESEAL_ROW(actor, "identity_act.actor", SECRET_IDENTITY, "identity/act.actor/{1}"),
    RESEAL_ROW(seed, "identity_factor.seed", SECRET_IDENTITY, "identity/factor.seed/{1}"),
    RESEAL_COUNTED(reason, "identity_act.reason")};

enum err identity_start(struct ctx *c)
{
    reseal_columns(own, ARRAY_LEN(own));
    identity_out_start();
    return identity_words_fill(c);
}
