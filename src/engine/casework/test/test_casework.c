/* SPDX-License-Identifier: Apache-2.0 */
/* Filing and acting: codes, due dates, who may do what when, the clock, two at once. */
#include "test/harness/unit.h"

#include <pthread.h>

#include "core/access.h"
#include "engine/casework/casework_private.h"
#include "engine/casework/test/casework_test.h"

/* ---- filing ---- */

static void codes(struct node_world *w, void *arg)
{
    (void)arg;
    assert_string_equal(filed(w, "An Nhiên").code, "000.08.31.H57-200604-0001");
    assert_string_equal(filed(w, "An Nhiên").code, "000.08.31.H57-200604-0002");
    struct work k = {.form = form_of(w, "Bé"), .unit = "H57.31.08.01"};
    assert_int_equal(do_write(w, file_it, &k), OK);
    assert_string_equal(k.k.code, "001.08.31.H57-200604-0001"); /* another counter */
    clock_at(w, 20200604, 2359);
    assert_string_equal(filed(w, "An Nhiên").code, "000.08.31.H57-200604-0003");
    clock_at(w, 20200605, 1); /* still 4 June in UTC */
    assert_string_equal(filed(w, "An Nhiên").code, "000.08.31.H57-200605-0001");
    k.unit = "H99.99";
    assert_int_equal(do_write(w, file_it, &k), ERR_UNIT_UNKNOWN);
    assert_fault(w, "unit");
}

static void test_casework_codes(void **state)
{
    (void)state;
    node_test(modules, 1, codes, NULL);
}

static void files_and_gets(struct node_world *w, void *arg)
{
    (void)arg;
    const struct shape *s = procedure_find(w->c, BIRTH)->form;
    struct casework_case k = filed(w, "Trần Nguyễn An Nhiên");
    assert_string_equal(k.state, "submitted");
    assert_int_equal(k.national, 1);
    assert_int_equal(k.version, 1);
    struct work x = {.code = k.code};
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_null(w->c->access); /* her own */
    assert_string_equal(x.k.person, LAN);
    assert_string_equal(x.k.title, "Trần Nguyễn An Nhiên");
    assert_string_equal(x.k.channel, "online");
    assert_string_equal(x.k.unit, WARD);
    assert_string_equal(shape_text(s, x.k.form, "child_name"), "Trần Nguyễn An Nhiên");
    assert_string_equal(shape_text(s, x.k.form, "requester_name"), "Nguyễn Thị Lan");
    x.code = "000.08.31.H57-200604-9999";
    assert_int_equal(do_read(w, get_it, &x), ERR_NOT_FOUND);
}

static void test_casework_files_and_gets(void **state)
{
    (void)state;
    node_test(modules, 1, files_and_gets, NULL);
}

static void due_dates(struct node_world *w, void *arg)
{
    (void)arg;
    const struct {
        int day, time, due_day, due_time;
        const char *words;
    } rows[] = {
        {20200604, 900, 20200609, 900, "06/06/2020"}, /* over a weekend */
        {20200604, 1530, 20200610, 730, "15:00"},     /* past the cut-off: counted from Friday */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        clock_at(w, rows[i].day, rows[i].time);
        struct casework_case k = filed(w, "An Nhiên");
        assert_int_equal(k.due_us, local_us(rows[i].due_day, rows[i].due_time));
        assert_non_null(strstr(k.due_words[LANG_VI], rows[i].words));
        assert_true(strlen(k.due_words[LANG_EN]) > 20);
        assert_true(strlen(k.calendar_version) > 0);
    }
}

static void test_casework_due_dates(void **state)
{
    (void)state;
    node_test(modules, 1, due_dates, NULL);
}

