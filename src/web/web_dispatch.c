/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web_dispatch.h"

#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

static void settle(struct call *k, enum err e, bool on_writer);

static void drop_answer(struct call *k)
{
    k->q.answer = (struct http_answer){0};
    k->answered = k->refused = k->replayed = false;
    k->set_cookie = k->kept_cookie;
    k->n_extra = 0;
}

/* Everything that a first try left behind goes: the writer may run its work twice. What prepare
   read of people stays. */
static void begin_again(struct call *k)
{
    drop_answer(k);
    ctx_clear_faults(&k->c);
    k->c.access = k->prepared_access;
}

/* ---- gate: who asks, and may they ---- */

static enum err check_account_rate(struct call *k)
{
    const struct route *row = k->q.route;
    if (row->per_minute <= 0 || k->actor.kind == ACTOR_NOBODY)
        return OK;
    int64_t wait = rate_take(k->w->rate, "", k->actor.account, row->path, row->per_minute);
    return wait == 0 ? OK : fail(&k->c, ERR_RATE, arena_printf(k->c.arena, "%d", (int)wait));
}

static enum err may_call(struct ctx *c, void *arg)
{
    struct call *k = arg;
    (void)c;
    enum err e = session_load(k);
    e = e ? e : session_told(k);
    return e ? e : guard_permission(k);
}

static enum err enter(struct call *k)
{
    enum err e = may_call(&k->c, k);
    return e ? e : guard_forgery(k);
}

/* A body that memory didn't hold is read for who may call, by as many at once as there are threads:
   nobody else's costs memory. */
static enum err read_late(struct call *k)
{
    if (!k->q.http->body_spooled)
        return OK;
    enum err e = k->secret_hash ? db_read(&k->c, k->w->o.db, may_call, k) : may_call(&k->c, k);
    if (e)
        return e;
    begin_again(k);
    call_body(k);
    return OK;
}

static enum err gate(struct ctx *c, void *arg)
{
    struct call *k = arg;
    bool found = false;
    (void)c;
    enum err e = enter(k);
    e = e ? e : check_account_rate(k);
    if (!e && (k->q.route->prepare || k->q.route->flags & ROUTE_GRAVE))
        e = key_find(k, &found);
    return e || found ? e : guard_proof(k);
}

/* Faults of the body's form or fields, told only to who may call. */
static enum err body_fault(struct call *k)
{
    enum err e = k->body_err;
    if (!e)
        return OK;
    for (size_t i = 0; i < k->n_body_faults; i++)
        k->c.faults[i] = k->body_faults[i];
    k->c.n_faults = k->n_body_faults;
    bool whole = e == ERR_JSON || e == ERR_BAD_FORM || e == ERR_MEDIA_TYPE ||
                 e == ERR_TOO_MANY_FIELDS || err_row(e)->status >= 500;
    return whole ? e : ERR_INVALID;
}

static enum err pass_gate(struct call *k)
{
    /* who has no cookie and no key to look up needs no database here */
    bool look = k->secret_hash || (k->q.key && k->q.route->prepare);
    enum err e = look ? db_read(&k->c, k->w->o.db, gate, k) : gate(&k->c, k);
    if (e == ERR_PROVE && k->proof)
        e = proof_take(k, k->proof);
    if (e || k->replayed)
        return e;
    e = body_fault(k);
    if (!e && k->q.route->prepare) {
        k->stage = STAGE_PREPARE;
        e = k->q.route->prepare(&k->c, &k->q);
        k->prepared_access = k->c.access;
    }
    return e;
}

/* ---- the handler, in a read snapshot or in the writer ---- */

static enum err run_handler(struct call *k)
{
    enum err e = k->q.route->handler(&k->c, &k->q);
    return e || k->answered ? e : fail(&k->c, ERR_INTERNAL, "");
}

static enum err read_work(struct ctx *c, void *arg)
{
    struct call *k = arg;
    (void)c;
    begin_again(k);
    enum err e = enter(k);
    if (!e && !k->q.route->prepare)
        e = check_account_rate(k);
    return e ? e : run_handler(k);
}

static enum err write_work(struct ctx *c, void *arg)
{
    struct call *k = arg;
    bool found = false;
    begin_again(k);
    k->stage = STAGE_HANDLER;
    enum err e = enter(k);
    e = e ? e : key_find(k, &found);
    e = e || found ? e : guard_proof(k);
    if (e || found)
        return e;
    if (k->touch && (e = session_touch(c, k->session.id)))
        return e;
    e = run_handler(k);
    if (!e && k->c.access && k->w->o.access_commit)
        e = k->w->o.access_commit(c);
    return e ? e : key_keep(k);
}

static void write_begin(struct call *k);

static void write_done(void *arg, enum err e)
{
    struct call *k = arg;
    struct web *w = k->w;
    settle(k, e, true);
    struct call *next = gate_leave(w->gate);
    if (next)
        write_begin(next);
}

static void write_begin(struct call *k)
{
    while (k) {
        struct web *w = k->w;
        enum err e = db_write_later(&k->c, w->o.db, write_work, k, write_done);
        if (!e)
            return;
        settle(k, e, false);
        k = gate_leave(w->gate);
    }
}

