/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every file of the country pack, broken in every distinct way: a member taken away, of another
 * kind, unknown, twice, empty, too long, pointing nowhere. Each is refused at start with file, line
 * and reason, or stands in the list of what does no harm.
 */
#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/calendar.h"
#include "core/choices.h"
#include "core/country.h"
#include "core/pack.h"
#include "engine/casework/casework.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure.h"
#include "engine/registry/registry.h"
#include "gen/assets.h"
#include "test/harness/node_test.h"

#define MAX_SEEN   4000
#define PLACE_SIZE 400
#define WRONG_REF  "zz_unknown"

static const struct module *const modules[] = {&registry_module, &casework_module, &exchange_module,
                                               &measure_module};

enum mutation { DELETED, OTHER_KIND, NULLED, UNKNOWN_KEY, TWICE, EMPTIED, LONG, HUGE, NOWHERE };
static const char *const mutation_names[] = {"DELETED",     "OTHER_KIND", "NULLED",
                                             "UNKNOWN_KEY", "TWICE",      "EMPTIED",
                                             "LONG",        "HUGE",       "NOWHERE"};

/* What does no harm. kind NULL: in every file; a place that begins with '.' ends so, one
   that ends with '~' begins so. */
static const struct harmless {
    enum mutation mutation;
    const char *kind, *place;
} harmless[] = {
#include "app/test/harmless.def"
};

struct run {
    struct node_world *w;
    const char *dir, *file, *kind; /* kind: folder or name of the file */
    json_t *doc;
    const char *seen[MAX_SEEN];
    size_t n_seen, tried, accepted_in_vain;
};

/* ---- a pack in a folder ---- */

static void put(struct ctx *c, const char *dir, const char *name, struct bytes text)
{
    assert_int_equal(sys_write_file(c, arena_printf(c->arena, "%s/%s", dir, name), text, 0600), OK);
}

static struct bytes original(struct ctx *c, const char *name)
{
    const struct country_file *f = country_file_find(arena_printf(c->arena, "vn/%s", name));
    assert_non_null(f);
    return (struct bytes){f->raw, f->len};
}

static const char *pack_folder(struct node_world *w)
{
    static const char *const folders[] = {
        "", "/calendar", "/catalogues", "/registers", "/procedures", "/forms", "/people", "/demo"};
    const char *dir = arena_printf(w->c->arena, "%s/pack", w->d->dir);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        assert_int_equal(sys_mkdir(w->c, arena_printf(w->c->arena, "%s%s", dir, folders[i]), 0700),
                         OK);
    for (const struct country_file *f = country_files; f->path; f++)
        if (text_starts(f->path, "vn/"))
            put(w->c, dir, f->path + 3, (struct bytes){f->raw, f->len});
    return dir;
}

/* ---- start with it ---- */

static enum err start_and_undo(struct ctx *c, void *arg)
{
    const struct module *m = arg;
    enum err e = m->start(c);
    if (m->stop)
        m->stop(); /* what it keeps lives as long as c */
    return e ? e : fail(c, ERR_CONFLICT, "undone");
}

static enum err started(struct ctx *c, const struct module *m)
{
    enum err e = db_write(c, c->node->db, start_and_undo, (void *)(uintptr_t)m);
    return e == ERR_CONFLICT ? OK : e;
}

/* The reader of that kind of file: it has the last word. */
static enum err read_by_its_reader(struct ctx *c, const struct run *r)
{
    const struct country *k;
    const struct calendar *cal;
    if (text_starts(r->file, "calendar/"))
        return calendar_load(c, c->arena, r->dir, &cal);
    if (text_starts(r->file, "registers/"))
        return started(c, &registry_module);
    if (text_starts(r->file, "procedures/"))
        return started(c, &casework_module);
    if (text_eq(r->file, "roles.json") || text_eq(r->file, "demo/nation.json"))
        return app_check_definitions(c, c->node->country);
    if (text_eq(r->file, "indicators.json")) {
        enum err e = started(c, &measure_module);
        return e ? e : app_check_definitions(c, c->node->country);
    }
    if (text_eq(r->file, "catalogues/agencies.json"))
        return country_load(c, c->arena, r->dir, &k);
    return OK;
}

