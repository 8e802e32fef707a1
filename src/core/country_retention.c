/* SPDX-License-Identifier: Apache-2.0 */
/* retention.json: how long what is kept. A pack without it keeps everything. */
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/country_inside.h"
#include "core/retention.h"
#include "core/say.h"
#include "gen/assets.h"

#define FILE_NAME "retention.json"

static const char *kept(struct country_reading *r, const json_t *o, const char *name)
{
    const char *text = json_text_of(o, name, "");
    return *text ? arena_text(r->arena, text) : "";
}

static enum retention_end end_of(const char *name)
{
    return text_eq(name, "destroy")   ? RETENTION_DESTROY
           : text_eq(name, "archive") ? RETENTION_ARCHIVE
                                      : RETENTION_KEEP;
}

static struct retention_rule rule_of(struct country_reading *r, const json_t *o)
{
    const json_t *label = json_object_get(o, "label"), *law = json_object_get(o, "law");
    const char *procedure = kept(r, o, "procedure"), *status = kept(r, o, "status");
    const char *kind = *status ? arena_printf(r->arena, "%s/%s", procedure, status) : procedure;
    return (struct retention_rule){.code = kept(r, o, "code"),
                                   .of = kept(r, o, "of"),
                                   .kind = *kind ? kind : kept(r, o, "register"),
                                   .name = {kept(r, label, "vi"), kept(r, label, "en")},
                                   .law = {kept(r, law, "vi"), kept(r, law, "en")},
                                   .years = (int)json_int_of(o, "years", 0),
                                   .days = (int)json_int_of(o, "days", 0),
                                   .year_after = text_eq(json_text_of(o, "from", ""), "year_after"),
                                   .end = end_of(json_text_of(o, "end", "")),
                                   .approver = kept(r, o, "approver")};
}

enum err country_read_retention(struct country_reading *r)
{
    struct country *k = r->country;
    struct pack_file f;
    if (k->dir ? !sys_exists(arena_printf(r->c->arena, "%s/" FILE_NAME, k->dir))
               : !country_file_find("vn/" FILE_NAME))
        return OK;
    enum err e = pack_open(r->c, k->dir, FILE_NAME, &f);
    if (e)
        return e;
    const json_t *rows = json_list_of(f.root, "classes");
    k->n_retention = json_array_size(rows);
    k->retention = ARENA_ARRAY(r->arena, k->n_retention + 1, struct retention_rule);
    for (size_t i = 0; i < k->n_retention; i++)
        k->retention[i] = rule_of(r, json_array_get(rows, i));
    pack_close(&f);
    return OK;
}

const struct retention_rule *retention_rules(const struct country *k, size_t *ret_n)
{
    *ret_n = k->n_retention;
    return k->retention;
}

/* The longest kind that fits wins. */
static int fits(const struct retention_rule *r, const char *kind)
{
    size_t n = strlen(r->kind);
    if (n == 0)
        return 1;
    bool begins = text_starts(kind, r->kind) && (kind[n] == '\0' || kind[n] == '/');
    return begins ? 1 + (int)n : 0;
}

const struct retention_rule *retention_rule(const struct country *k, const char *of,
                                            const char *kind)
{
    const struct retention_rule *best = NULL;
    int most = 0;
    for (size_t i = 0; i < k->n_retention; i++) {
        int good = text_eq(k->retention[i].of, of) ? fits(&k->retention[i], kind) : 0;
        if (good > most) {
            most = good;
            best = &k->retention[i];
        }
    }
    return best;
}

const struct retention_rule *retention_named(const struct country *k, const char *code)
{
    for (size_t i = 0; i < k->n_retention; i++)
        if (text_eq(k->retention[i].code, code))
            return &k->retention[i];
    return NULL;
}

/* ---- dates: by the calendar of Viet Nam ---- */

static int64_t years_on(int64_t us, int years)
{
    struct civil t = civil_from_us(us, LOCAL_OFFSET_US);
    t.year += years;
    if (!date_is_real(t.year, t.month, t.day)) /* 29 February: the day after the 28th */
        t = (struct civil){t.year, 3, 1, t.hour, t.minute, t.second};
    return us_from_civil(t, LOCAL_OFFSET_US);
}

