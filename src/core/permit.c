/* SPDX-License-Identifier: Apache-2.0 */
#include "core/permit.h"

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/matter.h"
#include "core/reading.h"
#include "core/scope.h"
#include "core/secrets.h"
#include "core/settings.h"
#include "web/json.h"

#define BASES          "disclosure_bases"
#define NEWEST         "~"
#define BODY_MAX_BYTES (16 * 1024)
#define ASKED_FOR_US   DAY_US /* an unanswered question lapses */

static const char *const kinds[PERMIT_KINDS] = {"emergency", "delay", "export"};

const char *permit_kind_name(enum permit_kind k)
{
    return kinds[k];
}

bool permit_kind_named(const char *name, enum permit_kind *ret_kind)
{
    for (size_t i = 0; i < PERMIT_KINDS; i++) {
        if (text_eq(kinds[i], name)) {
            *ret_kind = (enum permit_kind)i;
            return true;
        }
    }
    return false;
}

/* ---- sealed parts: a few texts as JSON, bound to column, row and target ---- */

struct part {
    const char *name, **text;
};

static const char *aad_of(struct ctx *c, const char *column, const struct permit *p)
{
    return arena_printf(c->arena, "core_permit.%s|%s|%s", column, p->id, p->target);
}

static struct bytes seal_parts(struct ctx *c, const char *column, const struct permit *p,
                               const struct part *parts, size_t n)
{
    struct buf b = buf_new(c->arena, BODY_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%s\"%s\":", i ? "," : "{", parts[i].name);
        buf_json(&b, *parts[i].text ? *parts[i].text : "");
    }
    buf_char(&b, '}');
    ASSERT(!buf_full(&b));
    return secret_seal(c, SECRET_ACCESS, aad_of(c, column, p), buf_bytes(&b));
}

static enum err open_parts(struct ctx *c, const char *column, const struct permit *p,
                           struct bytes sealed, const struct part *parts, size_t n)
{
    struct bytes plain;
    json_t *j;
    for (size_t i = 0; i < n; i++)
        *parts[i].text = "";
    if (!sealed.len)
        return OK;
    enum err e = secret_open(c, SECRET_ACCESS, aad_of(c, column, p), sealed, &plain);
    if (!e)
        e = json_in(c, "core_permit", plain, &j);
    if (e)
        return e;
    for (size_t i = 0; i < n; i++)
        *parts[i].text = arena_text(c->arena, json_text_of(j, parts[i].name, ""));
    json_end(j);
    return OK;
}

#define ASKED(p)                                                                                   \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(p)->name}, {"person", &(p)->person}, {"reason", &(p)->reason},                  \
            {"basis", &(p)->basis}, {"document", &(p)->document},                                  \
    }
#define DECIDED(p)                                                                                 \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(p)->decided_by}, {"words", &(p)->answer},                                       \
    }
#define REVIEWED(p)                                                                                \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(p)->reviewed_by}, {"words", &(p)->finding},                                     \
    }

/* ---- rows ---- */

struct rows {
    struct permit *out;
    size_t n;
};

static enum err row_permit(struct ctx *c, const struct db_row *r, void *arg)
{
    struct rows *l = arg;
    struct permit *p = &l->out[l->n];
    *p = (struct permit){.id = row_text(r, 0),
                         .kind = row_text(r, 1),
                         .state = row_text(r, 2),
                         .account = row_text(r, 3),
                         .unit = row_text(r, 4),
                         .role = row_text(r, 5),
                         .target = row_text(r, 6),
                         .asked_us = row_int(r, 7),
                         .until_us = row_int(r, 8),
                         .tell_us = row_int(r, 9),
                         .decider = row_text(r, 10),
                         .decided_us = row_int(r, 11),
                         .reviewer = row_text(r, 12),
                         .reviewed_us = row_int(r, 13),
                         .proper = row_int(r, 14) != 0};
    enum err e = open_parts(c, "asked", p, row_blob(r, 15), ASKED(p), 5);
    e = e ? e : open_parts(c, "decided", p, row_blob(r, 16), DECIDED(p), 2);
    e = e ? e : open_parts(c, "reviewed", p, row_blob(r, 17), REVIEWED(p), 2);
    l->n += e == OK;
    return e;
}

