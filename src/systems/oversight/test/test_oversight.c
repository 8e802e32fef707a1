/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, alerts, emergency access and later notice, as officials meet them at a register's desk
   and on the pages of oversight, on both databases. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/audit.h"
#include "core/permit.h"
#include "core/reading.h"
#include "core/settings.h"
#include "engine/registry/registry.h"
#include "systems/oversight/oversight.h"
#include "systems/population/population.h"
#include "test/harness/office_test.h"

#define LAN    "046194900001"
#define DANG   "046091900002"
#define WHY    "purpose=population_management&matter=12/KH-BCA"
#define REASON "Người bệnh hôn mê, cần biết người thân để báo tin"

static const struct module *const modules[] = {&registry_module, &population_module,
                                               &oversight_module};

struct one {
    const char *name, *pin, *unit, *id;
};

static enum err add(struct ctx *c, void *arg)
{
    struct one *x = arg;
    const struct registry *r = registry_find(c, "population");
    const struct shape *s = registry_shape(r);
    const char *const known[][2] = {{"pin", x->pin},          {"full_name", x->name},
                                    {"sex", "female"},        {"ethnic_group", "01"},
                                    {"nationality", "VN"},    {"birth_date", "1994-05-12"},
                                    {"life_status", "alive"}, {"permanent_unit", x->unit}};
    void *data = registry_blank(c->arena, r);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        shape_set_text(s, data, known[i][0], known[i][1]);
    return registry_add(c, r, data, c->now_us, "Nhập lần đầu", &x->id);
}

static struct one added(struct node_world *w, const char *name, const char *pin, const char *unit)
{
    struct one x = {name, pin, unit, NULL};
    assert_int_equal(do_write(w, add, &x), OK);
    return x;
}

struct figure {
    const char *name, *value;
};

static enum err set_figure(struct ctx *c, void *arg)
{
    const struct figure *f = arg;
    return setting_change(c, f->name, f->value);
}

static void figure(struct node_world *w, const char *name, const char *value)
{
    struct figure f = {name, value};
    assert_int_equal(do_write(w, set_figure, &f), OK);
}

struct told {
    const char *person;
    struct access_line lines[50];
    size_t n;
};

static enum err lines_of(struct ctx *c, void *arg)
{
    struct told *t = arg;
    return access_of_person(c, t->person, "", t->lines, 50, &t->n);
}

static enum err looks_of(struct ctx *c, void *arg)
{
    struct told *t = arg;
    struct access_look looks[ACCESS_LOOKS];
    enum err e = access_looks(c, t->person, "", looks, ACCESS_LOOKS, &t->n);
    for (size_t i = 0; i < t->n && !e; i++)
        t->lines[i] = looks[i].first;
    return e;
}

/* What the person sees now. */
static struct told seen_by(struct node_world *w, const char *person)
{
    struct told t = {.person = person}, looks = {.person = person};
    assert_int_equal(do_read(w, lines_of, &t), OK);
    assert_int_equal(do_read(w, looks_of, &looks), OK);
    assert_int_equal(t.n == 0, looks.n == 0);
    return t;
}

static enum err count_all(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM core_access");
}

static int64_t all_lines(struct node_world *w)
{
    int64_t n = 0;
    assert_int_equal(do_read(w, count_all, &n), OK);
    return n;
}

/* ---- how much ---- */

static struct one crowd[8];

static void make_crowd(struct node_world *w)
{
    for (int i = 0; i < 8; i++)
        crowd[i] = added(w, "Lê Thị Hoa", arena_printf(w->c->arena, "0461949%05d", i),
                         i % 2 ? "19777" : "19753");
}

static int look_at(struct office *o, int i)
{
    return office_get(o, "/dan-cu/%s?" WHY, crowd[i].id);
}

/* The address of the first row of a list. */
static const char *first_link(struct office *o, const char *head)
{
    const char *at = strstr(o->b.text, arena_printf(o->w->c->arena, "href=\"%s/", head));
    assert_non_null(at);
    at += strlen("href=\"");
    return arena_text_n(o->w->c->arena, at, strcspn(at, "\""));
}

