/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key in rows of before subjects had keys. */
#include "core/reseal.h"
#include "systems/onestop/onestop_private.h"

RESEAL_COLUMN(name, "onestop_paper", "code", "kind", "actor_name", text)
RESEAL_COLUMN(reason, "onestop_paper", "code", "kind", "reason", text)

static enum err of_case(struct ctx *c, const struct reseal_row *row, struct subject_wish *ret)
{
    (void)c;
    *ret = (struct subject_wish){SUBJECT_CASE, row->a, "", ""};
    return OK;
}

#define PLACE(part) "onestop/{1}/{2}/" part
static const struct reseal_column own[] = {
    RESEAL_OWNED(name, "onestop_paper.actor_name", SECRET_ONESTOP, PLACE("name"), of_case),
    RESEAL_OWNED(reason, "onestop_paper.reason", SECRET_ONESTOP, PLACE("reason"), of_case)};

void onestop_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