#define COLUMNS                                                                                    \
    "SELECT id, kind, state, account, unit, role, target, asked_us, until_us, tell_us, decider,"   \
    " decided_us, reviewer, reviewed_us, proper, asked, decided, reviewed FROM core_permit"

static bool watches(struct ctx *c, const char *permission, const struct permit *p)
{
    struct scope s = scope_of(c, permission);
    return actor_can(c->actor, permission) && scope_allows(&s, p->unit, "");
}

static bool is_mine(const struct ctx *c, const struct permit *p)
{
    return text_eq(p->account, c->actor->account);
}

enum err permit_get(struct ctx *c, const char *id, struct permit *ret)
{
    struct rows l = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_permit, &l, COLUMNS " WHERE id = $1", P_TEXT(id));
    if (e)
        return e;
    bool may = found && (is_mine(c, ret) || watches(c, PERMIT_DECIDE, ret) ||
                         watches(c, READING_WATCH, ret));
    return may ? OK : fail(c, ERR_NOT_FOUND, "id", id);
}

enum err permits(struct ctx *c, const char *before, struct permit *ret, size_t max, size_t *ret_n)
{
    struct scope decides = scope_of(c, PERMIT_DECIDE), reviews = scope_of(c, READING_WATCH);
    struct rows l = {.out = ret};
    enum err e =
        db_each(c, row_permit, &l,
                COLUMNS " WHERE (account = $1 OR (unit >= $2 AND unit < $3)"
                        " OR (unit >= $4 AND unit < $5)) AND id < $6"
                        " ORDER BY id DESC LIMIT $7",
                P_TEXT(c->actor->account), P_TEXT(decides.unit_from), P_TEXT(decides.unit_until),
                P_TEXT(reviews.unit_from), P_TEXT(reviews.unit_until),
                P_TEXT(text_empty(before) ? NEWEST : before), P_INT((int64_t)max));
    *ret_n = e ? 0 : l.n;
    return e;
}

/* An emergency that is still asked may be allowed until it lapses. */
static enum err told_from(struct ctx *c, const struct permit *p, int64_t *ret_us)
{
    int64_t hours = 0;
    *ret_us = text_eq(p->kind, kinds[PERMIT_DELAY]) ? p->until_us : p->tell_us;
    if (*ret_us)
        return OK;
    enum err e = setting_int(c, "reading.emergency_tell_hours", &hours);
    *ret_us = p->asked_us + ASKED_FOR_US + hours * HOUR_US;
    return e;
}

enum err permit_note(struct ctx *c, const struct permit *p)
{
    int64_t shown_us = 0;
    if (is_mine(c, p) || text_empty(p->person))
        return OK;
    enum err e = told_from(c, p, &shown_us);
    const char *late = text_empty(p->basis)
                           ? PERMIT_PURPOSE
                           : arena_printf(c->arena, "%s %s", p->basis, p->document);
    c->matter = p->id;
    return e ? e : access_note_later(c, p->person, "permit", p->id, late, shown_us);
}

/* ---- asking ---- */

static enum err check_delay(struct ctx *c, const struct permit_ask *x)
{
    int64_t days = 0;
    if (!country_code(c->node->country, BASES, x->basis))
        return fail(c, ERR_BAD_CODE, "basis", x->basis);
    enum err e = matter_check(c, "document", MATTER_PAPER, x->document, MATTER_UNASKED);
    e = e ? e : setting_int(c, "reading.delay_days", &days);
    if (e)
        return e;
    bool sound = x->until_us > c->now_us && x->until_us <= c->now_us + days * DAY_US;
    return sound ? OK : fail(c, ERR_PERMIT_DATE, "until", arena_printf(c->arena, "%d", (int)days));
}

static enum err check(struct ctx *c, const struct permit_ask *x)
{
    const char *about = x->kind == PERMIT_EXPORT ? x->what : x->person;
    if (text_empty(about))
        return fail(c, ERR_REQUIRED, x->kind == PERMIT_EXPORT ? "what" : "person");
    if (text_empty(x->reason))
        return fail(c, ERR_REQUIRED, "reason");
    return x->kind == PERMIT_DELAY ? check_delay(c, x) : OK;
}

