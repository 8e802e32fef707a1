/* SPDX-License-Identifier: Apache-2.0 */
/* Counting: in the transaction of the act, once, on every level and in every period; corrections;
   many at once; what another node sends. */
#include "test/harness/unit.h"

#include <pthread.h>
#include <stdio.h>

#include "core/outbox.h"
#include "engine/measure/test/measure_test.h"

#define BOTH(body) node_test(modules, ARRAY_LEN(modules), (body), NULL)

/* ---- one act, every level ---- */

static void levels(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const up[] = {VY_DA, "H57.31", "H57", "VN"};
    assert_int_equal(added(w, VY_DA, 1, 1, "a"), OK);
    assert_int_equal(added(w, VY_DA, 0, 1, "b"), OK);
    assert_int_equal(added(w, TAY, 1, 1, "c"), OK);
    assert_int_equal(added(w, "H57", 1, 1, "d"), OK); /* done at the province itself */
    static const int64_t parts[] = {1, 2, 3, 3}, wholes[] = {2, 3, 4, 4};
    for (size_t i = 0; i < ARRAY_LEN(up); i++)
        assert_value(w, up[i], "2020", parts[i], wholes[i]);
    assert_value(w, TAY, "2020", 1, 1);
    assert_value(w, "H58", "2020", 0, 0);
    struct measure_value other = {0};
    struct work k = {.indicator = "T01", .unit = VY_DA, .from_day = 0, .until_day = 100000};
    assert_int_equal(do_read(w, read_it, &k), OK); /* another indicator */
    assert_int_equal(k.value.whole, other.whole);
}

static void test_measure_counts_on_every_level(void **state)
{
    (void)state;
    BOTH(levels);
}

static void below(struct node_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(added(w, TAY, 1, 1, "c"), OK);
    assert_int_equal(added(w, VY_DA, 1, 1, "a"), OK);
    assert_int_equal(added(w, VY_DA, 0, 1, "b"), OK);
    struct work k = {.unit = "H57.31", .from_day = local_day(w->c->now_us)};
    k.until_day = k.from_day + 1;
    assert_int_equal(do_read(w, below_it, &k), OK);
    assert_int_equal(k.n, 2);
    assert_string_equal(k.below[0].unit, VY_DA);
    assert_int_equal(k.below[0].part, 1);
    assert_int_equal(k.below[0].whole, 2);
    assert_string_equal(k.below[1].unit, TAY);
    k.unit = "VN";
    assert_int_equal(do_read(w, below_it, &k), OK);
    assert_int_equal(k.n, 1);
    assert_string_equal(k.below[0].unit, "H57");
    k.until_day = k.from_day; /* no day at all */
    assert_int_equal(do_read(w, below_it, &k), OK);
    assert_int_equal(k.n, 0);
}

static void test_measure_lists_the_units_below(void **state)
{
    (void)state;
    BOTH(below);
}

static void once(struct node_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(added(w, VY_DA, 1, 1, "a"), OK);
    assert_int_equal(added(w, VY_DA, 1, 1, "a"), OK);
    assert_int_equal(added(w, TAY, 1, 1, "a"), OK); /* the act is the same wherever it's told */
    assert_value(w, "VN", "2020", 1, 1);
    struct work k = {.indicator = "T01", .unit = VY_DA, .part = 1, .whole = 1, .source = "a"};
    assert_int_equal(do_write(w, add_it, &k), OK); /* another indicator counts it too */
    assert_value(w, "VN", "2020", 1, 1);
}

static void test_measure_counts_an_act_once(void **state)
{
    (void)state;
    BOTH(once);
}

static void strangers(struct node_world *w, void *arg)
{
    (void)arg;
    struct work k = {.indicator = "T99", .unit = VY_DA, .part = 1, .whole = 1, .source = "a"};
    assert_int_equal(do_write(w, add_it, &k), ERR_NOT_FOUND);
    assert_string_equal(w->c->faults[0].field, "indicator");
    k.indicator = "T04";
    k.unit = "H99.12";
    assert_int_equal(do_write(w, add_it, &k), ERR_NOT_FOUND);
    assert_string_equal(w->c->faults[0].field, "unit");
    k.source = "nobody's";
    assert_int_equal(do_write(w, correct_it, &k), ERR_NOT_FOUND);
    assert_string_equal(w->c->faults[0].field, "source");
    assert_value(w, "VN", "2020", 0, 0);
}

