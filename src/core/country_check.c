/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole pack held against its schemas and against itself, before anything reads it. What may
 * stand where is said in three tables: which schema a file follows, which values must differ, which
 * must exist elsewhere.
 */
#include "core/pack_inside.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"

#define ROLE_OUTSIDE "citizen system" /* act in a process without being a role of an agency */

static const struct {
    const char *folder, *name, *schema, *key; /* key: the member that names the file */
} kinds[] = {
    {"", "country.json", "country", NULL},
    {"", "roles.json", "roles", NULL},
    {"", "indicators.json", "indicators", NULL},
    {"", "retention.json", "retention", NULL},
    {"calendar/", "", "calendar", NULL},
    {"catalogues/", "agencies.json", "agencies", "catalogue"},
    {"catalogues/", "", "catalogue", "catalogue"},
    {"registers/", "", "register", "register"},
    {"procedures/", "", "procedure", "code"},
    {"forms/", "", "form", "form"},
    {"people/", "demo_people.json", "people", NULL},
    {"people/", "demo_accounts.json", "accounts", NULL},
    {"demo/", "nation.json", "nation", NULL},
};
static const char *const folders[] = {"calendar", "catalogues", "registers", "procedures",
                                      "forms",    "people",     "demo"};
static const char *const needed[] = {"country.json",
                                     "roles.json",
                                     "indicators.json",
                                     "retention.json",
                                     "calendar/holidays.json",
                                     "catalogues/agencies.json",
                                     "catalogues/dossier_status.json",
                                     "forms/01.json",
                                     "forms/02.json",
                                     "forms/03.json",
                                     "forms/04.json",
                                     "forms/05.json",
                                     "forms/06.json"};

/* In files of a schema, values at this path occur once. */
static const struct {
    const char *schema, *path;
} unique[] = {
    {"catalogue", "rows[*].code"},
    {"catalogue", "partners[*].code"},
    {"catalogue", "grades[*].code"},
    {"agencies", "rows[*].code"},
    {"agencies", "rows[*].old_code"},
    {"calendar", "lunar[*].year"},
    {"register", "fields[*].name"},
    {"register", "fields[*].source_name"},
    {"register", "unique[*].name"},
    {"register", "purposes[*].code"},
    {"procedure", "fields[*].name"},
    {"procedure", "fields[*].source_name"},
    {"procedure", "groups[*].name"},
    {"procedure", "subjects[*].name"},
    {"procedure", "effects[*].name"},
    {"procedure", "regimes[*].code"},
    {"procedure", "parts.cases[*].code"},
    {"procedure", "parts.fees[*].code"},
    {"procedure", "parts.ways[*].channel"},
    {"procedure", "process.states[*].name"},
    {"procedure", "process.actions[*].name"},
    {"form", "lines[*].name"},
    {"form", "table.columns[*].name"},
    {"form", "signers[*].name"},
    {"roles", "roles[*].code"},
    {"roles", "permissions[*].code"},
    {"roles", "scopes[*].code"},
    {"indicators", "indicators[*].code"},
    {"retention", "classes[*].code"},
    {"people", "people[*].key"},
    {"people", "stories[*].code"},
    {"accounts", "accounts[*].user"},
    {"accounts", "nodes[*].code"},
    {"nation", "nodes[*].name"},
    {"nation", "nodes[*].members[*]"},
};

