/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demonstration nation with a history: the birth story played by three real nodes, a dossier
 * that waits for the clerk, a draft half filled in. Then each node's data folder is opened in this
 * process and its real route table is asked by web_test.h, as anybody.
 */
#ifndef DINH_APP_TEST_CONTRACT_WORLD_H
#define DINH_APP_TEST_CONTRACT_WORLD_H

#include "test/harness/unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/app.h"
#include "app/story_steps.h"
#include "base/id.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/permit.h"
#include "core/reading.h"
#include "core/retention.h"
#include "core/scope.h"
#include "engine/identity/identity.h"
#include "net/client.h"
#include "systems/retention/retention.h"
#include "test/harness/shell_test.h"
#include "test/harness/web_test.h"
#include "web/json.h"

#define ARENA_BYTES ((size_t)5 << 28)
#define WARD        "H57.31.08" /* handles the dossiers of the stories */
#define DOOR        "/cua-thu"  /* the tests' own way in; no part of the contract */
#define MAX_WHO     96

/* Somebody who may ask: nobody, a citizen, an official with one role at one unit. */
struct who {
    const char *name; /* for messages: "commune_clerk at H57.31.08" */
    const char *person, *role, *unit, *account, *scope;
    enum actor_kind kind;
    struct web_client b;
};

struct world {
    struct ctx *c;
    const char *dir;
    struct nation na;
    const char *done, *waiting, *draft; /* dossiers of Lan and Hoa, a draft of Lan: ids */
    const char *lan, *hoa;              /* personal numbers */
    /* ---- the node that is open ---- */
    size_t at; /* NATIONAL, PROVINCE, INSURANCE */
    struct node *n;
    struct who who[MAX_WHO];
    size_t n_who;
    const char *year, *number, *person, *card; /* register entries, "" where there are none */
    const char *permit, *alert;     /* of the ward's clerk: what oversight's pages show */
    const char *list, *item, *hold; /* a disposal list and a hold of that clerk's account */
};
static struct world world;

static void good(enum err e)
{
    if (e)
        app_say_faults(world.c);
    assert_int_equal(e, OK);
}

static struct ctx *ctx_of_operator(struct arena *a)
{
    static const struct actor operator= {.kind = ACTOR_SYSTEM,
                                         .account = "operator",
                                         .person = "",
                                         .name = "operator",
                                         .unit = "",
                                         .unit_name = "",
                                         .role = "operator"};
    struct ctx *c = ARENA_NEW(a, struct ctx);
    *c = (struct ctx){.arena = a, .now_us = sys_now_us(), .actor = &operator, .lang = LANG_EN };
    c->request_id = id_new(a, c->now_us);
    return c;
}

/* ---- the history ---- */

static bool is_free(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = bind(fd, (struct sockaddr *)&to, sizeof to) == 0;
    close(fd);
    return ok;
}

/* Below the ports that the system gives to clients; two suites at once begin at different ones. */
static int free_ports(int n)
{
    for (int first = 10000 + getpid() % 1500 * n; first < 30000; first += n) {
        int k = 0;
        while (k < n && is_free(first + k))
            k++;
        if (k == n)
            return first;
    }
    return 0;
}

static const char *keep_waiting(struct story *s)
{
    world.waiting = arena_text(world.c->arena, s->code);
    return NULL;
}

static const char *keep_draft(struct story *s)
{
    world.draft = arena_text(world.c->arena, s->draft + strlen("/ban-nhap/"));
    return NULL;
}

/* The national portal's copy: officials' cases are known there by it. */
static const char *told_nationally(struct story *s)
{
    struct browser *b = &s->citizen;
    for (int i = 0; i < 600; i++) {
        MUST(s, b, browser_get(b, story_at(s, NATIONAL, "/ho-so")));
        if (browser_sees(b, s->code))
            return NULL;
        story_pause(100);
    }
    return story_missing(s, b, "the dossier on the national portal");
}

static const struct story_line waiting_lines[] = {
    STORY_FILING, {"it waits", keep_waiting}, {"the nation knows of it", told_nationally}};
