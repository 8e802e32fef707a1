/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/scope.h"
#include "core/subject.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"

#define REASON_SEALED '~'

#define FIXED      6 /* columns of a SELECT before the fields */
#define MAX_PARAMS (8 + 2 * REGISTRY_MAX_FIELDS + REGISTRY_MAX_UNIQUE)

const char *registry_value(struct ctx *c, const struct registry *r, size_t column, const void *data)
{
    const struct field *f = &r->shape->fields[column];
    if (!kind_is_number(f->kind))
        return shape_text(r->shape, data, f->name);
    return arena_printf(c->arena, "%lld", (long long)shape_int(r->shape, data, f->name));
}

/* The place a sealed value belongs to: moved elsewhere it doesn't open. */
static const char *place(struct ctx *c, const struct registry *r, const struct field *f,
                         const char *id, int64_t version)
{
    return arena_printf(c->arena, "%s/%s/%s/%lld", r->table, f->name, id, (long long)version);
}

const char *registry_token_of(struct arena *a, const struct registry *r, const char *field,
                              const char *value)
{
    if (text_empty(value))
        return NULL;
    return keeper_token(a, r->keeper, r->token_use,
                        arena_printf(a, "%s=%s", field, text_fold(a, value)));
}

const char *registry_token(struct ctx *c, const struct registry *r, size_t column, const void *data)
{
    const char *name = r->shape->fields[column].name;
    return registry_token_of(c->arena, r, name, registry_value(c, r, column, data));
}

/* All fields of the rule as one token; NULL (no rule) when one of them is empty. */
static const char *unique_token(struct ctx *c, const struct registry *r,
                                const struct registry_unique *u, const void *data)
{
    struct buf b = buf_new(c->arena, 4096);
    for (size_t i = 0; i < u->n; i++) {
        const char *token = registry_token(c, r, u->fields[i], data);
        if (!token)
            return NULL;
        buf_printf(&b, "%s ", token);
    }
    return registry_token_of(c->arena, r, u->name, b.ptr);
}

enum err registry_subject(struct ctx *c, const struct registry *r, const char *id,
                          const char *person, int64_t *ret_subject)
{
    const struct subject_wish wish = {.class = SUBJECT_RECORD,
                                      .object = arena_printf(c->arena, "%s/%s", r->name, id),
                                      .kind = r->name,
                                      .person = person_token(c, person)};
    return subject_of(c, &wish, ret_subject);
}

enum err registry_sealed(struct ctx *c, const struct registry *r, size_t column, int64_t subject,
                         const struct registry_row *at, const char *value, struct db_value *ret)
{
    struct bytes sealed;
    const char *where = place(c, r, &r->shape->fields[column], at->id, at->version);
    enum err e = subject_seal_text(c, subject, where, value, &sealed);
    *ret = P_BLOB(sealed);
    return e;
}

static enum err field_value(struct ctx *c, const struct registry *r, size_t column, int64_t subject,
                            const struct registry_row *row, struct db_value *ret)
{
    const struct field *f = &r->shape->fields[column];
    if (r->columns[column].sealed)
        return registry_sealed(c, r, column, subject, row, registry_value(c, r, column, row->data),
                               ret);
    *ret = kind_is_number(f->kind) ? P_INT(shape_int(r->shape, row->data, f->name))
                                   : P_TEXT(shape_text(r->shape, row->data, f->name));
    return OK;
}

/* The reason of a version is words about somebody. Its column is a text: "~" and base64url of what
   is sealed; of before, the words themselves. */
static const char *reason_place(struct ctx *c, const struct registry *r, const char *id,
                                int64_t version)
{
    return arena_printf(c->arena, "%s/|reason/%s/%lld", r->table, id, (long long)version);
}

