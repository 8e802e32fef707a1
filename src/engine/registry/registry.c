/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "core/access.h"
#include "core/audit.h"
#include "core/permit.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"

#define SEARCH_PAGE 50
#define OWN_DATA    "own_data"

const struct registry *registry_find(const struct ctx *c, const char *name)
{
    (void)c;
    size_t n;
    const struct registry *const *all = registry_all(&n);
    for (size_t i = 0; i < n; i++)
        if (text_eq(all[i]->name, name))
            return all[i];
    return NULL;
}

const struct shape *registry_shape(const struct registry *r)
{
    return r->shape;
}

void *registry_blank(struct arena *a, const struct registry *r)
{
    return shape_new(a, r->shape);
}

/* ---- the law of reading: a purpose the register allows, and a line for each person ---- */

static bool client_fits(const char *client, const char *unit)
{
    if (text_eq(client, "*"))
        return true;
    return text_starts(unit, client) && (!unit[strlen(client)] || unit[strlen(client)] == '.');
}

bool registry_purpose_fits(const struct registry_purpose *p, const char *unit)
{
    for (const char *const *k = p->clients; *k; k++)
        if (client_fits(*k, unit))
            return true;
    return false;
}

/* "My own data" can't be said for somebody else: only an agency passes it on, for the person whom
   it has signed in; the person here is known by reads_own(). */
static bool claims_anothers(const struct ctx *c)
{
    return text_eq(c->purpose, OWN_DATA) && c->actor->kind != ACTOR_AGENCY &&
           c->actor->kind != ACTOR_SYSTEM;
}

const struct registry_purpose *registry_purpose_of(const struct ctx *c, const struct registry *r)
{
    if (claims_anothers(c))
        return NULL;
    for (size_t i = 0; c->purpose && i < r->n_purposes; i++)
        if (text_eq(r->purposes[i].code, c->purpose) &&
            registry_purpose_fits(&r->purposes[i], c->actor->unit))
            return &r->purposes[i];
    return NULL;
}

static const char *subject_of(const struct registry *r, size_t i, const void *data)
{
    return shape_text(r->shape, data, r->shape->fields[r->subjects[i]].name);
}

/* Whom another node says that it asks for isn't signed in here: it needs a purpose. */
static bool reads_own(const struct ctx *c, const struct registry *r, const void *data)
{
    if (text_empty(c->actor->person) || c->actor->kind == ACTOR_AGENCY)
        return false;
    for (size_t i = 0; i < r->n_subjects; i++)
        if (text_eq(subject_of(r, i, data), c->actor->person))
            return true;
    return false;
}

/* An emergency opens the records of the one person that the permit names, nobody else's. */
static enum err check_emergency(struct ctx *c, const struct registry *r,
                                const struct registry_record *k)
{
    struct permit p;
    enum err e = ERR_PERMIT;
    for (size_t i = 0; i < r->n_subjects && e == ERR_PERMIT; i++) {
        ctx_clear_faults(c);
        e = permit_holds(c, PERMIT_EMERGENCY, c->matter, subject_of(r, i, k->data), &p);
    }
    return e;
}

static enum err check_reason(struct ctx *c, const struct registry *r,
                             const struct registry_record *k)
{
    bool own = reads_own(c, r, k->data);
    if (c->actor->kind == ACTOR_OFFICIAL && text_eq(c->purpose, PERMIT_PURPOSE))
        return check_emergency(c, r, k);
    if (!own && !registry_purpose_of(c, r))
        return fail(c, ERR_PURPOSE, r->name, c->purpose ? c->purpose : "");
    if (own && !c->purpose)
        c->purpose = OWN_DATA; /* the others in the record see why it was read */
    return OK;
}

/* The commune of the record, where its definition names the field. */
static const char *place_of(const struct registry *r, const void *data)
{
    return r->place ? shape_text(r->shape, data, r->place->name) : "";
}

