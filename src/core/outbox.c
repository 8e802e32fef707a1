/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>

#include "base/id.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/jobs.h"
#include "core/outbox_inside.h"

#define CHANNELS_MAX     8
#define ROUND_ITEMS      32
#define FIRST_PAUSE_US   (5 * SECOND_US)
#define LONGEST_PAUSE_US HOUR_US
#define LIFE_US          (7 * DAY_US)
#define STATUS_REFUSED   400
#define STATUS_DOWN      503

static struct outbox_channel_row channels[CHANNELS_MAX];
static size_t n_channels;
static atomic_int_fast64_t n_puts;

void outbox_channel(const char *channel, outbox_send send, outbox_answered answered)
{
    size_t i = 0;
    while (i < n_channels && !text_eq(channels[i].name, channel))
        i++;
    ASSERT(i < CHANNELS_MAX);
    channels[i] = (struct outbox_channel_row){channel, send, answered};
    n_channels += i == n_channels;
}

const struct outbox_channel_row *outbox_channel_of(const char *name)
{
    for (size_t i = 0; i < n_channels; i++) {
        if (text_eq(channels[i].name, name))
            return &channels[i];
    }
    return NULL;
}

int64_t outbox_puts(void)
{
    return atomic_load(&n_puts);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

enum err outbox_put(struct ctx *c, const struct outbox_item *item, const char **ret_id)
{
    struct outbox_item put = *item;
    const char *unit = c->actor ? c->actor->unit : "";
    ASSERT(outbox_channel_of(put.channel) != NULL);
    put.id = text_empty(put.id) ? id_new(c->arena, c->now_us) : put.id;
    put.from = !text_empty(put.from) ? put.from : text_empty(unit) ? c->node->agency : unit;
    put.to = or_empty(put.to);
    put.matter = or_empty(put.matter);
    put.purpose = or_empty(put.purpose);
    put.order_key = or_empty(put.order_key);
    enum err e = outbox_insert(c, &put);
    if (e)
        return e;
    if (ret_id)
        *ret_id = put.id;
    atomic_fetch_add(&n_puts, 1);
    job_wake(OUTBOX_JOB);
    return OK;
}

enum err outbox_resend(struct ctx *c, const char *id)
{
    bool found;
    enum err e = outbox_revive(c, id, &found);
    if (!e && !found)
        return fail(c, ERR_NOT_FOUND, "id", id);
    if (!e)
        e = audit_write(c, &(struct audit_act){"core.resend", "message", id, NULL});
    if (e)
        return e;
    atomic_fetch_add(&n_puts, 1);
    job_wake(OUTBOX_JOB);
    return OK;
}

/* ---- one item: sent outside any transaction, its outcome marked in one ---- */

struct outcome {
    const struct outbox_item *item;
    const struct outbox_channel_row *channel;
    int status;
    struct bytes answer;
    enum err failed; /* of the sender, or of answered() */
    bool down;       /* the other side can't be reached: what else goes there waits too */
};

static enum err mark_answered(struct ctx *c, void *arg)
{
    struct outcome *o = arg;
    bool marked, refused = o->status >= STATUS_REFUSED;
    enum err e =
        outbox_mark(c, o->item->id, refused ? OUTBOX_REFUSED : OUTBOX_DONE, o->status, &marked);
    if (e || !marked)
        return e;
    if (o->item->attempts > 0)
        e = outbox_release(c, o->item);
    if (!e && o->channel->answered)
        e = o->channel->answered(c, o->item, o->status, o->answer);
    return e;
}

/* 5 s, doubled each time up to an hour, a fifth more or less so that nodes don't knock together. */
static int64_t pause_us(int64_t attempts)
{
    int64_t pause = FIRST_PAUSE_US;
    for (int64_t i = 0; i < attempts && pause < LONGEST_PAUSE_US; i++)
        pause *= 2;
    pause = pause < LONGEST_PAUSE_US ? pause : LONGEST_PAUSE_US;
    uint32_t r;
    sys_random(&r, sizeof r);
    return pause - pause / 5 + (int64_t)(r % 1000) * (2 * pause / 5) / 1000;
}

static enum err mark_failed(struct ctx *c, void *arg)
{
    struct outcome *o = arg;
    int64_t since, next = c->now_us + pause_us(o->item->attempts);
    enum err e = outbox_since(c, o->item->id, &since);
    if (e)
        return e;
    enum outbox_state state = c->now_us - since > LIFE_US ? OUTBOX_DEAD : OUTBOX_WAITING;
    e = outbox_postpone(c, o->item, state, next, err_row(o->failed)->name);
    if (!e && state == OUTBOX_DEAD)
        log_error("core", "outbox: %s to %s is given up after seven days, id=%s", o->item->what,
                  o->item->to, o->item->id);
    if (!e && o->down)
        e = outbox_hold(c, o->item, next);
    return e;
}

static void act_for(struct ctx *s, struct arena *a, const struct ctx *c,
                    const struct outbox_item *item)
{
    ctx_of_system(s, a, c->node, "core");
    struct actor *who = ARENA_NEW(a, struct actor);
    *who = *s->actor;
    who->unit = item->from;
    s->actor = who;
    s->purpose = text_empty(item->purpose) ? NULL : item->purpose;
    s->matter = text_empty(item->matter) ? NULL : item->matter;
}

static enum err send_item(struct ctx *c, struct outcome *o)
{
    if (!o->channel)
        return fail(c, ERR_CONFIG, "channel", o->item->channel);
    if (FAULT_POINT("outbox.send.before"))
        return fail(c, ERR_IO, "outbox.send.before");
    return o->channel->send(c, o->item, &o->status, &o->answer);
}

/* An error here is one of our own database: the round ends. */
static enum err deliver(struct ctx *c, const struct outbox_item *item)
{
    struct arena *a = arena_new(0);
    struct ctx s;
    act_for(&s, a, c, item);
    struct outcome o = {.item = item, .channel = outbox_channel_of(item->channel)};
    o.failed = send_item(&s, &o);
    o.down = o.failed && err_row(o.failed)->status == STATUS_DOWN;
    enum err e = OK;
    if (!o.failed && FAULT_POINT("outbox.send.after")) {
        arena_end(a);
        return fail(c, ERR_IO, "outbox.send.after");
    }
    s.now_us = sys_now_us();
    if (!o.failed)
        o.failed = db_write(&s, c->node->db, mark_answered, &o);
    if (o.failed) {
        log_warn("core", "outbox: %s to %s: %s, id=%s", item->what, item->to,
                 err_row(o.failed)->name, item->id);
        ctx_clear_faults(&s);
        e = db_write(&s, c->node->db, mark_failed, &o);
    }
    arena_end(a);
    return e ? fail(c, e, "core_outbox", item->id) : OK;
}

/* ---- a round ---- */

struct round {
    struct outbox_item items[ROUND_ITEMS];
    size_t n;
};

static enum err read_due(struct ctx *c, void *arg)
{
    struct round *r = arg;
    return outbox_due(c, r->items, ROUND_ITEMS, &r->n);
}

/* What went before in this round may have held it back. */
static enum err still_due(struct ctx *c, void *arg)
{
    struct outbox_item *item = arg;
    int64_t n;
    enum err e = db_int(c, &n,
                        "SELECT COUNT(*) FROM core_outbox WHERE id = $1 AND state = 0"
                        " AND next_try_us <= $2",
                        P_TEXT(item->id), P_INT(c->now_us));
    item->state = n ? OUTBOX_WAITING : OUTBOX_DONE;
    return e;
}

static enum err run_some(struct ctx *c, size_t *ret_n)
{
    struct round *r = ARENA_NEW(c->arena, struct round);
    enum err e = db_read(c, c->node->db, read_due, r);
    for (size_t i = 0; i < r->n && !e; i++) {
        e = db_read(c, c->node->db, still_due, &r->items[i]);
        if (!e && r->items[i].state == OUTBOX_WAITING)
            e = deliver(c, &r->items[i]);
    }
    *ret_n = r->n;
    return e;
}

static enum err nothing(struct ctx *c, void *arg)
{
    (void)c, (void)arg;
    return OK;
}

/* The job is woken before the transaction that put an item has committed. The writer takes works in
   turn: once this one came back, that one has ended. */
static enum err wait_for_puts(struct ctx *c)
{
    static atomic_int_fast64_t seen;
    int64_t now = outbox_puts();
    if (atomic_exchange(&seen, now) == now)
        return OK;
    return db_write(c, c->node->db, nothing, NULL);
}

enum err outbox_run(struct ctx *c)
{
    size_t n = ROUND_ITEMS;
    struct arena *outer = c->arena;
    enum err e = wait_for_puts(c);
    while (!e && n > 0) {
        c->now_us = sys_now_us();
        c->arena = arena_new(0);
        e = run_some(c, &n);
        if (e)
            ctx_clear_faults(c);
        arena_end(c->arena);
        c->arena = outer;
    }
    return e ? fail(c, e, "core_outbox") : OK;
}
