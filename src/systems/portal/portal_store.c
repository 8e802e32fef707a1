/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts as rows. Their values are sealed: a stolen file shows whose nothing is. */
#include "base/id.h"
#include "base/text.h"
#include "core/scope.h"
#include "core/subject.h"
#include "systems/portal/portal_seal.h"

#define FORM_MAX       (1024 * 1024)
#define DRAFTS_AT_ONCE 200
#define DRAFT_LAW      "NĐ 13/2023/NĐ-CP, điều 16" /* data nobody needs any more is destroyed */

/* ---- sealing ---- */

static const char *place(struct ctx *c, const char *id, const char *part)
{
    return arena_printf(c->arena, "portal/%s/%s", id, part);
}

enum err portal_seal(struct ctx *c, int64_t subject, const char *id, const char *part,
                     const char *text, struct bytes *ret_sealed)
{
    return subject_seal_text(c, subject, place(c, id, part), text, ret_sealed);
}

enum err portal_open(struct ctx *c, const char *id, const char *part, struct bytes sealed,
                     const char **ret_text)
{
    return subject_open_text(c, SECRET_PORTAL, place(c, id, part), sealed, ret_text);
}

const char *portal_owner(struct ctx *c)
{
    return person_token(c, c->actor->person);
}

/* ---- drafts ---- */

static enum err seal_object(struct ctx *c, const struct portal_draft *d, const char *part,
                            const void *object, struct bytes *ret_sealed)
{
    struct buf b = buf_new(c->arena, FORM_MAX);
    shape_to_json(&b, d->procedure->form, object);
    ASSERT(!buf_full(&b));
    return portal_seal(c, d->subject, d->id, part, b.ptr, ret_sealed);
}

static enum err open_object(struct ctx *c, const struct portal_draft *d, const char *part,
                            struct bytes sealed, void **ret)
{
    const char *json;
    enum err e = portal_open(c, d->id, part, sealed, &json);
    *ret = shape_new(c->arena, d->procedure->form);
    return e || text_empty(json) ? e : shape_restore(c, d->procedure->form, bytes_of(json), *ret);
}

enum err portal_draft_subject(struct ctx *c, struct portal_draft *d)
{
    if (!d->id)
        d->id = id_new(c->arena, c->now_us);
    if (d->subject)
        return OK;
    const struct subject_wish w = {SUBJECT_DRAFT, d->id, d->procedure->code, portal_owner(c)};
    return subject_of(c, &w, &d->subject);
}

enum err portal_store_draft_room(struct ctx *c)
{
    int64_t n = 0;
    enum err e = db_int(c, &n,
                        "SELECT count(*) FROM portal_draft"
                        " WHERE owner = $1 AND code = '' AND supplements = '' AND expires_us > $2",
                        P_TEXT(portal_owner(c)), P_INT(c->now_us));
    if (e || n < PORTAL_MOST_DRAFTS)
        return e;
    return fail(c, ERR_DRAFTS_MANY, arena_printf(c->arena, "%d", PORTAL_MOST_DRAFTS));
}

enum err portal_store_draft_add(struct ctx *c, struct portal_draft *d)
{
    struct bytes form, known;
    enum err e = portal_draft_subject(c, d);
    if (!e)
        e = seal_object(c, d, "form", d->form, &form);
    if (!e)
        e = seal_object(c, d, "known", d->known, &known);
    if (e)
        return e;
    d->kept = true;
    return db_exec(c, NULL,
                   "INSERT INTO portal_draft (id, owner, procedure, version, created_us, saved_us,"
                   " expires_us, done, unreachable, code, form, known, supplements)"
                   " VALUES ($1, $2, $3, 1, $4, $4, $5, $6, $7, '', $8, $9, $10)",
                   P_TEXT(d->id), P_TEXT(portal_owner(c)), P_TEXT(d->procedure->code),
                   P_INT(c->now_us), P_INT(c->now_us + DRAFT_US), P_TEXT(d->done),
                   P_BOOL(d->unreachable), P_BLOB(form), P_BLOB(known),
                   P_TEXT(d->supplements ? d->supplements : ""));
}

#define DRAFT_COLUMNS                                                                              \
    "id, procedure, version, created_us, saved_us, expires_us, done, unreachable, code, form, "    \
    "known, supplements"

static enum err read_draft(struct ctx *c, const struct db_row *r, void *arg)
{
    struct portal_draft *d = arg;
    *d = (struct portal_draft){.id = row_text(r, 0),
                               .procedure = procedure_find(c, row_text(r, 1)),
                               .version = row_int(r, 2),
                               .created_us = row_int(r, 3),
                               .saved_us = row_int(r, 4),
                               .expires_us = row_int(r, 5),
                               .done = row_text(r, 6),
                               .unreachable = row_int(r, 7) != 0,
                               .code = row_text(r, 8),
                               .supplements = row_text(r, 11),
                               .subject = subject_sealed_under(row_blob(r, 9)),
                               .kept = true};
    if (!d->procedure)
        return fail(c, ERR_PROCEDURE_UNKNOWN, "procedure", row_text(r, 1));
    enum err e = open_object(c, d, "form", row_blob(r, 9), &d->form);
    return e ? e : open_object(c, d, "known", row_blob(r, 10), &d->known);
}

enum err portal_store_draft(struct ctx *c, const char *id, struct portal_draft *ret)
{
    bool found = false;
    enum err e = db_one(c, &found, read_draft, ret,
                        "SELECT " DRAFT_COLUMNS " FROM portal_draft"
                        " WHERE id = $1 AND owner = $2 AND expires_us > $3 AND supplements = ''",
                        P_TEXT(id), P_TEXT(portal_owner(c)), P_INT(c->now_us));
    return e || found ? e : fail(c, ERR_NOT_FOUND, "id", id);
}

