/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call of the database fails, for every k, in each thing that can be asked of a case: what
   failed left nothing behind, and goes well when it's asked again. */
#include "test/harness/unit.h"

#include <stdio.h>

#include "base/sys.h"
#include "engine/casework/test/casework_test.h"

#define MAX_CALLS 200

struct deed {
    const char *name;
    db_work work;
    bool writes, by_system;
};

static enum err act_system(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_act_system(c, k->code, k->action, k->reason, &k->k);
}

static enum err add_document(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_document_add(c, k->code, &k->document);
}

static enum err list_documents(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_documents(c, k->code, k->documents, ARRAY_LEN(k->documents), &k->n);
}

static enum err set_fact(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_fact_set(c, k->code, k->name, k->value);
}

static enum err get_fact(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_fact(c, k->code, k->name, &k->value);
}

static enum err list_history(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_history(c, k->code, k->events, ARRAY_LEN(k->events), &k->n);
}

static enum err count_them(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_counts(c, &k->counts);
}

static const struct deed deeds[] = {
    {"file", file_it, true, false},          {"act", act_on_it, true, false},
    {"act_system", act_system, true, true},  {"document_add", add_document, true, false},
    {"fact_set", set_fact, true, false},     {"get", get_it, false, false},
    {"list", list_them, false, false},       {"counts", count_them, false, false},
    {"history", list_history, false, false}, {"documents", list_documents, false, false},
    {"fact", get_fact, false, false},
};

/* ---- what the tables hold ---- */

struct holdings {
    int64_t cases, versions, events, words, documents, facts, done, trail;
};

static enum err look(struct ctx *c, void *arg)
{
    struct holdings *h = arg;
    enum err e = db_int(c, &h->cases, "SELECT count(*) FROM casework_case");
    e = e ? e : db_int(c, &h->versions, "SELECT CAST(sum(version) AS BIGINT) FROM casework_case");
    e = e ? e : db_int(c, &h->events, "SELECT count(*) FROM casework_event");
    e = e ? e : db_int(c, &h->words, "SELECT count(*) FROM casework_word");
    e = e ? e : db_int(c, &h->documents, "SELECT count(*) FROM casework_document");
    e = e ? e : db_int(c, &h->facts, "SELECT count(*) FROM casework_fact");
    e = e ? e : db_int(c, &h->done, "SELECT CAST(sum(n) AS BIGINT) FROM casework_done");
    return e ? e : db_int(c, &h->trail, "SELECT count(*) FROM core_audit");
}

static struct holdings held(struct node_world *w)
{
    struct holdings h = {0};
    assert_int_equal(do_read(w, look, &h), OK);
    return h;
}

/* ---- each deed ---- */

static enum err done(struct node_world *w, const struct deed *d, struct work *k)
{
    return d->writes ? do_write(w, d->work, k) : do_read(w, d->work, k);
}

/* A case in which the deed may be done, and its arguments. */
static struct work prepared(struct node_world *w, const struct deed *d)
{
    struct casework_case k = filed(w, "Trần Nguyễn An Nhiên");
    struct work x = {.form = form_of(w, "Bé"),
                     .code = k.code,
                     .action = d->by_system ? "expire_supplement" : "refuse",
                     .reason = "Lý do",
                     .version = 1,
                     .name = "pin",
                     .value = "046220900009",
                     .document = {.kind = "receipt", .file = "01F8MECHZX3TBDSZ7XRADM79XV"}};
    clerk(w);
    if (d->by_system) {
        assert_int_equal(acted(w, &k, "request_supplement", "Thiếu"), OK);
        as_system(w, "test");
        with_purpose(w, "birth_registration", NULL);
    }
    return x;
}

static void one_deed(struct node_world *w, const struct deed *d)
{
    struct ctx *c = w->c;
    int k = 1, failures = 0;
    for (; k < MAX_CALLS; k++) {
        struct work x = prepared(w, d), again;
        again = x;
        struct holdings before = held(w);
        assert_true(sys_fault_arm(arena_printf(c->arena, "db:%d:EIO", k)));
        enum err e = done(w, d, &x);
        bool hit = sys_fault_calls(SYS_DB) >= k;
        assert_true(sys_fault_arm(NULL));
        struct holdings after = held(w);
        if (e) {
            if (err_row(e)->status < 500)
                print_error("%s, call %d: %s\n", d->name, k, err_row(e)->name);
            assert_true(err_row(e)->status >= 500);
            assert_memory_equal(&before, &after, sizeof before);
            assert_int_equal(done(w, d, &again), OK);
            after = held(w);
        }
        assert_int_equal(memcmp(&before, &after, sizeof before) != 0, d->writes);
        failures += e != OK;
        if (!hit)
            break;
    }
    if (failures < 1 || k == MAX_CALLS)
        print_error("%s: %d failures in %d calls\n", d->name, failures, k);
    assert_true(failures >= 1 && k < MAX_CALLS);
}

static void faulted(struct node_world *w, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(deeds); i++)
        one_deed(w, &deeds[i]);
}

static void test_casework_whole_or_not_at_all(void **state)
{
    (void)state;
    node_test(modules, 1, faulted, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_casework_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
