/* SPDX-License-Identifier: Apache-2.0 */
/* Objects found by words within the scope; settings. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "core/search.h"
#include "core/settings.h"
#include "test/harness/node_test.h"

#define MOTHER "046194000123"

static enum err put_work(struct ctx *c, void *arg)
{
    return search_put(c, arg);
}

static void put(struct node_world *w, const char *object, const char *unit, const char *words,
                const char *personal)
{
    struct search_entry e = {.module = "casework",
                             .object = object,
                             .unit = unit,
                             .person = MOTHER,
                             .words = words,
                             .personal = personal};
    assert_int_equal(do_write(w, put_work, &e), OK);
}

struct asked {
    const char *question, *before;
    const char *objects[50];
    size_t max, n;
};

static enum err find_work(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    return search_find(c, "casework", a->question, "onestop.inbox", a->before, a->objects, a->max,
                       &a->n);
}

/* The objects found, joined by blanks. */
static const char *find(struct node_world *w, const char *question)
{
    struct asked a = {.question = question, .before = "", .max = 50};
    const char *all = "";
    assert_int_equal(do_read(w, find_work, &a), OK);
    for (size_t i = 0; i < a.n; i++)
        all = arena_printf(w->c->arena, "%s%s%s", all, i ? " " : "", a.objects[i]);
    return all;
}

static void body_found(struct node_world *w, void *arg)
{
    (void)arg;
    put(w, "D1", "H57.31.01", "H57.31.01-200604-0001 Đăng ký khai sinh", "Đặng Thị Hoà");
    put(w, "D2", "H57.31.02", "H57.31.02-200604-0001 Đăng ký khai sinh", "Nguyễn Văn Đăng");
    put(w, "D3", "H57.32.01", "Cấp thẻ bảo hiểm", "Lê Hòa");
    as_official(w, "supervisor", "H57", "Trần");
    assert_string_equal(find(w, "khai sinh"), "D2 D1"); /* greatest first */
    assert_string_equal(find(w, "KHAI SI"), "D2 D1");   /* by its beginning */
    assert_string_equal(find(w, "đăng ký"), "D2 D1");
    assert_string_equal(find(w, "dang ky khai sinh"), "D2 D1");
    assert_string_equal(find(w, "bảo hiểm khai"), ""); /* all the words */
    assert_string_equal(find(w, "hoà"), "D3 D1");      /* hoà = hòa */
    assert_string_equal(find(w, "Đặng Hòa"), "D1");
    assert_string_equal(find(w, "ho"), ""); /* a personal word is found whole */
    assert_string_equal(find(w, "200604"), "D2 D1");
    assert_string_equal(find(w, ""), "");
    assert_string_equal(find(w, " ,.- "), "");
    assert_string_equal(find(w, "%"), "");
    as_official(w, "commune_clerk", "H57.31.01", "Trần");
    assert_string_equal(find(w, "khai sinh"), "D1"); /* the scope cuts searches too */
    assert_string_equal(find(w, "hòa"), "D1");
    as_official(w, "commune_clerk", "H57.31", "Trần"); /* reaches its unit, not what is below */
    assert_string_equal(find(w, "khai sinh"), "");
    assert_string_equal(find(w, "hòa"), "");
    as_citizen(w, MOTHER, "Mẹ");
    assert_string_equal(find(w, "khai sinh"), "D2 D1");
    as_citizen(w, "046090000456", "Cha");
    assert_string_equal(find(w, "khai sinh"), "");
    as_official(w, "supervisor", "H57", "Trần");
    put(w, "D1", "H57.31.01", "Cải chính", NULL); /* written anew: the old words are gone */
    assert_string_equal(find(w, "khai sinh"), "D2");
    assert_string_equal(find(w, "cai chinh"), "D1");
}

