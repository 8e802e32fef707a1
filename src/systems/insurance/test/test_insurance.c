/* SPDX-License-Identifier: Apache-2.0 */
/* The service insurance.issue, called as the exchange calls it; the term of a card. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "engine/registry/registry.h"
#include "systems/insurance/insurance_private.h"
#include "test/harness/office_test.h"
#include "test/harness/pdf_test.h"
#include "web/json.h"

#define CHILD  "046320123456"
#define MOTHER "046194900001"
#define CASE_1 "H57.31.08-200604-0001"

static const struct module *const modules[] = {&registry_module, &insurance_module};

struct wish {
    const char *dossier, *pin, *born, *unit, *clinic;
};
struct asked {
    const char *body;
    struct service_call call;
    const char *card, *number, *from, *to, *clinic;
};

static enum err ask_now(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    a->call = (struct service_call){
        .client = "H57", .member = "G24", .body = bytes_of(a->body), .status = 200};
    return insurance_module.services[0].serve(c, &a->call);
}

static const char *answered(struct node_world *w, const struct asked *a, const char *name)
{
    json_t *o;
    assert_int_equal(json_in(w->c, "answer", a->call.answer, &o), OK);
    const char *text = arena_text(w->c->arena, json_text_of(o, name, ""));
    json_end(o);
    return text;
}

static enum err issue(struct node_world *w, struct wish x, struct asked *a)
{
    as_official(w, "commune_chairman", "H57.31.08", "Tôn Thất Vinh");
    with_purpose(w, "birth_registration", x.dossier);
    a->body = arena_printf(
        w->c->arena,
        "{\"dossier_code\":\"%s\",\"pin\":\"%s\",\"full_name\":\"Trần Nguyễn An Nhiên\","
        "\"sex\":\"female\",\"birth_date\":\"%s\",\"birth_registration_unit\":\"%s\","
        "\"address\":\"12 Nguyễn Sinh Cung\",\"clinic\":\"%s\",\"guardian_pin\":\"" MOTHER
        "\",\"guardian_name\":\"Nguyễn Thị Lan\"}",
        x.dossier, x.pin, x.born, x.unit, x.clinic);
    enum err e = do_write(w, ask_now, a);
    if (e)
        return e;
    a->card = answered(w, a, "card_code");
    a->number = answered(w, a, "social_number");
    a->from = answered(w, a, "valid_from");
    a->to = answered(w, a, "valid_to");
    a->clinic = answered(w, a, "clinic");
    return OK;
}

static const struct wish good = {CASE_1, CHILD, "2020-05-17", "19777", "46001"};

static void run(void (*body)(struct node_world *w, void *arg))
{
    node_test_agency("G24");
    node_test(modules, ARRAY_LEN(modules), body, NULL);
}

static void issued(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a, again, other;
    struct wish x = good;
    assert_int_equal(issue(w, x, &a), OK);
    assert_true(text_starts(a.card, "TE146"));
    assert_int_equal(strlen(a.card), 15);
    assert_string_equal(a.card + 5, a.number);
    assert_true(text_matches_digits(a.number, 10));
    assert_string_equal(a.from, "2020-05-17");
    assert_string_equal(a.to, "2026-09-30");
    assert_string_equal(a.clinic, "46001");
    assert_int_equal(issue(w, x, &again), OK);
    assert_string_equal(again.card, a.card);
    x.dossier = "H57.31.08-200604-0002";
    x.pin = "046320654321";
    assert_int_equal(issue(w, x, &other), OK);
    assert_string_not_equal(other.number, a.number);
}

static void test_insurance_issues_once_a_dossier(void **state)
{
    (void)state;
    run(issued);
}

static void refused(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a;
    struct wish x = good;
    assert_int_equal(issue(w, x, &a), OK);
    x.dossier = "H57.31.08-200604-0003"; /* another dossier for the same child */
    assert_int_equal(issue(w, x, &a), ERR_CARD_EXISTS);
    assert_int_equal(err_row(ERR_CARD_EXISTS)->status, 409);
    x = good;
    x.pin = "046320654321"; /* the same dossier for another child */
    assert_int_equal(issue(w, x, &a), ERR_CARD_DOSSIER);
    x.dossier = "H57.31.08-200604-0004";
    x.clinic = "99999";
    assert_int_equal(issue(w, x, &a), ERR_BAD_CODE);
    x.clinic = "46001";
    x.unit = "99999";
    assert_int_equal(issue(w, x, &a), ERR_BAD_CODE);
    x.unit = "19777";
    x.born = "2013-10-01";
    assert_int_equal(issue(w, x, &a), ERR_CARD_AGE);
    x.born = "2020-06-05"; /* tomorrow */
    assert_int_equal(issue(w, x, &a), ERR_FUTURE);
    x.born = "2020-06-04";
    assert_int_equal(issue(w, x, &a), OK); /* nothing of the refusals stayed */
}