static int64_t year_start(int64_t us, int after)
{
    struct civil t = {
        .year = civil_from_us(us, LOCAL_OFFSET_US).year + after, .month = 1, .day = 1};
    return us_from_civil(t, LOCAL_OFFSET_US);
}

static bool ends(const struct retention_rule *r)
{
    return r->years || r->days;
}

int64_t retention_due(const struct retention_rule *r, int64_t clock_us)
{
    if (!clock_us || !ends(r))
        return 0;
    int64_t from = r->year_after ? year_start(clock_us, 1) : clock_us;
    return years_on(from, r->years) + r->days * DAY_US;
}

int64_t retention_due_before(const struct retention_rule *r, int64_t now_us)
{
    if (!ends(r))
        return 0;
    int64_t before = years_on(now_us - r->days * DAY_US, -r->years);
    return r->year_after ? year_start(before, 0) : before;
}

/* ---- what a person is told ---- */

static enum err read_told(struct ctx *c, const struct db_row *r, void *arg)
{
    struct retention_told *t = arg;
    t->rule =
        row_int(r, 2) ? NULL : retention_rule(c->node->country, row_text(r, 3), row_text(r, 0));
    t->clock_us = row_int(r, 1);
    t->due_us = t->rule ? retention_due(t->rule, t->clock_us) : 0;
    return OK;
}

enum err retention_told(struct ctx *c, enum subject_class of, const char *object,
                        struct retention_told *ret)
{
    bool found;
    *ret = (struct retention_told){.rule = NULL};
    return db_one(c, &found, read_told, ret,
                  "SELECT kind, clock_us, destroyed_us, class FROM core_subject WHERE class = $1"
                  " AND object = $2",
                  P_TEXT(subject_class_name[of]), P_TEXT(object));
}

struct of_person {
    struct retention_kept *out;
    size_t n;
};

static enum err add_kept(struct ctx *c, const struct db_row *r, void *arg)
{
    struct of_person *x = arg;
    const struct retention_rule *rule =
        retention_rule(c->node->country, row_text(r, 0), row_text(r, 1));
    size_t i = 0;
    while (i < x->n && x->out[i].told.rule != rule)
        i++;
    if (!rule || i == RETENTION_KEPT)
        return OK;
    if (i == x->n)
        x->out[x->n++] = (struct retention_kept){{rule, row_int(r, 3), 0}, 0};
    struct retention_kept *k = &x->out[i];
    k->n += row_int(r, 2);
    if (!k->told.clock_us || !row_int(r, 3)) /* in use: nobody knows yet until when */
        k->told.clock_us = 0;
    else if (row_int(r, 4) > k->told.clock_us)
        k->told.clock_us = row_int(r, 4);
    k->told.due_us = retention_due(rule, k->told.clock_us);
    return OK;
}

enum err retention_of_person(struct ctx *c, const char *person,
                             struct retention_kept ret[RETENTION_KEPT], size_t *ret_n)
{
    struct of_person x = {.out = ret};
    enum err e = db_each(c, add_kept, &x,
                         "SELECT class, kind, count(*), min(clock_us), max(clock_us)"
                         " FROM core_subject WHERE person = $1 AND destroyed_us = 0"
                         " GROUP BY class, kind ORDER BY class, kind",
                         P_TEXT(person));
    *ret_n = e ? 0 : x.n;
    return e;
}

const char *retention_words(struct ctx *c, const struct retention_told *t)
{
    if (!t->rule)
        return "";
    const char *law = t->rule->law[c->lang];
    if (!ends(t->rule))
        return say(c->arena, c->lang, TX(core_keep_forever), law, NULL, NULL);
    if (t->due_us)
        return say(c->arena, c->lang, TX(core_keep_until), day_show(c->arena, local_day(t->due_us)),
                   law, NULL);
    const char *n = arena_printf(c->arena, "%d", t->rule->years ? t->rule->years : t->rule->days);
    return say(c->arena, c->lang, t->rule->years ? TX(core_keep_years) : TX(core_keep_days), n, law,
               NULL);
}