static void test_measure_refuses_what_nobody_knows(void **state)
{
    (void)state;
    BOTH(strangers);
}

/* ---- with the act, or not at all ---- */

static enum err add_and_fail(struct ctx *c, void *arg)
{
    enum err e = add_it(c, arg);
    return e ? e : fail(c, ERR_CONFLICT, "act");
}

static enum err correct_and_fail(struct ctx *c, void *arg)
{
    enum err e = correct_it(c, arg);
    return e ? e : fail(c, ERR_CONFLICT, "act");
}

static enum err waiting(struct ctx *c, void *arg)
{
    struct outbox_item items[50];
    return outbox_list(c, OUTBOX_WAITING, "", items, 50, arg);
}

static size_t messages(struct node_world *w)
{
    size_t n = 0;
    assert_int_equal(do_read(w, waiting, &n), OK);
    return n;
}

static void rolled_back(struct node_world *w, void *arg)
{
    (void)arg;
    struct work k = {.unit = VY_DA, .part = 1, .whole = 1, .source = "a"};
    assert_int_equal(do_write(w, add_and_fail, &k), ERR_CONFLICT);
    assert_value(w, "VN", "2020", 0, 0);
    assert_int_equal(messages(w), 0);
    assert_int_equal(do_write(w, add_it, &k), OK); /* it wasn't taken for counted */
    assert_value(w, VY_DA, "2020", 1, 1);
    assert_int_equal(messages(w), 1);
    k.part = 0;
    assert_int_equal(do_write(w, correct_and_fail, &k), ERR_CONFLICT);
    assert_value(w, VY_DA, "2020", 1, 1);
    assert_int_equal(messages(w), 1);
}

static void test_measure_is_rolled_back_with_the_act(void **state)
{
    (void)state;
    BOTH(rolled_back);
}

/* ---- periods ---- */

static void periods(struct node_world *w, void *arg)
{
    (void)arg;
    static const struct {
        int day, time;
    } acts[] = {{20191231, 2359}, {20200101, 0},    {20200331, 2359}, {20200401, 0},
                {20200604, 0},    {20200604, 2359}, {20200605, 0},    {20200630, 1200}};
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        clock_at(w, acts[i].day, acts[i].time);
        assert_int_equal(added(w, VY_DA, 1, 2, arena_printf(w->c->arena, "act-%zu", i)), OK);
    }
    static const struct {
        const char *span;
        int64_t acts;
    } rows[] = {{"2019", 1},       {"2020", 7},       {"2020-Q1", 2},    {"2020-Q2", 5},
                {"2020-Q3", 0},    {"2020-03", 1},    {"2020-04", 1},    {"2020-06", 4},
                {"2019-12", 1},    {"2020-01", 1},    {"2020-02", 0},    {"2020-06-04", 2},
                {"2020-06-05", 1}, {"2020-06-03", 0}, {"2019-12-31", 1}, {"2021", 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_value(w, VY_DA, rows[i].span, rows[i].acts, 2 * rows[i].acts);
        assert_value(w, "VN", rows[i].span, rows[i].acts, 2 * rows[i].acts);
    }
}

static void test_measure_knows_periods(void **state)
{
    (void)state;
    BOTH(periods);
}

static void test_measure_span_codes(void **state)
{
    (void)state;
    static const char *const good[] = {"2020",    "1900",    "2199",       "2020-Q1",   "2020-Q4",
                                       "2020-01", "2020-12", "2020-02-29", "2021-12-31"};
    static const char *const bad[] = {
        "",           "20",          "1899",     "2200",   "2020-",      "2020-Q0",    "2020-Q5",
        "2020-q1",    "2020-13",     "2020-00",  "2020-1", "2020-02-30", "2021-02-29", "2020-06-1a",
        "2020/06/01", "2020-06-01 ", "2020-Q12", "-020",   "2020-06-0",  "2020-+6"};
    struct arena *a = arena_new(0);
    struct measure_span s;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(measure_span_read(a, good[i], &s));
        struct measure_span same = measure_span_of(a, s.period, s.until_day - 1);
        assert_string_equal(same.code, good[i]);
        assert_int_equal(same.from_day, s.from_day);
        assert_int_equal(same.until_day, s.until_day);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (measure_span_read(a, bad[i], &s))
            print_error("taken: %s\n", bad[i]);
        assert_false(measure_span_read(a, bad[i], &s));
    }
    /* the four quarters are the year, without gap */
    int day = day_from_civil(2020, 1, 1);
    for (int q = 0; q < 4; q++) {
        s = measure_span_of(a, MEASURE_QUARTER, day);
        assert_int_equal(s.from_day, day);
        day = s.until_day;
    }
    assert_int_equal(day, day_from_civil(2021, 1, 1));
    arena_end(a);
}

