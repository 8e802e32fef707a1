/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/casework/casework_private.h"

enum err casework_store_insert(struct ctx *c, const struct casework_row *w)
{
    const struct casework_case *k = &w->k;
    return db_exec(
        c, NULL,
        "INSERT INTO casework_case (" CASE_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
        " $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)",
        P_TEXT(k->id), P_TEXT(k->code), P_TEXT(k->procedure), P_TEXT(k->state), P_INT(k->national),
        P_INT(w->phase), P_TEXT(w->owner_role), P_TEXT(k->unit), P_TEXT(w->owner),
        P_INT(k->version), P_TEXT(k->channel), P_INT(k->filed_us), P_INT(k->received_us),
        P_INT(k->due_us), P_INT(w->wait_until_us), P_INT(k->paused_us), P_INT(k->closed_us),
        P_INT(w->supplements), P_INT(w->extensions), P_TEXT(k->calendar_version),
        P_TEXT(k->due_words[LANG_VI]), P_TEXT(k->due_words[LANG_EN]), P_BLOB(w->person),
        P_BLOB(w->title), P_BLOB(w->form), P_INT(k->subject));
}

enum err casework_store_update(struct ctx *c, const struct casework_row *w,
                               int64_t expected_version, int64_t *ret_rows)
{
    const struct casework_case *k = &w->k;
    return db_exec(
        c, ret_rows,
        "UPDATE casework_case SET state = $3, national = $4, phase = $5,"
        " owner_role = $6, version = $7, due_us = $8, wait_until_us = $9,"
        " paused_us = $10, closed_us = $11, supplements = $12, form = $13, extensions = $14,"
        " due_vi = $15, due_en = $16, calendar_version = $17"
        " WHERE id = $1 AND version = $2",
        P_TEXT(k->id), P_INT(expected_version), P_TEXT(k->state), P_INT(k->national),
        P_INT(w->phase), P_TEXT(w->owner_role), P_INT(k->version), P_INT(k->due_us),
        P_INT(w->wait_until_us), P_INT(k->paused_us), P_INT(k->closed_us), P_INT(w->supplements),
        P_BLOB(w->form), P_INT(w->extensions), P_TEXT(k->due_words[LANG_VI]),
        P_TEXT(k->due_words[LANG_EN]), P_TEXT(k->calendar_version));
}

void casework_row_read(const struct db_row *r, struct casework_row *w)
{
    struct casework_case *k = &w->k;
    k->id = row_text(r, 0);
    k->code = row_text(r, 1);
    k->procedure = row_text(r, 2);
    k->state = row_text(r, 3);
    k->national = row_int(r, 4);
    w->phase = (enum phase)row_int(r, 5);
    w->owner_role = row_text(r, 6);
    k->unit = row_text(r, 7);
    w->owner = row_text(r, 8);
    k->version = row_int(r, 9);
    k->channel = row_text(r, 10);
    k->filed_us = row_int(r, 11);
    k->received_us = row_int(r, 12);
    k->due_us = row_int(r, 13);
    w->wait_until_us = row_int(r, 14);
    k->paused_us = row_int(r, 15);
    k->closed_us = row_int(r, 16);
    w->supplements = row_int(r, 17);
    w->extensions = row_int(r, 18);
    k->calendar_version = row_text(r, 19);
    k->due_words[LANG_VI] = row_text(r, 20);
    k->due_words[LANG_EN] = row_text(r, 21);
    w->person = row_blob(r, 22);
    w->title = row_blob(r, 23);
    w->form = row_blob(r, 24);
    k->subject = row_int(r, 25);
}

static enum err read_case(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    casework_row_read(r, arg);
    return OK;
}

enum err casework_store_get(struct ctx *c, const char *code, bool *ret_found,
                            struct casework_row *ret)
{
    return db_one(c, ret_found, read_case, ret,
                  "SELECT " CASE_COLUMNS " FROM casework_case WHERE code = $1", P_TEXT(code));
}

static enum err read_location(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct casework_row *w = arg;
    w->k.id = row_text(r, 0);
    w->k.code = row_text(r, 1);
    w->k.unit = row_text(r, 2);
    w->owner = row_text(r, 3);
    w->k.subject = row_int(r, 4);
    return OK;
}

enum err casework_store_locate(struct ctx *c, const char *code, bool *ret_found,
                               struct casework_row *ret)
{
    return db_one(c, ret_found, read_location, ret,
                  "SELECT id, code, unit, owner, subject FROM casework_case WHERE code = $1",
                  P_TEXT(code));
}

static enum err read_matter(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct matter_case *)arg =
        (struct matter_case){.unit = row_text(r, 0), .open = row_int(r, 1) == 0};
    return OK;
}

enum err casework_store_matter(struct ctx *c, const char *code, bool *ret_found,
                               struct matter_case *ret)
{
    return db_one(c, ret_found, read_matter, ret,
                  "SELECT unit, closed_us FROM casework_case WHERE code = $1", P_TEXT(code));
}

