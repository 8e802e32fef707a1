/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <stdio.h>

#include "base/text.h"
#include "core/access.h"
#include "gen/html.h"
#include "test/harness/office_test.h"
#include "web/page.h"

#define PATH_MAX_BYTES 4096

static struct actor sitting; /* who sits at the desk */

static void door_page(struct page *p, const void *view)
{
    (void)view;
    page_layout_begin(p, "Cửa");
    page_form(p, "/cua");
    page_form_end(p);
    page_layout_end(p);
}

static enum err get_door(struct ctx *c, struct req *r)
{
    return answer(c, r, 200, NULL, NULL, door_page);
}

static enum err post_door(struct ctx *c, struct req *r)
{
    enum err e = session_start(c, r, sitting.account, sitting.role, sitting.unit, 3);
    return e ? e : answer_redirect(c, r, "/cua");
}

static const struct route door[] = {
    {.method = "GET",
     .path = "/cua",
     .permission = PUBLIC,
     .handler = get_door,
     .title = TX(web_home)},
    {.method = "POST",
     .path = "/cua",
     .permission = PUBLIC,
     .handler = post_door,
     .flags = ROUTE_WRITE,
     .title = TX(web_home)},
};

static enum err sits(struct ctx *c, const struct session *s, struct actor *ret_actor)
{
    (void)c;
    if (text_eq(s->account, sitting.account))
        *ret_actor = sitting;
    return OK;
}

struct office office_open(struct node_world *w)
{
    struct office o = {.w = w};
    const struct web_options options = {.db = w->n->db,
                                        .node = w->n,
                                        .base_url = w->n->url,
                                        .actor_of = sits,
                                        .access_commit = access_commit,
                                        .sign_in = "/cua",
                                        .sign_out = "/cua",
                                        .title = {"Nút thử nghiệm", "Test node"},
                                        .name = "thu",
                                        .version = "1",
                                        .workers = 1,
                                        .reply = web_test_reply};
    assert_int_equal(web_new(w->c, &options, &o.web), OK);
    assert_int_equal(web_add(w->c, o.web, "office", door, ARRAY_LEN(door)), OK);
    for (size_t i = 0; i < w->n->n_modules; i++) {
        const struct module *m = w->n->modules[i];
        assert_int_equal(web_add(w->c, o.web, m->name, m->routes, m->n_routes), OK);
        for (size_t k = 0; k < m->n_menu; k++)
            web_menu(o.web, m->menu[k].path, m->menu[k].permission, m->menu[k].title,
                     m->menu[k].place, m->menu[k].waits);
    }
    o.b = web_client_new(w->c->arena, o.web);
    return o;
}

void office_as(struct office *o, const char *role, const char *unit, const char *name)
{
    as_official(o->w, role, unit, name);
    sitting = *o->w->c->actor;
    assert_int_equal(web_get(&o->b, "/cua"), 200);
    assert_int_equal(web_post(&o->b, "/cua", (const char *const[]){NULL}), 303);
}

void office_close(struct office *o)
{
    web_end(o->web);
}

int office_get(struct office *o, const char *fmt, ...)
{
    char path[PATH_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(path, sizeof path, fmt, args);
    va_end(args);
    return web_get(&o->b, path);
}

int office_search(struct office *o, const char *fmt, ...)
{
    char path[PATH_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(path, sizeof path, fmt, args);
    va_end(args);
    return web_search(&o->b, path);
}
