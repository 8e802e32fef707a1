/* SPDX-License-Identifier: Apache-2.0 */
/* After filing: supplement, withdraw, collect, rate, who saw my data, live news. */
#include "systems/portal/test/portal_acting.h"

#include "core/jobs.h"
#include "net/http.h"

#define WHY "Ảnh giấy chứng sinh bị mờ."

static const char *filed_by_lan(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p);
    fill_all(p, draft);
    return file_it(p, draft);
}

/* ---- supplement ---- */

static enum err keep_items(struct ctx *c, void *arg)
{
    return casework_fact_set(c, arg, "supplement_items",
                             "{\"items\":[{\"name\":\"birth_notice_file\",\"reason\":"
                             "\"Chụp <lại>\"}]}");
}

/* As a list beside the official's own words, on the dossier's page and where it is supplied. */
static void asked_item_by_item(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code = filed_by_lan(p);
    const char *const pages[] = {dossier_path(p, code, ""), dossier_path(p, code, "/bo-sung")};
    official(p, "commune_clerk", code, "request_supplement",
             WHY "; Ảnh giấy chứng sinh: Chụp <lại>");
    good(p->w->c, do_write(p->w, keep_items, (void *)(uintptr_t)code));
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        b->accept = "text/html";
        assert_int_equal(web_get(b, pages[i]), 200);
        assert_true(
            web_shows(b, "<li><strong>Ảnh giấy chứng sinh</strong>: Chụp &lt;lại&gt;</li>"));
        assert_true(web_shows(b, ">" WHY "</blockquote>"));
        b->language = "en";
        assert_int_equal(web_get(b, pages[i]), 200);
        assert_true(web_shows(b, "<li><strong>Photo of the birth notice</strong>: Chụp"));
        b->language = "vi";
        b->accept = "application/json";
        assert_int_equal(web_get(b, pages[i]), 200);
        assert_true(web_shows(b, "\"items\":[{\"title\":\"Ảnh giấy chứng sinh\",\"text\":"
                                 "\"Chụp <lại>\""));
        assert_true(web_shows(b, "\"reason\":\"" WHY "\""));
    }
}

static void supplement(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code = filed_by_lan(p), *at_ = dossier_path(p, code, "/bo-sung");
    assert_int_equal(web_get(b, at_), 409); /* nobody asked */
    assert_true(web_shows(b, "Hồ sơ này hiện không cần bổ sung"));
    assert_false(web_shows(b, "trước khi quý vị gửi")); /* nothing was sent */
    assert_false(web_shows(b, "ở một trang hoặc một máy khác"));
    official(p, "commune_clerk", code, "request_supplement", WHY);
    assert_int_equal(web_get(b, dossier_path(p, code, "")), 200);
    assert_true(web_shows(b, WHY));
    assert_false(web_shows(b, "Được tiếp nhận")); /* not yet: asked before it was accepted */
    assert_true(web_shows(b, "/bo-sung"));
    const char *before = form_text(p, code, "birth_notice_file");
    assert_int_equal(web_get(b, at_), 200);
    assert_true(web_shows(b, WHY));
    assert_true(web_shows(b, "giấy chứng sinh.jpg"));
    const char *v = arena_text(p->w->c->arena, web_input(b, "_version"));

    const struct web_file bad = {"birth_notice_file", "x.exe", "image/jpeg", bytes_of("MZ")};
    const char *const fields[] = {
        "_version", v, "birth_notice_number", "99/2020", "birth_notice_date", "2/6/2020", NULL};
    assert_int_equal(web_post_files(b, at_, fields, &bad, 1), 422);
    assert_true(web_shows(b, "99/2020"));
    const char *const none[] = {"_version", v,   "birth_notice_number", "", "birth_notice_date",
                                "2/6/2020", NULL};
    assert_int_equal(WEB_POST(b, at_, none[0], none[1], none[2], none[3], none[4], none[5]), 422);

    const struct web_file file = {"birth_notice_file", "rõ.jpg", "image/jpeg", photo()};
    assert_int_equal(web_post_files(b, at_, fields, &file, 1), 303);
    assert_int_equal(web_follow(b), 200);
    assert_true(web_shows(b, "Đã gửi phần bổ sung."));
    assert_string_equal(look(p, code).state, "supplemented");
    assert_string_equal(form_text(p, code, "birth_notice_number"), "99/2020");
    assert_string_equal(form_text(p, code, "child_name"), "Trần Nguyễn An Nhiên"); /* not sent */
    assert_int_equal(look(p, code).version, 3);
    assert_string_not_equal(form_text(p, code, "birth_notice_file"), before);
    assert_int_equal(web_post_files(b, at_, fields, &file, 1), 409); /* once */
}