enum err casework_store_event(struct ctx *c, const struct casework_event_row *e)
{
    return db_exec(c, NULL,
                   "INSERT INTO casework_event (id, case_id, at_us, action, from_state, to_state,"
                   " version, actor_unit, actor_role, actor_name, reason, form)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                   P_TEXT(e->id), P_TEXT(e->case_id), P_INT(e->at_us), P_TEXT(e->action),
                   P_TEXT(e->from), P_TEXT(e->to), P_INT(e->version), P_TEXT(e->unit),
                   P_TEXT(e->role), P_BLOB(e->name), P_BLOB(e->reason), P_BLOB(e->form));
}

struct event_reading {
    casework_event_fn fn;
    void *arg;
};

static enum err read_event(struct ctx *c, const struct db_row *r, void *arg)
{
    const struct event_reading *x = arg;
    const struct casework_event_row e = {.id = row_text(r, 0),
                                         .case_id = row_text(r, 1),
                                         .at_us = row_int(r, 2),
                                         .action = row_text(r, 3),
                                         .from = row_text(r, 4),
                                         .to = row_text(r, 5),
                                         .version = row_int(r, 6),
                                         .unit = row_text(r, 7),
                                         .role = row_text(r, 8),
                                         .name = row_blob(r, 9),
                                         .reason = row_blob(r, 10)};
    return x->fn(c, &e, x->arg);
}

enum err casework_store_events(struct ctx *c, const char *case_id, int64_t max,
                               casework_event_fn fn, void *arg)
{
    struct event_reading x = {fn, arg};
    return db_each(c, read_event, &x,
                   "SELECT id, case_id, at_us, action, from_state, to_state, version, actor_unit,"
                   " actor_role, actor_name, reason FROM casework_event WHERE case_id = $1"
                   " ORDER BY id DESC LIMIT $2",
                   P_TEXT(case_id), P_INT(max));
}

enum err casework_store_word(struct ctx *c, const char *token, const char *case_id)
{
    return db_exec(c, NULL,
                   "INSERT INTO casework_word (token, case_id) VALUES ($1, $2)"
                   " ON CONFLICT DO NOTHING",
                   P_TEXT(token), P_TEXT(case_id));
}

enum err casework_store_document(struct ctx *c, const char *case_id,
                                 const struct casework_document *d)
{
    return db_exec(c, NULL,
                   "INSERT INTO casework_document (case_id, kind, file, result, at_us)"
                   " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                   P_TEXT(case_id), P_TEXT(d->kind), P_TEXT(d->file), P_BOOL(d->result),
                   P_INT(c->now_us));
}

struct document_list {
    struct casework_document *out;
    size_t n, max;
};

static enum err read_document(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct document_list *l = arg;
    if (l->n < l->max)
        l->out[l->n++] = (struct casework_document){.kind = row_text(r, 0),
                                                    .file = row_text(r, 1),
                                                    .result = row_int(r, 2) != 0,
                                                    .at_us = row_int(r, 3)};
    return OK;
}

enum err casework_store_documents(struct ctx *c, const char *case_id, struct casework_document *ret,
                                  size_t max, size_t *ret_n)
{
    struct document_list l = {ret, 0, max};
    enum err e = db_each(c, read_document, &l,
                         "SELECT kind, file, result, at_us FROM casework_document"
                         " WHERE case_id = $1 ORDER BY at_us, kind LIMIT $2",
                         P_TEXT(case_id), P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}

struct handed {
    struct casework_case *k;
    struct casework_document *d;
};

static enum err read_handed(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct handed *h = arg;
    *h->k = (struct casework_case){.unit = row_text(r, 0), .national = row_int(r, 1)};
    *h->d = (struct casework_document){.file = row_text(r, 2)};
    return OK;
}

enum err casework_store_handed(struct ctx *c, const char *code, const char *kind, bool *ret_found,
                               struct casework_case *ret_k, struct casework_document *ret)
{
    struct handed h = {ret_k, ret};
    return db_one(c, ret_found, read_handed, &h,
                  "SELECT k.unit, k.national, d.file FROM casework_case k"
                  " JOIN casework_document d ON d.case_id = k.id"
                  " WHERE k.code = $1 AND d.kind = $2",
                  P_TEXT(code), P_TEXT(kind));
}

enum err casework_store_fact_set(struct ctx *c, const char *case_id, const char *name,
                                 struct bytes value)
{
    return db_exec(c, NULL,
                   "INSERT INTO casework_fact (case_id, name, value) VALUES ($1, $2, $3)"
                   " ON CONFLICT (case_id, name) DO UPDATE SET value = excluded.value",
                   P_TEXT(case_id), P_TEXT(name), P_BLOB(value));
}

static enum err read_fact(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct bytes *)arg = row_blob(r, 0);
    return OK;
}

enum err casework_store_fact(struct ctx *c, const char *case_id, const char *name,
                             struct bytes *ret)
{
    bool found;
    *ret = (struct bytes){NULL, 0};
    return db_one(c, &found, read_fact, ret,
                  "SELECT value FROM casework_fact WHERE case_id = $1 AND name = $2",
                  P_TEXT(case_id), P_TEXT(name));
}

enum err casework_store_done(struct ctx *c, const char *unit)
{
    return db_exec(c, NULL,
                   "INSERT INTO casework_done (unit, n) VALUES ($1, 1)"
                   " ON CONFLICT (unit) DO UPDATE SET n = casework_done.n + 1",
                   P_TEXT(unit));
}
