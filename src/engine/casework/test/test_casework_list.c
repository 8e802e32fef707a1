/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, counts, history, papers, facts, expiry, and what lies in the tables. */
#include "test/harness/unit.h"

#include "core/jobs.h"
#include "engine/casework/test/casework_test.h"

static size_t listed(struct node_world *w, const char *queue)
{
    struct work x = {.filter = {.queue = queue}};
    assert_int_equal(do_read(w, list_them, &x), OK);
    assert_null(x.next);
    return x.n;
}

static enum err history(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_history(c, k->code, k->events, ARRAY_LEN(k->events), &k->n);
}

static enum err papers_of(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_documents(c, k->code, k->documents, ARRAY_LEN(k->documents), &k->n);
}

/* ---- queues, scope, counts ---- */

static enum err count_them(struct ctx *c, void *arg)
{
    return casework_counts(c, &((struct work *)arg)->counts);
}

/* One overdue, one due soon, one later, one that waits for the citizen, one done. */
static void five_cases(struct node_world *w)
{
    (void)filed(w, "Quá Hạn"); /* 4 June 09:00, due 9 June 09:00 */
    clock_at(w, 20200605, 1000);
    (void)filed(w, "Sắp Hạn"); /* due 10 June 10:00 */
    struct casework_case waits = filed(w, "Chờ Dân");
    clock_at(w, 20200609, 1400);
    (void)filed(w, "Còn Hạn");
    struct casework_case done = filed(w, "Đã Xong");
    clerk(w);
    assert_int_equal(acted(w, &waits, "request_supplement", "Thiếu giấy"), OK);
    assert_int_equal(acted(w, &done, "refuse", "Sai nơi nộp"), OK);
}

static void queues(struct node_world *w, void *arg)
{
    (void)arg;
    five_cases(w);
    assert_int_equal(listed(w, NULL), 4);
    assert_int_equal(listed(w, "mine"), 3); /* it isn't the clerk's turn while the citizen thinks */
    assert_int_equal(listed(w, "overdue"), 1);
    assert_int_equal(listed(w, "soon"), 1);
    assert_int_equal(listed(w, "waiting"), 1);
    assert_int_equal(listed(w, "done"), 1);
    assert_int_equal(listed(w, "all"), 5);
    struct work x = {.filter = {.state = "submitted"}};
    assert_int_equal(do_read(w, list_them, &x), OK);
    assert_int_equal(x.n, 3);
    assert_int_equal(do_read(w, count_them, &x), OK);
    assert_int_equal(x.counts.open, 4);
    assert_int_equal(x.counts.soon, 1);
    assert_int_equal(x.counts.overdue, 1);
    assert_int_equal(x.counts.waiting, 1);
    assert_int_equal(x.counts.done, 1);
}

static void test_casework_queues(void **state)
{
    (void)state;
    node_test(modules, 1, queues, NULL);
}

static void scope(struct node_world *w, void *arg)
{
    (void)arg;
    const struct {
        const char *role, *unit;
        size_t n;
    } rows[] = {
        {"commune_clerk", WARD, 5},
        {"supervisor", "H57.31", 5},       /* sees what is below */
        {"supervisor", WARD, 5},           /* and the unit itself */
        {"commune_clerk", "H57.31", 0},    /* reaches one unit, and it isn't that one */
        {"commune_chairman", "H57.31", 0}, /* so does a chairman */
        {"commune_clerk", "H57.31.09", 0}, /* another ward */
        {"supervisor", "H57.31.09", 0},
        {"supervisor", "H57.31.0", 0},        /* begins alike */
        {"commune_clerk", "H57.31.08.01", 0}, /* a part of the ward doesn't see the ward */
        {"auditor", "H57", 0},                /* the whole node, but no right to read cases */
        {"system_admin", "H57", 0},           /* has no right to read cases */
    };
    struct work one = {.filter = {.queue = "all"}};
    five_cases(w);
    lan(w);
    assert_int_equal(do_read(w, list_them, &one), OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum err wanted = rows[i].n ? OK : ERR_NOT_FOUND;
        struct work x = {.code = one.page[0].code};
        official(w, rows[i].role, rows[i].unit);
        assert_int_equal(do_read(w, get_it, &x), wanted); /* lists and single cases alike */
        assert_int_equal(do_read(w, history, &x), wanted);
        assert_int_equal(do_read(w, papers_of, &x), wanted);
        x = (struct work){0};
        assert_int_equal(listed(w, "all"), rows[i].n);
        assert_int_equal(do_read(w, count_them, &x), OK);
        assert_int_equal(x.counts.open, rows[i].n ? 4 : 0);
        assert_int_equal(x.counts.done, rows[i].n ? 1 : 0);
    }
    lan(w);
    assert_int_equal(listed(w, "all"), 5);
    as_citizen(w, MINH, "Trần Quang Minh");
    assert_int_equal(listed(w, "all"), 0);
    as_citizen(w, "", "Không số");
    assert_int_equal(listed(w, "all"), 0);
}

