/* SPDX-License-Identifier: Apache-2.0 */
/* The running web: made by app/, fed by net/. Comes with web/web.h. */
#ifndef DINH_WEB_RUN_H
#define DINH_WEB_RUN_H

#include "db/db.h"
#include "net/http.h"
#include "web/proof.h"

struct web;
struct route;
struct session;

/* How far what an older root key sealed is sealed anew: counts. */
struct web_sealing {
    int64_t older_keys; /* root keys before the newest that still open */
    int64_t columns, done, anew, stands;
};

/* What contradicts a trail and nobody has answered yet: counts. */
struct web_alerts {
    int64_t open, own; /* own: of them, about this node's trail */
};

struct web_options {
    struct db *db;
    const struct node *node;
    const char *base_url; /* "http://127.0.0.1:8801", own origin: Origin checks, cookies; needed */
    bool secure_cookies;  /* __Host- names and HSTS; off only for plain loopback */
    /* Fills the actor of a session in its live state; read snapshot or writer open. ACTOR_NOBODY
       when gone. NULL: nobody signs in here. */
    enum err (*actor_of)(struct ctx *c, const struct session *s, struct actor *ret_actor);
    /* Commits c->access in the open write transaction (core/access.h). */
    enum err (*access_commit)(struct ctx *c);
    int workers;    /* threads for prepare steps; 0: 4; below 0: none, web_step() is called */
    int queue;      /* requests that may wait for them; 0: 512. Past it: ERR_BUSY */
    int per_minute; /* requests a minute of one peer to one route without its own; 0: no limit */

    /* ---- the frame of the pages; all may be NULL ---- */
    const char *title[2]; /* the site's name, by enum lang */
    const char *owner[2]; /* who runs it */
    const char *name;     /* node's name for /healthz and /metrics */
    const char *version;
    const char *sign_in;  /* "/dang-nhap": where ERR_SIGN_IN leads a browser, with ?next= */
    const char *sign_out; /* POST */
    const char *account;  /* the account's page */
    /* How much there is new about the actor's account, shown beside their name; or NULL. */
    int64_t (*account_news)(struct ctx *c);
    const struct web_proof *proof; /* NULL: grave acts only within minutes of the sign-in */
    const char *keys;              /* how the node's key files are kept; for /healthz */
    /* For /healthz and /metrics; or NULL. */
    enum err (*sealing)(struct ctx *c, struct web_sealing *ret);
    enum err (*alerts)(struct ctx *c, struct web_alerts *ret);
    bool demo;                       /* the demonstration nation: pages say so */
    const char *const *form_origins; /* other origins a form may end up at (CSP form-action) */

    void (*reply)(struct http_request *r, const struct http_answer *a); /* NULL: http_reply */
};
MUST_CHECK enum err web_new(struct ctx *c, const struct web_options *o, struct web **ret_web);
/* Rows stay valid for the life of the process. A row without permission, a POST without
   ROUTE_WRITE or ROUTE_PREPARED, a doubled path: ERR_CONFIG naming it. */
MUST_CHECK enum err web_add(struct ctx *c, struct web *w, const char *module,
                            const struct route *rows, size_t n);
/* An entry of the navigation, shown to who holds the permission (PUBLIC, SIGNED_IN too), in the
   order of the calls; "/" first. */
enum menu_place { MENU_WORK = -1, MENU_ANY, MENU_LAST }; /* work that waits leads, "/" before it */
/* How much there waits for who looks at a page, in its transaction; never an error. */
typedef int64_t (*menu_waits)(struct ctx *c);
void web_menu(struct web *w, const char *path, const char *permission, enum text title,
              enum menu_place place, menu_waits waits);
const struct route *const *web_routes(const struct web *w, size_t *ret_n);
void web_handle(void *web, struct http_request *r); /* http_options.handle, arg = web */
size_t web_body_limit(void *web, const struct http_request *r);
/* Without workers: runs one request that waits for one; false: none waits. */
bool web_step(struct web *w);
/* Ends the workers; no request may be open (http_server_stop came before). */
void web_end(struct web *w);
void web_openapi(struct buf *b, const struct web *w); /* OpenAPI 3.1 */
void web_metrics(struct buf *b, const struct web *w); /* Prometheus text */
void web_metrics_sealing(struct buf *b, const struct web_sealing *s);
void web_metrics_alerts(struct buf *b, const struct web_alerts *a);

#endif
