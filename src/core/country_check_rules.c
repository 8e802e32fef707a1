/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of catalogues, agencies, calendar, printed forms and the demonstration. */
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/pack_inside.h"
#include "web/shape.h"

#define PLACE(x, ...) arena_printf((x)->c->arena, __VA_ARGS__)

static const char *text_at(const json_t *list, size_t i, const char *member)
{
    return json_text_of(json_array_get(list, i), member, "");
}

static bool has(const json_t *list, const char *member, const char *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_eq(text_at(list, i, member), value))
            return true;
    return false;
}

/* ---- catalogues ---- */

/* The national dossier statuses 1 to 10 and the legal steps between them (TT 01/2018/TT-VPCP). */
static void check_statuses(struct country_check *x)
{
    const json_t *rows = json_object_get(x->f->root, "rows");
    for (int i = 1; i <= 10; i++)
        if (!has(rows, "code", PLACE(x, "%d", i)) || json_array_size(rows) != 10)
            country_check_bad(x, "rows", "the national statuses are 1 to 10");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *to = json_object_get(row, "to");
        if (text_empty(text_at(rows, i, "clock")))
            country_check_bad(x, PLACE(x, "rows[%zu]", i), "clock is missing");
        if (!to || json_bool_of(row, "terminal", false) != (json_array_size(to) == 0))
            country_check_bad(x, PLACE(x, "rows[%zu]", i), "terminal means that nothing follows");
    }
}

/* Criteria that people answer: each with its answers, and what a sum of points means. */
static void check_criteria(struct country_check *x)
{
    const json_t *root = x->f->root, *rows = json_object_get(root, "rows");
    if (!json_object_get(root, "grades") || !json_object_get(root, "max_score"))
        country_check_bad(x, "set", "needs grades and max_score");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (!json_object_get(json_array_get(rows, i), "answers"))
            country_check_bad(x, PLACE(x, "rows[%zu]", i), "answers are missing");
}

static void check_catalogue(struct country_check *x)
{
    const json_t *root = x->f->root, *rows = json_object_get(root, "rows");
    const json_t *declared = json_object_get(root, "partners");
    const char *name = json_text_of(root, "catalogue", ""), *partner;
    json_t *code;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        json_object_foreach(json_object_get(row, "partners"), partner, code)
        {
            if (declared && !has(declared, "code", partner))
                country_check_bad(x, PLACE(x, "rows[%zu].partners.%s", i, partner),
                                  "is not declared");
        }
        if (text_eq(name, "provinces_pin") &&
            !text_eq(text_at(rows, i, "code"), PLACE(x, "0%s", text_at(rows, i, "province"))))
            country_check_bad(x, PLACE(x, "rows[%zu].code", i), "is 0 and the province's code");
    }
    if (text_eq(name, "dossier_status"))
        check_statuses(x);
    if (text_eq(name, "satisfaction") || json_object_get(root, "set"))
        check_criteria(x);
}

/* "H57.31.08" is "000.08.31.H57" in QCVN 102:2016: parts from the right, three digits first. */
static const char *old_form(struct country_check *x, const char *code)
{
    size_t n;
    const char **p = text_split(x->c->arena, code, '.', &n);
    return PLACE(x, "%s.%s.%s.%s",
                 n > 3 ? PLACE(x, "%s%s", strlen(p[3]) < 3 ? "0" : "", p[3]) : "000",
                 n > 2 ? p[2] : "00", n > 1 ? p[1] : "00", p[0]);
}

static void check_agencies(struct country_check *x)
{
    const json_t *rows = json_object_get(x->f->root, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *code = text_at(rows, i, "code"), *dot = strrchr(code, '.');
        const char *above = dot ? PLACE(x, "%.*s", (int)(dot - code), code) : "";
        if (!text_eq(text_at(rows, i, "parent"), above))
            country_check_bad(x, PLACE(x, "rows[%zu].parent", i),
                              "is not the code without its last part");
        if (!text_eq(text_at(rows, i, "old_code"), old_form(x, code)))
            country_check_bad(x, PLACE(x, "rows[%zu].old_code", i),
                              PLACE(x, "%s expected", old_form(x, code)));
    }
}

/* ---- the calendar (BLLĐ 2019, articles 111 and 112) ---- */