/* ---- withdraw: two at once ---- */

static void withdraw(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code = filed_by_lan(p), *at_ = dossier_path(p, code, "/rut");
    assert_int_equal(web_get(b, at_), 200);
    assert_int_equal(WEB_POST(b, at_, "version", "1", "reason", ""), 422);
    official(p, "commune_clerk", code, "request_supplement", WHY); /* meanwhile */
    assert_int_equal(WEB_POST(b, at_, "version", "1", "reason", "Về quê cha"), 422);
    assert_true(web_shows(b, "Về quê cha"));
    assert_true(web_shows(b, "vừa được người khác xử lý"));
    assert_false(web_shows(b, "#f-version")); /* a link to nowhere */
    assert_int_equal(WEB_POST(b, at_, "version", web_input(b, "version"), "reason", "Về quê cha"),
                     303);
    const char *done = arena_text(p->w->c->arena, web_answer_header(b, "Location"));
    assert_int_equal(web_get(b, done), 200);
    assert_true(web_shows(b, "Đã gửi yêu cầu rút hồ sơ. Cơ quan sẽ xác nhận."));
    assert_true(web_shows(b, "Về quê cha"));
    assert_false(web_shows(b, "Lời của cơ quan giải quyết")); /* they are her own */
    assert_string_equal(look(p, code).state, "withdrawing");
    official(p, "commune_clerk", code, "confirm_withdrawal", "");
    assert_int_equal(web_get(b, done), 200);
    assert_false(web_shows(b, "Đã gửi yêu cầu rút hồ sơ")); /* it has moved on */
    assert_int_equal(web_get(b, dossier_path(p, code, "")), 200);
    assert_true(web_shows(b, "Đã rút hồ sơ"));
    assert_true(web_shows(b, "/danh-gia"));
    assert_int_equal(web_get(b, at_), 409);
}

/* ---- somebody was first: there is no form any more, and what was typed is on the page ---- */

#define STILL "Những gì quý vị đã nhập vẫn còn"

static void typed_in_vain(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code = filed_by_lan(p), *at_ = dossier_path(p, code, "/rut");
    b->site = "same-origin";
    assert_int_equal(web_get(b, at_), 200);
    official(p, "commune_clerk", code, "refuse", WHY); /* meanwhile */
    assert_int_equal(WEB_POST(b, at_, "version", "1", "reason", "Về quê cha\r\nở Quảng Trị"), 409);
    assert_true(web_shows(b, "Hồ sơ đã thay đổi trước khi quý vị gửi"));
    assert_true(web_shows(b, "Yêu cầu rút hồ sơ này chưa được gửi"));
    assert_true(web_shows(b, "Từ chối tiếp nhận"));
    assert_true(web_shows(b, "Phan Thị Thu Hà"));
    assert_true(web_shows(b, WHY)); /* the clerk's words */
    assert_true(web_shows(b, "Về quê cha\nở Quảng Trị"));
    assert_false(web_shows(b, "Phiên bản")); /* nobody typed that */
    b->accept = "application/json";
    assert_int_equal(WEB_POST(b, at_, "version", "1", "reason", "Về quê cha"), 409);
    assert_true(web_shows(b, "\"code\":\"ERR_CASE_CHANGED\""));
    b->accept = "text/html";
    b->site = "cross-site"; /* another site's words are not said in our name */
    assert_int_equal(WEB_POST(b, at_, "version", "1", "reason", "Về quê cha"), 403);
    assert_false(web_shows(b, "Về quê cha"));
    b->site = "same-origin";
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/nhan"), "version", "1"), 422);
    assert_false(web_shows(b, "vẫn còn")); /* nothing was typed */
}

/* ---- refused ---- */

static void refused(struct portal_world *p)
{
    const char *code = filed_by_lan(p);
    official(p, "commune_clerk", code, "refuse", "Trẻ không cư trú tại phường này.");
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "")), 200);
    assert_true(web_shows(&p->b, "Trẻ không cư trú tại phường này."));
    assert_true(web_shows(&p->b, "Không được tiếp nhận"));
    assert_false(web_shows(&p->b, "/rut\""));
}