static enum err note(struct ctx *c, const struct registry *r, const struct registry_record *k)
{
    enum err e = check_reason(c, r, k);
    if (e)
        return e;
    for (size_t i = 0; i < r->n_subjects; i++) {
        const char *person = subject_of(r, i, k->data);
        if (text_empty(person))
            continue;
        if ((e = access_note_of(c, person, r->name, k->id, place_of(r, k->data))))
            return e;
    }
    return OK;
}

/* ---- writing ---- */

static enum err trail(struct ctx *c, const struct registry *r, const char *action, const char *id,
                      const char *says)
{
    struct audit_act act = {.action = arena_printf(c->arena, "registry.%s", action),
                            .kind = r->name,
                            .object = id,
                            .detail = says};
    return audit_write(c, &act);
}

static const char *rule_that_clashed(const struct registry *r, const char *index)
{
    for (size_t i = 0; index && i < r->n_unique; i++)
        if (text_ends(index, r->unique[i].name))
            return r->shape->fields[r->unique[i].fields[0]].name;
    return "";
}

static enum err insert(struct ctx *c, const struct registry *r, const struct registry_row *row,
                       const char **ret_says)
{
    enum err e = registry_store_insert(c, r, row, ret_says);
    if (e == ERR_DB_UNIQUE) {
        const char *index = c->n_faults ? c->faults[c->n_faults - 1].field : "";
        const char *field = rule_that_clashed(r, index);
        ctx_clear_faults(c);
        return fail(c, ERR_REGISTERED, field, r->label[c->lang]);
    }
    return e ? e : registry_store_words(c, r, row->id, row->data);
}

enum err registry_add(struct ctx *c, const struct registry *r, void *data, int64_t valid_from_us,
                      const char *reason, const char **ret_id)
{
    enum err e = shape_check(c, r->shape, data);
    if (e)
        return e;
    struct registry_row row = {.id = id_new(c->arena, c->now_us),
                               .reason = reason,
                               .version = 1,
                               .valid_from_us = valid_from_us,
                               .known_us = c->now_us,
                               .data = data};
    const char *says;
    e = insert(c, r, &row, &says);
    if (!e)
        e = trail(c, r, "add", row.id, says);
    if (!e)
        *ret_id = row.id;
    return e;
}

struct found {
    struct registry_record *record;
    size_t n;
};

static enum err keep_one(struct ctx *c, const struct registry *r, struct registry_record *record,
                         void *arg)
{
    (void)c, (void)r;
    struct found *f = arg;
    if (!f->n++)
        *f->record = *record;
    return OK;
}

static enum err current(struct ctx *c, const struct registry *r, const char *id,
                        struct registry_record *ret)
{
    const struct db_value p[] = {P_TEXT(id)};
    struct found f = {.record = ret};
    enum err e = registry_store_select(c, r, r->sql_current, p, ARRAY_LEN(p), keep_one, &f);
    if (!e && !f.n)
        e = fail(c, ERR_NOT_FOUND, r->name, id);
    return e;
}

static enum err next_version(struct ctx *c, const struct registry *r, const char *action,
                             const struct registry_record *old, struct registry_row *row)
{
    int64_t rows;
    const char *says;
    enum err e = registry_store_supersede(c, r, old->id, old->version, &rows);
    if (!e && rows != 1)
        e = fail(c, ERR_RECORD_CHANGED, r->name, old->id);
    if (e)
        return e;
    row->id = old->id;
    row->version = old->version + 1;
    row->known_us = c->now_us;
    e = insert(c, r, row, &says);
    return e ? e : trail(c, r, action, row->id, says);
}

