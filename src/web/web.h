/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a route row to an answer. The order is fixed: framing (net) -> route -> rate -> session and
 * actor -> permission -> Origin, CSRF, idempotency key -> proof of who -> body by its shape ->
 * prepare (outside any transaction; may be slow) -> handler (in a read snapshot, or in the writer,
 * where who and may they is looked at again) -> access lines committed -> reply -> log line.
 */
#ifndef DINH_WEB_WEB_H
#define DINH_WEB_WEB_H

#include "db/db.h"
#include "net/http.h"
#include "web/shape.h"

#define PUBLIC    "*" /* permission of a row anybody may call */
#define SIGNED_IN "+" /* any account, any role */
#define MACHINE   "!" /* the exchange listener: mutual TLS already named the peer; else 404 */

enum route_flag {
    ROUTE_WRITE = 1,     /* handler runs in the writer; POST, PUT, PATCH, DELETE must have it */
    ROUTE_NO_CSRF = 2,   /* machines with their own proof (token endpoint, exchange) */
    ROUTE_NO_DB = 4,     /* handler touches no database: answered on the event thread; PUBLIC */
    ROUTE_PREPARED = 8,  /* prepare does everything; there is no handler transaction, no key */
    ROUTE_UPLOAD = 16,   /* multipart/form-data allowed */
    ROUTE_NO_KEY = 32,   /* doing it twice is the same as once (a draft): no key remembered */
    ROUTE_PROTOCOL = 64, /* a GET that writes: only a step of a sign-in protocol (RFC 6749) */
    ROUTE_FIELDS = 128,  /* further fields that only the handler knows: req_fields(), fields.h */
    ROUTE_HEAVY = 256,   /* prepare keeps a processor busy (password, paper): threads of its own */
    ROUTE_GRAVE = 512    /* only who proved lately who they are: proof.h */
};
struct req;
typedef enum err (*handler_fn)(struct ctx *c, struct req *r);
struct route {
    const char *method;
    const char *path;       /* "/ho-so/{code}"; parameters are whole segments; a last "{rest*}"
                               takes all that follows, slashes and all, perhaps nothing */
    const char *permission; /* "onestop.decide", PUBLIC, SIGNED_IN; NULL is a start-up error */
    handler_fn handler;
    handler_fn prepare;     /* or NULL */
    const struct shape *in; /* body of POST/PUT/PATCH, or NULL */
    const struct shape *out;
    unsigned flags;
    size_t max_body_bytes; /* 0: 64 KiB */
    int per_minute;        /* per peer and account; 0: the default of the node */
    enum text title;       /* for menus, OpenAPI and the page title */
    const char *purpose;   /* for rows that read personal data */
    const char *query;     /* parameters of its address, "hang !tu": asked.h */
    /* A browser's form, refused (by its shape, or below 500): its page again, by answer_again(); in
       a snapshot, faults recorded, r->in as far as decoded, r->form as typed. NULL: error page. */
    handler_fn again;
    enum err (*about)(struct ctx *c, struct req *r, const char **ret_line); /* proof.h */
};

struct upload {               /* one part of a multipart form */
    const char *field, *name; /* name cleaned: no path, no controls */
    struct bytes content;
    const char *type; /* as the client said; believe the content instead */
};
#define MAX_UPLOADS 16
struct req {
    struct http_request *http;
    const struct route *route;
    struct session *session;        /* NULL when none */
    const char *param[8];           /* path parameters in order, decoded and checked */
    void *in;                       /* decoded by route->in */
    const struct http_header *form; /* all fields as typed, for showing them again */
    size_t n_form;
    struct upload uploads[MAX_UPLOADS];
    size_t n_uploads;
    struct bytes json;          /* the body, when it is JSON and the row ROUTE_FIELDS */
    const struct shape *labels; /* of what the handler finds at fault; NULL: in */
    bool files_kept;            /* the uploads are stored although the form is refused */
    void *kept;                 /* what prepare hands to handler */
    bool wants_json, proved;    /* proved: who they are, with this request (proof.h) */
    const char *key;            /* idempotency key, or NULL */
    struct http_answer answer;
};
const char *req_param(const struct req *r, const char *name); /* "" when absent */
const char *req_query(struct req *r, const char *name);       /* cleaned; "" when absent or twice */
const char *req_form(const struct req *r, const char *name);  /* as typed; "" when absent */
const char *req_header(const struct req *r, const char *name);           /* or NULL */
const struct upload *req_upload(const struct req *r, const char *field); /* first, or NULL */

/* ---- answers ---- */
struct page { /* what a compiled template writes to; web/page.h has its parts */
    struct buf *out;
    enum lang lang;
    struct ctx *c;
    struct req *r;
};
typedef void (*page_fn)(struct page *p, const void *view);
/* HTML by the template or JSON by the shape, as the client accepts; a row for programs has no
   template. Whose Accept takes neither gets ERR_NOT_ACCEPTABLE. */
enum err answer(struct ctx *c, struct req *r, int status, const struct shape *shape,
                const void *view, page_fn html);
/* 303; JSON: 200 with {"location"}. to: a path of ours, or an absolute address of our making. */
enum err answer_redirect(struct ctx *c, struct req *r, const char *to);
/* Where a request may ask to be led on to: a path of this node, with nothing in it that a browser
   drops or reads as a slash, so that it can't name another host. */
UNTRUSTED bool path_is_own(const char *path);
extern const struct shape location_shape; /* of that JSON, as out of rows that only lead on */
/* A document of a protocol's own, its errors too (RFC 6749); ours are errors and problems. */
enum err answer_json(struct ctx *c, struct req *r, int status, struct bytes json);
/* download_name NULL: shown in place. */
enum err answer_bytes(struct ctx *c, struct req *r, const char *type, const char *download_name,
                      struct bytes in);
enum err answer_stream(struct ctx *c, struct req *r, struct http_stream *s);
/* The same form page again with the faults on top (422, 429) and what was typed; JSON: the problem.
   Gives the first fault's error, to roll a write back: return answer_again(...). */
enum err answer_again(struct ctx *c, struct req *r, const struct shape *shape, const void *view,
                      page_fn html);
/* A header of the answer, whichever answer_...() follows; values without CR and LF. */
void answer_header(struct req *r, const char *name, const char *value);

#include "web/asked.h"
#include "web/fields.h"
#include "web/run.h"
#include "web/session.h"

#endif