static void limited(struct node_world *w, void *arg)
{
    (void)arg;
    make_crowd(w);
    figure(w, "reading.hour_warn", "3");
    figure(w, "reading.hour_stop", "5");
    struct office o = office_open(w);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    for (int i = 0; i < 2; i++)
        assert_int_equal(look_at(&o, i), 200);
    assert_int_equal(look_at(&o, 0), 200); /* the same one again isn't one more */
    assert_int_equal(office_get(&o, "/dan-cu"), 200);
    assert_false(web_shows(&o.b, "nhiều hơn bình thường"));
    assert_int_equal(look_at(&o, 2), 200);
    assert_int_equal(office_get(&o, "/dan-cu"), 200);
    assert_true(web_shows(&o.b, "nhiều hơn bình thường (3, giới hạn 5)"));
    for (int i = 3; i < 5; i++)
        assert_int_equal(look_at(&o, i), 200);
    int64_t before = all_lines(w);
    assert_int_equal(look_at(&o, 5), 429);
    assert_true(web_shows(&o.b, "xin phép xem khẩn cấp")); /* the way out */
    assert_false(web_shows(&o.b, crowd[5].pin));
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=%s", crowd[6].pin), 429);
    assert_false(web_shows(&o.b, "Lê Thị Hoa"));
    o.b.accept = "application/json";
    assert_int_equal(look_at(&o, 5), 429);
    assert_true(web_shows(&o.b, "ERR_READ_LIMIT"));
    o.b.accept = "text/html";
    assert_int_equal(all_lines(w), before); /* no line, and no answer */
    assert_int_equal(look_at(&o, 4), 200);  /* what was open stays open */
    office_as(&o, "population_leader", "G15", "Người khác");
    assert_int_equal(office_get(&o, "/giam-sat"), 200);
    assert_false(web_shows(&o.b, "Bùi Quốc Anh")); /* another agency's */
    office_as(&o, "population_leader", "G01", "Trần Thị Mai");
    assert_int_equal(office_get(&o, "/giam-sat"), 200);
    assert_true(web_shows(&o.b, "Bùi Quốc Anh"));
    assert_true(web_shows(&o.b, "Đã bị dừng"));
    const char *alert = first_link(&o, "/giam-sat");
    assert_int_equal(web_get(&o.b, alert), 200);
    const char *done = arena_printf(w->c->arena, "%s/xong", alert);
    assert_int_equal(WEB_POST(&o.b, done, "reason", "ngắn"), 422);
    assert_int_equal(WEB_POST(&o.b, done, "reason", "Đã hỏi: rà soát theo kế hoạch"), 303);
    assert_int_equal(web_get(&o.b, alert), 200);
    assert_true(web_shows(&o.b, "Đã hỏi: rà soát theo kế hoạch"));
    assert_int_equal(WEB_POST(&o.b, done, "reason", "Kết luận lần thứ hai"), 422);
    office_as(&o, "population_leader", "G15", "Người khác");
    assert_int_equal(web_get(&o.b, alert), 404);
    clock_by(w, HOUR_US); /* another hour, another count */
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(look_at(&o, 5), 200);
    office_close(&o);
}

static void test_oversight_stops_who_reads_too_much(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), limited, NULL);
}

static void kinds(struct node_world *w, void *arg)
{
    (void)arg;
    make_crowd(w);
    struct office o = office_open(w);
    figure(w, "reading.searches_warn", "2");
    figure(w, "reading.searches_stop", "3");
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    for (int i = 0; i < 3; i++) /* of a name that nobody bears: searches count all the same */
        assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=khongai"), 200);
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=khongai"), 429);
    clock_by(w, MINUTE_US);
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=khongai"), 200);
    figure(w, "reading.places_warn", "1");
    figure(w, "reading.places_stop", "1");
    assert_int_equal(look_at(&o, 0), 200);
    assert_int_equal(look_at(&o, 2), 200); /* of the same commune */
    assert_int_equal(look_at(&o, 1), 429); /* of a second one */
    figure(w, "reading.places_stop", "9");
    figure(w, "reading.day_warn", "3");
    figure(w, "reading.day_stop", "3");
    assert_int_equal(look_at(&o, 1), 200);
    clock_by(w, HOUR_US);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(look_at(&o, 3), 429); /* the fourth of the day */
    clock_by(w, DAY_US);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(look_at(&o, 3), 200);
    office_close(&o);
}

static void test_oversight_counts_days_places_and_searches(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), kinds, NULL);
}

/* What a page reads waits for its commit, as here. */
static enum err handle(struct ctx *c, void *arg)
{
    enum err e = access_note(c, LAN, "dossier", arg, "");
    return e ? e : access_commit(c);
}

static enum err read_dossier(struct ctx *c, void *arg)
{
    return access_note(c, LAN, "dossier", arg, "");
}

static enum err commit_lines(struct ctx *c, void *arg)
{
    (void)arg;
    return access_commit(c);
}

static enum err count_alerts(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM core_reading_alert WHERE kind = 'cases'");
}

