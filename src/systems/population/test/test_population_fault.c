/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call of the database fails while a number is given, for every k: nothing half done, and
   the same dossier asked again gets one number for one person. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "engine/registry/registry.h"
#include "systems/population/population.h"
#include "test/harness/node_test.h"

#define MAX_CALLS 60

static const struct module *const modules[] = {&registry_module, &population_module};

struct asked {
    const char *body;
    struct service_call call;
};

static enum err ask_now(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    for (size_t i = 0; i < population_module.n_services; i++) {
        const struct service *s = &population_module.services[i];
        if (!text_eq(s->code, "population.assign"))
            continue;
        a->call =
            (struct service_call){.client = "H57", .member = "G01", .body = bytes_of(a->body)};
        return s->serve(c, &a->call);
    }
    return fail(c, ERR_NOT_FOUND, "service");
}

static enum err count_now(struct ctx *c, void *arg)
{
    return registry_count(c, registry_find(c, "population"), arg);
}

static int64_t people(struct node_world *w)
{
    int64_t n = 0;
    assert_int_equal(do_read(w, count_now, &n), OK);
    return n;
}

static struct asked child(struct node_world *w, int k)
{
    return (struct asked){
        .body = arena_printf(
            w->c->arena,
            "{\"dossier_code\":\"H57.31.08-200604-%04d\",\"full_name\":\"Trần Thị Số %d\","
            "\"sex\":\"female\",\"birth_date\":\"2020-05-17\",\"ethnic_group\":\"01\","
            "\"nationality\":\"VN\",\"birth_registration_unit\":\"19777\",\"entry_number\":%d,"
            "\"entry_book\":\"01/2020\"}",
            k, k, k)};
}

static void faulted(struct node_world *w, void *arg)
{
    (void)arg;
    int k = 1, failures = 0;
    as_official(w, "civil_status_officer", "H57.31.08", "Ngô Đức Thịnh");
    with_purpose(w, "birth_registration", "H57.31.08-200604-0001");
    for (; k < MAX_CALLS; k++) {
        struct asked a = child(w, k);
        assert_true(sys_fault_arm(arena_printf(w->c->arena, "db:%d:EIO", k)));
        enum err e = do_write(w, ask_now, &a);
        bool hit = sys_fault_calls(SYS_DB) >= k;
        assert_true(sys_fault_arm(NULL));
        assert_int_equal(people(w), e ? k - 1 : k);
        if (e)
            assert_true(err_row(e)->status >= 500); /* never taken for a refusal */
        failures += e != OK;
        assert_int_equal(do_write(w, ask_now, &a), OK);
        assert_int_equal(people(w), k);
        if (!hit)
            break;
    }
    assert_true(failures >= 5);
    assert_true(k < MAX_CALLS);
}

static void test_population_assigns_wholly_or_not_at_all(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), faulted, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_population_assigns_wholly_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