/* At the counter the clerk files: the case is nobody's own, and reading it needs no line. */
static void at_the_counter(struct node_world *w, void *arg)
{
    (void)arg;
    clerk(w);
    struct work k = {.form = form_of(w, "An Nhiên"), .channel = "counter"};
    assert_int_equal(do_write(w, file_it, &k), OK);
    k.code = k.k.code;
    assert_int_equal(do_read(w, get_it, &k), OK);
    assert_string_equal(k.k.channel, "counter");
    lan(w);
    assert_int_equal(do_read(w, get_it, &k), ERR_NOT_FOUND);
    as_citizen(w, "", "Không số");
    assert_int_equal(do_read(w, get_it, &k), ERR_NOT_FOUND);
}

static void test_casework_at_the_counter(void **state)
{
    (void)state;
    node_test(modules, 1, at_the_counter, NULL);
}

/* ---- who may do what, when ---- */

static void refusals(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    const struct {
        const char *role, *unit, *action, *reason;
        int64_t version;
        enum err wanted;
    } rows[] = {
        {"commune_clerk", WARD, "accept", "", 2, ERR_CASE_CHANGED},
        {"commune_clerk", WARD, "accept", "", 0, ERR_CASE_CHANGED},
        {"commune_clerk", WARD, "hand_over", "", 1, ERR_CASE_STATE},
        {"commune_clerk", WARD, "refuse", "", 1, ERR_CASE_REASON},
        {"commune_clerk", WARD, "refuse", NULL, 1, ERR_CASE_REASON},
        {"commune_clerk", WARD, "sign", "", 1, ERR_FORBIDDEN},
        {"commune_clerk", WARD, "expire_supplement", "x", 1, ERR_FORBIDDEN}, /* the system's */
        {"commune_clerk", WARD, "withdraw", "x", 1, ERR_FORBIDDEN},          /* the citizen's */
        {"commune_clerk", WARD, "dance", "", 1, ERR_NOT_FOUND},
        {"commune_chairman", WARD, "accept", "", 1, ERR_FORBIDDEN},
        {"commune_clerk", "H57.31.09", "accept", "", 1, ERR_NOT_FOUND}, /* another ward */
        {"commune_clerk", "H57.31.0", "accept", "", 1, ERR_NOT_FOUND},  /* begins alike */
        {"system_admin", "H57", "accept", "", 1, ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct work x = {.code = k.code,
                         .action = rows[i].action,
                         .reason = rows[i].reason,
                         .version = rows[i].version};
        official(w, rows[i].role, rows[i].unit);
        assert_int_equal(do_write(w, act_on_it, &x), rows[i].wanted);
    }
    as_citizen(w, MINH, "Trần Quang Minh"); /* another's */
    assert_int_equal(acted(w, &k, "withdraw", "Nhầm"), ERR_NOT_FOUND);
    clerk(w);
    assert_int_equal(acted(w, &k, "accept", ""), OK); /* nothing of all that left a trace */
    assert_int_equal(k.version, 2);
}

static void test_casework_refusals(void **state)
{
    (void)state;
    node_test(modules, 1, refusals, NULL);
}

static enum err count_done(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_counts(c, &k->counts);
}

static void happy_way(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    const struct {
        const char *role, *action, *state;
        int national;
    } rows[] = {
        {"commune_clerk", "accept", "accepted", 2},
        {"civil_status_officer", "start_review", "reviewing", 4},
        {"civil_status_officer", "propose", "signing", 4},
        {"commune_chairman", "sign", "registering", 4},
        {"", "pin_assigned", "card_pending", 4},
        {"", "card_issued", "done", 9},
        {"commune_clerk", "hand_over", "returned", 10},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (*rows[i].role)
            official(w, rows[i].role, WARD);
        else
            as_system(w, "onestop");
        clock_by(w, MINUTE_US);
        assert_int_equal(acted(w, &k, rows[i].action, ""), OK);
        assert_string_equal(k.state, rows[i].state);
        assert_int_equal(k.national, rows[i].national);
        assert_int_equal(k.version, i + 2);
    }
    assert_true(k.closed_us == w->c->now_us - MINUTE_US); /* done; handed over later */
    struct work x = {0};
    assert_int_equal(do_read(w, count_done, &x), OK);
    assert_int_equal(x.counts.done, 1); /* once, though two states end */
}

static void test_casework_happy_way(void **state)
{
    (void)state;
    node_test(modules, 1, happy_way, NULL);
}

static size_t actions_now(struct node_world *w, const struct casework_case *k, const char *wanted)
{
    const struct process_action *a[CASEWORK_MAX_ACTIONS];
    size_t n = casework_actions(w->c, k, a, ARRAY_LEN(a)), found = 0;
    for (size_t i = 0; i < n; i++)
        found += text_eq(a[i]->name, wanted);
    return found ? n : 0;
}

static void offers_actions(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    assert_int_equal(actions_now(w, &k, "withdraw"), 1);
    clerk(w);
    assert_int_equal(actions_now(w, &k, "accept"), 3); /* accept, ask, refuse */
    official(w, "commune_chairman", WARD);
    assert_int_equal(actions_now(w, &k, "sign"), 0);
}

static void test_casework_offers_actions(void **state)
{
    (void)state;
    node_test(modules, 1, offers_actions, NULL);
}

/* ---- the clock ---- */

static void supplement(struct node_world *w, void *arg)
{
    (void)arg;
    const struct shape *s = procedure_find(w->c, BIRTH)->form;
    struct casework_case k = filed(w, "An Nhiên");
    assert_int_equal(k.due_us, local_us(20200609, 900));
    clerk(w);
    clock_at(w, 20200604, 1000);
    assert_int_equal(acted(w, &k, "request_supplement", "Thiếu giấy chứng sinh"), OK);
    assert_int_equal(k.national, 5);
    assert_int_equal(k.paused_us, w->c->now_us);
    clock_at(w, 20200608, 1000); /* two working days later */
    lan(w);
    struct work x = {.code = k.code,
                     .action = "supplement",
                     .version = k.version,
                     .form = form_of(w, "Trần An Nhiên")};
    assert_int_equal(do_write(w, act_on_it, &x), OK);
    assert_int_equal(x.k.due_us, local_us(20200611, 900));
    assert_int_equal(x.k.paused_us, 0);
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_string_equal(shape_text(s, x.k.form, "child_name"), "Trần An Nhiên");
    assert_string_equal(x.k.state, "supplemented");
}

static void test_casework_supplement(void **state)
{
    (void)state;
    node_test(modules, 1, supplement, NULL);
}

/* The citizen withdraws, the clerk declines: asked for a second time is once too often. */
static enum err ask_again(struct ctx *c, void *arg)
{
    struct work *k = arg;
    struct casework_row row = {0};
    bool found;
    enum err e = casework_store_get(c, k->code, &found, &row);
    int64_t rows;
    row.k.state = "submitted";
    row.phase = PHASE_RUN;
    return e ? e : casework_store_update(c, &row, row.k.version, &rows);
}

static void supplement_once(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    clerk(w);
    assert_int_equal(acted(w, &k, "request_supplement", "Thiếu giấy"), OK);
    struct work x = {.code = k.code};
    assert_int_equal(do_write(w, ask_again, &x), OK); /* as if the process led back */
    assert_int_equal(acted(w, &k, "request_supplement", "Thiếu nữa"), ERR_SUPPLEMENT_ONCE);
    assert_int_equal(acted(w, &k, "refuse", "Không đủ"), OK);
    assert_int_equal(k.closed_us, w->c->now_us);
}

static void test_casework_supplement_once(void **state)
{
    (void)state;
    node_test(modules, 1, supplement_once, NULL);
}

static void apology_once(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    clerk(w);
    assert_int_equal(acted(w, &k, "accept", ""), OK);
    const char *words = k.due_words[LANG_VI];
    clock_at(w, 20200608, 900);
    assert_int_equal(acted(w, &k, "apologise_accepted", "Hệ thống bảo trì"), OK);
    assert_string_equal(k.state, "accepted");
    assert_int_equal(k.due_us, local_us(20200611, 900));
    assert_string_not_equal(k.due_words[LANG_VI], words); /* the new date explains itself */
    struct work x = {.code = k.code};
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_string_equal(x.k.due_words[LANG_VI], k.due_words[LANG_VI]);
    assert_int_equal(acted(w, &k, "apologise_accepted", "Vẫn bảo trì"), ERR_EXTENSION_ONCE);
    struct process *own = (struct process *)(uintptr_t)procedure_find(w->c, BIRTH)->process;
    own->max_extensions = 2; /* of a procedure whose definition allows more */
    assert_int_equal(acted(w, &k, "apologise_accepted", "Vẫn bảo trì"), OK);
    assert_int_equal(acted(w, &k, "apologise_accepted", "Chưa xong"), ERR_EXTENSION_ONCE);
    own->max_extensions = 1;
}

static void test_casework_apology_once(void **state)
{
    (void)state;
    node_test(modules, 1, apology_once, NULL);
}

/* ---- two at once ---- */

struct racer {
    struct node_world *w;
    struct work k;
    enum err e;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct ctx *c = db_test_ctx();
    c->node = r->w->n;
    c->now_us = r->w->c->now_us;
    c->actor = r->w->c->actor;
    c->purpose = r->w->c->purpose;
    r->e = db_write(c, r->w->n->db, act_on_it, &r->k);
    db_test_ctx_end(c);
    return NULL;
}

static void one_wins(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    struct racer r[4];
    pthread_t t[4];
    size_t won = 0;
    clerk(w);
    for (size_t i = 0; i < 4; i++)
        r[i] = (struct racer){.w = w,
                              .k = {.code = k.code,
                                    .action = i % 2 ? "accept" : "refuse",
                                    .reason = "Lý do",
                                    .version = 1}};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, race, &r[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
        won += r[i].e == OK;
        assert_true(r[i].e == OK || r[i].e == ERR_CASE_CHANGED);
    }
    assert_int_equal(won, 1);
    struct work x = {.code = k.code};
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_int_equal(x.k.version, 2);
}

static void test_casework_one_wins(void **state)
{
    (void)state;
    node_test(modules, 1, one_wins, NULL);
}

/* ---- who listens ---- */

static int heard;
static enum err answer_of_listener;

static enum err listen(struct ctx *c, const struct procedure *p, const struct casework_case *k,
                       const struct process_action *x, const char *reason)
{
    (void)c, (void)p, (void)reason;
    heard += x ? 10 : 1;
    assert_true(x != NULL || k->version == 1);
    return answer_of_listener;
}

static void listeners(struct node_world *w, void *arg)
{
    (void)arg;
    heard = 0, answer_of_listener = OK;
    casework_listen(listen);
    casework_listen(listen); /* the same once */
    struct casework_case k = filed(w, "An Nhiên");
    assert_int_equal(heard, 1);
    answer_of_listener = ERR_CONFLICT; /* who listens may refuse: nothing was done */
    clerk(w);
    assert_int_equal(acted(w, &k, "accept", ""), ERR_CONFLICT);
    answer_of_listener = OK;
    assert_int_equal(acted(w, &k, "accept", ""), OK);
    assert_int_equal(heard, 21);
}

static void test_casework_listeners(void **state)
{
    (void)state;
    node_test(modules, 1, listeners, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_casework_codes),
        cmocka_unit_test(test_casework_files_and_gets),
        cmocka_unit_test(test_casework_due_dates),
        cmocka_unit_test(test_casework_at_the_counter),
        cmocka_unit_test(test_casework_refusals),
        cmocka_unit_test(test_casework_happy_way),
        cmocka_unit_test(test_casework_offers_actions),
        cmocka_unit_test(test_casework_supplement),
        cmocka_unit_test(test_casework_supplement_once),
        cmocka_unit_test(test_casework_apology_once),
        cmocka_unit_test(test_casework_one_wins),
        cmocka_unit_test(test_casework_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
