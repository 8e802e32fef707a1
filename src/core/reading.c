/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reading.h"

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/secrets.h"
#include "core/settings.h"

#define LEVEL_WARN 1
#define LEVEL_STOP 2
#define NEWEST     "~" /* after every id */
#define MOST       1000000

static const struct {
    const char *name, *warn, *stop;
    int64_t span_us;
} kinds[READING_KINDS] = {
    {"hour", "reading.hour_warn", "reading.hour_stop", HOUR_US},
    {"day", "reading.day_warn", "reading.day_stop", DAY_US},
    {"places", "reading.places_warn", "reading.places_stop", DAY_US},
    {"searches", "reading.searches_warn", "reading.searches_stop", MINUTE_US},
    {"cases", "reading.cases_warn", "reading.cases_stop", DAY_US},
};

const struct setting reading_settings[] = {
    {"reading.hour_warn", "records", "100", 1, MOST, TX(core_reading_hour_warn)},
    {"reading.hour_stop", "records", "200", 1, MOST, TX(core_reading_hour_stop)},
    {"reading.day_warn", "records", "300", 1, MOST, TX(core_reading_day_warn)},
    {"reading.day_stop", "records", "600", 1, MOST, TX(core_reading_day_stop)},
    {"reading.places_warn", "places", "10", 1, MOST, TX(core_reading_places_warn)},
    {"reading.places_stop", "places", "30", 1, MOST, TX(core_reading_places_stop)},
    {"reading.searches_warn", "searches", "20", 1, MOST, TX(core_reading_searches_warn)},
    {"reading.searches_stop", "searches", "40", 1, MOST, TX(core_reading_searches_stop)},
    {"reading.cases_warn", "records", "500", 1, MOST, TX(core_reading_cases_warn)},
    {"reading.cases_stop", "records", "1000000", 1, MOST, TX(core_reading_cases_stop)},
    {"reading.emergency_minutes", "minutes", "30", 1, 1440, TX(core_reading_emergency_minutes)},
    {"reading.emergency_tell_hours", "hours", "72", 0, 720, TX(core_reading_emergency_tell)},
    {"reading.export_minutes", "minutes", "30", 1, 1440, TX(core_reading_export_minutes)},
    {"reading.delay_days", "days", "365", 1, 3650, TX(core_reading_delay_days)},
};
const size_t n_reading_settings = ARRAY_LEN(reading_settings);

const char *reading_kind_name(enum reading_kind k)
{
    return kinds[k].name;
}

/* Days and hours as the wall in Viet Nam shows them. */
static int64_t span_of(const struct ctx *c, enum reading_kind k)
{
    return (c->now_us + LOCAL_OFFSET_US) / kinds[k].span_us;
}

/* ---- alerts ---- */

struct counted {
    int64_t n, usual;
};

static const char *alert_aad(struct ctx *c, const char *column, const char *id)
{
    return arena_printf(c->arena, "core_reading_alert.%s|%s", column, id);
}

static enum err keep_id(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

/* One an official, kind and span; reaching the upper figure raises it. */
static enum err alert(struct ctx *c, enum reading_kind k, const struct counted *x, int64_t level,
                      int64_t most)
{
    const struct actor *who = c->actor;
    const char *id = id_new(c->arena, c->now_us);
    struct bytes reader = secret_seal_text(c, SECRET_ACCESS, alert_aad(c, "reader", id), who->name);
    enum err e = db_each(
        c, keep_id, &id,
        "INSERT INTO core_reading_alert (id, account, unit, role, kind, span, level, n, most,"
        " usual, at_us, reader, resolver, resolved_us, words)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, $13)"
        " ON CONFLICT (account, kind, span) DO UPDATE SET level = excluded.level,"
        " n = excluded.n, most = excluded.most, at_us = excluded.at_us RETURNING id",
        P_TEXT(id), P_TEXT(who->account), P_TEXT(who->unit), P_TEXT(who->role),
        P_TEXT(kinds[k].name), P_INT(span_of(c, k)), P_INT(level), P_INT(x->n), P_INT(most),
        P_INT(x->usual), P_INT(c->now_us), P_BLOB(reader), P_BLOB((struct bytes){0}));
    if (e)
        return e;
    const char *detail = arena_printf(c->arena, "{\"kind\":\"%s\",\"level\":%lld,\"n\":%lld}",
                                      kinds[k].name, (long long)level, (long long)x->n);
    return audit_write(c, &(struct audit_act){"core.reading_alert", "reading_alert", id, detail});
}

/* ---- counting ---- */

static enum err keep_counted(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct counted *)arg = (struct counted){row_int(r, 0), row_int(r, 1)};
    return OK;
}