/* One's own unit's dossiers are one's work: told when they are very many, never stopped. */
static void work(struct node_world *w, void *arg)
{
    int64_t alerts = 0;
    (void)arg;
    figure(w, "reading.cases_warn", "4");
    figure(w, "reading.hour_stop", "1");
    as_official(w, "commune_clerk", "H57.31.08", "Phan Thị Thu Hà");
    with_purpose(w, "case_handling", "H57.31.08-200604-0001");
    for (int i = 0; i < 6; i++) {
        const char *code = arena_printf(w->c->arena, "H57.31.08-200604-%04d", i);
        w->c->access = NULL;
        assert_int_equal(do_read(w, read_dossier, (void *)(uintptr_t)code), OK);
        assert_int_equal(do_write(w, commit_lines, NULL), OK);
        w->c->access = NULL;
        assert_int_equal(do_write(w, handle, (void *)(uintptr_t)code), OK); /* an act counts not */
    }
    assert_int_equal(do_read(w, count_alerts, &alerts), OK);
    assert_int_equal(alerts, 1);
    assert_int_equal(all_lines(w), 12);
}

static void test_oversight_work_is_told_and_not_stopped(void **state)
{
    (void)state;
    node_test_agency("H57");
    node_test(modules + 2, 1, work, NULL);
}

static enum err count_one(struct ctx *c, void *arg)
{
    return reading_count(c, arg, "");
}

/* Reads n different records; the first that is refused, from 1, or 0. */
static int read_many(struct node_world *w, int n)
{
    for (int i = 1; i <= n; i++) {
        const char *what = arena_printf(w->c->arena, "record %d", i);
        enum err e = do_write(w, count_one, (void *)(uintptr_t)what);
        if (e) {
            assert_int_equal(e, ERR_READ_LIMIT);
            return i;
        }
    }
    return 0;
}

static void by_role(struct node_world *w, void *arg)
{
    (void)arg;
    as_official(w, "commune_clerk", "H57.31.08", "Phan Thị Thu Hà");
    assert_int_equal(read_many(w, 70), 61); /* country/vn/roles.json */
    clock_by(w, HOUR_US);
    figure(w, "reading.hour_stop", "20"); /* the node's own figure may be less */
    assert_int_equal(read_many(w, 30), 21);
    figure(w, "reading.hour_stop", "200");
    as_official(w, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(read_many(w, 70), 0);
}

static void test_oversight_limits_by_role(void **state)
{
    (void)state;
    node_test_agency("H57");
    node_test(modules + 2, 1, by_role, NULL);
}

/* ---- an emergency ---- */

static int act(struct office *o, const char *permit, const char *what)
{
    const char *path = arena_printf(o->w->c->arena, "%s/%s", permit, what);
    assert_int_equal(web_get(&o->b, permit), 200);
    return WEB_POST(&o->b, path, "reason", "Đã gọi bệnh viện, đúng là khẩn cấp");
}

static int open_with(struct office *o, const char *permit, const char *pin)
{
    return office_search(o, "/dan-cu?purpose=emergency&matter=%s&words=%s",
                         strrchr(permit, '/') + 1, pin);
}

/* Lines by that reader for that purpose, each told why it comes late. */
static int named(const struct told *t, const char *purpose, const char *reader)
{
    int n = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct access_line *l = &t->lines[i];
        if (!text_eq(l->purpose, purpose) || !text_eq(l->reader_name, reader))
            continue;
        assert_string_equal(l->late, "emergency");
        n++;
    }
    return n;
}

