/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call of the database fails during an act, for every k: the act is wholly done or not at
   all (case, history, register, books, papers owed, messages, counts), and done again it is done
   once. */
#include "systems/onestop/test/onestop_test.h"

#define MAX_CALLS 250

struct sums { /* rows everywhere an act may write */
    int64_t n[10];
};

static enum err sum_now(struct ctx *c, void *arg)
{
    int64_t *n = ((struct sums *)arg)->n;
    enum err e = db_int(c, &n[0], "SELECT count(*) FROM casework_event");
    e = e ? e : db_int(c, &n[1], "SELECT count(*) FROM casework_fact");
    e = e ? e : db_int(c, &n[2], "SELECT count(*) FROM casework_document");
    e = e ? e : db_int(c, &n[3], "SELECT count(*) FROM onestop_paper");
    e = e ? e : db_int(c, &n[4], "SELECT count(*) FROM onestop_book");
    e = e ? e : db_int(c, &n[5], "SELECT count(*) FROM civilstatus_entry");
    e = e ? e : db_int(c, &n[6], "SELECT count(*) FROM core_outbox");
    e = e ? e : db_int(c, &n[7], "SELECT count(*) FROM core_audit");
    e = e ? e : db_int(c, &n[8], "SELECT count(*) FROM measure_source");
    return e ? e : db_int(c, &n[9], "SELECT count(*) FROM core_file");
}

static struct sums sums(struct desk *d)
{
    struct sums s;
    good(d->w->c, do_read(d->w, sum_now, &s));
    return s;
}

static void assert_same(const struct sums *a, const struct sums *b)
{
    for (size_t i = 0; i < ARRAY_LEN(a->n); i++)
        assert_int_equal(a->n[i], b->n[i]);
}

/* ---- one step, broken at each call ---- */

struct step { /* act, or answered when it is the other side's */
    const char *action, *reason, *role, *service;
    const char *to;        /* the state it leads to */
    const char *before[4]; /* acts that lead to where it starts, "role:action" */
    int64_t rows[10];      /* what it adds, as struct sums; -1: some */
};

/* rows: events, facts, documents, papers owed, book, register, messages, audit, counts, files */
#define CLERK   "commune_clerk"
#define OFFICER "civil_status_officer"
#define CHAIR   "commune_chairman"
static const struct step steps[] = {
    {.action = "accept", .role = CLERK, .to = "accepted", .rows = {1, 0, 0, 2, 1, 0, 1, 1, 0, 0}},
    {.action = "request_supplement",
     .reason = "Ảnh mờ",
     .role = CLERK,
     .to = "supplement_requested",
     .rows = {1, 0, 0, 1, 0, 0, 1, 1, 0, 0}},
    {.action = "refuse",
     .reason = "Không đúng nơi",
     .role = CLERK,
     .to = "refused",
     .rows = {1, 0, 0, 1, 0, 0, 1, 1, 0, 0}},
    {.action = "sign",
     .role = CHAIR,
     .before = {CLERK ":accept", OFFICER ":start_review", OFFICER ":propose"},
     .to = "registering",
     .rows = {1, 2, 0, 0, 0, 1, 2, 2, 0, 0}},
    {.service = "population.assign",
     .role = CHAIR,
     .before = {CLERK ":accept", OFFICER ":start_review", OFFICER ":propose", CHAIR ":sign"},
     .to = "card_pending",
     .rows = {1, 1, 0, 1, 0, 0, 2, 3, 0, 0}},
};

static enum err do_step(struct ctx *c, void *arg)
{
    struct work *x = arg;
    if (!x->name)
        return casework_act(c, x->code, x->action, x->version, x->reason, NULL, &x->k);
    for (size_t i = 0; i < onestop_module.n_replies; i++) {
        const struct reply_handler *h = &onestop_module.replies[i];
        bool pin = text_eq(x->name, "population.assign");
        if (text_eq(h->service, x->name))
            return h->answered(c, x->code, "m", 200,
                               bytes_of(pin ? peer.pin_answer : peer.card_answer));
    }
    return ERR_NOT_FOUND;
}

