/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/audit.h"
#include "core/subject.h"
#include "engine/exchange/exchange_private.h"

#define COLUMNS                                                                                    \
    "id, direction, client, member, service, purpose, matter, at_us, head, signature, body,"       \
    " status, answered_us, answer_head, answer_signature, answer, sealed_head"

static const char *place(struct ctx *c, const struct exchange_record *m, const char *part)
{
    return arena_printf(c->arena, "exchange_message.%s|%s|%s", part, m->id, m->direction);
}

/* subject 0: nobody's, sealed under the column's key. */
static enum err seal_part(struct ctx *c, const struct exchange_record *m, int64_t subject,
                          const char *part, struct bytes in, struct bytes *ret)
{
    *ret = (struct bytes){NULL, 0};
    if (in.len && subject)
        return subject_seal(c, subject, place(c, m, part), in, ret);
    if (in.len)
        *ret = secret_seal(c, SECRET_EXCHANGE, place(c, m, part), in);
    return OK;
}

struct parts {
    struct bytes head, body, answer;
};

static enum err seal_parts(struct ctx *c, const struct exchange_record *m, struct parts *ret)
{
    const struct subject_wish wish = subject_of_message(c, m->matter, m->id);
    int64_t subject = 0;
    enum err e = text_empty(m->purpose) ? OK : subject_of(c, &wish, &subject);
    if (!e)
        e = seal_part(c, m, subject, "head", bytes_of(m->request.head), &ret->head);
    if (!e)
        e = seal_part(c, m, subject, "body", m->body, &ret->body);
    return e ? e : seal_part(c, m, subject, "answer", m->answer, &ret->answer);
}

enum err exchange_store_open(struct ctx *c, const struct exchange_record *m)
{
    struct parts s;
    enum err e = seal_parts(c, m, &s);
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO exchange_message (" COLUMNS
                       ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
                       " $8, '', $9, $10, 0, 0, '', '', $11, $12) ON CONFLICT DO NOTHING",
                       P_TEXT(m->id), P_TEXT(m->direction), P_TEXT(m->client), P_TEXT(m->member),
                       P_TEXT(m->service), P_TEXT(m->purpose), P_TEXT(m->matter), P_INT(m->at_us),
                       P_TEXT(m->request.signature), P_BLOB(s.body),
                       P_BLOB(((struct bytes){NULL, 0})), P_BLOB(s.head));
}

enum err exchange_store_answer(struct ctx *c, const struct exchange_record *m)
{
    struct parts s;
    enum err e = seal_parts(c, m, &s);
    return e ? e
             : db_exec(
                   c, NULL,
                   "UPDATE exchange_message SET status = $3, answered_us = $4, answer_head = $5,"
                   " answer_signature = $6, answer = $7, sealed_head = $8, signature = $9"
                   " WHERE id = $1 AND direction = $2",
                   P_TEXT(m->id), P_TEXT(m->direction), P_INT(m->status), P_INT(m->answered_us),
                   P_TEXT(m->reply.head), P_TEXT(m->reply.signature), P_BLOB(s.answer),
                   P_BLOB(s.head), P_TEXT(m->request.signature));
}

/* Of before subjects had keys: under its matter's, whatever became of that. */
static enum err seal_late(struct ctx *c, const struct exchange_record *m, const char *part,
                          struct bytes in, struct bytes *ret)
{
    struct subject_wish wish = subject_of_message(c, m->matter, m->id);
    wish.clock_us = m->at_us;
    if (text_empty(m->purpose) || !in.len)
        return seal_part(c, m, 0, part, in, ret);
    return subject_seal_late(c, &wish, place(c, m, part), in, ret);
}

static enum err seal_parts_late(struct ctx *c, const struct exchange_record *m, struct parts *ret)
{
    enum err e = seal_late(c, m, "head", bytes_of(m->request.head), &ret->head);
    if (!e)
        e = seal_late(c, m, "body", m->body, &ret->body);
    return e ? e : seal_late(c, m, "answer", m->answer, &ret->answer);
}