/* ---- corrections ---- */

static void corrected(struct node_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(added(w, VY_DA, 1, 1, "a"), OK);
    assert_int_equal(added(w, TAY, 1, 1, "b"), OK);
    clock_at(w, 20200720, 900); /* the correction belongs to the act's day, not to today */
    struct work k = {.source = "a", .part = 0, .whole = 1};
    size_t sent = messages(w);
    assert_int_equal(do_write(w, correct_it, &k), OK);
    assert_value(w, VY_DA, "2020-06-04", 0, 1);
    assert_value(w, "H57.31", "2020-06-04", 1, 2);
    assert_value(w, "VN", "2020", 1, 2);
    assert_value(w, "VN", "2020-07", 0, 0);
    assert_int_equal(messages(w), sent + 1);
    assert_int_equal(do_write(w, correct_it, &k), OK); /* as it is already: nothing to tell */
    assert_int_equal(messages(w), sent + 1);
    k.whole = 0; /* taken out altogether */
    assert_int_equal(do_write(w, correct_it, &k), OK);
    assert_value(w, VY_DA, "2020", 0, 0);
    assert_value(w, "VN", "2020", 1, 1);
    assert_int_equal(added(w, VY_DA, 1, 1, "a"), OK); /* known: what the correction says stands */
    assert_value(w, "VN", "2020", 1, 1);
}

static void test_measure_corrects_on_every_level(void **state)
{
    (void)state;
    BOTH(corrected);
}

/* ---- many at once ---- */

enum { THREADS = 6, EACH = 20 };

struct counter {
    struct node_world *w;
    size_t number;
    enum err e;
};

static void *count_many(void *arg)
{
    struct counter *k = arg;
    struct ctx *c = db_test_ctx();
    c->node = k->w->n;
    c->actor = k->w->c->actor;
    c->now_us = k->w->c->now_us;
    for (size_t i = 0; i < EACH && !k->e; i++) {
        struct work x = {
            .unit = i % 2 ? VY_DA : TAY,
            .part = i % 3 == 0,
            .whole = 1,
            /* every second act is told by two threads */
            .source = arena_printf(c->arena, "%zu/%zu", i % 2 ? k->number : k->number / 2, i)};
        k->e = db_write(c, k->w->n->db, add_it, &x);
    }
    db_test_ctx_end(c);
    return NULL;
}

