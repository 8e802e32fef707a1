/* SPDX-License-Identifier: Apache-2.0 */
/* A province's portal with its router, a register that answers as the test wants, and people who
   sign in by saying who they are. */
#ifndef DINH_SYSTEMS_PORTAL_TEST_WORLD_H
#define DINH_SYSTEMS_PORTAL_TEST_WORLD_H

#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/country.h"
#include "engine/casework/casework.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure.h"
#include "systems/onestop/onestop.h"
#include "systems/portal/portal_services.h"
#include "systems/portal/portal_views.h"
#include "test/harness/node_test.h"
#include "test/harness/web_test.h"

/* run beside portal, not used by it */
extern const struct module registry_module, civilstatus_module;

#define MOTHER "046194900001"
#define FATHER "046091900002"
#define BIRTH  "1.001193"

static const char mother_record[] =
    "{\"pin\":\"" MOTHER "\",\"full_name\":\"Nguyễn Thị Lan\",\"sex\":\"female\","
    "\"birth_date\":\"1994-05-12\",\"ethnic_group\":\"01\",\"nationality\":\"VN\","
    "\"home_town\":\"Huế\",\"permanent_unit\":\"19777\","
    "\"permanent_address\":\"12 Nguyễn Sinh Cung\",\"residence_type\":\"permanent\","
    "\"spouse_pin\":\"" FATHER "\",\"paper_type\":\"citizen_card\",\"paper_number\":\"" MOTHER
    "\",\"paper_date\":\"2017-01-11\",\"paper_place\":\"Cục Cảnh sát\",\"phone\":\"0905000001\"}";
static const char father_record[] =
    "{\"pin\":\"" FATHER "\",\"full_name\":\"Trần Quang Minh\",\"sex\":\"male\","
    "\"birth_date\":\"1991-11-02\",\"ethnic_group\":\"01\",\"nationality\":\"VN\","
    "\"home_town\":\"Quảng Trị\",\"permanent_unit\":\"19777\","
    "\"permanent_address\":\"12 Nguyễn Sinh Cung\",\"residence_type\":\"permanent\","
    "\"spouse_pin\":\"" MOTHER "\",\"paper_type\":\"citizen_card\",\"paper_number\":\"" FATHER
    "\"}";

/* ---- the register and the way in ---- */

static bool register_refuses;

static enum err answer_person(struct ctx *c, struct service_call *call)
{
    const char *asked = arena_text_n(c->arena, (const char *)call->body.ptr, call->body.len);
    if (register_refuses)
        return fail(c, ERR_FORBIDDEN, "pin");
    call->answer = bytes_of(strstr(asked, FATHER) ? father_record : mother_record);
    return OK;
}

#define FAR_LOOKS 30

/* Another node's lines about the mother, older than any here: FAR_LOOKS readers, one each. */
static enum err answer_looks(struct ctx *c, struct service_call *call)
{
    const char *asked = arena_text_n(c->arena, (const char *)call->body.ptr, call->body.len);
    const char *before = strstr(asked, "\"before\":\"");
    struct buf b = buf_new(c->arena, 1 << 16);
    int told = 0;
    buf_text(&b, "{\"lines\":[");
    for (int i = FAR_LOOKS - 1; i >= 0 && told < ACCESS_LOOKS + 1; i--) {
        const char *id = arena_printf(c->arena, "000000000000000000000000%02d", i);
        if (before && strncmp(id, before + strlen("\"before\":\""), 26) >= 0)
            continue;
        buf_printf(&b,
                   "%s{\"at_us\":%d,\"last_us\":%d,\"n\":1,\"id\":\"%s\",\"what\":\"population\","
                   "\"reader\":\"Cán bộ %02d.\",\"unit\":\"G24\",\"role\":\"insurance_officer\","
                   "\"purpose\":\"health_card\",\"matter\":\"\",\"times\":[%d]}",
                   told++ ? "," : "", i, i, id, i, i);
    }
    buf_text(&b, "]}");
    call->answer = buf_bytes(&b);
    return OK;
}

static enum err sign_in_as(struct ctx *c, struct req *r)
{
    enum err e = session_start(c, r, req_form(r, "who"), "citizen", "", 2);
    return e ? e : answer_redirect(c, r, "/");
}

static enum err nothing(struct ctx *c, struct req *r)
{
    return answer_json(c, r, 200, bytes_of("{}"));
}

