/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases that keys of columns sealed, before there were subjects, are sealed anew: a whole case in
 * one transaction, some at a time; killed anywhere, the rest waits for the next round. And what is
 * left to do when a case's key was destroyed.
 */
#include "core/jobs.h"
#include "core/reseal.h"
#include "core/subject.h"
#include "engine/casework/casework_private.h"

#define AT_ONCE 50

struct part { /* a sealed value: where it lies, what it is bound to */
    const char *id, *name;
    struct bytes sealed[3];
};
struct parts {
    struct part *list;
    size_t n, room;
};

static enum err keep_part(struct ctx *c, const struct db_row *r, void *arg)
{
    struct parts *x = arg;
    if (x->n == x->room) {
        struct part *more = ARENA_ARRAY(c->arena, 2 * x->room + 16, struct part);
        for (size_t i = 0; i < x->n; i++)
            more[i] = x->list[i];
        x->list = more;
        x->room = 2 * x->room + 16;
    }
    struct part *p = &x->list[x->n++];
    *p = (struct part){.id = row_text(r, 0), .name = row_text(r, 1)};
    for (int i = 0; i + 2 < row_columns(r); i++)
        p->sealed[i] = row_blob(r, i + 2);
    return OK;
}

/* Opened with the column's key, sealed with the subject's; what is new already stays. */
static enum err anew(struct ctx *c, int64_t subject, const char *place, const char *id,
                     struct bytes *sealed)
{
    const char *text;
    if (subject_sealed_under(*sealed))
        return OK;
    enum err e = casework_open(c, place, id, *sealed, &text);
    return e ? e : casework_seal(c, subject, place, id, text, sealed);
}

static enum err reseal_events(struct ctx *c, int64_t subject, const char *case_id)
{
    struct parts x = {0};
    enum err e = db_each(c, keep_part, &x,
                         "SELECT id, '', actor_name, reason, form FROM casework_event"
                         " WHERE case_id = $1",
                         P_TEXT(case_id));
    for (size_t i = 0; i < x.n && !e; i++) {
        struct part *p = &x.list[i];
        e = anew(c, subject, "name", p->id, &p->sealed[0]);
        if (!e)
            e = anew(c, subject, "reason", p->id, &p->sealed[1]);
        if (!e) /* the form of before is bound to the case */
            e = anew(c, subject, "form", case_id, &p->sealed[2]);
        if (!e)
            e = db_exec(c, NULL,
                        "UPDATE casework_event SET actor_name = $2, reason = $3, form = $4"
                        " WHERE id = $1",
                        P_TEXT(p->id), P_BLOB(p->sealed[0]), P_BLOB(p->sealed[1]),
                        P_BLOB(p->sealed[2]));
    }
    return e;
}

static enum err reseal_facts(struct ctx *c, int64_t subject, const char *case_id)
{
    struct parts x = {0};
    enum err e = db_each(c, keep_part, &x,
                         "SELECT case_id, name, value FROM casework_fact WHERE case_id = $1",
                         P_TEXT(case_id));
    for (size_t i = 0; i < x.n && !e; i++) {
        struct part *p = &x.list[i];
        e = anew(c, subject, arena_printf(c->arena, "fact/%s", p->name), case_id, &p->sealed[0]);
        if (!e)
            e = casework_store_fact_set(c, case_id, p->name, p->sealed[0]);
    }
    return e;
}

enum err casework_reseal(struct ctx *c, const char *code, int64_t *ret_subject)
{
    struct casework_row w = {0};
    bool found;
    enum err e = casework_store_get(c, code, &found, &w);
    if (e || !found)
        return e ? e : fail(c, ERR_NOT_FOUND, "code", code);
    const char *kind = arena_printf(c->arena, "%s/%lld", w.k.procedure, (long long)w.k.national);
    const struct subject_wish wish = {SUBJECT_CASE, code, kind, w.owner};
    e = subject_of(c, &wish, ret_subject);
    if (!e && w.phase == PHASE_END)
        e = subject_clock(c, SUBJECT_CASE, code, kind);
    if (!e)
        e = anew(c, *ret_subject, "person", w.k.id, &w.person);
    if (!e)
        e = anew(c, *ret_subject, "title", w.k.id, &w.title);
    if (!e)
        e = anew(c, *ret_subject, "form", w.k.id, &w.form);
    if (!e)
        e = db_exec(c, NULL,
                    "UPDATE casework_case SET person = $2, title = $3, form = $4, subject = $5"
                    " WHERE id = $1",
                    P_TEXT(w.k.id), P_BLOB(w.person), P_BLOB(w.title), P_BLOB(w.form),
                    P_INT(*ret_subject));
    if (!e)
        e = reseal_events(c, *ret_subject, w.k.id);
    return e ? e : reseal_facts(c, *ret_subject, w.k.id);
}

static enum err reseal_some(struct ctx *c, void *arg)
{
    size_t *n = arg;
    struct parts x = {0};
    enum err e =
        db_each(c, keep_part, &x,
                "SELECT code, '' FROM casework_case WHERE subject = 0 ORDER BY id LIMIT $1",
                P_INT(AT_ONCE));
    for (size_t i = 0; i < x.n && !e; i++) {
        int64_t subject;
        e = casework_reseal(c, x.list[i].id, &subject);
    }
    *n = x.n;
    return e;
}

/* One batch a run: each has memory of its own. */
enum err casework_reseal_all(struct ctx *c)
{
    size_t n;
    enum err e = db_write(c, c->node->db, reseal_some, &n);
    if (!e && n == AT_ONCE)
        job_wake("casework.reseal");
    return e;
}

/* What that hasn't reached yet still needs the root key it was sealed under. */
RESEAL_COUNT(person, "casework_case", "person")
RESEAL_COUNT(title, "casework_case", "title")
RESEAL_COUNT(form, "casework_case", "form")
RESEAL_COUNT(actor, "casework_event", "actor_name")
RESEAL_COUNT(reason, "casework_event", "reason")
RESEAL_COUNT(event_form, "casework_event", "form")
RESEAL_COUNT(fact, "casework_fact", "value")

static const struct reseal_column own[] = {RESEAL_COUNTED(person, "casework_case.person"),
                                           RESEAL_COUNTED(title, "casework_case.title"),
                                           RESEAL_COUNTED(form, "casework_case.form"),
                                           RESEAL_COUNTED(actor, "casework_event.actor_name"),
                                           RESEAL_COUNTED(reason, "casework_event.reason"),
                                           RESEAL_COUNTED(event_form, "casework_event.form"),
                                           RESEAL_COUNTED(fact, "casework_fact.value")};

void casework_reseal_own(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}

enum err casework_dispose(struct ctx *c, const char *code)
{
    return db_exec(c, NULL,
                   "DELETE FROM casework_word WHERE case_id IN"
                   " (SELECT id FROM casework_case WHERE code = $1)",
                   P_TEXT(code));
}