enum err portal_store_supplement(struct ctx *c, const char *code, bool *ret_found,
                                 struct portal_draft *ret)
{
    return db_one(c, ret_found, read_draft, ret,
                  "SELECT " DRAFT_COLUMNS " FROM portal_draft"
                  " WHERE supplements = $1 AND owner = $2 AND expires_us > $3 AND code = ''"
                  " ORDER BY id DESC LIMIT 1",
                  P_TEXT(code), P_TEXT(portal_owner(c)), P_INT(c->now_us));
}

enum err portal_store_draft_save(struct ctx *c, struct portal_draft *d, bool bump)
{
    int64_t rows = 0;
    struct bytes form;
    enum err e = portal_draft_subject(c, d);
    if (!e)
        e = seal_object(c, d, "form", d->form, &form);
    if (e == ERR_DISPOSED) { /* filed or thrown away meanwhile */
        ctx_clear_faults(c);
        return fail(c, ERR_DRAFT_CHANGED, "");
    }
    if (!e)
        e = db_exec(c, &rows,
                    "UPDATE portal_draft SET version = version + $4, saved_us = $5,"
                    " expires_us = $6, done = $7, form = $8"
                    " WHERE id = $1 AND owner = $2 AND version = $3 AND code = ''",
                    P_TEXT(d->id), P_TEXT(portal_owner(c)), P_INT(d->version), P_BOOL(bump),
                    P_INT(c->now_us), P_INT(c->now_us + DRAFT_US), P_TEXT(d->done), P_BLOB(form));
    return e || rows == 1 ? e : fail(c, ERR_DRAFT_CHANGED, "");
}

enum err portal_store_draft_filed(struct ctx *c, const char *id, const char *code)
{
    struct bytes none = {(const uint8_t *)"", 0};
    enum err e = db_exec(c, NULL,
                         "UPDATE portal_draft SET code = $3, done = '', form = $4, known = $4"
                         " WHERE id = $1 AND owner = $2",
                         P_TEXT(id), P_TEXT(portal_owner(c)), P_TEXT(code), P_BLOB(none));
    return e ? e : subject_destroy_of(c, SUBJECT_DRAFT, id, DRAFT_LAW);
}

struct draft_list {
    struct portal_draft *out;
    size_t n, max;
};

static enum err list_draft(struct ctx *c, const struct db_row *r, void *arg)
{
    struct draft_list *l = arg;
    struct portal_draft d = {.id = row_text(r, 0),
                             .procedure = procedure_find(c, row_text(r, 1)),
                             .saved_us = row_int(r, 2),
                             .expires_us = row_int(r, 3),
                             .supplements = row_text(r, 4)};
    if (d.procedure && l->n < l->max)
        l->out[l->n++] = d;
    return OK;
}

enum err portal_store_drafts(struct ctx *c, struct portal_draft *ret, size_t max, size_t *ret_n)
{
    struct draft_list l = {ret, 0, max};
    enum err e = db_each(c, list_draft, &l,
                         "SELECT id, procedure, saved_us, expires_us, supplements FROM portal_draft"
                         " WHERE owner = $1 AND code = '' AND expires_us > $2"
                         " ORDER BY id DESC LIMIT $3",
                         P_TEXT(portal_owner(c)), P_INT(c->now_us), P_INT((int64_t)max));
    *ret_n = l.n;
    return e;
}

enum err portal_store_draft_forget(struct ctx *c, const struct portal_draft *d)
{
    return d->subject ? subject_destroy_of(c, SUBJECT_DRAFT, d->id, DRAFT_LAW) : OK;
}

enum err portal_store_draft_drop(struct ctx *c, const char *id)
{
    int64_t rows = 0;
    enum err e =
        db_exec(c, &rows, "DELETE FROM portal_draft WHERE id = $1 AND owner = $2 AND code = ''",
                P_TEXT(id), P_TEXT(portal_owner(c)));
    if (!e && rows != 1)
        return fail(c, ERR_NOT_FOUND, "id", id);
    return e ? e : subject_destroy_of(c, SUBJECT_DRAFT, id, DRAFT_LAW);
}

struct gone {
    const char *id[DRAFTS_AT_ONCE];
    size_t n;
};

static enum err keep_gone(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct gone *g = arg;
    g->id[g->n++] = row_text(r, 0);
    return OK;
}

/* Their keys go with them: out of the backups, too. */
static enum err destroy(struct ctx *c, const struct gone *g)
{
    enum err e = OK;
    for (size_t i = 0; i < g->n && !e; i++)
        e = subject_destroy_of(c, SUBJECT_DRAFT, g->id[i], DRAFT_LAW);
    return e;
}

enum err portal_store_supplement_end(struct ctx *c, const char *code)
{
    struct gone g = {.n = 0};
    enum err e = db_each(c, keep_gone, &g,
                         "DELETE FROM portal_draft WHERE id IN (SELECT id FROM portal_draft"
                         " WHERE supplements = $1 LIMIT $2) RETURNING id",
                         P_TEXT(code), P_INT(DRAFTS_AT_ONCE));
    return e ? e : destroy(c, &g);
}

enum err portal_store_drafts_expire(struct ctx *c, int64_t *ret_n)
{
    struct gone g = {.n = 0};
    enum err e = db_each(c, keep_gone, &g,
                         "DELETE FROM portal_draft WHERE id IN (SELECT id FROM portal_draft"
                         " WHERE expires_us <= $1 LIMIT $2) RETURNING id",
                         P_INT(c->now_us), P_INT(DRAFTS_AT_ONCE));
    *ret_n = (int64_t)g.n;
    return e ? e : destroy(c, &g);
}
