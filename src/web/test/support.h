/* SPDX-License-Identifier: Apache-2.0 */
/* A little site over web/, on both databases: notes that people write, an account that signs in. */
#ifndef DINH_WEB_TEST_SUPPORT_H
#define DINH_WEB_TEST_SUPPORT_H

#include "test/harness/unit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "gen/assets.h"
#include "gen/html.h"
#include "test/harness/db_test.h"
#include "test/harness/web_contract.h"
#include "test/harness/web_test.h"
#include "web/page.h"

static const char site_sql[] =
    "CREATE TABLE site_note (id TEXT NOT NULL, body TEXT NOT NULL, CONSTRAINT site_note_pk PRIMARY "
    "KEY (id)); CREATE TABLE site_access (line TEXT NOT NULL);";

/* What the site's handlers are told by the test. */
static struct {
    enum err write_err, access_err, handler_err;
    _Atomic int handled, prepared, actors;
    bool gone, note_access; /* the account ended; reads note an access line */
    bool stranger, calm;    /* the account may nothing; /broken answers after all */
} site;

struct note {
    const char *body, *born;
    int64_t copies;
};
SHAPE(note_shape, struct note,
      SHAPE_TEXT(struct note, body, TX(web_search), .max = 20, .flags = F_REQUIRED),
      SHAPE_STRING(struct note, born, KIND_DATE, TX(web_day)),
      SHAPE_INT(struct note, copies, TX(web_year), .min = 1, .max = 9, .flags = F_REQUIRED));
struct count {
    int64_t n;
};
SHAPE(count_shape, struct count, SHAPE_INT(struct count, n, TX(web_search)));

static void form_page(struct page *p, const void *view)
{
    page_layout_begin(p, "Ghi chú");
    page_faults(p, &note_shape);
    page_form(p, "/note");
    page_fields(p, &note_shape, view);
    page_button(p, "Gửi");
    page_form_end(p);
    page_layout_end(p);
}

static enum err get_form(struct ctx *c, struct req *r)
{
    if (site.note_access)
        c->access = (struct access_line *)(void *)c;
    return answer(c, r, 200, &note_shape, shape_new(c->arena, &note_shape), form_page);
}

static enum err note_again(struct ctx *c, struct req *r)
{
    return answer_again(c, r, &note_shape, r->in, form_page);
}

static enum err post_note(struct ctx *c, struct req *r)
{
    const struct note *in = r->in;
    enum err e = db_exec(c, NULL, "INSERT INTO site_note (id, body) VALUES ($1, $2)",
                         P_TEXT(arena_printf(c->arena, "n%d", ++site.handled)), P_TEXT(in->body));
    if (e)
        return e;
    if (site.handler_err)
        return fail(c, site.handler_err, "body", "9", "10");
    return answer_redirect(c, r, "/note");
}

static enum err prepare_note(struct ctx *c, struct req *r)
{
    assert_null(c->tx);
    site.prepared++;
    r->kept = arena_text(c->arena, "kept");
    return OK;
}

static enum err post_prepared(struct ctx *c, struct req *r)
{
    assert_string_equal(r->kept, "kept");
    return post_note(c, r);
}

static enum err get_count(struct ctx *c, struct req *r)
{
    struct count v = {0};
    enum err e = db_int(c, &v.n, "SELECT count(*) FROM site_note");
    return e ? e : answer(c, r, 200, &count_shape, &v, NULL);
}

static enum err post_sign_in(struct ctx *c, struct req *r)
{
    enum err e = session_start(c, r, req_form(r, "who"), "clerk", req_form(r, "unit"), 2);
    return e ? e : answer_redirect(c, r, "/me");
}

static enum err post_sign_out(struct ctx *c, struct req *r)
{
    enum err e = session_end(c, r);
    return e ? e : answer_redirect(c, r, "/note");
}

static enum err get_me(struct ctx *c, struct req *r)
{
    return answer_bytes(c, r, "text/plain; charset=utf-8", NULL, bytes_of(c->actor->name));
}

static enum err get_item(struct ctx *c, struct req *r)
{
    const char *text = arena_printf(c->arena, "%s|%s|%s", req_param(r, "a"), req_param(r, "rest"),
                                    req_query(r, "q"));
    return answer_bytes(c, r, "text/plain; charset=utf-8", NULL, bytes_of(text));
}