static int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + p[1] - '0'; /* the schema saw them */
}

static int minute_of(const char *clock)
{
    return two_digits(clock) * 60 + two_digits(clock + 3);
}

static void check_hours(struct country_check *x)
{
    const json_t *root = x->f->root, *hours = json_object_get(root, "hours");
    int cutoff = minute_of(json_text_of(root, "reception_cutoff", "00:00"));
    int64_t total = 0;
    bool inside = false;
    for (size_t i = 0; i < json_array_size(hours); i++) {
        int from = minute_of(text_at(hours, i, "from")), to = minute_of(text_at(hours, i, "to"));
        total += to - from;
        inside = inside || (from <= cutoff && cutoff <= to);
    }
    if (total != json_int_of(root, "minutes_per_workday", 0))
        country_check_bad(x, "minutes_per_workday",
                          PLACE(x, "the hours make %lld", (long long)total));
    if (!inside)
        country_check_bad(x, "reception_cutoff", "lies outside the office hours");
}

static bool is_workday(const struct country_check *x, const char *date)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    const json_t *list = json_object_get(x->f->root, "workdays");
    int day = day_from_iso(date);
    for (size_t i = 0; day != INT_MIN && i < json_array_size(list); i++)
        if (text_eq(json_string_value(json_array_get(list, i)), names[weekday(day)]))
            return true;
    return false;
}

/* Days off fall on working days, make-up days on rest days; what is lost is given back. */
static void check_year(struct country_check *x, size_t y, const json_t *year)
{
    const json_t *days = json_object_get(year, "days");
    int lost = 0, back = 0, swapped = 0, made_up = 0;
    for (size_t i = 0; i < json_array_size(days); i++) {
        const char *kind = text_at(days, i, "kind");
        const char *place = PLACE(x, "years[%zu].days[%zu]", y, i);
        bool works = is_workday(x, text_at(days, i, "date")),
             make_up = text_eq(kind, "make_up_workday");
        bool holiday = text_eq(kind, "holiday");
        if (!holiday && works == make_up)
            country_check_bad(x, place, "this kind of day can't fall on this day of the week");
        if (text_eq(kind, "half_day_off") !=
            (json_object_get(json_array_get(days, i), "off") != NULL))
            country_check_bad(x, place, "off belongs to half_day_off, and only to it");
        lost += holiday && !works;
        back += text_eq(kind, "compensatory_off");
        swapped += text_eq(kind, "swap_off");
        made_up += make_up;
    }
    if (back != lost)
        country_check_bad(x, PLACE(x, "years[%zu]", y), "holidays on rest days must be given back");
    if (made_up < swapped || (y && made_up != swapped)) /* the first may make up for one before */
        country_check_bad(x, PLACE(x, "years[%zu]", y), "each swapped day needs its make-up day");
}

static bool is_holiday(const json_t *year, const char *date)
{
    const json_t *days = json_object_get(year, "days");
    for (size_t i = 0; i < json_array_size(days); i++)
        if (text_eq(text_at(days, i, "date"), date) && text_eq(text_at(days, i, "kind"), "holiday"))
            return true;
    return false;
}

/* The holidays of a fixed date, the lunar new year and the Hùng Kings' day are there. */
static void check_legal(struct country_check *x, size_t y, const json_t *year)
{
    const json_t *root = x->f->root, *lunar = json_object_get(root, "lunar");
    const json_t *fixed = json_object_get(json_object_get(root, "other_years"), "fixed");
    int64_t number = json_int_of(year, "year", 0);
    bool all = true;
    for (size_t i = 0; i < json_array_size(fixed); i++)
        all = all && is_holiday(year, PLACE(x, "%lld-%s", (long long)number,
                                            text_at(fixed, i, "month_day")));
    for (size_t i = 0; i < json_array_size(lunar); i++)
        if (json_int_of(json_array_get(lunar, i), "year", 0) == number)
            all = all && is_holiday(year, text_at(lunar, i, "new_year")) &&
                  is_holiday(year, text_at(lunar, i, "hung_kings"));
    if (!all)
        country_check_bad(x, PLACE(x, "years[%zu]", y), "a holiday of the law is missing");
}

