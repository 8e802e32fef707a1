/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of pages: what they show, that typed text stays text, that the HTML is well-formed. */
#include "web/test/support.h"

struct kin {
    const char *name, *sex;
};
SHAPE(kin_shape, struct kin, SHAPE_TEXT(struct kin, name, TX(web_session_name)),
      SHAPE_STRING(struct kin, sex, KIND_CODE, TX(web_day), .catalogue = "sex"));

struct person {
    const char *name, *story, *sex, *country, *ward, *born, *heard, *phone, *email, *pin, *photo;
    const char *other, *secret, *state;
    int64_t copies, fee, married, sure;
    struct list kin;
};
#define P struct person
SHAPE(person_shape, P,
      SHAPE_TEXT(P, name, TX(web_session_name), .max = 40, .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(P, story, KIND_LONG_TEXT, TX(web_error_detail)),
      SHAPE_STRING(P, sex, KIND_CODE, TX(web_day), .catalogue = "sex", .flags = F_REQUIRED),
      SHAPE_STRING(P, country, KIND_CODE, TX(web_month), .catalogue = "countries"),
      SHAPE_STRING(P, ward, KIND_CODE, TX(web_year), .catalogue = "wards"),
      SHAPE_STRING(P, born, KIND_DATE, TX(web_day), .flags = F_REQUIRED),
      SHAPE_STRING(P, heard, KIND_PARTIAL_DATE, TX(web_day)),
      SHAPE_STRING(P, phone, KIND_PHONE, TX(web_day)),
      SHAPE_STRING(P, email, KIND_EMAIL, TX(web_day)), SHAPE_STRING(P, pin, KIND_PIN, TX(web_day)),
      SHAPE_STRING(P, photo, KIND_FILE, TX(web_day), .accept = "image/jpeg image/png"),
      SHAPE_NUMBER(P, married, KIND_BOOL, TX(web_session_signed_in)),
      SHAPE_TEXT(P, other, TX(web_error_code), .flags = F_REQUIRED, .visible_field = "married",
                 .visible_value = "1"),
      SHAPE_TEXT(P, secret, TX(web_session_csrf), .flags = F_SECRET),
      SHAPE_TEXT(P, state, TX(web_session_unit), .flags = F_READ_ONLY),
      SHAPE_INT(P, copies, TX(web_error_number), .max = 9),
      SHAPE_NUMBER(P, fee, KIND_MONEY, TX(web_error_status)),
      SHAPE_NUMBER(P, sure, KIND_BOOL, TX(web_error_later), .flags = F_REQUIRED),
      SHAPE_LIST(P, kin, &kin_shape, TX(web_menu), .max = 4));

static const struct choice sexes[] = {{"m", "Nam"}, {"f", "Nữ"}};
static struct choice lands[50];

static const char *choice_name(struct ctx *c, const char *catalogue, const char *code)
{
    (void)c;
    if (text_eq(catalogue, "wards"))
        return text_eq(code, "19768") ? "Phường Thuận Thành, Thành phố Huế" : NULL;
    for (size_t i = 0; text_eq(catalogue, "sex") && i < 2; i++) {
        if (text_eq(sexes[i].code, code))
            return sexes[i].label;
    }
    return text_eq(catalogue, "countries") && text_eq(code, "VN") ? "Việt Nam" : NULL;
}

static size_t choices(struct ctx *c, const char *catalogue, const char *level,
                      const struct choice **ret)
{
    (void)level;
    if (text_eq(catalogue, "sex")) {
        *ret = sexes;
        return 2;
    }
    for (size_t i = 0; i < ARRAY_LEN(lands); i++)
        lands[i] = (struct choice){i ? arena_printf(c->arena, "L%zu", i) : "VN",
                                   i ? "Đất <nước>" : "Việt Nam"};
    *ret = lands;
    return text_eq(catalogue, "countries") ? ARRAY_LEN(lands) : 20000;
}
static const struct catalogues catalogue = {choice_name, choices};

static void gallery(struct page *p, const void *view)
{
    static const struct page_task tasks[] = {{"Trẻ", "/a", "Đã xong", true},
                                             {"Mẹ", "/b", "Chưa điền", false},
                                             {"Nộp", NULL, "Chưa thể bắt đầu", false}};
    page_layout_begin(p, "Bộ <phận>");
    page_back(p, "javascript:alert(1)");
    page_faults(p, &person_shape);
    page_panel(p, "Đã nộp", "H57.31.01-250303-0001");
    page_notice(p, "<script>alert(1)</script>");
    page_warning(p, "Cẩn thận");
    page_search(p, "/tim", "q", "\"><img src=x>", "Tìm thủ tục");
    page_form_saved(p, "/send", "/draft");
    page_fields(p, &person_shape, view);
    page_date3(p, shape_field(&person_shape, "born"), view, "when");
    page_rows(p, &person_shape, view, "kin", 2);
    page_known(p, shape_field(&person_shape, "state"), view, "Dân cư");
    page_button(p, "Tiếp tục");
    page_button_as(p, "warning", "act", "refuse", "Từ chối");
    page_form_end(p);
    page_form_upload(p, "/up");
    page_form_end(p);
    page_tasks(p, tasks, ARRAY_LEN(tasks));
    page_summary(p, &person_shape, view, "/change");
    page_tag(p, "green", "Đúng hạn");
    page_paging(p, "/x?before=1", NULL);
    struct page_table *t = PAGE_TABLE(p, TX(web_home), TX(web_session_name), TX(web_day));
    page_row(t);
    page_cell_link(t, "/x/1", "Dòng <một>");
    page_table_end(t, "/x?after=1");
    page_table_end(PAGE_TABLE(p, TX(web_home), TX(web_nothing), TX(web_day)), "");
    page_layout_end(p);
}

static struct person *example(struct ctx *c)
{
    struct person *x = shape_new(c->arena, &person_shape);
    x->name = "Trần \"Lan\" <b>";
    x->country = "VN";
    x->ward = "19768";
    x->born = "1994-05-03";
    x->fee = 1250000;
    x->state = "H57";
    x->secret = "do-not-show";
    x->kin = (struct list){ARENA_ARRAY(c->arena, 1, struct kin), 1};
    ((struct kin *)x->kin.items)->name = "An";
    ((struct kin *)x->kin.items)->sex = "m";
    return x;
}

static enum err get_gallery(struct ctx *c, struct req *r)
{
    return answer(c, r, 200, NULL, example(c), gallery);
}

static enum err post_gallery(struct ctx *c, struct req *r)
{
    enum err e = shape_from_form(c, &person_shape, r->form, r->n_form, example(c));
    return e ? answer_again(c, r, &person_shape, example(c), gallery)
             : answer_redirect(c, r, "/gallery");
}

static const struct route rows[] = {
    {.method = "GET",
     .path = "/gallery",
     .permission = PUBLIC,
     .handler = get_gallery,
     .title = TX(web_home)},
    {.method = "POST",
     .path = "/gallery",
     .permission = PUBLIC,
     .handler = post_gallery,
     .flags = ROUTE_WRITE,
     .title = TX(web_home)},
};

/* The page for a person's eye: DINH_GALLERY names the file. */
static void keep_for_the_eye(struct db_world *w, const struct web_client *b)
{
    const char *path = getenv("DINH_GALLERY");
    if (path)
        assert_int_equal(sys_write_file(w->c, path, b->body, 0644), OK);
}

static void body(struct db_world *w, struct web *web, struct web_client *b)
{
    assert_int_equal(web_add(w->c, web, "gallery", rows, ARRAY_LEN(rows)), OK);
    shape_use_catalogues(&catalogue);
    assert_int_equal(web_get(b, "/gallery"), 200);
    static const char *const shown[] = {
        "<title>Bộ &lt;phận&gt; - Cổng thử</title>",
        "class=\"govuk-back-link\" href=\"javascript:", /* must not be: see below */
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "value=\"&quot;&gt;&lt;img src=x&gt;\"",
        "value=\"Trần &quot;Lan&quot; &lt;b&gt;\"",
        "<option value=\"VN\" selected>Việt Nam</option>",
        "<option value=\"L1\">Đất &lt;nước&gt;</option>",
        "value=\"Phường Thuận Thành, Thành phố Huế\"",
        "value=\"03/05/1994\"",
        "type=\"radio\" id=\"f-sex\" name=\"sex\" value=\"m\"",
        "accept=\"image/jpeg,image/png\"",
        "data-aria-controls=\"c-married\"",
        "id=\"c-married\"",
        "name=\"kin.0.name\"",
        "name=\"kin.1.name\"",
        "id=\"f-kin-0-name\"",
        "name=\"when-day\" value=\"03\"",
        "href=\"/change#f-name\"",
        "1.250.000 ₫",
        "Dòng &lt;một&gt;</a></td></tr>\n</tbody>",
        "rel=\"next\" href=\"/x?after=1\"",
        "<div class=\"govuk-inset-text\">Không có</div>", /* a table without rows */
        "Bản trình diễn",
        "data-saved=\"Đã lưu bản nháp.\"",
        "govuk-task-list__status--cannot-start-yet",
        "enctype=\"multipart/form-data\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        bool wanted = !strstr(shown[i], "javascript:");
        if (web_shows(b, shown[i]) != wanted)
            print_error("%s: %s\n", wanted ? "missing" : "shown", shown[i]);
        assert_int_equal(web_shows(b, shown[i]), wanted);
    }
    assert_false(web_shows(b, "do-not-show"));
    assert_false(web_shows(b, "name=\"state\"")); /* read-only */
    keep_for_the_eye(w, b);
    assert_int_equal(WEB_POST(b, "/gallery", "name", "", "born", "31/2/2020", "sex", "x", "pin",
                              "12", "country", "<i>", "kin.0.name", "dài dài"),
                     422);
    assert_true(web_shows(b, "<title>Lỗi: Bộ"));
    assert_true(web_shows(b, "href=\"#f-born\""));
    assert_true(web_shows(b, "value=\"31/2/2020\""));
    assert_true(web_shows(b, "<option selected value=\"&lt;i&gt;\">&lt;i&gt;</option>"));
    assert_true(web_shows(b, "aria-invalid=\"true\""));
    assert_true(web_shows(b, "value=\"dài dài\""));
    b->language = "en";
    assert_int_equal(web_get(b, "/gallery"), 200);
    assert_true(web_shows(b, "(optional)"));
    assert_true(web_shows(b, "Sign in"));
}

static void test_parts(void **state)
{
    (void)state;
    site_test(body);
    shape_use_catalogues(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
