/* SPDX-License-Identifier: Apache-2.0 */
/* The desk of a register, seen by an official at a browser. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/access.h"
#include "core/matter.h"
#include "engine/registry/registry.h"
#include "systems/population/population.h"
#include "test/harness/office_test.h"
#include "web/json.h"

#define LAN "046194900001"

static const struct module *const modules[] = {&registry_module, &population_module};

struct one {
    const char *name, *pin, *id;
};

static enum err add(struct ctx *c, void *arg)
{
    struct one *x = arg;
    const struct registry *r = registry_find(c, "population");
    const struct shape *s = registry_shape(r);
    const char *const known[][2] = {
        {"pin", x->pin},         {"full_name", x->name},
        {"sex", "female"},       {"ethnic_group", "01"},
        {"nationality", "VN"},   {"birth_date", "1994-05-12"},
        {"blood_group", "O+"},   {"permanent_address", "12 Nguyễn Sinh Cung"},
        {"life_status", "alive"}};
    void *data = registry_blank(c->arena, r);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        shape_set_text(s, data, known[i][0], known[i][1]);
    return registry_add(c, r, data, c->now_us, "Nhập lần đầu", &x->id);
}

struct change {
    const char *id, *address;
};

static enum err change(struct ctx *c, void *arg)
{
    const struct change *x = arg;
    const struct registry *r = registry_find(c, "population");
    struct registry_record k;
    enum err e = registry_get(c, r, x->id, &k);
    if (e)
        return e;
    shape_set_text(registry_shape(r), k.data, "permanent_address", x->address);
    return registry_change(c, r, x->id, k.version, k.data, c->now_us, "Chuyển nơi thường trú");
}

static struct one added(struct node_world *w, const char *name, const char *pin)
{
    struct one x = {name, pin, NULL};
    assert_int_equal(do_write(w, add, &x), OK);
    return x;
}

static enum err count_lines(struct ctx *c, void *arg)
{
    struct access_line lines[50];
    return access_of_person(c, LAN, "", lines, 50, arg);
}

static size_t lines_of_lan(struct node_world *w)
{
    size_t n = 0;
    assert_int_equal(do_read(w, count_lines, &n), OK);
    return n;
}

#define WHY "purpose=population_management&matter=12/KH-BCA"

static void searched(struct node_world *w, void *arg)
{
    (void)arg;
    struct one lan = added(w, "Nguyễn Thị Lan", LAN);
    added(w, "Trần Văn Đặng", "046091900002");
    struct office o = office_open(w);
    assert_int_not_equal(office_get(&o, "/dan-cu"), 200); /* nobody signed in */
    office_as(&o, "commune_chairman", "H57.31.08", "Tôn Thất Vinh");
    assert_int_equal(office_get(&o, "/dan-cu"), 403);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_equal(office_get(&o, "/dan-cu"), 200);
    assert_true(web_shows(&o.b, "Quản lý dân cư"));
    assert_false(web_shows(&o.b, "Điền sẵn tờ khai")); /* a purpose of others */
    assert_int_equal(office_search(&o, "/dan-cu?words=lan"), 422);
    assert_false(web_shows(&o.b, "Nguyễn Thị Lan"));
    assert_int_equal(office_search(&o, "/dan-cu?purpose=population_management&words=lan"), 422);
    assert_int_equal(office_get(&o, "/dan-cu?" WHY), 422); /* whom? */
    assert_true(web_shows(&o.b, "12/KH-BCA"));             /* what was typed is kept */
    assert_int_equal(office_search(&o, "/dan-cu?purpose=prefill&matter=1&words=lan"), 403);
    assert_int_equal(office_search(&o, "/dan-cu?purpose=own_data&matter=1&words=lan"), 403);
    /* whether somebody of that name or number exists isn't told either */
    assert_int_equal(office_search(&o, "/dan-cu?purpose=prefill&matter=1&words=khongaitenthe"),
                     403);
    assert_int_equal(office_search(&o, "/dan-cu?purpose=prefill&matter=1&words=001099000000"), 403);
    assert_int_equal(lines_of_lan(w), 0);
    assert_int_equal(office_search(&o, "/dan-cu?purpose=population_management&words=lan"), 422);
    assert_true(web_shows(&o.b, "Mã hồ sơ hoặc số văn bản còn trống. Hãy điền mục này."));
    assert_int_equal(
        office_search(&o, "/dan-cu?purpose=population_management&words=lan&matter=abc"),
        422); /* words aren't a document's number */
    assert_true(web_shows(&o.b, "abc không phải số, ký hiệu văn bản"));
    assert_false(web_shows(&o.b, "Nguyễn Thị Lan"));
    assert_int_equal(lines_of_lan(w), 0);
    o.b.accept = "application/json";
    assert_int_equal(
        office_search(&o, "/dan-cu?purpose=population_management&words=lan&matter=abc"), 403);
    assert_int_equal(office_search(&o, "/dan-cu?words=lan"), 422);
    assert_true(web_shows(&o.b, "Mục đích xem dữ liệu còn trống"));
    o.b.accept = "text/html";
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=nguyen+lan"), 200);
    assert_true(web_shows(&o.b, "Nguyễn Thị Lan"));
    assert_false(web_shows(&o.b, "Trần Văn Đặng"));
    assert_int_equal(lines_of_lan(w), 1);
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=dang"), 200);
    assert_true(web_shows(&o.b, "Trần Văn Đặng"));
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=" LAN), 200);
    assert_true(web_shows(&o.b, lan.id));
    assert_int_equal(office_search(&o, "/dan-cu?" WHY "&words=046194900099"), 200);
    assert_false(web_shows(&o.b, "/dan-cu/0"));
    assert_int_equal(lines_of_lan(w), 2);
    office_close(&o);
}

