/* SPDX-License-Identifier: Apache-2.0 */
#include "core/jobs.h"

enum err counter_next(struct ctx *c, const char *name, const char *scope, int64_t *ret_value)
{
    return db_int(c, ret_value,
                  "INSERT INTO core_counter (name, scope, value) VALUES ($1, $2, 1)"
                  " ON CONFLICT (name, scope) DO UPDATE SET value = core_counter.value + 1"
                  " RETURNING value",
                  P_TEXT(name), P_TEXT(scope));
}
