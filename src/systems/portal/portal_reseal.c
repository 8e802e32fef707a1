/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key in rows of before subjects had keys. */
#include "core/reseal.h"
#include "systems/portal/portal_private.h"

RESEAL_COLUMN(form, "portal_draft", "id", "id", "form", text)
RESEAL_COLUMN(known, "portal_draft", "id", "id", "known", text)
RESEAL_COLUMN(reason, "portal_dossier_event", "code", "version", "reason", number)
RESEAL_COLUMN(comment, "portal_rating", "code", "code", "comment", text)

static enum err take_owner(struct ctx *c, const struct db_row *r, void *arg)
{
    struct subject_wish *w = arg;
    (void)c;
    w->kind = row_text(r, 0);
    w->person = row_text(r, 1);
    return OK;
}

static enum err of_draft(struct ctx *c, const struct reseal_row *row, struct subject_wish *ret)
{
    bool found;
    *ret = (struct subject_wish){SUBJECT_DRAFT, row->a, "", ""};
    return db_one(c, &found, take_owner, ret,
                  "SELECT procedure, owner FROM portal_draft WHERE id = $1", P_TEXT(row->a));
}

static enum err of_dossier(struct ctx *c, const struct reseal_row *row, struct subject_wish *ret)
{
    bool found;
    *ret = (struct subject_wish){SUBJECT_CASE, row->a, "", ""};
    return db_one(c, &found, take_owner, ret,
                  "SELECT procedure, owner FROM portal_dossier WHERE code = $1", P_TEXT(row->a));
}

#define EVENT  "portal/event/{1}/{2}/reason"
#define RATING "portal/rating/{1}/comment"
static const struct reseal_column own[] = {
    RESEAL_OWNED(form, "portal_draft.form", SECRET_PORTAL, "portal/{1}/form", of_draft),
    RESEAL_OWNED(known, "portal_draft.known", SECRET_PORTAL, "portal/{1}/known", of_draft),
    RESEAL_OWNED(reason, "portal_dossier_event.reason", SECRET_PORTAL, EVENT, of_dossier),
    RESEAL_OWNED(comment, "portal_rating.comment", SECRET_PORTAL, RATING, of_dossier)};

void portal_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
