/* SPDX-License-Identifier: Apache-2.0 */
/* The forms' own numbers: a series for each form, unit and year; given with the act, so that none
   is given twice and none is missing. */
#include "systems/onestop/test/onestop_test.h"

#include <pthread.h>

#include "test/harness/db_test.h"
#include "test/harness/pdf_test.h"

#define THREADS 4
#define EACH    30

static void says(struct desk *d, const char *code, const char *kind, const char *number)
{
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s/giay/%s", code, kind), 200);
    const char *text = pdf_words(d->w->c, d->o.b.body);
    const char *want = arena_printf(d->w->c->arena, "Số: %s/BPTNTKQ", number);
    if (!strstr(text, want))
        assert_string_equal(text, want);
}

static const char *accepted(struct desk *d, const char *child)
{
    const char *code = filed(d, child);
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    deliver(d);
    return code;
}

static void in_series(struct desk *d)
{
    const char *first = accepted(d, "Trần Thị Mai"), *second = accepted(d, "Trần Thị Hai");
    const char *refused = filed(d, "Trần Thị Ba");
    clerk(d);
    assert_int_equal(press(d, refused, "refuse", "Trẻ cư trú ở phường khác."), 303);
    deliver(d);
    says(d, first, "form_01", "01");
    says(d, second, "form_01", "02");
    says(d, refused, "form_03", "01"); /* a series of its own */
    says(d, first, "form_05", "01");
    says(d, second, "form_05", "02");
    clock_by(d->w, DAY_US);
    says(d, second, "form_05", "02"); /* drawn again */
    says(d, second, "form_01", "02");
    struct web_client b = web_client_new(d->w->c->arena, d->o.web);
    assert_int_equal(web_get(&b, onestop_check_path(d->w->c, second, "form_01")), 200);
    assert_true(web_shows(&b, "02/BPTNTKQ"));
    clock_at(d->w, 20210105, 900); /* a new year, a new series */
    says(d, accepted(d, "Trần Thị Tư"), "form_01", "01");
    says(d, first, "form_01", "01");
}

/* ---- many at once ---- */

struct giver {
    struct desk *d;
    int from, bad;
};
struct owing {
    const char *code;
    bool fails;
};

static enum err give(struct ctx *c, void *arg)
{
    const struct owing *x = arg;
    bool fresh;
    enum err e = onestop_store_owe(c, x->code, "form_02", "", &fresh);
    if (!e && fresh)
        e = onestop_store_number(c, x->code, "form_02", WARD);
    return !e && x->fails ? fail(c, ERR_CONFLICT, "x") : e;
}

static void *give_many(void *arg)
{
    struct giver *g = arg;
    struct ctx *c = db_test_ctx();
    c->node = g->d->w->n;
    c->actor = g->d->w->c->actor;
    c->now_us = g->d->w->c->now_us;
    for (int i = 0; i < EACH; i++) {
        struct owing x = {arena_printf(c->arena, "code-%d", g->from + i), i % 3 == 0};
        ctx_clear_faults(c);
        g->bad += db_write(c, c->node->db, give, &x) != (x.fails ? ERR_CONFLICT : OK);
    }
    db_test_ctx_end(c);
    return NULL;
}

struct series {
    int64_t n, first, last, different;
};

static enum err row_series(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct series *)arg =
        (struct series){row_int(r, 0), row_int(r, 1), row_int(r, 2), row_int(r, 3)};
    return OK;
}

static enum err read_series(struct ctx *c, void *arg)
{
    bool found;
    return db_one(c, &found, row_series, arg,
                  "SELECT count(*), min(number), max(number), count(DISTINCT number)"
                  " FROM onestop_paper WHERE kind = 'form_02'");
}

/* A third of them is taken back: the numbers that stay are 1, 2, 3 ... all the same. */
static void at_once(struct desk *d)
{
    pthread_t threads[THREADS];
    struct giver g[THREADS];
    struct series s = {0};
    as_system(d->w, "onestop");
    for (int i = 0; i < THREADS; i++) {
        g[i] = (struct giver){d, i * 1000, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, give_many, &g[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(g[i].bad, 0);
    }
    good(d->w->c, do_read(d->w, read_series, &s));
    assert_int_equal(s.n, THREADS * EACH * 2 / 3);
    assert_int_equal(s.first, 1);
    assert_int_equal(s.last, s.n);
    assert_int_equal(s.different, s.n);
}

DESK_TEST(in_series)
DESK_TEST(at_once)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onestop_in_series),
                                       cmocka_unit_test(test_onestop_at_once)};
    return cmocka_run_group_tests_name("onestop number", tests, NULL, NULL);
}