static void body_pages(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a = {.question = "khai", .before = "", .max = 7};
    size_t seen = 0;
    for (int i = 0; i < 20; i++)
        put(w, arena_printf(w->c->arena, "D%02d", i), "H57.31", "khai sinh khai tử", NULL);
    as_official(w, "supervisor", "H57", "Trần");
    do {
        assert_int_equal(do_read(w, find_work, &a), OK);
        for (size_t i = 0; i < a.n; i++, seen++)
            assert_string_equal(a.objects[i], arena_printf(w->c->arena, "D%02zu", 19 - seen));
        a.before = a.n ? a.objects[a.n - 1] : a.before;
    } while (a.n == a.max);
    assert_int_equal(seen, 20);
}

static enum err words_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    bool *clear = arg;
    *clear = *clear || strstr(row_text(r, 0), "nguyen") || strstr(row_text(r, 1), MOTHER);
    return OK;
}

static enum err words_work(struct ctx *c, void *arg)
{
    return db_each(c, words_row, arg, "SELECT word, owner FROM core_search");
}

static void body_no_names(struct node_world *w, void *arg)
{
    (void)arg;
    bool clear = false;
    put(w, "D1", "H57.31", "khai sinh", "Nguyễn Thị A");
    assert_int_equal(do_read(w, words_work, &clear), OK);
    assert_false(clear);
}

/* ---- settings ---- */

static const struct setting settings[] = {
    {.name = "demo.days", .unit = "day", .fallback = "7", .min = 1, .max = 30},
    {.name = "demo.greeting", .unit = "text", .fallback = "Chào", .max = 10},
};
static const struct module demo = {.name = "demo", TABLE(settings, settings)};

static enum err change_days(struct ctx *c, void *arg)
{
    return setting_change(c, "demo.days", arg);
}

static enum err change_greeting(struct ctx *c, void *arg)
{
    return setting_change(c, "demo.greeting", arg);
}

static enum err change_none(struct ctx *c, void *arg)
{
    return setting_change(c, "demo.none", arg);
}

static enum err records(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT COUNT(*) FROM core_audit WHERE action = 'core.setting'");
}

static enum err change(struct node_world *w, db_work how, const char *value)
{
    return do_write(w, how, (void *)(uintptr_t)value);
}

static void body_settings(struct node_world *w, void *arg)
{
    (void)arg;
    int64_t n;
    const char *text;
    assert_int_equal(setting_int(w->c, "demo.days", &n), OK);
    assert_int_equal(n, 7);
    assert_int_equal(change(w, change_days, "14"), OK);
    assert_int_equal(change(w, change_days, "15"), OK);
    assert_int_equal(setting_int(w->c, "demo.days", &n), OK);
    assert_int_equal(n, 15);
    assert_int_equal(change(w, change_days, "31"), ERR_SETTING);
    assert_string_equal(w->c->faults[0].field, "demo.days");
    assert_string_equal(w->c->faults[0].args[2], "30");
    assert_int_equal(change(w, change_days, "0"), ERR_SETTING);
    assert_int_equal(change(w, change_days, "nhiều"), ERR_SETTING);
    assert_int_equal(change(w, change_none, "1"), ERR_NOT_FOUND);
    assert_int_equal(change(w, change_greeting, "Kính chào"), OK);
    assert_int_equal(change(w, change_greeting, "Kính chào quý vị"), ERR_SETTING);
    assert_int_equal(setting_text(w->c, "demo.greeting", &text), OK);
    assert_string_equal(text, "Kính chào");
    assert_int_equal(do_read(w, records, &n), OK);
    assert_int_equal(n, 3); /* each change, and no refusal, is in the trail */
}

#define NODE_TEST(name)                                                                            \
    static void test_search_##name(void **state)                                                   \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(found)
NODE_TEST(pages)
NODE_TEST(no_names)

static void test_settings(void **state)
{
    static const struct module *const modules[] = {&demo};
    (void)state;
    node_test(modules, 1, body_settings, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_found),
        cmocka_unit_test(test_search_pages),
        cmocka_unit_test(test_search_no_names),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