enum err exchange_store_reseal(struct ctx *c, const struct exchange_record *m)
{
    struct parts s;
    enum err e = seal_parts_late(c, m, &s);
    return e ? e
             : db_exec(c, NULL,
                       "UPDATE exchange_message SET head = '', sealed_head = $3, body = $4,"
                       " answer = $5 WHERE id = $1 AND direction = $2",
                       P_TEXT(m->id), P_TEXT(m->direction), P_BLOB(s.head), P_BLOB(s.body),
                       P_BLOB(s.answer));
}

static enum db_type type_of(const char *column)
{
    static const char *const numbers[] = {"at_us", "status", "answered_us"}, *const sealed[] = {
                                                                                 "body", "answer",
                                                                                 "sealed_head"};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (text_eq(column, numbers[i]))
            return DB_INT;
    for (size_t i = 0; i < ARRAY_LEN(sealed); i++)
        if (text_eq(column, sealed[i]))
            return DB_BLOB;
    return DB_TEXT;
}

static enum err read_digest(struct ctx *c, const struct db_row *r, void *arg)
{
    size_t n = (size_t)row_columns(r);
    const char **names = ARENA_ARRAY(c->arena, n, const char *);
    struct db_value *values = ARENA_ARRAY(c->arena, n, struct db_value);
    for (size_t i = 0; i < n; i++) {
        names[i] = arena_text(c->arena, row_name(r, (int)i));
        values[i] = audit_row_value(r, (int)i, type_of(names[i]));
    }
    *(const char **)arg = audit_row_sha256(c->arena, names, values, n);
    return OK;
}

enum err exchange_store_row(struct ctx *c, const char *id, const char *direction,
                            const char **ret_sha256)
{
    bool found;
    *ret_sha256 = "";
    return db_one(c, &found, read_digest, (void *)ret_sha256,
                  "SELECT " COLUMNS " FROM exchange_message WHERE id = $1 AND direction = $2",
                  P_TEXT(id), P_TEXT(direction));
}

enum err exchange_store_answered(struct ctx *c, int64_t *ret_n)
{
    return db_int(c, ret_n,
                  "SELECT count(*) FROM exchange_message WHERE status <> 0 AND service <> $1",
                  P_TEXT(EXCHANGE_WITNESS));
}

static enum err read_right(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err exchange_store_not_allowed(struct ctx *c, const char **ret_right)
{
    bool found;
    *ret_right = NULL;
    return db_one(c, &found, read_right, (void *)ret_right,
                  "SELECT r.client || ':' || r.member || ':' || r.service"
                  " FROM exchange_right r WHERE coalesce((SELECT a.action FROM core_audit a"
                  " WHERE a.kind = 'exchange_right'"
                  " AND a.object = r.client || ':' || r.member || ':' || r.service"
                  " ORDER BY a.seq DESC LIMIT 1), '') <> 'exchange.allow' LIMIT 1");
}

static enum err open_part(struct ctx *c, const struct exchange_record *m, const char *part,
                          struct bytes in, struct bytes *ret)
{
    *ret = (struct bytes){NULL, 0};
    if (!in.len)
        return OK;
    return subject_open(c, SECRET_EXCHANGE, place(c, m, part), in, ret);
}

/* A head of before it was sealed stands in clear until the job has been there. */
static enum err open_head(struct ctx *c, struct exchange_record *m, const char *clear,
                          struct bytes in)
{
    struct bytes head;
    m->request.head = clear;
    if (!in.len)
        return OK;
    enum err e = open_part(c, m, "head", in, &head);
    if (!e)
        m->request.head = arena_text_n(c->arena, (const char *)head.ptr, head.len);
    return e;
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
                                  .request.signature = row_text(r, 9),
                                  .status = row_int(r, 11),
                                  .answered_us = row_int(r, 12),
                                  .reply = {row_text(r, 13), row_text(r, 14)}};
    enum err e = open_head(c, m, row_text(r, 8), row_blob(r, 16));
    if (!e)
        e = open_part(c, m, "body", row_blob(r, 10), &m->body);
    return e ? e : open_part(c, m, "answer", row_blob(r, 15), &m->answer);
}

