/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts, dossiers told by other nodes, ratings: each statement on both databases. */
#include "base/id.h"
#include "systems/portal/test/portal_world.h"

#include "core/subject.h"

#define CODE "000.08.31.H57-200604-0001"

/* ---- drafts ---- */

struct draft_work {
    struct portal_draft d, list[4];
    const char *id;
    size_t n;
    bool bump;
    int64_t expired;
};

static enum err add(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_draft_add(c, &x->d);
}
static enum err get(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_draft(c, x->id, &x->d);
}
static enum err save(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_draft_save(c, &x->d, x->bump);
}
static enum err list(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_drafts(c, x->list, ARRAY_LEN(x->list), &x->n);
}
static enum err filed(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_draft_filed(c, x->id, CODE);
}
static enum err drop(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_draft_drop(c, x->id);
}
static enum err expire(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_drafts_expire(c, &x->expired);
}

static void new_draft(struct portal_world *p, struct draft_work *x, const char *id)
{
    struct ctx *c = p->w->c;
    x->id = id;
    x->d = (struct portal_draft){.id = id, .done = "", .procedure = procedure_find(c, BIRTH)};
    x->d.form = shape_new(c->arena, x->d.procedure->form);
    x->d.known = shape_new(c->arena, x->d.procedure->form);
    shape_set_text(x->d.procedure->form, x->d.form, "child_name", "An Nhiên");
    shape_set_text(x->d.procedure->form, x->d.known, "mother_name", "Lan");
    good(c, do_write(p->w, add, x));
}

static void drafts(struct portal_world *p)
{
    struct draft_work x = {0}, y;
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    new_draft(p, &x, "00000000000000000000000001");
    good(p->w->c, do_read(p->w, get, &x));
    assert_int_equal(x.d.version, 1);
    assert_string_equal(shape_text(x.d.procedure->form, x.d.form, "child_name"), "An Nhiên");
    assert_string_equal(shape_text(x.d.procedure->form, x.d.known, "mother_name"), "Lan");

    y = x; /* two tabs: the first to save wins, the second keeps nothing of its own by force */
    x.bump = true;
    x.d.done = "child";
    good(p->w->c, do_write(p->w, save, &x));
    assert_int_equal(do_write(p->w, save, &y), ERR_DRAFT_CHANGED);
    good(p->w->c, do_read(p->w, get, &x));
    assert_int_equal(x.d.version, 2);
    assert_string_equal(x.d.done, "child");
    x.bump = false; /* while typing the version stands */
    good(p->w->c, do_write(p->w, save, &x));
    good(p->w->c, do_read(p->w, get, &x));
    assert_int_equal(x.d.version, 2);

    good(p->w->c, do_read(p->w, list, &x));
    assert_int_equal(x.n, 1);
    as_citizen(p->w, FATHER, "Trần Quang Minh"); /* not his */
    good(p->w->c, do_read(p->w, list, &y));
    assert_int_equal(y.n, 0);
    assert_int_equal(do_read(p->w, get, &x), ERR_NOT_FOUND);
    x.bump = true;
    assert_int_equal(do_write(p->w, save, &x), ERR_DRAFT_CHANGED);
    assert_int_equal(do_write(p->w, drop, &x), ERR_NOT_FOUND);
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    good(p->w->c, do_read(p->w, get, &x)); /* still there */
}

static void drafts_end(struct portal_world *p)
{
    struct draft_work x = {0}, y = {0};
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    new_draft(p, &x, "00000000000000000000000001");
    new_draft(p, &y, "00000000000000000000000002");
    good(p->w->c, do_write(p->w, filed, &x));
    good(p->w->c, do_read(p->w, get, &x)); /* leads to its dossier, without its values */
    assert_string_equal(x.d.code, CODE);
    assert_string_equal(shape_text(x.d.procedure->form, x.d.form, "child_name"), "");
    good(p->w->c, do_read(p->w, list, &x));
    assert_int_equal(x.n, 1);
    x.bump = true;
    assert_int_equal(do_write(p->w, save, &x), ERR_DRAFT_CHANGED);

    clock_by(p->w, DRAFT_US - HOUR_US);
    good(p->w->c, do_write(p->w, expire, &y));
    assert_int_equal(y.expired, 0);
    clock_by(p->w, HOUR_US);
    assert_int_equal(do_read(p->w, get, &y), ERR_NOT_FOUND);
    good(p->w->c, do_write(p->w, expire, &y));
    assert_int_equal(y.expired, 2);
}

/* ---- drafts of supplements ---- */

static enum err find_supplement(struct ctx *c, void *arg)
{
    struct draft_work *x = arg;
    return portal_store_supplement(c, CODE, &x->bump, &x->d);
}
static enum err end_supplement(struct ctx *c, void *arg)
{
    (void)arg;
    return portal_store_supplement_end(c, CODE);
}

