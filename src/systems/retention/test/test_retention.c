/* SPDX-License-Identifier: Apache-2.0 */
/* From found to destroyed on both databases: by two people, after a waiting time, never under hold,
   nothing twice, killed anywhere. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/jobs.h"
#include "core/scope.h"
#include "systems/retention/retention_private.h"
#include "test/harness/office_test.h"

#define AAD     "thing.name|1"
#define NAME    "Nguyễn Thị Lan"
#define LAN     "046194900001"
#define REFUSED "1.001193/3" /* kept two years */
#define WORDS   "Đã rà soát từng hồ sơ, đủ thời hạn"
#define DECREE  "Quyết định 12/QĐ-TA ngày 01/06/2020"
#define YEARS_3 (3 * 366 * DAY_US)

static const struct module *const modules[] = {&retention_module};

/* ---- what is kept ---- */

struct made {
    struct subject_wish wish;
    int64_t number;
};

static enum err make(struct ctx *c, void *arg)
{
    struct made *m = arg;
    return subject_of(c, &m->wish, &m->number);
}

struct kept {
    int64_t number;
    struct bytes sealed;
};

static struct kept keep(struct node_world *w, const char *code, const char *kind, const char *pin,
                        int64_t ago_us)
{
    struct kept k;
    struct made m = {.wish = {SUBJECT_CASE, code, kind, pin ? person_token(w->c, pin) : "",
                              w->c->now_us - ago_us}};
    assert_int_equal(do_write(w, make, &m), OK);
    k.number = m.number;
    assert_int_equal(subject_seal_text(w->c, m.number, AAD, NAME, &k.sealed), OK);
    return k;
}

static bool opens(struct node_world *w, const struct kept *k)
{
    const char *text;
    ctx_clear_faults(w->c);
    enum err e = subject_open_text(w->c, SECRET_CASE, AAD, k->sealed, &text);
    assert_true(e == OK || e == ERR_DISPOSED);
    return e == OK;
}

static const char *code_of(struct node_world *w, int i)
{
    return arena_printf(w->c->arena, "H57.31.08-170604-%04d", i);
}

/* ---- acts ---- */

static void officer(struct node_world *w)
{
    as_official(w, "records_officer", "H57", "Mai Thị Quỳnh Như");
}

static void leader(struct node_world *w)
{
    as_official(w, "records_leader", "H57", "Lương Thế Đạt");
}

struct act {
    const char *id, *words;
    int64_t number;
    struct hold hold;
    struct retention_list list;
    struct retention_counts counts;
    size_t n;
};

static enum err newest(struct ctx *c, void *arg)
{
    struct act *a = arg;
    enum err e = retention_lists(c, "", &a->list, 1, &a->n);
    if (!e && a->n)
        e = retention_store_counts(c, a->list.id, &a->counts);
    return e;
}

static struct act newest_of(struct node_world *w)
{
    struct act a = {.n = 0};
    assert_int_equal(do_read(w, newest, &a), OK);
    return a;
}

static enum err propose(struct ctx *c, void *arg)
{
    return retention_propose(c, ((struct act *)arg)->id, WORDS);
}

static enum err approve(struct ctx *c, void *arg)
{
    return retention_approve(c, ((struct act *)arg)->id, WORDS);
}

static enum err cancel(struct ctx *c, void *arg)
{
    return retention_cancel(c, ((struct act *)arg)->id, WORDS);
}

static enum err exclude(struct ctx *c, void *arg)
{
    struct act *a = arg;
    return retention_exclude(c, a->id, a->number, a->words != NULL, WORDS);
}

static enum err place(struct ctx *c, void *arg)
{
    struct act *a = arg;
    return hold_place(c, &a->hold, &a->id);
}

static enum err lift(struct ctx *c, void *arg)
{
    return hold_release(c, ((struct act *)arg)->id, WORDS);
}

static enum err destroy(struct ctx *c, void *arg)
{
    return subject_destroy(c, ((struct act *)arg)->number, "không ai duyệt");
}

static enum err reopen(struct ctx *c, void *arg)
{
    return subject_unclock(c, SUBJECT_CASE, arg);
}

static enum err count(struct ctx *c, const char *object, const char *detail, void *arg)
{
    (void)c;
    (void)object;
    (void)detail;
    ++*(int64_t *)arg;
    return OK;
}