static void step_now(struct desk *d, const char *code, const char *role, const char *action,
                     const char *service)
{
    struct work x = {.code = code,
                     .action = action,
                     .name = service,
                     .reason = "",
                     .version = looked(d, code).k.version};
    as_official(d->w, role, WARD, "Phan Thị Thu Hà");
    with_purpose(d->w, "case_handling", code);
    good(d->w->c, do_write(d->w, do_step, &x));
}

static void lead_to(struct desk *d, const struct step *s, const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(s->before) && s->before[i]; i++) {
        const char *colon = strchr(s->before[i], ':');
        const char *role =
            arena_text_n(d->w->c->arena, s->before[i], (size_t)(colon - s->before[i]));
        bool theirs = strchr(colon, '.') != NULL;
        step_now(d, code, role, theirs ? NULL : colon + 1, theirs ? colon + 1 : NULL);
    }
}

/* True when the k-th call was there to fail. */
static bool broken_at(struct desk *d, const struct step *s, int k)
{
    int step = (int)(s - steps) + 1; /* children of one name are one child for the register */
    const char *code = filed(d, arena_printf(d->w->c->arena, "Trần Thị Số %d %d", step, k));
    peer.pin_answer = arena_printf(d->w->c->arena, "{\"pin\":\"0463209%05d\"}", k);
    lead_to(d, s, code);
    int64_t version = looked(d, code).k.version;
    struct work x = {.code = code,
                     .action = s->action,
                     .name = s->service,
                     .reason = s->reason,
                     .version = version};
    struct sums before = sums(d), after;
    as_official(d->w, s->role, WARD, "Phan Thị Thu Hà");
    with_purpose(d->w, "case_handling", code);
    assert_true(sys_fault_arm(arena_printf(d->w->c->arena, "db:%d:EIO", k)));
    enum err e = do_write(d->w, do_step, &x);
    bool hit = sys_fault_calls(SYS_DB) >= k;
    assert_true(sys_fault_arm(NULL));
    if (e) {
        assert_true(err_row(e)->status >= 500); /* never taken for a refusal */
        after = sums(d);
        assert_same(&before, &after);
        assert_int_equal(looked(d, code).k.version, version);
        as_official(d->w, s->role, WARD, "Phan Thị Thu Hà");
        with_purpose(d->w, "case_handling", code);
        good(d->w->c, do_write(d->w, do_step, &x));
    }
    after = sums(d);
    for (size_t i = 0; i < ARRAY_LEN(after.n); i++)
        assert_int_equal(after.n[i] - before.n[i], s->rows[i]);
    assert_int_equal(looked(d, code).k.version, version + 1);
    assert_string_equal(looked(d, code).k.state, s->to);
    return hit;
}

static void each_step(struct desk *d)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        int k = 1;
        while (k < MAX_CALLS && broken_at(d, &steps[i], k))
            k++;
        assert_true(k > 5);
        assert_true(k < MAX_CALLS);
    }
}

/* ---- papers: drawn outside, stored in one transaction ---- */

static void papers(struct desk *d)
{
    int k = 1;
    for (bool hit = true; hit && k < MAX_CALLS; k++) {
        const char *code = filed(d, arena_printf(d->w->c->arena, "Trần Thị Số %d", k));
        struct sums before = sums(d), after;
        as_system(d->w, "onestop");
        assert_true(sys_fault_arm(arena_printf(d->w->c->arena, "db:%d:EIO", k)));
        enum err e = onestop_make_papers(d->w->c, code);
        hit = sys_fault_calls(SYS_DB) >= k;
        assert_true(sys_fault_arm(NULL));
        after = sums(d);
        assert_int_equal(after.n[2] - before.n[2], e ? 0 : 1);
        assert_int_equal(after.n[9] - before.n[9], e ? 0 : 1);
        ctx_clear_faults(d->w->c);
        good(d->w->c, onestop_make_papers(d->w->c, code));
        struct work x = looked(d, code);
        assert_int_equal(x.n, 1);
        assert_true(has_paper(&x, "receipt"));
    }
    assert_true(k > 5);
    assert_true(k < MAX_CALLS);
}

DESK_TEST(each_step)
DESK_TEST(papers)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onestop_each_step),
                                       cmocka_unit_test(test_onestop_papers)};
    return cmocka_run_group_tests_name("onestop faults", tests, NULL, NULL);
}
