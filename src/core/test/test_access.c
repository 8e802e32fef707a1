/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of access, the scope of lists, counters, jobs. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/audit.h"
#include "core/jobs.h"
#include "core/scope.h"
#include "core/secrets.h"
#include "test/harness/node_test.h"

#define MOTHER "046194000123"
#define FATHER "046090000456"

static enum err note_record(struct ctx *c, void *arg)
{
    return access_note(c, MOTHER, "population", arg, "name birth_date");
}

static enum err commit_lines(struct ctx *c, void *arg)
{
    (void)arg;
    return access_commit(c);
}

struct asked {
    const char *person, *before;
    struct access_line lines[60];
    size_t max, n;
};

static enum err lines_of(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    return access_of_person(c, a->person, a->before, a->lines, a->max, &a->n);
}

static void clerk(struct node_world *w)
{
    as_official(w, "commune_clerk", "H57.31.08", "Trần Thị Bình");
    with_purpose(w, "birth_registration", "H57.31.08-200604-0001");
}

static void body_line(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a = {.person = MOTHER, .before = "", .max = 50};
    clerk(w);
    /* in a read snapshot the line waits; web/ commits it before the answer leaves */
    assert_int_equal(do_read(w, note_record, (void *)(uintptr_t) "P1"), OK);
    assert_non_null(w->c->access);
    assert_int_equal(do_read(w, lines_of, &a), OK);
    assert_int_equal(a.n, 0);
    assert_int_equal(do_write(w, commit_lines, NULL), OK);
    w->c->access = NULL;
    clock_by(w, SECOND_US);
    /* in a write transaction it is there at once */
    assert_int_equal(do_write(w, note_record, (void *)(uintptr_t) "P2"), OK);
    assert_null(w->c->access);
    assert_int_equal(do_read(w, lines_of, &a), OK);
    assert_int_equal(a.n, 2);
    assert_string_equal(a.lines[0].record, "P2"); /* newest first */
    const struct access_line *l = &a.lines[1];
    assert_string_equal(l->record, "P1");
    assert_string_equal(l->what, "population");
    assert_string_equal(l->fields, "name birth_date");
    assert_string_equal(l->reader_name, "Trần Thị Bình");
    assert_string_equal(l->reader_unit, "H57.31.08");
    assert_string_equal(l->reader_role, "commune_clerk");
    assert_string_equal(l->purpose, "birth_registration");
    assert_string_equal(l->matter, "H57.31.08-200604-0001");
    assert_int_equal(l->at_us, local_us(20200604, 900));
    a.person = FATHER;
    assert_int_equal(do_read(w, lines_of, &a), OK);
    assert_int_equal(a.n, 0);
}

static void body_purpose(struct node_world *w, void *arg)
{
    (void)arg;
    clerk(w);
    with_purpose(w, NULL, NULL);
    assert_int_equal(do_read(w, note_record, (void *)(uintptr_t) "P1"), ERR_PURPOSE);
    with_purpose(w, "", NULL);
    assert_int_equal(do_write(w, note_record, (void *)(uintptr_t) "P1"), ERR_PURPOSE);
    as_citizen(w, FATHER, "Cha");
    assert_int_equal(do_write(w, note_record, (void *)(uintptr_t) "P1"), ERR_PURPOSE);
    as_citizen(w, MOTHER, "Mẹ"); /* one's own data need no purpose and leave no line */
    assert_int_equal(do_write(w, note_record, (void *)(uintptr_t) "P1"), OK);
    struct asked a = {.person = MOTHER, .before = "", .max = 50};
    assert_int_equal(do_read(w, lines_of, &a), OK);
    assert_int_equal(a.n, 0);
}

