/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the country pack: written, corrected, searched. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/time.h"
#include "core/access.h"
#include "engine/registry/test/registry_test.h"

/* ---- writing and reading ---- */

static void add_and_get(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan")};
    assert_true(strlen(k.id) == 26);
    assert_int_equal(do_read(w, get, &k), OK);
    assert_string_equal(name_of(&k.record), "Nguyễn Thị Lan");
    assert_string_equal(shape_text(registry_shape(insurance), k.record.data, "clinic"), "46001");
    assert_int_equal(k.record.version, 1);
    assert_string_equal(k.record.reason, "đăng ký mới");
    assert_false(k.record.cancelled);
    k.id = "01AAAAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(do_read(w, get, &k), ERR_NOT_FOUND);
}

static void test_registry_add_and_get(void **state)
{
    (void)state;
    node_test(modules, 1, add_and_get, NULL);
}

static void refuses_bad_data(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.data = person(w, "4690000001", LAN, "")};
    assert_int_equal(do_write(w, add, &k), ERR_REQUIRED);
    assert_fault(w, "full_name");
    assert_int_equal(do_read(w, count, &k), OK);
    assert_int_equal(k.n, 0);
}

static void test_registry_refuses_bad_data(void **state)
{
    (void)state;
    node_test(modules, 1, refuses_bad_data, NULL);
}

static void unique_rules(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    const char *id = added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    struct work k = {.data = person(w, "4690000001", MINH, "Trần Quang Minh")};
    assert_int_equal(do_write(w, add, &k), ERR_REGISTERED);
    assert_fault(w, "social_number");
    k.data = person(w, "4690000002", LAN, "Nguyễn Thị Lan");
    assert_int_equal(do_write(w, add, &k), ERR_REGISTERED);
    assert_fault(w, "pin");
    /* Nothing said is nothing that clashes. */
    (void)added(w, "4690000003", "", "Bé Một");
    (void)added(w, "4690000004", "", "Bé Hai");
    /* A change to somebody else's number is refused, a correction of one's own isn't. */
    k = (struct work){.id = id, .version = 1, .data = person(w, "4690000003", LAN, "Lan")};
    assert_int_equal(do_write(w, change, &k), ERR_REGISTERED);
    k.data = person(w, "4690000001", LAN, "Nguyễn Thị Lân");
    assert_int_equal(do_write(w, change, &k), OK);
    /* What was cancelled gives its number back. */
    assert_int_equal(do_write(w, cancel, &k), OK);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    assert_int_equal(do_read(w, count, &k), OK);
    assert_int_equal(k.n, 3);
}

static void test_registry_unique_rules(void **state)
{
    (void)state;
    node_test(modules, 1, unique_rules, NULL);
}

static void versions(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Nguyễn Thị Lan")};
    clock_by(w, HOUR_US);
    k.version = 1;
    k.data = person(w, "4690000001", LAN, "Nguyễn Thị Lân");
    assert_int_equal(do_write(w, change, &k), OK);
    assert_int_equal(do_write(w, change, &k), ERR_RECORD_CHANGED);
    k.version = 2;
    assert_int_equal(do_write(w, cancel, &k), OK);
    assert_int_equal(do_write(w, change, &k), ERR_RECORD_CHANGED);
    k.version = 3;
    assert_int_equal(do_write(w, change, &k), ERR_RECORD_CANCELLED);
    assert_int_equal(do_read(w, get, &k), OK);
    assert_true(k.record.cancelled);
    assert_int_equal(k.record.version, 3);
    assert_string_equal(k.record.reason, "thu hồi");
    k.field = "pin", k.words = LAN;
    assert_int_equal(do_read(w, by, &k), ERR_NOT_FOUND);
}

static void test_registry_versions(void **state)
{
    (void)state;
    node_test(modules, 1, versions, NULL);
}

/* Born 2 June, entered 4 June; corrected 5 June for the time since 2 June; changed 6 June from 6
   June on. */