static const struct story_line draft_lines[] = {
    {"the mother signs in on the national portal", step_citizen_signs_in},
    {"finds the service", step_finds_service},
    {"opens it", step_opens_service},
    {"begins", step_begins_draft},
    {"requester", step_fills_requester},
    {"child", step_fills_child},
    {"it stays a draft", keep_draft},
};
static const struct story_tale waiting_tale = {.name = "waiting",
                                               .account = "me.hoa",
                                               .mother_name = "Lê Thị Hòa",
                                               .child = "Phạm Lê Khánh Vy",
                                               .lines = waiting_lines,
                                               .n = ARRAY_LEN(waiting_lines)};
static const struct story_tale draft_tale = {.name = "draft",
                                             .account = "me.lan",
                                             .mother_name = "Nguyễn Thị Lan",
                                             .child = "Trần Minh Khôi",
                                             .lines = draft_lines,
                                             .n = ARRAY_LEN(draft_lines)};

static const char *pin_of(struct ctx *c, const char *key)
{
    json_t *doc;
    const char *pin = "";
    good(demo_document(c, "people/demo_people.json", &doc));
    const json_t *rows = json_list_of(doc, "people");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (text_eq(json_text_of(row, "key", ""), key))
            pin = arena_text(
                c->arena,
                json_text_of(json_object_get(json_object_get(row, "registers"), "population"),
                             "pin", ""));
    }
    json_end(doc);
    return pin;
}

/* The nodes are asked one at a time: what one pushes to the provider (RFC 9126) is taken here. */
static enum err provider_takes(struct ctx *c, const struct client_request *q,
                               struct client_answer *ret)
{
    static const char named[] =
        "{\"request_uri\":\"urn:ietf:params:oauth:request_uri:of-the-tests\",\"expires_in\":60}";
    if (!text_ends(q->url, "/oidc/par"))
        return fail(c, ERR_NET_CONNECT, "url", q->url);
    *ret = (struct client_answer){.status = 201, .body = bytes_of(named)};
    return OK;
}

/* A group set-up of cmocka: makes the world, or fails the group. */
static int world_begin(void **state)
{
    (void)state;
    struct arena *a = arena_new(ARENA_BYTES);
    struct ctx *c = world.c = ctx_of_operator(a);
    world.dir = test_dir(c);
    log_level_set(LOG_ERROR_);
    enum err e = nation_set_up(c, world.dir, free_ports(2 * NATION_NODES), &world.na);
    if (!e)
        e = nation_start(c, &world.na);
    if (!e)
        e = story_tell(c, &story_birth, &world.na);
    if (!e)
        e = story_tell(c, &waiting_tale, &world.na);
    if (!e)
        e = story_tell(c, &draft_tale, &world.na);
    nation_stop(&world.na);
    client_goes_by(provider_takes);
    world.lan = pin_of(c, "lan");
    world.hoa = pin_of(c, "hoa");
    return e ? app_say_faults(c) : 0;
}

static int world_end(void **state)
{
    (void)state;
    test_dir_end(world.dir);
    arena_end(world.c->arena);
    return 0;
}

/* ---- the door ---- */

static const struct who *entering;

static void door_page(struct page *p, const void *view)
{
    (void)view;
    buf_text(p->out, "<input name=\"_csrf\" value=\"");
    buf_text(p->out, session_csrf(p->c, p->r));
    buf_text(p->out, "\">");
}

static enum err get_door(struct ctx *c, struct req *r)
{
    return answer(c, r, 200, NULL, NULL, door_page);
}

static enum err post_door(struct ctx *c, struct req *r)
{
    const struct who *x = entering;
    enum err e = x->kind == ACTOR_NOBODY ? session_note(c, r, "")
                                         : session_start(c, r, x->account, x->role, x->unit, 2);
    return e ? e : answer_redirect(c, r, DOOR);
}

static const struct route door[] = {
    {.method = "GET",
     .path = DOOR,
     .permission = PUBLIC,
     .handler = get_door,
     .title = TX(web_home)},
    {.method = "POST",
     .path = DOOR,
     .permission = PUBLIC,
     .handler = post_door,
     .flags = ROUTE_WRITE,
     .title = TX(web_home)},
};