static void check_calendar(struct country_check *x)
{
    const json_t *years = json_object_get(x->f->root, "years");
    const json_t *lunar = json_object_get(x->f->root, "lunar");
    check_hours(x);
    for (size_t i = 0; i < json_array_size(lunar); i++) {
        const char *year =
            PLACE(x, "%lld-", (long long)json_int_of(json_array_get(lunar, i), "year", 0));
        if (!text_starts(text_at(lunar, i, "new_year"), year) ||
            !text_starts(text_at(lunar, i, "hung_kings"), year))
            country_check_bad(x, PLACE(x, "lunar[%zu]", i), "dates don't fit the year");
    }
    for (size_t i = 0; i < json_array_size(years); i++) {
        check_year(x, i, json_array_get(years, i));
        check_legal(x, i, json_array_get(years, i));
    }
}

/* ---- forms, indicators, the demonstration ---- */

static void check_lines(struct country_check *x, const char *list, const json_t *lines)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i), *inner = json_object_get(line, "fields");
        const char *kind = json_text_of(line, "kind", ""), *place = PLACE(x, "%s[%zu]", list, i);
        if (text_eq(kind, "list") != (inner != NULL))
            country_check_bad(x, place, "fields belong to kind list, and only to it");
        if (text_eq(kind, "code") != (json_object_get(line, "catalogue") != NULL))
            country_check_bad(x, place, "a catalogue belongs to kind code, and only to it");
        check_lines(x, PLACE(x, "%s.fields", place), inner);
    }
}

/* Who signs in without a post acts as a citizen. */
static void check_roles(struct country_check *x)
{
    if (!has(json_object_get(x->f->root, "roles"), "code", "citizen"))
        country_check_bad(x, "roles", "the role citizen is missing");
}

/* What a rule of retention is for: "case/1.001193/10//". */
static const char *kept_of(const struct country_check *x, const json_t *rows, size_t i)
{
    return PLACE(x, "%s/%s/%s/%s/", text_at(rows, i, "of"), text_at(rows, i, "procedure"),
                 text_at(rows, i, "status"), text_at(rows, i, "register"));
}

/* One term each, nothing told twice, a rule for the rest of each class that has keys. */
static void check_retention(struct country_check *x)
{
    static const char *const classes[] = {"case", "draft", "account", "record", "looks", "message"};
    const json_t *rows = json_object_get(x->f->root, "classes");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *place = PLACE(x, "classes[%zu]", i), *of = json_text_of(row, "of", "");
        bool forever = json_object_get(row, "forever"), years = json_object_get(row, "years");
        bool days = json_object_get(row, "days"), approver = json_object_get(row, "approver");
        bool keep = text_eq(json_text_of(row, "end", ""), "keep");
        bool follows = text_eq(json_text_of(row, "from", ""), "with_case");
        if (forever + years + days != !follows)
            country_check_bad(x, place, "needs one of years, days and forever, or from with_case");
        if (forever != keep)
            country_check_bad(x, place, "forever and end keep belong together");
        if (approver == keep)
            country_check_bad(x, place, "an approver belongs to what ends, and only to it");
        if ((json_object_get(row, "procedure") && !text_eq(of, "case")) ||
            (json_object_get(row, "register") && !text_eq(of, "record")))
            country_check_bad(x, place, "a procedure belongs to cases, a register to records");
        if (json_object_get(row, "status") && !json_object_get(row, "procedure"))
            country_check_bad(x, place, "a status needs its procedure");
        for (size_t k = 0; k < i; k++)
            if (text_eq(kept_of(x, rows, i), kept_of(x, rows, k)))
                country_check_bad(x, place, "what is kept by another row already");
    }
    for (size_t k = 0; k < ARRAY_LEN(classes); k++) {
        bool found = false;
        for (size_t i = 0; i < json_array_size(rows); i++)
            found = found || text_eq(kept_of(x, rows, i), PLACE(x, "%s////", classes[k]));
        if (!found)
            country_check_bad(x, "classes", PLACE(x, "%s needs a rule for all others", classes[k]));
    }
}

