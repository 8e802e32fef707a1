/* SPDX-License-Identifier: Apache-2.0 */
/* The inbox over ten thousand cases: every case on exactly one page, as many statements for the
   last page as for the first, for a ward as for the whole province. */
#include "test/harness/unit.h"

#include <stdio.h>

#include "base/id.h"
#include "core/subject.h"
#include "engine/casework/test/casework_test.h"

enum { CASES = 10000, BATCH = 500, PAGE = 100 };

static const char *const units[] = {"H57",       "H57.31",       "H57.31.08",
                                    "H57.31.09", "H57.31.08.01", "H57.32"};

struct filling {
    size_t from;
};

/* Rows as filing leaves them, without its papers: many are due at the same moment. */
static enum err fill(struct ctx *c, void *arg)
{
    const struct filling *f = arg;
    const struct procedure *p = procedure_find(c, BIRTH);
    const struct subject_wish wish = {SUBJECT_CASE, "all", p->code, ""};
    int64_t subject;
    enum err e = subject_of(c, &wish, &subject);
    for (size_t i = f->from; i < f->from + BATCH && !e; i++) {
        struct casework_row w = {
            .k = {.id = id_new(c->arena, c->now_us),
                  .code = arena_printf(c->arena, "000.08.31.H57-200604-%05zu", i),
                  .procedure = p->code,
                  .state = "submitted",
                  .national = 1,
                  .unit = units[i % ARRAY_LEN(units)],
                  .channel = "online",
                  .version = 1,
                  .filed_us = c->now_us,
                  .received_us = c->now_us,
                  .due_us = c->now_us + (int64_t)(i * 7919 % 97) * HOUR_US,
                  .due_words = {"", ""},
                  .calendar_version = "1"},
            .phase = PHASE_RUN,
            .owner_role = "commune_clerk",
            .owner = ""};
        w.k.subject = subject;
        e = casework_seal(c, subject, "title", w.k.id, "Trần An Nhiên", &w.title);
        e = e ? e : casework_store_insert(c, &w);
    }
    return e;
}

static void filled(struct node_world *w)
{
    for (struct filling f = {0}; f.from < CASES; f.from += BATCH)
        assert_int_equal(do_write(w, fill, &f), OK);
}

static enum err count_them(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_counts(c, &k->counts);
}

/* Statements of one page and its counts. */
static int64_t cost_of_page(struct node_world *w, struct work *k)
{
    int64_t before = db_stats(w->n->db).statements;
    assert_int_equal(do_read(w, list_them, k), OK);
    assert_int_equal(do_read(w, count_them, k), OK);
    return db_stats(w->n->db).statements - before;
}

struct walked {
    size_t cases, pages;
    int64_t dearest, open;
};

static struct walked walk(struct node_world *w, const char *role, const char *unit)
{
    struct walked x = {0};
    struct work k = {.max = PAGE};
    int64_t last_due = INT64_MIN;
    const char *last_id = "";
    official(w, role, unit);
    do {
        int64_t cost = cost_of_page(w, &k);
        x.dearest = cost > x.dearest ? cost : x.dearest;
        for (size_t i = 0; i < k.n; i++) {
            const struct casework_case *one = &k.page[i];
            assert_true(one->due_us > last_due ||
                        (one->due_us == last_due && strcmp(one->id, last_id) > 0));
            assert_true(text_starts(one->unit, unit));
            last_due = one->due_us;
            last_id = arena_text(w->c->arena, one->id);
        }
        x.cases += k.n;
        x.pages++;
        k.filter.after = k.next;
    } while (k.next && x.pages <= CASES / PAGE);
    x.open = k.counts.open;
    return x;
}

static void pages(struct node_world *w, void *arg)
{
    (void)arg;
    struct work empty = {.max = PAGE};
    official(w, "supervisor", "H57");
    int64_t first = cost_of_page(w, &empty); /* with nothing in it */
    assert_int_equal(empty.n, 0);
    filled(w);
    struct walked all = walk(w, "supervisor", "H57"), ward = walk(w, "supervisor", WARD);
    assert_int_equal(all.cases, CASES);
    assert_int_equal(all.open, CASES);
    assert_int_equal(all.pages, CASES / PAGE);
    assert_int_equal(ward.cases, ward.open);
    assert_in_range(ward.cases, CASES / 6 * 2, CASES / 6 * 2 + 2); /* with the counter below it */
    assert_int_equal(all.dearest, first);
    assert_int_equal(ward.dearest, first); /* at most 1.3 times is the promise */
    assert_true(first <= 3);
}

static void test_casework_ten_thousand(void **state)
{
    (void)state;
    node_test(modules, 1, pages, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_casework_ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