static void body_pages(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a = {.person = MOTHER, .before = "", .max = 7};
    size_t seen = 0;
    clerk(w);
    for (int i = 0; i < 20; i++)
        assert_int_equal(do_write(w, note_record, arena_printf(w->c->arena, "P%d", i)), OK);
    do {
        assert_int_equal(do_read(w, lines_of, &a), OK);
        for (size_t i = 0; i < a.n; i++, seen++)
            assert_string_equal(a.lines[i].record, arena_printf(w->c->arena, "P%zu", 19 - seen));
        a.before = a.n ? a.lines[a.n - 1].id : a.before;
    } while (a.n == a.max);
    assert_int_equal(seen, 20);
}

static enum err blobs(struct ctx *c, const struct db_row *r, void *arg)
{
    bool *clear = arg;
    (void)c;
    struct bytes b = row_blob(r, 1);
    *clear = *clear || strstr(row_text(r, 0), MOTHER) || memmem(b.ptr, b.len, MOTHER, 12) ||
             memmem(b.ptr, b.len, "population", 10);
    return OK;
}

static enum err look_for_clear(struct ctx *c, void *arg)
{
    return db_each(c, blobs, arg, "SELECT person, line FROM core_access");
}

static enum err move_line(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "UPDATE core_access SET person = $1", P_TEXT(person_token(c, arg)));
}

static void body_sealed(struct node_world *w, void *arg)
{
    (void)arg;
    bool clear = false;
    clerk(w);
    assert_int_equal(do_write(w, note_record, (void *)(uintptr_t) "P1"), OK);
    assert_int_equal(do_read(w, look_for_clear, &clear), OK);
    assert_false(clear);
    /* a line moved to another person doesn't open */
    assert_int_equal(do_write(w, move_line, (void *)(uintptr_t)FATHER), OK);
    struct asked a = {.person = FATHER, .before = "", .max = 50};
    assert_int_equal(do_read(w, lines_of, &a), ERR_SEALED);
}

/* ---- looks ---- */

struct looking {
    const char *person, *before;
    struct access_look k[ACCESS_LOOKS + 1];
    size_t n;
};

static enum err looks_of(struct ctx *c, void *arg)
{
    struct looking *a = arg;
    return access_looks(c, a->person, a->before, a->k, ARRAY_LEN(a->k), &a->n);
}

static void look(struct node_world *w, const char *record, int times)
{
    for (int i = 0; i < times; i++) {
        clock_by(w, SECOND_US);
        assert_int_equal(do_write(w, note_record, (void *)(uintptr_t)record), OK);
    }
}

static void registrar(struct node_world *w)
{
    as_official(w, "civil_status_officer", "H57.31.08", "Lê Văn Tò");
    with_purpose(w, "birth_registration", "H57.31.08-200604-0001");
}

static void body_looks(struct node_world *w, void *arg)
{
    (void)arg;
    struct looking a = {.person = MOTHER, .before = ""};
    clerk(w);
    look(w, "P1", 1);
    registrar(w);
    look(w, "P1", 200);
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(a.n, 2); /* the flood is one look, the clerk's isn't buried */
    assert_string_equal(a.k[0].first.reader_name, "Lê Văn Tò");
    assert_int_equal(a.k[0].n, 200);
    assert_int_equal(a.k[0].last_us - a.k[0].first.at_us, 199 * SECOND_US);
    assert_int_equal(a.k[0].n_times, ACCESS_TIMES);
    assert_int_equal(a.k[0].times[0], a.k[0].last_us);
    assert_int_equal(a.k[0].times[39], a.k[0].last_us - 39 * SECOND_US);
    assert_string_equal(a.k[1].first.reader_name, "Trần Thị Bình");
    assert_int_equal(a.k[1].n, 1);
    look(w, "P2", 1); /* another object, another day, another purpose: looks of their own */
    clock_by(w, DAY_US);
    look(w, "P2", 1);
    with_purpose(w, "case_handling", "H57.31.08-200604-0001");
    look(w, "P2", 2);
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(a.n, 5);
    assert_int_equal(a.k[0].n, 2);
    a.person = FATHER;
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(a.n, 0);
}

