/* SPDX-License-Identifier: Apache-2.0 */
/* A program files, supplements, withdraws, collects and rates by JSON alone: it reads what a page
   asks, sends what it read back with what was missing, and goes where the answer leads. */
#include "systems/portal/test/portal_program.h"

#include "core/access.h"

#define WHY "Ảnh giấy chứng sinh bị mờ."

/* ---- what a program fills in ---- */

static const struct {
    const char *name, *value;
} answers[] = {
    {"requester_paper_type", "citizen_card"},
    {"requester_paper_number", MOTHER},
    {"requester_paper_date", "2017-01-11"},
    {"requester_paper_place", "Cục Cảnh sát"},
    {"requester_address", "12 Nguyễn Sinh Cung"},
    {"requester_phone", "0905 000 001"},
    {"child_name", "Trần Nguyễn An Nhiên"},
    {"child_sex", "female"},
    {"child_birth_date", "2020-06-01"},
    {"child_ethnic_group", "01"},
    {"child_nationality", "VN"},
    {"child_home_town", "Quảng Trị"},
    {"birth_facility", "Bệnh viện Trung ương Huế"},
    {"birth_unit", "vi da thua thien hue"},
    {"birth_notice_number", "12/2020"},
    {"birth_notice_date", "2020-06-02"},
    {"father_declared", "1"},
    {"clinic", "46001"},
    {"card_address", "12 Nguyễn Sinh Cung"},
    {"copies", "2"},
    {"result_way", "online"},
    {"truth_declared", "1"},
};

static const char *answer_to(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        if (text_eq(answers[i].name, name))
            return answers[i].value;
    return "";
}

static const char *photo_member(struct portal_world *p, struct bytes content)
{
    return arena_printf(p->w->c->arena,
                        "\"birth_notice_file\":{\"name\":\"giấy chứng sinh.jpg\","
                        "\"content\":\"%s\"}",
                        base64(p->w->c->arena, content));
}

/* All fields of the page as they were read, read-only ones too; what is empty is answered. */
static const char *filled_in(struct portal_world *p)
{
    struct buf b = buf_new(p->w->c->arena, 100000);
    const json_t *fields = json_list_of(doc, "fields");
    buf_printf(&b, "{\"_version\":%lld", (long long)json_int_of(doc, "version", -1));
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        const char *name = json_text_of(f, "name", ""), *value = json_text_of(f, "value", "");
        bool open = text_empty(value) || text_eq(value, "0");
        if (text_eq(json_text_of(f, "kind", ""), "file") && text_empty(value)) {
            buf_printf(&b, ",%s", photo_member(p, photo()));
            continue;
        }
        buf_char(&b, ',');
        buf_json(&b, name);
        buf_char(&b, ':');
        buf_json(&b, open && *answer_to(name) ? answer_to(name) : value);
    }
    buf_char(&b, '}');
    return b.ptr;
}

static const char *versioned(struct portal_world *p, const char *rest)
{
    return arena_printf(p->w->c->arena, "{\"_version\":%lld%s%s}",
                        (long long)json_int_of(doc, "version", -1), *rest ? "," : "", rest);
}

static const char *begun(struct portal_world *p)
{
    get(p, "/dich-vu/" BIRTH);
    get(p, json_text_of(json_array_get(json_list_of(doc, "buttons"), 0), "href", ""));
    return post(p, act(p, "begin", "POST"), "{\"requester_relation\":\"mother\"}");
}

/* Every group in turn: what the register knows is confirmed, the rest is filled in. */
static void fill_groups(struct portal_world *p, const char *draft)
{
    get(p, draft);
    size_t n = json_array_size(json_list_of(doc, "groups")), confirmed = 0;
    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++) {
        get(p, draft);
        const json_t *g = json_array_get(json_list_of(doc, "groups"), i);
        if (text_eq(json_text_of(g, "state", ""), "done"))
            continue;
        get(p, json_text_of(g, "href", ""));
        bool known = json_bool_of(doc, "look_over", false);
        const char *to = act(p, known ? "confirm" : "save", "POST");
        post(p, to, known ? versioned(p, "\"_dung\":true") : filled_in(p));
        confirmed += known;
    }
    assert_true(confirmed > 0);
}

static const char *code_in(struct portal_world *p, const char *location)
{
    const char *code = location + strlen("/ho-so/");
    assert_true(text_starts(location, "/ho-so/000.08.31.H57-"));
    return arena_text_n(p->w->c->arena, code, strcspn(code, "/"));
}

