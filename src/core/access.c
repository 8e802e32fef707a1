/* SPDX-License-Identifier: Apache-2.0 */
#include "core/access.h"

#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit_inside.h"
#include "core/permit.h"
#include "core/reading.h"
#include "core/scope.h"
#include "core/subject.h"
#include "web/json.h"

#define LINE_MAX_BYTES (64 * 1024)
#define LINES_MAX      50

static const struct {
    const char *name;
    size_t offset;
} members[] = {
    {"what", offsetof(struct access_line, what)},
    {"record", offsetof(struct access_line, record)},
    {"fields", offsetof(struct access_line, fields)},
    {"reader", offsetof(struct access_line, reader)},
    {"reader_name", offsetof(struct access_line, reader_name)},
    {"reader_unit", offsetof(struct access_line, reader_unit)},
    {"reader_role", offsetof(struct access_line, reader_role)},
    {"purpose", offsetof(struct access_line, purpose)},
    {"matter", offsetof(struct access_line, matter)},
    {"late", offsetof(struct access_line, late)},
};

static const char **member(struct access_line *l, size_t i)
{
    return (const char **)(void *)((char *)l + members[i].offset);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static struct bytes line_json(struct arena *a, struct access_line *l)
{
    struct buf b = buf_new(a, LINE_MAX_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        buf_printf(&b, "%s\"%s\":", i ? "," : "{", members[i].name);
        buf_json(&b, *member(l, i));
    }
    buf_char(&b, '}');
    ASSERT(!buf_full(&b));
    return buf_bytes(&b);
}

/* Lines of before there were looks stand for themselves: their look is their id. */
static const char *aad_of(struct arena *a, const char *id, const char *token, const char *look,
                          int64_t shown_us)
{
    const char *aad = arena_printf(a, "core_access.line|%s|%s", id, token);
    if (!text_eq(look, id))
        aad = arena_printf(a, "%s|%s", aad, look);
    return shown_us ? arena_printf(a, "%s|%lld", aad, (long long)shown_us) : aad;
}

static const char *look_of(struct ctx *c, const struct access_line *l, const char *account)
{
    const char *const parts[] = {person_token(c, l->person),
                                 account,
                                 l->reader,
                                 l->reader_name,
                                 l->reader_unit,
                                 l->reader_role,
                                 l->purpose,
                                 l->matter,
                                 l->what,
                                 l->record};
    struct buf b = buf_new(c->arena, LINE_MAX_BYTES);
    buf_printf(&b, "%d", local_day(l->at_us));
    if (l->shown_us)
        buf_printf(&b, "|%lld", (long long)l->shown_us);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_printf(&b, "|%zu|%s", strlen(parts[i]), parts[i]);
    ASSERT(!buf_full(&b));
    return secret_token(c, SECRET_LOOK, b.ptr);
}

/* When the person is told: at once, unless a permit says later. */
static enum err find_time(struct ctx *c, const char *token, struct access_line *l)
{
    struct permit p;
    if (l->shown_us) /* said by who noted it */
        return OK;
    l->late = "";
    if (c->actor->kind != ACTOR_OFFICIAL)
        return OK;
    bool emergency = text_eq(l->purpose, PERMIT_PURPOSE);
    enum err e = emergency ? permit_holds(c, PERMIT_EMERGENCY, l->matter, NULL, &p)
                           : permit_delay(c, token, &p);
    if (e || !*p.id)
        return e;
    l->shown_us = p.tell_us;
    l->late = emergency ? PERMIT_PURPOSE : arena_printf(c->arena, "%s %s", p.basis, p.document);
    return OK;
}

/* Officials are counted, and stopped; not in an emergency. The dossiers of one's own unit are one's
   work: a supervisor hears of very many. What an act itself reads isn't counted: it stands in the
   trail, on a case of theirs. */
static enum err count(struct ctx *c, const struct access_line *l)
{
    if (c->actor->kind != ACTOR_OFFICIAL || text_eq(l->purpose, PERMIT_PURPOSE))
        return OK;
    if (text_empty(l->person))
        return reading_count_search(c);
    const char *record =
        arena_printf(c->arena, "%s|%s", l->what, text_empty(l->record) ? l->person : l->record);
    return text_eq(l->purpose, READING_WORK) ? reading_count_case(c, record)
                                             : reading_count(c, record, or_empty(l->place));
}

static enum err store(struct ctx *c, const struct access_line *l, const char *token,
                      struct bytes sealed)
{
    return db_exec(c, NULL,
                   "INSERT INTO core_access (id, person, at_us, line, look, shown_us)"
                   " VALUES ($1, $2, $3, $4, $5, $6)",
                   P_TEXT(l->id), P_TEXT(token), P_INT(l->at_us), P_BLOB(sealed), P_TEXT(l->look),
                   P_INT(l->shown_us));
}

/* A person's lines of one year end together, by the years since its end. */
static struct subject_wish looks_of(struct ctx *c, const char *token, int64_t at_us)
{
    const int year = civil_from_us(at_us, LOCAL_OFFSET_US).year;
    const struct civil end = {.year = year + 1, .month = 1, .day = 1};
    return (struct subject_wish){.class = SUBJECT_LOOKS,
                                 .object = arena_printf(c->arena, "%s/%d", token, year),
                                 .kind = "looks",
                                 .person = token,
                                 .clock_us = us_from_civil(end, LOCAL_OFFSET_US)};
}

/* The line and the record of the trail that names it: a line taken away is missed. */
static enum err insert(struct ctx *c, struct access_line *l)
{
    const char *token = person_token(c, l->person);
    enum err e = find_time(c, token, l);
    if (e)
        return e;
    l->look = look_of(c, l, or_empty(c->actor->account));
    const char *aad = aad_of(c->arena, l->id, token, l->look, l->shown_us);
    const struct subject_wish wish = looks_of(c, token, l->at_us);
    struct bytes sealed;
    int64_t subject;
    e = subject_of(c, &wish, &subject);
    if (!e)
        e = subject_seal(c, subject, aad, line_json(c->arena, l), &sealed);
    if (!e)
        e = store(c, l, token, sealed);
    if (e)
        return e;
    const char *detail =
        arena_printf(c->arena, "{\"sha256\":\"%s\"}", sha256_hex(c->arena, sha256(sealed)));
    return audit_write(c, &(struct audit_act){AUDIT_ACCESS, "access", l->id, detail});
}

static bool reads_self(const struct ctx *c, const char *person)
{
    return c->actor->kind == ACTOR_CITIZEN && text_eq(c->actor->person, person);
}

/* In office one acts for the office, whoever one is. */
static const char *citizen_token(struct ctx *c)
{
    return c->actor->kind == ACTOR_OFFICIAL ? "" : person_token(c, c->actor->person);
}

/* At once in a write transaction; in a read snapshot it waits for web/. */
static enum err put(struct ctx *c, struct access_line *l)
{
    if (db_writing(c))
        return insert(c, l);
    struct access_line **end = &c->access;
    while (*end)
        end = &(*end)->next;
    *end = l;
    return OK;
}

static enum err note(struct ctx *c, const struct access_line *x)
{
    const struct actor *who = c->actor;
    ASSERT(who != NULL && !text_empty(x->person));
    if (reads_self(c, x->person))
        return OK; /* the log tells a person about others */
    if (text_empty(c->purpose))
        return fail(c, ERR_PURPOSE, x->what);
    struct access_line *l = ARENA_NEW(c->arena, struct access_line);
    *l = (struct access_line){.id = id_new(c->arena, c->now_us),
                              .person = x->person,
                              .what = or_empty(x->what),
                              .record = or_empty(x->record),
                              .fields = or_empty(x->fields),
                              .reader = citizen_token(c),
                              .reader_name = or_empty(who->name),
                              .reader_unit = or_empty(who->unit),
                              .reader_role = or_empty(who->role),
                              .purpose = c->purpose,
                              .matter = or_empty(c->matter),
                              .late = or_empty(x->late),
                              .at_us = c->now_us,
                              .shown_us = x->shown_us,
                              .place = x->place};
    return put(c, l);
}

enum err access_note(struct ctx *c, const char *person, const char *what, const char *record,
                     const char *fields)
{
    return note(c, &(struct access_line){
                       .person = person, .what = what, .record = record, .fields = fields});
}

enum err access_note_of(struct ctx *c, const char *person, const char *what, const char *record,
                        const char *place)
{
    return note(
        c, &(struct access_line){.person = person, .what = what, .record = record, .place = place});
}

enum err access_note_later(struct ctx *c, const char *person, const char *what, const char *record,
                           const char *late, int64_t shown_us)
{
    return note(
        c,
        &(struct access_line){
            .person = person, .what = what, .record = record, .late = late, .shown_us = shown_us});
}

enum err access_search(struct ctx *c)
{
    if (c->actor->kind != ACTOR_OFFICIAL || db_writing(c))
        return OK;
    struct access_line *l = ARENA_NEW(c->arena, struct access_line);
    *l = (struct access_line){.person = "", .purpose = or_empty(c->purpose)};
    return put(c, l);
}

enum err access_commit(struct ctx *c)
{
    enum err e = OK;
    for (struct access_line *l = c->access; l && !e; l = l->next) {
        e = count(c, l);
        if (!e && !text_empty(l->person)) /* a search alone leaves no line */
            e = insert(c, l);
    }
    return e;
}

struct reading {
    const char *person, *token;
    struct access_line *lines;
    struct access_look *looks;
    size_t n;
};

bool access_line_fits(struct ctx *c, const char *id, const char *token, const char *look,
                      int64_t shown_us, struct bytes sealed)
{
    struct bytes plain;
    const char *aad = aad_of(c->arena, id, token, look, shown_us);
    size_t before = c->n_faults;
    if (!subject_lives(c, subject_sealed_under(sealed)))
        return true; /* its year is over: nobody can tell any more, the trail has its hash */
    enum err e = subject_open(c, SECRET_ACCESS, aad, sealed, &plain);
    c->n_faults = before;
    return e == OK;
}

/* id, at_us, line, look, shown_us */
static enum err open_line(struct ctx *c, const struct db_row *row, const struct reading *r,
                          struct access_line *l)
{
    struct bytes plain;
    json_t *j;
    *l = (struct access_line){.id = row_text(row, 0),
                              .at_us = row_int(row, 1),
                              .person = r->person,
                              .look = row_text(row, 3),
                              .shown_us = row_int(row, 4)};
    const char *aad = aad_of(c->arena, l->id, r->token, l->look, l->shown_us);
    enum err e = subject_open(c, SECRET_ACCESS, aad, row_blob(row, 2), &plain);
    if (!e)
        e = json_in(c, "core_access", plain, &j);
    if (e)
        return e;
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        *member(l, i) = arena_text(c->arena, json_text_of(j, members[i].name, ""));
    json_end(j);
    l->own = text_eq(l->reader, r->token);
    return OK;
}

static enum err row_line(struct ctx *c, const struct db_row *row, void *arg)
{
    struct reading *r = arg;
    if (!subject_lives(c, subject_sealed_under(row_blob(row, 2))))
        return OK; /* of a year that is over */
    enum err e = open_line(c, row, r, &r->lines[r->n]);
    r->n += e == OK;
    return e;
}

enum err access_of_person(struct ctx *c, const char *person, const char *before_id,
                          struct access_line *ret_lines, size_t max, size_t *ret_n)
{
    struct reading r = {.person = person, .token = person_token(c, person), .lines = ret_lines};
    int64_t limit = (int64_t)(max < LINES_MAX ? max : LINES_MAX);
    enum err e = db_each(c, row_line, &r,
                         "SELECT id, at_us, line, look, shown_us FROM core_access"
                         " WHERE person = $1 AND ($2 = '' OR id < $2) AND shown_us <= $4"
                         " ORDER BY id DESC LIMIT $3",
                         P_TEXT(r.token), P_TEXT(before_id), P_INT(limit), P_INT(c->now_us));
    if (!e)
        *ret_n = r.n;
    return e;
}

/* ---- looks ---- */

static enum err row_look(struct ctx *c, const struct db_row *row, void *arg)
{
    struct reading *r = arg;
    struct access_look *k = &r->looks[r->n];
    if (!subject_lives(c, subject_sealed_under(row_blob(row, 2))))
        return OK;
    *k = (struct access_look){.n = row_int(row, 5), .last_us = row_int(row, 6)};
    enum err e = open_line(c, row, r, &k->first);
    r->n += e == OK;
    return e;
}

static enum err row_time(struct ctx *c, const struct db_row *row, void *arg)
{
    struct reading *r = arg;
    (void)c;
    for (size_t i = 0; i < r->n; i++) {
        struct access_look *k = &r->looks[i];
        if (text_eq(k->first.look, row_text(row, 0)) && k->n_times < ACCESS_TIMES)
            k->times[k->n_times++] = row_int(row, 1);
    }
    return OK;
}

/* One page of looks: those whose first line is older than $2. */
#define PAGE                                                                                       \
    " FROM core_access WHERE person = $1 AND shown_us <= $4 GROUP BY look"                         \
    " HAVING $2 = '' OR min(id) < $2"                                                              \
    " ORDER BY min(id) DESC LIMIT $3"

static enum err times_of(struct ctx *c, struct reading *r, const char *before_id, int64_t limit)
{
    return db_each(c, row_time, r,
                   "SELECT look, at_us FROM (SELECT look, at_us, id, row_number() OVER"
                   " (PARTITION BY look ORDER BY id DESC) AS place FROM core_access"
                   " WHERE person = $1 AND look IN (SELECT look" PAGE ")) AS t"
                   " WHERE place <= $5 ORDER BY id DESC",
                   P_TEXT(r->token), P_TEXT(before_id), P_INT(limit), P_INT(c->now_us),
                   P_INT(ACCESS_TIMES));
}

enum err access_looks(struct ctx *c, const char *person, const char *before_id,
                      struct access_look *ret_looks, size_t max, size_t *ret_n)
{
    struct reading r = {.person = person, .token = person_token(c, person), .looks = ret_looks};
    int64_t limit = (int64_t)(max < ACCESS_LOOKS + 1 ? max : ACCESS_LOOKS + 1);
    enum err e =
        db_each(c, row_look, &r,
                "SELECT a.id, a.at_us, a.line, a.look, a.shown_us, g.n, z.at_us FROM (SELECT"
                " count(*) AS n, min(id) AS first_id, max(id) AS last_id" PAGE ") AS g"
                " JOIN core_access a ON a.id = g.first_id"
                " JOIN core_access z ON z.id = g.last_id ORDER BY a.id DESC",
                P_TEXT(r.token), P_TEXT(before_id), P_INT(limit), P_INT(c->now_us));
    if (!e)
        e = times_of(c, &r, before_id, limit);
    if (!e)
        *ret_n = r.n;
    return e;
}