/* Another node's word that a citizen asks: of the same name, and not the same person. */
static void through_a_node(struct node_world *w, const char *person)
{
    struct actor *a = ARENA_NEW(w->c->arena, struct actor);
    *a = (struct actor){.kind = ACTOR_AGENCY,
                        .account = "H57",
                        .person = person,
                        .name = "Nguyễn Thị Lan",
                        .unit = "H57",
                        .role = "citizen"};
    w->c->actor = a;
    with_purpose(w, "prefill", "");
}

static void body_looks_own(struct node_world *w, void *arg)
{
    (void)arg;
    struct looking a = {.person = MOTHER, .before = ""};
    through_a_node(w, MOTHER);
    look(w, "P1", 2);
    through_a_node(w, FATHER);
    look(w, "P1", 1);
    through_a_node(w, ""); /* that node doesn't say who */
    look(w, "P1", 1);
    as_official(w, "commune_clerk", "H57.31.08", "Nguyễn Thị Lan");
    struct actor in_office = *w->c->actor;
    in_office.person = MOTHER;
    w->c->actor = &in_office;
    with_purpose(w, "prefill", "");
    look(w, "P1", 1);
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(a.n, 4); /* the same name doesn't make them one look */
    for (size_t i = 0; i < a.n; i++)
        assert_int_equal(a.k[i].first.own, i == 3);
    assert_int_equal(a.k[3].n, 2);
}

static void body_looks_pages(struct node_world *w, void *arg)
{
    (void)arg;
    struct looking a = {.person = MOTHER, .before = ""};
    size_t seen = 0;
    clerk(w);
    look(w, "P1", 1);
    registrar(w);
    for (int i = 0; i < 60; i++)
        look(w, arena_printf(w->c->arena, "Q%d", i), 2);
    do {
        assert_int_equal(do_read(w, looks_of, &a), OK);
        for (size_t i = 0; i < a.n && i < ACCESS_LOOKS; i++, seen++)
            assert_string_equal(a.k[i].first.record,
                                seen < 60 ? arena_printf(w->c->arena, "Q%zu", 59 - seen) : "P1");
        a.before = a.k[a.n > ACCESS_LOOKS ? ACCESS_LOOKS - 1 : 0].first.id;
    } while (a.n > ACCESS_LOOKS);
    assert_int_equal(seen, 61);
}

static enum err hide_look(struct ctx *c, void *arg)
{
    return db_exec(c, NULL,
                   "UPDATE core_access SET look = (SELECT max(look) FROM core_access"
                   " WHERE id <> $1) WHERE id = $1",
                   P_TEXT(arg));
}

static enum err verify(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

/* A line put among another's looks would not be shown: the proof says so. */
static void body_looks_hidden(struct node_world *w, void *arg)
{
    (void)arg;
    struct looking a = {.person = MOTHER, .before = ""};
    struct audit_report report;
    clerk(w);
    look(w, "P1", 1);
    registrar(w);
    look(w, "P1", 3);
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_string_equal(report.problem, "");
    assert_int_equal(do_write(w, hide_look, (void *)(uintptr_t)a.k[1].first.id), OK);
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_non_null(strstr(report.problem, "moved"));
}

static enum err move_time(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "UPDATE core_access SET at_us = at_us - 60000000 WHERE id = $1",
                   P_TEXT(arg));
}

/* When they looked is what the person is told: it is that of the trail. */
static void body_time_moved(struct node_world *w, void *arg)
{
    (void)arg;
    struct looking a = {.person = MOTHER, .before = ""};
    struct audit_report report;
    clerk(w);
    look(w, "P1", 1);
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_string_equal(report.problem, "");
    assert_int_equal(do_write(w, move_time, (void *)(uintptr_t)a.k[0].first.id), OK);
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_non_null(strstr(report.problem, "another time"));
}