enum err registry_change(struct ctx *c, const struct registry *r, const char *id,
                         int64_t expected_version, void *data, int64_t valid_from_us,
                         const char *reason)
{
    struct registry_record old;
    enum err e = shape_check(c, r->shape, data);
    if (!e)
        e = current(c, r, id, &old);
    if (e)
        return e;
    if (old.version != expected_version)
        return fail(c, ERR_RECORD_CHANGED, r->name, id);
    if (old.cancelled)
        return fail(c, ERR_RECORD_CANCELLED, r->name, id);
    struct registry_row row = {.reason = reason, .valid_from_us = valid_from_us, .data = data};
    return next_version(c, r, "change", &old, &row);
}

enum err registry_cancel(struct ctx *c, const struct registry *r, const char *id,
                         const char *reason)
{
    struct registry_record old;
    enum err e = current(c, r, id, &old);
    if (e || old.cancelled)
        return e;
    struct registry_row row = {
        .reason = reason, .valid_from_us = c->now_us, .cancelled = 1, .data = old.data};
    return next_version(c, r, "cancel", &old, &row);
}

/* ---- reading ---- */

enum err registry_get(struct ctx *c, const struct registry *r, const char *id,
                      struct registry_record *ret)
{
    struct registry_record k;
    enum err e = current(c, r, id, &k);
    if (!e)
        e = note(c, r, &k);
    if (!e)
        *ret = k;
    return e;
}

static enum err keep_int(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    *(int64_t *)arg = row_int(row, 0);
    return OK;
}

/* What a later version says began after that day ended the fact then. */
static enum err held_until(struct ctx *c, const struct registry *r, struct registry_record *k,
                           int64_t valid_us, int64_t known_us)
{
    const struct db_value p[] = {P_TEXT(k->id), P_INT(valid_us), P_INT(known_us),
                                 P_INT(k->version)};
    return db_each_dynamic(c, keep_int, &k->valid_until_us, r->sql_until, p, ARRAY_LEN(p));
}

enum err registry_get_at(struct ctx *c, const struct registry *r, const char *id, int64_t valid_us,
                         int64_t known_us, struct registry_record *ret)
{
    int64_t valid = valid_us ? valid_us : c->now_us, known = known_us ? known_us : c->now_us;
    const struct db_value p[] = {P_TEXT(id), P_INT(valid), P_INT(known)};
    struct registry_record k;
    struct found f = {.record = &k};
    enum err e = registry_store_select(c, r, r->sql_at, p, ARRAY_LEN(p), keep_one, &f);
    if (!e && !f.n)
        e = fail(c, ERR_NOT_FOUND, r->name, id);
    if (!e)
        e = held_until(c, r, &k, valid, known);
    if (!e)
        e = note(c, r, &k);
    if (!e)
        *ret = k;
    return e;
}

static enum err by_token(struct ctx *c, const struct registry *r, const char *field,
                         const char *value, struct found *f)
{
    const struct field *x = shape_field(r->shape, field);
    size_t column = x ? (size_t)(x - r->shape->fields) : 0;
    if (!x || !r->columns[column].by_token)
        BUG("no such search");
    const char *token = registry_token_of(c->arena, r, field, value);
    if (!token)
        return OK;
    const struct db_value p[] = {P_TEXT(token)};
    return registry_store_select(c, r, r->columns[column].by_token, p, ARRAY_LEN(p), keep_one, f);
}

enum err registry_by(struct ctx *c, const struct registry *r, const char *field, const char *value,
                     struct registry_record *ret)
{
    struct registry_record k;
    struct found f = {.record = &k};
    enum err e = by_token(c, r, field, value, &f);
    if (!e && !f.n)
        e = fail(c, ERR_NOT_FOUND, field);
    if (!e)
        e = note(c, r, &k);
    if (!e)
        *ret = k;
    return e;
}

struct page_of {
    struct registry_record *out;
    size_t n, max;
};

static enum err keep_page(struct ctx *c, const struct registry *r, struct registry_record *record,
                          void *arg)
{
    struct page_of *p = arg;
    enum err e = note(c, r, record);
    if (!e && p->n < p->max)
        p->out[p->n++] = *record;
    return e;
}