static const char *filed(struct portal_world *p)
{
    const char *draft = begun(p);
    fill_groups(p, draft);
    get(p, draft);
    get(p, act(p, "review", "GET"));
    return code_in(p, post(p, act(p, "file", "POST"), "{}"));
}

/* ---- the way in ---- */

static void begins(struct portal_world *p)
{
    enter(p, "lan");
    get(p, "/dich-vu/" BIRTH "/nop");
    assert_string_equal(told(p, "person"), "Nguyễn Thị Lan");
    assert_true(json_array_size(json_list_of(doc, "groups")) > 2); /* what is known already */
    assert_true(json_array_size(json_list_of(doc, "files")) > 0);  /* what to have at hand */
    const json_t *asked = row("fields", "name", "requester_relation");
    assert_non_null(asked);
    assert_string_equal(json_text_of(asked, "kind", ""), "code");
    assert_string_equal(json_text_of(asked, "catalogue", ""), "relations");
    assert_string_equal(json_text_of(row("choices", "code", "mother"), "catalogue", ""),
                        "relations");
    const char *to = act(p, "begin", "POST");
    refuses(p, to, "{\"requester_relation\":\"ong_troi\"}", 422, "requester_relation",
            "ERR_BAD_CODE");
    refuses(p, to, "{\"requester_relation\":true}", 422, "requester_relation", "ERR_WRONG_KIND");
    refuses(p, to, "{\"requester_relation\":[\"mother\"]}", 422, "requester_relation",
            "ERR_WRONG_KIND");
    refuses(p, to, "{\"relation\":\"mother\"}", 422, "relation", "ERR_UNKNOWN_FIELD");
    assert_int_equal(web_post_json(&p->b, to, "{\"a\":"), 400);
    assert_int_equal(web_post_json(&p->b, to, "[]"), 422);
    assert_int_equal(
        web_send(&p->b, "POST", to, "text/plain", bytes_of("requester_relation=mother")), 403);
    p->b.more[p->b.n_more++] = (struct http_header){"X-CSRF-Token", p->b.token};
    assert_int_equal(
        web_send(&p->b, "POST", to, "text/plain", bytes_of("requester_relation=mother")), 415);
    p->b.n_more = 0;
    get(p, "/ban-nhap");
    assert_int_equal(json_array_size(json_list_of(doc, "rows")), 0); /* nothing was begun */
    forget();
}

static void shows_what_is_known(struct portal_world *p)
{
    enter(p, "lan");
    const char *draft = begun(p);
    get(p, at(p, "/mother", draft));
    assert_true(json_bool_of(doc, "look_over", false));
    const json_t *name = row("fields", "name", "mother_name");
    assert_string_equal(json_text_of(name, "value", ""), "Nguyễn Thị Lan");
    assert_string_equal(json_text_of(name, "source", ""), "Cơ sở dữ liệu quốc gia về dân cư");
    assert_true(json_bool_of(name, "required", false));
    const json_t *home = row("fields", "name", "mother_residence_unit");
    assert_string_equal(json_text_of(home, "value", ""), "19777");
    assert_string_equal(json_text_of(home, "shown", ""),
                        "Phường Vỹ Dạ, Thành phố Huế, Tỉnh Thừa Thiên Huế");
    assert_string_equal(json_text_of(home, "suggest", ""), "/dia-danh?tu=");
    assert_null(row("choices", "catalogue", "admin_units")); /* too many: asked for by words */
    assert_non_null(row("choices", "catalogue", "ethnic_groups"));
    const char *confirm = act(p, "confirm", "POST"), *change = act(p, "change", "GET");
    get(p, change); /* the same fields, to be typed */
    assert_false(json_bool_of(doc, "look_over", true));
    post(p, confirm, versioned(p, "\"_dung\":true"));
    get(p, draft);
    assert_string_equal(json_text_of(row("groups", "name", "mother"), "state", ""), "done");
    assert_string_equal(json_text_of(row("groups", "name", "child"), "state", ""), "to_do");
    assert_false(json_bool_of(doc, "ready", true));
    enter(p, "minh"); /* another's draft isn't there, nor what the register told of her */
    assert_int_equal(web_get(&p->b, at(p, "/mother", draft)), 404);
    assert_int_equal(web_get(&p->b, at(p, "/xem-lai", draft)), 404);
    assert_false(web_shows(&p->b, "Lan"));
    forget();
}

