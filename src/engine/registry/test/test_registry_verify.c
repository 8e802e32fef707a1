/* SPDX-License-Identifier: Apache-2.0 */
/* Registers against the trail: what a hand in the database did to a version is seen. */
#include "test/harness/unit.h"

#include <string.h>

#include "core/audit.h"
#include "db/dynamic.h"
#include "engine/registry/test/registry_test.h"

#define ROWS "registry_r_insurance"

static enum err verify(struct ctx *c, void *arg)
{
    return registry_verify(c, arg);
}

static enum err run(struct ctx *c, void *arg)
{
    return db_exec_dynamic(c, NULL, arg, NULL, 0);
}

static void did(struct node_world *w, const char *sql)
{
    assert_int_equal(do_write(w, run, (void *)(uintptr_t)sql), OK);
}

static const char *said(struct node_world *w)
{
    struct registry_report report;
    assert_int_equal(do_read(w, verify, &report), OK);
    return report.problem;
}

/* The harm is told so; with the rows of before back all is well again. */
static void seen(struct node_world *w, const char *harm, const char *wanted)
{
    did(w, harm);
    const char *problem = said(w);
    if (!strstr(problem, wanted))
        print_error("after %s: \"%s\", not \"%s\"\n", harm, problem, wanted);
    assert_non_null(strstr(problem, wanted));
    did(w, "DELETE FROM " ROWS);
    did(w, "INSERT INTO " ROWS " SELECT * FROM kept");
    assert_string_equal(said(w), "");
}

/* Two records, one of them with three versions; the last revokes it. */
static void entered(struct node_world *w)
{
    insurer(w);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh"), .version = 1};
    k.data = person(w, "4690000002", MINH, "Trần Quang Sáng");
    assert_int_equal(do_write(w, change, &k), OK);
    assert_int_equal(do_write(w, cancel, &k), OK);
    struct registry_report report;
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_string_equal(report.problem, "");
    assert_int_equal(report.versions, 4);
    did(w, "CREATE TABLE kept AS SELECT * FROM " ROWS);
}

static void every_column(struct node_world *w, void *arg)
{
    (void)arg;
    bool postgres = db_kind(w->n->db) == DB_POSTGRES;
    const char *const other[] = {[DB_INT] = "77",
                                 [DB_TEXT] = "'another'",
                                 [DB_BLOB] = postgres ? "'\\x00'::bytea" : "x'00'"};
    size_t n = 0;
    entered(w);
    for (size_t i = 0; i < insurance->n_stored; i++) {
        const struct registry_stored *s = &insurance->stored[i];
        if (text_eq(s->name, "current") || text_eq(s->name, "cancelled"))
            continue; /* below */
        seen(w,
             arena_printf(w->c->arena, "UPDATE " ROWS " SET %s = %s WHERE version = 2", s->name,
                          other[s->type]),
             "not what the audit trail says");
        n++;
    }
    assert_true(n > 30);
}

static void test_registry_verify_every_column(void **state)
{
    (void)state;
    node_test(modules, 1, every_column, NULL);
}

static void rows(struct node_world *w, void *arg)
{
    (void)arg;
    entered(w);
    seen(w, "UPDATE " ROWS " SET cancelled = 0 WHERE version = 3", "version 3 is not what");
    seen(w, "DELETE FROM " ROWS " WHERE version = 2", "is gone");
    seen(w, "DELETE FROM " ROWS " WHERE version = 3", "is gone"); /* a revocation undone */
    seen(w, "DELETE FROM " ROWS, "is gone");
    seen(w, "UPDATE " ROWS " SET current = CASE version WHEN 2 THEN 1 ELSE 0 END",
         "newest version"); /* the entry revoked by version 3 stands again */
    seen(w, "UPDATE " ROWS " SET current = 0", "newest version");
    seen(w,
         "UPDATE " ROWS " SET reason = CASE version WHEN 2 THEN 'thu hồi' ELSE 'cải chính' END"
         " WHERE version > 1",
         "is not what"); /* swapped */
    seen(w,
         "INSERT INTO " ROWS " (id, version, valid_from_us, known_us, current, cancelled, reason,"
         " actor) VALUES ('past the trail', 1, 1, 1, 1, 0, '', '')",
         "past the trail: version 1 is not what");
}

static void test_registry_verify_rows(void **state)
{
    (void)state;
    node_test(modules, 1, rows, NULL);
}

/* More than a page of them, and one in the last page changed. */
static void many(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    const char *last = "";
    for (int i = 0; i < 130; i++)
        last = added(w, arena_printf(w->c->arena, "46900%05d", i), "", "Lê Thị Hoa");
    assert_string_equal(said(w), "");
    did(w, arena_printf(w->c->arena, "UPDATE " ROWS " SET reason = 'x' WHERE id = '%s'", last));
    assert_non_null(strstr(said(w), last));
}

static void test_registry_verify_many(void **state)
{
    (void)state;
    node_test(modules, 1, many, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry_verify_every_column),
        cmocka_unit_test(test_registry_verify_rows),
        cmocka_unit_test(test_registry_verify_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