static void as_known_then(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.valid_us = local_us(20200602, 0)};
    k.data = person(w, "4690000001", LAN, "Một");
    assert_int_equal(do_write(w, add, &k), OK);
    clock_at(w, 20200605, 900);
    k.version = 1, k.data = person(w, "4690000001", LAN, "Hai");
    assert_int_equal(do_write(w, change, &k), OK);
    clock_at(w, 20200606, 900);
    k.version = 2, k.valid_us = local_us(20200606, 0);
    k.data = person(w, "4690000001", LAN, "Ba");
    assert_int_equal(do_write(w, change, &k), OK);
    const struct {
        int valid, known;
        const char *name;
        int until;
    } rows[] = {
        {20200603, 20200604, "Một", 0}, /* the day of a decision before the correction */
        {20200603, 20200605, "Hai", 0}, {20200603, 20200607, "Hai", 20200606},
        {20200607, 20200605, "Hai", 0}, {20200607, 20200607, "Ba", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        k.valid_us = local_us(rows[i].valid, 1200);
        k.known_us = local_us(rows[i].known, 1200);
        assert_int_equal(do_read(w, get_at, &k), OK);
        assert_string_equal(name_of(&k.record), rows[i].name);
        assert_int_equal(k.record.valid_until_us, rows[i].until ? local_us(rows[i].until, 0) : 0);
    }
    /* At the instant it was entered a version is known, and from that of its beginning it holds;
       a microsecond before neither. */
    const struct {
        int64_t valid_us, known_us;
        const char *name;
    } edges[] = {
        {local_us(20200603, 0), local_us(20200605, 900), "Hai"},
        {local_us(20200603, 0), local_us(20200605, 900) - 1, "Một"},
        {local_us(20200606, 0), local_us(20200606, 900), "Ba"},
        {local_us(20200606, 0) - 1, local_us(20200606, 900), "Hai"},
        {local_us(20200606, 0), local_us(20200606, 900) - 1, "Hai"},
        {local_us(20200602, 0), local_us(20200604, 900), "Một"},
    };
    for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
        k.valid_us = edges[i].valid_us, k.known_us = edges[i].known_us;
        assert_int_equal(do_read(w, get_at, &k), OK);
        assert_string_equal(name_of(&k.record), edges[i].name);
    }
    k.valid_us = local_us(20200602, 0) - 1, k.known_us = local_us(20200607, 0);
    assert_int_equal(do_read(w, get_at, &k), ERR_NOT_FOUND);
    k.valid_us = local_us(20200601, 1200);
    assert_int_equal(do_read(w, get_at, &k), ERR_NOT_FOUND);
    k.valid_us = local_us(20200603, 1200), k.known_us = local_us(20200603, 1200);
    assert_int_equal(do_read(w, get_at, &k), ERR_NOT_FOUND);
}

static void test_registry_as_known_then(void **state)
{
    (void)state;
    node_test(modules, 1, as_known_then, NULL);
}

static void all_of_them(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    struct work k = {.id = added(w, "4690000001", LAN, "Một"), .version = 1, .max = 60};
    for (; k.version < 4; k.version++) {
        k.data = person(w, "4690000001", LAN, k.version < 3 ? "Hai" : "Ba");
        assert_int_equal(do_write(w, change, &k), OK);
    }
    w->c->access = NULL;
    assert_int_equal(do_read(w, all_versions, &k), OK);
    assert_int_equal(k.n_page, 4);
    assert_string_equal(name_of(&k.page[0]), "Ba");
    assert_string_equal(name_of(&k.page[3]), "Một");
    assert_null(w->c->access->next); /* one look, one line */
    k.max = 2;
    assert_int_equal(do_read(w, all_versions, &k), OK);
    assert_int_equal(k.n_page, 2);
    with_purpose(w, NULL, NULL);
    assert_int_equal(do_read(w, all_versions, &k), ERR_PURPOSE);
    assert_int_equal(k.n_page, 0);
}

static void test_registry_all_versions(void **state)
{
    (void)state;
    node_test(modules, 1, all_of_them, NULL);
}

/* ---- finding ---- */

