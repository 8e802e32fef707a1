/* SPDX-License-Identifier: Apache-2.0 */
/* Columns whose key follows from the root key: messages that are nobody's, and those of before
   subjects had keys. The trail names a row by the bytes that are stored, so they stay as they are
   until they are disposed of. */
#include "core/reseal.h"
#include "engine/exchange/exchange_private.h"

RESEAL_COUNT(head, "exchange_message", "sealed_head")
RESEAL_COUNT(body, "exchange_message", "body")
RESEAL_COUNT(answer, "exchange_message", "answer")

static const struct reseal_column own[] = {RESEAL_COUNTED(head, "exchange_message.sealed_head"),
                                           RESEAL_COUNTED(body, "exchange_message.body"),
                                           RESEAL_COUNTED(answer, "exchange_message.answer")};

void exchange_reseal(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