static enum err hold(struct ctx *c, const struct run *r, struct bytes text)
{
    struct pack_file f = {.name = r->file, .text = text};
    enum err e = json_definition(c, f.name, text, &f.root);
    if (e)
        return e;
    e = country_check_file(c, c->node->country, &f);
    pack_close(&f);
    if (e)
        return e;
    put(c, r->dir, r->file, text);
    e = read_by_its_reader(c, r);
    put(c, r->dir, r->file, original(c, r->file));
    return e;
}

static int lines_of(struct bytes text)
{
    int n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

/* The fault names this file, a line that it has, and a reason. */
static bool told_well(const struct ctx *c, const struct run *r, struct bytes text)
{
    int line = 0;
    const struct fault *f = &c->faults[0];
    return c->n_faults > 0 && text_eq(f->field, r->file) && f->args[0] &&
           sscanf(f->args[0], "line %d", &line) == 1 && line >= 1 && line <= lines_of(text) &&
           !text_empty(f->args[1]);
}

static bool does_no_harm(const struct run *r, enum mutation m, const char *place)
{
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
        const struct harmless *h = &harmless[i];
        if (h->mutation != m || (h->kind && !text_eq(h->kind, r->kind)))
            continue;
        size_t len = strlen(h->place);
        if (*h->place == '.'           ? text_ends(place, h->place)
            : h->place[len - 1] == '~' ? strncmp(place, h->place, len - 1) == 0
                                       : text_eq(place, h->place))
            return true;
    }
    return false;
}

static void try_it(struct run *r, enum mutation m, const char *place)
{
    struct ctx *c = db_test_ctx();
    c->node = r->w->n;
    c->actor = r->w->c->actor;
    c->now_us = r->w->c->now_us;
    char *dumped = json_dumps(r->doc, JSON_INDENT(1));
    struct bytes text = bytes_of(arena_text(c->arena, dumped));
    free(dumped);
    enum err e = hold(c, r, text);
    r->tried++;
    if (!e && !does_no_harm(r, m, place)) {
        print_error("    {%s, \"%s\", \"%s\"},\n", mutation_names[m], r->kind, place);
        r->accepted_in_vain++;
    }
    if (e && (e != ERR_DEFINITION || !told_well(c, r, text))) {
        print_error("%s %s %s: told badly: %s %s\n", r->file, place, mutation_names[m],
                    err_row(e)->name,
                    c->n_faults && c->faults[0].args[0] ? c->faults[0].args[0] : "");
        r->accepted_in_vain++;
    }
    db_test_ctx_end(c);
}

/* ---- mutations of a value, in its place ---- */

static json_t *other_kind(const json_t *v)
{
    if (json_is_string(v) || json_is_array(v))
        return json_integer(7);
    return json_is_object(v) ? json_string("x") : json_pack("{}");
}

static json_t *mutant(enum mutation m, const json_t *v)
{
    static char many[6001];
    memset(many, 'x', sizeof many - 1);
    switch (m) {
    case OTHER_KIND: return other_kind(v);
    case NULLED: return json_is_null(v) ? NULL : json_null();
    case EMPTIED:
        return json_is_string(v) ? json_string("") : json_is_array(v) ? json_array() : NULL;
    case LONG: return json_is_string(v) ? json_string(many) : NULL;
    case HUGE: return json_is_integer(v) ? json_integer(INT64_C(1000000000000000)) : NULL;
    case NOWHERE: return json_is_string(v) ? json_string(WRONG_REF) : NULL;
    case TWICE: {
        json_t *copy = json_is_array(v) && json_array_size(v) ? json_deep_copy(v) : NULL;
        if (copy)
            json_array_append(copy, json_array_get(copy, 0));
        return copy;
    }
    case UNKNOWN_KEY: {
        json_t *copy = json_is_object(v) ? json_deep_copy(v) : NULL;
        if (copy)
            json_object_set_new(copy, WRONG_REF, json_integer(1));
        return copy;
    }
    case DELETED: return NULL;
    }
    return NULL;
}