enum target {
    TO_SAME,      /* a value of this file, at path `in` */
    TO_CODE,      /* a code of catalogue `in` */
    TO_CATALOGUE, /* the name of a catalogue */
    TO_AGENCY,
    TO_ROLE,
    TO_FILE, /* a file of the pack, `in` with the value for % */
};
/* In files of a schema, values at this path must be found; `also`: words that are fine as well. */
static const struct reference {
    const char *schema, *path;
    enum target target;
    const char *in, *also;
} references[] = {
    {"catalogue", "rows[*].agency", TO_AGENCY, NULL, NULL},
    {"catalogue", "rows[*].unit", TO_CODE, "admin_units", NULL},
    {"catalogue", "rows[*].province", TO_CODE, "admin_units", NULL},
    {"catalogue", "rows[*].benefit_level", TO_CODE, "benefit_levels", NULL},
    {"catalogue", "rows[*].original", TO_CODE, "originals", NULL},
    {"catalogue", "rows[*].replaced_by[*]", TO_SAME, "rows[*].code", NULL},
    {"catalogue", "rows[*].parent", TO_SAME, "rows[*].code", NULL},
    {"catalogue", "rows[*].to[*]", TO_SAME, "rows[*].code", NULL},
    {"agencies", "rows[*].unit", TO_CODE, "admin_units", NULL},
    {"agencies", "rows[*].province", TO_CODE, "admin_units", NULL},
    {"agencies", "rows[*].parent", TO_SAME, "rows[*].code", NULL},
    {"agencies", "rows[*].replaced_by[*]", TO_SAME, "rows[*].code", NULL},
    {"agencies", "generated.agency", TO_SAME, "rows[*].code", NULL},
    {"agencies", "generated.province", TO_CODE, "admin_units", NULL},
    {"register", "owner", TO_AGENCY, NULL, NULL},
    {"register", "key", TO_SAME, "fields[*].name", NULL},
    {"register", "title", TO_SAME, "fields[*].name", NULL},
    {"register", "subject", TO_SAME, "fields[*].name", NULL},
    {"register", "subjects[*]", TO_SAME, "fields[*].name", NULL},
    {"register", "unique[*].fields[*]", TO_SAME, "fields[*].name", NULL},
    {"register", "numbering.field", TO_SAME, "fields[*].name", NULL},
    {"register", "numbering.per[*]", TO_SAME, "fields[*].name", NULL},
    {"register", "purposes[*].code", TO_CODE, "purposes", NULL},
    {"register", "purposes[*].clients[*]", TO_AGENCY, NULL, "*"},
    {"register", "fields[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"register", "fields[*].fields[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"procedure", "owner", TO_AGENCY, NULL, NULL},
    {"procedure", "competent_unit_from", TO_SAME, "fields[*].name", NULL},
    {"procedure", "parts.ways[*].channel", TO_CODE, "channels", NULL},
    {"procedure", "parts.agency.cooperates[*]", TO_AGENCY, NULL, NULL},
    {"procedure", "parts.results[*].register", TO_FILE, "registers/%.json", NULL},
    {"procedure", "parts.cases[*].components[*]", TO_CODE, "components", NULL},
    {"procedure", "subjects[*].sex", TO_CODE, "sex", NULL},
    {"procedure", "fields[*].group", TO_SAME, "groups[*].name", NULL},
    {"procedure", "groups[*].name", TO_SAME, "fields[*].group", NULL},
    {"procedure", "fields[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"procedure", "fields[*].fields[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"procedure", "fields[*].prefill.register", TO_FILE, "registers/%.json", NULL},
    {"procedure", "fields[*].prefill.subject", TO_SAME, "subjects[*].name", NULL},
    {"procedure", "process.regime", TO_SAME, "regimes[*].code", NULL},
    {"procedure", "process.initial", TO_SAME, "process.states[*].name", NULL},
    {"procedure", "process.states[*].owner_role", TO_ROLE, NULL, ROLE_OUTSIDE},
    {"procedure", "process.actions[*].from[*]", TO_SAME, "process.states[*].name", NULL},
    {"procedure", "process.actions[*].to", TO_SAME, "process.states[*].name", NULL},
    {"procedure", "process.actions[*].role", TO_ROLE, NULL, ROLE_OUTSIDE},
    {"procedure", "process.actions[*].form", TO_FILE, "forms/%.json", NULL},
    {"procedure", "process.actions[*].effects[*]", TO_SAME, "effects[*].name", NULL},
    {"procedure", "effects[*].name", TO_SAME, "process.actions[*].effects[*]", NULL},
    {"form", "lines[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"form", "lines[*].fields[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"form", "table.columns[*].catalogue", TO_CATALOGUE, NULL, NULL},
    {"retention", "classes[*].procedure", TO_FILE, "procedures/%.json", NULL},
    {"retention", "classes[*].status", TO_CODE, "dossier_status", NULL},
    {"retention", "classes[*].register", TO_FILE, "registers/%.json", NULL},
    {"retention", "classes[*].approver", TO_ROLE, NULL, NULL},
    {"roles", "roles[*].scope", TO_SAME, "scopes[*].code", NULL},
    {"roles", "roles[*].permissions[*]", TO_SAME, "permissions[*].code", NULL},
    {"roles", "permissions[*].code", TO_SAME, "roles[*].permissions[*]", NULL},
    {"country", "demo.province", TO_AGENCY, NULL, NULL},
    {"country", "demo.commune", TO_AGENCY, NULL, NULL},
    {"country", "demo.procedure", TO_FILE, "procedures/%.json", NULL},
    {"people", "stories[*].mother", TO_SAME, "people[*].key", NULL},
    {"people", "stories[*].father", TO_SAME, "people[*].key", NULL},
    {"accounts", "nodes[*].agency", TO_AGENCY, NULL, NULL},
    {"accounts", "nodes[*].members[*]", TO_AGENCY, NULL, NULL},
    {"accounts", "accounts[*].node", TO_SAME, "nodes[*].code", "all"},
    {"accounts", "accounts[*].posts[*].role", TO_ROLE, NULL, "citizen"},
    {"accounts", "accounts[*].posts[*].unit", TO_AGENCY, NULL, ""},
    {"nation", "nodes[*].agency", TO_SAME, "nodes[*].members[*]", NULL},
    {"nation", "nodes[*].members[*]", TO_AGENCY, NULL, NULL},
    {"nation", "rights[*].client", TO_SAME, "nodes[*].members[*]", NULL},
    {"nation", "rights[*].member", TO_SAME, "nodes[*].members[*]", NULL},
};

void country_check_bad(struct country_check *x, const char *place, const char *reason)
{
    (void)pack_fault(x->c, x->f, place, reason);
    x->n++;
}

bool country_check_code(const struct country_check *x, const char *catalogue, const char *code)
{
    return country_code(x->k, catalogue, code) != NULL;
}

/* ---- values that occur once ---- */

struct seen {
    struct country_check *x;
    const json_t **values;
    size_t n, max;
};

static void see(void *arg, const char *place, const json_t *value)
{
    struct seen *s = arg;
    for (size_t i = 0; i < s->n; i++) {
        if (!json_equal(s->values[i], value))
            continue;
        country_check_bad(s->x, place, "occurs twice");
        return;
    }
    ASSERT(s->n < s->max);
    s->values[s->n++] = value;
}

static void count(void *arg, const char *place, const json_t *value)
{
    (void)place, (void)value;
    ++*(size_t *)arg;
}

static void check_unique(struct country_check *x, const char *path)
{
    struct seen s = {.x = x};
    pack_values(x->c, x->f->root, path, count, &s.max);
    s.values = ARENA_ARRAY(x->c->arena, s.max, const json_t *);
    pack_visit(x->c, x->f->root, path, see, &s);
}

/* ---- values that must be found ---- */

struct search {
    struct country_check *x;
    const struct reference *r;
    const char *text;
    bool found;
};

static void compare(void *arg, const char *place, const json_t *value)
{
    struct search *s = arg;
    (void)place;
    s->found = s->found || text_eq(json_string_value(value), s->text);
}

static bool is_word_of(struct ctx *c, const char *words, const char *text)
{
    size_t n = 0;
    const char **list = words ? text_split(c->arena, words, ' ', &n) : NULL;
    for (size_t i = 0; i < n; i++)
        if (text_eq(list[i], text))
            return true;
    return words && !*text && !*words;
}

static bool file_exists(struct country_check *x, const char *form, const char *text)
{
    const char *hole = strchr(form, '%'), *dir = country_dir(x->k);
    const char *name =
        arena_printf(x->c->arena, "%.*s%s%s", (int)(hole - form), form, text, hole + 1);
    struct bytes raw;
    size_t before = x->c->n_faults;
    bool found = !strchr(text, '/') && pack_read(x->c, dir, name, &raw) == OK;
    x->c->n_faults = before;
    return found;
}

static bool found(struct country_check *x, const struct reference *r, const char *text)
{
    struct search s = {x, r, text, false};
    switch (r->target) {
    case TO_SAME: pack_values(x->c, x->f->root, r->in, compare, &s); return s.found;
    case TO_CODE: return country_code(x->k, r->in, text) != NULL;
    case TO_CATALOGUE: {
        size_t n;
        return country_codes(x->k, text, &n) != NULL;
    }
    case TO_AGENCY: return country_agency(x->k, text) != NULL;
    case TO_ROLE: return country_role(x->k, text) != NULL;
    case TO_FILE: return file_exists(x, r->in, text);
    }
    BUG("target");
}

static void look_up(void *arg, const char *place, const json_t *value)
{
    struct search *s = arg;
    const char *text = json_string_value(value);
    struct ctx *c = s->x->c;
    if (!text || is_word_of(c, s->r->also, text) || found(s->x, s->r, text))
        return;
    country_check_bad(s->x, place, arena_printf(c->arena, "%s is not known", text));
}

/* ---- times that end before they begin ---- */

static void check_intervals(struct country_check *x, const char *place, const json_t *value)
{
    const char *name, *from = json_text_of(value, "valid_from", ""),
                      *to = json_text_of(value, "valid_to", "");
    const char *dot = *place ? "." : "";
    json_t *inner;
    if (*from && *to && strcmp(to, from) < 0)
        country_check_bad(x, arena_printf(x->c->arena, "%s%svalid_to", place, dot),
                          "is before valid_from");
    for (size_t i = 0; i < json_array_size(value); i++)
        check_intervals(x, arena_printf(x->c->arena, "%s[%zu]", place, i),
                        json_array_get(value, i));
    json_object_foreach((json_t *)(uintptr_t)value, name, inner)
    {
        if (json_is_object(inner) || json_is_array(inner))
            check_intervals(x, arena_printf(x->c->arena, "%s%s%s", place, dot, name), inner);
    }
}

/* ---- one file, all files ---- */

static size_t kind_of(const char *name)
{
    size_t i = 0;
    for (; i < ARRAY_LEN(kinds); i++) {
        size_t len = strlen(kinds[i].folder);
        bool here = strncmp(name, kinds[i].folder, len) == 0 && !strchr(name + len, '/');
        if (here && (text_eq(kinds[i].name, name + len) || (len && !*kinds[i].name)))
            break;
    }
    return i;
}

static void check_name(struct country_check *x, size_t kind)
{
    const char *key = kinds[kind].key;
    if (!key)
        return;
    const char *wanted = arena_printf(x->c->arena, "%s%s.json", kinds[kind].folder,
                                      json_text_of(x->f->root, key, ""));
    if (!text_eq(wanted, x->f->name))
        country_check_bad(x, key, "is not the name of the file");
}

enum err country_check_file(struct ctx *c, const struct country *k, const struct pack_file *f)
{
    struct country_check x = {c, k, f, 0};
    size_t kind = kind_of(f->name);
    if (kind == ARRAY_LEN(kinds))
        return pack_fault(c, f, "document", "no file of this name belongs to a pack");
    const char *schema = kinds[kind].schema;
    if (pack_schema_faults(c, f, schema))
        return ERR_DEFINITION;
    check_name(&x, kind);
    for (size_t i = 0; i < ARRAY_LEN(unique); i++)
        if (text_eq(unique[i].schema, schema))
            check_unique(&x, unique[i].path);
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        struct search s = {.x = &x, .r = &references[i]};
        if (text_eq(references[i].schema, schema))
            pack_visit(c, f->root, references[i].path, look_up, &s);
    }
    check_intervals(&x, "", f->root);
    if (!x.n)
        country_check_rules(&x, schema);
    return x.n ? ERR_DEFINITION : OK;
}

/* What a check writes down is forgotten with it: a node keeps only what went wrong. */
static enum err check_named(struct ctx *c, const struct country *k, const char *name)
{
    struct arena *scratch = arena_new(0);
    struct ctx *s = ARENA_NEW(scratch, struct ctx);
    struct pack_file f;
    *s = *c;
    s->arena = scratch;
    s->n_faults = 0;
    enum err e = pack_open(s, country_dir(k), name, &f);
    if (!e) {
        e = country_check_file(s, k, &f);
        pack_close(&f);
    }
    for (size_t i = 0; i < s->n_faults; i++)
        (void)fail(c, s->faults[i].err, arena_text(c->arena, s->faults[i].field),
                   arena_text(c->arena, s->faults[i].args[0]),
                   arena_text(c->arena, s->faults[i].args[1]));
    arena_end(scratch);
    return e;
}

static enum err check_folder(struct ctx *c, const struct country *k, const char *folder)
{
    const char **names;
    size_t n;
    enum err e = pack_list(c, country_dir(k), folder, &names, &n);
    for (size_t i = 0; i < n && !e; i++)
        if (text_ends(names[i], ".json"))
            e = check_named(c, k, arena_printf(c->arena, "%s/%s", folder, names[i]));
    return e;
}

static enum err check_there(struct ctx *c, const struct country *k, const char *name)
{
    struct bytes raw;
    enum err e = pack_read(c, country_dir(k), name, &raw);
    if (e != ERR_NOT_FOUND)
        return e;
    ctx_clear_faults(c);
    return json_bad(c, name, "line 1", "the file is missing");
}

enum err country_check(struct ctx *c, const struct country *k)
{
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(needed) && !e; i++) {
        e = check_there(c, k, needed[i]);
        if (!e && !strchr(needed[i], '/'))
            e = check_named(c, k, needed[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(folders) && !e; i++)
        e = check_folder(c, k, folders[i]);
    return e;
}