static const struct route test_routes[] = {
    {.method = "POST",
     .path = "/thu/vao",
     .permission = PUBLIC,
     .handler = sign_in_as,
     .flags = ROUTE_WRITE,
     .title = TX(portal_home_title)},
    {.method = "GET",
     .path = "/thu",
     .permission = PUBLIC,
     .handler = nothing,
     .title = TX(portal_home_title)},
};
static const struct service test_services[] = {
    {.code = "population.person",
     .title = TX(portal_home_title),
     .member = "G01",
     .serve = answer_person},
    {.code = "identity.access",
     .title = TX(portal_home_title),
     .member = "G01",
     .serve = answer_looks},
};
static const struct module test_module = {
    .name = "test", TABLE(routes, test_routes), TABLE(services, test_services)};

static const struct module *const world_modules[] = {
    &registry_module,    &casework_module, &exchange_module, &measure_module,
    &civilstatus_module, &onestop_module,  &portal_module,   &test_module};

/* "lan" and "minh" are citizens, "clerk" an official. */
static enum err actor_of(struct ctx *c, const struct session *s, struct actor *ret)
{
    bool lan = text_eq(s->account, "lan"), clerk = text_eq(s->account, "clerk");
    *ret = (struct actor){.kind = clerk ? ACTOR_OFFICIAL : ACTOR_CITIZEN,
                          .account = s->account,
                          .person = clerk ? ""
                                    : lan ? MOTHER
                                          : FATHER,
                          .name = clerk ? "Phan Thị Thu Hà"
                                  : lan ? "Nguyễn Thị Lan"
                                        : "Trần Quang Minh",
                          .unit = clerk ? "H57.31.08" : "",
                          .unit_name = "",
                          .role = clerk ? "commune_clerk" : "citizen",
                          .assurance = 2};
    ret->permissions = country_role(c->node->country, ret->role);
    ret->reach = country_role_reach(c->node->country, ret->role);
    if (text_empty(s->account))
        ret->kind = ACTOR_NOBODY;
    return OK;
}

/* ---- the world ---- */

static const char *const here[] = {"H57", "G01", "G22", NULL};

struct portal_world {
    struct node_world *w;
    struct web *web;
    struct web_client b;
    void (*body)(struct portal_world *p);
};

static void good(struct ctx *c, enum err e)
{
    if (e && c->n_faults)
        print_error("%s: %s\n", err_row(e)->name, c->faults[0].field);
    assert_int_equal(e, OK);
}

static void open_world(struct node_world *w, void *arg)
{
    struct portal_world *p = arg;
    struct web_options o = {.db = w->n->db,
                            .node = w->n,
                            .base_url = w->n->url,
                            .actor_of = actor_of,
                            .access_commit = access_commit,
                            .sign_in = "/dang-nhap",
                            .reply = web_test_reply};
    p->w = w;
    w->n->members = here;
    register_refuses = false;
    good(w->c, web_new(w->c, &o, &p->web));
    for (size_t i = 0; i < ARRAY_LEN(world_modules); i++)
        good(w->c, web_add(w->c, p->web, world_modules[i]->name, world_modules[i]->routes,
                           world_modules[i]->n_routes));
    w->n->web = p->web;
    p->b = web_client_new(w->c->arena, p->web);
    p->body(p);
    web_end(p->web);
}

/* The body runs on SQLite and on PostgreSQL. */
static UNUSED void world_test(void (*body)(struct portal_world *p))
{
    struct portal_world p = {.body = body};
    node_test(world_modules, ARRAY_LEN(world_modules), open_world, &p);
}
#define WORLD_TEST(name)                                                                           \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        world_test(name);                                                                          \
    }

static UNUSED void sign_in(struct portal_world *p, const char *who)
{
    p->b = web_client_new(p->w->c->arena, p->web);
    assert_int_equal(WEB_POST(&p->b, "/thu/vao", "who", who), 303);
    assert_int_equal(web_get(&p->b, "/ban-nhap"), 200);
}

static UNUSED const char *at(struct portal_world *p, const char *format, const char *one)
{
    return arena_printf(p->w->c->arena, "%s%s", one, format);
}

/* ---- filling in and filing ---- */

static UNUSED const char *begin(struct portal_world *p)
{
    assert_int_equal(web_get(&p->b, "/dich-vu/" BIRTH "/nop"), 200);
    assert_int_equal(WEB_POST(&p->b, "/dich-vu/" BIRTH "/nop", "requester_relation", "mother"),
                     303);
    const char *draft = arena_text(p->w->c->arena, web_answer_header(&p->b, "Location"));
    assert_true(text_starts(draft, "/ban-nhap/"));
    return draft;
}