static bool is_new(struct run *r, const char *place)
{
    const char *key = arena_printf(r->w->c->arena, "%s|%s", r->kind, place);
    for (size_t i = 0; i < r->n_seen; i++)
        if (text_eq(r->seen[i], key))
            return false;
    assert_true(r->n_seen < MAX_SEEN);
    r->seen[r->n_seen++] = key;
    return true;
}

static void member(struct run *r, json_t *parent, const char *name, const char *place);
static void item(struct run *r, json_t *parent, size_t i, const char *place);

static void inside(struct run *r, json_t *v, const char *place)
{
    struct arena *a = r->w->c->arena;
    const char *dot = *place ? "." : "";
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(v); i++)
        item(r, v, i, arena_printf(a, "%s[*]", place));
    const char **names = ARENA_ARRAY(a, json_object_size(v) + 1, const char *), *name;
    json_t *value;
    json_object_foreach(v, name, value) names[n++] = arena_text(a, name);
    for (size_t i = 0; i < n; i++)
        member(r, v, names[i], arena_printf(a, "%s%s%s", place, dot, names[i]));
}

static void member(struct run *r, json_t *parent, const char *name, const char *place)
{
    json_t *was = json_incref(json_object_get(parent, name));
    if (is_new(r, place)) {
        for (enum mutation m = OTHER_KIND; m <= NOWHERE; m++) {
            json_t *x = mutant(m, was);
            if (!x)
                continue;
            json_object_set_new(parent, name, x);
            try_it(r, m, place);
        }
        json_object_del(parent, name);
        try_it(r, DELETED, place);
        json_object_set(parent, name, was);
    }
    inside(r, was, place);
    json_decref(was);
}

static void item(struct run *r, json_t *parent, size_t i, const char *place)
{
    json_t *was = json_incref(json_array_get(parent, i));
    if (is_new(r, place)) {
        for (enum mutation m = OTHER_KIND; m <= NOWHERE; m++) {
            json_t *x = mutant(m, was);
            if (!x)
                continue;
            json_array_set_new(parent, i, x);
            try_it(r, m, place);
        }
        json_array_set(parent, i, was);
    }
    inside(r, was, place);
    json_decref(was);
}

/* Catalogues share their places: what was tried in one isn't tried in the next. */
static const char *kind_of(struct arena *a, const char *file)
{
    const char *slash = strchr(file, '/');
    if (!slash || text_starts(file, "people/") || text_eq(file, "catalogues/agencies.json"))
        return file;
    return arena_text_n(a, file, (size_t)(slash - file));
}

static void assert_sound(struct node_world *w, const struct country *k)
{
    ctx_clear_faults(w->c);
    if (app_check_definitions(w->c, k))
        for (size_t i = 0; i < w->c->n_faults; i++)
            print_error("%s: %s: %s\n", w->c->faults[i].field, w->c->faults[i].args[0],
                        w->c->faults[i].args[1]);
    assert_int_equal(w->c->n_faults, 0);
}