static void check_nation(struct country_check *x)
{
    const json_t *nodes = json_object_get(x->f->root, "nodes");
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i), *members = json_object_get(node, "members");
        bool own = false;
        for (size_t k = 0; k < json_array_size(members); k++)
            own = own || json_equal(json_array_get(members, k), json_object_get(node, "agency"));
        if (!own)
            country_check_bad(x, PLACE(x, "nodes[%zu].agency", i), "is not among its own members");
    }
}

static void check_accounts(struct country_check *x)
{
    struct pack_file f;
    const json_t *rows = json_object_get(x->f->root, "accounts");
    if (pack_open(x->c, country_dir(x->k), "people/demo_people.json", &f)) {
        x->n++; /* told by itself */
        return;
    }
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *posts = json_object_get(json_array_get(rows, i), "posts");
        bool citizen = text_eq(text_at(rows, i, "kind"), "citizen");
        if (!has(json_object_get(f.root, "people"), "key", text_at(rows, i, "person")))
            country_check_bad(x, PLACE(x, "accounts[%zu].person", i), "is nobody");
        for (size_t k = 0; k < json_array_size(posts); k++)
            if (text_eq(text_at(posts, k, "role"), "citizen") != citizen)
                country_check_bad(x, PLACE(x, "accounts[%zu].posts[%zu].role", i, k),
                                  "does not fit the kind of account");
    }
    pack_close(&f);
}

#define MAX_REGISTERS 16
struct registers { /* their shapes, read once for all people */
    const char *name[MAX_REGISTERS];
    const struct shape *shape[MAX_REGISTERS];
    size_t n;
};

static const struct shape *register_shape(struct country_check *x, struct registers *r,
                                          const char *name)
{
    struct pack_file f;
    const struct shape *shape = NULL;
    for (size_t i = 0; i < r->n; i++)
        if (text_eq(r->name[i], name))
            return r->shape[i];
    size_t before = x->c->n_faults;
    const char *file = PLACE(x, "registers/%s.json", name);
    if (r->n < MAX_REGISTERS && pack_open(x->c, country_dir(x->k), file, &f) == OK) {
        if (shape_load(x->c, x->c->arena, file, name, json_list_of(f.root, "fields"), &shape))
            shape = NULL;
        pack_close(&f);
        r->name[r->n] = name;
        r->shape[r->n++] = shape;
    }
    x->c->n_faults = before; /* the register's own faults are told with it */
    return shape;
}

/* A record as its register takes it. */
static void check_record(struct country_check *x, const char *place, const struct shape *shape,
                         const json_t *record)
{
    struct ctx *c = x->c;
    size_t before = c->n_faults;
    void *object = shape_new(c->arena, shape);
    if (shape_from_json(c, shape, bytes_of(json_out(c->arena, record, false)), object) == OK)
        return;
    size_t n = c->n_faults;
    c->n_faults = before;
    for (size_t i = before; i < n; i++) {
        struct fault f = c->faults[i];
        country_check_bad(x, PLACE(x, "%s.%s", place, f.field), err_row(f.err)->name);
    }
}

static void check_people(struct country_check *x)
{
    const json_t *rows = json_object_get(x->f->root, "people");
    struct registers registers = {.n = 0};
    const char *name;
    json_t *record;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_object_foreach(json_object_get(json_array_get(rows, i), "registers"), name, record)
        {
            const char *place = PLACE(x, "people[%zu].registers.%s", i, name);
            const struct shape *shape = register_shape(x, &registers, name);
            if (shape)
                check_record(x, place, shape, record);
            else
                country_check_bad(x, place, "is no register");
        }
    }
}

void country_check_rules(struct country_check *x, const char *schema)
{
    static const struct {
        const char *schema;
        void (*check)(struct country_check *x);
    } rules[] = {
        {"catalogue", check_catalogue}, {"agencies", check_agencies},
        {"calendar", check_calendar},   {"nation", check_nation},
        {"roles", check_roles},         {"accounts", check_accounts},
        {"people", check_people},       {"retention", check_retention},
    };
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (text_eq(rules[i].schema, schema))
            rules[i].check(x);
    if (text_eq(schema, "form")) {
        check_lines(x, "lines", json_object_get(x->f->root, "lines"));
        check_lines(x, "table.columns",
                    json_object_get(json_object_get(x->f->root, "table"), "columns"));
    }
    country_check_record(x, schema);
}
