/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of web/: what each file of the way offers the others. Comes with web/web_call.h. */
#ifndef DINH_WEB_WEB_STEPS_H
#define DINH_WEB_WEB_STEPS_H

#include "web/web.h"

struct call;
struct branch;
struct web_route;

/* ---- web_router.c ---- */
int method_index(const char *method); /* GET 0 (and HEAD), POST, PUT, PATCH, DELETE, OPTIONS; -1 */
const char *method_name(int index);
struct match {
    const struct branch *branch;
    const char *param[MAX_PARAMS];
};
/* false: the path is malformed (ERR_BAD_PATH); branch NULL: no such path. */
UNTRUSTED bool route_match(struct arena *a, const struct web *w, const char *raw_path,
                           struct match *ret_match);
const char *allowed_methods(struct arena *a, const struct branch *b);

/* ---- web_body.c ---- */
UNTRUSTED enum err form_urlencoded(struct ctx *c, struct bytes in, struct http_header **ret_pairs,
                                   size_t *ret_n);
/* web_multipart.c. content_type: the header's value, for the boundary. */
UNTRUSTED enum err form_multipart(struct ctx *c, const char *content_type, struct bytes in,
                                  struct http_header **ret_pairs, size_t *ret_n,
                                  struct upload *ret_uploads, size_t *ret_n_uploads);
/* A file's name as it is kept: the last piece of a path of any system, without controls; never
   empty. */
const char *upload_name(struct ctx *c, const char *sent);
/* web_fields.c: an object of values, and of files as {"name", "content" in base64} where the row
   takes files. */
UNTRUSTED enum err form_json(struct ctx *c, struct bytes in, bool files,
                             struct http_header **ret_pairs, size_t *ret_n,
                             struct upload *ret_uploads, size_t *ret_n_uploads);
/* The fields of s out of a ROUTE_FIELDS body; the others are the handler's. */
MUST_CHECK enum err fields_decode(struct ctx *c, const struct req *r, const struct shape *s,
                                  void *object);
void call_body(struct call *k); /* into form, uploads, in, key, body_hash; faults set aside */
const char *pair_value(const struct http_header *pairs, size_t n, const char *name); /* or NULL */

/* ---- web_asked.c ---- */
enum err check_address(struct call *k); /* ERR_ADDRESS: tells of a person in the clear */

/* ---- web_session.c ---- */
const char *lang_cookie(const struct web *w); /* its name */
UNTRUSTED const char *cookie_value(struct arena *a, const struct http_request *r, const char *name);
enum err session_load(struct call *k); /* q.session and actor; in a transaction */
enum err session_touch(struct ctx *c, const char *id);
enum err session_renew(struct call *k); /* proved now, under a new id; outside transactions */
int64_t session_count(struct ctx *c);

/* ---- web_handle.c, web_finish.c: what a client says it likes ---- */
/* The weight, in thousandths, that an Accept header (NULL: none) gives to a type or language; -1
   when it says nothing of it. */
UNTRUSTED int accept_weight(const char *header, const char *type);
UNTRUSTED bool takes_gzip(const struct http_request *h);

/* ---- web_guard.c ---- */
enum err guard_permission(struct call *k);
enum err guard_forgery(struct call *k);   /* Origin, Sec-Fetch-Site, token */
bool from_our_page(const struct call *k); /* the browser says so */

/* ---- web_proof.c ---- */
enum err guard_proof(struct call *k); /* ERR_PROVE; in a transaction */
/* What was typed as proof, once that said so; outside any transaction. */
enum err proof_take(struct call *k, const char *typed);
bool proof_asked(const struct call *k, enum err e); /* the answer is the page that asks for it */
void proof_page(struct call *k, enum err e);
extern const struct shape proof_in_shape;
enum err proof_row(struct ctx *c, struct req *r); /* prepare of POST /phien */

/* ---- web_rate.c ---- */
struct rate *rate_new(void);
void rate_end(struct rate *r);
/* 0: go on; else seconds to wait. */
int64_t rate_take(struct rate *r, const char *peer, const char *account, const char *route,
                  int per_minute);

/* ---- web_key.c ---- */
/* ret_found: the answer that was given is in k->q.answer. ERR_KEY_REUSED. */
enum err key_find(struct call *k, bool *ret_found);
enum err key_keep(struct call *k);

/* ---- web_pool.c: who waits, waits in the line of his source; the lines are served in turn ---- */
struct pool *pool_new(int threads, int max_waiting, void (*work)(struct call *k));
/* No threads: pool_step() runs one that waits; false: none did, or there are threads. */
bool pool_step(struct pool *p);
bool pool_put(struct pool *p, struct call *k); /* false: full */
int pool_waiting(struct pool *p);
void pool_end(struct pool *p); /* finishes what waits */
/* So many at once may be with the writer. */
struct gate *gate_new(int room, int max_waiting);
enum gate_says { GATE_GO, GATE_WAIT, GATE_FULL } gate_enter(struct gate *g, struct call *k);
struct call *gate_leave(struct gate *g); /* who goes in now instead; NULL: nobody waits */
int gate_waiting(struct gate *g);
void gate_end(struct gate *g); /* waits until nobody is inside */

/* ---- web_finish.c ---- */
void call_finish(struct call *k, bool may_compress); /* headers, reply, log line, figures */
void answer_begin(struct req *r, int status, const char *type);

/* ---- web_error.c ---- */
void answer_error(struct call *k, enum err e); /* page or problem+json from the faults */
/* The sentence of a fault in c->lang, {1} its label by shape (may be NULL). */
const char *fault_text(struct ctx *c, const struct shape *s, const struct fault *f);
/* Whose labels name its field: those of s, or those the handler decoded by. */
const struct shape *fault_shape(const struct req *r, const struct shape *s, const struct fault *f);

/* ---- web_routes.c ---- */
extern const struct route web_rows[];
extern const size_t web_n_rows;

/* ---- web_metrics.c ---- */
void figures_add(struct web_route *at, int status, int64_t us);

#endif