/* ---- mistakes ---- */

static void names_what_is_wrong(struct portal_world *p)
{
    enter(p, "lan");
    const char *draft = begun(p), *child = at(p, "/child", draft);
    get(p, child);
    const char *v = versioned(p, "");
    const struct {
        const char *member, *field, *code;
    } wrong[] = {
        {"\"child_birth_date\":\"31/2/2020\"", "child_birth_date", "ERR_BAD_DATE"},
        {"\"child_birth_date\":\"2020-06-30\"", "child_birth_date", "ERR_FUTURE"},
        {"\"child_birth_date\":\"1900-01-01\"", "child_birth_date", "ERR_DATE_ORDER"},
        {"\"child_sex\":\"x\"", "child_sex", "ERR_BAD_CODE"},
        {"\"child_name\":\"123456 !!!\"", "child_name", "ERR_NOT_A_NAME"},
        {"\"child_name\":7", "child_name", "ERR_WRONG_KIND"},
        {"\"child_name\":true", "child_name", "ERR_WRONG_KIND"},
        {"\"child_name\":{\"name\":\"a\",\"content\":\"\"}", "child_name", "ERR_WRONG_KIND"},
        {"\"child_name\":null", "child_name", "ERR_REQUIRED"},
        {"\"mother_name\":\"Lan\"", "mother_name", "ERR_UNKNOWN_FIELD"},
        {"\"child_birth_date_words\":\"x\"", "child_birth_date_words", "ERR_FIELD_READ_ONLY"},
        {"\"_dung\":\"x\"", "_dung", "ERR_BAD_CODE"},
    };
    v = arena_text_n(p->w->c->arena, v, strlen(v) - 1);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        refuses(p, child, arena_printf(p->w->c->arena, "%s,%s}", v, wrong[i].member), 422,
                wrong[i].field, wrong[i].code);
    refuses(p, child, "{\"child_name\":\"An Nhiên\"}", 422, "_version", "ERR_REQUIRED");
    refuses(p, child, "{\"_version\":\"x\"}", 422, "_version", "ERR_BAD_NUMBER");
    web_post_json(&p->b, child, arena_printf(p->w->c->arena, "%s,\"child_sex\":\"x\"}", v));
    assert_true(web_shows(&p->b, "\"label\":\"Giới tính\""));
    assert_true(web_shows(&p->b, "\"field\":\"child_name\"")); /* all of them, not the first */
    assert_int_equal(web_post_json(&p->b, child, "{\"_version\":999}"), 409);
    assert_true(web_shows(&p->b, "ERR_DRAFT_CHANGED"));
    get(p, child); /* nothing of all that was kept */
    assert_string_equal(json_text_of(row("fields", "name", "child_name"), "value", "-"), "");
    forget();
}

static void finds_a_commune(struct portal_world *p)
{
    enter(p, "lan");
    const char *place = at(p, "/birth_place", begun(p));
    get(p, place);
    const char *v = versioned(p, "\"birth_facility\":\"Trạm y tế\",\"birth_unit\":");
    v = arena_text_n(p->w->c->arena, v, strlen(v) - 1);
    refuses(p, place, arena_printf(p->w->c->arena, "%s\"Thuận Hòa\"}", v), 422, "birth_unit",
            "ERR_PLACE_MANY");
    refuses(p, place, arena_printf(p->w->c->arena, "%s\"nơi không có\"}", v), 422, "birth_unit",
            "ERR_PLACE_UNKNOWN");
    get(p, "/dia-danh?tu=thuan+hoa+hue");
    const json_t *found =
        row("rows", "title", "Phường Thuận Hòa, Thành phố Huế, Tỉnh Thừa Thiên Huế");
    assert_non_null(found);
    const char *code = arena_text(p->w->c->arena, json_text_of(found, "code", ""));
    post(p, place, arena_printf(p->w->c->arena, "%s\"%s\"}", v, code));
    get(p, at(p, "?sua=1", place));
    assert_string_equal(json_text_of(row("fields", "name", "birth_unit"), "value", ""), code);
    forget();
}

