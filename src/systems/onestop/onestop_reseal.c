/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key, some only in rows of before subjects had keys. */
#include "core/reseal.h"
#include "systems/onestop/onestop_private.h"

RESEAL_COLUMN(name, "onestop_paper", "code", "kind", "actor_name", text)
RESEAL_COLUMN(reason, "onestop_paper", "code", "kind", "reason", text)

static const struct reseal_column own[] = {
    RESEAL_ROW(name, "onestop_paper.actor_name", SECRET_ONESTOP, "onestop/{1}/{2}/name"),
    RESEAL_ROW(reason, "onestop_paper.reason", SECRET_ONESTOP, "onestop/{1}/{2}/reason")};

void onestop_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