/* ---- a form that was refused, shown again ---- */

static enum err again_work(struct ctx *c, void *arg)
{
    struct call *k = arg;
    enum err e = session_load(k);
    e = e ? e : guard_permission(k);
    return e ? e : k->q.route->again(c, &k->q);
}

static bool may_show_again(const struct call *k, enum err e)
{
    int status = err_row(e)->status;
    return k->q.route && k->q.route->again && !k->proving && k->stage != STAGE_AGAIN &&
           k->form_body && !k->q.wants_json &&
           (status == 400 || status == 404 || status == 409 || status == 413 || status == 422 ||
            status == 429) &&
           e != ERR_BAD_FORM && e != ERR_KEY_REUSED;
}

static void show_again(struct call *k)
{
    enum err e = db_read(&k->c, k->w->o.db, again_work, k);
    settle(k, e ? e : ERR_INVALID, false);
}

/* ---- the end ---- */

static enum err access_work(struct ctx *c, void *arg)
{
    struct call *k = arg;
    enum err e = k->w->o.access_commit(c);
    return !e && FAULT_POINT("web.access.written") ? fail(c, ERR_IO, "access") : e;
}

static void access_done(void *arg, enum err e)
{
    struct call *k = arg;
    if (!e && FAULT_POINT("web.access.committed")) /* the line stands, nobody was answered */
        e = ERR_IO;
    if (e && err_row(e)->status == 429) { /* read too much: the fault says what */
        drop_answer(k);
        answer_error(k, e);
    } else if (e) { /* no line, no answer */
        begin_again(k);
        answer_error(k, fail(&k->c, err_row(e)->status == 503 ? e : ERR_IO, ""));
    }
    call_finish(k, false);
}

/* Behind an answer, in the writer: the last use of its session, once a minute; now and then what is
   old goes. It outlives the call. */
struct touch {
    struct ctx c;
    const char *session;
};

static _Atomic int64_t cleaned_us; /* when what is old went last; of the process */

static void touch_done(void *arg, enum err e)
{
    struct touch *t = arg;
    if (e)
        log_warn("web", "a session's last use was not written: %s", err_row(e)->name);
    arena_end(t->c.arena);
}

static enum err touch_work(struct ctx *c, void *arg)
{
    struct touch *t = arg;
    int64_t removed = 0, last = atomic_load(&cleaned_us);
    enum err e = session_touch(c, t->session);
    if (e || c->now_us - last < HOUR_US)
        return e;
    atomic_store(&cleaned_us, c->now_us);
    return web_clean(c, &removed);
}

static void touch_later(struct call *k)
{
    struct arena *a = arena_new(0);
    struct touch *t = ARENA_NEW(a, struct touch);
    t->c =
        (struct ctx){.arena = a, .now_us = k->c.now_us, .node = k->c.node, .actor = &actor_nobody};
    t->c.request_id = arena_text(a, k->c.request_id);
    t->session = arena_text(a, k->session.id);
    enum err e = db_write_later(&t->c, k->w->o.db, touch_work, t, touch_done);
    if (e)
        touch_done(t, e);
}

static void finish_read(struct call *k)
{
    if (k->touch && k->q.session && !(k->q.route->flags & ROUTE_WRITE))
        touch_later(k);
    if (!k->c.access || !k->w->o.access_commit) {
        call_finish(k, true);
        return;
    }
    if (FAULT_POINT("web.access.read")) { /* read, and no line yet */
        access_done(k, ERR_IO);
        return;
    }
    enum err e = db_write_later(&k->c, k->w->o.db, access_work, k, access_done);
    if (e)
        access_done(k, e);
}

static void settle(struct call *k, enum err e, bool on_writer)
{
    if (e && !k->refused) /* what was answered before the error isn't true any more */
        drop_answer(k);
    if (e && !k->answered && may_show_again(k, e)) {
        k->stage = STAGE_AGAIN;
        if (!on_writer) {
            show_again(k);
            return;
        }
        k->read_again = true;
        if (pool_put(k->w->pool, k))
            return;
    }
    if (e && !k->answered) {
        k->c.access = NULL;
        answer_error(k, e);
    }
    if (on_writer)
        call_finish(k, false);
    else
        finish_read(k);
}

void call_run(struct call *k)
{
    const struct route *row = k->q.route;
    if (k->read_again) {
        show_again(k);
        return;
    }
    bool write = row->flags & ROUTE_WRITE, prepared = row->flags & ROUTE_PREPARED;
    enum err e = read_late(k);
    if (!e && (write || row->prepare))
        e = pass_gate(k);
    if (e || k->replayed || prepared) {
        if (!e && !k->answered)
            e = fail(&k->c, ERR_INTERNAL, "");
        settle(k, e, false);
        return;
    }
    if (!write) {
        settle(k, db_read(&k->c, k->w->o.db, read_work, k), false);
        return;
    }
    switch (gate_enter(k->w->gate, k)) {
    case GATE_GO: write_begin(k); break;
    case GATE_WAIT: break;
    case GATE_FULL: settle(k, fail(&k->c, ERR_BUSY, ""), false); break;
    }
}
