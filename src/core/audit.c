/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/audit_inside.h"
#include "core/scope.h"

#define CANONICAL_MAX_BYTES (4 * 1024 * 1024)

const char *audit_actor_name(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_NOBODY: return "nobody";
    case ACTOR_CITIZEN: return "citizen";
    case ACTOR_OFFICIAL: return "official";
    case ACTOR_SYSTEM: return "system";
    case ACTOR_AGENCY: return "agency";
    }
    BUG("actor kind");
}

static void add_field(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, "%s:%zu:", name, strlen(value));
    buf_text(b, value);
    buf_char(b, '\n');
}

struct bytes audit_canonical(struct arena *a, const struct audit_record *r)
{
    struct buf b = buf_new(a, CANONICAL_MAX_BYTES);
    buf_text(&b, "dinh-audit-v1\n");
    add_field(&b, "seq", arena_printf(a, "%" PRId64, r->seq));
    add_field(&b, "at_us", arena_printf(a, "%" PRId64, r->at_us));
    add_field(&b, "actor", r->actor);
    add_field(&b, "account", r->account);
    add_field(&b, "person", r->person);
    add_field(&b, "unit", r->unit);
    add_field(&b, "role", r->role);
    add_field(&b, "action", r->action);
    add_field(&b, "kind", r->kind);
    add_field(&b, "object", r->object);
    add_field(&b, "matter", r->matter);
    add_field(&b, "request", r->request);
    add_field(&b, "detail", r->detail);
    ASSERT(!buf_full(&b));
    return buf_bytes(&b);
}

const char *audit_hash(struct arena *a, const struct audit_record *r)
{
    struct sha256 prev;
    if (!sha256_from_hex(r->prev, &prev))
        return NULL;
    struct bytes before = {prev.b, SHA256_LEN};
    return sha256_hex(a, sha256_two(before, audit_canonical(a, r)));
}

static enum err row_head(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct audit_head *head = arg;
    *head = (struct audit_head){row_int(r, 0), row_text(r, 1)};
    return OK;
}

enum err audit_head(struct ctx *c, struct audit_head *ret_head)
{
    bool found;
    struct audit_head head = {0, AUDIT_NO_HASH};
    enum err e = db_one(c, &found, row_head, &head,
                        "SELECT seq, hash FROM core_audit ORDER BY seq DESC LIMIT 1");
    if (!e)
        *ret_head = head;
    return e;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static enum err insert(struct ctx *c, const struct audit_record *r)
{
    return db_exec(c, NULL,
                   "INSERT INTO core_audit (seq, at_us, actor, account, person, unit, role,"
                   " action, kind, object, matter, request, detail, prev, hash) VALUES"
                   " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                   P_INT(r->seq), P_INT(r->at_us), P_TEXT(r->actor), P_TEXT(r->account),
                   P_TEXT(r->person), P_TEXT(r->unit), P_TEXT(r->role), P_TEXT(r->action),
                   P_TEXT(r->kind), P_TEXT(r->object), P_TEXT(r->matter), P_TEXT(r->request),
                   P_TEXT(r->detail), P_TEXT(r->prev), P_TEXT(r->hash));
}

/* The head is read inside the transaction, so that a rolled-back part takes its links with it. */
enum err audit_write(struct ctx *c, const struct audit_act *act)
{
    const struct actor *who = c->actor;
    ASSERT(who != NULL);
    struct audit_head head;
    enum err e = audit_head(c, &head);
    if (e)
        return e;
    struct audit_record r = {.seq = head.seq + 1,
                             .at_us = c->now_us,
                             .actor = audit_actor_name(who->kind),
                             .account = or_empty(who->account),
                             .person = person_token(c, who->person),
                             .unit = or_empty(who->unit),
                             .role = or_empty(who->role),
                             .action = act->action,
                             .kind = act->kind,
                             .object = or_empty(act->object),
                             .matter = or_empty(c->matter),
                             .request = or_empty(c->request_id),
                             .detail = act->detail ? act->detail : "{}",
                             .prev = head.hash};
    r.hash = audit_hash(c->arena, &r);
    if (!r.hash)
        return fail(c, ERR_CHAIN, "core_audit", arena_printf(c->arena, "%" PRId64, head.seq));
    return insert(c, &r);
}
