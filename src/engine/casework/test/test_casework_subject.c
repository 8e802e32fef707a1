/* SPDX-License-Identifier: Apache-2.0 */
/* A case is sealed under a key of its own: destroyed, nobody reads it, and the others read on; what
   columns' keys sealed before is sealed anew. */
#include "test/harness/unit.h"

#include "core/audit.h"
#include "core/jobs.h"
#include "core/subject.h"
#include "engine/casework/test/casework_test.h"

static enum err destroy(struct ctx *c, void *arg)
{
    return subject_destroy(c, *(int64_t *)arg, "TT 01/2018/TT-VPCP");
}

static enum err words(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM casework_word");
}

static enum err clocks(struct ctx *c, void *arg)
{
    return db_int(c, arg,
                  "SELECT count(*) FROM core_subject WHERE class = 'case' AND clock_us > 0"
                  " AND kind LIKE '1.001193/%'");
}

static int64_t number_from(struct node_world *w, db_work work)
{
    int64_t n;
    assert_int_equal(do_read(w, work, &n), OK);
    return n;
}

static void disposed(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case one = filed(w, "Trần An"), two = filed(w, "Lê Bình");
    assert_true(one.subject && one.subject != two.subject);
    assert_int_equal(number_from(w, clocks), 0);
    clerk(w);
    assert_int_equal(acted(w, &one, "refuse", "Sai nơi nộp"), OK);
    assert_int_equal(number_from(w, clocks), 1); /* its time has begun, the other's not */
    int64_t before = number_from(w, words);
    assert_int_equal(do_write(w, destroy, &one.subject), OK);
    assert_int_equal(jobs_run_due(w->c), OK);
    assert_true(number_from(w, words) < before);
    struct work x = {.code = one.code};
    assert_int_equal(do_read(w, get_it, &x), ERR_DISPOSED);
    x = (struct work){.code = two.code};
    assert_int_equal(do_read(w, get_it, &x), OK);
    x = (struct work){.filter = {.queue = "all"}}; /* its number stays, for the books */
    assert_int_equal(do_read(w, list_them, &x), OK);
    assert_int_equal(x.n, 2);
    for (size_t i = 0; i < x.n; i++)
        assert_int_equal(x.page[i].title[0] == '\0', x.page[i].subject == one.subject);
}

/* As an edition before subjects left it. */
static enum err seal_by_column(struct ctx *c, void *arg)
{
    const struct casework_case *k = arg;
    const char *at[] = {arena_printf(c->arena, "casework/person/%s", k->id),
                        arena_printf(c->arena, "casework/title/%s", k->id),
                        arena_printf(c->arena, "casework/form/%s", k->id)};
    struct bytes person = secret_seal_text(c, SECRET_CASE, at[0], LAN);
    struct bytes title = secret_seal_text(c, SECRET_CASE, at[1], "Trần An");
    struct bytes form = secret_seal_text(c, SECRET_CASE, at[2], "{}");
    struct bytes fact = secret_seal_text(
        c, SECRET_CASE, arena_printf(c->arena, "casework/fact/pin/%s", k->id), "046220000001");
    enum err e = db_exec(c, NULL,
                         "UPDATE casework_case SET subject = 0, person = $2, title = $3,"
                         " form = $4 WHERE id = $1",
                         P_TEXT(k->id), P_BLOB(person), P_BLOB(title), P_BLOB(form));
    if (!e)
        e = db_exec(c, NULL, "INSERT INTO casework_fact VALUES ($1, 'pin', $2)", P_TEXT(k->id),
                    P_BLOB(fact));
    if (!e)
        e = db_exec(c, NULL,
                    "UPDATE casework_event SET actor_name = $2, reason = $2, form = $3"
                    " WHERE case_id = $1",
                    P_TEXT(k->id), P_BLOB(((struct bytes){NULL, 0})), P_BLOB(form));
    return e ? e : db_exec(c, NULL, "DELETE FROM core_subject WHERE object = $1", P_TEXT(k->code));
}

static enum err under_columns(struct ctx *c, void *arg)
{
    uint8_t one = 1;
    const struct bytes first = {&one, 1};
    return db_int(c, arg,
                  "SELECT (SELECT count(*) FROM casework_case WHERE substr(person, 1, 1) = $1"
                  " OR substr(title, 1, 1) = $1 OR substr(form, 1, 1) = $1)"
                  " + (SELECT count(*) FROM casework_event WHERE substr(form, 1, 1) = $1)"
                  " + (SELECT count(*) FROM casework_fact WHERE substr(value, 1, 1) = $1)",
                  P_BLOB(first));
}

static void sealed_anew(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case one = filed(w, "Trần An"), two = filed(w, "Lê Bình");
    assert_int_equal(do_write(w, seal_by_column, &one), OK);
    assert_int_equal(number_from(w, under_columns), 3); /* case, event, fact */
    struct work x = {.code = one.code};
    lan(w);
    assert_int_equal(do_read(w, get_it, &x), OK); /* still reads */
    assert_string_equal(x.k.title, "Trần An");
    assert_int_equal(jobs_run_due(w->c), OK);
    assert_int_equal(number_from(w, under_columns), 0);
    x = (struct work){.code = one.code};
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_string_equal(x.k.title, "Trần An");
    assert_true(x.k.subject && x.k.subject != two.subject);
    /* and by whoever acts first */
    assert_int_equal(do_write(w, seal_by_column, &two), OK);
    clerk(w);
    assert_int_equal(acted(w, &two, "refuse", "Sai nơi nộp"), OK);
    assert_int_equal(number_from(w, under_columns), 0);
}

static void test_casework_disposed(void **state)
{
    (void)state;
    node_test(modules, 1, disposed, NULL);
}

static void test_casework_sealed_anew(void **state)
{
    (void)state;
    node_test(modules, 1, sealed_anew, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_casework_disposed),
                                       cmocka_unit_test(test_casework_sealed_anew)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