static enum err tell_trail(struct ctx *c, const char *what, const struct permit *p)
{
    const char *detail =
        arena_printf(c->arena, "{\"kind\":\"%s\",\"state\":\"%s\"}", p->kind, p->state);
    return audit_write(c, &(struct audit_act){arena_printf(c->arena, "core.permit_%s", what),
                                              "permit", p->id, detail});
}

enum err permit_ask(struct ctx *c, const struct permit_ask *x, const char **ret_id)
{
    enum err e = check(c, x);
    if (e)
        return e;
    const struct actor *who = c->actor;
    bool export = x->kind == PERMIT_EXPORT;
    struct permit p = {.id = id_new(c->arena, c->now_us),
                       .kind = kinds[x->kind],
                       .state = "asked",
                       .target = export ? x->what : person_token(c, x->person),
                       .name = who->name,
                       .person = export ? "" : x->person,
                       .reason = x->reason,
                       .basis = x->basis,
                       .document = x->document};
    struct bytes none = {0}, asked = seal_parts(c, "asked", &p, ASKED(&p), 5);
    e = db_exec(c, NULL,
                "INSERT INTO core_permit (id, kind, state, account, unit, role, target, asked_us,"
                " until_us, tell_us, decider, decided_us, reviewer, reviewed_us, proper, asked,"
                " decided, reviewed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', 0, '', 0,"
                " 0, $10, $11, $12)",
                P_TEXT(p.id), P_TEXT(p.kind), P_TEXT(p.state), P_TEXT(who->account),
                P_TEXT(who->unit), P_TEXT(who->role), P_TEXT(p.target), P_INT(c->now_us),
                P_INT(x->until_us), P_BLOB(asked), P_BLOB(none), P_BLOB(none));
    if (!e)
        e = tell_trail(c, "asked", &p);
    if (!e)
        *ret_id = p.id;
    return e;
}

/* ---- deciding and reviewing ---- */

static bool is_open(const struct ctx *c, const struct permit *p)
{
    return text_eq(p->state, "asked") && c->now_us < p->asked_us + ASKED_FOR_US;
}

bool permit_may_decide(struct ctx *c, const struct permit *p)
{
    return !is_mine(c, p) && is_open(c, p) && watches(c, PERMIT_DECIDE, p);
}

bool permit_may_review(struct ctx *c, const struct permit *p)
{
    return text_eq(p->state, "given") && !p->reviewed_us && !is_mine(c, p) &&
           !text_eq(p->decider, c->actor->account) && watches(c, READING_WATCH, p);
}

int64_t permits_waiting(struct ctx *c)
{
    struct scope s = scope_of(c, PERMIT_DECIDE);
    size_t before = c->n_faults;
    int64_t n = 0;
    if (!actor_can(c->actor, PERMIT_DECIDE))
        return 0;
    enum err e = db_int(c, &n,
                        "SELECT count(*) FROM core_permit WHERE state = 'asked' AND unit >= $1"
                        " AND unit < $2 AND account <> $3 AND asked_us > $4",
                        P_TEXT(s.unit_from), P_TEXT(s.unit_until), P_TEXT(c->actor->account),
                        P_INT(c->now_us - ASKED_FOR_US));
    c->n_faults = before; /* a page isn't refused for its menu */
    return e ? 0 : n;
}

/* Until when it holds, and when the person is told of what is read under it. */
static enum err times_of(struct ctx *c, struct permit *p)
{
    int64_t minutes = 0, hours = 0;
    if (text_eq(p->kind, kinds[PERMIT_DELAY])) {
        p->tell_us = p->until_us;
        return OK;
    }
    bool export = text_eq(p->kind, kinds[PERMIT_EXPORT]);
    enum err e =
        setting_int(c, export ? "reading.export_minutes" : "reading.emergency_minutes", &minutes);
    if (!e && !export)
        e = setting_int(c, "reading.emergency_tell_hours", &hours);
    p->until_us = c->now_us + minutes * MINUTE_US;
    p->tell_us = export ? 0 : c->now_us + hours * HOUR_US;
    return e;
}