/* A fresh session; its token is x->b.token. */
static void enter(struct who *x)
{
    x->b = web_client_new(world.c->arena, world.n->web);
    entering = x;
    assert_int_equal(web_post(&x->b, DOOR, (const char *const[]){NULL}), 303);
    assert_int_equal(web_get(&x->b, DOOR), 200);
}

/* ---- people ---- */

static void add_who(const char *name, enum actor_kind kind, const char *person, const char *role,
                    const char *unit)
{
    assert_true(world.n_who < MAX_WHO);
    world.who[world.n_who++] = (struct who){
        .name = name, .kind = kind, .person = person, .role = role, .unit = unit, .scope = ""};
}

/* Every role of roles.json at every kind of unit. */
static void list_people(void)
{
    static const char *const units[] = {WARD, "H57.31.09", "H57.31", "H57", "G24.46.01", "G01"};
    struct ctx *c = world.c;
    json_t *doc;
    world.n_who = 0;
    add_who("nobody", ACTOR_NOBODY, "", "", "");
    add_who("who has an account and no role", ACTOR_OFFICIAL, "", "khong-co", WARD);
    add_who("the mother", ACTOR_CITIZEN, world.lan, "citizen", "");
    add_who("another mother", ACTOR_CITIZEN, world.hoa, "citizen", "");
    add_who("a third citizen", ACTOR_CITIZEN, pin_of(c, "thao"), "citizen", "");
    good(demo_document(c, "roles.json", &doc));
    const json_t *rows = json_list_of(doc, "roles");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *role = arena_text(c->arena, json_text_of(json_array_get(rows, i), "code", ""));
        for (size_t k = 0; k < ARRAY_LEN(units) && !text_eq(role, "citizen"); k++) {
            add_who(arena_printf(c->arena, "%s at %s", role, units[k]), ACTOR_OFFICIAL, "", role,
                    units[k]);
            world.who[world.n_who - 1].scope =
                arena_text(c->arena, json_text_of(json_array_get(rows, i), "scope", ""));
        }
    }
    json_end(doc);
}

static enum err id_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

static enum err add_account(struct ctx *c, struct who *x)
{
    struct identity_account a = {.username = "",
                                 .name = x->kind == ACTOR_CITIZEN ? "Công dân" : "Cán bộ",
                                 .person = x->person,
                                 .kind = x->kind,
                                 .assurance = 2};
    struct identity_grant g = {.role = x->role, .unit = x->unit, .from_us = c->now_us - DAY_US};
    bool found = false;
    enum err e = OK;
    if (x->kind == ACTOR_CITIZEN)
        e = db_one(c, &found, id_row, &x->account,
                   "SELECT id FROM identity_account WHERE person_token = $1 AND kind = 'citizen'",
                   P_TEXT(person_token(c, x->person)));
    if (e || found)
        return e;
    e = identity_account_add(c, &a, NULL, &x->account);
    g.account = x->account;
    return e || x->kind == ACTOR_CITIZEN ? e : identity_grant_add(c, &g);
}

static enum err add_people(struct ctx *c, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < world.n_who; i++) {
        world.who[i].account = "";
        enum err e = world.who[i].kind == ACTOR_NOBODY ? OK : add_account(c, &world.who[i]);
        if (e)
            return e;
    }
    return OK;
}

static UNUSED struct who *who_named(const char *name)
{
    for (size_t i = 0; i < world.n_who; i++)
        if (text_eq(world.who[i].name, name))
            return &world.who[i];
    print_error("nobody is called %s\n", name);
    assert_true(false);
    return NULL;
}

/* ---- one node ---- */

/* What the story left in this node's registers. */
static enum err find_objects(struct ctx *c, void *arg)
{
    bool found;
    int64_t number = 0;
    (void)arg;
    world.person = world.card = world.done = "";
    world.year = arena_printf(c->arena, "%d", civil_from_us(c->now_us, LOCAL_OFFSET_US).year);
    enum err e = db_int(c, &number, "SELECT max(number) FROM civilstatus_entry");
    world.number = arena_printf(c->arena, "%d", (int)number);
    if (!e)
        e = db_one(c, &found, id_row, &world.person, "SELECT record FROM population_assignment");
    if (!e)
        e = db_one(c, &found, id_row, &world.card, "SELECT record FROM insurance_card");
    if (!e)
        e = db_one(c, &found, id_row, &world.done,
                   "SELECT code FROM casework_case WHERE national = 10"
                   " UNION SELECT code FROM portal_dossier WHERE status = 10"
                   " UNION SELECT dossier FROM insurance_card");
    return e;
}