static void test_casework_scope(void **state)
{
    (void)state;
    node_test(modules, 1, scope, NULL);
}

/* ---- words, names, pages ---- */

static void words(struct node_world *w, void *arg)
{
    (void)arg;
    (void)filed(w, "Đặng Nguyễn An Nhiên");
    (void)filed(w, "Trần Quang Sáng");
    const struct {
        const char *words;
        size_t n;
    } rows[] = {
        {"Đặng An Nhiên", 1}, {"dang nhien", 1}, {"AN", 1},     {"sang", 1}, {"sáng nhiên", 0},
        {"nhi", 0},           {"0002", 1},       {"200604", 2}, {"", 2},     {NULL, 2},
    };
    clerk(w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct work x = {.filter = {.words = rows[i].words}};
        assert_int_equal(do_read(w, list_them, &x), OK);
        assert_int_equal(x.n, rows[i].n);
    }
}

static void test_casework_words(void **state)
{
    (void)state;
    node_test(modules, 1, words, NULL);
}

static void names_in_lists(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "Đặng Nguyễn An Nhiên");
    struct work x = {0};
    assert_int_equal(do_read(w, list_them, &x), OK);
    assert_string_equal(x.page[0].title, "Đặng Nguyễn An Nhiên"); /* her own list */
    clerk(w);
    assert_int_equal(do_read(w, list_them, &x), OK);
    assert_string_equal(x.page[0].title, "Đ. N. A. Nhiên");
    assert_string_equal(x.page[0].person, "");
    assert_string_equal(x.page[0].code, k.code);
    assert_null(x.page[0].form);
    assert_null(w->c->access); /* no name was shown, so none is told */
    assert_string_equal(text_initials(w->c->arena, ""), "");
    assert_string_equal(text_initials(w->c->arena, "Lan"), "Lan");
    assert_string_equal(text_initials(w->c->arena, "Ân  Đỗ"), "Â. Đỗ");
}

static void test_casework_names_in_lists(void **state)
{
    (void)state;
    node_test(modules, 1, names_in_lists, NULL);
}

static void pages(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < 60; i++) {
        if (i % 7 == 0)
            clock_by(w, MINUTE_US); /* several share their due date */
        (void)filed(w, "An Nhiên");
    }
    clerk(w);
    struct work x = {.max = 25};
    const char *last = "";
    int64_t last_due = 0;
    size_t seen = 0, n_pages = 0;
    do {
        x.filter.after = x.next;
        assert_int_equal(do_read(w, list_them, &x), OK);
        for (size_t i = 0; i < x.n; i++) {
            bool later = x.page[i].due_us > last_due ||
                         (x.page[i].due_us == last_due && strcmp(x.page[i].id, last) > 0);
            assert_true(later);
            last = x.page[i].id, last_due = x.page[i].due_us;
        }
        seen += x.n, n_pages++;
    } while (x.next);
    assert_int_equal(seen, 60);
    assert_int_equal(n_pages, 3);
    x.filter.after = "rubbish";
    assert_int_equal(do_read(w, list_them, &x), OK);
}

