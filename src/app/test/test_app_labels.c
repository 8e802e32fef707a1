/* SPDX-License-Identifier: Apache-2.0 */
/* Every field that any row of any module takes or gives has a label in words, in both languages. */
#include "test/harness/unit.h"

#include <string.h>

#include "app/app.h"
#include "base/text.h"
#include "test/harness/db_test.h"
#include "web/json.h"

static size_t labels, bad;

/* A name of C: small letters, digits, underscores, and no blank or mark. */
static bool is_a_name(const char *label)
{
    return strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(label);
}

static void look(const char *path, const struct shape *s, int depth)
{
    for (size_t i = 0; s && i < s->n && depth < 6; i++) {
        const struct field *f = &s->fields[i];
        for (int lang = 0; lang < 2; lang++) {
            const char *label = shape_label(f, (enum lang)lang);
            labels++;
            if (!text_empty(label) && !text_eq(label, f->name) && !is_a_name(label))
                continue;
            print_error("%s: %s.%s: \"%s\"\n", path, s->name, f->name, label);
            bad++;
        }
        if (f->kind == KIND_LIST)
            look(path, f->of, depth + 1);
    }
}

static void test_labels(void **state)
{
    size_t n = 0;
    const struct module *const *all = app_modules(&n);
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->n_routes; k++) {
            look(all[i]->routes[k].path, all[i]->routes[k].in, 0);
            look(all[i]->routes[k].path, all[i]->routes[k].out, 0);
        }
    assert_true(labels > 500);
    assert_int_equal(bad, 0);
}

/* ---- why a definition is refused: in the reader's own language ---- */

static void test_reasons(void **state)
{
    static const char *const rows[][3] = {
        {"unknown member", "mục không rõ", "unknown member"},
        {"the code H57 occurs twice", "mã H57 có hai lần", "the code H57 occurs twice"},
        {"its parent is missing", "không có cấp trên của nó", "its parent is missing"},
        {"label is missing", "thiếu label", "label is missing"},
        {"line 7: rows[3].code", "dòng 7: rows[3].code", "line 7: rows[3].code"},
        {"không ai biết", "không ai biết", "không ai biết"}};
    struct ctx *c = db_test_ctx();
    json_t *j = NULL;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(app_reason(c, rows[i][0], LANG_VI), rows[i][1]);
        assert_string_equal(app_reason(c, rows[i][0], LANG_EN), rows[i][2]);
    }
    assert_int_equal(json_definition(c, "a.json", bytes_of("{\"a\":1,\n\"a\":2}"), &j),
                     ERR_DEFINITION);
    assert_string_equal(app_reason(c, c->faults[0].args[0], LANG_VI), "dòng 2");
    assert_string_equal(app_reason(c, c->faults[0].args[1], LANG_VI),
                        "có hai lần cùng một tên “a”");
    assert_string_equal(app_reason(c, c->faults[0].args[1], LANG_EN),
                        "the same name comes twice: “a”");
    db_test_ctx_end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_labels),
                                       cmocka_unit_test(test_reasons)};
    return cmocka_run_group_tests_name("app labels", tests, NULL, NULL);
}