static void finds_by_field(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    (void)added(w, "4690000002", MINH, "Trần Quang Minh");
    struct work k = {.field = "pin", .words = MINH};
    assert_int_equal(do_read(w, by, &k), OK);
    assert_string_equal(name_of(&k.record), "Trần Quang Minh");
    k.words = "046091900009";
    assert_int_equal(do_read(w, by, &k), ERR_NOT_FOUND);
    k.words = "";
    assert_int_equal(do_read(w, by, &k), ERR_NOT_FOUND);
}

static void test_registry_finds_by_field(void **state)
{
    (void)state;
    node_test(modules, 1, finds_by_field, NULL);
}

static size_t hits(struct node_world *w, const char *words)
{
    struct work k = {.words = words, .max = 50};
    assert_int_equal(do_read(w, search, &k), OK);
    return k.n_page;
}

static void finds_by_words(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Đặng Thị Lan Hoà");
    struct work k = {.id = added(w, "4690000002", MINH, "Trần Quang Minh"), .version = 1};
    const char *const spellings[] = {"Đặng Thị Lan Hoà", "dang thi lan hoa", "DANG HÒA", "hoà",
                                     "lan  đặng"};
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
        assert_int_equal(hits(w, spellings[i]), 1);
    assert_int_equal(hits(w, "Đặng Minh"), 0);
    assert_int_equal(hits(w, "Lann"), 0);
    assert_int_equal(hits(w, " "), 0);
    k.data = person(w, "4690000002", MINH, "Trần Quang Sáng");
    assert_int_equal(do_write(w, change, &k), OK);
    assert_int_equal(hits(w, "minh"), 0);
    assert_int_equal(hits(w, "sang"), 1);
    assert_int_equal(do_write(w, cancel, &k), OK);
    assert_int_equal(hits(w, "sang"), 0);
}

static void test_registry_finds_by_words(void **state)
{
    (void)state;
    node_test(modules, 1, finds_by_words, NULL);
}

static void pages_by_key(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    for (int i = 0; i < 7; i++)
        (void)added(w, arena_printf(w->c->arena, "46900000%02d", i), "", "Lê Thị Hoa");
    struct work k = {.words = "hoa", .max = 3};
    size_t seen = 0;
    do {
        assert_int_equal(do_read(w, search, &k), OK);
        for (size_t i = 1; i < k.n_page; i++)
            assert_true(strcmp(k.page[i - 1].id, k.page[i].id) < 0);
        seen += k.n_page;
        if (k.n_page)
            k.after = k.page[k.n_page - 1].id;
    } while (k.n_page);
    assert_int_equal(seen, 7);
}

static void test_registry_pages_by_key(void **state)
{
    (void)state;
    node_test(modules, 1, pages_by_key, NULL);
}

static enum err exists(struct ctx *c, void *arg)
{
    struct work *k = arg;
    const char *const pairs[] = {"social_number", k->words, "full_name", k->field, NULL};
    return registry_exists(c, insurance, pairs, &k->yes);
}

static void exists_tells_no_more(struct node_world *w, void *arg)
{
    (void)arg;
    insurer(w);
    (void)added(w, "4690000001", LAN, "Nguyễn Thị Lan");
    with_purpose(w, NULL, NULL); /* no data leaves, so none is needed */
    struct work k = {.words = "4690000001", .field = "nguyen thi lan"};
    assert_int_equal(do_read(w, exists, &k), OK);
    assert_true(k.yes);
    assert_null(w->c->access);
    k.field = "ai khac";
    assert_int_equal(do_read(w, exists, &k), OK);
    assert_false(k.yes);
    k.words = "";
    assert_int_equal(do_read(w, exists, &k), OK);
    assert_false(k.yes);
}

static void test_registry_exists_tells_no_more(void **state)
{
    (void)state;
    node_test(modules, 1, exists_tells_no_more, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry_add_and_get),
        cmocka_unit_test(test_registry_refuses_bad_data),
        cmocka_unit_test(test_registry_unique_rules),
        cmocka_unit_test(test_registry_versions),
        cmocka_unit_test(test_registry_as_known_then),
        cmocka_unit_test(test_registry_all_versions),
        cmocka_unit_test(test_registry_finds_by_field),
        cmocka_unit_test(test_registry_finds_by_words),
        cmocka_unit_test(test_registry_pages_by_key),
        cmocka_unit_test(test_registry_exists_tells_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
