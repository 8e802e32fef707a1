/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the country pack asks of this program must be there: a role's permissions are named by some
 * module, an indicator is fed by one, a node of the demonstration runs systems there are. (A right
 * to a service nobody offers gives nothing.) All modules of the program count, not only those this
 * node runs: the pack is the same on every node.
 */
#include "app/app.h"
#include "base/text.h"
#include "core/country.h"
#include "core/pack.h"

struct asked {
    struct ctx *c;
    struct pack_file f;
    size_t n; /* not there */
};

static void missing(struct asked *x, const char *place, const char *what, const char *name)
{
    (void)pack_fault(x->c, &x->f, place, arena_printf(x->c->arena, "no module %s %s", what, name));
    x->n++;
}

/* ---- who has it ---- */

static bool names_permission(const struct module *m, const char *name)
{
    for (size_t i = 0; i < m->n_permissions; i++)
        if (text_eq(m->permissions[i].name, name))
            return true;
    return false;
}

static bool feeds_indicator(const struct module *m, const char *code)
{
    for (size_t i = 0; i < m->n_indicators; i++)
        if (text_eq(m->indicators[i].code, code))
            return true;
    return false;
}

static bool is_called(const struct module *m, const char *name)
{
    return text_eq(m->name, name);
}

static bool some_module(bool (*has)(const struct module *m, const char *name), const char *name)
{
    size_t n;
    const struct module *const *all = app_modules(&n);
    for (size_t i = 0; i < n; i++)
        if (has(all[i], name))
            return true;
    return false;
}

/* ---- what is asked ---- */

static void ask_roles(struct asked *x)
{
    const json_t *rows = json_list_of(x->f.root, "permissions");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *code = json_text_of(json_array_get(rows, i), "code", "");
        if (!some_module(names_permission, code))
            missing(x, arena_printf(x->c->arena, "permissions[%zu].code", i),
                    "names the permission", code);
    }
}

static void ask_indicators(struct asked *x)
{
    const json_t *rows = json_list_of(x->f.root, "indicators");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *code = json_text_of(json_array_get(rows, i), "code", "");
        if (!some_module(feeds_indicator, code))
            missing(x, arena_printf(x->c->arena, "indicators[%zu].code", i), "feeds the indicator",
                    code);
    }
}

static void ask_nation(struct asked *x)
{
    const json_t *nodes = json_list_of(x->f.root, "nodes");
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *systems = json_list_of(json_array_get(nodes, i), "systems");
        for (size_t k = 0; k < json_array_size(systems); k++) {
            const char *name = json_string_value(json_array_get(systems, k));
            if (!some_module(is_called, name))
                missing(x, arena_printf(x->c->arena, "nodes[%zu].systems[%zu]", i, k), "is called",
                        name);
        }
    }
}

enum err app_check_definitions(struct ctx *c, const struct country *k)
{
    static const struct {
        const char *name;
        void (*ask)(struct asked *x);
    } files[] = {{"roles.json", ask_roles},
                 {"indicators.json", ask_indicators},
                 {"demo/nation.json", ask_nation}};
    /* the built-in pack was held against the same rules before it was built in (tools/country): a
       start doesn't pay for it again (100 ms) */
    enum err e = country_dir(k) ? country_check(c, k) : OK;
    for (size_t i = 0; i < ARRAY_LEN(files) && !e; i++) {
        struct asked x = {.c = c};
        if ((e = pack_open(c, country_dir(k), files[i].name, &x.f)))
            return e;
        files[i].ask(&x);
        pack_close(&x.f);
        e = x.n ? ERR_DEFINITION : OK;
    }
    return e;
}