static bool has_supplement(struct portal_world *p, struct draft_work *x)
{
    x->bump = true;
    good(p->w->c, do_read(p->w, find_supplement, x));
    return x->bump;
}

static void new_supplement(struct portal_world *p, struct draft_work *x)
{
    x->d = (struct portal_draft){
        .done = "", .supplements = CODE, .procedure = procedure_find(p->w->c, BIRTH)};
    x->d.id = x->id = id_new(p->w->c->arena, p->w->c->now_us);
    x->d.form = shape_new(p->w->c->arena, x->d.procedure->form);
    x->d.known = shape_new(p->w->c->arena, x->d.procedure->form);
    shape_set_text(x->d.procedure->form, x->d.form, "child_name", "An Nhiên");
    good(p->w->c, do_write(p->w, add, x));
}

static void supplements(struct portal_world *p)
{
    struct draft_work x = {0}, y = {0};
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    assert_false(has_supplement(p, &x));
    new_draft(p, &y, "00000000000000000000000001");
    assert_false(has_supplement(p, &x)); /* a new dossier is none */
    new_supplement(p, &x);
    assert_true(has_supplement(p, &x));
    assert_string_equal(x.d.supplements, CODE);
    assert_string_equal(shape_text(x.d.procedure->form, x.d.form, "child_name"), "An Nhiên");
    assert_int_equal(do_read(p->w, get, &x), ERR_NOT_FOUND); /* it can't be filed by itself */
    shape_set_text(x.d.procedure->form, x.d.form, "child_name", "An");
    x.bump = false;
    good(p->w->c, do_write(p->w, save, &x));
    assert_true(has_supplement(p, &x));
    assert_string_equal(shape_text(x.d.procedure->form, x.d.form, "child_name"), "An");
    good(p->w->c, do_read(p->w, list, &x));
    assert_int_equal(x.n, 2);
    assert_string_equal(x.list[0].supplements, CODE);
    assert_string_equal(x.list[1].supplements, "");

    as_citizen(p->w, FATHER, "Trần Quang Minh"); /* not his, though he may know the code */
    assert_false(has_supplement(p, &y));
    x.bump = false;
    assert_int_equal(do_write(p->w, save, &x), ERR_DRAFT_CHANGED);

    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    good(p->w->c, do_write(p->w, end_supplement, NULL));
    assert_false(has_supplement(p, &x));
    good(p->w->c, do_read(p->w, list, &x)); /* the other draft stays */
    assert_int_equal(x.n, 1);

    new_supplement(p, &x); /* and the job cleans it as it does all of them */
    clock_by(p->w, DRAFT_US);
    assert_false(has_supplement(p, &x));
    good(p->w->c, do_write(p->w, expire, &x));
    assert_int_equal(x.expired, 2);
}

static enum err count_clear(struct ctx *c, void *arg)
{
    return db_int(c, arg,
                  "SELECT count(*) FROM portal_draft WHERE form LIKE '%Nhi%' OR known LIKE '%Lan%'"
                  " OR owner LIKE '%046194%'");
}

static void nothing_in_clear(struct portal_world *p)
{
    struct draft_work x = {0};
    int64_t n = -1;
    if (p->w->d->kind != DB_SQLITE) /* bytea has no LIKE */
        return;
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    new_draft(p, &x, "00000000000000000000000001");
    good(p->w->c, do_read(p->w, count_clear, &n));
    assert_int_equal(n, 0);
}

/* ---- what other nodes tell ---- */

struct told {
    const char *client, *body;
    struct portal_dossier d, list[4];
    struct portal_event events[8];
    size_t n, n_events;
};

static enum err tell(struct ctx *c, void *arg)
{
    struct told *t = arg;
    struct service_call call = {.client = t->client, .member = "G22", .body = bytes_of(t->body)};
    return portal_serve_status(c, &call);
}
static enum err read_told(struct ctx *c, void *arg)
{
    struct told *t = arg;
    enum err e = portal_store_dossier(c, CODE, &t->d);
    if (!e)
        e = portal_store_dossiers(c, t->list, ARRAY_LEN(t->list), &t->n);
    return e ? e : portal_store_events(c, CODE, t->events, ARRAY_LEN(t->events), &t->n_events);
}

#define STATUS(status, version, label, reason, at)                                                 \
    "{\"code\":\"" CODE "\",\"procedure\":\"" BIRTH                                                \
    "\",\"procedure_name\":\"Khai sinh\",\"person\":\"" MOTHER                                     \
    "\",\"unit\":\"H57.31.08\",\"unit_name\":\"UBND phường Vỹ Dạ\",\"label\":\"" label             \
    "\",\"label_en\":\"" label "\",\"reason\":\"" reason                                           \
    "\",\"url\":\"http://h57.example/x\",\"status\":" status ",\"version\":" version               \
    ",\"filed_us\":1000,\"due_us\":9000,\"at_us\":" at "}"