static UNUSED struct bytes photo(void)
{
    static const uint8_t jpeg[] = {
        0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 'J',  'F',  'I',  'F',  0x00, 0x01, 0x01, 0x00,
        0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0xFF, 0xDB, 0x00, 0x43, 0x00, 1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,    1,
        1,    1,    1,    1,    1,    0xFF, 0xC9, 0x00, 0x0B, 0x08, 0x00, 0x01, 0x00, 0x01,
        0x01, 0x01, 0x11, 0x00, 0xFF, 0xCC, 0x00, 0x06, 0x00, 0x10, 0x10, 0x05, 0xFF, 0xDA,
        0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0xD2, 0xCF, 0x20, 0xFF, 0xD9};
    return (struct bytes){jpeg, sizeof jpeg};
}

/* The current version of the draft, from the page's hidden field. */
static UNUSED const char *version_of(struct portal_world *p, const char *path)
{
    assert_int_equal(web_get(&p->b, path), 200);
    const char *v = web_input(&p->b, "_version");
    assert_non_null(v);
    return arena_text(p->w->c->arena, v);
}

#define FILL(p, draft, group, ...)                                                                 \
    do {                                                                                           \
        const char *path_ = at((p), "/" group, (draft));                                           \
        const char *v_ = version_of((p), path_);                                                   \
        if (WEB_POST(&(p)->b, path_, "_version", v_, __VA_ARGS__) != 303)                          \
            print_error("%s\n%s\n", path_, (p)->b.text);                                           \
        assert_int_equal((p)->b.status, 303);                                                      \
    } while (0)

static UNUSED void fill_notice(struct portal_world *p, const char *draft)
{
    const char *path = at(p, "/birth_notice", draft), *v = version_of(p, path);
    const char *const fields[] = {
        "_version", v, "birth_notice_number", "12/2020", "birth_notice_date", "02/06/2020", NULL};
    const struct web_file file = {"birth_notice_file", "giấy chứng sinh.jpg", "image/jpeg",
                                  photo()};
    assert_int_equal(web_post_files(&p->b, path, fields, &file, 1), 303);
}

#define PARENT(who, name, pin, born)                                                               \
    who "_name", name, who "_pin", pin, who "_birth_date", born, who "_ethnic_group", "01",        \
        who "_nationality", "VN", who "_residence_type", "permanent", who "_residence_unit",       \
        "Phường Vỹ Dạ, Huế", who "_residence_address", "12 Nguyễn Sinh Cung", who "_paper_type",   \
        "citizen_card", who "_paper_number", pin

static UNUSED void fill_all(struct portal_world *p, const char *draft)
{
    FILL(p, draft, "requester", "requester_relation", "mother", "requester_paper_type",
         "citizen_card", "requester_paper_number", MOTHER, "requester_paper_date", "11/1/2017",
         "requester_paper_place", "Cục Cảnh sát", "requester_address", "12 Nguyễn Sinh Cung",
         "requester_phone", "0905 000 001", "requester_email", "");
    FILL(p, draft, "child", "child_name", "Trần Nguyễn An Nhiên", "child_sex", "female",
         "child_birth_date", "1/6/2020", "child_ethnic_group", "01", "child_nationality", "VN",
         "child_home_town", "Quảng Trị");
    FILL(p, draft, "birth_place", "birth_facility", "Bệnh viện Trung ương Huế", "birth_unit",
         "vi da thua thien hue");
    fill_notice(p, draft);
    FILL(p, draft, "mother", PARENT("mother", "Nguyễn Thị Lan", MOTHER, "12/05/1994"));
    FILL(p, draft, "father", "father_declared", "1",
         PARENT("father", "Trần Quang Minh", FATHER, "1991"));
    FILL(p, draft, "health_card", "clinic", "46001", "card_address", "12 Nguyễn Sinh Cung");
    FILL(p, draft, "result", "copies", "2", "result_way", "online", "truth_declared", "1");
}

/* Its dossier code. */
static UNUSED const char *file_it(struct portal_world *p, const char *draft)
{
    assert_int_equal(web_get(&p->b, at(p, "/xem-lai", draft)), 200);
    assert_int_equal(WEB_POST(&p->b, at(p, "/nop", draft), "x_", ""), 303);
    const char *to = web_answer_header(&p->b, "Location") + strlen("/ho-so/");
    return arena_text_n(p->w->c->arena, to, strcspn(to, "/"));
}

#endif