/* ---- the case ---- */

/* Dossiers as a module that handles cases would tell them. */
static enum err find_case(struct ctx *c, const char *code, bool *ret_found, struct matter_case *ret)
{
    (void)c;
    bool open = text_eq(code, "H57.31.08-200604-0001"), other = text_eq(code, "H57.31.09-1");
    *ret_found = open || other || text_eq(code, "H57.31.08-200501-0007");
    *ret = (struct matter_case){.unit = other ? "H57.31.09" : "H57.31.08", .open = open || other};
    return OK;
}

static void for_a_case(struct node_world *w, void *arg)
{
    static const struct {
        const char *matter, *unit;
        int status;
        const char *says;
    } asked[] = {
        {"H57.31.08-200604-0001", "H57.31.08", 200, "Nguyễn Thị Lan"},
        {"H57.31.08-200501-0007", "H57.31.08", 422, "hồ sơ này đã kết thúc"},
        {"H57.31.09-1", "H57.31.08", 422, "không có hồ sơ H57.31.09-1 trong các hồ sơ"},
        {"H57.31.08-200604-0001", "H57.31.09", 422, "không có hồ sơ"},
        {"H57.31.08-200501-0007", "H57.31.09", 422, "không có hồ sơ"}, /* not even that it ended */
        {"H57.31.08-200604-0002", "H57.31.08", 422, "không có hồ sơ H57.31.08-200604-0002"},
        {"12/QĐ-TTr", "H57.31.08", 422, "không có hồ sơ"},
    };
    (void)arg;
    matter_found_by(find_case);
    added(w, "Nguyễn Thị Lan", LAN);
    struct office o = office_open(w);
    size_t seen = 0;
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        office_as(&o, "commune_clerk", asked[i].unit, "Phan Thị Thu Hà");
        int status = office_search(&o, "/dan-cu?purpose=birth_registration&words=lan&matter=%s",
                                   asked[i].matter);
        assert_int_equal(status, asked[i].status);
        assert_true(web_shows(&o.b, asked[i].says));
        assert_int_equal(web_shows(&o.b, "Nguyễn Thị Lan"), status == 200);
        seen += status == 200;
        assert_int_equal(lines_of_lan(w), seen);
    }
    assert_int_equal(seen, 1);
    office_close(&o);
}

static void test_population_desk_needs_an_open_case_of_the_unit(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), for_a_case, NULL);
}

static void test_population_desk_asks_why_first(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), searched, NULL);
}

static void shown(struct node_world *w, void *arg)
{
    (void)arg;
    struct one lan = added(w, "Nguyễn Thị Lan", LAN);
    struct change move = {lan.id, "35 Lê Lợi"};
    with_purpose(w, "population_management", "12/KH-BCA");
    assert_int_equal(do_write(w, change, &move), OK);
    size_t before = lines_of_lan(w);
    struct office o = office_open(w);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    assert_int_not_equal(office_get(&o, "/dan-cu/%s", lan.id), 200); /* without a reason */
    assert_int_equal(lines_of_lan(w), before);
    assert_int_equal(office_get(&o, "/dan-cu/%s?" WHY, lan.id), 200);
    assert_true(web_shows(&o.b, "35 Lê Lợi"));
    assert_true(web_shows(&o.b, "Chuyển nơi thường trú"));
    assert_true(web_shows(&o.b, "Nhập lần đầu"));
    assert_false(web_shows(&o.b, "O+"));           /* secret */
    assert_int_equal(lines_of_lan(w), before + 1); /* two versions, one look */
    assert_int_equal(office_get(&o, "/dan-cu/01H00000000000000000000000?" WHY), 404);
    o.b.accept = "application/json";
    assert_int_equal(office_get(&o, "/dan-cu/%s?" WHY, lan.id), 200);
    json_t *j;
    assert_int_equal(json_in(w->c, "answer", o.b.body, &j), OK);
    assert_int_equal(json_int_of(j, "version", 0), 2);
    assert_int_equal(json_array_size(json_list_of(j, "past")), 2);
    json_end(j);
    office_close(&o);
}

static void test_population_desk_shows_versions(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), shown, NULL);
}

static void paged(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < 60; i++)
        added(w, "Lê Thị Thượng", arena_printf(w->c->arena, "0461949%05d", i));
    struct office o = office_open(w);
    office_as(&o, "population_officer", "G01", "Bùi Quốc Anh");
    o.b.accept = "application/json";
    const char *path = "/dan-cu?" WHY "&words=thuong";
    size_t seen = 0, pages = 0;
    while (path && *path) {
        json_t *j;
        assert_null(strstr(path, "thuong") && pages ? path : NULL); /* the words stay out of it */
        assert_int_equal(pages ? web_get(&o.b, path) : web_search(&o.b, path), 200);
        assert_int_equal(json_in(w->c, "answer", o.b.body, &j), OK);
        seen += json_array_size(json_list_of(j, "rows"));
        path = arena_text(w->c->arena, json_text_of(j, "next", ""));
        json_end(j);
        assert_true(++pages < 5);
    }
    assert_int_equal(seen, 60);
    office_close(&o);
}

static void test_population_desk_pages_by_key(void **state)
{
    (void)state;
    node_test_agency("G01");
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), paged, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_population_desk_asks_why_first),
        cmocka_unit_test(test_population_desk_needs_an_open_case_of_the_unit),
        cmocka_unit_test(test_population_desk_shows_versions),
        cmocka_unit_test(test_population_desk_pages_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