static enum err count_destroyed(struct ctx *c, void *arg)
{
    *(int64_t *)arg = 0;
    return audit_each(c, "subject.destroy", count, arg);
}

static int64_t destroyed(struct node_world *w)
{
    int64_t n = 0;
    assert_int_equal(do_read(w, count_destroyed, &n), OK);
    return n;
}

static enum err run_and_shred(struct node_world *w)
{
    as_system(w, "retention");
    ctx_clear_faults(w->c);
    enum err e = retention_run(w->c);
    return e ? e : subjects_shred(w->c);
}

static enum err run_jobs(struct node_world *w)
{
    as_system(w, "retention");
    ctx_clear_faults(w->c);
    enum err e = retention_find(w->c);
    return e ? e : run_and_shred(w);
}

/* Found, proposed and approved: the list's id. */
static const char *approved(struct node_world *w)
{
    assert_int_equal(run_jobs(w), OK);
    struct act a = newest_of(w);
    assert_true(a.n == 1 && text_eq(a.list.state, "found"));
    a.id = a.list.id;
    officer(w);
    assert_int_equal(do_write(w, propose, &a), OK);
    leader(w);
    assert_int_equal(do_write(w, approve, &a), OK);
    return a.list.id;
}

/* ---- by two people, after a while ---- */

static void two_people(struct node_world *w, void *arg)
{
    (void)arg;
    struct kept due = keep(w, code_of(w, 1), REFUSED, NULL, YEARS_3);
    struct kept young = keep(w, code_of(w, 2), REFUSED, NULL, DAY_US);
    struct kept done = keep(w, code_of(w, 3), "1.001193/10", NULL, YEARS_3);
    assert_int_equal(run_jobs(w), OK);
    assert_int_equal(run_jobs(w), OK); /* no second list of the same */
    struct act a = newest_of(w);
    assert_true(a.n == 1 && a.list.n == 1 && a.counts.listed == 1);
    a.id = a.list.id;
    leader(w);
    assert_int_equal(do_write(w, approve, &a), ERR_RETENTION_STATE); /* nobody proposed it */
    officer(w);
    assert_int_equal(do_write(w, propose, &a), OK);
    assert_int_equal(do_write(w, approve, &a), ERR_SECOND_PERSON);
    as_official(w, "auditor", "H57", "Vũ Thanh Tâm");
    assert_int_equal(do_write(w, approve, &a), ERR_RETENTION_ROLE);
    leader(w);
    assert_int_equal(do_write(w, approve, &a), OK);
    clock_by(w, 167 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_true(opens(w, &due)); /* it waits */
    clock_by(w, 2 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_false(opens(w, &due));
    assert_true(opens(w, &young) && opens(w, &done));
    a = newest_of(w);
    assert_string_equal(a.list.state, "done");
    assert_int_equal(a.counts.destroyed, 1);
    assert_int_equal(destroyed(w), 1);
    officer(w);
    a.id = a.list.id;
    assert_int_equal(do_write(w, cancel, &a), ERR_RETENTION_STATE);
}

static void test_retention_needs_two_people_and_a_wait(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), two_people, NULL);
}

/* ---- undone until the last moment ---- */

static void undone(struct node_world *w, void *arg)
{
    (void)arg;
    struct kept due = keep(w, code_of(w, 1), REFUSED, NULL, YEARS_3);
    struct kept off = keep(w, code_of(w, 2), REFUSED, NULL, YEARS_3);
    struct act a = {.id = approved(w)};
    assert_int_equal(do_write(w, cancel, &a), OK);
    clock_by(w, 169 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_true(opens(w, &due) && opens(w, &off));
    a = newest_of(w); /* found anew, by a list of its own */
    assert_true(text_eq(a.list.state, "found") && a.counts.listed == 2);
    a = (struct act){.id = a.list.id, .number = off.number, .words = "loại"};
    officer(w);
    assert_int_equal(do_write(w, exclude, &a), OK);
    a.words = NULL;
    assert_int_equal(do_write(w, exclude, &a), OK); /* put back */
    a.words = "loại";
    assert_int_equal(do_write(w, exclude, &a), OK);
    assert_int_equal(do_write(w, propose, &a), OK);
    assert_int_equal(do_write(w, exclude, &a), ERR_RETENTION_STATE); /* fixed by now */
    leader(w);
    assert_int_equal(do_write(w, approve, &a), OK);
    clock_by(w, 169 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_true(!opens(w, &due) && opens(w, &off));
    assert_int_equal(run_jobs(w), OK);
    assert_string_equal(newest_of(w).list.state, "done"); /* what was taken off rests for a year */
    clock_by(w, 366 * DAY_US);
    assert_int_equal(run_jobs(w), OK);
    assert_string_equal(newest_of(w).list.state, "found");
}

static void test_retention_is_undone_until_it_runs(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), undone, NULL);
}