/* The first of this span? Then it is remembered. */
static enum err is_new(struct ctx *c, enum reading_kind k, const char *what, bool *ret_new)
{
    const char *token = secret_token(c, SECRET_LOOK, what);
    int64_t rows = 0;
    enum err e = db_exec(c, &rows,
                         "INSERT INTO core_reading_seen (account, kind, what, span)"
                         " VALUES ($1, $2, $3, $4) ON CONFLICT (account, kind, what) DO UPDATE"
                         " SET span = excluded.span WHERE core_reading_seen.span <> excluded.span",
                         P_TEXT(c->actor->account), P_TEXT(kinds[k].name), P_TEXT(token),
                         P_INT(span_of(c, k)));
    *ret_new = rows > 0;
    return e;
}

static enum err add_one(struct ctx *c, enum reading_kind k, struct counted *ret)
{
    return db_each(
        c, keep_counted, ret,
        "INSERT INTO core_reading (account, kind, span, n, usual) VALUES ($1, $2, $3, 1, 0)"
        " ON CONFLICT (account, kind) DO UPDATE SET"
        " usual = CASE WHEN core_reading.span = excluded.span THEN core_reading.usual"
        "  WHEN core_reading.usual = 0 THEN core_reading.n * 100"
        "  ELSE (core_reading.usual * 7 + core_reading.n * 100) / 8 END,"
        " n = CASE WHEN core_reading.span = excluded.span THEN core_reading.n + 1 ELSE 1 END,"
        " span = excluded.span RETURNING n, usual",
        P_TEXT(c->actor->account), P_TEXT(kinds[k].name), P_INT(span_of(c, k)));
}

/* The node's settings, or less where the role of the country pack reads less: then half warns. */
static enum err limits_of(struct ctx *c, enum reading_kind k, int64_t *ret_warn, int64_t *ret_stop)
{
    int64_t own = country_role_limit(c->node->country, c->actor->role, kinds[k].name);
    enum err e = setting_int(c, kinds[k].warn, ret_warn);
    e = e ? e : setting_int(c, kinds[k].stop, ret_stop);
    if (e || !own || own >= *ret_stop)
        return e;
    *ret_stop = own;
    if (*ret_warn > (own + 1) / 2)
        *ret_warn = (own + 1) / 2;
    return OK;
}

static enum err count(struct ctx *c, enum reading_kind k)
{
    struct counted x = {0};
    int64_t warn = 0, stop = 0;
    enum err e = add_one(c, k, &x);
    e = e ? e : limits_of(c, k, &warn, &stop);
    if (e)
        return e;
    if (x.n > stop)
        return fail(c, ERR_READ_LIMIT, kinds[k].name,
                    arena_printf(c->arena, "%lld", (long long)stop));
    if (x.n == stop)
        return alert(c, k, &x, LEVEL_STOP, stop);
    return x.n == warn ? alert(c, k, &x, LEVEL_WARN, warn) : OK;
}

static enum err count_new(struct ctx *c, enum reading_kind k, const char *what)
{
    bool first = false;
    enum err e = is_new(c, k, what, &first);
    return e || !first ? e : count(c, k);
}

enum err reading_count(struct ctx *c, const char *what, const char *place)
{
    enum err e = count_new(c, READING_HOUR, what);
    e = e ? e : count_new(c, READING_DAY, what);
    return e || text_empty(place) ? e : count_new(c, READING_PLACES, place);
}

enum err reading_count_search(struct ctx *c)
{
    return count(c, READING_SEARCHES);
}

enum err reading_count_case(struct ctx *c, const char *what)
{
    return count_new(c, READING_CASES, what);
}

/* ---- how near one is ---- */

struct near {
    struct reading_state *state;
    int64_t part; /* thousandths of the upper figure */
};

static enum err nearer(struct ctx *c, const struct db_row *r, void *arg)
{
    struct near *x = arg;
    for (enum reading_kind k = 0; k < READING_KINDS; k++) {
        if (!text_eq(kinds[k].name, row_text(r, 0)) || row_int(r, 1) != span_of(c, k))
            continue;
        int64_t warn = 0, stop = 0, n = row_int(r, 2);
        enum err e = limits_of(c, k, &warn, &stop);
        if (e)
            return e;
        if (n * 1000 / stop < x->part)
            continue;
        x->part = n * 1000 / stop;
        *x->state = (struct reading_state){n, warn, stop, k, n >= warn, n >= stop};
    }
    return OK;
}

