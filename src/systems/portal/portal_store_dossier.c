/* SPDX-License-Identifier: Apache-2.0 */
/* Dossiers of other nodes as their messages tell, and ratings. */
#include "base/text.h"
#include "core/scope.h"
#include "core/subject.h"
#include "systems/portal/portal_seal.h"

static const char *event_id(struct ctx *c, const char *code, int64_t version)
{
    return arena_printf(c->arena, "event/%s/%lld", code, (long long)version);
}

/* The dossier's own where it is handled here, else that of its copy. */
static enum err dossier_subject(struct ctx *c, const char *code, const char *procedure,
                                const char *owner, int64_t *ret)
{
    const struct subject_wish w = {SUBJECT_CASE, code, procedure, owner};
    return subject_of(c, &w, ret);
}

/* The copy ends with its dossier; one handled here has its own clock already, by the same act. */
static enum err keep_from_now(struct ctx *c, const struct portal_dossier *d)
{
    const char *kind = arena_printf(c->arena, "%s/%lld", d->procedure, (long long)d->status);
    bool over =
        d->status == PORTAL_REFUSED || d->status == PORTAL_STOPPED || d->status >= PORTAL_DONE;
    return over ? subject_clock(c, SUBJECT_CASE, d->code, kind)
                : subject_unclock(c, SUBJECT_CASE, d->code);
}

static enum err add_event(struct ctx *c, const struct portal_dossier *d, bool newest)
{
    struct bytes reason;
    int64_t subject;
    enum err e = dossier_subject(c, d->code, d->procedure, person_token(c, d->person), &subject);
    if (!e && newest)
        e = keep_from_now(c, d);
    if (!e)
        e = portal_seal(c, subject, event_id(c, d->code, d->version), "reason", d->reason, &reason);
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO portal_dossier_event (code, version, status, label, label_en,"
                       " at_us, reason) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                       P_TEXT(d->code), P_INT(d->version), P_INT(d->status),
                       P_TEXT(d->label[LANG_VI]), P_TEXT(d->label[LANG_EN]), P_INT(d->at_us),
                       P_BLOB(reason));
}

enum err portal_store_status(struct ctx *c, const struct portal_dossier *d)
{
    int64_t rows = 0;
    enum err e = db_exec(
        c, &rows,
        "INSERT INTO portal_dossier (code, owner, procedure, procedure_name, unit, unit_name,"
        " version, status, filed_us, due_us, at_us)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (code) DO UPDATE SET version = excluded.version, status = excluded.status,"
        " due_us = excluded.due_us, at_us = excluded.at_us"
        " WHERE excluded.version > portal_dossier.version",
        P_TEXT(d->code), P_TEXT(person_token(c, d->person)), P_TEXT(d->procedure),
        P_TEXT(d->procedure_name), P_TEXT(d->unit), P_TEXT(d->unit_name), P_INT(d->version),
        P_INT(d->status), P_INT(d->filed_us), P_INT(d->due_us), P_INT(d->at_us));
    return e ? e : add_event(c, d, rows == 1);
}

static enum err read_matter(struct ctx *c, const struct db_row *r, void *arg)
{
    int64_t status = row_int(r, 1);
    (void)c;
    *(struct matter_case *)arg = (struct matter_case){
        .unit = row_text(r, 0),
        .open = status != PORTAL_REFUSED && status != PORTAL_STOPPED && status < PORTAL_DONE};
    return OK;
}

enum err portal_store_matter(struct ctx *c, const char *code, bool *ret_found,
                             struct matter_case *ret)
{
    return db_one(c, ret_found, read_matter, ret,
                  "SELECT unit, status FROM portal_dossier WHERE code = $1", P_TEXT(code));
}

#define DOSSIER_COLUMNS                                                                            \
    "d.code, d.procedure, d.procedure_name, d.unit, d.unit_name, d.version, d.status, d.filed_us," \
    " d.due_us, d.at_us, e.label, e.label_en, e.reason"
#define DOSSIER_TABLES                                                                             \
    "portal_dossier d JOIN portal_dossier_event e ON e.code = d.code AND e.version = d.version"

/* What was destroyed isn't there any more. */
#define DOSSIER_LIVES                                                                              \
    " AND NOT EXISTS (SELECT 1 FROM core_subject s WHERE s.class = 'case' AND s.object = d.code"   \
    " AND s.destroyed_us > 0)"