static void takes_files(struct portal_world *p)
{
    struct arena *a = p->w->c->arena;
    enter(p, "lan");
    const char *path = at(p, "/birth_notice", begun(p));
    get(p, path);
    const json_t *file = row("fields", "name", "birth_notice_file");
    assert_string_equal(json_text_of(file, "accept", ""),
                        "image/jpeg image/png image/heic application/pdf");
    const char *v =
        versioned(p, "\"birth_notice_number\":\"12/2020\",\"birth_notice_date\":\"2020-06-02\"");
    v = arena_text_n(a, v, strlen(v) - 1);
    refuses(p, path, arena_printf(a, "%s,%s}", v, photo_member(p, bytes_of("MZ no photo"))), 422,
            "birth_notice_file", "ERR_FILE_TYPE");
    const struct {
        const char *value, *code;
    } wrong[] = {{"7", "ERR_WRONG_KIND"},
                 {"\"01HXYZ00000000000000000000\"", "ERR_WRONG_KIND"},
                 {"{\"name\":\"a.jpg\"}", "ERR_WRONG_KIND"},
                 {"{\"name\":\"a.jpg\",\"content\":\"%%%\"}", "ERR_BAD_ENCODING"},
                 {"{\"name\":\"a.jpg\",\"content\":\"\",\"x\":1}", "ERR_WRONG_KIND"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        refuses(p, path, arena_printf(a, "%s,\"birth_notice_file\":%s}", v, wrong[i].value), 422,
                "birth_notice_file", wrong[i].code);
    refuses(p, path, arena_printf(a, "%s}", v), 422, "birth_notice_file", "ERR_REQUIRED");
    post(p, path, arena_printf(a, "%s,%s}", v, photo_member(p, photo())));
    get(p, path);
    const char *id =
        arena_text(a, json_text_of(row("fields", "name", "birth_notice_file"), "value", ""));
    assert_int_equal(strlen(id), 26);
    assert_string_equal(json_text_of(row("fields", "name", "birth_notice_file"), "shown", ""),
                        "giấy chứng sinh.jpg (1 KB)");
    post(p, path, filled_in(p)); /* its own id may be sent back: the file stays */
    get(p, path);
    assert_string_equal(json_text_of(row("fields", "name", "birth_notice_file"), "value", ""), id);
    /* larger ones come as they do from a browser, and are answered as JSON */
    const char *const fields[] = {
        "_version",
        arena_printf(a, "%lld", (long long)json_int_of(doc, "version", 0)),
        "birth_notice_number",
        "13/2020",
        "birth_notice_date",
        "2020-06-02",
        NULL};
    const struct web_file larger = {"birth_notice_file", "rõ.jpg", "image/jpeg", photo()};
    assert_int_equal(web_post_files(&p->b, path, fields, &larger, 1), 200);
    assert_true(web_shows(&p->b, "\"location\":\"/ban-nhap/"));
    forget();
}

/* ---- the whole of it ---- */

static void files_and_supplements(struct portal_world *p)
{
    enter(p, "lan");
    const char *draft = begun(p), *review = at(p, "/xem-lai", draft);
    get(p, review);
    const json_t *open = row("problems", "field", "child_name");
    assert_non_null(open);
    assert_true(strstr(json_text_of(open, "href", ""), "/child?sua=1") != NULL);
    assert_null(row("acts", "name", "file"));
    refuses(p, at(p, "/nop", draft), "{}", 422, "child_name", "ERR_REQUIRED");
    assert_true(web_shows(&p->b, "\"label\":\"")); /* by its label, not by its name */
    fill_groups(p, draft);
    get(p, review);
    assert_int_equal(json_array_size(json_list_of(doc, "problems")), 0);
    assert_int_equal(json_array_size(json_list_of(doc, "parts")), 8);
    assert_string_equal(told(p, "unit"), "Ủy ban nhân dân phường Vỹ Dạ");
    assert_string_equal(json_text_of(row("fields", "name", "child_birth_date"), "shown", ""),
                        "01/06/2020");
    const char *file = act(p, "file", "POST"), *code = code_in(p, post(p, file, "{}"));
    assert_string_equal(code_in(p, post(p, file, "{}")), code); /* again: the same one */
    get(p, arena_printf(p->w->c->arena, "/ho-so/%s/da-nop", code));
    assert_string_equal(told(p, "due"), "09:00 09/06/2020");

    official(p, "commune_clerk", code, "request_supplement", WHY);
    get(p, dossier_path(p, code, ""));
    assert_string_equal(told(p, "reason"), WHY);
    assert_null(row("acts", "name", "collect"));
    const char *to = act(p, "supplement", "GET");
    get(p, to);
    assert_string_equal(told(p, "reason"), WHY);
    assert_string_equal(told(p, "until"), "09:00 15/06/2020"); /* 56 working hours: 7 days */
    assert_non_null(row("parts", "name", "birth_notice"));
    assert_string_equal(json_text_of(row("fields", "name", "birth_notice_number"), "value", ""),
                        "12/2020");
    const char *send = act(p, "supplement", "POST");
    const char *none = versioned(p, "\"birth_notice_number\":\"\"");
    const char *sent = versioned(p, arena_printf(p->w->c->arena,
                                                 "\"birth_notice_number\":"
                                                 "\"99/2020\",%s",
                                                 photo_member(p, photo())));
    refuses(p, send, none, 422, "birth_notice_number", "ERR_REQUIRED");
    refuses(p, send, "{\"birth_notice_number\":\"9\"}", 422, "_version", "ERR_REQUIRED");
    assert_int_equal(web_post_json(&p->b, send, "{\"_version\":99}"), 409);
    assert_string_equal(post(p, send, sent), dossier_path(p, code, ""));
    assert_string_equal(look(p, code).state, "supplemented");
    assert_string_equal(form_text(p, code, "birth_notice_number"), "99/2020");
    assert_string_equal(form_text(p, code, "child_name"), "Trần Nguyễn An Nhiên"); /* not sent */
    assert_int_equal(web_post_json(&p->b, send, sent), 409);                       /* once */
    forget();
}

static const char *all_points(struct portal_world *p, const char *points, const char *last)
{
    struct buf b = buf_new(p->w->c->arena, 4096);
    const json_t *rows = json_list_of(doc, "criteria");
    size_t n = json_array_size(rows);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s\"%s\":%s", i ? "," : "{",
                   json_text_of(json_array_get(rows, i), "code", ""), i + 1 < n ? points : last);
    buf_text(&b, ",\"comment\":\"Cô Hà rất nhiệt tình\"}");
    return b.ptr;
}

static void rate_it(struct portal_world *p, const char *code)
{
    get(p, dossier_path(p, code, ""));
    get(p, act(p, "rate", "GET"));
    assert_int_equal(json_array_size(json_list_of(doc, "criteria")), 9);
    assert_int_equal(json_array_size(json_list_of(doc, "answers")), 27);
    assert_string_equal(json_text_of(row("answers", "criterion", "tieu_chi_i"), "points", ""), "2");
    const char *to = act(p, "rate", "POST"), *good_one = all_points(p, "2", "\"1\"");
    const char *bad[] = {all_points(p, "2", "7"), all_points(p, "2", "true"),
                         all_points(p, "2", "null")};
    static const char *const codes[] = {"ERR_OUT_OF_RANGE", "ERR_WRONG_KIND", "ERR_REQUIRED"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refuses(p, to, bad[i], 422, "tieu_chi_i", codes[i]);
    refuses(p, to, "{\"diem\":2}", 422, "diem", "ERR_UNKNOWN_FIELD");
    post(p, to, good_one);
    assert_int_equal(web_post_json(&p->b, to, good_one), 409); /* once */
    get(p, dossier_path(p, code, ""));
    assert_true(json_bool_of(doc, "rated", false));
    assert_null(row("acts", "name", "rate"));
}

static void collects_and_rates(struct portal_world *p)
{
    enter(p, "lan");
    const char *code = filed(p);
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "/danh-gia")), 409); /* not over yet */
    to_the_end(p, code);
    get(p, dossier_path(p, code, ""));
    assert_non_null(row("papers", "href", dossier_path(p, code, "/giay/receipt")));
    const char *collect = act(p, "collect", "POST");
    long long v = json_int_of(doc, "version", 0);
    refuses(p, collect, "{}", 422, "version", "ERR_REQUIRED");
    post(p, collect, arena_printf(p->w->c->arena, "{\"version\":%lld}", v));
    assert_string_equal(look(p, code).state, "returned");
    rate_it(p, code);
    forget();
}