/* ---- holds ---- */

static void held(struct node_world *w, void *arg)
{
    (void)arg;
    struct kept one = keep(w, code_of(w, 1), REFUSED, NULL, YEARS_3);
    struct kept hers = keep(w, code_of(w, 2), REFUSED, LAN, YEARS_3);
    struct kept used = keep(w, code_of(w, 3), REFUSED, NULL, YEARS_3);
    struct kept free_one = keep(w, code_of(w, 4), REFUSED, NULL, YEARS_3);
    (void)approved(w);
    struct act a = {.hold = {.of = "case", .object = code_of(w, 1), .law = DECREE}};
    struct act b = {.hold = {.of = "", .object = "", .person = LAN, .law = DECREE}};
    struct act bad = {.hold = {.of = "case", .object = "không có", .law = DECREE}};
    officer(w);
    assert_int_equal(do_write(w, place, &bad), ERR_NOT_FOUND);
    bad.hold = (struct hold){.of = "draft", .object = "x", .law = DECREE};
    assert_int_equal(do_write(w, place, &bad), ERR_BAD_CODE);
    assert_int_equal(do_write(w, place, &a), OK); /* after the approval: it wins */
    assert_int_equal(do_write(w, place, &b), OK);
    assert_int_equal(do_write(w, reopen, (void *)(uintptr_t)code_of(w, 3)), OK);
    a.number = one.number;
    assert_int_equal(do_write(w, destroy, &a), ERR_HELD); /* nor by any other way */
    b.number = hers.number;
    assert_int_equal(do_write(w, destroy, &b), ERR_HELD);
    clock_by(w, 169 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_true(opens(w, &one) && opens(w, &hers) && opens(w, &used));
    assert_false(opens(w, &free_one));
    struct act l = newest_of(w);
    assert_true(l.counts.kept == 3 && l.counts.destroyed == 1);
    officer(w);
    assert_int_equal(do_write(w, lift, &a), ERR_SECOND_PERSON);
    leader(w);
    assert_int_equal(do_write(w, lift, &a), OK);
    assert_int_equal(do_write(w, lift, &a), ERR_HOLD_STATE);
    a.number = one.number;
    assert_int_equal(do_write(w, destroy, &a), OK);
}

static void test_retention_hold_beats_approval(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), held, NULL);
}

/* ---- many, and killed in between ---- */

#define MANY 120 /* three transactions */

static void killed(struct node_world *w, void *arg)
{
    static const char *const points[] = {"point:db.commit.before:2:fail", /* the second fifty */
                                         "point:db.commit.after:1:fail",
                                         "point:subjects.shred.after:1:fail"};
    struct kept k[MANY];
    (void)arg;
    for (int i = 0; i < MANY; i++)
        k[i] = keep(w, code_of(w, i), REFUSED, NULL, YEARS_3);
    (void)approved(w);
    clock_by(w, 169 * HOUR_US);
    for (size_t i = 0; i < ARRAY_LEN(points) && sys_fault_arm(points[i]); i++) {
        assert_int_not_equal(run_and_shred(w), OK);
        assert_true(sys_fault_arm(NULL));
        struct act a = newest_of(w); /* destroyed and marked so, or neither */
        assert_int_equal(a.counts.destroyed, destroyed(w));
        assert_int_equal(a.counts.destroyed + a.counts.listed, MANY);
    }
    assert_int_equal(run_jobs(w), OK);
    struct act a = newest_of(w);
    assert_string_equal(a.list.state, "done");
    assert_int_equal(a.counts.destroyed, MANY);
    assert_int_equal(destroyed(w), MANY); /* nothing twice */
    for (int i = 0; i < MANY; i++)
        assert_false(opens(w, &k[i]));
}

static void test_retention_killed_anywhere(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), killed, NULL);
}

/* ---- a backup of before, restored ---- */

static enum err start_work(struct ctx *c, void *arg)
{
    return subjects_start(c, arg);
}