static void mutate_all(struct node_world *w, void *arg)
{
    (void)arg;
    static struct run r;
    r = (struct run){.w = w, .dir = pack_folder(w)};
    assert_int_equal(country_load(w->c, w->c->arena, r.dir, &w->n->country), OK);
    choices_use_country();
    assert_sound(w, w->n->country);
    for (const struct country_file *f = country_files; f->path; f++) {
        if (!text_starts(f->path, "vn/") || !text_ends(f->path, ".json"))
            continue;
        r.file = f->path + 3;
        r.kind = kind_of(w->c->arena, r.file);
        assert_int_equal(json_definition(w->c, r.file, original(w->c, r.file), &r.doc), OK);
        inside(&r, r.doc, "");
        json_end(r.doc);
    }
    print_message("%zu mutations of %zu places\n", r.tried, r.n_seen);
    assert_true(r.tried > 1500);
    assert_int_equal(r.accepted_in_vain, 0);
}

static void test_definitions_broken_are_refused(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), mutate_all, NULL);
}

/* ---- what the pack asks of the program ---- */

struct asked_row {
    const char *file, *was, *is, *place, *reason;
};

/* The file with each `was` replaced. */
static struct bytes replaced(struct ctx *c, const struct asked_row *r)
{
    struct bytes was = original(c, r->file);
    struct buf b = buf_new(c->arena, was.len * 2 + 100);
    const char *p = arena_text_n(c->arena, (const char *)was.ptr, was.len), *hit;
    for (; (hit = strstr(p, r->was)); p = hit + strlen(r->was)) {
        buf_add(&b, p, (size_t)(hit - p));
        buf_text(&b, r->is);
    }
    buf_text(&b, p);
    return buf_bytes(&b);
}

static void refused_as_said(struct node_world *w, const char *dir, const struct asked_row *r)
{
    const struct country *k;
    struct ctx *c = db_test_ctx();
    c->node = w->n;
    put(c, dir, r->file, replaced(c, r));
    assert_int_equal(country_load(c, c->arena, dir, &k), OK);
    assert_int_equal(app_check_definitions(c, k), ERR_DEFINITION);
    const struct fault *f = &c->faults[0];
    if (!text_ends(f->args[0], r->place))
        print_error("%s: %s\n", f->args[0], f->args[1]);
    assert_string_equal(f->field, r->file);
    assert_true(text_starts(f->args[0], "line ") && text_ends(f->args[0], r->place));
    assert_string_equal(f->args[1], r->reason);
    put(c, dir, r->file, original(c, r->file));
    db_test_ctx_end(c);
}

static void unmet(struct node_world *w, void *arg)
{
    (void)arg;
    static const struct asked_row rows[] = {
        {"roles.json", "onestop.inbox", "onestop.dance", "permissions[6].code",
         "no module names the permission onestop.dance"},
        {"indicators.json", "\"T01\"", "\"T15\"", "indicators[0].code",
         "no module feeds the indicator T15"},
        {"demo/nation.json", "\"insurance\"", "\"lottery\"", "nodes[2].systems[0]",
         "no module is called lottery"},
    };
    const char *dir = pack_folder(w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        refused_as_said(w, dir, &rows[i]);
    const struct country *k;
    assert_int_equal(country_load(w->c, w->c->arena, dir, &k), OK);
    assert_sound(w, k);
}

static void test_definitions_ask_for_what_is_there(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), unmet, NULL);
}

static void missing_files(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const names[] = {"forms/01.json", "forms/06.json", "indicators.json"};
    const char *dir = pack_folder(w);
    const struct country *k;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(sys_unlink(w->c, arena_printf(w->c->arena, "%s/%s", dir, names[i])), OK);
        assert_int_equal(country_load(w->c, w->c->arena, dir, &k), OK);
        assert_int_equal(app_check_definitions(w->c, k), ERR_DEFINITION);
        assert_string_equal(w->c->faults[0].field, names[i]);
        assert_string_equal(w->c->faults[0].args[1], "the file is missing");
        put(w->c, dir, names[i], original(w->c, names[i]));
        ctx_clear_faults(w->c);
    }
}

static void test_definitions_all_there(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), missing_files, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions_ask_for_what_is_there),
        cmocka_unit_test(test_definitions_all_there),
        cmocka_unit_test(test_definitions_broken_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