static bool same_subjects(const struct registry *r, const void *a, const void *b)
{
    for (size_t i = 0; i < r->n_subjects; i++)
        if (!text_eq(subject_of(r, i, a), subject_of(r, i, b)))
            return false;
    return true;
}

/* One look at a record is one line a person, however many versions it has. */
static enum err keep_version(struct ctx *c, const struct registry *r,
                             struct registry_record *record, void *arg)
{
    struct page_of *p = arg;
    bool noted = p->n && same_subjects(r, p->out[p->n - 1].data, record->data);
    enum err e = noted ? OK : note(c, r, record);
    if (!e)
        p->out[p->n++] = *record;
    return e;
}

enum err registry_versions(struct ctx *c, const struct registry *r, const char *id,
                           struct registry_record *ret, size_t max, size_t *ret_n)
{
    struct page_of page = {.out = ret, .max = max};
    const struct db_value p[] = {P_TEXT(id), P_INT((int64_t)max)};
    enum err e = registry_store_select(c, r, r->sql_versions, p, ARRAY_LEN(p), keep_version, &page);
    *ret_n = e ? 0 : page.n;
    return e;
}

enum err registry_search(struct ctx *c, const struct registry *r, const char *words,
                         const char *after_id, struct registry_record *ret, size_t max,
                         size_t *ret_n)
{
    size_t n;
    const char **w = text_split(c->arena, text_fold(c->arena, words), ' ', &n);
    struct page_of page = {.out = ret, .max = max < SEARCH_PAGE ? max : SEARCH_PAGE};
    struct db_value p[2 + REGISTRY_MAX_WORDS] = {P_TEXT(after_id ? after_id : ""),
                                                 P_INT((int64_t)page.max)};
    *ret_n = 0;
    if (!n)
        return OK;
    if (n > REGISTRY_MAX_WORDS)
        n = REGISTRY_MAX_WORDS;
    for (size_t i = 0; i < n; i++)
        p[2 + i] = P_TEXT(registry_token_of(c->arena, r, "w", w[i]));
    enum err e = registry_store_select(c, r, r->sql_words[n - 1], p, 2 + n, keep_page, &page);
    if (!e)
        *ret_n = page.n;
    return e;
}

/* The first pair finds by its token; the others are compared in memory. */
static enum err compare(struct ctx *c, const struct registry *r, struct registry_record *record,
                        void *arg)
{
    const char *const **pairs = arg;
    const char *const *kv = *pairs;
    for (size_t i = 0; kv[i]; i += 2) {
        const struct field *f = shape_field(r->shape, kv[i]);
        ASSERT(f != NULL);
        const char *have =
            text_fold(c->arena, registry_value(c, r, (size_t)(f - r->shape->fields), record->data));
        if (!text_eq(have, text_fold(c->arena, kv[i + 1])))
            return OK;
    }
    *pairs = NULL;
    return OK;
}

enum err registry_exists(struct ctx *c, const struct registry *r,
                         const char *const *field_value_pairs, bool *ret_exists)
{
    const struct field *x = shape_field(r->shape, field_value_pairs[0]);
    size_t column = x ? (size_t)(x - r->shape->fields) : 0;
    if (!x || !r->columns[column].by_token)
        BUG("the first field must be searchable");
    const char *token = registry_token_of(c->arena, r, x->name, field_value_pairs[1]);
    const char *const *pairs = field_value_pairs;
    const struct db_value p[] = {P_TEXT(token)};
    enum err e =
        token ? registry_store_select(c, r, r->columns[column].by_token, p, 1, compare, &pairs)
              : OK;
    if (!e)
        *ret_exists = pairs == NULL;
    return e;
}

enum err registry_count(struct ctx *c, const struct registry *r, int64_t *ret_n)
{
    return db_each_dynamic(c, keep_int, ret_n, r->sql_count, NULL, 0);
}