/* The ward's clerk asks for emergency access, and has searched so often that it is told. */
static enum err watch_clerk(struct ctx *c, void *arg)
{
    const struct who *x = who_named("commune_clerk at " WARD);
    struct permit_ask ask = {
        .kind = PERMIT_EMERGENCY, .person = world.lan, .reason = "Cần báo tin cho người thân"};
    struct actor clerk = {.kind = ACTOR_OFFICIAL,
                          .account = x->account,
                          .person = "",
                          .name = "Cán bộ",
                          .unit = x->unit,
                          .unit_name = x->unit,
                          .role = x->role,
                          .permissions = country_role(world.n->country, x->role),
                          .reach = REACH_UNIT};
    const struct actor *before = c->actor;
    bool found;
    (void)arg;
    c->actor = &clerk;
    enum err e = permit_ask(c, &ask, &world.permit);
    for (int i = 0; i < 20 && !e; i++)
        e = reading_count_search(c);
    c->actor = before;
    return e ? e
             : db_one(c, &found, id_row, &world.alert,
                      "SELECT id FROM core_reading_alert"
                      " ORDER BY id LIMIT 1");
}

/* A disposal list by a decision and a hold, both of the clerk's account. */
static enum err list_clerk(struct ctx *c, void *arg)
{
    const char *account = who_named("commune_clerk at " WARD)->account;
    int64_t item = 0;
    const struct hold hold = {.of = "account", .object = account, .law = "Quyết định 12/QĐ-TA"};
    (void)arg;
    enum err e = retention_order(c, "account", account, hold.law, "Theo quyết định", &world.list);
    if (!e)
        e = db_int(c, &item, "SELECT number FROM retention_item WHERE list = $1",
                   P_TEXT(world.list));
    world.item = arena_printf(c->arena, "%lld", (long long)item);
    return e ? e : hold_place(c, &hold, &world.hold);
}

static void (*world_reply)(struct http_request *r, const struct http_answer *a) = web_test_reply;

static void asked_begin(size_t i)
{
    struct ctx *c = world.c;
    world.at = i;
    c->node = NULL;
    c->now_us = sys_now_us();
    good(node_open(c, world.na.node_dir[i], &world.n));
    c->node = world.n;
    good(node_web(c, world.n, 0, world_reply));
    good(web_add(c, world.n->web, "test", door, ARRAY_LEN(door)));
    list_people();
    good(db_write(c, world.n->db, add_people, NULL));
    good(db_read(c, world.n->db, find_objects, NULL));
    good(db_write(c, world.n->db, watch_clerk, NULL));
    good(db_write(c, world.n->db, list_clerk, NULL));
    for (size_t k = 0; k < world.n_who; k++)
        enter(&world.who[k]);
}

static void node_end(void)
{
    web_end(world.n->web);
    node_close(world.n);
    world.c->node = NULL;
    world.n = NULL;
}

/* ---- routes ---- */

static bool row_is(const struct route *row, const char *permission)
{
    return text_eq(row->permission, permission);
}

static bool row_reads(const struct route *row)
{
    return text_eq(row->method, "GET");
}

/* The routes of the open node, the door left out. */
static const struct route **live_rows(size_t *ret_n)
{
    size_t all, n = 0;
    const struct route *const *rows = web_routes(world.n->web, &all);
    const struct route **out = ARENA_ARRAY(world.c->arena, all, const struct route *);
    for (size_t i = 0; i < all; i++)
        if (!text_eq(rows[i]->path, DOOR))
            out[n++] = rows[i];
    *ret_n = n;
    return out;
}

/* ---- the program that the nation's nodes are: this one ---- */

static int world_main(int argc, char **argv, int (*tests)(void))
{
    if (argc < 2 || !text_eq(argv[1], "serve"))
        return tests();
    app_children();
    struct arena *a = arena_new(0);
    int code = cmd_serve(ctx_of_operator(a), argc - 2, argv + 2);
    arena_end(a);
    return code;
}

#endif
