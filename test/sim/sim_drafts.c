/* SPDX-License-Identifier: Apache-2.0 */
/* While the template is made: each mother fills in drafts, page by page, so that a seed only files.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "test/sim/sim_book.h"
#include "web/json.h"

#define HOME       1
#define BIRTH      "1.001193"
#define EACH       2
#define STEPS_MAX  50
#define FORM_BYTES 100000

static const char photo[] =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAQRXhpZgAAR1BTMTYuNDb/2wBDAAEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/yQALCAABAAEBAREA"
    "/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=";

static const struct {
    const char *name, *value;
} answers[] = {
    {"requester_paper_type", "citizen_card"},
    {"requester_paper_date", "2017-01-11"},
    {"requester_paper_place", "Cục Cảnh sát"},
    {"requester_address", "12 Nguyễn Sinh Cung"},
    {"requester_phone", "0905 000 001"},
    {"child_sex", "female"},
    {"child_ethnic_group", "01"},
    {"child_nationality", "VN"},
    {"child_home_town", "Quảng Trị"},
    {"birth_facility", "Bệnh viện Trung ương Huế"},
    {"birth_unit", "19777"},
    {"birth_notice_date", "2026-06-01"},
    {"father_declared", "1"},
    {"clinic", "46001"},
    {"card_address", "12 Nguyễn Sinh Cung"},
    {"copies", "1"},
    {"result_way", "online"},
    {"truth_declared", "1"},
};
static const char *const children[] = {"An Nhiên", "Khánh Vy", "Bảo Ngọc",
                                       "Minh Thư", "Gia Hân",  "Thảo Linh"};

static struct {
    struct sim *s;
    size_t who, child;
    json_t *doc;
} page;

static void go(const char *method, const char *path, const char *body)
{
    struct sim *s = page.s;
    struct sim_client *x = &s->clients[page.who];
    struct sim_deed d = {.what = DEED_BEGIN, .key = "", .led_to = ""};
    if (*body)
        d.key = arena_printf(s->c->arena, "mau-%zu-%d", page.who, s->book->n_keys++);
    x->method = method;
    x->path = path;
    x->body = body;
    x->deed = *body ? &d : NULL;
    x->door = DOOR_PASSED;
    json_end(page.doc);
    page.doc = NULL;
    struct sim_frame got = sim_ask_now(s, page.who);
    if (got.a != 200 || json_in(s->c, path, bytes_of(got.word[4]), &page.doc))
        sim_fail(s, "%s %s %s: %lld %s", method, path, body, (long long)got.a, got.word[4]);
    x->open = x->waits = false;
    x->deed = NULL;
}

static const char *row_of(const char *list, const char *name, const char *member)
{
    const json_t *rows = json_list_of(page.doc, list);
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (text_eq(json_text_of(json_array_get(rows, i), "name", ""), name))
            return arena_text(page.s->c->arena, json_text_of(json_array_get(rows, i), member, ""));
    return "";
}

static const char *value_for(const char *name)
{
    struct arena *a = page.s->c->arena;
    if (text_eq(name, "child_name"))
        return arena_printf(a, "Trần %s", children[page.child % ARRAY_LEN(children)]);
    if (text_eq(name, "child_birth_date"))
        return arena_printf(a, "2026-05-%02zu", 20 + page.child);
    if (text_eq(name, "birth_notice_number"))
        return arena_printf(a, "%zu/2026", page.child + 1);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        if (text_eq(answers[i].name, name))
            return answers[i].value;
    return "";
}

static const char *filled_in(void)
{
    struct buf b = buf_new(page.s->c->arena, FORM_BYTES);
    const json_t *fields = json_list_of(page.doc, "fields");
    buf_printf(&b, "{\"_version\":%lld", (long long)json_int_of(page.doc, "version", -1));
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        const char *name = json_text_of(f, "name", ""), *value = json_text_of(f, "value", "");
        bool open = text_empty(value) || text_eq(value, "0");
        buf_char(&b, ',');
        buf_json(&b, name);
        buf_char(&b, ':');
        if (text_eq(json_text_of(f, "kind", ""), "file") && text_empty(value))
            buf_printf(&b, "{\"name\":\"a.jpg\",\"content\":\"%s\"}", photo);
        else
            buf_json(&b, open && *value_for(name) ? value_for(name) : value);
    }
    buf_char(&b, '}');
    return b.ptr;
}

static void fill_group(const char *draft, size_t i)
{
    struct arena *a = page.s->c->arena;
    go("GET", draft, "");
    const json_t *g = json_array_get(json_list_of(page.doc, "groups"), i);
    if (text_eq(json_text_of(g, "state", ""), "done"))
        return;
    go("GET", arena_text(a, json_text_of(g, "href", "")), "");
    bool known = json_bool_of(page.doc, "look_over", false);
    const char *look = arena_printf(a, "{\"_version\":%lld,\"_dung\":true}",
                                    (long long)json_int_of(page.doc, "version", -1));
    go("POST", row_of("acts", known ? "confirm" : "save", "href"), known ? look : filled_in());
}

static void fill_draft(void)
{
    struct sim *s = page.s;
    go("POST", "/dich-vu/" BIRTH "/nop", "{\"requester_relation\":\"mother\"}");
    const char *draft = arena_text(s->c->arena, json_text_of(page.doc, "location", ""));
    go("GET", draft, "");
    size_t n = json_array_size(json_list_of(page.doc, "groups"));
    for (size_t i = 0; i < n && !s->wrong; i++)
        fill_group(draft, i);
    go("GET", arena_printf(s->c->arena, "%s/xem-lai", draft), "");
    if (json_array_size(json_list_of(page.doc, "problems")) != 0)
        sim_fail(s, "a draft of the template isn't whole: %s",
                 json_out(s->c->arena, page.doc, false));
    struct sim_draft *f = &s->book->drafts[s->book->n_drafts++];
    *f = (struct sim_draft){.id = draft + strlen("/ban-nhap/"), .owner = page.who};
}

void sim_fill_drafts(struct sim *s)
{
    page.s = s;
    for (size_t i = 0; i < s->n_clients; i++) {
        for (size_t k = 0; k < EACH && s->clients[i].person->key && !s->wrong; k++) {
            page.who = i;
            s->now_us += 1000000;
            fill_draft();
            page.child++;
        }
    }
    json_end(page.doc);
    page.doc = NULL;
}