enum err reading_state(struct ctx *c, struct reading_state *ret)
{
    struct near x = {.state = ret};
    *ret = (struct reading_state){0};
    if (c->actor->kind != ACTOR_OFFICIAL)
        return OK;
    return db_each(c, nearer, &x, "SELECT kind, span, n FROM core_reading WHERE account = $1",
                   P_TEXT(c->actor->account));
}

/* ---- the supervisor's list ---- */

struct alerts {
    struct reading_alert *out;
    size_t n;
};

static enum err row_alert(struct ctx *c, const struct db_row *r, void *arg)
{
    struct alerts *l = arg;
    struct reading_alert *x = &l->out[l->n];
    *x = (struct reading_alert){.id = row_text(r, 0),
                                .account = row_text(r, 1),
                                .unit = row_text(r, 2),
                                .role = row_text(r, 3),
                                .kind = row_text(r, 4),
                                .level = row_int(r, 5),
                                .n = row_int(r, 6),
                                .most = row_int(r, 7),
                                .usual_hundredths = row_int(r, 8),
                                .at_us = row_int(r, 9),
                                .resolver = row_text(r, 11),
                                .resolved_us = row_int(r, 12)};
    enum err e = secret_open_text(c, SECRET_ACCESS, alert_aad(c, "reader", x->id), row_blob(r, 10),
                                  &x->reader);
    if (!e)
        e = secret_open_text(c, SECRET_ACCESS, alert_aad(c, "words", x->id), row_blob(r, 13),
                             &x->words);
    l->n += e == OK;
    return e;
}

#define COLUMNS                                                                                    \
    "SELECT id, account, unit, role, kind, level, n, most, usual, at_us, reader, resolver,"        \
    " resolved_us, words FROM core_reading_alert"

enum err reading_alerts(struct ctx *c, const char *before, struct reading_alert *ret, size_t max,
                        size_t *ret_n)
{
    struct scope mine = scope_of(c, READING_WATCH);
    struct alerts l = {.out = ret};
    const char *from = text_empty(before) ? NEWEST : before;
    enum err e =
        db_each(c, row_alert, &l,
                COLUMNS " WHERE unit >= $1 AND unit < $2 AND id < $3"
                        " ORDER BY id DESC LIMIT $4",
                P_TEXT(mine.unit_from), P_TEXT(mine.unit_until), P_TEXT(from), P_INT((int64_t)max));
    *ret_n = e ? 0 : l.n;
    return e;
}

enum err reading_alert_get(struct ctx *c, const char *id, struct reading_alert *ret)
{
    struct scope mine = scope_of(c, READING_WATCH);
    struct alerts l = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_alert, &l, COLUMNS " WHERE id = $1", P_TEXT(id));
    if (!e && !(found && scope_allows(&mine, ret->unit, "")))
        e = fail(c, ERR_NOT_FOUND, "id", id);
    return e;
}

enum err reading_alert_resolve(struct ctx *c, const char *id, const char *words)
{
    struct reading_alert a;
    int64_t rows = 0;
    enum err e = reading_alert_get(c, id, &a);
    if (!e && text_eq(a.account, c->actor->account))
        e = fail(c, ERR_SECOND_PERSON, "id", id);
    if (e)
        return e;
    struct bytes sealed = secret_seal_text(c, SECRET_ACCESS, alert_aad(c, "words", id), words);
    e = db_exec(c, &rows,
                "UPDATE core_reading_alert SET resolver = $2, resolved_us = $3, words = $4"
                " WHERE id = $1 AND resolved_us = 0",
                P_TEXT(id), P_TEXT(c->actor->account), P_INT(c->now_us), P_BLOB(sealed));
    if (!e && rows != 1)
        e = fail(c, ERR_CONFLICT, "id", id);
    return e ? e
             : audit_write(c,
                           &(struct audit_act){"core.reading_resolved", "reading_alert", id, NULL});
}

enum err reading_clean(struct ctx *c)
{
    for (enum reading_kind k = 0; k < READING_KINDS; k++) {
        enum err e = db_exec(c, NULL, "DELETE FROM core_reading_seen WHERE kind = $1 AND span < $2",
                             P_TEXT(kinds[k].name), P_INT(span_of(c, k) - 1));
        if (e)
            return e;
    }
    return OK;
}