static void test_insurance_refuses(void **state)
{
    (void)state;
    run(refused);
}

/* ---- the card as a paper ---- */

static void card_paper(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a;
    struct bytes pdf;
    assert_int_equal(issue(w, good, &a), OK);
    assert_true(base64url_decode(w->c->arena, answered(w, &a, "pdf"), &pdf));
    const char *text = pdf_words(w->c, pdf), *signature = pdf_signature(w->c, pdf);
    const char *const said[] = {
        "Bảo hiểm xã hội Việt Nam Bảo hiểm xã hội thành phố Huế",
        "THẺ BẢO HIỂM Y TẾ",
        "Trần Nguyễn An Nhiên",
        a.card,
        a.number,
        CHILD,
        "17/05/2020",
        "12 Nguyễn Sinh Cung",
        "CƠ QUAN BẢO HIỂM XÃ HỘI (Đã ký số 09:00 04/06/2020) Bảo hiểm xã hội "
        "Việt Nam"};
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        if (!strstr(text, said[i]))
            assert_string_equal(text, said[i]);
    static const char *const never[] = {"UBND", "NGƯỜI TIẾP NHẬN", "Tôn Thất Vinh", "onestop"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        assert_null(strstr(text, never[i]));
    assert_non_null(strstr(signature, "Signature is Valid"));
    assert_non_null(strstr(signature, "Total document signed"));
    assert_non_null(strstr(signature, "Signer Certificate Common Name: G24 sign"));
    assert_true(text_starts(pdf_code(w->c, pdf), a.card));
}

static void test_insurance_card_is_the_agencys_own_paper(void **state)
{
    (void)state;
    run(card_paper);
}

/* ---- reading ---- */

static enum err read_card(struct ctx *c, void *arg)
{
    struct registry_record *k = arg;
    return registry_by(c, registry_find(c, "insurance"), "pin", CHILD, k);
}

static enum err lines_of_mother(struct ctx *c, void *arg)
{
    struct access_line *lines = arg;
    size_t n;
    enum err e = access_of_person(c, MOTHER, "", lines, 50, &n);
    lines[n].person = NULL;
    return e;
}

static void seen(struct node_world *w, void *arg)
{
    (void)arg;
    struct access_line lines[51] = {0};
    struct registry_record k;
    struct asked a;
    assert_int_equal(issue(w, good, &a), OK);
    as_official(w, "insurance_officer", "G24.46.01", "Đỗ Thị Kim Oanh");
    with_purpose(w, "birth_registration", CASE_1); /* not that agency's purpose */
    assert_int_equal(do_write(w, read_card, &k), ERR_PURPOSE);
    with_purpose(w, "health_card", CASE_1);
    assert_int_equal(do_write(w, read_card, &k), OK);
    const struct shape *s = registry_shape(registry_find(w->c, "insurance"));
    assert_string_equal(shape_text(s, k.data, "issued_at"), "G24.46.01");
    assert_string_equal(shape_text(s, k.data, "issued_on"), "2020-06-04");
    assert_string_equal(shape_text(s, k.data, "status"), "active");
    assert_string_equal(shape_text(s, k.data, "object"), "TE");
    as_citizen(w, MOTHER, "Nguyễn Thị Lan");
    assert_int_equal(do_read(w, lines_of_mother, lines), OK);
    assert_non_null(lines[0].person);
    assert_string_equal(lines[0].reader_name, "Đỗ Thị Kim Oanh");
    assert_string_equal(lines[0].what, "insurance");
    assert_string_equal(lines[0].matter, CASE_1);
    assert_null(lines[1].person);
}

static void test_insurance_reading_is_seen_by_the_guardian(void **state)
{
    (void)state;
    run(seen);
}

/* ---- the list of a day ---- */

struct listing {
    struct insurance_card cards[8];
    const char *from, *until, *before;
    int day;
    size_t n;
};

static enum err list_day(struct ctx *c, void *arg)
{
    struct listing *l = arg;
    return insurance_store_list(c, l->from, l->until, l->day, l->before, l->cards, 2, &l->n);
}

static void listed(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a;
    struct listing l = {.from = "G24.46", .until = "G24.46/", .before = "~"};
    l.day = day_from_civil(2020, 6, 4);
    for (int i = 0; i < 3; i++) {
        struct wish x = good;
        x.dossier = arena_printf(w->c->arena, "H57.31.08-200604-%04d", i);
        x.pin = arena_printf(w->c->arena, "04632000000%d", i);
        assert_int_equal(issue(w, x, &a), OK);
    }
    assert_int_equal(do_read(w, list_day, &l), OK);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.cards[0].dossier, "H57.31.08-200604-0002");
    l.before = l.cards[1].record;
    assert_int_equal(do_read(w, list_day, &l), OK);
    assert_int_equal(l.n, 1);
    assert_string_equal(l.cards[0].dossier, "H57.31.08-200604-0000");
    l.before = "~";
    l.day++;
    assert_int_equal(do_read(w, list_day, &l), OK);
    assert_int_equal(l.n, 0);
    l.day--;
    l.from = "G24.47"; /* another province's office */
    l.until = "G24.47/";
    assert_int_equal(do_read(w, list_day, &l), OK);
    assert_int_equal(l.n, 0);
}