/* ---- the result, and a rating ---- */

static enum err t01(struct ctx *c, void *arg)
{
    int today = local_day(c->now_us);
    return measure_read(c, "T01", "H57.31.08", today, today + 1, arg);
}

#define POINTS(v)                                                                                  \
    "tieu_chi_a", v, "tieu_chi_b", v, "tieu_chi_c", v, "tieu_chi_d", v, "tieu_chi_dd", v,          \
        "tieu_chi_e", v, "tieu_chi_g", v, "tieu_chi_h", v

static void result(struct portal_world *p)
{
    struct web_client *b = &p->b;
    struct measure_value v;
    const char *code = filed_by_lan(p), *rate = dossier_path(p, code, "/danh-gia");
    assert_int_equal(web_get(b, rate), 409); /* not over yet */
    clock_at(p->w, 20200604, 910);
    to_the_end(p, code);
    assert_int_equal(web_get(b, dossier_path(p, code, "")), 200);
    assert_true(web_shows(b, "Đã có kết quả"));
    assert_true(web_shows(b, "when\">09:10 04/06/2020</span>")); /* each step of the way has it */
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/nhan"), "version", "1"),
                     422); /* an old page */
    assert_int_equal(web_get(b, dossier_path(p, code, "")), 200);
    assert_int_equal(
        WEB_POST(b, dossier_path(p, code, "/nhan"), "version", web_input(b, "version")), 303);
    assert_string_equal(look(p, code).state, "returned");

    assert_int_equal(web_get(b, rate), 200);
    assert_true(web_shows(b, "Thái độ của cán bộ, công chức"));
    assert_int_equal(WEB_POST(b, rate, POINTS("2"), "comment", "Cô Hà rất nhiệt tình"), 422);
    assert_true(web_shows(b, "Cô Hà rất nhiệt tình")); /* one criterion left out */
    assert_int_equal(WEB_POST(b, rate, POINTS("2"), "tieu_chi_i", "7"), 422);
    assert_int_equal(WEB_POST(b, rate, POINTS("2"), "tieu_chi_i", "1", "comment", "Tốt"), 303);
    assert_int_equal(web_follow(b), 200);
    assert_true(web_shows(b, "Xin cảm ơn"));
    assert_int_equal(WEB_POST(b, rate, POINTS("0"), "tieu_chi_i", "0"), 409); /* once */
    good(p->w->c, do_read(p->w, t01, &v));
    assert_int_equal(v.part, 1);
    assert_int_equal(v.whole, 1);
}

static void rated_in_vain(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code = filed_by_lan(p), *rate = dossier_path(p, code, "/danh-gia");
    official(p, "commune_clerk", code, "refuse", WHY);
    b->site = "same-origin";
    assert_int_equal(WEB_POST(b, rate, POINTS("2"), "tieu_chi_i", "2"), 303); /* another tab */
    assert_int_equal(WEB_POST(b, rate, POINTS("1"), "tieu_chi_i", "1", "comment", "Cô Hà rất vội"),
                     409);
    assert_true(web_shows(b, STILL));
    assert_true(web_shows(b, "Cô Hà rất vội"));
    assert_true(web_shows(b, "Thái độ của cán bộ, công chức"));
    assert_false(web_shows(b, "tieu_chi"));
}

static void unsatisfied(struct portal_world *p)
{
    struct measure_value v;
    const char *code = filed_by_lan(p);
    official(p, "commune_clerk", code, "refuse", "Thiếu giấy tờ.");
    assert_int_equal(
        WEB_POST(&p->b, dossier_path(p, code, "/danh-gia"), POINTS("1"), "tieu_chi_i", "2"), 303);
    good(p->w->c, do_read(p->w, t01, &v));
    assert_int_equal(v.part, 0); /* 10 of 18: fair, not satisfied */
    assert_int_equal(v.whole, 1);
    sign_in(p, "minh");
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "/danh-gia")), 404);
}

/* ---- who saw my data ---- */

static const struct node_peer silent = {.agency = "G24",
                                        .name = "g24",
                                        .url = "http://127.0.0.1:1",
                                        .exchange_url = "https://127.0.0.1:1",
                                        .members = (const char *const[]){"G24", NULL}};

