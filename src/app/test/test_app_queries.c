/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing that may tell of a person stands in an address (ASVS 14.2.1): by the route table of every
   module, its shapes and what its rows say they take there. */
#include "test/harness/unit.h"

#include <string.h>

#include "app/app.h"
#include "base/text.h"
#include "test/harness/db_test.h"

static size_t names, searches, fields, bad;
static const char
    *personal[500]; /* names of personal and secret fields of any shape of the module */
static size_t n_personal;

static void collect(const struct shape *s, int depth)
{
    for (size_t i = 0; s && i < s->n && depth < 6; i++) {
        const struct field *f = &s->fields[i];
        if ((f->flags & (F_PERSONAL | F_SECRET)) && n_personal < ARRAY_LEN(personal))
            personal[n_personal++] = f->name;
        if (f->kind == KIND_LIST)
            collect(f->of, depth + 1);
    }
}

static bool is_personal(const char *name)
{
    for (size_t i = 0; i < n_personal; i++)
        if (text_eq(personal[i], name))
            return true;
    return false;
}

static void fault(const struct route *row, const char *name, const char *why)
{
    print_error("%s %s ?%s: %s\n", row->method, row->path, name, why);
    bad++;
}

static const struct route *row_at(const struct module *m, const char *method, const char *path)
{
    for (size_t i = 0; i < m->n_routes; i++)
        if (text_eq(m->routes[i].method, method) && text_eq(m->routes[i].path, path))
            return &m->routes[i];
    return NULL;
}

/* A form of words that are asked for: each personal field is marked in the row that it leads to. */
static void look_at_search(const struct module *m, const struct route *row)
{
    const struct route *to = row_at(m, "GET", row->path);
    bool marked;
    searches++;
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        if (!to || !query_takes(to, f->name, &marked))
            fault(row, f->name, "leads nowhere");
        else if (marked != ((f->flags & F_PERSONAL) != 0))
            fault(row, f->name, "marked there and personal here, or neither");
    }
}

static void look_at_query(struct ctx *c, const struct module *m, const struct route *row)
{
    size_t n = 0;
    const char **all = text_split(c->arena, row->query ? row->query : "", ' ', &n);
    for (size_t i = 0; i < n; i++) {
        bool marked = all[i][0] == '!';
        const struct route *form = row_at(m, "POST", row->path);
        names += !text_empty(all[i]);
        if (!marked && is_personal(all[i]))
            fault(row, all[i], "a personal field of some shape, in the clear");
        if (marked && (!form || form->prepare != web_ask))
            fault(row, all[i], "no form asks for it");
        if (text_eq(all[i], "*") && !strstr(row->path, "oidc") && !strstr(row->path, "tro-lai"))
            fault(row, all[i], "no protocol of others");
    }
}

static void test_nothing_of_a_person_in_an_address(void **state)
{
    size_t n = 0;
    struct ctx *c = db_test_ctx();
    const struct module *const *all = app_modules(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        n_personal = 0;
        for (size_t k = 0; k < all[i]->n_routes; k++) {
            collect(all[i]->routes[k].in, 0);
            collect(all[i]->routes[k].out, 0);
        }
        fields += n_personal;
        assert_true(n_personal < ARRAY_LEN(personal));
        for (size_t k = 0; k < all[i]->n_routes; k++) {
            look_at_query(c, all[i], &all[i]->routes[k]);
            if (all[i]->routes[k].prepare == web_ask)
                look_at_search(all[i], &all[i]->routes[k]);
        }
    }
    print_message("%zu parameters, %zu searches, %zu personal fields\n", names, searches, fields);
    assert_true(names > 30 && searches >= 4 && fields > 5);
    db_test_ctx_end(c);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_of_a_person_in_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