static void withdraws(struct portal_world *p)
{
    enter(p, "lan");
    const char *code = filed(p);
    get(p, dossier_path(p, code, ""));
    get(p, act(p, "withdraw", "GET"));
    const char *to = act(p, "withdraw", "POST");
    long long v = json_int_of(doc, "version", 0);
    refuses(p, to, arena_printf(p->w->c->arena, "{\"version\":%lld,\"reason\":\"\"}", v), 422,
            "reason", "ERR_REQUIRED");
    assert_int_equal(web_post_json(&p->b, to, "{\"version\":9,\"reason\":\"Về quê\"}"), 409);
    post(p, to, arena_printf(p->w->c->arena, "{\"version\":%lld,\"reason\":\"Về quê\"}", v));
    assert_string_equal(look(p, code).state, "withdrawing");
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "/rut")), 409);
    official(p, "commune_clerk", code, "confirm_withdrawal", "");
    rate_it(p, code);
    forget();
}

/* ---- a draft kept while a program fills it in ---- */

static void keeps(struct portal_world *p)
{
    enter(p, "lan");
    const char *draft = begun(p), *father = at(p, "/father?sua=1", draft);
    get(p, father);
    const char *keep = act(p, "keep", "POST");
    const char *on = versioned(p, "\"father_declared\":true,\"father_name\":\"Trần\"");
    const char *later = versioned(p, "\"father_birth_date\":\"31/2\"");
    assert_int_equal(web_post_json(&p->b, keep, on), 200);
    assert_int_equal(web_post_json(&p->b, keep, later), 200); /* what isn't sent stays */
    assert_int_equal(web_post_json(&p->b, keep, "{\"father_name\":\"Cũ\"}"), 409);
    get(p, father);
    assert_string_equal(json_text_of(row("fields", "name", "father_declared"), "value", ""), "1");
    assert_string_equal(json_text_of(row("fields", "name", "father_name"), "value", ""), "Trần");
    get(p, draft);
    post(p, act(p, "drop", "POST"), "{}");
    assert_int_equal(web_get(&p->b, draft), 404);
    forget();
}