static void emergency(struct node_world *w, void *arg)
{
    (void)arg;
    added(w, "Nguyễn Thị Lan", LAN, "19777");
    added(w, "Trần Văn Đặng", DANG, "19777");
    figure(w, "reading.hour_stop", "1");
    figure(w, "reading.hour_warn", "1");
    struct office o = office_open(w);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=" DANG),
                     200); /* the limit is reached */
    assert_int_equal(office_get(&o, "/phep/moi?loai=emergency"), 200);
    assert_int_equal(WEB_POST(&o.b, "/phep/moi", "kind", "emergency", "person", LAN, "reason", "x"),
                     422);
    assert_true(web_shows(&o.b, LAN)); /* what was typed stays */
    assert_int_equal(WEB_POST(&o.b, "/phep/moi", "kind", "emergency", "reason", REASON), 422);
    assert_int_equal(
        WEB_POST(&o.b, "/phep/moi", "kind", "emergency", "person", LAN, "reason", REASON), 303);
    const char *permit = arena_text(w->c->arena, web_answer_header(&o.b, "Location"));
    assert_int_equal(open_with(&o, permit, LAN), 422); /* not allowed yet */
    assert_false(web_shows(&o.b, "Nguyễn Thị Lan"));
    assert_int_equal(act(&o, permit, "cho"), 403); /* never by oneself */
    office_as(&o, "population_leader", "G15", "Người khác");
    assert_int_equal(web_get(&o.b, permit), 404); /* nor by another agency */
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(office_get(&o, "/phep"), 200);
    assert_false(web_shows(&o.b, "việc chờ bạn")); /* their own */
    office_as(&o, "population_leader", "G01", "Trần Thị Mai");
    assert_int_equal(office_get(&o, "/giam-sat"), 200); /* told on every page */
    assert_true(web_shows(&o.b, "việc chờ bạn"));
    assert_int_equal(office_get(&o, "/phep"), 200);
    assert_true(web_shows(&o.b, "Chờ duyệt"));
    assert_int_equal(act(&o, permit, "cho"), 303);
    assert_int_equal(office_get(&o, "/giam-sat"), 200);
    assert_false(web_shows(&o.b, "việc chờ bạn"));
    assert_int_equal(act(&o, permit, "cho"), 422);  /* once */
    assert_int_equal(act(&o, permit, "dung"), 403); /* who allowed it doesn't review it */
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(web_get(&o.b, permit), 200);
    assert_true(web_shows(&o.b, "/dan-cu?purpose=emergency"));
    assert_int_equal(open_with(&o, permit, LAN), 200); /* past the limit */
    assert_true(web_shows(&o.b, "Nguyễn Thị Lan"));
    assert_int_equal(open_with(&o, permit, DANG), 403); /* one person's data */
    assert_false(web_shows(&o.b, "Trần Văn Đặng"));
    office_as(&o, "commune_clerk", "G01", "Kẻ mượn phép");
    assert_int_equal(open_with(&o, permit, LAN), 422); /* one official's permit */
    assert_int_equal(seen_by(w, LAN).n, 0);            /* told later */
    clock_by(w, 31 * MINUTE_US);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(open_with(&o, permit, LAN), 422); /* it is over */
    office_as(&o, "auditor", "G01", "Vũ Thanh Tâm");
    assert_int_equal(act(&o, permit, "sai"), 303);
    assert_int_equal(act(&o, permit, "dung"), 422); /* once */
    clock_by(w, 72 * HOUR_US);
    struct told t = seen_by(w, LAN);
    assert_int_equal(named(&t, "emergency", "Bùi Quốc Anh"), 1);
    /* who decided and who reviewed saw the number; who decided before it was allowed, a day later
     */
    int before = named(&t, "oversight", "Trần Thị Mai");
    assert_true(before > 0);
    assert_true(named(&t, "oversight", "Vũ Thanh Tâm") > 0);
    assert_int_equal(named(&t, "oversight", "Bùi Quốc Anh"), 0); /* who asked typed it */
    clock_by(w, DAY_US);
    t = seen_by(w, LAN);
    assert_int_equal(named(&t, "oversight", "Trần Thị Mai"), before + 1);
    office_close(&o);
}

static void test_oversight_emergency_needs_a_second_person(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), emergency, NULL);
}

struct asking {
    struct permit_ask ask;
    const char *id;
};

static enum err ask_for(struct ctx *c, void *arg)
{
    struct asking *x = arg;
    return permit_ask(c, &x->ask, &x->id);
}

static enum err decide(struct ctx *c, void *arg)
{
    return permit_decide(c, ((struct asking *)arg)->id, true, "Đồng ý");
}

static enum err review(struct ctx *c, void *arg)
{
    return permit_review(c, ((struct asking *)arg)->id, true, "Đúng");
}

/* Whoever may decide and review others' may not their own. */
static void by_oneself(struct node_world *w, void *arg)
{
    struct asking x = {.ask = {.kind = PERMIT_EMERGENCY, .person = LAN, .reason = REASON}};
    (void)arg;
    as_official(w, "population_leader", "G01", "Trần Thị Mai");
    assert_int_equal(do_write(w, ask_for, &x), OK);
    assert_int_equal(do_write(w, decide, &x), ERR_SECOND_PERSON);
    assert_int_equal(do_write(w, review, &x), ERR_SECOND_PERSON);
    as_official(w, "supervisor", "G01", "Hoàng Văn Sơn");
    assert_int_equal(do_write(w, review, &x), ERR_PERMIT_STATE); /* it isn't given */
    assert_int_equal(do_write(w, decide, &x), OK);
    assert_int_equal(do_write(w, review, &x), ERR_SECOND_PERSON);
    as_official(w, "population_leader", "G01", "Trần Thị Mai");
    assert_int_equal(do_write(w, review, &x), ERR_SECOND_PERSON);
    as_official(w, "auditor", "G01", "Vũ Thanh Tâm");
    assert_int_equal(do_write(w, decide, &x), ERR_NOT_FOUND); /* watches, doesn't decide */
    assert_int_equal(do_write(w, review, &x), OK);
    as_official(w, "population_leader", "G01", "Trần Thị Mai");
    assert_int_equal(do_write(w, ask_for, &x), OK);
    clock_by(w, 25 * HOUR_US); /* nobody answered in time */
    as_official(w, "supervisor", "G01", "Hoàng Văn Sơn");
    assert_int_equal(do_write(w, decide, &x), ERR_PERMIT_STATE);
}