/* Lines written before there were looks. */
static enum err old_line(struct ctx *c, void *arg)
{
    const char *id = id_new(c->arena, c->now_us), *token = person_token(c, MOTHER);
    const char *aad = arena_printf(c->arena, "core_access.line|%s|%s", id, token);
    struct bytes line = secret_seal(c, SECRET_ACCESS, aad, bytes_of(arg));
    return db_exec(c, NULL,
                   "INSERT INTO core_access (id, person, at_us, line, look)"
                   " VALUES ($1, $2, $3, $4, $1)",
                   P_TEXT(id), P_TEXT(token), P_INT(c->now_us), P_BLOB(line));
}

static void body_looks_old(struct node_world *w, void *arg)
{
    (void)arg;
    static const char line[] = "{\"what\":\"population\",\"reader_name\":\"Bình\"}";
    struct looking a = {.person = MOTHER, .before = ""};
    for (int i = 0; i < 2; i++)
        assert_int_equal(do_write(w, old_line, (void *)(uintptr_t)line), OK);
    clerk(w);
    look(w, "P1", 2);
    assert_int_equal(do_read(w, looks_of, &a), OK);
    assert_int_equal(a.n, 3);
    assert_string_equal(a.k[2].first.reader_name, "Bình");
    assert_int_equal(a.k[2].n, 1);
}

/* ---- scope ---- */

static bool allows(struct node_world *w, const char *permission, const char *unit,
                   const char *owner)
{
    struct scope s = scope_of(w->c, permission);
    return scope_allows(&s, unit, owner);
}

static void body_scope(struct node_world *w, void *arg)
{
    (void)arg;
    const char *mother = person_token(w->c, MOTHER), *may = "onestop.inbox";
    assert_string_equal(mother, person_token(w->c, MOTHER));
    assert_string_not_equal(mother, person_token(w->c, FATHER));
    assert_string_equal(person_token(w->c, ""), "");
    as_official(w, "supervisor", "H57.31", "Trần");
    assert_true(allows(w, may, "H57.31", ""));
    assert_true(allows(w, may, "H57.31.08", mother));
    assert_false(allows(w, may, "H57.3", ""));
    assert_false(allows(w, may, "H57.310", ""));
    assert_false(allows(w, may, "H57.32.01", ""));
    assert_false(allows(w, may, "H57", ""));
    assert_false(allows(w, may, "", ""));
    assert_false(allows(w, "identity.admin", "H57.31", "")); /* not his permission */
    as_citizen(w, MOTHER, "Mẹ");
    assert_true(allows(w, "", "H57.31.08", mother));
    assert_false(allows(w, "", "H57.31.08", person_token(w->c, FATHER)));
    assert_false(allows(w, "", "H57.31.08", ""));
    as_citizen(w, "", "Không số");
    assert_false(allows(w, "", "H57.31.08", ""));
    as_system(w, "casework");
    assert_true(allows(w, may, "H57.31.08", mother));
    assert_false(allows(w, may, "G01", ""));
    w->c->actor = NULL;
    assert_false(allows(w, may, "", ""));
}

static enum err add_counters(struct ctx *c, void *arg)
{
    struct scope s = scope_of(c, "onestop.inbox");
    static const char *const units[] = {"H57.31", "H57.31.08", "H57.32.01", "H57", "H57.310"};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        enum err e = db_exec(c, NULL,
                             "INSERT INTO core_search (module, object, word, unit, owner)"
                             " VALUES ('t', $1, 'w', $1, '')",
                             P_TEXT(units[i]));
        if (e)
            return e;
    }
    return db_int(c, arg, "SELECT COUNT(*) FROM core_search WHERE " SCOPE, P_SCOPE(s));
}

/* The same predicate in SQL as in C. */
static void body_scope_sql(struct node_world *w, void *arg)
{
    (void)arg;
    int64_t n;
    as_official(w, "supervisor", "H57.31", "Trần");
    assert_int_equal(do_write(w, add_counters, &n), OK);
    assert_int_equal(n, 2);
}

/* ---- counters ---- */

struct count {
    const char *scope;
    int64_t value;
    bool fails;
};

