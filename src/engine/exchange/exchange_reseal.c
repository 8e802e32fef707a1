/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key, some only in rows of before subjects had keys. */
#include "core/reseal.h"
#include "engine/exchange/exchange_private.h"

RESEAL_COLUMN(head, "exchange_message", "id", "direction", "sealed_head", text)
RESEAL_COLUMN(body, "exchange_message", "id", "direction", "body", text)
RESEAL_COLUMN(answer, "exchange_message", "id", "direction", "answer", text)

static const struct reseal_column own[] = {
    RESEAL_ROW(head, "exchange_message.sealed_head", SECRET_EXCHANGE,
               "exchange_message.head|{1}|{2}"),
    RESEAL_ROW(body, "exchange_message.body", SECRET_EXCHANGE, "exchange_message.body|{1}|{2}"),
    RESEAL_ROW(answer, "exchange_message.answer", SECRET_EXCHANGE,
               "exchange_message.answer|{1}|{2}")};

void exchange_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