static enum err read_dossier(struct ctx *c, const struct db_row *r, void *arg)
{
    struct portal_dossier *d = arg;
    *d = (struct portal_dossier){.code = row_text(r, 0),
                                 .procedure = row_text(r, 1),
                                 .procedure_name = row_text(r, 2),
                                 .unit = row_text(r, 3),
                                 .unit_name = row_text(r, 4),
                                 .version = row_int(r, 5),
                                 .status = row_int(r, 6),
                                 .filed_us = row_int(r, 7),
                                 .due_us = row_int(r, 8),
                                 .at_us = row_int(r, 9),
                                 .label = {row_text(r, 10), row_text(r, 11)}};
    return portal_open(c, event_id(c, d->code, d->version), "reason", row_blob(r, 12), &d->reason);
}

enum err portal_store_dossier(struct ctx *c, const char *code, struct portal_dossier *ret)
{
    bool found = false;
    enum err e = db_one(c, &found, read_dossier, ret,
                        "SELECT " DOSSIER_COLUMNS " FROM " DOSSIER_TABLES
                        " WHERE d.code = $1 AND d.owner = $2" DOSSIER_LIVES,
                        P_TEXT(code), P_TEXT(portal_owner(c)));
    if (e)
        return e;
    if (!found)
        return fail(c, ERR_NOT_FOUND, "code", code);
    ret->person = c->actor->person;
    return OK;
}

struct dossier_list {
    struct portal_dossier *out;
    size_t n, max;
};

static enum err list_dossier(struct ctx *c, const struct db_row *r, void *arg)
{
    struct dossier_list *l = arg;
    return l->n < l->max ? read_dossier(c, r, &l->out[l->n++]) : OK;
}

enum err portal_store_dossiers(struct ctx *c, struct portal_dossier *ret, size_t max, size_t *ret_n)
{
    struct dossier_list l = {ret, 0, max};
    enum err e = db_each(c, list_dossier, &l,
                         "SELECT " DOSSIER_COLUMNS " FROM " DOSSIER_TABLES
                         " WHERE d.owner = $1" DOSSIER_LIVES
                         " ORDER BY d.filed_us DESC, d.code DESC LIMIT $2",
                         P_TEXT(portal_owner(c)), P_INT((int64_t)max));
    *ret_n = l.n;
    return e;
}

struct event_list {
    const char *code;
    struct portal_event *out;
    size_t n, max;
};

static enum err list_event(struct ctx *c, const struct db_row *r, void *arg)
{
    struct event_list *l = arg;
    if (l->n == l->max)
        return OK;
    struct portal_event *e = &l->out[l->n++];
    *e = (struct portal_event){
        .label = {row_text(r, 2), row_text(r, 3)}, .status = row_int(r, 1), .at_us = row_int(r, 4)};
    return portal_open(c, event_id(c, l->code, row_int(r, 0)), "reason", row_blob(r, 5),
                       &e->reason);
}

enum err portal_store_events(struct ctx *c, const char *code, struct portal_event *ret, size_t max,
                             size_t *ret_n)
{
    struct event_list l = {code, ret, 0, max};
    enum err e = db_each(c, list_event, &l,
                         "SELECT version, status, label, label_en, at_us, reason"
                         " FROM portal_dossier_event WHERE code = $1"
                         " ORDER BY version DESC LIMIT $2",
                         P_TEXT(code), P_INT((int64_t)max));
    *ret_n = l.n;
    return e;
}

/* ---- ratings ---- */

enum err portal_store_rating(struct ctx *c, const struct portal_rating *r)
{
    int64_t rows = 0;
    const char *id = arena_printf(c->arena, "rating/%s", r->code);
    struct bytes comment = {NULL, 0};
    int64_t subject;
    enum err e = dossier_subject(c, r->code, r->procedure, portal_owner(c), &subject);
    if (!e)
        e = portal_seal(c, subject, id, "comment", r->comment, &comment);
    if (!e)
        e = db_exec(
            c, &rows,
            "INSERT INTO portal_rating (code, unit, procedure, score, answers, comment, at_us)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            P_TEXT(r->code), P_TEXT(r->unit), P_TEXT(r->procedure), P_INT(r->score),
            P_TEXT(r->answers), P_BLOB(comment), P_INT(c->now_us));
    return e || rows == 1 ? e : fail(c, ERR_RATED, "code", r->code);
}

enum err portal_store_rated(struct ctx *c, const char *code, bool *ret_rated)
{
    int64_t n = 0;
    enum err e = db_int(c, &n, "SELECT count(*) FROM portal_rating WHERE code = $1", P_TEXT(code));
    *ret_rated = n > 0;
    return e;
}