static enum err destroy_dossier(struct ctx *c, void *arg)
{
    (void)arg;
    return subject_destroy_of(c, SUBJECT_CASE, CODE, "hết thời hạn");
}

static enum err read_list(struct ctx *c, void *arg)
{
    struct told *t = arg;
    return portal_store_dossiers(c, t->list, ARRAY_LEN(t->list), &t->n);
}

static void statuses(struct portal_world *p)
{
    struct told t = {.client = "H57"};
    static const char *const out_of_order[] = {
        STATUS("5", "2", "Chờ bổ sung", "Ảnh mờ", "2000"),
        STATUS("1", "1", "Chờ tiếp nhận", "", "1000"),     /* late: changes nothing that shows */
        STATUS("5", "2", "Chờ bổ sung", "Ảnh mờ", "2000"), /* twice */
        STATUS("4", "4", "Đang xử lý", "", "4000"), STATUS("4", "3", "Đã bổ sung", "", "3000")};
    for (size_t i = 0; i < ARRAY_LEN(out_of_order); i++) {
        t.body = out_of_order[i];
        as_system(p->w, "exchange");
        good(p->w->c, do_write(p->w, tell, &t));
        as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
        good(p->w->c, do_read(p->w, read_told, &t));
        assert_int_equal(t.d.version, i < 3 ? 2 : 4);
    }
    assert_int_equal(t.n, 1);
    assert_string_equal(t.list[0].label[LANG_VI], "Đang xử lý");
    assert_int_equal(t.n_events, 4);
    assert_int_equal(t.events[0].at_us, 4000);
    assert_string_equal(t.events[2].reason, "Ảnh mờ");
    as_citizen(p->w, FATHER, "Trần Quang Minh");
    assert_int_equal(do_read(p->w, read_told, &t), ERR_NOT_FOUND);
    /* destroyed: the list goes on without it */
    as_system(p->w, "retention");
    good(p->w->c, do_write(p->w, destroy_dossier, NULL));
    good(p->w->c, subjects_shred(p->w->c));
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    assert_int_equal(do_read(p->w, read_told, &t), ERR_NOT_FOUND);
    good(p->w->c, do_read(p->w, read_list, &t));
    assert_int_equal(t.n, 0);
}

static void statuses_refused(struct portal_world *p)
{
    struct told t = {.client = "H49", .body = STATUS("1", "1", "x", "", "1")};
    as_system(p->w, "exchange");
    assert_int_equal(do_write(p->w, tell, &t), ERR_FORBIDDEN); /* another province's dossier */
    t.client = "H5";                                           /* a prefix is not a parent */
    assert_int_equal(do_write(p->w, tell, &t), ERR_FORBIDDEN);
    t.client = "H57";
    t.body = STATUS("11", "1", "x", "", "1");
    assert_int_equal(do_write(p->w, tell, &t), ERR_OUT_OF_RANGE);
    t.body = "{\"code\":\"x\"}";
    assert_int_not_equal(do_write(p->w, tell, &t), OK);
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    assert_int_equal(do_read(p->w, read_told, &t), ERR_NOT_FOUND);
}

/* ---- ratings ---- */

static enum err rate(struct ctx *c, void *arg)
{
    return portal_store_rating(c, arg);
}
static enum err rated(struct ctx *c, void *arg)
{
    return portal_store_rated(c, CODE, arg);
}

static void ratings(struct portal_world *p)
{
    struct portal_rating x = {CODE, "H57.31.08", BIRTH, "a=2", "Tốt", 17};
    bool is = true;
    as_citizen(p->w, MOTHER, "Nguyễn Thị Lan");
    good(p->w->c, do_read(p->w, rated, &is));
    assert_false(is);
    good(p->w->c, do_write(p->w, rate, &x));
    good(p->w->c, do_read(p->w, rated, &is));
    assert_true(is);
    assert_int_equal(do_write(p->w, rate, &x), ERR_RATED);
}

WORLD_TEST(drafts)
WORLD_TEST(drafts_end)
WORLD_TEST(supplements)
WORLD_TEST(nothing_in_clear)
WORLD_TEST(statuses)
WORLD_TEST(statuses_refused)
WORLD_TEST(ratings)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supplements), cmocka_unit_test(test_drafts),
        cmocka_unit_test(test_drafts_end),  cmocka_unit_test(test_nothing_in_clear),
        cmocka_unit_test(test_statuses),    cmocka_unit_test(test_statuses_refused),
        cmocka_unit_test(test_ratings)};
    return cmocka_run_group_tests_name("portal store", tests, NULL, NULL);
}
