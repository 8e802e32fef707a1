/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key, some only in rows of before subjects had keys. */
#include "core/reseal.h"
#include "systems/portal/portal_private.h"

RESEAL_COLUMN(form, "portal_draft", "id", "id", "form", text)
RESEAL_COLUMN(known, "portal_draft", "id", "id", "known", text)
RESEAL_COLUMN(reason, "portal_dossier_event", "code", "version", "reason", number)
RESEAL_COLUMN(comment, "portal_rating", "code", "code", "comment", text)

static const struct reseal_column own[] = {
    RESEAL_ROW(form, "portal_draft.form", SECRET_PORTAL, "portal/{1}/form"),
    RESEAL_ROW(known, "portal_draft.known", SECRET_PORTAL, "portal/{1}/known"),
    RESEAL_ROW(reason, "portal_dossier_event.reason", SECRET_PORTAL, "portal/event/{1}/{2}/reason"),
    RESEAL_ROW(comment, "portal_rating.comment", SECRET_PORTAL, "portal/rating/{1}/comment")};

void portal_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