static enum err seal_reason(struct ctx *c, const struct registry *r, int64_t subject,
                            const struct registry_row *row, struct db_value *ret)
{
    struct bytes sealed;
    enum err e = subject_seal_text(c, subject, reason_place(c, r, row->id, row->version),
                                   row->reason, &sealed);
    if (e || !sealed.len) {
        *ret = P_TEXT("");
        return e;
    }
    struct buf b = buf_new(c->arena, 2 * sealed.len + 64);
    buf_char(&b, REASON_SEALED);
    buf_base64url(&b, sealed);
    *ret = P_TEXT(b.ptr);
    return OK;
}

static enum err open_reason(struct ctx *c, const struct registry *r, struct registry_record *record)
{
    struct bytes sealed;
    const char *kept = record->reason;
    if (kept[0] != REASON_SEALED || !base64url_decode(c->arena, kept + 1, &sealed) ||
        !subject_sealed_under(sealed))
        return OK;
    return subject_open_text(c, SECRET_SUBJECT, reason_place(c, r, record->id, record->version),
                             sealed, &record->reason);
}

enum err registry_store_insert(struct ctx *c, const struct registry *r,
                               const struct registry_row *row, const char **ret_says)
{
    struct db_value p[MAX_PARAMS] = {P_TEXT(row->id),
                                     P_INT(row->version),
                                     P_INT(row->valid_from_us),
                                     P_INT(row->known_us),
                                     P_INT(1),
                                     P_INT(row->cancelled),
                                     P_TEXT(row->reason),
                                     P_TEXT(c->actor->account)};
    size_t n = 8;
    int64_t subject;
    const char *person = r->n_subjects ? registry_value(c, r, r->subjects[0], row->data) : "";
    enum err e = registry_subject(c, r, row->id, person, &subject);
    if (!e)
        e = seal_reason(c, r, subject, row, &p[6]);
    for (size_t i = 0; i < r->shape->n && !e; i++)
        e = field_value(c, r, i, subject, row, &p[n++]);
    if (e)
        return e;
    for (size_t i = 0; i < r->shape->n; i++)
        if (r->columns[i].search == SEARCH_EQUAL)
            p[n++] = P_TEXT(registry_token(c, r, i, row->data));
    for (size_t i = 0; i < r->n_unique; i++)
        p[n++] = P_TEXT(unique_token(c, r, &r->unique[i], row->data));
    ASSERT(n == r->n_stored);
    e = db_exec_dynamic(c, NULL, r->sql_insert, p, n);
    if (!e)
        *ret_says = registry_says(c, r, p);
    return e;
}

enum err registry_store_supersede(struct ctx *c, const struct registry *r, const char *id,
                                  int64_t version, int64_t *ret_rows)
{
    const struct db_value p[] = {P_TEXT(id), P_INT(version)};
    return db_exec_dynamic(c, ret_rows, r->sql_supersede, p, ARRAY_LEN(p));
}

static enum err add_words(struct ctx *c, const struct registry *r, const char *id,
                          const char *folded)
{
    size_t n;
    const char **words = text_split(c->arena, folded, ' ', &n);
    for (size_t i = 0; i < n; i++) {
        enum err e = db_exec(c, NULL,
                             "INSERT INTO registry_word (register, token, record)"
                             " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                             P_TEXT(r->name), P_TEXT(registry_token_of(c->arena, r, "w", words[i])),
                             P_TEXT(id));
        if (e)
            return e;
    }
    return OK;
}

enum err registry_store_words(struct ctx *c, const struct registry *r, const char *id,
                              const void *data)
{
    enum err e = db_exec(c, NULL, "DELETE FROM registry_word WHERE register = $1 AND record = $2",
                         P_TEXT(r->name), P_TEXT(id));
    for (size_t i = 0; i < r->shape->n && !e; i++)
        if (r->columns[i].search == SEARCH_NAME)
            e = add_words(
                c, r, id,
                text_fold(c->arena, shape_text(r->shape, data, r->shape->fields[i].name)));
    return e;
}

