/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/audit_inside.h"
#include "core/scope.h"

#define FORMAT_LINE "dinh-audit-v1\n"
#define DIGITS_MAX  20

const char *audit_actor_name(enum actor_kind kind)
{
    static const char *const names[] = {[ACTOR_NOBODY] = "nobody",
                                        [ACTOR_CITIZEN] = "citizen",
                                        [ACTOR_OFFICIAL] = "official",
                                        [ACTOR_SYSTEM] = "system",
                                        [ACTOR_AGENCY] = "agency"};
    ASSERT((size_t)kind < ARRAY_LEN(names));
    return names[kind];
}

/* Decimal digits, written from the end backwards. */
static char *digits(char *end, uint64_t value)
{
    do
        *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

static char *signed_digits(char *end, int64_t value)
{
    char *p = digits(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0)
        *--p = '-';
    return p;
}

static uint8_t *put(uint8_t *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

/* A verifier makes millions of these: one allocation, no printf. */
struct bytes audit_join(struct arena *a, const char *first, const struct audit_field *f, size_t n)
{
    size_t size = strlen(first);
    for (size_t i = 0; i < n; i++)
        size += strlen(f[i].name) + f[i].value_len + DIGITS_MAX + 3;
    uint8_t *start = arena_alloc(a, size), *at = put(start, first, strlen(first));
    for (size_t i = 0; i < n; i++) {
        char number[DIGITS_MAX], *end = number + sizeof number;
        char *length = digits(end, f[i].value_len);
        at = put(at, f[i].name, strlen(f[i].name));
        *at++ = ':';
        at = put(at, length, (size_t)(end - length));
        *at++ = ':';
        at = put(at, f[i].value, f[i].value_len);
        *at++ = '\n';
    }
    return (struct bytes){start, (size_t)(at - start)};
}

struct bytes audit_canonical(struct arena *a, const struct audit_record *r)
{
    char seq[DIGITS_MAX + 1] = {0}, at_us[DIGITS_MAX + 1] = {0};
    struct audit_field f[] = {
        {"seq", signed_digits(seq + DIGITS_MAX, r->seq), 0},
        {"at_us", signed_digits(at_us + DIGITS_MAX, r->at_us), 0},
        {"actor", r->actor, 0},
        {"account", r->account, 0},
        {"person", r->person, 0},
        {"unit", r->unit, 0},
        {"role", r->role, 0},
        {"action", r->action, 0},
        {"kind", r->kind, 0},
        {"object", r->object, 0},
        {"matter", r->matter, 0},
        {"request", r->request, 0},
        {"detail", r->detail, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(f); i++)
        f[i].value_len = strlen(f[i].value);
    return audit_join(a, FORMAT_LINE, f, ARRAY_LEN(f));
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
