/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of identity share: accounts, and a node's pages with its real sign-in. */
#ifndef DINH_ENGINE_IDENTITY_TEST_H
#define DINH_ENGINE_IDENTITY_TEST_H

#include "test/harness/unit.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "engine/identity/identity_private.h"
#include "gen/html.h"
#include "test/harness/node_test.h"
#include "test/harness/web_test.h"
#include "web/page.h"

#define LAN      "046194900001"
#define PASSWORD "chợ Đông Ba sáng sớm"

static const struct module *const modules[] UNUSED = {&identity_module};

/* ---- calls with their arguments ---- */

struct work {
    struct identity_account account;
    struct identity_grant grant;
    const char *phc, *id, *text, *peer;
    struct identity_row row;
    struct identity_grant posts[IDENTITY_MAX_POSTS];
    size_t n;
    bool yes;
    struct session session;
    struct actor actor;
};

static inline enum err add_account(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return identity_account_add(c, &k->account, k->phc, &k->id);
}

static inline enum err add_grant(struct ctx *c, void *arg)
{
    return identity_grant_add(c, &((struct work *)arg)->grant);
}

static inline enum err end_grant(struct ctx *c, void *arg)
{
    return identity_grant_end(c, ((struct work *)arg)->id);
}

static inline enum err disable(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return identity_account_disable(c, k->id, k->yes);
}

static inline enum err find_posts(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return identity_store_posts(c, k->id, k->posts, ARRAY_LEN(k->posts), &k->n);
}

/* Hashed once: it takes its time. */
static inline const char *phc_of_test(struct node_world *w)
{
    static char phc[200];
    const char *made;
    if (!*phc) {
        assert_int_equal(password_hash(w->c, PASSWORD, &made), OK);
        assert_true(strlen(made) < sizeof phc);
        memcpy(phc, made, strlen(made) + 1);
    }
    return phc;
}

static inline const char *official(struct node_world *w, const char *username)
{
    struct work k = {.account = {.username = username,
                                 .person = "",
                                 .name = "Lê Văn Cán",
                                 .kind = ACTOR_OFFICIAL,
                                 .assurance = 2},
                     .phc = phc_of_test(w)};
    assert_int_equal(do_write(w, add_account, &k), OK);
    return k.id;
}

static inline const char *citizen(struct node_world *w, const char *username, const char *person)
{
    struct work k = {.account = {.username = username,
                                 .person = person,
                                 .name = "Trần Thị Lan",
                                 .kind = ACTOR_CITIZEN,
                                 .assurance = 2},
                     .phc = phc_of_test(w)};
    assert_int_equal(do_write(w, add_account, &k), OK);
    return k.id;
}

/* Gives the grant's id. */
static inline const char *post(struct node_world *w, const char *account, const char *role,
                               const char *unit)
{
    struct work k = {.id = account,
                     .grant = {.account = account, .role = role, .unit = unit, .from_us = 1}};
    assert_int_equal(do_write(w, add_grant, &k), OK);
    assert_int_equal(do_read(w, find_posts, &k), OK);
    assert_true(k.n > 0);
    return k.posts[k.n - 1].id;
}

static inline enum err wrong(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    struct identity_guess g = {.username = k->text, .peer = k->peer, .account = ""};
    enum err e = identity_guess(c, &g);
    return e ? e : identity_wrong(c, &g);
}

static inline void wrong_times(struct node_world *w, const char *name, const char *peer, int times)
{
    struct work k = {.text = name, .peer = peer};
    for (int i = 0; i < times; i++)
        assert_int_equal(do_write(w, wrong, &k), OK);
}

static inline enum err forget_proofs(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE web_session SET proved_us = 1");
}

static inline void everybody_proved_long_ago(struct node_world *w)
{
    assert_int_equal(do_write(w, forget_proofs, NULL), OK);
}

/* ---- the pages ---- */

/* A page only the holders of a right see, and who is looking. */
static inline enum err right_page(struct ctx *c, struct req *r)
{
    const struct actor *a = c->actor;
    const char *text = arena_printf(c->arena, "%s|%s|%s", a->name, a->role, a->unit);
    return answer_bytes(c, r, "text/plain; charset=utf-8", NULL, bytes_of(text));
}

static const struct route right_rows[] UNUSED = {
    {.method = "GET",
     .path = "/tiep-nhan",
     .permission = "onestop.receive",
     .handler = right_page,
     .title = TX(web_home)},
    {.method = "GET",
     .path = "/toi",
     .permission = SIGNED_IN,
     .handler = right_page,
     .title = TX(web_home)},
    {.method = "POST",
     .path = "/toi",
     .permission = SIGNED_IN,
     .handler = right_page,
     .flags = ROUTE_WRITE | ROUTE_GRAVE,
     .title = TX(web_home)},
};

static inline struct web *pages_open(struct node_world *w,
                                     void (*reply)(struct http_request *,
                                                   const struct http_answer *))
{
    struct web *web = NULL;
    const struct web_options o = {.db = w->n->db,
                                  .node = w->n,
                                  .base_url = w->n->url,
                                  .actor_of = identity_actor_of,
                                  .access_commit = access_commit,
                                  .sign_in = "/dang-nhap",
                                  .sign_out = "/dang-xuat",
                                  .account = "/tai-khoan",
                                  .account_news = identity_news,
                                  .proof = &identity_proof,
                                  .title = {"Nút thử nghiệm", "Test node"},
                                  .name = "thu",
                                  .version = "1",
                                  .workers = 1,
                                  .reply = reply};
    assert_int_equal(web_new(w->c, &o, &web), OK);
    assert_int_equal(
        web_add(w->c, web, "identity", identity_module.routes, identity_module.n_routes), OK);
    assert_int_equal(web_add(w->c, web, "test", right_rows, ARRAY_LEN(right_rows)), OK);
    return web;
}

/* Opens the sign-in page and tries. */
static inline int try_sign_in(struct web_client *b, const char *username, const char *password)
{
    web_get(b, "/dang-nhap");
    return WEB_POST(b, "/dang-nhap", "username", username, "password", password, "next", "/toi");
}

static inline void sign_in(struct web_client *b, const char *username)
{
    assert_int_equal(try_sign_in(b, username, PASSWORD), 303);
    assert_string_equal(web_answer_header(b, "Location"), "/toi");
}

/* Is that browser signed in? */
static inline bool is_in(struct web_client *b)
{
    return web_get(b, "/toi") == 200;
}

#endif