/* The database of before says it lives and its list waits; the newest keys know better. */
static void restored(struct node_world *w, void *arg)
{
    (void)arg;
    struct kept due = keep(w, code_of(w, 1), REFUSED, NULL, YEARS_3);
    struct kept other = keep(w, code_of(w, 2), "1.001193/10", NULL, YEARS_3);
    (void)approved(w);
    struct node again = *w->n, *own = w->n;
    const char *path = arena_printf(w->c->arena, "%s/before.db", w->d->dir);
    assert_int_equal(db_backup(w->c, own->db, path), OK);
    assert_true(opens(w, &due)); /* the control: before its end it reads */
    clock_by(w, 169 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_false(opens(w, &due));
    again.subjects = NULL;
    assert_int_equal(db_open(w->c, arena_printf(w->c->arena, "sqlite:%s", path), &again.db), OK);
    w->c->node = w->n = &again;
    assert_int_equal(do_write(w, start_work, &again), OK);
    assert_true(!opens(w, &due) && opens(w, &other));
    assert_int_equal(run_jobs(w), OK);
    struct act a = newest_of(w);
    assert_string_equal(a.list.state, "done");
    assert_true(a.counts.destroyed == 0 && a.counts.kept == 1); /* gone before: not twice */
    assert_int_equal(destroyed(w), 0);
    subjects_stop(&again);
    db_close(again.db);
    w->c->node = w->n = own;
}

static void test_retention_restored_backup_shows_nothing(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), restored, NULL);
}

/* ---- terms ---- */

static int64_t due_of(struct node_world *w, const char *kind, int ymd)
{
    const struct retention_rule *r = retention_rule(w->n->country, "case", kind);
    int64_t clock = local_us(ymd, 900), due = retention_due(r, clock);
    assert_non_null(r);
    if (due) { /* the two ways of asking agree at the edge */
        assert_true(clock <= retention_due_before(r, due));
        assert_true(clock > retention_due_before(r, due - DAY_US));
    }
    return due;
}

static void terms(struct node_world *w, void *arg)
{
    struct retention_told t;
    (void)arg;
    assert_int_equal(due_of(w, REFUSED, 20200604), local_us(20220604, 900));
    assert_int_equal(due_of(w, REFUSED, 20200229), local_us(20220301, 900));
    assert_int_equal(due_of(w, "1.001193/10", 20200604), local_us(20910101, 0));
    assert_string_equal(retention_rule(w->n->country, "case", "1.001193/9")->code, "birth_other");
    assert_string_equal(retention_rule(w->n->country, "case", "1.0011930/3")->code, "case");
    assert_null(retention_rule(w->n->country, "nothing", ""));
    const struct retention_rule *book =
        retention_rule(w->n->country, "record", "civil_status_birth");
    assert_true(book->end == RETENTION_KEEP && retention_due(book, 1) == 0);
    t = (struct retention_told){.rule = book};
    assert_non_null(strstr(retention_words(w->c, &t), "vĩnh viễn"));
    t = (struct retention_told){retention_rule(w->n->country, "case", REFUSED), 1,
                                local_us(20220604, 900)};
    assert_non_null(strstr(retention_words(w->c, &t), "Giữ đến 04/06/2022"));
}

static void test_retention_terms(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), terms, NULL);
}

/* ---- the pages ---- */

static int send(struct office *o, const char *list, const char *what)
{
    assert_int_equal(web_get(&o->b, list), 200);
    return WEB_POST(&o->b, arena_printf(o->w->c->arena, "%s/%s", list, what), "reason", WORDS);
}