/* By turns: the register and the dossier, three times each. */
static enum err read_by_turns(struct ctx *c, void *arg)
{
    enum err e = OK;
    (void)arg;
    for (int i = 0; i < 6 && !e; i++)
        e = access_note(c, MOTHER, i % 2 ? "civil_status_birth" : "dossier", "", "");
    return e;
}

static void my_data(struct portal_world *p)
{
    const char *code = filed_by_lan(p);
    official(p, "commune_clerk", code, "accept", "");
    as_system(p->w, "onestop");
    with_purpose(p->w, "birth_registration", code);
    good(p->w->c, do_write(p->w, read_by_turns, NULL));
    p->w->n->tls_key = p->w->n->sign_key; /* it never comes to a handshake */
    p->w->n->tls_cert = p->w->n->sign_cert;
    p->w->n->peers = &silent;
    p->w->n->n_peers = 1;
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 200);
    assert_true(web_shows(&p->b, "Phan Thị Thu Hà"));
    assert_true(web_shows(&p->b, "Giải quyết hồ sơ"));
    assert_true(web_shows(&p->b, code));
    assert_true(web_shows(&p->b, "Chưa thể hỏi các nơi sau")); /* named, not waited for */
    const char *thrice = strstr(p->b.text, "\n3 lần"); /* equal ones of a day: one line each */
    assert_non_null(thrice);
    assert_non_null(strstr(thrice + 1, "\n3 lần"));
    p->b.accept = "application/json";
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 200);
    assert_true(web_shows(&p->b, "\"who\":\"Phan Thị Thu Hà\""));
    sign_in(p, "minh");
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 200);
    assert_false(web_shows(&p->b, "Phan Thị Thu Hà"));
    p->w->n->identity_url = "http://127.0.0.1:8801"; /* a province sends people to the nation's */
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 303);
    assert_string_equal(web_answer_header(&p->b, "Location"),
                        "http://127.0.0.1:8801/du-lieu-cua-toi");
}

static enum err look_once(struct ctx *c, void *arg)
{
    return access_note(c, MOTHER, "population", arg, "");
}

/* Somebody of her name filed elsewhere and was shown her record; she was, too. */
static void namesake(struct portal_world *p)
{
    static const char *const who[] = {MOTHER, "046194900777"};
    for (size_t i = 0; i < ARRAY_LEN(who); i++) {
        const struct actor citizen = {.kind = ACTOR_AGENCY,
                                      .account = "H57",
                                      .person = who[i],
                                      .name = "Nguyễn Thị Lan",
                                      .unit = "H57",
                                      .role = "citizen"};
        p->w->c->actor = &citizen;
        with_purpose(p->w, "prefill", "");
        good(p->w->c, do_write(p->w, look_once, (void *)(uintptr_t) "P1"));
    }
    as_system(p->w, "portal");
    sign_in(p, "lan");
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 200);
    assert_true(web_shows(&p->b, "<strong>Một người dân khác")); /* a stranger isn't named */
    assert_false(web_shows(&p->b, "<strong>Nguyễn Thị Lan</strong>"));
    assert_true(web_shows(&p->b, "Những lần quý vị tự xem"));
    p->b.accept = "application/json";
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 200);
    assert_true(web_shows(&p->b, "\"times\":1}],\"own\":[{"));
    assert_true(web_shows(&p->b, "\"who\":\"Một người dân khác"));
}

static const struct node_peer far = {.agency = "G01", .name = "far", .url = "", .exchange_url = ""};

static void official_looks(struct portal_world *p, const char *name, const char *record, int times)
{
    as_official(p->w, "civil_status_officer", "H57.31.08", name);
    with_purpose(p->w, "birth_registration", "H57-1");
    for (int i = 0; i < times; i++)
        good(p->w->c, do_write(p->w, look_once, (void *)(uintptr_t)record));
}

/* The page behind "older"; NULL when it says that there is none. */
static const char *older(struct portal_world *p)
{
    const char *link = strstr(p->b.text, "rel=\"next\" href=\"");
    assert_int_equal(link != NULL, web_shows(&p->b, "Xem những lần cũ hơn"));
    assert_int_equal(link != NULL, web_shows(&p->b, "Còn những lần xem cũ hơn"));
    if (!link)
        return NULL;
    link += strlen("rel=\"next\" href=\"");
    return arena_text_n(p->w->c->arena, link, strcspn(link, "\""));
}

