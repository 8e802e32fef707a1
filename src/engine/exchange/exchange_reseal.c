/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key: messages that are nobody's, and those of before
   subjects had keys. The trail names a message by the bytes that are stored: one that it names gets
   a record of what lies there now (docs/audit-format.md, section 6); one that isn't as it says gets
   none, and stays found. */
#include "core/reseal.h"
#include "engine/exchange/exchange_private.h"

static enum err row_anew(struct ctx *c, struct reseal_row *r)
{
    struct exchange_record m;
    bool found, proved;
    enum err e = exchange_store_find(c, r->a, r->b, &found, &m);
    if (e || !found)
        return e;
    e = exchange_log_proves(c, &m, &proved);
    if (!e)
        e = exchange_store_reseal(c, &m);
    r->value.len = m.body.len + m.answer.len;
    return e || !proved ? e : exchange_log_resealed(c, &m);
}

RESEAL_HEADS(head, "exchange_message", "id", "direction", "sealed_head", text)
RESEAL_HEADS(body, "exchange_message", "id", "direction", "body", text)
RESEAL_HEADS(answer, "exchange_message", "id", "direction", "answer", text)

static const struct reseal_column own[] = {
    RESEAL_WHOLE(head, "exchange_message.sealed_head", row_anew),
    RESEAL_WHOLE(body, "exchange_message.body", row_anew),
    RESEAL_WHOLE(answer, "exchange_message.answer", row_anew)};

void exchange_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