static enum err read_heads(struct ctx *c, const struct db_row *r, void *arg)
{
    struct exchange_record *m = arg;
    *m = (struct exchange_record){
        .id = row_text(r, 3), .direction = row_text(r, 4), .reply.head = row_text(r, 1)};
    return open_head(c, m, row_text(r, 0), row_blob(r, 2));
}

enum err exchange_store_heads(struct ctx *c, const char *id, const char *direction, bool *ret_found,
                              struct exchange_record *ret)
{
    return db_one(c, ret_found, read_heads, ret,
                  "SELECT head, answer_head, sealed_head, id, direction FROM exchange_message"
                  " WHERE id = $1 AND direction = $2",
                  P_TEXT(id), P_TEXT(direction));
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

struct clear {
    struct exchange_record m[EXCHANGE_CLEAR_AT_ONCE];
    size_t n;
};

static enum err read_clear(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct clear *l = arg;
    l->m[l->n++] = (struct exchange_record){.id = row_text(r, 0),
                                            .direction = row_text(r, 1),
                                            .request.head = row_text(r, 2),
                                            .purpose = row_text(r, 3),
                                            .matter = row_text(r, 4)};
    return OK;
}

enum err exchange_store_seal_heads(struct ctx *c, size_t *ret_n)
{
    struct clear *l = ARENA_NEW(c->arena, struct clear);
    enum err e =
        db_each(c, read_clear, l,
                "SELECT id, direction, head, purpose, matter FROM exchange_message WHERE head <> ''"
                " ORDER BY id, direction LIMIT $1",
                P_INT(EXCHANGE_CLEAR_AT_ONCE));
    for (size_t i = 0; i < l->n && !e; i++) {
        struct parts s;
        e = seal_parts(c, &l->m[i], &s);
        if (e)
            break;
        e = db_exec(c, NULL,
                    "UPDATE exchange_message SET head = '', sealed_head = $3"
                    " WHERE id = $1 AND direction = $2",
                    P_TEXT(l->m[i].id), P_TEXT(l->m[i].direction), P_BLOB(s.head));
    }
    if (!e)
        *ret_n = l->n;
    return e;
}

struct keys {
    struct exchange_key *keys;
    size_t n;
};

static enum err read_key(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct keys *k = arg;
    k->keys[k->n++] = (struct exchange_key){row_int(r, 0), row_text(r, 1), row_text(r, 2)};
    return OK;
}

enum err exchange_store_keys(struct ctx *c, const struct exchange_key *after,
                             struct exchange_key *ret_keys, size_t max, size_t *ret_n)
{
    struct keys k = {ret_keys, 0};
    enum err e = db_each(c, read_key, &k,
                         "SELECT at_us, id, direction FROM exchange_message WHERE at_us > $1"
                         " OR (at_us = $1 AND (id > $2 OR (id = $2 AND direction > $3)))"
                         " ORDER BY at_us, id, direction LIMIT $4",
                         P_INT(after->at_us), P_TEXT(after->id), P_TEXT(after->direction),
                         P_INT((int64_t)max));
    *ret_n = k.n;
    return e;
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

enum err exchange_store_allow(struct ctx *c, const char *client, const char *member,
                              const char *service, bool *ret_changed)
{
    int64_t rows;
    enum err e = db_exec(c, &rows,
                         "INSERT INTO exchange_right (client, member, service, since_us)"
                         " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                         P_TEXT(client), P_TEXT(member), P_TEXT(service), P_INT(c->now_us));
    if (!e)
        *ret_changed = rows > 0;
    return e;
}

enum err exchange_store_deny(struct ctx *c, const char *client, const char *member,
                             const char *service, bool *ret_changed)
{
    int64_t rows;
    enum err e = db_exec(c, &rows,
                         "DELETE FROM exchange_right"
                         " WHERE client = $1 AND member = $2 AND service = $3",
                         P_TEXT(client), P_TEXT(member), P_TEXT(service));
    if (!e)
        *ret_changed = rows > 0;
    return e;
}