static enum err get_file(struct ctx *c, struct req *r)
{
    return answer_bytes(c, r, "application/pdf", req_query(r, "name"), bytes_of("%PDF-1.4"));
}

static enum err post_upload(struct ctx *c, struct req *r)
{
    const struct upload *u = req_upload(r, "photo");
    const char *text =
        u ? arena_printf(c->arena, "%s %zu %s", u->name, u->content.len, req_form(r, "body"))
          : "none";
    return answer_bytes(c, r, "text/plain; charset=utf-8", NULL, bytes_of(text));
}

/* The note is what only the handler knows; beside it n, and a photo. */
static enum err post_fields(struct ctx *c, struct req *r)
{
    struct note *note = shape_new(c->arena, &note_shape);
    const struct upload *u = req_upload(r, "photo");
    struct buf b = buf_new(c->arena, 1000);
    note->copies = 3;
    enum err e = req_fields(c, r, &note_shape, note, NULL);
    if (e)
        return e;
    buf_printf(&b, "%s|%s|%d|%d|", note->body, note->born, (int)note->copies,
               (int)((const struct count *)r->in)->n);
    buf_printf(&b, "%s %zu", u ? u->name : "-", u ? u->content.len : 0);
    return answer_bytes(c, r, "text/plain; charset=utf-8", NULL, buf_bytes(&b));
}

static enum err get_broken(struct ctx *c, struct req *r)
{
    return site.calm ? answer_json(c, r, 200, bytes_of("{}")) : OK; /* forgot to answer */
}

static const struct route site_rows[] = {
    {.method = "GET",
     .path = "/note",
     .permission = PUBLIC,
     .handler = get_form,
     .title = TX(web_search)},
    {.method = "POST",
     .path = "/note",
     .permission = PUBLIC,
     .handler = post_note,
     .in = &note_shape,
     .flags = ROUTE_WRITE,
     .again = note_again,
     .title = TX(web_search)},
    {.method = "POST",
     .path = "/plain",
     .permission = PUBLIC,
     .handler = post_note,
     .in = &note_shape,
     .flags = ROUTE_WRITE,
     .title = TX(web_search)},
    {.method = "POST",
     .path = "/prepared",
     .permission = PUBLIC,
     .handler = post_prepared,
     .prepare = prepare_note,
     .in = &note_shape,
     .flags = ROUTE_WRITE,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/count",
     .permission = PUBLIC,
     .handler = get_count,
     .out = &count_shape,
     .title = TX(web_search)},
    {.method = "POST",
     .path = "/sign-in",
     .permission = PUBLIC,
     .handler = post_sign_in,
     .flags = ROUTE_WRITE,
     .title = TX(web_sign_in)},
    {.method = "POST",
     .path = "/sign-out",
     .permission = SIGNED_IN,
     .handler = post_sign_out,
     .flags = ROUTE_WRITE,
     .title = TX(web_sign_out)},
    {.method = "GET",
     .path = "/me",
     .permission = SIGNED_IN,
     .handler = get_me,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/decide",
     .permission = "site.decide",
     .handler = get_me,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/refuse",
     .permission = "site.refuse",
     .handler = get_me,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/machine",
     .permission = MACHINE,
     .handler = get_me,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/item/{a}/x/{rest*}",
     .permission = PUBLIC,
     .handler = get_item,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/item/new",
     .permission = PUBLIC,
     .handler = get_item,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/item/{a}",
     .permission = PUBLIC,
     .handler = get_item,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/slow-down",
     .permission = PUBLIC,
     .handler = get_item,
     .per_minute = 3,
     .title = TX(web_search)},
    {.method = "POST",
     .path = "/upload",
     .permission = PUBLIC,
     .handler = post_upload,
     .flags = ROUTE_WRITE | ROUTE_UPLOAD,
     .max_body_bytes = 100000,
     .title = TX(web_search)},
    {.method = "POST",
     .path = "/fields",
     .permission = PUBLIC,
     .handler = post_fields,
     .in = &count_shape,
     .flags = ROUTE_WRITE | ROUTE_UPLOAD | ROUTE_FIELDS,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/file",
     .permission = PUBLIC,
     .handler = get_file,
     .title = TX(web_search)},
    {.method = "GET",
     .path = "/broken",
     .permission = PUBLIC,
     .handler = get_broken,
     .title = TX(web_search)},
};