static void test_insurance_lists_cards_of_a_day(void **state)
{
    (void)state;
    run(listed);
}

static void shown(struct node_world *w, void *arg)
{
    (void)arg;
    struct asked a;
    assert_int_equal(issue(w, good, &a), OK);
    struct office o = office_open(w);
    office_as(&o, "insurance_officer", "G24.46.02", "Người khác");
    assert_int_equal(office_get(&o, "/the-bao-hiem"), 200);
    assert_false(web_shows(&o.b, a.card)); /* another office's */
    office_as(&o, "insurance_officer", "G24.46.01", "Đỗ Thị Kim Oanh");
    assert_int_equal(office_get(&o, "/the-bao-hiem"), 200);
    assert_true(web_shows(&o.b, a.card));
    const char *current = strstr(o.b.text, "aria-current=\"page\"");
    assert_non_null(current); /* one entry of the menu is where one is */
    assert_null(strstr(current + 1, "aria-current=\"page\""));
    assert_true(web_shows(&o.b, "/bao-hiem/0"));
    assert_int_equal(office_get(&o, "/the-bao-hiem?ngay=03/06/2020"), 200);
    assert_false(web_shows(&o.b, a.card));
    assert_string_equal(web_input(&o.b, "ngay"), "03/06/2020"); /* another day is asked for there */
    assert_int_equal(office_get(&o, "/the-bao-hiem?ngay=31%%2F2"), 422);
    assert_string_equal(web_input(&o.b, "ngay"), "31/2"); /* what was typed stays */
    assert_true(web_shows(&o.b, "Ngày cấp thẻ không phải là ngày"));
    assert_int_equal(office_search(&o, "/bao-hiem?purpose=health_card&matter=1&words=%s", a.card),
                     422); /* no card was issued for that */
    const char *asks = arena_printf(
        w->c->arena, "/bao-hiem?purpose=health_card&matter=" CASE_1 "&words=%s", a.card);
    assert_int_equal(web_search(&o.b, asks), 200);
    assert_true(web_shows(&o.b, "Trần Nguyễn An Nhiên"));
    assert_int_equal(office_search(&o, "/bao-hiem?words=%s", a.card), 422);
    clock_by(w, 31 * DAY_US); /* the time to put a card right has passed */
    office_as(&o, "insurance_officer", "G24.46.01", "Đỗ Thị Kim Oanh");
    assert_int_equal(web_search(&o.b, asks), 422);
    assert_true(web_shows(&o.b, "hồ sơ này đã kết thúc"));
    assert_false(web_shows(&o.b, "Trần Nguyễn An Nhiên"));
    office_close(&o);
}

static void test_insurance_desk_shows_the_units_cards(void **state)
{
    (void)state;
    run(shown);
}

/* ---- the term ---- */

static void terms(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const pairs[][2] = {{"2020-05-17", "2026-09-30"},
                                           {"2020-09-30", "2026-09-30"},
                                           {"2020-10-01", "2026-10-31"},
                                           {"2020-12-31", "2026-12-31"},
                                           {"2022-11-15", "2028-11-30"},
                                           {"2024-02-29", "2030-09-30"},
                                           {"2024-02", ""}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        assert_string_equal(insurance_valid_to(w->c->arena, pairs[i][0]), pairs[i][1]);
}

static void test_insurance_card_is_good_to_school_age(void **state)
{
    (void)state;
    node_test_agency("G24");
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), terms, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insurance_issues_once_a_dossier),
        cmocka_unit_test(test_insurance_refuses),
        cmocka_unit_test(test_insurance_card_is_the_agencys_own_paper),
        cmocka_unit_test(test_insurance_reading_is_seen_by_the_guardian),
        cmocka_unit_test(test_insurance_lists_cards_of_a_day),
        cmocka_unit_test(test_insurance_desk_shows_the_units_cards),
        cmocka_unit_test(test_insurance_card_is_good_to_school_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