static void test_oversight_nobody_decides_their_own(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), by_oneself, NULL);
}

/* ---- told later ---- */

#define ASK_DELAY(o, ...)                                                                          \
    WEB_POST(&(o)->b, "/phep/moi", "kind", "delay", "person", LAN, "reason", REASON, __VA_ARGS__)

static enum err move_forward(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE core_access SET shown_us = shown_us + 1 WHERE shown_us > 0");
}

static enum err verify(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

static void later(struct node_world *w, void *arg)
{
    (void)arg;
    added(w, "Nguyễn Thị Lan", LAN, "19777");
    struct office o = office_open(w);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(office_get(&o, "/phep/moi?loai=delay"), 200);
    assert_int_equal(ASK_DELAY(&o, "document", "12/QĐ-CSĐT", "until", "10/06/2020"), 422);
    assert_int_equal(
        ASK_DELAY(&o, "basis", "vi_sep_bao", "document", "12/QĐ-CSĐT", "until", "10/06/2020"), 422);
    assert_int_equal(ASK_DELAY(&o, "basis", "criminal_procedure", "document", "theo lời sếp",
                               "until", "10/06/2020"),
                     403);
    assert_int_equal(ASK_DELAY(&o, "basis", "criminal_procedure", "document", "12/QĐ-CSĐT"), 422);
    assert_int_equal(ASK_DELAY(&o, "basis", "criminal_procedure", "document", "12/QĐ-CSĐT", "until",
                               "10/06/2022"),
                     422); /* for ever isn't later */
    assert_int_equal(ASK_DELAY(&o, "basis", "criminal_procedure", "document", "12/QĐ-CSĐT", "until",
                               "10/06/2020"),
                     303);
    const char *permit = arena_text(w->c->arena, web_answer_header(&o.b, "Location"));
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=" LAN), 200);
    assert_int_equal(seen_by(w, LAN).n, 1); /* asked isn't given */
    office_as(&o, "population_leader", "G01", "Trần Thị Mai");
    assert_int_equal(act(&o, permit, "cho"), 303);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=" LAN), 200);
    assert_int_equal(seen_by(w, LAN).n, 1);
    assert_int_equal(all_lines(w), 3); /* kept, who decided too, and held by the trail */
    office_as(&o, "commune_chairman", "G01", "Tôn Thất Vinh");
    clock_at(w, 20200610, 2359);
    assert_int_equal(seen_by(w, LAN).n, 1);
    clock_at(w, 20200611, 1);
    struct told t = seen_by(w, LAN);
    assert_int_equal(t.n, 3);
    assert_string_equal(t.lines[0].late, "criminal_procedure 12/QĐ-CSĐT");
    assert_string_equal(t.lines[1].late, "criminal_procedure 12/QĐ-CSĐT");
    assert_string_equal(t.lines[1].what, "permit");
    assert_string_equal(t.lines[2].late, "");
    struct audit_report report = {0};
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_string_equal(report.problem, "");
    assert_int_equal(do_write(w, move_forward, NULL), OK); /* a hand on the date */
    assert_int_equal(do_read(w, verify, &report), OK);
    assert_string_not_equal(report.problem, "");
    office_close(&o);
}

static void test_oversight_tells_later_only_by_law_and_until_a_day(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), later, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oversight_stops_who_reads_too_much),
        cmocka_unit_test(test_oversight_counts_days_places_and_searches),
        cmocka_unit_test(test_oversight_work_is_told_and_not_stopped),
        cmocka_unit_test(test_oversight_limits_by_role),
        cmocka_unit_test(test_oversight_emergency_needs_a_second_person),
        cmocka_unit_test(test_oversight_nobody_decides_their_own),
        cmocka_unit_test(test_oversight_tells_later_only_by_law_and_until_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