static enum err site_actor(struct ctx *c, const struct session *s, struct actor *ret_actor)
{
    static const char *const may[] = {"site.decide", NULL};
    assert_non_null(c->tx);
    site.actors++;
    if (!site.gone)
        *ret_actor = (struct actor){.kind = ACTOR_CITIZEN,
                                    .account = s->account,
                                    .person = "",
                                    .name = "Trần <Lan>",
                                    .unit = s->unit,
                                    .unit_name = "",
                                    .role = s->role,
                                    .permissions = may,
                                    .assurance = 2};
    if (site.stranger)
        ret_actor->permissions = NULL;
    return OK;
}

static enum err site_access(struct ctx *c)
{
    if (site.access_err)
        return fail(c, site.access_err, "");
    return db_exec(c, NULL, "INSERT INTO site_access (line) VALUES ('x')");
}

static bool site_https; /* a node behind TLS */

static enum err site_alerts(struct ctx *c, struct web_alerts *ret)
{
    *ret = (struct web_alerts){0, 2};
    return db_int(c, &ret->open, "SELECT 5");
}

static enum err site_sealing(struct ctx *c, struct web_sealing *ret)
{
    *ret = (struct web_sealing){1, 40, 12, 450, 3};
    return db_int(c, &ret->older_keys, "SELECT 1");
}

static struct web *site_new(struct db_world *w)
{
    const struct web_options o = {.db = w->db,
                                  .base_url = site_https ? "https://dich-vu.example"
                                                         : "http://localhost:8801",
                                  .secure_cookies = site_https,
                                  .actor_of = site_actor,
                                  .access_commit = site_access,
                                  .sign_in = "/dang-nhap",
                                  .sign_out = "/sign-out",
                                  .title = {"Cổng thử", "Test portal"},
                                  .demo = true,
                                  .name = "thu",
                                  .version = "1",
                                  .keys = "clear",
                                  .sealing = site_sealing,
                                  .alerts = site_alerts,
                                  .workers = 2,
                                  .reply = web_test_reply};
    struct web *web = NULL;
    memset(&site, 0, sizeof site);
    sys_clock_set(w->c->now_us);
    assert_int_equal(web_new(w->c, &o, &web), OK);
    assert_int_equal(web_add(w->c, web, "site", site_rows, ARRAY_LEN(site_rows)), OK);
    web_menu(web, "/session", PUBLIC, TX(web_route_session), MENU_LAST, NULL);
    web_menu(web, "/note", PUBLIC, TX(web_home), MENU_ANY, NULL);
    web_menu(web, "/refuse", "site.refuse", TX(web_sign_out), MENU_ANY, NULL);
    web_menu(web, "/openapi.json", PUBLIC, TX(web_route_openapi), MENU_WORK, NULL);
    web_menu(web, "/", PUBLIC, TX(web_site), MENU_ANY, NULL);
    return web;
}

static enum err count_work(struct ctx *c, void *arg)
{
    int64_t *n = arg;
    return *n ? db_int(c, n, "SELECT count(*) FROM site_access")
              : db_int(c, n, "SELECT count(*) FROM site_note");
}

UNUSED static int64_t site_count(struct db_world *w, const char *what)
{
    int64_t n = strcmp(what, "access") == 0;
    assert_int_equal(db_read(w->c, w->db, count_work, &n), OK);
    return n;
}

struct site_case {
    void (*body)(struct db_world *w, struct web *web, struct web_client *b);
};

static void site_body(struct db_world *w, void *arg)
{
    struct web *web = site_new(w);
    struct web_client b = web_client_new(w->c->arena, web);
    ((const struct site_case *)arg)->body(w, web, &b);
    web_end(web);
}

static void site_test(void (*body)(struct db_world *w, struct web *web, struct web_client *b))
{
    struct db_schema files[8];
    size_t n = 0;
    for (const struct schema_file *f = schema_files; f->module; f++) {
        if (strcmp(f->module, "web") == 0)
            files[n++] = (struct db_schema){f->module, f->version, f->sql, f->sha256};
    }
    files[n++] = (struct db_schema){"site", 1, site_sql, "site"};
    struct site_case one = {body};
    db_test_moulded(DB_SQLITE, files, n, site_body, &one);
    db_test_moulded(DB_POSTGRES, files, n, site_body, &one);
}

#endif