enum err permit_decide(struct ctx *c, const char *id, bool yes, const char *words)
{
    struct permit p;
    int64_t rows = 0;
    enum err e = permit_get(c, id, &p);
    if (!e && is_mine(c, &p))
        return fail(c, ERR_SECOND_PERSON, "id", id);
    if (!e && !watches(c, PERMIT_DECIDE, &p))
        return fail(c, ERR_NOT_FOUND, "id", id);
    if (!e && !is_open(c, &p))
        return fail(c, ERR_PERMIT_STATE, "id", id);
    if (!e && yes)
        e = times_of(c, &p);
    if (e)
        return e;
    p.state = yes ? "given" : "refused";
    p.decided_by = c->actor->name;
    p.answer = words;
    struct bytes decided = seal_parts(c, "decided", &p, DECIDED(&p), 2);
    e = db_exec(c, &rows,
                "UPDATE core_permit SET state = $2, decider = $3, decided_us = $4, until_us = $5,"
                " tell_us = $6, decided = $7 WHERE id = $1 AND state = 'asked'",
                P_TEXT(id), P_TEXT(p.state), P_TEXT(c->actor->account), P_INT(c->now_us),
                P_INT(p.until_us), P_INT(p.tell_us), P_BLOB(decided));
    if (!e && rows != 1)
        e = fail(c, ERR_PERMIT_STATE, "id", id);
    return e ? e : tell_trail(c, "decided", &p);
}

enum err permit_review(struct ctx *c, const char *id, bool proper, const char *words)
{
    struct permit p;
    int64_t rows = 0;
    enum err e = permit_get(c, id, &p);
    if (e)
        return e;
    if (is_mine(c, &p) || text_eq(p.decider, c->actor->account))
        return fail(c, ERR_SECOND_PERSON, "id", id);
    if (!permit_may_review(c, &p))
        return fail(c, ERR_PERMIT_STATE, "id", id);
    p.reviewed_by = c->actor->name;
    p.finding = words;
    struct bytes reviewed = seal_parts(c, "reviewed", &p, REVIEWED(&p), 2);
    e = db_exec(c, &rows,
                "UPDATE core_permit SET reviewer = $2, reviewed_us = $3, proper = $4,"
                " reviewed = $5 WHERE id = $1 AND reviewed_us = 0",
                P_TEXT(id), P_TEXT(c->actor->account), P_INT(c->now_us), P_INT(proper ? 1 : 0),
                P_BLOB(reviewed));
    if (!e && rows != 1)
        e = fail(c, ERR_PERMIT_STATE, "id", id);
    return e ? e : tell_trail(c, proper ? "proper" : "improper", &p);
}

/* ---- what holds now ---- */

enum err permit_holds(struct ctx *c, enum permit_kind kind, const char *id, const char *target,
                      struct permit *ret)
{
    struct rows l = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_permit, &l, COLUMNS " WHERE id = $1", P_TEXT(id));
    if (e)
        return e;
    const char *about = kind == PERMIT_EXPORT || !target ? target : person_token(c, target);
    bool holds = found && is_mine(c, ret) && text_eq(ret->kind, kinds[kind]) &&
                 text_eq(ret->unit, c->actor->unit) && text_eq(ret->state, "given") &&
                 c->now_us < ret->until_us && (!about || text_eq(about, ret->target));
    return holds ? OK : fail(c, kind == PERMIT_EXPORT ? ERR_EXPORT : ERR_PERMIT, "matter", id);
}

enum err permit_delay(struct ctx *c, const char *person_token, struct permit *ret)
{
    struct rows l = {.out = ret};
    bool found = false;
    *ret = (struct permit){.id = ""};
    return db_one(c, &found, row_permit, &l,
                  COLUMNS " WHERE account = $1 AND kind = 'delay' AND target = $2"
                          " AND state = 'given' AND until_us > $3"
                          " ORDER BY until_us DESC, id LIMIT 1",
                  P_TEXT(c->actor->account), P_TEXT(person_token), P_INT(c->now_us));
}
