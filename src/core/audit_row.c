/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that the trail speaks for: docs/audit-format.md, section 5. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/audit_inside.h"

#define ROW_LINE "dinh-row-v1\n"

static struct audit_field field_of(struct arena *a, const char *name, const struct db_value *v)
{
    struct audit_field f = {.name = name};
    struct bytes value = {NULL, 0};
    if (v->type == DB_BLOB)
        value = v->blob;
    else if (v->type == DB_INT)
        value = bytes_of(arena_printf(a, "%" PRId64, v->i));
    else if (v->type == DB_TEXT)
        value = bytes_of(v->text);
    f.value = (const char *)value.ptr;
    f.value_len = value.len;
    return f;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(((const struct audit_field *)x)->name, ((const struct audit_field *)y)->name);
}

const char *audit_row_sha256(struct arena *a, const char *const *names,
                             const struct db_value *values, size_t n)
{
    struct audit_field *f = ARENA_ARRAY(a, n, struct audit_field);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        f[kept] = field_of(a, names[i], &values[i]);
        kept += f[kept].value_len != 0;
    }
    qsort(f, kept, sizeof *f, by_name);
    return sha256_hex(a, sha256(audit_join(a, ROW_LINE, f, kept)));
}

struct db_value audit_row_value(const struct db_row *r, int column, enum db_type type)
{
    if (row_is_null(r, column))
        return P_NULL;
    if (type == DB_INT)
        return P_INT(row_int(r, column));
    return type == DB_BLOB ? P_BLOB(row_blob(r, column)) : P_TEXT(row_text(r, column));
}

enum err audit_says(struct ctx *c, const char *kind, const char *object, const char *detail,
                    bool *ret_yes)
{
    int64_t n;
    enum err e = db_int(c, &n,
                        "SELECT count(*) FROM core_audit"
                        " WHERE kind = $1 AND object = $2 AND detail = $3",
                        P_TEXT(kind), P_TEXT(object), P_TEXT(detail));
    if (!e)
        *ret_yes = n > 0;
    return e;
}

static enum err read_detail(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err audit_last(struct ctx *c, const char *action, const char *kind, const char *object,
                    const char **ret_detail)
{
    bool found;
    const char *detail = NULL;
    enum err e = db_one(c, &found, read_detail, (void *)&detail,
                        "SELECT detail FROM core_audit WHERE action = $1 AND kind = $2"
                        " AND object = $3 ORDER BY seq DESC LIMIT 1",
                        P_TEXT(action), P_TEXT(kind), P_TEXT(object));
    if (!e)
        *ret_detail = detail;
    return e;
}