/* ---- who has seen it ---- */

struct seen {
    struct access_line lines[20];
    size_t n;
};

static enum err read_seen(struct ctx *c, void *arg)
{
    struct seen *s = arg;
    return access_of_person(c, MOTHER, "", s->lines, ARRAY_LEN(s->lines), &s->n);
}

static size_t seen_by(struct portal_world *p, struct seen *ret)
{
    ret->n = 0;
    good(p->w->c, do_read(p->w, read_seen, ret));
    return ret->n;
}

/* The official's page leaves the same line as HTML and as JSON; her own pages leave none. */
static void leaves_the_same_line(struct portal_world *p)
{
    static const char *const own[] = {"", "/rut", "/da-nop"};
    static struct seen s;
    enter(p, "lan");
    const char *code = filed(p);
    size_t before = seen_by(p, &s);
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        get(p, dossier_path(p, code, own[i]));
    assert_int_equal(seen_by(p, &s), before);
    p->b = web_client_new(p->w->c->arena, p->web);
    assert_int_equal(WEB_POST(&p->b, "/thu/vao", "who", "clerk"), 303);
    const char *page = arena_printf(p->w->c->arena, "/mot-cua/%s", code);
    assert_int_equal(web_get(&p->b, page), 200);
    assert_int_equal(seen_by(p, &s), before + 1);
    p->b.accept = "application/json";
    assert_int_equal(web_get(&p->b, page), 200);
    assert_int_equal(seen_by(p, &s), before + 2);
    assert_string_equal(s.lines[0].what, s.lines[1].what);
    assert_string_equal(s.lines[0].record, code);
    assert_string_equal(s.lines[0].record, s.lines[1].record);
    assert_string_equal(s.lines[0].fields, s.lines[1].fields);
    assert_string_equal(s.lines[0].purpose, s.lines[1].purpose);
    assert_string_equal(s.lines[0].reader_name, s.lines[1].reader_name);
    forget();
}

WORLD_TEST(begins)
WORLD_TEST(shows_what_is_known)
WORLD_TEST(names_what_is_wrong)
WORLD_TEST(finds_a_commune)
WORLD_TEST(takes_files)
WORLD_TEST(files_and_supplements)
WORLD_TEST(collects_and_rates)
WORLD_TEST(withdraws)
WORLD_TEST(keeps)
WORLD_TEST(leaves_the_same_line)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_begins),
                                       cmocka_unit_test(test_shows_what_is_known),
                                       cmocka_unit_test(test_names_what_is_wrong),
                                       cmocka_unit_test(test_finds_a_commune),
                                       cmocka_unit_test(test_takes_files),
                                       cmocka_unit_test(test_files_and_supplements),
                                       cmocka_unit_test(test_collects_and_rates),
                                       cmocka_unit_test(test_withdraws),
                                       cmocka_unit_test(test_keeps),
                                       cmocka_unit_test(test_leaves_the_same_line)};
    return cmocka_run_group_tests_name("portal api", tests, NULL, NULL);
}
