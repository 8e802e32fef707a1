/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/audit.h"
#include "engine/exchange/exchange_private.h"

const char *exchange_answer_proof(struct ctx *c, const struct exchange_record *m, const char *row)
{
    struct sha256 hash = sha256_two(bytes_of(m->request.head), bytes_of(m->reply.head));
    const char *heads = sha256_hex(c->arena, hash);
    return row ? arena_printf(c->arena, "{\"sha256\":\"%s\",\"row\":\"%s\"}", heads, row)
               : arena_printf(c->arena, "{\"sha256\":\"%s\"}", heads);
}

/* What came in is the act of the agency that asked. */
static enum err record(struct ctx *c, const struct exchange_record *m, const char *row)
{
    static const char *const none[] = {NULL};
    const struct actor client = {.kind = ACTOR_AGENCY,
                                 .account = m->client,
                                 .person = "",
                                 .name = m->client,
                                 .unit = m->client,
                                 .unit_name = m->client,
                                 .role = "",
                                 .permissions = none};
    const struct actor *actor = c->actor;
    const char *matter = c->matter;
    if (text_eq(m->direction, "in"))
        c->actor = &client;
    c->matter = m->matter;
    struct audit_act act = {EXCHANGE_ANSWERED, "exchange_message",
                            arena_printf(c->arena, "%s/%s", m->id, m->direction),
                            exchange_answer_proof(c, m, row)};
    enum err e = audit_write(c, &act);
    c->actor = actor;
    c->matter = matter;
    return e;
}

/* A seal handed over moves no head: two idle nodes would witness each other for ever. */
enum err exchange_log_answer(struct ctx *c, const struct exchange_record *m)
{
    const char *row;
    enum err e = exchange_store_answer(c, m);
    if (e || text_eq(m->service, EXCHANGE_WITNESS))
        return e;
    e = exchange_store_row(c, m->id, m->direction, &row);
    return e ? e : record(c, m, row);
}

/* ---- sealed anew ---- */

static const char *object_of(struct ctx *c, const struct exchange_record *m)
{
    return arena_printf(c->arena, "%s/%s", m->id, m->direction);
}

enum err exchange_log_proves(struct ctx *c, const struct exchange_record *m, bool *ret_proves)
{
    const char *row;
    enum err e = exchange_store_row(c, m->id, m->direction, &row);
    return e ? e
             : audit_says(c, "exchange_message", object_of(c, m), exchange_answer_proof(c, m, row),
                          ret_proves);
}

enum err exchange_log_resealed(struct ctx *c, const struct exchange_record *m)
{
    const char *row;
    enum err e = exchange_store_row(c, m->id, m->direction, &row);
    const struct audit_act act = {EXCHANGE_RESEALED, "exchange_message", object_of(c, m),
                                  e ? "" : exchange_answer_proof(c, m, row)};
    return e ? e : audit_write(c, &act);
}