static enum err count_work(struct ctx *c, void *arg)
{
    struct count *n = arg;
    enum err e = counter_next(c, "dossier", n->scope, &n->value);
    return !e && n->fails ? fail(c, ERR_CONFLICT, "x") : e;
}

static void body_counter(struct node_world *w, void *arg)
{
    (void)arg;
    struct count a = {.scope = "H57.31-200604"}, b = {.scope = "H57.31-200605"};
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(do_write(w, count_work, &a), OK);
        assert_int_equal(a.value, i);
    }
    a.fails = true;
    assert_int_equal(do_write(w, count_work, &a), ERR_CONFLICT);
    a.fails = false;
    assert_int_equal(do_write(w, count_work, &a), OK);
    assert_int_equal(a.value, 4); /* no gap */
    assert_int_equal(do_write(w, count_work, &b), OK);
    assert_int_equal(b.value, 1);
}

/* ---- jobs ---- */

static int often, daily;

static enum err run_often(struct ctx *c)
{
    assert_int_equal(c->actor->kind, ACTOR_SYSTEM);
    assert_string_equal(c->actor->account, "jobber");
    assert_null(c->tx);
    often++;
    return OK;
}

static enum err run_daily(struct ctx *c)
{
    daily++;
    return fail(c, ERR_CONFLICT, "daily"); /* one job's fault doesn't stop the others */
}

static const struct job jobs[] = {{"jobber.daily", DAY_US, run_daily},
                                  {"jobber.often", MINUTE_US, run_often}};
static const struct module jobber = {.name = "jobber", TABLE(jobs, jobs)};

static void body_jobs(struct node_world *w, void *arg)
{
    (void)arg;
    often = daily = 0;
    assert_int_equal(jobs_run_due(w->c), ERR_CONFLICT);
    assert_true(often == 1 && daily == 1);
    assert_int_equal(jobs_run_due(w->c), OK);
    assert_true(often == 1 && daily == 1);
    clock_by(w, MINUTE_US);
    assert_int_equal(jobs_run_due(w->c), OK);
    assert_true(often == 2 && daily == 1);
    job_wake("jobber.daily");
    assert_int_equal(jobs_run_due(w->c), ERR_CONFLICT);
    assert_true(often == 2 && daily == 2);
    clock_by(w, -HOUR_US); /* a clock set back doesn't put a job off for an hour */
    assert_int_equal(jobs_run_due(w->c), OK);
    clock_by(w, MINUTE_US);
    assert_int_equal(jobs_run_due(w->c), OK);
    assert_int_equal(often, 3);
    clock_by(w, DAY_US);
    assert_int_equal(jobs_run_due(w->c), ERR_CONFLICT);
    assert_true(often == 4 && daily == 3);
}

#define NODE_TEST(name)                                                                            \
    static void test_core_##name(void **state)                                                     \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(line)
NODE_TEST(purpose)
NODE_TEST(pages)
NODE_TEST(sealed)
NODE_TEST(looks)
NODE_TEST(looks_own)
NODE_TEST(looks_pages)
NODE_TEST(looks_hidden)
NODE_TEST(time_moved)
NODE_TEST(looks_old)
NODE_TEST(scope)
NODE_TEST(scope_sql)
NODE_TEST(counter)

static void test_core_jobs(void **state)
{
    static const struct module *const modules[] = {&jobber};
    (void)state;
    node_test(modules, 1, body_jobs, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_core_line),         cmocka_unit_test(test_core_purpose),
        cmocka_unit_test(test_core_pages),        cmocka_unit_test(test_core_sealed),
        cmocka_unit_test(test_core_scope),        cmocka_unit_test(test_core_scope_sql),
        cmocka_unit_test(test_core_counter),      cmocka_unit_test(test_core_jobs),
        cmocka_unit_test(test_core_looks),        cmocka_unit_test(test_core_looks_pages),
        cmocka_unit_test(test_core_looks_hidden), cmocka_unit_test(test_core_looks_old),
        cmocka_unit_test(test_core_looks_own),    cmocka_unit_test(test_core_time_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
