/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a route row to an answer. The order is fixed: framing (net) -> route -> session and actor ->
 * permission -> CSRF, Origin, idempotency key -> body into a struct by its shape -> prepare (outside
 * any transaction; may be slow) -> handler (in a read snapshot or in the writer) -> access lines
 * committed -> reply -> log line. A handler reads decode, check, act, answer.
 */
#ifndef DINH_WEB_WEB_H
#define DINH_WEB_WEB_H

#include "db/db.h"
#include "net/http.h"
#include "web/shape.h"

#define PUBLIC "*"      /* permission of a row anybody may call */
#define SIGNED_IN "+"   /* any account, any role */
#define MACHINE "!"     /* the exchange listener: mutual TLS already named the peer */

enum route_flag {
    ROUTE_WRITE = 1,      /* handler runs in the writer; POST, PUT, PATCH, DELETE must have it */
    ROUTE_NO_CSRF = 2,    /* machines with their own proof (token endpoint, exchange) */
    ROUTE_NO_DB = 4,      /* handler touches no database: answered on the event thread */
    ROUTE_PREPARED = 8,   /* prepare does everything; there is no handler transaction */
    ROUTE_UPLOAD = 16     /* multipart/form-data allowed */
};
struct req;
typedef enum err (*handler_fn)(struct ctx *c, struct req *r);
struct route {
    const char *method;
    const char *path;       /* "/ho-so/{code}"; parameters are whole segments */
    const char *permission; /* "onestop.decide", PUBLIC, SIGNED_IN; NULL is a start-up error */
    handler_fn handler;
    handler_fn prepare;     /* or NULL */
    const struct shape *in; /* body of POST/PUT/PATCH, or NULL */
    const struct shape *out;
    unsigned flags;
    size_t max_body_bytes;  /* 0: 64 KiB */
    int per_minute;         /* per peer and account; 0: the default of the node */
    enum text title;        /* for menus, OpenAPI and the page title */
    const char *purpose;    /* for rows that read personal data */
};

struct upload { /* one part of a multipart form */
    const char *field, *name; /* name cleaned: no path, no controls */
    struct bytes content;
    const char *file; /* or where it was spooled */
};
struct session;
struct req {
    struct http_request *http;
    const struct route *route;
    struct session *session; /* NULL when none */
    const char *param[8];    /* path parameters in order, decoded and checked */
    void *in;                /* decoded by route->in */
    const struct http_header *form; /* all fields as typed, for showing them again */
    size_t n_form;
    struct upload uploads[16];
    size_t n_uploads;
    void *kept;              /* what prepare hands to handler */
    bool wants_json;
    const char *key;         /* idempotency key, or NULL */
    struct http_answer answer;
};
const char *req_param(const struct req *r, const char *name);  /* "" when absent */
const char *req_query(struct req *r, const char *name);        /* decoded, cleaned; "" when absent */
const char *req_form(const struct req *r, const char *name);   /* as typed; "" when absent */
const char *req_header(const struct req *r, const char *name); /* or NULL */

/* ---- answers ---- */
struct page { /* what a compiled template writes to */
    struct buf *out;
    enum lang lang;
    struct ctx *c;
    struct req *r;
};
typedef void (*page_fn)(struct page *p, const void *view);
/* HTML by the template or JSON by the shape, as the client accepts. */
enum err answer(struct ctx *c, struct req *r, int status, const struct shape *shape,
                const void *view, page_fn html);
enum err answer_redirect(struct ctx *c, struct req *r, const char *to); /* 303; JSON: {"location"} */
enum err answer_json(struct ctx *c, struct req *r, int status, struct bytes json);
enum err answer_bytes(struct ctx *c, struct req *r, const char *type, const char *download_name,
                      struct bytes in);
enum err answer_stream(struct ctx *c, struct req *r, struct http_stream *s);
/* The same form page again with the faults on top (422) and all that was typed. */
enum err answer_again(struct ctx *c, struct req *r, const struct shape *shape, const void *view,
                      page_fn html);

/* ---- sessions: the cookie holds a secret, the database its hash ---- */
struct session {
    const char *id; /* SHA-256 of the secret, hex */
    const char *account, *role, *unit; /* "" before sign-in */
    const char *csrf;
    int64_t created_us, seen_us, expires_us;
    int64_t assurance;
    const char *note; /* small JSON the identity engine keeps (pending sign-in); "" */
};
/* New id (rotation) for the same browser; account "" signs out. In a write transaction. */
MUST_CHECK enum err session_start(struct ctx *c, struct req *r, const char *account,
                                  const char *role, const char *unit, int assurance);
MUST_CHECK enum err session_end(struct ctx *c, struct req *r);
MUST_CHECK enum err session_end_all(struct ctx *c, const char *account);
MUST_CHECK enum err session_note(struct ctx *c, struct req *r, const char *note);

/* ---- the running web ---- */
struct web;
struct web_options {
    struct db *db;
    const struct node *node;
    const char *base_url; /* "http://127.0.0.1:8801": own origin, for Origin checks and cookies */
    bool secure_cookies;  /* __Host- names; off only for plain loopback */
    /* Fills the actor of a session in its live state; read snapshot open. ACTOR_NOBODY when gone. */
    enum err (*actor_of)(struct ctx *c, const struct session *s, struct actor *ret_actor);
    /* Commits c->access in the open write transaction (core/access.h). */
    enum err (*access_commit)(struct ctx *c);
    int workers; /* threads for prepare steps; 0: 4 */
};
MUST_CHECK enum err web_new(struct ctx *c, const struct web_options *o, struct web **ret_web);
/* Rows stay valid for the life of the process. A row without permission, a POST without
   ROUTE_WRITE or ROUTE_PREPARED, a doubled path: ERR_CONFIG naming it. */
MUST_CHECK enum err web_add(struct ctx *c, struct web *w, const char *module,
                            const struct route *rows, size_t n);
const struct route *const *web_routes(const struct web *w, size_t *ret_n);
void web_handle(void *web, struct http_request *r); /* http_options.handle, arg = web */
size_t web_body_limit(void *web, const struct http_request *r);
void web_end(struct web *w);
void web_openapi(struct buf *b, const struct web *w);  /* OpenAPI 3.1 */
void web_metrics(struct buf *b, const struct web *w);  /* Prometheus text */

#endif