static void pages(struct node_world *w, void *arg)
{
    (void)arg;
    struct kept k = keep(w, code_of(w, 1), REFUSED, NULL, YEARS_3);
    struct kept young = keep(w, code_of(w, 2), REFUSED, LAN, DAY_US);
    struct office o = office_open(w);
    office_as(&o, "records_officer", "H57", "Mai Thị Quỳnh Như");
    assert_int_equal(office_get(&o, "/luu-giu"), 200);
    assert_true(web_shows(&o.b, "Chưa có danh mục nào"));
    assert_int_equal(office_get(&o, "/luu-giu/giu"), 200);
    assert_true(web_shows(&o.b, "Chưa giữ lại"));
    assert_int_equal(office_get(&o, "/luu-giu/quy-tac"), 200);
    assert_true(web_shows(&o.b, "70 năm") && web_shows(&o.b, "Vĩnh viễn"));
    assert_int_equal(run_jobs(w), OK);
    struct act a = newest_of(w);
    const char *list = arena_printf(w->c->arena, "/luu-giu/%s", a.list.id);
    const char *item = arena_printf(w->c->arena, "%s/muc/%lld", list, (long long)k.number);
    assert_int_equal(office_get(&o, "%s", list), 200);
    assert_true(web_shows(&o.b, code_of(w, 1)) && web_shows(&o.b, "Chờ trình"));
    assert_false(web_shows(&o.b, "Duyệt tiêu hủy"));
    assert_int_equal(send(&o, item, "loai"), 303);
    assert_int_equal(send(&o, list, "trinh"), 422); /* nothing is left of it */
    assert_int_equal(send(&o, item, "dua-vao"), 303);
    assert_int_equal(send(&o, list, "trinh"), 303);
    assert_int_equal(send(&o, list, "duyet"), 403);
    assert_int_equal(office_get(&o, "/luu-giu/xoa"), 200);
    assert_int_equal(WEB_POST(&o.b, "/luu-giu/xoa", "of", "case", "object", code_of(w, 2), "law",
                              DECREE, "reason", WORDS),
                     303);
    const char *ordered = arena_text(w->c->arena, web_answer_header(&o.b, "Location"));
    assert_int_equal(send(&o, ordered, "trinh"), 303);
    assert_int_equal(office_get(&o, "/luu-giu/xoa"), 200);
    assert_int_equal(WEB_POST(&o.b, "/luu-giu/xoa", "of", "case", "object", code_of(w, 2), "law",
                              DECREE, "reason", WORDS),
                     422);                                        /* it is on a list */
    (void)keep(w, code_of(w, 3), "1.001193", NULL, w->c->now_us); /* its clock stands */
    assert_int_equal(WEB_POST(&o.b, "/luu-giu/xoa", "of", "case", "object", code_of(w, 3), "law",
                              DECREE, "reason", WORDS),
                     422);
    assert_true(web_shows(&o.b, "đang được giải quyết"));
    assert_int_equal(office_get(&o, "/luu-giu/giu/moi"), 200);
    assert_int_equal(WEB_POST(&o.b, "/luu-giu/giu/moi", "person", LAN, "law", DECREE, "document",
                              "12/QĐ-TA", "reason", WORDS),
                     303);
    const char *hold = arena_text(w->c->arena, web_answer_header(&o.b, "Location"));
    assert_int_equal(office_get(&o, "%s", hold), 200);
    assert_true(web_shows(&o.b, "****0001"));
    assert_false(web_shows(&o.b, LAN));
    office_as(&o, "records_leader", "H57", "Lương Thế Đạt");
    assert_int_equal(send(&o, list, "duyet"), 303);
    assert_int_equal(send(&o, ordered, "duyet"), 303);
    clock_by(w, 169 * HOUR_US);
    assert_int_equal(run_jobs(w), OK);
    assert_true(!opens(w, &k) && opens(w, &young));
    office_as(&o, "records_leader", "H57", "Lương Thế Đạt");
    assert_int_equal(office_get(&o, "%s/bien-ban", list), 200);
    assert_true(web_shows(&o.b, "Biên bản tiêu hủy") && web_shows(&o.b, "Mai Thị Quỳnh Như"));
    assert_int_equal(office_get(&o, "%s", ordered), 200);
    assert_true(web_shows(&o.b, "Giữ lại theo yêu cầu"));
    assert_int_equal(web_get(&o.b, hold), 200);
    assert_int_equal(WEB_POST(&o.b, arena_printf(w->c->arena, "%s/thoi", hold), "reason", WORDS),
                     303);
    office_close(&o);
}

static void test_retention_pages(void **state)
{
    (void)state;
    node_test_agency("H57");
    node_test(modules, ARRAY_LEN(modules), pages, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retention_needs_two_people_and_a_wait),
        cmocka_unit_test(test_retention_is_undone_until_it_runs),
        cmocka_unit_test(test_retention_hold_beats_approval),
        cmocka_unit_test(test_retention_killed_anywhere),
        cmocka_unit_test(test_retention_restored_backup_shows_nothing),
        cmocka_unit_test(test_retention_terms),
        cmocka_unit_test(test_retention_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
