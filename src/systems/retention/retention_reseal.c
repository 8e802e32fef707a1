/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key. */
#include "core/reseal.h"
#include "systems/retention/retention_private.h"

RESEAL_COLUMN(prepared, "retention_list", "id", "id", "prepared", text)
RESEAL_COLUMN(approved, "retention_list", "id", "id", "approved", text)
RESEAL_COLUMN(words, "retention_item", "list", "number", "words", number)

static const struct reseal_column own[] = {
    RESEAL_ROW(prepared, "retention_list.prepared", SECRET_ACCESS, "retention_list.prepared|{1}"),
    RESEAL_ROW(approved, "retention_list.approved", SECRET_ACCESS, "retention_list.approved|{1}"),
    RESEAL_ROW(words, "retention_item.words", SECRET_ACCESS, "retention_item.words|{1}|{2}")};

enum err retention_start(struct ctx *c)
{
    (void)c;
    reseal_columns(own, ARRAY_LEN(own));
    return OK;
}