static void at_once(struct node_world *w, void *arg)
{
    (void)arg;
    struct counter k[THREADS];
    pthread_t t[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        k[i] = (struct counter){.w = w, .number = i};
        assert_int_equal(pthread_create(&t[i], NULL, count_many, &k[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
        assert_int_equal(k[i].e, OK);
    }
    int64_t own = THREADS * EACH / 2, shared = own / 2;
    struct measure_value a = value_in(w, VY_DA, "2020"), b = value_in(w, TAY, "2020");
    assert_int_equal(a.whole, own);
    assert_int_equal(b.whole, shared);
    assert_value(w, "VN", "2020", a.part + b.part, a.whole + b.whole);
}

static void test_measure_many_at_once(void **state)
{
    (void)state;
    BOTH(at_once);
}

/* ---- the same sums, whatever order the acts come in ---- */

static enum err served(struct ctx *c, void *arg)
{
    struct service_call *call = arg;
    return measure_module.services[0].serve(c, call);
}

static enum err tell(struct node_world *w, const char *client, const char *unit, const char *source,
                     int64_t part, int64_t revision)
{
    const char *body =
        arena_printf(w->c->arena,
                     "{\"indicator\":\"T04\",\"unit\":\"%s\",\"source\":\"%s\",\"at_us\":"
                     "\"2020-06-04T02:00:00Z\",\"part\":%lld,\"whole\":1,\"revision\":%lld}",
                     unit, source, (long long)part, (long long)revision);
    struct service_call call = {.client = client, .member = "G22", .body = bytes_of(body)};
    return do_write(w, served, &call);
}

static void told(struct node_world *w, void *arg)
{
    (void)arg;
    size_t before = messages(w);
    assert_int_equal(tell(w, "H57", VY_DA, "a", 1, 0), OK);
    assert_int_equal(tell(w, "H57", VY_DA, "a", 1, 0), OK); /* sent again */
    assert_int_equal(tell(w, "H57", VY_DA, "b", 0, 2), OK); /* the correction comes first */
    assert_int_equal(tell(w, "H57", VY_DA, "b", 1, 0), OK); /* and then what it corrects */
    assert_int_equal(tell(w, "H57", VY_DA, "b", 1, 1), OK);
    assert_value(w, VY_DA, "2020", 1, 2);
    assert_value(w, "VN", "2020", 1, 2);
    assert_int_equal(tell(w, "H57", VY_DA, "a", 0, 1), OK);
    assert_value(w, "VN", "2020", 0, 2);
    /* an agency counts for itself and its units, and doesn't touch another's acts */
    assert_int_equal(tell(w, "H58", VY_DA, "x", 1, 0), ERR_FORBIDDEN);
    assert_int_equal(tell(w, "H5", VY_DA, "x", 1, 0), ERR_FORBIDDEN);
    assert_int_equal(tell(w, "H57.31.08", "H57.31", "x", 1, 0), ERR_FORBIDDEN);
    assert_int_equal(tell(w, "H58", "H58", "a", 1, 9), ERR_CONFLICT);
    assert_int_equal(tell(w, "H57", VY_DA, "y", -1, 0), ERR_OUT_OF_RANGE);
    assert_value(w, "VN", "2020", 0, 2);
    assert_int_equal(messages(w), before); /* the nation tells nobody */
}

static void test_measure_serves_other_nodes(void **state)
{
    (void)state;
    node_test_agency("G22");
    BOTH(told);
    node_test_agency("H57");
}

/* A rule of thumb that must always hold: what stands above is what stands below it and its own. */
static void adds_up(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const units[] = {VY_DA, TAY, "H57.31", "H57", "H57.32.01", "H57.31.08.01"};
    int64_t part = 0, whole = 0;
    unsigned seed = 7;
    for (int i = 0; i < 120; i++) {
        seed = seed * 1103515245u + 12345u;
        unsigned draw = seed >> 8;
        struct work k = {.unit = units[draw % ARRAY_LEN(units)],
                         .part = draw / 7 % 2,
                         .whole = 1,
                         .source = arena_printf(w->c->arena, "act-%d", i)};
        clock_at(w, 20200601 + i % 28, 800);
        assert_int_equal(do_write(w, add_it, &k), OK);
        if (draw % 5 == 0) {
            k.part = 1 - k.part;
            assert_int_equal(do_write(w, correct_it, &k), OK);
        }
        part += k.part;
        whole += k.whole;
    }
    assert_value(w, "VN", "2020-06", part, whole);
    assert_value(w, "H57", "2020-Q2", part, whole);
    int64_t sum = 0;
    for (int day = 1; day <= 28; day++)
        sum += value_in(w, "H57", arena_printf(w->c->arena, "2020-06-%02d", day)).part;
    assert_int_equal(sum, part);
}

static void test_measure_adds_up(void **state)
{
    (void)state;
    BOTH(adds_up);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure_counts_on_every_level),
        cmocka_unit_test(test_measure_lists_the_units_below),
        cmocka_unit_test(test_measure_counts_an_act_once),
        cmocka_unit_test(test_measure_refuses_what_nobody_knows),
        cmocka_unit_test(test_measure_is_rolled_back_with_the_act),
        cmocka_unit_test(test_measure_knows_periods),
        cmocka_unit_test(test_measure_span_codes),
        cmocka_unit_test(test_measure_corrects_on_every_level),
        cmocka_unit_test(test_measure_many_at_once),
        cmocka_unit_test(test_measure_serves_other_nodes),
        cmocka_unit_test(test_measure_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