static enum err open_field(struct ctx *c, const struct registry *r, size_t column,
                           const struct db_row *row, struct registry_record *record)
{
    const struct field *f = &r->shape->fields[column];
    int at = FIXED + (int)column;
    const char *text = NULL;
    if (!r->columns[column].sealed) {
        if (kind_is_number(f->kind))
            shape_set_int(r->shape, record->data, f->name, row_int(row, at));
        else
            shape_set_text(r->shape, record->data, f->name, row_text(row, at));
        return OK;
    }
    struct bytes sealed = row_blob(row, at), plain;
    if (!sealed.len)
        return OK;
    const char *where = place(c, r, f, record->id, record->version);
    if (subject_sealed_under(sealed)) {
        enum err e = subject_open(c, SECRET_SUBJECT, where, sealed, &plain);
        if (e == ERR_SEALED)
            ctx_clear_faults(c);
        if (e)
            return e == ERR_SEALED ? fail(c, e, r->name, f->name, record->id) : e;
    } else if (!keeper_unseal(c->arena, r->keeper, r->seal_use, where, sealed, &plain)) {
        return fail(c, ERR_SEALED, r->name, f->name, record->id);
    }
    text = arena_text_n(c->arena, (const char *)plain.ptr, plain.len);
    int64_t number;
    if (!kind_is_number(f->kind))
        shape_set_text(r->shape, record->data, f->name, text);
    else if (text_to_int(text, &number))
        shape_set_int(r->shape, record->data, f->name, number);
    return OK;
}

struct reading {
    const struct registry *r;
    registry_row_fn fn;
    void *arg;
};

static enum err read_row(struct ctx *c, const struct db_row *row, void *arg)
{
    const struct reading *x = arg;
    struct registry_record *record = ARENA_NEW(c->arena, struct registry_record);
    *record = (struct registry_record){.id = row_text(row, 0),
                                       .version = row_int(row, 1),
                                       .valid_from_us = row_int(row, 2),
                                       .known_us = row_int(row, 3),
                                       .cancelled = row_int(row, 4) != 0,
                                       .reason = row_text(row, 5),
                                       .data = shape_new(c->arena, x->r->shape)};
    enum err e = open_reason(c, x->r, record);
    for (size_t i = 0; i < x->r->shape->n && !e; i++)
        e = open_field(c, x->r, i, row, record);
    if (e == ERR_DISPOSED) { /* there is nothing of it any more */
        ctx_clear_faults(c);
        return OK;
    }
    return e ? e : x->fn(c, x->r, record, x->arg);
}

enum err registry_store_select(struct ctx *c, const struct registry *r, const char *sql,
                               const struct db_value *params, size_t n, registry_row_fn fn,
                               void *arg)
{
    struct reading x = {r, fn, arg};
    return db_each_dynamic(c, read_row, &x, sql, params, n);
}

enum err registry_store_set_column(struct ctx *c, const char *name, const char *column, bool sealed)
{
    return db_exec(c, NULL,
                   "INSERT INTO registry_column (register, name, added_us, sealed)"
                   " VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (register, name) DO UPDATE SET sealed = excluded.sealed",
                   P_TEXT(name), P_TEXT(column), P_INT(c->now_us), P_INT(sealed));
}

enum err registry_store_column(struct ctx *c, const char *name, const char *column,
                               enum registry_held *ret_held)
{
    int64_t held;
    enum err e = db_int(c, &held,
                        "SELECT coalesce(max(sealed), $3) FROM registry_column"
                        " WHERE register = $1 AND name = $2",
                        P_TEXT(name), P_TEXT(column), P_INT(HELD_NOT));
    if (!e)
        *ret_held = (enum registry_held)held;
    return e;
}

static enum err seen(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c, (void)row;
    *(bool *)arg = true;
    return OK;
}

enum err registry_store_exists(struct ctx *c, bool *ret_exists, const char *sql)
{
    *ret_exists = false;
    return db_each_dynamic(c, seen, ret_exists, sql, NULL, 0);
}
