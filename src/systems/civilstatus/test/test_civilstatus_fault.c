/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call of the database fails while a birth is entered, for every k: the book has no gap
   and no entry twice. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "engine/registry/registry.h"
#include "systems/civilstatus/civilstatus.h"
#include "test/harness/node_test.h"

#define MAX_CALLS 80

static const struct module *const modules[] = {&registry_module, &casework_module,
                                               &civilstatus_module};

struct birth {
    const char *code, *child;
    struct civilstatus_entry entry;
};

static enum err enter(struct ctx *c, void *arg)
{
    static const char *const declared[][2] = {{"requester_name", "Nguyễn Thị Lan"},
                                              {"requester_relation", "mother"},
                                              {"child_sex", "female"},
                                              {"child_birth_date", "2020-05-17"},
                                              {"child_ethnic_group", "01"},
                                              {"child_nationality", "VN"},
                                              {"child_home_town", "Huế"},
                                              {"birth_facility", "Trạm y tế"},
                                              {"mother_name", "Nguyễn Thị Lan"},
                                              {"mother_pin", "046194900001"}};
    struct birth *b = arg;
    const struct procedure *p = procedure_find(c, "1.001193");
    void *form = shape_new(c->arena, p->form);
    for (size_t i = 0; i < ARRAY_LEN(declared); i++)
        shape_set_text(p->form, form, declared[i][0], declared[i][1]);
    shape_set_text(p->form, form, "child_name", b->child);
    struct casework_case k = {.code = b->code, .unit = "H57.31.08", .form = form};
    return civilstatus_register_birth(c, p, &k, "Tôn Thất Vinh", "Chủ tịch", "", &b->entry);
}

static enum err find(struct ctx *c, void *arg)
{
    struct birth *b = arg;
    return civilstatus_entry_of(c, b->code, &b->entry);
}

static void faulted(struct node_world *w, void *arg)
{
    (void)arg;
    int k = 1, failures = 0;
    with_purpose(w, "birth_registration", "H57.31.08-200604-0001");
    for (; k < MAX_CALLS; k++) {
        struct birth b = {.code = arena_printf(w->c->arena, "H57.31.08-200604-%04d", k),
                          .child = arena_printf(w->c->arena, "Trần Thị Số %d", k)};
        assert_true(sys_fault_arm(arena_printf(w->c->arena, "db:%d:EIO", k)));
        enum err e = do_write(w, enter, &b);
        bool hit = sys_fault_calls(SYS_DB) >= k;
        assert_true(sys_fault_arm(NULL));
        assert_int_equal(do_read(w, find, &b), e ? ERR_NOT_FOUND : OK);
        if (e)
            assert_true(err_row(e)->status >= 500);
        failures += e != OK;
        assert_int_equal(do_write(w, enter, &b), e ? OK : ERR_BIRTH_ENTERED);
        assert_int_equal(do_read(w, find, &b), OK);
        assert_int_equal(b.entry.number, k); /* no gap */
        if (!hit)
            break;
    }
    assert_true(failures >= 5);
    assert_true(k < MAX_CALLS);
}

static void test_civilstatus_enters_wholly_or_not_at_all(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), faulted, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civilstatus_enters_wholly_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
