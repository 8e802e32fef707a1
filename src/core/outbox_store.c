/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/outbox_inside.h"
#include "core/subject.h"

static const char *aad_of(struct ctx *c, const char *id)
{
    return arena_printf(c->arena, "core_outbox.body|%s", id);
}

/* With the bodies of the exchange log of that matter; without a person it is nobody's. */
static enum err seal_body(struct ctx *c, const struct outbox_item *i, struct bytes *ret)
{
    const struct subject_wish wish = subject_of_message(c, i->matter, i->id);
    int64_t subject;
    if (text_empty(i->purpose)) {
        *ret = secret_seal(c, SECRET_OUTBOX, aad_of(c, i->id), i->body);
        return OK;
    }
    enum err e = subject_of(c, &wish, &subject);
    return e ? e : subject_seal(c, subject, aad_of(c, i->id), i->body, ret);
}

enum err outbox_insert(struct ctx *c, const struct outbox_item *i)
{
    struct bytes body;
    enum err e = seal_body(c, i, &body);
    return e ? e
             : db_exec(
                   c, NULL,
                   "INSERT INTO core_outbox (id, channel, client, dest, what, matter, purpose,"
                   " order_key, body, state, attempts, next_try_us, created_us, since_us, status,"
                   " last_error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $10, $10,"
                   " 0, '')",
                   P_TEXT(i->id), P_TEXT(i->channel), P_TEXT(i->from), P_TEXT(i->to),
                   P_TEXT(i->what), P_TEXT(i->matter), P_TEXT(i->purpose), P_TEXT(i->order_key),
                   P_BLOB(body), P_INT(c->now_us));
}

struct listing {
    struct outbox_item *items;
    size_t n;
};

static struct outbox_item item_of(const struct db_row *r)
{
    return (struct outbox_item){.id = row_text(r, 0),
                                .channel = row_text(r, 1),
                                .from = row_text(r, 2),
                                .to = row_text(r, 3),
                                .what = row_text(r, 4),
                                .matter = row_text(r, 5),
                                .purpose = row_text(r, 6),
                                .order_key = row_text(r, 7),
                                .state = (enum outbox_state)row_int(r, 8),
                                .attempts = row_int(r, 9),
                                .next_try_us = row_int(r, 10),
                                .created_us = row_int(r, 11),
                                .status = row_int(r, 12),
                                .last_error = row_text(r, 13)};
}

static enum err row_item(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct listing *l = arg;
    l->items[l->n++] = item_of(r);
    return OK;
}

static enum err row_due(struct ctx *c, const struct db_row *r, void *arg)
{
    struct listing *l = arg;
    struct outbox_item *item = &l->items[l->n];
    *item = item_of(r);
    if (!subject_lives(c, subject_sealed_under(row_blob(r, 14))))
        return OK; /* destroyed while it waited: nobody can send it */
    enum err e = subject_open(c, SECRET_OUTBOX, aad_of(c, item->id), row_blob(r, 14), &item->body);
    l->n += e == OK;
    return e;
}

enum err outbox_due(struct ctx *c, struct outbox_item *ret_items, size_t max, size_t *ret_n)
{
    struct listing l = {ret_items, 0};
    enum err e = db_each(c, row_due, &l,
                         "SELECT id, channel, client, dest, what, matter, purpose, order_key,"
                         " state, attempts, next_try_us, created_us, status, last_error, body"
                         " FROM core_outbox o WHERE state = 0 AND next_try_us <= $1"
                         " AND (order_key = '' OR NOT EXISTS (SELECT 1 FROM core_outbox b"
                         " WHERE b.order_key = o.order_key AND b.state IN (0, 3)"
                         " AND b.id < o.id)) ORDER BY next_try_us, id LIMIT $2",
                         P_INT(c->now_us), P_INT((int64_t)max));
    *ret_n = l.n;
    return e;
}

enum err outbox_list(struct ctx *c, enum outbox_state state, const char *before_id,
                     struct outbox_item *ret_items, size_t max, size_t *ret_n)
{
    struct listing l = {ret_items, 0};
    int64_t limit = (int64_t)(max < 50 ? max : 50);
    enum err e = db_each(c, row_item, &l,
                         "SELECT id, channel, client, dest, what, matter, purpose, order_key,"
                         " state, attempts, next_try_us, created_us, status, last_error"
                         " FROM core_outbox WHERE state = $1 AND ($2 = '' OR id < $2)"
                         " ORDER BY id DESC LIMIT $3",
                         P_INT(state), P_TEXT(before_id), P_INT(limit));
    if (!e)
        *ret_n = l.n;
    return e;
}

enum err outbox_mark(struct ctx *c, const char *id, enum outbox_state state, int status,
                     bool *ret_marked)
{
    int64_t rows;
    enum err e = db_exec(c, &rows,
                         "UPDATE core_outbox SET state = $2, status = $3, last_error = '',"
                         " attempts = attempts + 1, body = $4 WHERE id = $1 AND state = 0",
                         P_TEXT(id), P_INT(state), P_INT(status),
                         P_BLOB(((struct bytes){(const uint8_t *)"", 0})));
    if (!e)
        *ret_marked = rows == 1;
    return e;
}

enum err outbox_postpone(struct ctx *c, const struct outbox_item *item, enum outbox_state state,
                         int64_t next_try_us, const char *error)
{
    return db_exec(c, NULL,
                   "UPDATE core_outbox SET state = $2, attempts = $3, next_try_us = $4,"
                   " last_error = $5 WHERE id = $1 AND state = 0",
                   P_TEXT(item->id), P_INT(state), P_INT(item->attempts + 1), P_INT(next_try_us),
                   P_TEXT(error));
}

enum err outbox_hold(struct ctx *c, const struct outbox_item *like, int64_t until_us)
{
    return db_exec(c, NULL,
                   "UPDATE core_outbox SET next_try_us = $3 WHERE channel = $1 AND dest = $2"
                   " AND state = 0 AND next_try_us <= $4",
                   P_TEXT(like->channel), P_TEXT(like->to), P_INT(until_us), P_INT(c->now_us));
}

enum err outbox_release(struct ctx *c, const struct outbox_item *like)
{
    return db_exec(c, NULL,
                   "UPDATE core_outbox SET next_try_us = $3 WHERE channel = $1 AND dest = $2"
                   " AND state = 0 AND next_try_us > $3",
                   P_TEXT(like->channel), P_TEXT(like->to), P_INT(c->now_us));
}

enum err outbox_revive(struct ctx *c, const char *id, bool *ret_found)
{
    int64_t rows;
    enum err e = db_exec(c, &rows,
                         "UPDATE core_outbox SET state = 0, attempts = 0, next_try_us = $2,"
                         " since_us = $2 WHERE id = $1 AND state IN (0, 3)",
                         P_TEXT(id), P_INT(c->now_us));
    if (!e)
        *ret_found = rows == 1;
    return e;
}

enum err outbox_since(struct ctx *c, const char *id, int64_t *ret_since_us)
{
    return db_int(c, ret_since_us, "SELECT since_us FROM core_outbox WHERE id = $1", P_TEXT(id));
}
