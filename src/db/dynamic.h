/* SPDX-License-Identifier: Apache-2.0 */
/* SQL whose identifiers come from a checked definition. Only engine/registry may include this
   (tools/check_layers). Every identifier went through db_ident(), values stay parameters. */
#ifndef DINH_DB_DYNAMIC_H
#define DINH_DB_DYNAMIC_H

#include "db/db.h"

/* Matches [a-z][a-z0-9_]{0,60} and is no SQL keyword. */
UNTRUSTED bool db_ident(const char *name);
/* params[0] is the first parameter here (no pad). sql lives as long as the process (it is the key
   of the statement cache). */
MUST_CHECK enum err db_exec_dynamic(struct ctx *c, int64_t *ret_rows, const char *sql,
                                    const struct db_value *params, size_t n);
MUST_CHECK enum err db_each_dynamic(struct ctx *c, db_row_fn row, void *arg, const char *sql,
                                    const struct db_value *params, size_t n);

#endif