static void test_casework_pages(void **state)
{
    (void)state;
    node_test(modules, 1, pages, NULL);
}

/* ---- history, papers, facts ---- */

static void tells_history(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    clerk(w);
    clock_by(w, HOUR_US);
    assert_int_equal(acted(w, &k, "refuse", "Không đúng nơi nộp"), OK);
    struct work x = {.code = k.code};
    assert_int_equal(do_read(w, history, &x), OK);
    assert_int_equal(x.n, 2); /* newest first */
    assert_string_equal(x.events[0].action, "refuse");
    assert_string_equal(x.events[0].from, "submitted");
    assert_string_equal(x.events[0].to, "refused");
    assert_string_equal(x.events[0].reason, "Không đúng nơi nộp");
    assert_string_equal(x.events[0].actor_name, "Phan Thị Thu Hà");
    assert_string_equal(x.events[0].actor_unit, WARD);
    assert_string_equal(x.events[0].actor_role, "commune_clerk");
    assert_int_equal(x.events[0].at_us - x.events[1].at_us, HOUR_US);
    assert_string_equal(x.events[1].action, "file");
    assert_string_equal(x.events[1].actor_name, "Nguyễn Thị Lan");
    as_citizen(w, MINH, "Trần Quang Minh");
    assert_int_equal(do_read(w, history, &x), ERR_NOT_FOUND);
}

static void test_casework_tells_history(void **state)
{
    (void)state;
    node_test(modules, 1, tells_history, NULL);
}

static enum err add_paper(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_document_add(c, k->code, &k->document);
}

static void papers(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    struct work x = {.code = k.code, .document = {.kind = "receipt", .file = "file-1"}};
    assert_int_equal(do_write(w, add_paper, &x), OK);
    x.document.file = "file-2";
    assert_int_equal(do_write(w, add_paper, &x), OK); /* the one handed out stays */
    clock_by(w, SECOND_US);
    x.document = (struct casework_document){"birth_certificate", "file-3", true, 0};
    assert_int_equal(do_write(w, add_paper, &x), OK);
    assert_int_equal(do_read(w, papers_of, &x), OK);
    assert_int_equal(x.n, 2);
    assert_string_equal(x.documents[0].file, "file-1");
    assert_false(x.documents[0].result);
    assert_true(x.documents[1].result);
    assert_int_equal(x.documents[1].at_us, w->c->now_us);
    official(w, "commune_clerk", "H57.31.09");
    assert_int_equal(do_read(w, papers_of, &x), ERR_NOT_FOUND);
    assert_int_equal(do_write(w, add_paper, &x), ERR_NOT_FOUND);
}

static void test_casework_papers(void **state)
{
    (void)state;
    node_test(modules, 1, papers, NULL);
}

static enum err set_fact(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_fact_set(c, k->code, k->name, k->value);
}

static enum err fact(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_fact(c, k->code, k->name, &k->value);
}

static void facts(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "An Nhiên");
    struct work x = {.code = k.code, .name = "pin", .value = "046220000001"};
    assert_int_equal(do_write(w, set_fact, &x), OK);
    x.value = "046220000002";
    assert_int_equal(do_write(w, set_fact, &x), OK);
    x.value = NULL;
    assert_int_equal(do_read(w, fact, &x), OK);
    assert_string_equal(x.value, "046220000002");
    x.name = "none";
    assert_int_equal(do_read(w, fact, &x), OK);
    assert_string_equal(x.value, "");
}

static void test_casework_facts(void **state)
{
    (void)state;
    node_test(modules, 1, facts, NULL);
}

/* ---- time passes ---- */