/* A curious official's flood hides nobody; nodes' lines stand in one order, each on one page. */
static void buried(struct portal_world *p)
{
    int seen[FAR_LOOKS] = {0}, pages = 0, early = 0;
    official_looks(p, "Phan Thị Thu Hà", "P1", 1);
    official_looks(p, "Lê Văn Tò", "P1", 200);
    for (int i = 0; i < 30; i++) /* and one that changes what is looked at */
        official_looks(p, "Lê Văn Tò", arena_printf(p->w->c->arena, "Q%d", i), 1);
    sign_in(p, "lan");
    p->w->n->peers = &far;
    p->w->n->n_peers = 1;
    for (const char *at = "/du-lieu-cua-toi"; at; at = older(p), pages++) {
        assert_int_equal(web_get(&p->b, at), 200);
        early += web_shows(&p->b, "Phan Thị Thu Hà");
        assert_int_equal(web_shows(&p->b, "200 lần"), web_shows(&p->b, "Phan Thị Thu Hà"));
        assert_int_equal(web_shows(&p->b, "40 lần gần nhất"), web_shows(&p->b, "200 lần"));
        for (int i = 0; i < FAR_LOOKS; i++)
            seen[i] += web_shows(&p->b, arena_printf(p->w->c->arena, "Cán bộ %02d.", i));
    }
    assert_int_equal(pages, 3); /* 30 + 1 + 1 here and 30 there, 25 a page */
    assert_int_equal(early, 1);
    for (int i = 0; i < FAR_LOOKS; i++)
        assert_int_equal(seen[i], 1);
    p->b.accept = "application/json";
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi"), 200);
    assert_true(web_shows(&p->b, "\"older\":\"/du-lieu-cua-toi?sau="));
    assert_int_equal(web_get(&p->b, "/du-lieu-cua-toi?sau=../0"), 200); /* no place: the newest */
    assert_true(web_shows(&p->b, "\"older\":\"/du-lieu-cua-toi?sau="));
}

/* ---- live news ---- */

static void live(struct portal_world *p)
{
    const char *code = filed_by_lan(p);
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "")), 200);
    const char *from = strstr(p->b.text, "data-live=\"");
    assert_non_null(from);
    from += strlen("data-live=\"");
    const char *address = arena_text_n(p->w->c->arena, from, strcspn(from, "\""));
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "/su-kien")),
                     404); /* without its token */
    assert_int_equal(web_get(&p->b, address), 200);
    assert_non_null(p->b.stream);
    assert_string_equal(web_answer_header(&p->b, "Content-Type"), "text/event-stream");
    official(p, "commune_clerk", code, "accept", "");
    good(p->w->c, portal_live_tell(p->w->c));
    portal_live_stop();
    sign_in(p, "minh"); /* the token is Lan's */
    assert_int_equal(web_get(&p->b, address), 404);
}

/* ---- papers ---- */

static void papers(struct portal_world *p)
{
    const char *code = filed_by_lan(p), *receipt = dossier_path(p, code, "/giay/receipt");
    assert_int_equal(web_get(&p->b, receipt), 200);
    assert_memory_equal(p->b.body.ptr, "%PDF", 4);
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "/giay/health_card")), 404);
    sign_in(p, "minh");
    assert_int_equal(web_get(&p->b, receipt), 404);
}

WORLD_TEST(supplement)
WORLD_TEST(asked_item_by_item)
WORLD_TEST(withdraw)
WORLD_TEST(typed_in_vain)
WORLD_TEST(rated_in_vain)
WORLD_TEST(refused)
WORLD_TEST(result)
WORLD_TEST(unsatisfied)
WORLD_TEST(my_data)
WORLD_TEST(buried)
WORLD_TEST(namesake)
WORLD_TEST(live)
WORLD_TEST(papers)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_supplement),
                                       cmocka_unit_test(test_withdraw),
                                       cmocka_unit_test(test_asked_item_by_item),
                                       cmocka_unit_test(test_typed_in_vain),
                                       cmocka_unit_test(test_rated_in_vain),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_result),
                                       cmocka_unit_test(test_unsatisfied),
                                       cmocka_unit_test(test_my_data),
                                       cmocka_unit_test(test_buried),
                                       cmocka_unit_test(test_namesake),
                                       cmocka_unit_test(test_live),
                                       cmocka_unit_test(test_papers)};
    return cmocka_run_group_tests_name("portal acts", tests, NULL, NULL);
}
