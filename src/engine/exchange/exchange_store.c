/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exchange/exchange_private.h"

#define COLUMNS                                                                                    \
    "id, direction, client, member, service, purpose, matter, at_us, head, signature, body,"       \
    " status, answered_us, answer_head, answer_signature, answer"

static struct bytes log_key(struct ctx *c)
{
    return key_derive(c->arena, c->node->root_key, "exchange/log");
}

static const char *place(struct ctx *c, const struct exchange_record *m, const char *part)
{
    return arena_printf(c->arena, "exchange/%s/%s/%s", m->id, m->direction, part);
}

static struct db_value sealed(struct ctx *c, const struct exchange_record *m, const char *part,
                              struct bytes in)
{
    if (!in.len)
        return P_BLOB(((struct bytes){NULL, 0}));
    return P_BLOB(seal(c->arena, log_key(c), place(c, m, part), in));
}

enum err exchange_store_open(struct ctx *c, const struct exchange_record *m)
{
    return db_exec(c, NULL,
                   "INSERT INTO exchange_message (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
                   " $8, $9, $10, $11, 0, 0, '', '', $12) ON CONFLICT DO NOTHING",
                   P_TEXT(m->id), P_TEXT(m->direction), P_TEXT(m->client), P_TEXT(m->member),
                   P_TEXT(m->service), P_TEXT(m->purpose), P_TEXT(m->matter), P_INT(m->at_us),
                   P_TEXT(m->request.head), P_TEXT(m->request.signature),
                   sealed(c, m, "body", m->body), P_BLOB(((struct bytes){NULL, 0})));
}

enum err exchange_store_answer(struct ctx *c, const struct exchange_record *m)
{
    return db_exec(c, NULL,
                   "UPDATE exchange_message SET status = $3, answered_us = $4, answer_head = $5,"
                   " answer_signature = $6, answer = $7, head = $8, signature = $9"
                   " WHERE id = $1 AND direction = $2",
                   P_TEXT(m->id), P_TEXT(m->direction), P_INT(m->status), P_INT(m->answered_us),
                   P_TEXT(m->reply.head), P_TEXT(m->reply.signature),
                   sealed(c, m, "answer", m->answer), P_TEXT(m->request.head),
                   P_TEXT(m->request.signature));
}

static enum err open_part(struct ctx *c, const struct exchange_record *m, const char *part,
                          struct bytes in, struct bytes *ret)
{
    *ret = (struct bytes){NULL, 0};
    if (!in.len)
        return OK;
    if (!seal_open(c->arena, log_key(c), place(c, m, part), in, ret))
        return fail(c, ERR_SEALED, "exchange_message", part, m->id);
    return OK;
}

static enum err read_record(struct ctx *c, const struct db_row *r, struct exchange_record *m)
{
    *m = (struct exchange_record){.id = row_text(r, 0),
                                  .direction = row_text(r, 1),
                                  .client = row_text(r, 2),
                                  .member = row_text(r, 3),
                                  .service = row_text(r, 4),
                                  .purpose = row_text(r, 5),
                                  .matter = row_text(r, 6),
                                  .at_us = row_int(r, 7),
                                  .request = {row_text(r, 8), row_text(r, 9)},
                                  .status = row_int(r, 11),
                                  .answered_us = row_int(r, 12),
                                  .reply = {row_text(r, 13), row_text(r, 14)}};
    enum err e = open_part(c, m, "body", row_blob(r, 10), &m->body);
    return e ? e : open_part(c, m, "answer", row_blob(r, 15), &m->answer);
}

static enum err read_one(struct ctx *c, const struct db_row *r, void *arg)
{
    return read_record(c, r, arg);
}

enum err exchange_store_find(struct ctx *c, const char *id, const char *direction, bool *ret_found,
                             struct exchange_record *ret)
{
    return db_one(c, ret_found, read_one, ret,
                  "SELECT " COLUMNS " FROM exchange_message WHERE id = $1 AND direction = $2",
                  P_TEXT(id), P_TEXT(direction));
}

struct walk {
    exchange_record_fn fn;
    void *arg;
};

static enum err read_each(struct ctx *c, const struct db_row *r, void *arg)
{
    const struct walk *w = arg;
    struct exchange_record m;
    enum err e = read_record(c, r, &m);
    return e ? e : w->fn(c, &m, w->arg);
}

enum err exchange_store_each(struct ctx *c, int64_t after_us, const char *after_id, int64_t max,
                             exchange_record_fn fn, void *arg)
{
    struct walk w = {fn, arg};
    return db_each(c, read_each, &w,
                   "SELECT " COLUMNS " FROM exchange_message"
                   " WHERE at_us > $1 OR (at_us = $1 AND id > $2) ORDER BY at_us, id LIMIT $3",
                   P_INT(after_us), P_TEXT(after_id), P_INT(max));
}

enum err exchange_store_right(struct ctx *c, const char *client, const char *member,
                              const char *service, bool *ret_has)
{
    int64_t n;
    enum err e = db_int(c, &n,
                        "SELECT count(*) FROM exchange_right"
                        " WHERE client = $1 AND member = $2 AND service = $3",
                        P_TEXT(client), P_TEXT(member), P_TEXT(service));
    if (!e)
        *ret_has = n > 0;
    return e;
}

enum err exchange_allow(struct ctx *c, const char *client, const char *member, const char *service)
{
    return db_exec(c, NULL,
                   "INSERT INTO exchange_right (client, member, service, since_us)"
                   " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                   P_TEXT(client), P_TEXT(member), P_TEXT(service), P_INT(c->now_us));
}

enum err exchange_deny(struct ctx *c, const char *client, const char *member, const char *service)
{
    return db_exec(c, NULL,
                   "DELETE FROM exchange_right WHERE client = $1 AND member = $2 AND service = $3",
                   P_TEXT(client), P_TEXT(member), P_TEXT(service));
}