static void expiry(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case late = filed(w, "Quá Hạn"), other = filed(w, "Đã Nộp");
    clerk(w);
    assert_int_equal(acted(w, &late, "request_supplement", "Thiếu giấy"), OK);
    clock_by(w, DAY_US);
    assert_int_equal(acted(w, &other, "request_supplement", "Thiếu giấy"), OK);
    struct work x = {.code = late.code};
    clock_at(w, 20200615, 850); /* seven working days end at 09:00 */
    as_system(w, "casework");
    assert_int_equal(jobs_run_due(w->c), OK);
    clerk(w);
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_string_equal(x.k.state, "supplement_requested");
    clock_at(w, 20200615, 910);
    as_system(w, "casework");
    assert_int_equal(jobs_run_due(w->c), OK);
    clerk(w);
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_string_equal(x.k.state, "stopped");
    assert_int_equal(x.k.closed_us, w->c->now_us);
    x.code = other.code;
    assert_int_equal(do_read(w, get_it, &x), OK);
    assert_string_equal(x.k.state, "supplement_requested");
}

static void test_casework_expiry(void **state)
{
    (void)state;
    node_test(modules, 1, expiry, NULL);
}

/* ---- what lies in the tables ---- */

struct looking {
    const char *needle;
    size_t found, values;
};

static enum err look(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct looking *l = arg;
    for (int i = 0; i < row_columns(r); i++, l->values++) {
        struct bytes b = row_blob(r, i);
        if (strstr(row_text(r, i), l->needle) ||
            (b.len && memmem(b.ptr, b.len, l->needle, strlen(l->needle))))
            l->found++;
    }
    return OK;
}

static enum err dump(struct ctx *c, void *arg)
{
    enum err e = db_each(c, look, arg, "SELECT * FROM casework_case");
    if (!e)
        e = db_each(c, look, arg, "SELECT * FROM casework_event");
    if (!e)
        e = db_each(c, look, arg, "SELECT * FROM casework_fact");
    return e ? e : db_each(c, look, arg, "SELECT * FROM casework_word");
}

static void nothing_in_clear(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case k = filed(w, "Trần Quang Thượng");
    clerk(w);
    assert_int_equal(acted(w, &k, "refuse", "Không đúng nơi nộp"), OK);
    struct work x = {.code = k.code, .name = "pin", .value = "046220000001"};
    assert_int_equal(do_write(w, set_fact, &x), OK);
    const char *const secrets[] = {"Thượng", "thuong",  "Thị Lan",     LAN,
                                   "Thu Hà", "nơi nộp", "046220000001"};
    struct looking l = {.needle = "refuse"};
    assert_int_equal(do_read(w, dump, &l), OK);
    assert_true(l.found > 0);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        l = (struct looking){.needle = secrets[i]};
        assert_int_equal(do_read(w, dump, &l), OK);
        assert_true(l.values > 40);
        assert_int_equal(l.found, 0);
    }
}

static enum err swap_titles(struct ctx *c, void *arg)
{
    return db_exec(c, NULL,
                   "UPDATE casework_case SET title = (SELECT x.title FROM casework_case x"
                   " WHERE x.code <> $1) WHERE code = $1",
                   P_TEXT((const char *)arg));
}

static void moved_ciphertext(struct node_world *w, void *arg)
{
    (void)arg;
    struct casework_case one = filed(w, "Một");
    (void)filed(w, "Hai");
    assert_int_equal(do_write(w, swap_titles, (void *)(uintptr_t)one.code), OK);
    struct work x = {.code = one.code};
    assert_int_equal(do_read(w, get_it, &x), ERR_SEALED);
    assert_int_equal(do_read(w, list_them, &x), ERR_SEALED);
}

static void test_casework_sealed(void **state)
{
    (void)state;
    node_test(modules, 1, nothing_in_clear, NULL);
    node_test(modules, 1, moved_ciphertext, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_casework_queues), cmocka_unit_test(test_casework_scope),
        cmocka_unit_test(test_casework_words),  cmocka_unit_test(test_casework_names_in_lists),
        cmocka_unit_test(test_casework_pages),  cmocka_unit_test(test_casework_tells_history),
        cmocka_unit_test(test_casework_papers), cmocka_unit_test(test_casework_facts),
        cmocka_unit_test(test_casework_expiry), cmocka_unit_test(test_casework_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
